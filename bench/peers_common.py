"""What every engine of the comparison is given, follows and answers: ticks, rule, timings.

The rule is what the `dense` playbook trades, cut down to what each engine can do: after a trade at
another price, enter in its direction with an IOC limit; leave at market. It is evaluated at every
trade and quote. The functions here run as plain Python in one engine and compiled in the other.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agent.replay.loading import load
from config.settings import load_settings
from domain.arrays import Rows
from domain.enums import TickKind
from domain.instruments import Instrument
from market.history.merge import merge, repetitions

REPEATS: Final = 3

_SECOND_NS: Final = 1_000_000_000
_HOLD_NS: Final = _SECOND_NS
_COOL_DOWN_NS: Final = 22 * _SECOND_NS // 10
_STOP_BP: Final = 8.0
_TARGET_BP: Final = 8.0
_BREAK_EVEN_BP: Final = 4.0
_TRAIL_FROM_BP: Final = 5.0
_TRAIL_BP: Final = 3.0
_FLIP_STREAK: Final = 12


class PeerRun(msgspec.Struct, frozen=True, kw_only=True):
    """What one engine took.

    version      of the engine.
    ticks        recorded trades and quotes played, each counted once.
    round_trips  of the last run; every run has the same.
    seconds      of each timed run.
    facts        what else is to be known about the runs, in a sentence.
    """

    version: str
    ticks: int
    round_trips: int
    seconds: tuple[float, ...]
    facts: str


class BenchTicks(msgspec.Struct, frozen=True, kw_only=True):
    """Repetitions of one file, and the instrument that they are of."""

    instrument: Instrument
    once: Rows
    shifts_ns: tuple[int, ...]

    @property
    def latency_ns(self) -> int:
        """From a decision to the venue."""
        return self.instrument.latency_ms * 1_000_000

    @property
    def qty(self) -> float:
        """What an entry trades."""
        return float(self.instrument.standard_lots * self.instrument.lot)

    @property
    def total(self) -> int:
        """Ticks of all repetitions."""
        return len(self.once) * len(self.shifts_ns)


def bench_ticks(path: Path, least: int) -> BenchTicks:
    """The file as `replay` plays it, so often that there are at least `least` ticks."""
    loaded = load((path,), None, load_settings().account, lambda _stage, _done, _total: None)
    timeline = merge(loaded.sources)
    count = -(-least // len(timeline.ticks))
    first_ns = int(timeline.ticks["event_ns"][0])
    shifts_ns = tuple(
        int(each.ticks["event_ns"][0]) - first_ns for each in repetitions(timeline, count)
    )
    instrument = loaded.markets[0].instrument
    return BenchTicks(
        instrument=instrument,
        once=timeline.ticks,
        shifts_ns=shifts_ns,
    )


def groups(shifts_ns: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """`shifts_ns` in runs of `size`."""
    for start in range(0, len(shifts_ns), size):
        yield shifts_ns[start : start + size]


def is_trade(ticks: Rows) -> npt.NDArray[np.bool_]:
    """Which ticks are trades; the others are quotes."""
    trades: npt.NDArray[np.bool_] = ticks["kind"] == TickKind.TRADE
    return trades


def next_streak(streak: int, move: float) -> int:
    """Moves in one direction in a row, > 0 upwards, < 0 downwards, after the price moved."""
    if move > 0.0:
        return streak + 1 if streak > 0 else 1
    if move < 0.0:
        return streak - 1 if streak < 0 else -1
    return streak


def may_enter(now_ns: int, last_exit_ns: int) -> bool:
    """Whether the cool-down is over."""
    return now_ns - last_exit_ns >= _COOL_DOWN_NS


def limit_offset(price: float, tick: float) -> float:
    """How far beyond the touch the IOC limit of an entry lies: max(2 ticks, 1 bp)."""
    return max(2.0 * tick, price / 1e4)


def must_leave(  # noqa: PLR0913, PLR0917  plain numbers, so that it compiles
    side: int, entry: float, best: float, price: float, held_ns: int, streak: int
) -> bool:
    """Stop, target, break-even, trail, time or flip.

    `price` is what leaving would give, `best` the best of it since `entry`.
    """
    gain_bp = side * (price - entry) / entry * 1e4
    best_bp = side * (best - entry) / entry * 1e4
    if held_ns >= _HOLD_NS or gain_bp <= -_STOP_BP or gain_bp >= _TARGET_BP:
        return True
    if best_bp >= _BREAK_EVEN_BP and gain_bp <= 0.0:
        return True
    if best_bp >= _TRAIL_FROM_BP and gain_bp <= best_bp - _TRAIL_BP:
        return True
    return side * streak <= -_FLIP_STREAK


def answer(measure: Callable[[Path, int], PeerRun]) -> None:
    """Body of a process of its own: argv are a file and a number of ticks; JSON is the answer."""
    run = measure(Path(sys.argv[1]), int(sys.argv[2]))
    print(msgspec.json.encode(run).decode())
