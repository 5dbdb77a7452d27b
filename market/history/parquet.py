"""Parquet files of ticks to a TICK array, bad ticks removed and counted.

Columns: `ts_ns` (exchange time) and `kind` ("trade", "quote", or "index", which is ignored); `price`
and `size` where there are trades; `bid` and `ask` where there are quotes. Optional: `recv_ns`
(receiver's clock), `side`, `bid_size`, `ask_size`, `trade_id`. Anything else is not looked at.

Either every row has `recv_ns`, and that is the clock, or none has and `ts_ns` is.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from domain.arrays import Rows
from domain.enums import BadTick, TickKind, Word
from domain.errors import BadInput
from domain.rows.tick import TICK
from domain.units import SECOND_NS
from market.history.bad_ticks import (
    UNSTAMPED,
    Columns,
    Flags,
    Floats,
    Ints,
    classify,
    counts,
    kept,
    replaced,
)

_TRADE: Final = ("price", "size")
_QUOTE: Final = ("bid", "ask")
_FLOATS: Final = (*_TRADE, *_QUOTE, "bid_size", "ask_size")
_INTEGERS: Final = ("ts_ns", "recv_ns", "side", "trade_id")
_KINDS: Final = {"trade": TickKind.TRADE, "quote": TickKind.QUOTE}
_IGNORED: Final = "index"
# Stamps outside 1980 to 2200 are in another unit: as seconds to microseconds they mean 1970.
_EARLIEST_NS: Final = 315_532_800 * SECOND_NS
_LATEST_NS: Final = 7_258_118_400 * SECOND_NS


class Clock(Word):
    """Which column orders and ages the ticks of a file."""

    RECV = 1
    TS = 2


class SourceTicks(msgspec.Struct, frozen=True, kw_only=True):
    """One file's ticks. rows = good + sum of bad + ignored.

    ticks       TICK[n], in arrival order; crossed quotes as INVALID_BOOK, other bad ones removed.
    has_trades  good ones are among the ticks; likewise `has_quotes`.
    rows        in the file.
    ignored     rows of an index, which nothing reads.
    """

    path: Path
    market: int
    ticks: Rows
    clock: Clock
    has_trades: bool
    has_quotes: bool
    rows: int
    ignored: int
    bad: dict[BadTick, int]

    @property
    def good(self) -> int:
        """Ticks that remain, those that only say the book is invalid not counted."""
        return len(self.ticks) - self.bad.get(BadTick.CROSSED, 0)

    @property
    def start_ns(self) -> int:
        """Time of the first tick."""
        return int(self.ticks["event_ns"][0])

    @property
    def end_ns(self) -> int:
        """Time of the last tick."""
        return int(self.ticks["event_ns"][-1])


def read_ticks(path: Path, market: int) -> SourceTicks:
    """Read and check one file. BadInput names it, what was found and what was expected."""
    frame, rows, ignored = _read(path)
    recv = frame["recv_ns"]
    if 0 < recv.null_count() < len(recv):
        raise BadInput(
            f"{path}: recv_ns is empty in {recv.null_count()} of {len(recv)} rows: either all rows "
            "have a receive time or none has; split the file"
        )
    clock = Clock.TS if recv.null_count() else Clock.RECV
    unstamped, columns = frame["ts_ns"].is_null().to_numpy(), _numbers(frame)
    event_ns = _event_ns(path, columns["recv_ns" if clock is Clock.RECV else "ts_ns"])
    np.copyto(columns["ts_ns"], event_ns, where=unstamped)
    columns["flags"] = np.where(unstamped, np.int64(UNSTAMPED), 0)
    columns["event_ns"] = event_ns
    columns["seq"] = frame["seq"].to_numpy().astype(np.int64)
    return _clean(path, market, clock, columns, rows=rows, ignored=ignored)
