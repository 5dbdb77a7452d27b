"""Sessions of the demo for tests: short, seen by a show that only writes down."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.demo.session import run_session
from agent.demo.show import Session, Wish
from agent.service.clock import SystemClock
from config.settings import load_settings
from domain.ledger import TradeRow
from reporting.live.picture import Picture

PAST_S = 900.0


class Seen:
    """A Show that keeps what it is told; asks for `asked`, one after the other, once it began."""

    def __init__(self, *asked: Wish) -> None:
        self._asked = asked
        self.pictures: list[Picture] = []
        self.trades: list[TradeRow] = []
        self.folded: list[float] = []

    def folding(self, done_s: float, total_s: float) -> None:
        """Show."""
        self.folded.append(done_s / total_s)

    def began(self, picture: Picture) -> None:
        """Show."""
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


def session(
    folder: Path, show: Seen, *, seed: int = 1, for_s: float | None = 0.5, speed: float = 20.0
) -> Picture:
    """Run one and return how it ended."""
    what = Session(seed=seed, playbook="baseline", past_s=PAST_S, for_s=for_s, speed=speed)
    return asyncio.run(run_session(what, load_settings(), folder, show, SystemClock()))
