"""Texts and numbers of foreign files to nanoseconds, doubles and sides; what is none becomes null.

Times are exact: seconds with a fraction are never a double on the way, where the file holds text.
"""

from typing import Final

import msgspec
import polars as pl

from config.zones import zone as zone_of
from domain.enums import Word
from domain.errors import BadInput, BadUsage
from domain.units import SECOND_NS
from market.history.parquet import EARLIEST_NS, LATEST_NS

_ISO: Final = (
    r"^(\d{4})[-./]?(\d{2})[-./]?(\d{2})"
    r"(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9})\d*)?)?)?"
    r"\s*(Z|z|UTC|GMT|(?:GMT|UTC)?[+-]\d{2}:?\d{2})?$"
)
_DAY_FIRST: Final = (
    r"^(\d{2})\.(\d{2})\.(\d{4})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?)?"
    r"\s*(Z|z|UTC|GMT|(?:GMT|UTC)?[+-]\d{2}:?\d{2})?$"
)
_NUMBER: Final = r"^([+-]?)(\d+)(?:\.(\d{1,9})\d*)?$"
_SLASHES: Final = r"^\d{1,2}/\d{1,2}/\d{2,4}"


class TimeUnit(Word):
    """What a number of time counts since 1970, UTC; or a text with a date."""

    SECONDS = 9
    MILLISECONDS = 6
    MICROSECONDS = 3
    NANOSECONDS = 0
    TEXT = -1

    @property
    def ns(self) -> int:
        """Nanoseconds of one."""
        return int(10 ** int(self))


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Nanoseconds since 1970, UTC, null where the file holds no time; and how they were read.

    zone  that texts without one were taken to be in; "" where none was needed.
    """

    ns: pl.Series
    unit: TimeUnit
    zone: str = ""


def times(column: pl.Series, zone: str | None) -> Times:
    """A column of times. BadInput where it holds none, BadUsage where texts can mean two things.

    zone  of texts that name none; None takes UTC.
    """
    if isinstance(column.dtype, pl.Datetime):
        return _of_datetimes(column, zone)
    if column.dtype == pl.Date:
        return _of_datetimes(column.cast(pl.Datetime("ns")), zone)
    if column.dtype.is_numeric():
        return _of_numbers(column)
    texts = column.cast(pl.String).str.strip_chars()
    groups = texts.str.extract_groups(_NUMBER).struct
    if groups.field("2").null_count() < 0.5 * len(texts) and not _dates(texts):
        return _of_number_texts(groups)
    return _of_texts(texts, zone)


def _dates(texts: pl.Series) -> bool:
    """Eight digits such as 20240131 are a day, and no number of seconds worth looking at."""
    first = texts.drop_nulls().head(100)
    return bool(len(first)) and bool(first.str.contains(r"^(19|20)\d{6}$").all())


def _of_datetimes(column: pl.Series, zone: str | None) -> Times:
    dtype = column.dtype
    assert isinstance(dtype, pl.Datetime)
    if dtype.time_zone is not None:
        return Times(ns=_epoch(column.dt.convert_time_zone("UTC")), unit=TimeUnit.TEXT)
    return Times(ns=_in_zone(column, zone), unit=TimeUnit.TEXT, zone=zone or "UTC")


def _of_numbers(column: pl.Series) -> Times:
    unit = _unit(column.cast(pl.Float64))
    if column.dtype.is_integer():
        return Times(ns=_scaled(column.cast(pl.Int64), unit), unit=unit)
    whole = column.cast(pl.Float64)
    whole = whole.set(~whole.is_finite(), None)
    # A double of today's seconds holds about 0.2 us: more digits than that were never in it.
    micro = (whole * (unit.ns / 1_000)).round()
    inside = (micro > EARLIEST_NS / 1_000) & (micro < LATEST_NS / 1_000)
    return Times(ns=micro.set(~inside, None).cast(pl.Int64) * 1_000, unit=unit)


def _of_number_texts(groups: "pl.series.struct.StructNameSpace") -> Times:
    whole = groups.field("2").cast(pl.Int64, strict=False)
    whole = whole.set(groups.field("1") == "-", None)
    unit = _unit(whole.cast(pl.Float64))
    digits = int(unit)
    ns = _scaled(whole, unit)
    if digits:
        rest = groups.field("3").fill_null("").str.pad_end(digits, "0").str.slice(0, digits)
        ns += rest.cast(pl.Int64, strict=False)
    return Times(ns=ns, unit=unit)


def _scaled(whole: pl.Series, unit: TimeUnit) -> pl.Series:
    inside = (whole >= EARLIEST_NS // unit.ns) & (whole < LATEST_NS // unit.ns)
    return whole.set(~inside, None) * unit.ns


def _unit(numbers: pl.Series) -> TimeUnit:
    """The unit in which the middle one lies between 1980 and 2200: the four do not overlap."""
    middle = numbers.filter(numbers.is_finite()).median()
    assert middle is None or isinstance(middle, float)
    for unit in (TimeUnit.SECONDS, TimeUnit.MILLISECONDS, TimeUnit.MICROSECONDS):
        if middle is not None and EARLIEST_NS <= middle * unit.ns < LATEST_NS:
            return unit
    if middle is not None and EARLIEST_NS <= middle < LATEST_NS:
        return TimeUnit.NANOSECONDS
    raise BadInput(
        f"times such as {middle} are none between 1980 and 2200, in seconds, milliseconds, "
        "microseconds or nanoseconds; is this the column of times?"
    )


def _of_texts(texts: pl.Series, zone: str | None) -> Times:
    if texts.drop_nulls().head(1_000).str.contains(_SLASHES).any():
        example = texts.filter(texts.str.contains(_SLASHES))[0]
        raise BadUsage(
            f"{example!r} can be two days, as nobody says whether the month comes first; write "
            "times as 2024-01-31 08:00:00"
        )
    iso, day_first = (texts.str.extract_groups(each).struct for each in (_ISO, _DAY_FIRST))
    year, day = iso.field("1"), iso.field("3")
    month = iso.field("2")
    other = year.is_null()
    parts = [
        mine.zip_with(~other, theirs)
        for mine, theirs in (
            (year, day_first.field("3")),
            (month, day_first.field("2")),
            (day, day_first.field("1")),
            *((iso.field(str(n)), day_first.field(str(n))) for n in range(4, 9)),
        )
    ]
    date = parts[0] + "-" + parts[1] + "-" + parts[2]
    moment = (date + "T" + _clock(parts)).str.to_datetime(
        "%Y-%m-%dT%H:%M:%S", strict=False, time_unit="ns"
    )
    fraction = parts[6].fill_null("").str.pad_end(9, "0").cast(pl.Int64)
    named = parts[7]
    offset = _offset_ns(named)
    without = named.is_null() & moment.is_not_null()
    local = _in_zone(moment, zone)
    ns = (_epoch(moment) - offset).zip_with(~without, local) + fraction
    if ns.null_count() == len(ns):
        example = texts.drop_nulls()[0] if texts.null_count() < len(texts) else ""
        raise BadInput(
            f"{example!r} is no time that is known here; write it as 2024-01-31 08:00:00, or as a "
            "number since 1970"
        )
    inside = (ns >= EARLIEST_NS) & (ns < LATEST_NS)
    used = (zone or "UTC") if without.any() else ""
    return Times(ns=ns.set(~inside, None), unit=TimeUnit.TEXT, zone=used)


def _clock(parts: list[pl.Series]) -> pl.Series:
    hour, minute, second = (part.fill_null("00") for part in parts[3:6])
    return hour + ":" + minute + ":" + second


def _offset_ns(named: pl.Series) -> pl.Series:
    """Of `+02:00` and the like; 0 of Z, UTC and GMT."""
    groups = named.str.extract_groups(r"([+-])(\d{2}):?(\d{2})$").struct
    minutes = groups.field("2").cast(pl.Int64) * 60 + groups.field("3").cast(pl.Int64)
    signed = minutes.zip_with(groups.field("1").fill_null("+") == "+", -minutes)
    return signed.fill_null(0) * 60 * SECOND_NS


def _in_zone(moment: pl.Series, zone: str | None) -> pl.Series:
    """Local times to nanoseconds; those that a change of clocks skipped or doubled are null."""
    if zone is None or zone == "UTC":
        return _epoch(moment)
    try:
        zone_of(zone)
    except ValueError as error:
        raise BadUsage(f"--zone {zone}: {error}") from error
    placed = moment.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    return _epoch(placed.dt.convert_time_zone("UTC"))


def _epoch(moment: pl.Series) -> pl.Series:
    return moment.dt.epoch("ns")


def numbers(column: pl.Series) -> pl.Series:
    """Doubles; null where the file holds no number, NaN and infinity where it says so."""
    if column.dtype == pl.String:
        return column.str.strip_chars().cast(pl.Float64, strict=False)
    return column.cast(pl.Float64, strict=False)


def whole_numbers(column: pl.Series) -> pl.Series:
    """Integers; null where the file holds none."""
    if column.dtype == pl.String:
        return column.str.strip_chars().cast(pl.Int64, strict=False)
    return column.cast(pl.Int64, strict=False)


_BUYS: Final = ("buy", "b", "bid", "long", "1", "+1", "true")
_SELLS: Final = ("sell", "s", "ask", "short", "-1", "false")
_NOBODY: Final = ("", "0", "unknown", "none", "null", "nan", "na", "-")


def sides(column: pl.Series, *, maker: bool) -> pl.Series:
    """1 where the buyer was the aggressor, -1 the seller, 0 nobody knows. BadInput for other words.

    maker  the column says whether the buyer was the maker: then the seller was the aggressor.
    """
    words = column.cast(pl.String).str.strip_chars().str.to_lowercase().fill_null("")
    sells = (*_SELLS, "0") if maker else _SELLS
    nobody = tuple(word for word in _NOBODY if word not in sells)
    strange = words.filter(~words.is_in([*_BUYS, *sells, *nobody]))
    if len(strange):
        raise BadInput(
            f"side {strange[0]!r} is not known; expected buy or sell, 1 or -1, true or false"
        )
    bought, sold = (1, -1) if not maker else (-1, 1)
    return (
        words.is_in(_BUYS).cast(pl.Int8) * bought + words.is_in(sells).cast(pl.Int8) * sold
    ).cast(pl.Int8)
