"""Funding rates: Parquet files to stamps, bad rows dropped and counted (V1).

Columns: `ts_ms` (when it was paid, milliseconds since 1970, UTC) and `funding_rate` (longs pay it
of the notional, shorts receive it). Optional: `mark_price`. Others are not looked at.

Recorded stamps wobble by some milliseconds around the hour and are kept as they are. They are the
venue's time, also in a replay whose ticks are timed by a receiver's clock: that may lie a second
or so beside it, and nothing in the data says by how much at that moment. A position that was
opened or closed within that second of a stamp can be on its wrong side.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from config.zones import minutes
from domain.enums import Word
from domain.errors import BadInput
from domain.instruments import FundingTerms
from domain.units import SECOND_NS
from market.history.parquet import EARLIEST_NS, LATEST_NS

_MS_NS: Final = 1_000_000
_HOUR_NS: Final = 3600 * SECOND_NS
_SAME_NS: Final = 60 * SECOND_NS  # stamps that are no further apart are one payment
_MOST_RATE: Final = 0.1  # of the notional at one stamp; venues cap theirs far below


class BadRate(Word):
    """Why a row of a funding file pays nothing."""

    NON_FINITE = 1
    ABSURD = 2
    UNSORTED = 3
    DUPLICATE = 4


class Stamp(msgspec.Struct, frozen=True):
    """One payment; the mark is a price, None where it is not known."""

    at_ns: int
    rate: Decimal
    mark: Decimal | None = None


class FundingRates(msgspec.Struct, frozen=True, kw_only=True):
    """One file's stamps, ascending. rows = stamps + sum of bad."""

    path: Path
    stamps: tuple[Stamp, ...]
    rows: int
    bad: dict[BadRate, int]


def read_funding(path: Path) -> FundingRates:
    """Read and check one file. BadInput names it, what was found and what was expected.

    Dropped and counted, tested in this order: a rate that is missing, NaN or infinite; one of more
    than a tenth of the notional; a stamp before an earlier row's; a second one within a minute of
    the last one that stays. A rate is the decimal that its double is written as.
    """
    stamps: list[Stamp] = []
    bad: dict[BadRate, int] = {}
    rows = _read(path).rows()
    for at_ms, rate, mark in rows:
        at_ns = at_ms * _MS_NS
        last_ns = stamps[-1].at_ns if stamps else 0
        wrong = _wrong(at_ns, rate, last_ns)
        if wrong is None:
            known = mark is not None and isfinite(mark) and mark > 0
            stamps.append(Stamp(at_ns, Decimal(repr(rate)), Decimal(repr(mark)) if known else None))
        else:
            bad[wrong] = bad.get(wrong, 0) + 1
    if not stamps:
        raise BadInput(f"{path}: holds no good funding rate ({len(rows)} rows); expected some")
    return FundingRates(path=path, stamps=tuple(stamps), rows=len(rows), bad=bad)


def joined(files: Iterable[FundingRates]) -> tuple[Stamp, ...]:
    """The stamps of one market's files in order. Of a payment that two of them hold one counts."""
    found: list[Stamp] = []
    for stamp in sorted((s for file in files for s in file.stamps), key=lambda s: s.at_ns):
        if not found or stamp.at_ns - found[-1].at_ns > _SAME_NS:
            found.append(stamp)
    return tuple(found)


def assumed_stamps(terms: FundingTerms, start_ns: int, end_ns: int) -> Iterator[Stamp]:
    """The stamps that lie in a span by an instrument's terms, both ends included."""
    step = terms.interval_hours * _HOUR_NS
    anchor = minutes(terms.stamp) * 60 * SECOND_NS % step
    first = start_ns + (anchor - start_ns) % step
    for at_ns in range(first, end_ns + 1, step):
        yield Stamp(at_ns, terms.assumed_rate)


def unpaid(terms: FundingTerms, recorded: Iterable[Stamp], start_ns: int, end_ns: int) -> int:
    """How many stamps are due in a span by the terms and have no recorded one within a minute."""
    minutes_held = {near for stamp in recorded for near in _near(stamp.at_ns)}
    due = assumed_stamps(terms, start_ns, end_ns)
    return sum(stamp.at_ns // _SAME_NS not in minutes_held for stamp in due)


def _near(at_ns: int) -> tuple[int, int]:
    """The minutes that a stamp may belong to: stamps by terms are whole minutes."""
    return at_ns // _SAME_NS, -(-at_ns // _SAME_NS)


def _wrong(at_ns: int, rate: float | None, last_ns: int) -> BadRate | None:
    if rate is None or not isfinite(rate):
        return BadRate.NON_FINITE
    if abs(rate) > _MOST_RATE:
        return BadRate.ABSURD
    if at_ns < last_ns:
        return BadRate.UNSORTED
    return BadRate.DUPLICATE if at_ns - last_ns <= _SAME_NS else None


def _read(path: Path) -> pl.DataFrame:
    """Columns ts_ms, funding_rate and mark_price, in the file's order."""
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file")
    try:
        with path.open("rb") as file:  # a path would be taken for a pattern where it holds [ or *
            raw = pl.read_parquet(file)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"{path}: cannot be read as Parquet ({found}); is it cut short?") from error
    for name, whole in (("ts_ms", True), ("funding_rate", False), ("mark_price", False)):
        if name not in raw.columns:
            if name == "mark_price":
                continue
            found = ", ".join(raw.columns) or "none"
            raise BadInput(
                f"{path}: has no column {name}; expected a file of funding rates, found {found}"
            )
        kind = raw.schema[name]
        if kind != pl.Null and not (kind.is_integer() if whole else kind.is_numeric()):
            expected = "whole numbers" if whole else "numbers"
            raise BadInput(f"{path}: {name} is {kind}; expected {expected}")
    mark = pl.col("mark_price") if "mark_price" in raw.columns else pl.lit(None)
    frame = raw.select(
        pl.col("ts_ms").cast(pl.Int64),
        pl.col("funding_rate").cast(pl.Float64),
        mark.cast(pl.Float64).alias("mark_price"),
    )
    _check_stamps(path, frame["ts_ms"])
    return frame


def _check_stamps(path: Path, stamps: pl.Series) -> None:
    if stamps.null_count():
        raise BadInput(f"{path}: ts_ms is empty in {stamps.null_count()} rows; expected a time")
    for at_ms in (stamps.min(), stamps.max()):
        if isinstance(at_ms, int) and not EARLIEST_NS <= at_ms * _MS_NS < LATEST_NS:
            raise BadInput(f"{path}: ts_ms holds {at_ms}; expected milliseconds since 1970, UTC")
