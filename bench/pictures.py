"""The pictures of README.md, made anew: `python -m bench.pictures`.

A minute and a half of work: one demo for the terminal's picture, and a replay of what it recorded.
"""

import asyncio
import io
import re
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from agent.cli import main
from agent.demo.session import run_session
from agent.demo.show import Session, Wish
from agent.service.clock import SystemClock
from config.settings import load_settings
from domain.ledger import TradeRow
from reporting.live.drawn import Style
from reporting.live.picture import Picture
from reporting.live.screen import View, screen

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SIZE: Final = (110, 34)
# The letters of the reader's own machine: a page must fetch nothing from elsewhere.
_FONTS: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class _Kept:
    """A Show that keeps the pictures."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []

    def folding(self, done_s: float, total_s: float) -> None:
        """Show."""

    def began(self, picture: Picture) -> None:
        """Show."""

    def trade(self, trade: TradeRow) -> None:
        """Show."""

    def picture(self, picture: Picture) -> None:
        """Show."""
        self.pictures.append(picture)

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Show: until a position is open that one can look at."""
        while not any(_holds(each) for each in self.pictures):  # noqa: ASYNC110 no event for it
            await asyncio.sleep(0.1)
        await wish(Wish.QUIT)


def _holds(picture: Picture) -> bool:
    return any(market.why.position is not None for market in picture.markets)


def terminal(path: Path) -> None:
    """Draw a screen of the demo with an open position."""
    kept = _Kept()
    session = Session(seed=1, playbook="baseline", past_s=1_500.0, for_s=60.0, speed=10.0)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run_session(session, load_settings(), Path(folder), kept, SystemClock()))
    picture = next(each for each in kept.pictures if _holds(each))
    console = Console(
        record=True, width=SIZE[0], height=SIZE[1], force_terminal=True, file=io.StringIO(),
        color_system="standard", markup=False, highlight=False,
    )  # fmt: skip
    console.print(screen(picture, View(), SIZE, Style(ascii_only=False)))
    path.write_text(_FONTS.sub("", console.export_svg(title="autoscalper demo")))


def replay(path: Path) -> None:
    """Draw a replay of what a demo recorded."""
    with tempfile.TemporaryDirectory() as folder:
        kept = str(Path(folder) / "demo")
        for command in (
            ["demo", "--for", "1s", "--headless", "--record", kept],
            ["replay", kept, "--playbook", "baseline", "--plot", str(path)],
        ):
            if main(command) != 0:
                raise SystemExit(f"{' '.join(command)} failed")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    terminal(FOLDER / "demo.svg")
    replay(FOLDER / "replay.png")
    print(f"pictures are in {FOLDER}")
