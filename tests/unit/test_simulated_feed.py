"""A simulated market as a feed: its pace changes when ticks come, never which."""

import asyncio

import numpy as np

from domain.arrays import Rows
from domain.units import SECOND_NS
from market.simulated.faults import Gap
from market.simulated.feed import SimulatedFeed
from simulated_worlds import at, coin, digest


class Clock:
    """Moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now_ns = 5_000

    def monotonic_ns(self) -> int:
        return self.now_ns

    async def sleep_until_monotonic(self, ns: int) -> None:
        self.now_ns = max(self.now_ns, ns)


class Taker:
    """Keeps what is put, and when."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.rows: list[Rows] = []
        self.times: list[int] = []

    async def put(self, rows: Rows) -> None:
        self.rows.append(rows)
        self.times.append(self.clock.now_ns - 5_000)


def taken(speed: float | None, *faults: Gap) -> Taker:
    clock = Clock()
    taker = Taker(clock)
    asyncio.run(SimulatedFeed(coin(1, *faults), clock, speed).run(taker.put, 30.0))
    return taker


def test_ticks_are_delivered_when_their_time_has_come() -> None:
    taker = taken(1.0)
    for rows, time_ns in zip(taker.rows, taker.times, strict=True):
        assert time_ns - SECOND_NS // 50 <= rows["event_ns"][0] - at(0)
        assert rows["event_ns"][-1] - at(0) < time_ns


def test_twice_the_speed_takes_half_the_time() -> None:
    assert taken(1.0).times[-1] == 2 * taken(2.0).times[-1]


def test_without_a_pace_no_time_passes() -> None:
    assert set(taken(None).times) == {0}


def test_no_pace_changes_a_tick() -> None:
    expected = digest(coin().seconds(30))
    found = [digest(np.concatenate(taken(speed).rows)) for speed in (None, 1.0, 7.0)]
    assert found == [expected] * 3


def test_nothing_is_put_while_there_is_nothing() -> None:
    taker = taken(1.0, Gap(at_ns=at(10), seconds=10))
    assert all(len(rows) for rows in taker.rows)
    assert not [time for time in taker.times if 10.1 * SECOND_NS < time < 20 * SECOND_NS]
