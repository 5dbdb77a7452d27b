"""Sessions and days follow local time, daylight saving included (rule T2)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.zones import zone
from domain.instruments import SessionHours
from domain.units import SECOND_NS
from market.sessions import SessionEdge, day_rolls, session_edges, zone_offsets

WEEK = ("mon", "tue", "wed", "thu", "fri")
SHARES = SessionHours(
    zone="America/New_York", days=WEEK, open="09:30", close="16:00", cut_off="15:45"
)
FUTURES = SessionHours(
    zone="America/Chicago",
    days=("sun", "mon", "tue", "wed", "thu"),
    open="17:00",
    close="16:00",
    cut_off="15:00",
)


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


def edge(at: str, opens: str, cut_off: str, close: str) -> SessionEdge:
    return SessionEdge(ns(at), ns(opens), ns(cut_off), ns(close))


def test_the_first_edge_is_the_session_that_is_open() -> None:
    assert session_edges(SHARES, ns("2013-10-07T15:00"), ns("2013-10-07T16:00")) == [
        edge("2013-10-07T15:00", "2013-10-07T13:30", "2013-10-07T19:45", "2013-10-07T20:00")
    ]


def test_the_first_edge_is_the_next_session_when_none_is_open() -> None:
    (first,) = session_edges(SHARES, ns("2013-10-05T12:00"), ns("2013-10-05T13:00"))
    assert (first.event_ns, first.open_ns) == (ns("2013-10-05T12:00"), ns("2013-10-07T13:30"))


def test_the_next_session_takes_effect_at_the_close() -> None:
    edges = session_edges(SHARES, ns("2013-10-07T15:00"), ns("2013-10-07T20:00"))
    assert [each.event_ns for each in edges] == [ns("2013-10-07T15:00"), ns("2013-10-07T20:00")]
    assert edges[1].open_ns == ns("2013-10-08T13:30")


def test_a_span_that_starts_at_a_close_starts_with_the_next_session() -> None:
    (first,) = session_edges(SHARES, ns("2013-10-07T20:00"), ns("2013-10-07T21:00"))
    assert first.open_ns == ns("2013-10-08T13:30")


def test_hours_move_in_utc_when_daylight_saving_ends() -> None:
    edges = session_edges(SHARES, ns("2013-11-01T15:00"), ns("2013-11-04T15:00"))
    assert [each.open_ns for each in edges] == [ns("2013-11-01T13:30"), ns("2013-11-04T14:30")]


def test_a_session_may_end_on_the_next_day() -> None:
    (first,) = session_edges(FUTURES, ns("2013-10-08T03:00"), ns("2013-10-08T04:00"))
    assert first == edge(
        "2013-10-08T03:00", "2013-10-07T22:00", "2013-10-08T20:00", "2013-10-08T21:00"
    )


def test_the_day_rolls_at_its_hour_in_its_zone() -> None:
    rolls = day_rolls("America/New_York", "17:00", ns("2013-11-01T12:00"), ns("2013-11-04T12:00"))
    assert rolls == [ns("2013-11-01T21:00"), ns("2013-11-02T21:00"), ns("2013-11-03T22:00")]


def test_a_roll_at_the_start_is_past_and_one_at_the_end_counts() -> None:
    assert day_rolls("UTC", "00:00", ns("2024-01-01T00:00"), ns("2024-01-02T00:00")) == [
        ns("2024-01-02T00:00")
    ]


def test_a_span_within_a_day_has_no_roll() -> None:
    assert day_rolls("UTC", "00:00", ns("2024-01-01T00:01"), ns("2024-01-01T23:59")) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2024-03-31", "2024-03-31T01:30"), ("2024-10-27", "2024-10-27T00:30")],
)
def test_a_time_that_is_skipped_or_shown_twice_rolls_once(day: str, expected: str) -> None:
    rolls = day_rolls("Europe/Paris", "02:30", ns(f"{day}T00:00"), ns(f"{day}T12:00"))
    assert rolls == [ns(expected)]


moments = st.integers(ns("2010-01-01T00:00"), ns("2030-01-01T00:00"))


HOUR = 3600 * SECOND_NS


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("America/New_York", -4), ("Asia/Kolkata", 5.5)]
)
def test_the_offset_at_the_start_is_said_first(name: str, hours: float) -> None:
    start = ns("2013-10-07T15:00") + 7
    assert zone_offsets(name, start, start) == [(start, hours * HOUR)]


@pytest.mark.parametrize(
    ("start", "end", "change", "before", "after"),
    [
        ("2024-03-09T00:00", "2024-03-12T00:00", "2024-03-10T07:00", -5, -4),
        ("2024-11-02T00:00", "2024-11-05T00:00", "2024-11-03T06:00", -4, -5),
        ("2024-03-10T06:59:59", "2024-03-10T07:00", "2024-03-10T07:00", -5, -4),
    ],
    ids=["spring", "autumn", "at the end"],
)
def test_each_change_of_the_clock_is_said_at_its_second(
    start: str, end: str, change: str, before: int, after: int
) -> None:
    found = zone_offsets("America/New_York", ns(start), ns(end))
    assert found == [(ns(start), before * HOUR), (ns(change), after * HOUR)]


def test_a_change_right_after_the_span_is_left_out() -> None:
    start, end = ns("2024-03-10T00:00"), ns("2024-03-10T07:00") - 1
    assert zone_offsets("America/New_York", start, end) == [(start, -5 * HOUR)]


def test_a_span_that_starts_with_a_change_has_the_new_offset() -> None:
    start = ns("2024-03-10T07:00")
    assert zone_offsets("America/New_York", start, start + HOUR) == [(start, -4 * HOUR)]


@given(moments, st.integers(0, 400 * 24 * 3600 * SECOND_NS), st.data())
def test_at_every_moment_the_last_offset_is_that_of_the_zone(
    start: int, length: int, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["America/New_York", "Europe/London", "Africa/Casablanca"]))
    moment = start + data.draw(st.integers(0, length))
    offset = [ns_ for at, ns_ in zone_offsets(name, start, start + length) if at <= moment][-1]
    there = datetime.fromtimestamp(moment // SECOND_NS, zone(name)).utcoffset()
    assert there is not None
    assert there.total_seconds() * SECOND_NS == offset


@given(moments, st.integers(0, 60 * 24 * 3600 * SECOND_NS), st.sampled_from([SHARES, FUTURES]))
def test_each_session_takes_over_where_the_one_before_closed(
    start: int, length: int, hours: SessionHours
) -> None:
    edges = session_edges(hours, start, start + length)
    assert edges[0].event_ns == start
    assert [each.event_ns for each in edges[1:]] == [each.close_ns for each in edges[:-1]]
    assert all(each.open_ns < each.cut_off_ns <= each.close_ns for each in edges)
    assert edges[-1].event_ns <= start + length < edges[-1].close_ns
