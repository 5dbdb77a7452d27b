"""A simulated market as a feed: paced by a clock, or as fast as its ticks are taken."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from domain.arrays import Rows
from domain.units import SECOND_NS
from market.simulated.simulator import SimulatedMarket

PIECE_NS: Final = SECOND_NS // 50  # of simulated time, delivered together


class PacingClock(Protocol):
    """What paces a feed."""

    def monotonic_ns(self) -> int:
        """Since some moment."""

    async def sleep_until_monotonic(self, ns: int) -> None:
        """Return at or after `ns`."""


class SimulatedFeed:
    """Delivers the ticks of a market from its start on.

    speed  seconds of the market in one of the clock; None: no pacing. Neither it nor how fast the
           ticks are taken changes one of them.
    """

    def __init__(
        self, market: SimulatedMarket, clock: PacingClock, speed: float | None = 1.0
    ) -> None:
        self._market = market
        self._clock = clock
        self._speed = speed
        self._at_ns = market.simulation.start_ns

    async def run(
        self,
        put: Callable[[Rows], Awaitable[None]],
        seconds: float,
        piece_ns: int = PIECE_NS,
    ) -> None:
        """Put ticks, each piece once its time has come, until so many seconds are over.

        `put` may wait: then the feed is late and catches up, and loses nothing. Run again, it goes
        on where it ended.
        """
        start_ns, began_ns = self._at_ns, self._clock.monotonic_ns()
        end_ns = start_ns + round(seconds * SECOND_NS)
        while self._at_ns < end_ns:
            self._at_ns = min(self._at_ns + piece_ns, end_ns)
            if self._speed is not None:
                due_ns = began_ns + round((self._at_ns - start_ns) / self._speed)
                await self._clock.sleep_until_monotonic(due_ns)
            rows = self._market.until(self._at_ns)
            if len(rows):
                await put(rows)
