"""The clock of a simulated market: moved by who delivers, then paced."""

import asyncio

from agent.demo.clock import SimulatedClock
from domain.units import SECOND_NS, TsNs


class Real:
    """A clock that moves by what is slept on it."""

    def __init__(self) -> None:
        self.ns = 5 * SECOND_NS

    def now_ns(self) -> TsNs:
        return TsNs(self.ns)

    def monotonic_ns(self) -> int:
        return self.ns

    async def sleep_until_monotonic(self, ns: int) -> None:
        self.ns = max(self.ns, ns)


def test_who_sleeps_moves_it_at_once() -> None:
    real = Real()
    clock = SimulatedClock(100, real)
    asyncio.run(clock.sleep_until_monotonic(700))
    assert (clock.now_ns(), clock.monotonic_ns(), real.ns) == (700, 700, 5 * SECOND_NS)


def test_it_waits_until_everything_is_folded_before_it_moves() -> None:
    clock, seen = SimulatedClock(100, Real()), []

    async def idle() -> None:
        seen.append(clock.monotonic_ns())

    clock.idle = idle
    asyncio.run(clock.sleep_until_monotonic(700))
    assert seen == [100]


def test_paced_it_goes_on_with_the_real_clock_at_its_speed() -> None:
    real = Real()
    clock = SimulatedClock(100, real)
    clock.pace(10.0)
    real.ns += SECOND_NS
    assert clock.monotonic_ns() == 100 + 10 * SECOND_NS


def test_paced_a_sleep_takes_its_share_of_real_time() -> None:
    real = Real()
    clock = SimulatedClock(0, real)
    clock.pace(4.0)
    asyncio.run(clock.sleep_until_monotonic(2 * SECOND_NS))
    assert (real.ns, clock.monotonic_ns()) == (5 * SECOND_NS + SECOND_NS // 2, 2 * SECOND_NS)


def test_it_never_goes_back_however_late_a_sleep_is() -> None:
    real = Real()
    clock = SimulatedClock(0, real)
    clock.pace(1.0)
    real.ns += 9 * SECOND_NS
    asyncio.run(clock.sleep_until_monotonic(SECOND_NS))
    assert clock.monotonic_ns() == 9 * SECOND_NS
