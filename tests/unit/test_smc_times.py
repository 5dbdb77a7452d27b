"""Levels of periods and sessions, by the clock of New York (docs/smc.md)."""

from datetime import UTC, datetime

import numpy as np
import pytest

from domain.arrays import Rows
from domain.parameters import SMC_SESSIONS
from domain.smc import LevelPeriod, SmcEvent, SmcKind
from domain.units import SECOND_NS
from market.sessions import zone_offsets
from smc_cases import bars, rules, told
from strategies.smc.detect import detect

HOUR = 3_600
NAMES = [session.name for session in SMC_SESSIONS]


def at(text: str) -> int:
    """Nanoseconds of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND_NS


def hours(start: str, count: int) -> Rows:
    """Candles of an hour with New York's offsets; the n-th has a high of 1,000 + n."""
    found = bars(*[(900, 1_000 + n, 800 - n, 900) for n in range(count)], seconds=HOUR)
    found["start_ns"] += at(start)
    found["known_ns"] += at(start)
    changes = zone_offsets("America/New_York", at(start), int(found["start_ns"][-1]))
    since = np.array([when for when, _ in changes])
    offsets = np.array([offset for _, offset in changes])
    found["offset_ns"] = offsets[np.searchsorted(since, found["start_ns"], side="right") - 1]
    return found


def levels(found: Rows, period: LevelPeriod, **values: float) -> list[tuple[str, int, int]]:
    """Event, known bar and price of the highs of a period."""
    rows = detect(found, rules(HOUR, **values))
    rows = rows[(rows["variant"] == period) & (rows["side"] == 1)]
    return [(each[0], each[3], each[5]) for each in told(rows, SmcKind.LEVEL)]


def sessions(found: Rows, name: str) -> list[tuple[str, str]]:
    """Event of a session, and the time at which it began or was known to end, in UTC."""
    rows = detect(found, rules(HOUR))
    rows = rows[(rows["kind"] == SmcKind.SESSION) & (rows["variant"] == NAMES.index(name))]
    times = np.where(rows["event"] == SmcEvent.ENDED, rows["known_ns"], rows["formed_ns"])
    texts = [str(time)[5:16] for time in times.astype("datetime64[ns]")]
    words = [SmcEvent(int(event)).word for event in rows["event"]]
    return list(zip(words, texts, strict=True))


def test_a_day_is_over_with_its_last_candle_and_its_high_is_broken_later() -> None:
    # Midnight in New York is 05:00 UTC in winter: the first five hours are of a day begun earlier.
    assert levels(hours("2023-01-10 00:00", 30), LevelPeriod.DAY) == [
        ("formed", 28, 1_028),
        ("broken", 29, 1_028),
    ]


def test_the_day_that_history_begins_in_has_no_level_unless_its_start_was_seen() -> None:
    assert levels(hours("2023-01-10 05:00", 24), LevelPeriod.DAY) == [("formed", 23, 1_023)]
    assert levels(hours("2023-01-10 06:00", 24), LevelPeriod.DAY) == []


def test_a_week_is_the_one_before_and_begins_on_monday() -> None:
    # 9 January 2023 was a Monday.
    found = levels(hours("2023-01-09 05:00", 7 * 24 + 1), LevelPeriod.WEEK)
    assert found == [("formed", 7 * 24 - 1, 1_167), ("broken", 7 * 24, 1_167)]


def test_a_day_that_begins_at_17_hours_begins_there() -> None:
    found = levels(hours("2023-01-10 22:00", 24), LevelPeriod.DAY, levels_day_start_hour=17)
    assert found == [("formed", 23, 1_023)]


def test_a_week_of_days_that_begin_at_17_hours_begins_on_sunday() -> None:
    start, count = "2023-01-08 22:00", 5 * 24
    found = np.concatenate([hours(start, count), hours("2023-01-15 22:00", 1)])
    weeks = levels(found, LevelPeriod.WEEK, levels_day_start_hour=17)
    assert weeks[0] == ("formed", count, 1_000 + count - 1)


def test_hours_before_are_those_of_blocks_from_midnight() -> None:
    found = levels(hours("2023-01-10 05:00", 8), LevelPeriod.HOURS)
    assert [each for each in found if each[0] == "formed"] == [
        ("formed", 3, 1_003),
        ("formed", 7, 1_007),
    ]


def test_a_session_keeps_its_hours_in_new_york_when_the_clocks_change() -> None:
    # Clocks went forward in New York on 12 March 2023, in London two weeks later.
    found = sessions(hours("2023-03-10 05:00", 96), "new_york")
    assert found == [
        ("formed", "03-10T12:00"), ("ended", "03-10T22:00"),
        ("formed", "03-11T12:00"), ("ended", "03-11T22:00"),
        ("formed", "03-12T11:00"), ("ended", "03-12T21:00"),
        ("formed", "03-13T11:00"), ("ended", "03-13T21:00"),
    ]  # fmt: skip


def test_a_session_over_midnight_is_one_session() -> None:
    found = sessions(hours("2023-01-10 05:00", 30), "asian")
    assert found == [("formed", "01-11T00:00"), ("ended", "01-11T09:00")]


def test_a_session_is_left_out_when_history_begins_within_it() -> None:
    assert sessions(hours("2023-01-10 13:00", 9), "new_york") == []


def test_high_and_low_of_a_session_are_told_when_it_is_over() -> None:
    rows = detect(hours("2023-01-10 05:00", 24), rules(HOUR))
    rows = rows[(rows["kind"] == SmcKind.SESSION) & (rows["event"] == SmcEvent.ENDED)]
    kill_zone = rows[rows["variant"] == NAMES.index("london_kill_zone")]
    assert [(int(r["low"]), int(r["high"])) for r in kill_zone] == [(796, 1_004)]


@pytest.mark.parametrize("seconds", [2 * HOUR, 24 * HOUR])
def test_candles_that_lie_across_sessions_have_none(seconds: int) -> None:
    found = bars(*[(900, 1_000, 800, 900)] * 40, seconds=seconds)
    assert told(detect(found, rules(seconds)), SmcKind.SESSION) == []
