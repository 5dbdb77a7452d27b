"""Sessions of the demo for tests: short, seen by a show that only writes down."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.demo.session import run_session
from agent.demo.show import Session, Wish
from agent.service.clock import SystemClock
from config.settings import load_settings
from domain.enums import Mode
from domain.ledger import TradeRow
from reporting.live.picture import Picture
from reporting.trade_measures import group
from why_samples import summary

PAST_S = 900.0
EMPTY = Picture(
    mode=Mode.SIMULATED, now_ns=0, began_ns=0, speed=1.0, left_s=None, account=summary().account,
    markets=(), trades=(), total=group("all", []),
)  # fmt: skip


class Seen:
    """A Show that keeps what it is told; asks for `asked`, one after the other, once it began."""

    def __init__(self, *asked: Wish, sleeps_s: float = 0.0) -> None:
        self._asked = asked
        self._sleeps_s = sleeps_s  # of the first picture
        self.pictures: list[Picture] = []
        self.trades: list[TradeRow] = []
        self.folded: list[float] = []

    def folding(self, done_s: float, total_s: float) -> None:
        """Show."""
        self.folded.append(done_s / total_s)

    def began(self, picture: Picture) -> None:
        """Show."""
        time.sleep(self._sleeps_s)
        self.pictures.append(picture)

    def trade(self, trade: TradeRow) -> None:
        """Show."""
        self.trades.append(trade)

    def picture(self, picture: Picture) -> None:
        """Show."""
        self.pictures.append(picture)

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Show."""
        while not self.pictures:  # noqa: ASYNC110 the past is folded meanwhile
            await asyncio.sleep(0.01)
        for each in self._asked:
            count = len(self.pictures)
            await wish(each)
            while len(self.pictures) < count + 2:  # noqa: ASYNC110 pictures come by themselves
                await asyncio.sleep(0.01)
        await asyncio.Event().wait()


class Hasty(Seen):
    """Asks for everything at once, before the past is folded."""

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Show."""
        for each in self._asked:
            await wish(each)
        await asyncio.Event().wait()


def session(
    folder: Path, show: Seen, *, seed: int = 1, for_s: float | None = 0.5, speed: float = 20.0
) -> Picture:
    """Run one and return how it ended."""
    what = Session(seed=seed, playbook="baseline", past_s=PAST_S, for_s=for_s, speed=speed)
    return asyncio.run(run_session(what, load_settings(), folder, show, SystemClock()))
