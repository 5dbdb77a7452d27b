"""`autoscalper history` and `autoscalper logs`: what was done to the account, what was logged."""

import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.cli.numbers import at_least
from agent.cli.places import (
    ConfigOption,
    FileOption,
    FromOption,
    HomeOption,
    JsonOption,
    ModeOption,
    Named,
    Place,
    ToOption,
    opened,
    place_of,
)
from db.state_keys import RISK
from domain.enums import FileKind
from domain.units import TsNs

if TYPE_CHECKING:
    from db.read import Filter
    from reporting.ledger_lists import HistoryLine, KeptLock

HISTORY_EXAMPLES = """\b
Examples:
  autoscalper history --from today
  autoscalper history --mode live --json
"""
LOGS_EXAMPLES = """\b
Examples:
  autoscalper logs --level warning --from 24h
  autoscalper logs --last 50
"""
LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise typer.BadParameter(f"{text!r} is not known; give one of {', '.join(LEVELS)}")
    return text.lower()


def history(  # noqa: PLR0913 - typer makes one option of each parameter
    *,
    since: FromOption = None,
    until: ToOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """List runs, commands, approvals, states, locks and playbooks in the order of time.

    They come from both ledgers and from telemetry; --json prints one object a line.
    """
    from agent.cli.output import plain_in_pipes
    from db.read import Filter
    from reporting.ledger_lists import print_history
    from reporting.row_text import write_json

    where = Filter(since_ns=_ns(since), until_ns=_ns(until))
    lines, locks = _found(place_of(Named(mode, home, None, config)), where)
    if as_json:
        write_json(lines, sys.stdout)
        sys.stdout.flush()
        return
    with plain_in_pipes(sys.stdout) as console:
        print_history(console, lines, locks, time.time_ns())


def logs(  # noqa: PLR0913
    *,
    level: Annotated[
        str,
        typer.Option(metavar="LEVEL", parser=_level, help=f"From this on: {', '.join(LEVELS)}."),
    ] = "info",
    last: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=at_least(1), show_default=False, help="Only the last N of them."
        ),
    ] = None,
    since: FromOption = None,
    until: ToOption = None,
    as_json: JsonOption = False,
    mode: ModeOption = None,
    home: HomeOption = None,
    file: FileOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the engine's log, one event a line; --json prints one object a line."""
    from agent.cli.output import plain_in_pipes
    from db.read import Filter
    from domain.ledger import LogRow
    from reporting.ledger_lists import print_logs
    from reporting.row_text import write_json

    wanted = LEVELS[LEVELS.index(level) :]
    where = Filter(since_ns=_ns(since), until_ns=_ns(until))
    with opened(place_of(Named(mode, home, file, config)), FileKind.TELEMETRY) as reader:
        # A level that nobody knows is rather shown than hidden.
        passed = (
            row
            for row in reader.rows(LogRow, where)
            if row.level.lower() in wanted or row.level.lower() not in LEVELS
        )
        rows = passed if last is None else iter(deque(passed, maxlen=last))
        if as_json:
            write_json(rows, sys.stdout)
            sys.stdout.flush()
            return
        with plain_in_pipes(sys.stdout) as console:
            print_logs(console, rows)


def _ns(moment: int | None) -> TsNs | None:
    return None if moment is None else TsNs(moment)


def _found(place: Place, where: "Filter") -> "tuple[list[HistoryLine], tuple[KeptLock, ...]]":
    """Of the files that are there, with locks; BadInput where the first of them is not."""
    import msgspec

    from domain.ledger import ApprovalRow, CommandRow, DecisionRow, InstrumentRow
    from reporting.ledger_lists import TOLD, history_line, locks_of, run_starts

    lines: list[HistoryLine] = []
    locks: tuple[KeptLock, ...] = ()
    for kind in FileKind:
        if kind is not FileKind.AUTO and not place.path(kind).exists():
            typer.echo(f"{place.path(kind)}: is not there; listed without it.", err=True)
            continue
        with opened(place, kind) as reader:
            if kind is FileKind.TELEMETRY:
                told = reader.rows(DecisionRow, msgspec.structs.replace(where, kinds=TOLD))
                lines += [history_line("engine", row) for row in told]
                continue
            if kind is FileKind.AUTO:
                lines += run_starts("engine", reader.rows(InstrumentRow, where))
                locks = locks_of(reader.state(RISK))
            lines += [history_line(kind.word, row) for row in reader.rows(CommandRow, where)]
            lines += [history_line(kind.word, row) for row in reader.rows(ApprovalRow, where)]
    return sorted(lines, key=lambda line: line.time_ns), locks
