"""Times, numbers and sides of foreign files are exact, or nothing."""

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput, BadUsage
from market.history.foreign_values import TimeUnit, numbers, sides, times

NS = 1_700_000_000_123_456_789


def read(*texts: str, zone: str | None = None) -> list[int | None]:
    return times(pl.Series(texts, dtype=pl.String), zone).ns.to_list()


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1700000000", 1_700_000_000 * 10**9),
        ("1700000000.1234", 1_700_000_000_123_400_000),
        ("1700000000.123456789", NS),
        ("1700000000123", 1_700_000_000_123_000_000),
        ("1700000000123456", 1_700_000_000_123_456_000),
        ("1700000000123456789", NS),
        ("2023-11-14T22:13:20.123456789Z", NS),
        ("2023-11-14 22:13:20.123456789+00:00", NS),
        ("2023-11-15T00:13:20.123456789+02:00", NS),
        ("2023-11-14 17:13:20-0500", NS - NS % 10**9),
        ("14.11.2023 22:13:20.123", NS - NS % 10**6),
        ("15.11.2023 00:13:20.123 GMT+0200", NS - NS % 10**6),
        ("20231114 221320", NS - NS % 10**9),
        ("2023.11.14 22:13", 1_699_999_980 * 10**9),
        ("2023-11-14", 1_699_920_000 * 10**9),
        ("20231114", 1_699_920_000 * 10**9),
    ],
)
def test_times_are_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert read(text) == [ns]


@given(st.integers(315_532_800 * 10**9, 7_258_118_399 * 10**9), st.sampled_from(list(TimeUnit)[:4]))
def test_numbers_of_time_come_back_whatever_their_unit(ns: int, unit: TimeUnit) -> None:
    cut = ns - ns % unit.ns
    found = times(pl.Series([cut // unit.ns]), None)
    assert (found.ns[0], found.unit) == (cut, unit)


def test_doubles_of_seconds_are_read_to_the_microsecond() -> None:
    assert times(pl.Series([1_700_000_000.123457]), None).ns[0] == 1_700_000_000_123_457_000


def test_dates_and_times_of_parquet_are_taken_as_they_are() -> None:
    moment = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    column = pl.Series([moment]).dt.convert_time_zone("Asia/Tokyo")
    assert times(column, None).ns.to_list() == [1_700_000_000 * 10**9]


def test_texts_without_a_zone_are_in_the_zone_stated_and_what_no_clock_shows_is_null() -> None:
    asked = ("2024-03-10 01:30:00", "2024-03-10 02:30:00", "2024-11-03 01:30:00")
    found = read(*asked, zone="America/New_York")
    assert found == [1_710_052_200 * 10**9, None, None]
    assert times(pl.Series(asked), None).zone == "UTC"
    with pytest.raises(BadUsage, match="--zone Mars"):
        read(*asked, zone="Mars")


def test_single_texts_that_are_no_time_are_null_and_nothing_but_such_is_refused() -> None:
    assert read("1700000000", "soon", "12", "", "-1700000000") == [NS - NS % 10**9, *[None] * 4]
    assert read("2024-13-01", "2024-01-01")[0] is None
    with pytest.raises(BadInput, match="'soon' is no time that is known here"):
        read("soon", "later")
    with pytest.raises(BadInput, match="are none between 1980 and 2200"):
        read("12", "13")


def test_a_date_whose_month_could_be_its_day_is_refused() -> None:
    with pytest.raises(BadUsage, match="'01/02/2024 10:00' can be two days"):
        read("01/02/2024 10:00")


def test_a_number_that_is_none_is_null_and_never_zero() -> None:
    texts = pl.Series(["1.50", " 2 ", "1,000", "", "x", None, "1e-8"])
    assert numbers(texts).to_list() == [1.5, 2.0, None, None, None, None, 1e-8]


def test_the_aggressor_is_the_opposite_of_who_was_the_maker() -> None:
    words = pl.Series(["Buy", "SELL", "1", "-1", "", None])
    assert sides(words, maker=False).to_list() == [1, -1, 1, -1, 0, 0]
    assert sides(pl.Series(["true", "False", "1", "0", ""]), maker=True).to_list() == [
        -1, 1, -1, 1, 0]  # fmt: skip
    assert sides(pl.Series([True, False]), maker=True).to_list() == [-1, 1]
    with pytest.raises(BadInput, match="side 'left' is not known"):
        sides(pl.Series(["left"]), maker=False)
