"""Ticks of a recording to Parquet files that `replay` reads: one for each market and segment.

What the schema cannot hold is left out and counted: rows of kind CLOCK. A crossed quote lies in a
recording without its numbers; it is written as one that is crossed, and so read as what it was.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from db.recording.reader import Segment
from domain.arrays import Floats, Rows
from domain.enums import Origin, TickKind
from domain.errors import BadInput
from domain.events import Event, MarketSet, market_name
from domain.rows.tick import REFERENCE_SLOT, TICK
from market.history.bad_ticks import UNSTAMPED

_WHOLE: Final = ("event_ns", "ts_ns", "recv_ns", "kind", "side", "trade_id", "flags")
_PARTS: Final = ("price", "size", "bid", "ask", "bid_size", "ask_size")
_BY_HAND: Final = market_name("", Origin.MANUAL)
_SLOTS: Final = {1: "-leg", REFERENCE_SLOT: "-reference"}


class Exported(msgspec.Struct, frozen=True):
    """A file that was written; left_out counts its market's rows that no file can hold."""

    path: Path
    ticks: int
    left_out: int


def export_ticks(segments: Sequence[Segment], folder: Path) -> list[Exported]:
    """Write `MARKET-SEGMENT.parquet` files into a folder, in memory one segment at a time.

    A second leg and a reference get files of their own, `MARKET-leg-...`, `MARKET-reference-...`.
    BadInput and Corrupt as reading raises them, or where a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [written for segment in segments for written in _export(segment, folder)]
    except OSError as error:
        raise BadInput(
            f"{folder}: cannot be written to ({error.strerror}); expected a folder with room"
        ) from error


def _export(segment: Segment, folder: Path) -> list[Exported]:
    names = {row: name for row, name in enumerate(segment.header.markets) if name}
    runs: list[Rows] = [np.zeros(0, TICK)]
    for _, found in segment.inputs():
        if isinstance(found, MarketSet):
            names.setdefault(found.market, found.name)
        elif not isinstance(found, Event):
            runs.append(found)
    ticks = np.concatenate(runs)
    # Markets by hand have the ticks of their instrument again.
    by_hand = [row for row, name in names.items() if name.endswith(_BY_HAND)]
    ticks = ticks[~np.isin(ticks["market"], by_hand)]
    written: list[Exported] = []
    for market, slot in _pairs(ticks):
        own = ticks[(ticks["market"] == market) & (ticks["slot"] == slot)]
        kept = own[own["kind"] != TickKind.CLOCK]
        if len(kept):
            name = f"{names.get(market, f'market-{market}')}{_SLOTS.get(slot, '')}"
            path = folder / f"{name.replace('/', '-')}-{segment.name}.parquet"
            _frame(kept).write_parquet(path)
            written.append(Exported(path, len(kept), len(own) - len(kept)))
    return written


def _pairs(ticks: Rows) -> Iterator[tuple[int, int]]:
    """Market and slot of each series of ticks, in order."""
    for market in np.unique(ticks["market"]):
        for slot in np.unique(ticks["slot"][ticks["market"] == market]):
            yield int(market), int(slot)


def _frame(ticks: Rows) -> pl.DataFrame:
    """The ticks in the schema of `market.history.parquet`; what a row does not fill is null."""
    columns: dict[str, npt.NDArray[np.generic]] = {name: ticks[name] for name in _WHOLE}
    columns |= {name: ticks[name].copy() for name in _PARTS}
    crossed = np.flatnonzero(ticks["kind"] == TickKind.INVALID_BOOK)
    level = _levels(ticks)[crossed]
    columns["bid"][crossed], columns["ask"][crossed] = level * 1.0001, level * 0.9999
    trade = pl.col("kind") == int(TickKind.TRADE)
    return pl.DataFrame(columns).select(
        pl.when(pl.col("flags") & UNSTAMPED == 0).then("ts_ns").alias("ts_ns"),
        pl.col("recv_ns").replace(0, None),
        pl.when(trade).then(pl.lit("trade")).otherwise(pl.lit("quote")).alias("kind"),
        pl.when(trade).then(pl.col("side").cast(pl.Int8)).alias("side"),
        pl.col("trade_id").replace(0, None),
        "event_ns",
        *(pl.col(name).fill_nan(None) for name in _PARTS),
    )


def _levels(ticks: Rows) -> Floats:
    """For each tick the last price or mid that was known, else the first one, else 1.

    A crossed quote far from it would be taken for an absurd one.
    """
    level = np.where(ticks["kind"] == TickKind.TRADE, ticks["price"], 0.0)
    level = np.where(ticks["kind"] == TickKind.QUOTE, ticks["bid"] / 2 + ticks["ask"] / 2, level)
    known = np.flatnonzero(np.isfinite(level) & (level > 0))
    if not len(known):
        return np.ones(len(ticks))
    before = np.searchsorted(known, np.arange(len(ticks)), side="right") - 1
    found: Floats = level[known[np.maximum(before, 0)]]
    return found
