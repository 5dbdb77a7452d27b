"""Bad ticks (docs/rules.md, I2 and I3): found by whole columns, removed and counted by kind.

The tests run in the order of the rules, and a tick counts for the first it fails. Only `late` and
`absurd` depend on what was judged before; they are walked tick by tick from a suspicious one to the
next that is beyond doubt.
"""

from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.arrays import Rows
from domain.enums import BadTick, TickKind
from domain.units import SECOND_NS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNSTAMPED: Final = 1  # bit of `flags`: the row came without an exchange stamp
LATE_NS: Final = SECOND_NS  # how far an exchange stamp may lie behind the largest one seen
FACTOR: Final = 2.0  # a price beyond this factor of the last good one is absurd
BELIEVED: Final = 20  # so many late or absurd ones in a row that agree are believed from then on

_GOOD: Final = 0
_LOWEST: Final = np.iinfo(np.int64).min + LATE_NS  # below it one second earlier is no stamp


class Columns(msgspec.Struct, frozen=True):
    """The fields of TICK that are judged, each contiguous: one source, in arrival order.

    `flags` marks UNSTAMPED rows; what a kind does not fill is ignored.
    """

    kind: Ints
    ts_ns: Ints
    flags: Ints
    trade_id: Ints
    price: Floats
    size: Floats
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats


class Cleaned(msgspec.Struct, frozen=True):
    """Ticks that remain, crossed quotes as INVALID_BOOK, and how many were bad of each kind."""

    ticks: Rows
    bad: dict[BadTick, int]


def remove_bad(ticks: Rows) -> Cleaned:
    """The ticks of one source, in arrival order, without the bad ones. The input is not changed."""
    columns = Columns(*(np.ascontiguousarray(ticks[name]) for name in Columns.__struct_fields__))
    codes = classify(columns)
    keep = kept(codes)
    cleaned = ticks[keep].copy()
    for name, column in replaced(columns, codes).items():
        cleaned[name] = column[keep]
    return Cleaned(cleaned, counts(codes))


def classify(columns: Columns) -> Ints:
    """For each row the number of its `BadTick`, 0 where it is good."""
    trade, quote = columns.kind == TickKind.TRADE, columns.kind == TickKind.QUOTE
    price, size = columns.price, columns.size
    bid, ask = columns.bid, columns.ask
    codes = np.zeros(len(trade), np.int64)

    def mark(kind: BadTick, of_trade: Flags, of_quote: Flags) -> None:
        codes[(codes == _GOOD) & ((trade & of_trade) | (quote & of_quote))] = kind

    finite = np.isfinite
    mark(BadTick.NON_FINITE, ~(finite(price) & finite(size)), ~(finite(bid) & finite(ask)))
    of_sizes = _below_zero(columns.bid_size) | _below_zero(columns.ask_size)
    mark(BadTick.NEGATIVE, (price < 0) | (size < 0), (bid < 0) | (ask < 0) | of_sizes)
    mark(BadTick.ZERO, (price == 0) | (size == 0), (bid == 0) | (ask == 0))
    stamped = (codes == _GOOD) & (trade | quote) & (columns.flags & UNSTAMPED == 0)
    rows = np.flatnonzero(stamped)
    codes[rows[late(columns.ts_ns[rows])]] = BadTick.LATE
    crossed = quote & (bid > ask)
    rows = np.flatnonzero((codes == _GOOD) & (trade | quote))
    level, quoted = price[rows], rows[quote[rows]]
    level[quote[rows]] = bid[quoted] / 2 + ask[quoted] / 2
    codes[rows[absurd(level, crossed[rows])]] = BadTick.ABSURD
    codes[(codes == _GOOD) & crossed] = BadTick.CROSSED
    rows = np.flatnonzero((codes == _GOOD) & trade & (columns.trade_id != 0))
    codes[rows[_repeated(columns.trade_id[rows])]] = BadTick.DUPLICATE
    return codes


def _below_zero(size: Floats) -> Flags:
    """A displayed size that is not finite is unknown, not bad."""
    below: Flags = np.isfinite(size) & (size < 0)
    return below


def late(stamps: Ints) -> list[int]:
    """Positions of exchange stamps that lie too far behind, in order.

    stamps  of ticks that passed the earlier tests and have one.
    """
    ceiling = np.maximum.accumulate(stamps)
    suspects = np.flatnonzero(stamps < np.maximum(ceiling, _LOWEST) - LATE_NS)
    if len(suspects) < BELIEVED:
        return suspects.tolist()
    found: list[int] = []
    start = 0
    while (at := int(np.searchsorted(suspects, start))) < len(suspects):
        start = _walk_late(stamps, ceiling, int(suspects[at]), found)
    return found


def _walk_late(stamps: Ints, ceiling: Ints, at: int, found: list[int]) -> int:
    """Judge stamp by stamp from a late one on, into `found`, until the ceiling counts again.

    Returns where that is, or the end.
    """
    largest = int(ceiling[at])
    agreeing, newest = 0, largest
    while at < len(stamps):
        now = int(stamps[at])
        if now < largest - LATE_NS:
            found.append(at)
            if agreeing and now >= newest - LATE_NS:
                agreeing, newest = agreeing + 1, max(newest, now)
            else:
                agreeing, newest = 1, now
            if agreeing == BELIEVED:
                agreeing, largest = 0, newest
        else:
            agreeing, largest = 0, max(largest, now)
            if largest == ceiling[at]:
                break
        at += 1
    return at


def absurd(level: Floats, crossed: Flags) -> list[int]:
    """Positions of ticks whose level is absurd, in order.

    level    trade prices and mids, > 0, of ticks that passed the earlier tests.
    crossed  quotes that will be dropped: judged too, but never the last good level.
    """
    firm = np.maximum.accumulate(np.where(crossed, -1, np.arange(len(level))))
    before = np.concatenate(([-1], firm))[: len(level)]
    suspects = np.flatnonzero((before >= 0) & _beyond(level, level[before]))
    found: list[int] = []
    start = 0
    while (at := int(np.searchsorted(suspects, start))) < len(suspects):
        suspect = int(suspects[at])
        end = _walk(level, crossed, suspect, float(level[before[suspect]]), found)
        start = end + 1
    return found


def _walk(level: Floats, crossed: Flags, at: int, good: float, found: list[int]) -> int:
    """Judge tick by tick from `at` on, into `found`; where the next good tick lies, or the end."""
    agreeing, first = 0, good
    while at < len(level):
        now = float(level[at])
        if now / FACTOR > good or now < good / FACTOR:
            found.append(at)
            if agreeing and first / FACTOR <= now <= first * FACTOR:
                agreeing += 1
            else:
                agreeing, first = 1, now
            if agreeing == BELIEVED:
                agreeing, good = 0, first
        elif crossed[at]:
            agreeing = 0
        else:
            break
        at += 1
    return at


def _beyond(level: Floats, other: Floats) -> Flags:
    """More than twice or less than half; halving cannot overflow."""
    far: Flags = (level / FACTOR > other) | (level < other / FACTOR)
    return far


def _repeated(ids: Ints) -> Ints:
    """Positions at which an id comes again."""
    if np.all(ids[1:] > ids[:-1]):
        return np.zeros(0, np.int64)
    again = np.ones(len(ids), np.bool_)
    again[np.unique(ids, return_index=True)[1]] = False
    repeated: Ints = np.flatnonzero(again)
    return repeated


def kept(codes: Ints) -> Flags:
    """Which rows stay: good ones, and crossed ones, whose book is invalid from there on."""
    stays: Flags = (codes == _GOOD) | (codes == BadTick.CROSSED)
    return stays


def replaced(columns: Columns, codes: Ints) -> dict[str, Ints | Floats]:
    """Columns that differ from what was read: crossed quotes say INVALID_BOOK and nothing else."""
    crossed = codes == BadTick.CROSSED
    changed: dict[str, Ints | Floats] = {}
    for name in ("bid_size", "ask_size"):
        size = getattr(columns, name)
        known = np.isfinite(size) & (size > 0) & ~crossed
        changed[name] = np.where(known, size, np.nan)
    if crossed.any():
        changed["kind"] = np.where(crossed, np.int64(TickKind.INVALID_BOOK), columns.kind)
        changed["bid"] = np.where(crossed, np.nan, columns.bid)
        changed["ask"] = np.where(crossed, np.nan, columns.ask)
    return changed


def counts(codes: Ints) -> dict[BadTick, int]:
    """How many rows were bad of each kind; kinds that did not occur are absent."""
    found = np.bincount(codes, minlength=max(BadTick) + 1)
    return {kind: int(found[kind]) for kind in BadTick if found[kind]}
