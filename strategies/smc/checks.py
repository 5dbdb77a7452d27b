"""Candles from anywhere, checked before a detector sees them (docs/smc.md, "Bad input").

Nothing is repaired: a candle that cannot be right is left out, and a reason says so.
"""

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.arrays import Floats, Record, Rows
from domain.jit import kernel
from domain.rows.smc import BAR
from domain.smc import CandleProblem
from strategies.smc.bars import ATR_PERIOD

Ints = npt.NDArray[np.int64]

_PRICES: Final = ("open", "high", "low", "close")
_SECOND_NS: Final = 1_000_000_000
_NEAR_GRID: Final = 0.01  # half-ticks; what a decimal price is off its grid as a double is far less
_LARGEST: Final = 2.0**51  # half-ticks; sums of two are exact up to here
_FOLLOWS, _BEHIND, _SAME, _WITHIN = 0, 1, 2, 3

_TEXTS: Final = {
    CandleProblem.UNEQUAL: "the columns have unequal lengths; nothing can be used",
    CandleProblem.NOT_FINITE: "a price is missing or infinite; left out",
    CandleProblem.NOT_POSITIVE: "a price is zero or negative; left out",
    CandleProblem.OFF_GRID: "a price is no multiple of half a tick, or too large; left out",
    CandleProblem.HIGH_BELOW_LOW: "the high is below the low; left out",
    CandleProblem.OUTSIDE_RANGE: "open or close is above the high or below the low; left out",
    CandleProblem.OUT_OF_ORDER: "it starts before the candle in front of it; left out",
    CandleProblem.DUPLICATE: "it starts with the candle in front of it; left out",
    CandleProblem.OVERLAPPING: "it starts within the candle in front of it; left out",
    CandleProblem.HOLE: "candles are missing in front of it; used as if they had never been",
    CandleProblem.FLAT: "open, high, low and close are equal; used",
    CandleProblem.ZERO_VOLUME: "the volume is zero; used, as no detector looks at volume",
    CandleProblem.TOO_SHORT: "too few candles for every detector; more are needed",
}


class Candles(msgspec.Struct, frozen=True, kw_only=True):
    """Columns as they were read; `volume` is None where the source has none."""

    start_ns: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats | None = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What the candles are of.

    tick     price of one tick, quote currency.
    offsets  what New York's clock adds to UTC, ns, as (from when, how much), oldest first.
    needed   fewest candles with which every detector can speak; `bars_needed` knows it.
    """

    tick: Decimal
    seconds: int
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)
    needed: int = ATR_PERIOD + 1


class Reason(msgspec.Struct, frozen=True):
    """One kind of problem: how many candles have it, and the first row of the input that does."""

    problem: CandleProblem
    count: int
    first_row: int

    @property
    def text(self) -> str:
        """For people: what it is, how often, where first, and what was done."""
        return f"{self.problem.word}: {self.count}, first in row {self.first_row}: {self.explained}"

    @property
    def explained(self) -> str:
        """What the problem is and what was done about it."""
        return _TEXTS[self.problem]


class Checked(msgspec.Struct, frozen=True):
    """BAR[n] that detectors may fold, the input row of each, and why others are missing."""

    bars: Rows
    rows: Ints
    reasons: tuple[Reason, ...]


def bars_needed(rules: Record) -> int:
    """Fewest candles with which every detector can speak by these rules."""
    return max(ATR_PERIOD + 1, 2 * int(rules["swing_length"]))


def check_candles(candles: Candles, series: Series) -> Checked:
    """The candles that can be used, in half-ticks, and the reasons for all others. Never raises."""
    columns = [getattr(candles, name) for name in _PRICES]
    lengths = {len(column) for column in (candles.start_ns, *columns)}
    if candles.volume is not None:
        lengths.add(len(candles.volume))
    if len(lengths) > 1:
        reason = Reason(CandleProblem.UNEQUAL, max(lengths), min(lengths))
        return Checked(np.zeros(0, BAR), np.zeros(0, np.int64), (reason,))
    prices = np.stack([np.asarray(column, np.float64) for column in columns])
    problem = _of_prices(prices, series.tick)
    _of_order(candles.start_ns, problem, series.seconds * _SECOND_NS)
    rows = np.flatnonzero(problem == 0)
    bars = _bars(candles.start_ns[rows], prices[:, rows], series)
    found = [
        Reason(each, int((problem == each).sum()), int(np.argmax(problem == each)))
        for each in CandleProblem
        if (problem == each).any()
    ]
    return Checked(bars, rows, (*found, *_notes(bars, rows, candles, series)))


def _half_ticks(prices: Floats, tick: Decimal) -> Floats:
    with np.errstate(over="ignore", invalid="ignore"):
        halves: Floats = prices * float(2 / tick)
    return halves


def _of_prices(prices: Floats, tick: Decimal) -> Ints:
    """The first problem of each candle's prices, 0 for none."""
    opened, high, low, close = prices
    halves = _half_ticks(prices, tick)
    with np.errstate(invalid="ignore"):
        off = ~(np.abs(halves - np.rint(halves)) <= _NEAR_GRID) | (np.abs(halves) > _LARGEST)
        outside = (np.maximum(opened, close) > high) | (np.minimum(opened, close) < low)
        tests = {
            CandleProblem.NOT_FINITE: ~np.isfinite(prices).all(axis=0),
            CandleProblem.NOT_POSITIVE: (prices <= 0).any(axis=0),
            CandleProblem.OFF_GRID: off.any(axis=0),
            CandleProblem.HIGH_BELOW_LOW: high < low,
            CandleProblem.OUTSIDE_RANGE: outside,
        }
    return np.select(list(tests.values()), [int(each) for each in tests], 0).astype(np.int64)


def _of_order(start_ns: Ints, problem: Ints, frame_ns: int) -> None:
    """Write the problems of order beside those of prices."""
    places = np.zeros(len(start_ns), np.int64)
    place_in_order(np.ascontiguousarray(start_ns, np.int64), problem, frame_ns, places)
    problem[places == _BEHIND] = CandleProblem.OUT_OF_ORDER
    problem[places == _SAME] = CandleProblem.DUPLICATE
    problem[places == _WITHIN] = CandleProblem.OVERLAPPING


@kernel
def place_in_order(start_ns: Ints, problem: Ints, frame_ns: int, places: Ints) -> None:
    """How each candle without a problem follows the last one that did not break the order.

    places  i8[n], overwritten: 0 follows it, 1 starts before it, 2 with it, 3 within it.
    """
    last = -1
    for k in range(start_ns.shape[0]):
        places[k] = _FOLLOWS
        if problem[k] != 0:
            continue
        if last >= 0 and start_ns[k] < start_ns[last]:
            places[k] = _BEHIND
        elif last >= 0 and start_ns[k] == start_ns[last]:
            places[k] = _SAME
        elif last >= 0 and start_ns[k] - start_ns[last] < frame_ns:
            places[k] = _WITHIN
        else:
            last = k


def _bars(start_ns: Ints, prices: Floats, series: Series) -> Rows:
    bars = np.zeros(len(start_ns), BAR)
    bars["start_ns"] = start_ns
    bars["known_ns"] = start_ns + series.seconds * _SECOND_NS
    since = np.array([at for at, _ in series.offsets], np.int64)
    added = np.array([offset for _, offset in series.offsets], np.int64)
    bars["offset_ns"] = added[np.maximum(np.searchsorted(since, start_ns, side="right") - 1, 0)]
    for name, halves in zip(_PRICES, _half_ticks(prices, series.tick), strict=True):
        bars[name] = np.rint(halves)
    return bars


def _notes(bars: Rows, rows: Ints, candles: Candles, series: Series) -> list[Reason]:
    """What is worth knowing of the candles that are used."""
    holes = np.zeros(len(bars), np.bool_)
    holes[1:] = np.diff(bars["start_ns"]) > series.seconds * _SECOND_NS
    tests = {CandleProblem.HOLE: holes, CandleProblem.FLAT: bars["high"] == bars["low"]}
    if candles.volume is not None:
        tests[CandleProblem.ZERO_VOLUME] = np.asarray(candles.volume)[rows] == 0
    notes = [
        Reason(problem, int(has.sum()), int(rows[np.argmax(has)]))
        for problem, has in tests.items()
        if has.any()
    ]
    if len(bars) < series.needed:
        notes.append(Reason(CandleProblem.TOO_SHORT, len(bars), 0))
    return notes
