"""Faults on request: what goes wrong between a market and whoever hears of it.

They are applied to what the generator wrote, each at its own time, so that the prices behind them
stay what they are and a test can compare the two.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from domain.arrays import Rows
from domain.enums import TickKind
from domain.units import SECOND_NS

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

_BP: Final = 1e-4


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Ticks of a market, or of all (None), are lost for a while; `seq` shows how many."""

    at_ns: int
    seconds: float
    market: int | None = None


class Stall(msgspec.Struct, frozen=True, kw_only=True):
    """The connection delivers nothing for a while, then all of it at once: `ts_ns` tells."""

    at_ns: int
    seconds: float

    @property
    def market(self) -> None:
        """All of them come through one connection."""


class Spike(msgspec.Struct, frozen=True, kw_only=True):
    """Trades and quotes of a market lie `bps` away for a while, a whole number of ticks."""

    at_ns: int
    seconds: float
    market: int
    bps: float


class CrossedBook(msgspec.Struct, frozen=True, kw_only=True):
    """The first quote of a market from a time on has its bid above its ask."""

    at_ns: int
    market: int


class BadPrint(msgspec.Struct, frozen=True, kw_only=True):
    """The first trade of a market from a time on is printed at `factor` times its price.

    factor  3 is absurd, 0 is zero, -1 is negative and NaN is no number: see `BadTick`.
    """

    at_ns: int
    market: int
    factor: float


Fault: TypeAlias = Gap | Stall | Spike | CrossedBook | BadPrint
Ratio: TypeAlias = tuple[int, int]


class Disturber:
    """Applies faults to pieces of one stream, in order. Where pieces end changes nothing."""

    def __init__(self, faults: Sequence[Fault], ticks: Sequence[Ratio]) -> None:
        """`ticks` are the markets' ticks as whole numbers: one over the other."""
        self._faults = sorted(faults, key=lambda fault: fault.at_ns)
        self._ticks = ticks
        self._done = [False] * len(faults)

    def applied(self, rows: Rows) -> Rows:
        """The piece as it is delivered: shorter where ticks are lost. `rows` are overwritten."""
        at_ns = rows["event_ns"].copy()
        lost = np.zeros(len(rows), np.bool_)
        for number, fault in enumerate(self._faults):
            if self._done[number] or not len(at_ns) or at_ns[-1] < fault.at_ns:
                continue
            if isinstance(fault, CrossedBook | BadPrint):
                self._done[number] = _strike(fault, rows, at_ns)
                continue
            end_ns = _end_ns(fault)
            here = (at_ns >= fault.at_ns) & (at_ns < end_ns)
            if fault.market is not None:
                here &= rows["market"] == fault.market
            if isinstance(fault, Gap):
                lost |= here
            elif isinstance(fault, Stall):
                rows["event_ns"][here] = np.maximum(rows["event_ns"][here], end_ns)
                rows["recv_ns"][here] = rows["event_ns"][here]
            else:
                _shift(fault, rows, here, self._ticks[fault.market])
            self._done[number] = bool(at_ns[0] >= end_ns)
        return rows[~lost] if lost.any() else rows


def _end_ns(fault: Gap | Stall | Spike) -> int:
    return fault.at_ns + round(fault.seconds * SECOND_NS)


def _strike(fault: CrossedBook | BadPrint, rows: Rows, at_ns: Ints) -> bool:
    """Disturb the first tick of the right kind, if it is in this piece."""
    kind = TickKind.QUOTE if isinstance(fault, CrossedBook) else TickKind.TRADE
    due = (at_ns >= fault.at_ns) & (rows["market"] == fault.market) & (rows["kind"] == kind)
    if not due.any():
        return False
    row = rows[int(np.argmax(due))]
    if isinstance(fault, CrossedBook):
        bid, ask = float(row["bid"]), float(row["ask"])
        row["bid"], row["ask"] = ask, bid
    else:
        row["price"] *= fault.factor
    return True


def _shift(fault: Spike, rows: Rows, here: Flags, tick: Ratio) -> None:
    """On the grid, bid and ask alike, so that the spread stays."""
    over, under = tick
    middle = 0.5 * (rows["bid"][here] + rows["ask"][here])
    level = np.where(np.isnan(middle), rows["price"][here], middle)
    away = np.rint(level * fault.bps * _BP * under / over)
    for name in ("price", "bid", "ask"):
        rows[name][here] = (np.rint(rows[name][here] * under / over) + away) * over / under
