"""The clock of a simulated market: whoever delivers the market's ticks moves it.

Invariant: it never goes back, and both of its readings go on together.
"""

import asyncio
from collections.abc import Awaitable, Callable

from domain.ports import Clock
from domain.units import SECOND_NS, TsNs


class SimulatedClock:
    """Time jumps from tick to tick, or passes at `speed` seconds a second of another clock.

    idle  awaited before time moves: by then all that arrived before has been folded.
    """

    def __init__(self, start_ns: int, real: Clock) -> None:
        self._now_ns = start_ns
        self._real = real
        self._speed: float | None = None
        self._paced_ns = 0  # the simulated time, and the real one, since when it is paced
        self._since_ns = 0
        self.idle: Callable[[], Awaitable[None]] = _nothing_to_wait_for

    def pace(self, speed: float) -> None:
        """From now on time passes by itself, at this speed."""
        self._now_ns = self.monotonic_ns()
        self._speed = speed
        self._paced_ns, self._since_ns = self._now_ns, self._real.monotonic_ns()

    def now_ns(self) -> TsNs:
        """Clock."""
        return TsNs(self.monotonic_ns())

    def monotonic_ns(self) -> int:
        """Clock."""
        if self._speed is not None:
            passed_ns = self._real.monotonic_ns() - self._since_ns
            self._now_ns = max(self._now_ns, self._paced_ns + round(passed_ns * self._speed))
        return self._now_ns

    async def sleep_until_monotonic(self, ns: int) -> None:
        """Clock: while nothing is paced, this is what makes it that late."""
        await self.idle()
        if self._speed is None:
            self._now_ns = max(self._now_ns, ns)
            return
        left_ns = ns - self.monotonic_ns()
        if left_ns > 0:
            real_ns = self._real.monotonic_ns() + round(left_ns / self._speed)
            await self._real.sleep_until_monotonic(real_ns)
        self._now_ns = max(self.monotonic_ns(), ns)


async def _nothing_to_wait_for() -> None:
    await asyncio.sleep(0)


def hours_ns(hours: float) -> int:
    """Nanoseconds."""
    return round(hours * 3_600 * SECOND_NS)
