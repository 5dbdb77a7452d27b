"""Builders of tick files and tick arrays, for tests of what reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from domain.units import SECOND_NS
from market.history.parquet import Clock, SourceTicks

START_NS: Final = 1_700_000_000 * SECOND_NS
Row = Mapping[str, object]

SCHEMA: Final = pl.Schema(
    {
        "ts_ns": pl.Int64,
        "recv_ns": pl.Int64,
        "kind": pl.String,
        "price": pl.Float64,
        "size": pl.Float64,
        "side": pl.Int8,
        "bid": pl.Float64,
        "ask": pl.Float64,
        "bid_size": pl.Float64,
        "ask_size": pl.Float64,
        "trade_id": pl.Int64,
    }
)


def at(seconds: float) -> int:
    """A stamp so many seconds after the start."""
    return START_NS + round(seconds * SECOND_NS)


def trade(seconds: float, price: float | None = 100.0, size: float | None = 1.0) -> Row:
    """A trade as a row of a file."""
    return {"ts_ns": at(seconds), "kind": "trade", "price": price, "size": size}


def quote(seconds: float, bid: float | None = 99.0, ask: float | None = 101.0) -> Row:
    """A quote as a row of a file, 5 on each side."""
    row = {"ts_ns": at(seconds), "kind": "quote", "bid": bid, "ask": ask}
    return {**row, "bid_size": 5.0, "ask_size": 5.0}


def received(row: Row, seconds: float) -> Row:
    """The row with a receive time."""
    return {**row, "recv_ns": at(seconds)}


def write(path: Path, rows: Sequence[Row]) -> Path:
    """A file of these rows with every column of the schema."""
    pl.DataFrame(list(rows), schema=SCHEMA).write_parquet(path)
    return path


def ticks(*columns: tuple[float, TickKind, float, float]) -> Rows:
    """TICK rows of (seconds, kind, price or bid, size or ask), no ids."""
    array = np.zeros(len(columns), TICK)
    for name in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        array[name] = np.nan
    for row, (seconds, kind, first, second) in zip(array, columns, strict=True):
        row["ts_ns"] = row["event_ns"] = at(seconds)
        row["kind"] = kind
        names = ("price", "size") if kind is TickKind.TRADE else ("bid", "ask")
        row[names[0]], row[names[1]] = first, second
    array["seq"] = np.arange(len(array))
    return array


def trades(*prices: float) -> Rows:
    """Trades of size 1, a millisecond apart."""
    return ticks(*((0.001 * i, TickKind.TRADE, p, 1.0) for i, p in enumerate(prices)))


def quotes(*sides: tuple[float, float]) -> Rows:
    """Quotes of (bid, ask) without sizes, a millisecond apart."""
    return ticks(*((0.001 * i, TickKind.QUOTE, *each) for i, each in enumerate(sides)))


def source(name: str, market: int, *seconds: float, clock: Clock = Clock.TS) -> SourceTicks:
    """A source of trades at these times, as if read from the file `name`."""
    array = ticks(*((each, TickKind.TRADE, 100.0, 1.0) for each in seconds))
    array["market"] = market
    if clock is Clock.RECV:
        array["recv_ns"] = array["event_ns"]
    return SourceTicks(
        path=Path(name),
        market=market,
        ticks=array,
        clock=clock,
        has_trades=True,
        has_quotes=False,
        rows=len(array),
        ignored=0,
        bad={},
    )
