"""Sessions, days of the account and offsets of a zone, as events in a span of time (T2, C9).

Hours are local times of a zone; daylight saving moves them in UTC. A session that closes at or
before the time it opens ends on the next day.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from config.zones import minutes, zone
from domain.instruments import SessionHours
from domain.units import SECOND_NS

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = timedelta(days=1)
_LOOK_S: Final = 6 * 3600  # no zone has changed its clock twice in so short a time
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SessionEdge(msgspec.Struct, frozen=True):
    """From `event_ns` on this session counts: the one that is open or opens next."""

    event_ns: int
    open_ns: int
    cut_off_ns: int
    close_ns: int


def session_edges(hours: SessionHours, start_ns: int, end_ns: int) -> list[SessionEdge]:
    """The session that counts at `start_ns`, and each later one from the close before it.

    The first takes effect at `start_ns`; edges after `end_ns` are left out. An edge at a close
    belongs to the next session.
    """
    edges: list[SessionEdge] = []
    effective_ns = start_ns
    for opens, cut_off, close in _sessions(hours, start_ns):
        if close <= start_ns:
            continue
        if effective_ns > end_ns:
            break
        edges.append(SessionEdge(effective_ns, opens, cut_off, close))
        effective_ns = close
    return edges


def day_rolls(zone_name: str, day_roll: str, start_ns: int, end_ns: int) -> list[int]:
    """Times after `start_ns` and not after `end_ns` at which the account's day rolls, in order."""
    where, roll = zone(zone_name), minutes(day_roll)
    rolls = (_ns(day, roll, where) for day in _days_from(start_ns, where))
    return [at for at in takewhile(lambda at: at <= end_ns, rolls) if at > start_ns]


def zone_offsets(zone_name: str, start_ns: int, end_ns: int) -> list[tuple[int, int]]:
    """What to add to UTC (C9) as (from when, ns): at `start_ns`, and at each change until `end_ns`.

    A change takes effect at the first nanosecond of the new offset.
    """
    where = zone(zone_name)
    last_s, at_s = end_ns // SECOND_NS, start_ns // SECOND_NS
    offset = _offset_s(at_s, where)
    found = [(start_ns, offset * SECOND_NS)]
    while at_s < last_s:
        next_s = min(at_s + _LOOK_S, last_s)
        later = _offset_s(next_s, where)
        if later != offset:
            found.append((_change_s(at_s, next_s, where) * SECOND_NS, later * SECOND_NS))
        at_s, offset = next_s, later
    return found


def _change_s(before: int, after: int, where: ZoneInfo) -> int:
    """The first second of the offset that holds at `after` and not yet at `before`."""
    old = _offset_s(before, where)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_s(middle, where) == old:
            before = middle
        else:
            after = middle
    return after


def _offset_s(at_s: int, where: ZoneInfo) -> int:
    there = (_EPOCH + timedelta(seconds=at_s)).astimezone(where).utcoffset()
    assert there is not None
    return there.days * 24 * 3600 + there.seconds


def _sessions(hours: SessionHours, start_ns: int) -> Iterator[tuple[int, int, int]]:
    """Open, cut-off and close of every session from the day before `start_ns` on, for ever."""
    where, opens = zone(hours.zone), minutes(hours.open)
    cut_off, close = (
        later if later > opens else later + 24 * 60
        for later in (minutes(hours.cut_off), minutes(hours.close))
    )
    for day in _days_from(start_ns, where):
        if _DAYS[day.weekday()] in hours.days:
            yield (_ns(day, opens, where), _ns(day, cut_off, where), _ns(day, close, where))


def _days_from(start_ns: int, where: ZoneInfo) -> Iterator[date]:
    """Local days, from the one before `start_ns` on."""
    start = _EPOCH + timedelta(seconds=start_ns // SECOND_NS)
    day = start.astimezone(where).date() - _DAY
    while True:
        yield day
        day += _DAY


def _ns(day: date, minute: int, where: ZoneInfo) -> int:
    """A local time in UTC; `minute` may lie in the next day.

    A time that the clock skips is as long after midnight as it says; one that it shows twice is
    the first of the two.
    """
    day += _DAY * (minute // (24 * 60))
    clock = time(minute // 60 % 24, minute % 60, tzinfo=where)
    since = datetime.combine(day, clock).astimezone(UTC) - _EPOCH
    return (since.days * 24 * 3600 + since.seconds) * SECOND_NS
