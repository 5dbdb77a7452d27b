"""`autoscalper run`: the service, until it is told to stop."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from config.engine_settings import EngineSettings

RUN_EXAMPLES: Final = """\b
Examples:
  autoscalper run
  autoscalper run --config autoscalper.toml
"""


def run(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="The config; without it the one that `autoscalper check` finds.",
        ),
    ] = None,
) -> None:
    """Trade as the config says, until SIGTERM or Ctrl-C. Paper and simulated modes only, as yet.

    What happened before is taken up: positions, stops, locks, the day's result. It stops in order:
    feeds, then what waits, then files; positions stay and are taken up by the next run.
    """
    import asyncio

    from agent.live.line_writer import LineWriter
    from agent.replay.warm_up import warm_up
    from config.state_folder import chosen_folder

    settings = _settings(config)
    home = chosen_folder(settings.state_folder)
    _write("Getting the core ready; the first time it is compiled, which may take a minute.")
    warm_up(settings.settings)
    lines = LineWriter(sys.stdout)
    try:
        asyncio.run(_serve(settings, home, lines.put))
        lines.put("Stopped in order; positions stay as they are.")
    finally:
        lines.close()


def _settings(config: Path | None) -> "EngineSettings":
    from agent.service.config_check import check_config
    from config.config_file import need_config
    from domain.enums import Mode
    from domain.errors import BadConfig

    path = need_config() if config is None else config
    checked = check_config(path)
    if checked.settings is None:
        first = checked.problems[0].text if checked.problems else checked.read.problems[0].text
        more = len(checked.problems) - 1
        others = f" ({more} more)" if more > 0 else ""
        raise BadConfig(f"{first}{others}; all of it: autoscalper check {path}")
    if checked.settings.mode is Mode.SIGNALS:
        raise BadConfig(
            f"{path}: engine.mode is signals, which this build can check and not run yet; write"
            ' mode = "paper"'
        )
    for note in checked.notes:
        _write(f"Note: {note}.")
    return checked.settings


async def _serve(settings: "EngineSettings", home: Path, write: Callable[[str], None]) -> None:
    import asyncio
    import signal
    from random import SystemRandom

    from agent.live.ledger_tap import LedgerTap
    from agent.live.log_lines import LogLines
    from agent.live.photographer import Photographer
    from agent.live.price_history import PriceHistory
    from agent.service.account_of import account_of
    from agent.service.clock import SystemClock
    from agent.service.feeds import feeds_of
    from agent.service.opened import open_keeping
    from agent.service.run import Run, serve
    from db.connections import FileSpec
    from domain.enums import FileKind

    clock = SystemClock()
    account = account_of(settings)
    feeds = feeds_of(settings, account, clock, SystemRandom())
    for feed in feeds:
        for warning in getattr(feed, "warnings", ()):
            write(f"WARNING {warning}")
    spec = FileSpec(home=home, mode=settings.mode, kind=FileKind.AUTO, account=settings.account)
    keeping, specs = open_keeping(spec)
    taps = LedgerTap(keeping.auto), LedgerTap(keeping.manual)
    keeping = keeping._replace(auto=taps[0], manual=taps[1])
    photographer = Photographer(account, taps, PriceHistory(0))
    lines = LogLines(photographer, feeds, settings.settings.account.currency, write)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    run = Run(account=account, keeping=keeping, specs=specs, feeds=feeds, clock=clock)
    await serve(run, stop, lines.beside)


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
