"""Simulated ticks and funding in the columns of the files that `replay` reads."""

from collections.abc import Iterable

import polars as pl

from domain.arrays import Rows
from domain.enums import TickKind
from domain.events import Funding

_COLUMNS = ("price", "size", "bid", "ask", "bid_size", "ask_size")
_MS_NS = 1_000_000


def tick_frame(rows: Rows) -> pl.DataFrame:
    """Columns as `market.history.parquet` reads them; what says that a book is invalid is left out.

    rows  of one market. A file has no word for an invalid book: there it follows from crossed ones.
    """
    told = rows[rows["kind"] != TickKind.INVALID_BOOK]
    frame = pl.DataFrame(
        {name: told[name] for name in ("ts_ns", "recv_ns", "kind", "side", "trade_id", *_COLUMNS)}
    )
    kind = pl.when(pl.col("kind") == int(TickKind.TRADE)).then(pl.lit("trade"))
    return frame.with_columns(
        kind.otherwise(pl.lit("quote")).alias("kind"),
        pl.col("side").cast(pl.Int8),
        pl.col(*_COLUMNS).fill_nan(None),
    )


def funding_frame(stamps: Iterable[Funding]) -> pl.DataFrame:
    """Columns as `market.history.funding` reads them; of one market."""
    found = list(stamps)
    return pl.DataFrame(
        {
            "ts_ms": [stamp.event_ns // _MS_NS for stamp in found],
            "funding_rate": [float(stamp.rate) for stamp in found],
        },
        schema={"ts_ms": pl.Int64, "funding_rate": pl.Float64},
    )
