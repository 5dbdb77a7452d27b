"""What `why` is asked: a market and a moment in words, made exact with the recording's help."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

import msgspec

from agent.replay.outcome import Progress
from agent.replay.recorded_moments import Recorded
from agent.replay.warm_up import warm_up
from agent.replay.why import Asked, why
from config.settings_text import settings_from
from domain.errors import BadUsage
from domain.units import SECOND_NS
from reporting.why_summary import WhySummary

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK: Final = r"(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d)(?:\.(?P<f>\d{1,9}))?)?"
_OF_DAY: Final = re.compile(_CLOCK)
_WHOLE: Final = re.compile(rf"(?P<day>\d{{4}}-\d\d-\d\d)[T ]{_CLOCK}(?P<zone>[Zz]|[+-]\d\d:?\d\d)?")
_NANOSECONDS: Final = re.compile(r"\d{12,19}")
_FORMS: Final = "2024-08-08T23:55:01.5Z, 23:55:01.5, or nanoseconds since 1970"


class WhyRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `time` None: the last moment recorded."""

    market: str
    time: str | None
    recording: Path


def run_why(request: WhyRequest, progress: Progress, tell: Callable[[str], None]) -> WhySummary:
    """Answer one question. Nothing is written anywhere; `tell` hears what is passed over.

    BadUsage where market or time do not mean one thing; BadInput where the recording does not
    reach or cannot be read.
    """
    recorded = Recorded(request.recording)
    for cut in recorded.cut_off:
        tell(cut.words)
    progress("reading", 0, 0)
    warm_up(settings_from(recorded.settings_text, str(request.recording)))
    market = recorded.market(request.market)
    at_ns, assumed = recorded.last_ns, False
    if request.time is not None:
        at_ns, assumed = time_ns(request.time, recorded.last_ns)
    recorded.check(at_ns)
    return why(recorded, Asked(market=market, at_ns=at_ns, assumed_zone=assumed))


def time_ns(text: str, last_ns: int) -> tuple[int, bool]:
    """A moment in nanoseconds UTC, and whether UTC was assumed. A time of day is on the last day.

    BadUsage where the text is no time.
    """
    stated = text.strip()
    if _NANOSECONDS.fullmatch(stated):
        return int(stated), False
    if found := _OF_DAY.fullmatch(stated):
        last = _EPOCH + timedelta(seconds=last_ns // SECOND_NS)
        return _exact(f"{last:%Y-%m-%d}", found, UTC, text), True
    found = _WHOLE.fullmatch(stated)
    if found is None:
        raise BadUsage(f"TIME {text!r} is none that is known here; write it as {_FORMS}")
    return _exact(found["day"], found, _zone(found["zone"]), text), found["zone"] is None


def _exact(day: str, clock: re.Match[str], zone: timezone, text: str) -> int:
    """Nanoseconds of a day and a time of day; the fraction never becomes a double."""
    try:
        date = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=zone)
        whole = date.replace(
            hour=int(clock["h"]), minute=int(clock["m"]), second=int(clock["s"] or 0)
        )
    except ValueError as error:
        raise BadUsage(f"TIME {text!r} does not exist ({error}); write it as {_FORMS}") from error
    seconds = (whole - _EPOCH) // timedelta(seconds=1)
    return seconds * SECOND_NS + int((clock["f"] or "").ljust(9, "0"))


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
