"""Numbers as people read them: money, prices, quantities, spans and rates.

What these functions shorten is shortened for the eye only; exact numbers are in the JSON.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from domain.units import SECOND_NS

_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
_MOST_PLACES: Final = 8
_PRICE_DIGITS: Final = 8


def places_of(value: Decimal) -> int:
    """Decimals that money of this size is shown with: 2, and below 1 three significant digits.

    Never more than 8.
    """
    if value == 0:
        return 2
    wanted = 2 - value.adjusted()  # three significant digits
    return 2 if abs(_rounded(value, min(max(wanted, 2), 8))) >= 1 else min(wanted, _MOST_PLACES)


def amount(value: Decimal, *, signed: bool = False, places: int | None = None) -> str:
    """Money with thousands separators, as `1,234.50` or `0.0421`; `signed` shows a plus as well."""
    rounded = _rounded(value, places_of(value) if places is None else places)
    if rounded == 0:
        return f"{abs(rounded):,f}"
    return f"{rounded:+,f}" if signed else f"{rounded:,f}"


def amounts(values: Iterable[Decimal], *, signed: bool = False) -> list[str]:
    """A column of money: all with as many decimals as the one that needs most."""
    column = list(values)
    places = max((places_of(value) for value in column), default=2)
    return [amount(value, signed=signed, places=places) for value in column]


def price(value: Decimal) -> str:
    """A price or quantity as it is, or to eight significant digits where an average has more."""
    digits = len(value.as_tuple().digits)
    if digits > _PRICE_DIGITS and value != 0:
        value = _rounded(value, max(0, _PRICE_DIGITS - 1 - value.adjusted()))
    return f"{value:,f}"


def share(part: int, whole: int) -> str:
    """A part in per cent, as `14.0 %`; a little is `<0.1 %`, never none, and so at the top."""
    if whole == 0:
        return "-"
    rounded = round(1000 * part / whole)
    if rounded == 0 and part:
        return "<0.1 %"
    if rounded == 1000 and part < whole:
        return ">99.9 %"
    return f"{rounded / 10:.1f} %"


def counted(count: int, noun: str) -> str:
    """A count of things, as `1 trade` or `1,200 trades`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def span(seconds: float) -> str:
    """A length of time, as `0.85s`, `12.3s`, `1m05s`, `2h05m` or `3d04h`."""
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    minutes = whole // 60
    if minutes < 24 * 60:
        return f"{minutes // 60}h{minutes % 60:02}m"
    return f"{minutes // 1440}d{minutes // 60 % 24:02}h"


def rate(per_second: float) -> str:
    """A count a second, as `950`, `812,345` or `7.72 million`."""
    if per_second < 999_999.5:
        return f"{per_second:,.0f}"
    return f"{per_second / 1e6:,.2f} million"


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_WIDE)


def utc(when_ns: int) -> str:
    """A moment in UTC, as `2024-08-08 23:54:16`."""
    return f"{datetime.fromtimestamp(when_ns // SECOND_NS, UTC):%Y-%m-%d %H:%M:%S}"


def utc_exact(when_ns: int) -> str:
    """A moment in UTC to the nanosecond, as commands take it: `2024-08-08T23:54:16.00000025Z`."""
    fraction = f".{when_ns % SECOND_NS:09}".rstrip("0").rstrip(".")
    return f"{utc(when_ns).replace(' ', 'T')}{fraction}Z"
