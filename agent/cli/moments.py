"""Moments and words as options give them, refused in this program's own words."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import typer

from domain.enums import Word
from domain.units import SECOND_NS, TsNs

W = TypeVar("W", bound=Word)

_DAY_NS: Final = 86_400 * SECOND_NS
_SPAN: Final = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIX: Final = (
    "write a time as 2026-11-24T15:30 (UTC unless it says otherwise), a date, today, or how long "
    "ago: 90s, 30m, 24h, 7d"
)


def moment(text: str) -> TsNs:
    """When an option says, against the time of now; usage error for what is no time."""
    return moment_at(text, time.time_ns())


def moment_at(text: str, now_ns: int) -> TsNs:
    """As `moment`; a date is its first moment in UTC."""
    if text == "today":
        return TsNs(now_ns - now_ns % _DAY_NS)
    if span := _SPAN.fullmatch(text):
        return TsNs(now_ns - int(span.group(1)) * _UNITS[span.group(2)] * SECOND_NS)
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time; {_FIX}") from error
    zoned = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    # Whole microseconds: a float of seconds would lose the last digits.
    since_ns = (zoned - _EPOCH) // timedelta(microseconds=1) * 1_000
    if not 0 <= since_ns < 2**63:
        raise typer.BadParameter(f"{text!r} is not between 1970 and 2262; {_FIX}")
    return TsNs(since_ns)


def one_of(kind: type[W]) -> Callable[[str | W], W]:
    """A reader of the words of a closed set; usage error lists them."""

    def read(text: str | W) -> W:
        if isinstance(text, kind):
            return text  # typer gives the default to the reader as well
        for member in kind:
            if member.word == str(text).lower():
                return member
        known = ", ".join(member.word for member in kind)
        raise typer.BadParameter(f"{text!r} is not known; give one of {known}")

    return read
