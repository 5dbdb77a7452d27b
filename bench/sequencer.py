"""Row 3: what ring and sequencer cost a tick, before the core has seen it."""

import time
from typing import Final

import numpy as np

from agent.service.clock import SystemClock
from agent.service.event_time import EventTime
from agent.service.ring import CAPACITY, Ring
from agent.service.sequencer import Route, Routing, Sequencer
from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK

_TICKS: Final = 100_000
_REPEATS: Final = 5
_ONE: Final = Routing(names=("A",), routes=((Route(0, 0),),))
_THREE: Final = Routing(names=("A", "B", "C"), routes=((Route(0, 2), Route(1, 2), Route(2, 2)),))


def measure_sequencer() -> None:
    """Print the best of some repeats for batches of several sizes."""
    print("\n| ticks a batch | put, ns a tick | drain, us a batch | drain, ns a tick | 3 routes |")
    print("|---|---|---|---|---|")
    for size in (1, 10, 1_000):
        put_ns, drain_ns = _best(_ONE, size)
        _, shared_ns = _best(_THREE, size)
        print(
            f"| {size:,} | {put_ns / size:,.0f} | {drain_ns / 1e3:.1f} | {drain_ns / size:,.0f} "
            f"| {shared_ns / size:,.0f} |"
        )
    print(f"\nput of 1 row into a ring full of quotes: {_crowded_ns():,.0f} ns")


def _rows(count: int) -> Rows:
    rows = np.zeros(count, TICK)
    rows["kind"] = TickKind.QUOTE
    return rows


def _best(routing: Routing, size: int) -> tuple[float, float]:
    """Nanoseconds of a put of so many ticks, and of the drain that follows."""
    event_time, ring, rows = EventTime(SystemClock()), Ring(), _rows(size)
    sequencer = Sequencer(event_time, ring, routing)
    clock, rounds = time.perf_counter_ns, min(10_000, _TICKS // size)
    best = [float("inf"), float("inf")]
    for _ in range(_REPEATS):
        spent = [0, 0]
        for _ in range(rounds):
            started = clock()
            ring.put(rows)
            between = clock()
            sequencer.drain()
            spent[0] += between - started
            spent[1] += clock() - between
        best = [min(old, new / rounds) for old, new in zip(best, spent, strict=True)]
    return best[0], best[1]


def _crowded_ns() -> float:
    ring, row = Ring(), _rows(1)
    ring.put(_rows(CAPACITY))
    started = time.perf_counter_ns()
    for _ in range(_TICKS):
        ring.put(row)
    return (time.perf_counter_ns() - started) / _TICKS
