"""Foreign trades, quotes and candles to ticks in the schema that `replay` reads.

Every row of a file becomes ticks, or is counted by the kind of its fault with the first row that
has it: none is dropped in silence.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from domain.arrays import Floats
from domain.enums import BadTick, TickKind
from domain.errors import BadInput
from domain.units import SECOND_NS
from market.history.bad_ticks import Columns, Ints, classify, kept
from market.history.candle_path import SHORTEST_NS, Candles, good_candles, interval_of, path_ticks
from market.history.foreign_columns import NEEDED, OPTIONAL, Content
from market.history.foreign_plan import Plan
from market.history.foreign_values import numbers, sides, whole_numbers

UNREADABLE: Final = "unreadable"  # no time, or no number where one is needed
BAD_CANDLE: Final = "bad_candle"
REPEATED: Final = "repeated"
SPREAD_BPS: Final = 2.0  # of candles, where nobody says another
OTHER_SYMBOL: Final = "other_symbol"
FAULTS: Final = (UNREADABLE, BAD_CANDLE, REPEATED, *(kind.word for kind in BadTick), OTHER_SYMBOL)
_FLOATS: Final = ("price", "size", "bid", "ask", "bid_size", "ask_size")
_SCHEMA: Final = (
    "ts_ns", "recv_ns", "kind", "price", "size", "side", "bid", "ask", "bid_size", "ask_size",
    "trade_id",
)  # fmt: skip
_PATH: Final = (
    "no data says what came first in a candle: first the extreme against it (the low where it "
    "closed higher), then the other, each gone after 1 ms; see docs/importing.md"
)
_MINUTE_NS: Final = 60 * SECOND_NS


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file's rows.

    counts  rows that are no good ticks, by kind; crossed quotes are kept as such.
    first   the first such row of each kind, the first row of data being 1.
    """

    path: Path
    rows: int
    counts: dict[str, int]
    first: dict[str, int]


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Ticks of all files in their order, in the schema of `market.history.parquet`.

    said  what was assumed and done, one sentence each.
    """

    frame: pl.DataFrame
    files: tuple[Told, ...]
    said: tuple[str, ...]


class _Made:
    """One file's ticks before they are judged; `row` is their row in the file."""

    def __init__(self, plan: Plan) -> None:
        self.path = plan.path
        self.rows = plan.frame.height
        self.counts: dict[str, int] = {}
        self.first: dict[str, int] = {}
        self.said: list[str] = []
        self.frame = pl.DataFrame()

    def fault(self, kind: str, rows: Ints) -> None:
        """Count rows of the file that are no ticks."""
        if len(rows):
            self.counts[kind] = self.counts.get(kind, 0) + len(np.unique(rows))
            self.first[kind] = min(self.first.get(kind, int(rows[0])), int(rows.min()))


def import_ticks(plans: Sequence[Plan]) -> Imported:
    """Make ticks of all files. BadInput where nothing is left, or contents do not go together."""
    if len({plan.content is Content.CANDLES for plan in plans}) > 1:
        raise BadInput("candles and ticks of one market would overlap; import them apart")
    made = [_candles(plan) if plan.content is Content.CANDLES else _ticks(plan) for plan in plans]
    for each in made:
        if each.frame.is_empty():
            counts = ", ".join(f"{count} {kind}" for kind, count in each.counts.items())
            raise BadInput(
                f"{each.path}: none of its {each.rows} rows can be used ({counts}); is each column "
                "what the mapping says?"
            )
    if len({"recv_ns" in each.frame.columns for each in made}) > 1:
        raise BadInput(
            "some of these files have receive times and some have none; import them apart"
        )
    made.sort(key=lambda each: int(each.frame["ts_ns"][0]))
    parts = [each.frame.with_columns(file=pl.lit(n)) for n, each in enumerate(made)]
    frame, said = _in_order(pl.concat(parts, how="diagonal"))
    codes = _judged(frame)
    for kind in BadTick:
        for number, each in enumerate(made):
            own = (codes == kind) & (frame["file"].to_numpy() == number)
            each.fault(kind.word, frame["row"].to_numpy()[own])
    stays = kept(codes)
    if not stays.any():
        raise BadInput(f"{made[0].path}: every row is bad; is each column what the mapping says?")
    columns = [name for name in _SCHEMA if name in frame.columns]
    sentences = [sentence for each in made for sentence in each.said]
    return Imported(
        frame=frame.filter(stays).select(columns),
        files=tuple(
            Told(path=each.path, rows=each.rows, counts=_sorted(each.counts), first=each.first)
            for each in made
        ),
        said=tuple(dict.fromkeys((*sentences, *said))),
    )


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return {kind: counts[kind] for kind in FAULTS if kind in counts}


def _readable(plan: Plan, made: _Made, columns: dict[str, pl.Series]) -> pl.DataFrame:
    """Rows of the chosen symbol whose needed columns hold something, with their numbers."""
    frame = pl.DataFrame(columns).with_row_index("row", offset=1)
    frame = frame.with_columns(pl.col("row").cast(pl.Int64))
    if plan.chosen is not None:
        made.fault(OTHER_SYMBOL, frame.filter(~plan.chosen)["row"].to_numpy())
        frame = frame.filter(plan.chosen)
    needed = [name for name in columns if name in {"ts_ns", "recv_ns", *NEEDED[plan.content]}]
    whole = pl.all_horizontal(pl.col(name).is_not_null() for name in needed)
    made.fault(UNREADABLE, frame.filter(~whole)["row"].to_numpy())
    return frame.filter(whole)


def _ticks(plan: Plan) -> _Made:
    """Trades or quotes, one tick a row."""
    made = _Made(plan)
    columns = {"ts_ns": plan.times.ns.alias("ts_ns")}
    for field in (*NEEDED[plan.content], *OPTIONAL[plan.content]):
        column = plan.column(field)
        if column is not None and field in _FLOATS:
            columns[field] = numbers(column)
    if plan.received is not None:
        columns["recv_ns"] = plan.received.ns
    _add_side(plan, made, columns)
    _add_id(plan, made, columns)
    if plan.times.zone:
        made.said.append(f"times that name no zone are taken to be in {plan.times.zone}")
    kind = "trade" if plan.content is Content.TRADES else "quote"
    made.frame = _readable(plan, made, columns).with_columns(kind=pl.lit(kind))
    return made


def _add_side(plan: Plan, made: _Made, columns: dict[str, pl.Series]) -> None:
    for field in ("side", "buyer_is_maker"):
        column = plan.column(field)
        if column is None:
            continue
        try:
            columns["side"] = sides(column, maker=field != "side")
        except BadInput as error:
            raise BadInput(f"{plan.path}: {error}") from error
        if field == "side":
            made.said.append("side: buy means that the buyer was the aggressor")
    if plan.content is Content.TRADES and "side" not in columns:
        made.said.append("no side is known: nobody is taken to be the aggressor")


def _add_id(plan: Plan, made: _Made, columns: dict[str, pl.Series]) -> None:
    column = plan.column("id")
    if column is None:
        return
    ids = whole_numbers(column)
    ids = ids.set(ids <= 0, None)
    if ids.null_count() == len(ids):
        made.said.append(f"{column.name!r} holds no whole numbers: trades are kept without an id")
        return
    columns["trade_id"] = ids


def _candles(plan: Plan) -> _Made:
    """Six moments a candle (candle_path)."""
    made = _Made(plan)
    columns = {"ts_ns": plan.times.ns.alias("ts_ns")}
    for field in (*NEEDED[Content.CANDLES], "volume"):
        column = plan.column(field)
        if column is not None and field != "time":
            columns[field] = numbers(column)
    frame = _readable(plan, made, columns).sort("ts_ns", maintain_order=True)
    found = _candles_of(frame)
    good = good_candles(found)
    made.fault(BAD_CANDLE, frame["row"].to_numpy()[~good])
    frame = frame.filter(good)
    again = frame["ts_ns"].is_duplicated() & ~frame["ts_ns"].is_first_distinct()
    made.fault(REPEATED, frame.filter(again)["row"].to_numpy())
    frame = frame.filter(~again)
    if frame.is_empty():
        return made
    found = _candles_of(frame)
    interval_ns = interval_of(found.start_ns)
    if interval_ns < SHORTEST_NS:
        raise BadInput(
            f"{plan.path}: its candles are {interval_ns / 1e9:g} s long; expected at least two of "
            "a second or more"
        )
    path = path_ticks(found, interval_ns, _spread_bps(plan))
    rows = frame["row"].to_numpy()[path.candle]
    made.frame = _named(pl.DataFrame(path.columns).with_columns(row=pl.Series(rows)))
    made.said += _said_of_candles(plan, found, interval_ns, f"{path.half_spread * 2:f}")
    return made


def _spread_bps(plan: Plan) -> float:
    stated = plan.choices.spread_bps
    return SPREAD_BPS if stated is None else stated


def _candles_of(frame: pl.DataFrame) -> Candles:
    volume = frame["volume"].fill_null(0.0).to_numpy() if "volume" in frame.columns else None
    prices = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close")}
    return Candles(start_ns=frame["ts_ns"].to_numpy(), volume=volume, **prices)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    trade = pl.col("kind") == int(TickKind.TRADE)
    return frame.with_columns(kind=pl.when(trade).then(pl.lit("trade")).otherwise(pl.lit("quote")))


def _said_of_candles(plan: Plan, found: Candles, interval_ns: int, spread: str) -> list[str]:
    length = f"{interval_ns / SECOND_NS:g} s"
    said = []
    if interval_ns > _MINUTE_NS:
        said.append(
            f"WARNING {plan.path}: its candles are {length} long: what came when within them is "
            "made up for that long; take one-minute candles if there are any"
        )
    if plan.times.zone:
        said.append(f"times that name no zone are taken to be in {plan.times.zone}")
    said += [
        f"the time of a candle is its start, and each is {length} long",
        _PATH,
        f"a spread of {_spread_bps(plan):g} bp of the open, usually {spread}",
    ]
    if found.volume is None or not np.any(found.volume > 0):
        said.append("no volume is known: candles become quotes alone")
    else:
        said.append("a candle's volume is split over six trades, of which no side is known")
    return said


def _in_order(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """By the receiver's clock where there is one, else by the exchange's; as it was where equal."""
    clock = "recv_ns" if "recv_ns" in frame.columns else "ts_ns"
    steps = frame[clock].diff().drop_nulls()
    behind = int((steps < 0).sum())
    if not behind:
        return frame, []
    if not (steps > 0).any():
        return frame.reverse(), ["rows came newest first and were turned round"]
    told = f"{behind:,} rows lay behind the one before them and were sorted by {clock}"
    return frame.sort(clock, maintain_order=True), [told]


def _judged(frame: pl.DataFrame) -> Ints:
    """For each row the number of its `BadTick`, 0 where it is good."""
    trade = (frame["kind"] == "trade").to_numpy()
    empty = np.full(frame.height, np.nan)

    def floats(name: str) -> Floats:
        if name not in frame.columns:
            return empty
        return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

    ids = np.zeros(frame.height, np.int64)
    if "trade_id" in frame.columns:
        ids = frame["trade_id"].fill_null(0).to_numpy()
    return classify(
        Columns(
            kind=np.where(trade, np.int64(TickKind.TRADE), np.int64(TickKind.QUOTE)),
            ts_ns=np.ascontiguousarray(frame["ts_ns"].to_numpy()),
            flags=np.zeros(frame.height, np.int64),
            trade_id=ids,
            **{name: floats(name) for name in _FLOATS},
        )
    )
