"""`autoscalper demo`: a simulated market traded before one's eyes, offline and without a key."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from agent.cli.numbers import at_least
from agent.cli.places import TradingPlaybookOption
from agent.cli.spans import factor, seconds
from domain.errors import BadUsage

if TYPE_CHECKING:
    from agent.demo.show import Session
    from reporting.live.picture import Picture

DEMO_EXAMPLES: Final = """\b
Examples:
  autoscalper demo
  autoscalper demo --for 60s --headless
  autoscalper demo --for 60s --headless --record my-demo
  autoscalper demo --playbook momentum --seed 7 --speed 1
"""

PAST_S: Final = 7_200.0
_PIPED_S: Final = 60.0


def demo(  # noqa: PLR0913 - typer makes one option of each parameter
    *,
    for_s: Annotated[
        float | None,
        typer.Option(
            "--for",
            metavar="TIME",
            parser=seconds,
            show_default=False,
            help="How long it goes on after the past is folded, as 60s or 5m; without it until "
            "you quit, in a pipe 60s.",
        ),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(
            metavar="X", parser=factor, help="Seconds of the market in one second of yours."
        ),
    ] = 10.0,
    past: Annotated[
        float,
        typer.Option(
            metavar="TIME", parser=seconds, help="How much of the market is folded beforehand."
        ),
    ] = PAST_S,
    seed: Annotated[
        int,
        typer.Option(
            metavar="N", parser=at_least(0), help="Which market is made up: the same N, the same."
        ),
    ] = 1,
    playbook: TradingPlaybookOption = "baseline",
    headless: Annotated[
        bool, typer.Option("--headless", help="Plain lines, as in a pipe, and no keys.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="Keep recording and ledgers in this new folder; without it nothing is kept.",
        ),
    ] = None,
) -> None:
    """Watch a simulated market being traded, and ask why. No network, no keys, no risk.

    Two simulated hours, or --past, are folded at full speed; then time goes on at --speed. It is
    the engine of the service: feed, sequencer, recording, core, risk, paper fills and ledgers.
    Nothing is written but below --record.
    """
    from agent.demo.show import Session

    plain = headless or not _drawable()
    ends_s = _PIPED_S if for_s is None and plain else for_s
    session = Session(seed=seed, playbook=playbook, past_s=past, for_s=ends_s, speed=speed)
    if record is None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="autoscalper-demo-") as folder:
            _run(session, Path(folder), plain=plain, kept=None)
        return
    _check_new(record)
    _run(session, record.absolute(), plain=plain, kept=record)


def _drawable() -> bool:
    """Whether there is a terminal to draw on, with keys."""
    from agent.cli.output import on_terminal, open_console

    return on_terminal() and not open_console(sys.stdout).is_dumb_terminal


def _check_new(folder: Path) -> None:
    """A session is a recording of its own: two in one folder would be told as one."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadUsage(f"--record {folder}: there is something already; name a new folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadUsage(
            f"--record {folder}: cannot be made: {error.strerror}; name a folder that you can write"
        ) from error


def _run(session: "Session", folder: Path, *, plain: bool, kept: Path | None) -> None:
    import asyncio

    from agent.cli.compiling import get_ready
    from agent.cli.demo_ending import files_told, next_commands
    from agent.cli.output import open_console, plain_in_pipes
    from agent.demo.line_show import LineShow
    from agent.demo.session import run_session
    from agent.service.clock import SystemClock
    from config.settings import load_settings
    from reporting.live.closing import print_closing

    console = open_console(sys.stdout)
    settings = load_settings()
    get_ready(settings, None if plain else console)

    async def shown() -> "Picture":
        if plain:
            show = LineShow(_write)
            return await run_session(session, settings, folder, show, SystemClock())
        from agent.demo.keys import Keys
        from agent.demo.screen_show import ScreenShow

        screen = ScreenShow(console, Keys(sys.stdin.fileno()))
        with screen.drawing():
            return await run_session(session, settings, folder, screen, SystemClock())

    picture = asyncio.run(shown())
    if plain:
        _write("")
    with plain_in_pipes(sys.stdout) as out:
        print_closing(out, picture, files_told(kept), next_commands(picture, session, kept))


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
