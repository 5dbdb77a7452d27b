"""A check of the config, for people: the verdict, then each problem or what would run."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from config.engine_settings import EngineSettings
from config.problems import Problem
from config.resolved import Resolved
from reporting.layout import plain_table, print_sentence


def print_problems(console: Console, file: str, problems: Sequence[Problem]) -> None:
    """Each with its place, its key and what would do."""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    console.print(Text(f"{file} cannot be used: {count}.", style="bold red"), soft_wrap=True)
    for number, problem in enumerate(problems, 1):
        key = f"  {problem.key}" if problem.key else ""
        console.print()
        # A path that is cut into lines can be neither read nor clicked.
        console.print(Text(f"{number}. {problem.place}{key}", style="bold"), soft_wrap=True)
        print_sentence(console, f"   {problem.what}")
        if problem.fix:
            print_sentence(console, f"   Fix: {problem.fix}")


def print_resolved(console: Console, values: Sequence[Resolved]) -> None:
    """A line a value: key, value, source."""
    table = plain_table(console)
    table.add_column("key", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for each in values:
        source = "not stated" if each.value is None else each.source
        table.add_row(each.key, Text(value_text(each.value)), Text(source))
    console.print(table)


def value_text(value: object) -> str:
    """As a TOML file has it, as far as it has such a thing."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value) or "none"
    return f"{value:,g}" if isinstance(value, float) else str(value)


def print_usable(
    console: Console,
    file: str,
    settings: EngineSettings,
    notes: Sequence[str],
    folder: Path | None,
) -> None:
    """What an engine would run by it."""
    account = settings.settings.account
    limits = settings.settings.limits
    console.print(Text(f"{file} can be used.", style="bold green"), soft_wrap=True)
    told = (
        f"Mode {settings.mode.word}, account {settings.account}: starts with "
        f"{account.start_equity:,f} {account.currency}, stops for the day at a loss of "
        f"{limits.max_daily_loss:,g}."
    )
    console.print()
    print_sentence(console, told)
    if folder is not None:
        console.print(f"Files go to {folder}.", soft_wrap=True)
    console.print()
    table = plain_table(console)
    for name in ("market", "playbook", "reference", "by hand"):
        table.add_column(name, overflow="fold")
    for each in settings.markets:
        by_hand = "yes" if each.by_hand else "no"
        table.add_row(*map(Text, (each.instrument, each.playbook, each.reference or "-", by_hand)))
    console.print(table)
    if notes:
        console.print()
    for note in notes:
        print_sentence(console, f"Note: {note}.")
