"""Event time goes on evenly, whatever the wall clock does, and says when that has jumped."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest

from agent.service.clock import SystemClock
from agent.service.event_time import LIMIT_NS, EventTime
from domain.units import SECOND_NS, TsNs

START: Final = 1_700_000_000 * SECOND_NS
JUMPS_S: Final = [1, -1, 3_600, -3_600, 86_400, -86_400]


class SetClock:
    """A Clock that is moved by hand."""

    def __init__(self) -> None:
        self.wall, self.monotonic = START, 77

    def now_ns(self) -> TsNs:
        return TsNs(self.wall)

    def monotonic_ns(self) -> int:
        return self.monotonic

    async def sleep_until_monotonic(self, ns: int) -> None:
        raise AssertionError("nobody sleeps here")

    def passes(self, ns: int) -> None:
        self.wall += ns
        self.monotonic += ns


def read(clock: SetClock, time: EventTime, step_ns: int, steps: int = 1_000) -> list[int]:
    """Readings, a step apart."""
    found = []
    for _ in range(steps):
        clock.passes(step_ns)
        found.append(int(time.now_ns()))
    return found


def started(change: Callable[[SetClock], None] = lambda _: None) -> tuple[SetClock, EventTime]:
    clock = SetClock()
    time = EventTime(clock)
    change(clock)
    return clock, time


def test_event_time_starts_as_the_wall_clock() -> None:
    _, time = started()
    assert (time.now_ns(), time.jumped) == (START, False)


@pytest.mark.parametrize("jump_s", JUMPS_S)
def test_event_time_goes_on_evenly_when_the_wall_clock_jumps(jump_s: int) -> None:
    clock, time = started()
    clock.passes(SECOND_NS)
    before = time.now_ns()
    clock.wall += jump_s * SECOND_NS
    steps = [before, *read(clock, time, 10_000_000)]
    assert {later - earlier for earlier, later in pairwise(steps)} == {10**7}


@pytest.mark.parametrize("jump_s", JUMPS_S)
def test_a_jump_is_told_until_the_wall_clock_is_back(jump_s: int) -> None:
    clock, time = started()
    clock.wall += jump_s * SECOND_NS
    read(clock, time, SECOND_NS)
    assert (time.jumped, time.difference_ns) == (True, jump_s * SECOND_NS)
    clock.wall -= jump_s * SECOND_NS
    read(clock, time, SECOND_NS, 1)
    assert not time.jumped


@pytest.mark.parametrize("away_ns", [LIMIT_NS, -LIMIT_NS])
def test_a_small_difference_is_made_up_for_slowly(away_ns: int) -> None:
    clock, time = started()
    clock.wall += away_ns
    steps = [START, *read(clock, time, SECOND_NS)]
    paces = [later - earlier for earlier, later in pairwise(steps)]
    assert max(abs(pace - SECOND_NS) for pace in paces) == SECOND_NS // 2_000
    assert steps[-1] == clock.wall
    assert not time.jumped


def test_frequent_readings_follow_the_wall_clock_as_well() -> None:
    clock, time = started()
    clock.wall += 1_000
    read(clock, time, 900, 10_000)
    assert time.now_ns() + 900 >= clock.wall


def test_one_more_nanosecond_than_the_limit_is_a_jump() -> None:
    clock, time = started()
    clock.wall += LIMIT_NS + 1
    read(clock, time, SECOND_NS, 1)
    assert time.jumped


def test_a_start_behind_the_last_stamp_goes_on_from_there_and_is_a_jump() -> None:
    clock = SetClock()
    time = EventTime(clock, START + SECOND_NS)
    assert (time.now_ns(), time.jumped) == (START + SECOND_NS, True)


def test_the_systems_clock_tells_two_times() -> None:
    clock = SystemClock()
    assert clock.now_ns() > START
    assert clock.monotonic_ns() <= clock.monotonic_ns()
