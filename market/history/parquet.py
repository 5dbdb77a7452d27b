"""Parquet files of ticks to a TICK array, bad ticks removed and counted.

Columns: `ts_ns` (exchange time) and `kind` ("trade", "quote", or "index", which is ignored);
`price` and `size` where there are trades; `bid` and `ask` where there are quotes. Optional:
`recv_ns` (receiver's clock), `side`, `bid_size`, `ask_size`, `trade_id`. Others are not looked at.
A reference's file may hold nothing but an index, which nobody trades or quotes: each of its rows is
read as a quote whose bid and ask are the `price`, because a trade would need a size.

Either every row has `recv_ns`, and that is the clock, or none has and `ts_ns` is.
"""

import math
from collections.abc import Mapping
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
    LATE_NS,
    UNSTAMPED,
    Columns,
    Floats,
    Ints,
    classify,
    counts,
    kept,
    replaced,
)

_TRADE: Final = ("price", "size")
_QUOTE: Final = ("bid", "ask")
_BOOK: Final = (*_QUOTE, "bid_size", "ask_size")
_FLOATS: Final = (*_TRADE, *_BOOK)
_INTEGERS: Final = ("ts_ns", "recv_ns", "side", "trade_id")
_INDEX: Final = "index"
_KINDS: Final = ("trade", "quote", _INDEX)
_IGNORED_CODE: Final = 0  # rows of an index
_BLOCK: Final = 16_384  # rows written at once: every field of a row while it is in the cache
# Stamps outside 1980 to 2200 are in another unit: as seconds to microseconds they mean 1970.
EARLIEST_NS: Final = 315_532_800 * SECOND_NS
LATEST_NS: Final = 7_258_118_400 * SECOND_NS


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
    is_index    its rows are an index, read as quotes whose bid and ask are the price.
    first_bad   row of the first bad one of each kind.
    behind      ticks more than 1 s behind an earlier one by the clock, which stands still there.
    first_behind  row of the first of them.
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
    first_bad: dict[BadTick, int] = {}
    behind: int = 0
    first_behind: int = 0
    is_index: bool = False

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


def read_ticks(path: Path, market: int, *, of_reference: bool = False) -> SourceTicks:
    """Read and check one file. BadInput names it, what was found and what was expected.

    of_reference  the file may hold an index alone.
    """
    whole, is_index = _read(path, of_reference=of_reference)
    frame = whole.filter(pl.col("kind") != _IGNORED_CODE)
    if frame.is_empty():
        raise BadInput(f"{path}: holds no trade and no quote ({whole.height} rows); expected some")
    without = frame["recv_ns"].null_count()
    if 0 < without < frame.height:
        raise BadInput(
            f"{path}: recv_ns is empty in {without} of {frame.height} rows; expected a receive "
            "time in every row or in none: split the file"
        )
    clock = Clock.TS if without else Clock.RECV
    ints, floats = _columns(frame)
    judged, codes = _judged(ints, floats)
    bad, stays = counts(codes), kept(codes)
    if not stays.any():
        raise BadInput(f"{path}: every tick is bad ({_listed(bad)}); expected good ones")
    columns = {**ints, **floats, **replaced(judged, codes)}
    if not stays.all():
        columns = {name: column[stays] for name, column in columns.items()}
    behind = _set_time(path, clock, columns)
    columns["market"] = np.full(len(columns["seq"]), market)
    ticks = _rows(columns)
    kinds = ticks["kind"]
    return SourceTicks(
        path=path,
        market=market,
        ticks=ticks,
        clock=clock,
        has_trades=bool((kinds == TickKind.TRADE).any()),
        has_quotes=bool((kinds == TickKind.QUOTE).any()),
        rows=whole.height,
        ignored=whole.height - frame.height,
        bad=bad,
        first_bad={kind: int(ints["seq"][int(np.argmax(codes == kind))]) for kind in bad},
        behind=len(behind),
        first_behind=int(ticks["seq"][behind[0]]) if len(behind) else 0,
        is_index=is_index,
    )


def _read(path: Path, *, of_reference: bool) -> tuple[pl.DataFrame, bool]:
    """The file with all our columns, `kind` as a number, and `seq`, the row in the file.

    Says as well whether it is an index that was taken for quotes.
    """
    if not path.exists():
        raise BadInput(f"{path}: there is no such file")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; expected a Parquet file")
    try:
        with path.open("rb") as file:  # a path would be taken for a pattern where it holds [ or *
            schema = pl.read_parquet_schema(file)
        _check_schema(path, schema)
        present: list[str] = [n for n in ("kind", *_INTEGERS, *_FLOATS) if n in schema]
        raw = pl.read_parquet(path, columns=present, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{path}: cannot be read as Parquet ({found}); is it cut short?") from error
    kinds = raw["kind"].cast(pl.String)
    _check_kinds(path, kinds)
    is_index = of_reference and bool((kinds == _INDEX).all())
    if is_index:
        raw, kinds = _as_quotes(path, raw), pl.repeat(TickKind.QUOTE.word, raw.height, eager=True)
        schema = raw.schema
    code = (
        pl.when(pl.col("kind") == "trade")
        .then(int(TickKind.TRADE))
        .when(pl.col("kind") == "quote")
        .then(int(TickKind.QUOTE))
        .otherwise(_IGNORED_CODE)
        .cast(pl.Int64)
    )
    frame = raw.with_columns(kind=kinds).with_columns(kind=code).with_row_index("seq")
    _check_filled(path, frame)
    absent = pl.lit(None)
    numbered = frame.with_columns(
        *(_number(path, raw, name, pl.Int64) for name in _INTEGERS if name in schema),
        *(_number(path, raw, name, pl.Float64) for name in _FLOATS if name in schema),
        *(absent.cast(pl.Int64).alias(name) for name in _INTEGERS if name not in schema),
        *(absent.cast(pl.Float64).alias(name) for name in _FLOATS if name not in schema),
    )
    return numbered, is_index


def _as_quotes(path: Path, raw: pl.DataFrame) -> pl.DataFrame:
    """An index without sizes and trades: its price on both sides of the book."""
    if "price" not in raw.columns:
        raise BadInput(f"{path}: holds an index and has no column price; expected price")
    stamps = [name for name in ("ts_ns", "recv_ns") if name in raw.columns]
    return raw.select("kind", *stamps, *(pl.col("price").alias(side) for side in _QUOTE))


def _number(path: Path, raw: pl.DataFrame, name: str, kind: type[pl.DataType]) -> pl.Series:
    column = raw[name]
    try:
        return column.cast(kind)
    except pl.exceptions.PolarsError as error:
        lost = column.filter(column.is_not_null() & column.cast(kind, strict=False).is_null())
        raise BadInput(
            f"{path}: {name} holds {lost[0]}; expected what fits into {kind.__name__}"
        ) from error


def _check_schema(path: Path, schema: Mapping[str, pl.DataType]) -> None:
    found = ", ".join(schema) or "none"
    for name in ("ts_ns", "kind"):
        if name not in schema:
            raise BadInput(f"{path}: has no column {name}; expected a file of ticks, found {found}")
    if schema["kind"] not in {pl.String, pl.Categorical, pl.Enum}:
        raise BadInput(f"{path}: kind is {schema['kind']}; expected text: trade, quote or index")
    for name in (*_INTEGERS, *_FLOATS):
        kind = schema.get(name, pl.Null())
        whole = name in _INTEGERS
        if kind != pl.Null and not (kind.is_integer() if whole else kind.is_numeric()):
            expected = "whole numbers" if whole else "numbers"
            raise BadInput(f"{path}: {name} is {kind}; expected {expected}")


def _check_kinds(path: Path, kinds: pl.Series) -> None:
    if kinds.is_empty():
        raise BadInput(f"{path}: is empty; expected at least one tick")
    strange = [kind for kind in kinds.unique().sort() if kind not in _KINDS]
    if strange:
        raise BadInput(f"{path}: kind {strange[0]!r} is unknown; expected {', '.join(_KINDS)}")


def _check_filled(path: Path, frame: pl.DataFrame) -> None:
    """What a kind needs must be a column, and an aggressor's side must be one."""
    for kind, needed in ((TickKind.TRADE, _TRADE), (TickKind.QUOTE, _QUOTE)):
        missing = [name for name in needed if name not in frame.columns]
        if missing and (frame["kind"] == kind).any():
            raise BadInput(
                f"{path}: holds a {kind.word} and has no column {missing[0]}; "
                f"expected {' and '.join(needed)}"
            )
    if "side" in frame.columns and frame["side"].null_count() < frame.height:
        strange = frame["side"].drop_nulls().unique().sort().to_list()
        strange = [side for side in strange if side not in {-1, 0, 1}]
        if strange:
            raise BadInput(
                f"{path}: side is {strange[0]}; expected 1 (the buyer was the aggressor), "
                "-1 (the seller), 0 or nothing"
            )


def _columns(frame: pl.DataFrame) -> tuple[dict[str, Ints], dict[str, Floats]]:
    """Contiguous columns: what is absent is 0 or NaN, and no kind fills what is another's."""
    trade, quote = pl.col("kind") == int(TickKind.TRADE), pl.col("kind") == int(TickKind.QUOTE)
    ints = frame.select(
        "kind",
        pl.col("seq").cast(pl.Int64),
        pl.col("ts_ns").is_null().cast(pl.Int64).alias("flags") * UNSTAMPED,
        pl.col("ts_ns", "recv_ns").fill_null(0),
        *(pl.when(trade).then(pl.col(name)).fill_null(0) for name in ("side", "trade_id")),
    )
    floats = frame.select(
        *(pl.when(trade).then(pl.col(name)).fill_null(math.nan) for name in _TRADE),
        *(pl.when(quote).then(pl.col(name)).fill_null(math.nan) for name in _BOOK),
    )
    return (
        {name: ints[name].to_numpy() for name in ints.columns},
        {name: floats[name].to_numpy() for name in floats.columns},
    )


def _check_unit(path: Path, clock: Clock, event_ns: Ints) -> None:
    first, last = int(event_ns[0]), int(event_ns[-1])
    if not EARLIEST_NS <= first <= last < LATEST_NS:
        found = f"{first} to {last}" if first else "nothing in the first row"
        raise BadInput(
            f"{path}: {clock.word}_ns holds {found}; expected nanoseconds since 1970, UTC"
        )


def _judged(ints: dict[str, Ints], floats: dict[str, Floats]) -> tuple[Columns, Ints]:
    """What is judged, and for each row its `BadTick` or 0."""
    judged = Columns(
        kind=ints["kind"],
        ts_ns=ints["ts_ns"],
        flags=ints["flags"],
        trade_id=ints["trade_id"],
        **floats,
    )
    return judged, classify(judged)


def _set_time(path: Path, clock: Clock, columns: dict[str, Ints | Floats]) -> Ints:
    """Set `event_ns`, and `ts_ns` where it is absent, of rows that stay: others move no time.

    Returns the positions at which the clock lies more than a second behind.
    """
    unstamped = columns["flags"] != 0
    own = columns["ts_ns" if clock is Clock.TS else "recv_ns"]
    event_ns = np.maximum.accumulate(own).astype(np.int64, copy=False)
    _check_unit(path, clock, event_ns)
    columns["event_ns"] = event_ns
    columns["ts_ns"] = np.where(unstamped, event_ns, columns["ts_ns"])
    behind = own < event_ns - LATE_NS
    return np.flatnonzero(behind & ~unstamped if clock is Clock.TS else behind)


def _rows(columns: Mapping[str, Ints | Floats]) -> Rows:
    """TICK rows."""
    ticks = np.zeros(len(columns["seq"]), TICK)
    for start in range(0, len(ticks), _BLOCK):
        rows = slice(start, start + _BLOCK)
        block = ticks[rows]
        for name, column in columns.items():
            block[name] = column[rows]
    return ticks


def _listed(bad: dict[BadTick, int]) -> str:
    return ", ".join(f"{count} {kind.word}" for kind, count in bad.items())
