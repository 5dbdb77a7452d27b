"""Candles become ticks by the stated path: nothing beyond it, and extremes are hard to gain by."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enums import TickKind
from market.history.candle_path import Candles, PathTicks, good_candles, interval_of, path_ticks

MINUTE = 60 * 10**9
MS = 10**6
Row = tuple[float, float, float, float]


def candles(*rows: Row, volume: list[float] | None = None) -> Candles:
    opened, high, low, close = np.array(rows, np.float64).T
    start = np.arange(len(rows), dtype=np.int64) * MINUTE
    held = None if volume is None else np.array(volume)
    return Candles(start_ns=start, open=opened, high=high, low=low, close=close, volume=held)


def mids(path: PathTicks) -> list[float]:
    quotes = path.columns["kind"] == TickKind.QUOTE
    found: list[float] = ((path.columns["bid"] + path.columns["ask"])[quotes] / 2).tolist()
    return found


@pytest.mark.parametrize(
    ("candle", "way"),
    [
        ((100, 104, 98, 103), [100, 98, 100, 104, 103, 103]),
        ((103, 104, 98, 100), [103, 104, 103, 98, 100, 100]),
        ((100, 105, 99, 100), [100, 105, 100, 99, 100, 100]),
        ((100, 101, 95, 100), [100, 95, 100, 101, 100, 100]),
        ((100, 102, 98, 100), [100, 98, 100, 102, 100, 100]),
    ],
)
def test_the_extreme_against_the_candle_comes_first(candle: Row, way: list[float]) -> None:
    assert mids(path_ticks(candles(candle), MINUTE, 2.0)) == way


def test_an_extreme_is_gone_a_millisecond_later_and_the_candle_ends_within_its_time() -> None:
    at = path_ticks(candles((100, 104, 98, 103)), MINUTE, 2.0).columns["ts_ns"]
    assert at.tolist() == [0, 20_000 * MS, 20_001 * MS, 40_000 * MS, 40_001 * MS, 59_999 * MS]


def test_the_spread_is_as_asked_rounded_up_and_never_less_than_two_steps() -> None:
    wide = path_ticks(candles((100.5, 104, 98, 103)), MINUTE, 50.0)
    assert (wide.columns["bid"][0], wide.columns["ask"][0]) == (100.2, 100.8)
    narrow = path_ticks(candles((100.5, 104, 98, 103)), MINUTE, 0.0)
    assert (narrow.columns["bid"][0], narrow.columns["ask"][0]) == (100.4, 100.6)
    assert narrow.half_spread == Decimal("0.1")


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=20), st.integers(0, 3))
def test_the_parts_of_a_volume_add_up_to_it_and_none_is_zero(units: list[int], places: int) -> None:
    volume = [each / 10**places for each in units]
    path = path_ticks(candles(*[(10, 11, 9, 10)] * len(units), volume=volume), MINUTE, 2.0)
    traded = path.columns["kind"] == TickKind.TRADE
    sums = np.bincount(path.candle[traded], path.columns["size"][traded], minlength=len(units))
    assert np.allclose(sums, volume, rtol=1e-12)
    assert np.all(path.columns["size"][traded] > 0)
    assert traded.sum() == 6 * sum(each > 0 for each in units)


prices = st.integers(50, 150).map(float)


@given(st.lists(st.tuples(prices, prices, prices, prices), min_size=1, max_size=20))
def test_a_path_holds_each_candle_and_goes_nowhere_else(
    rows: list[tuple[float, float, float, float]],
) -> None:
    whole = [(row[0], max(row), min(row), row[1]) for row in rows]
    path = path_ticks(candles(*whole, volume=[6.0] * len(whole)), MINUTE, 2.0)
    traded = path.columns["kind"] == TickKind.TRADE
    for number, (opened, high, low, close) in enumerate(whole):
        price = path.columns["price"][traded & (path.candle == number)]
        assert (price[0], price.max(), price.min(), price[-1]) == (opened, high, low, close)
    assert np.all(np.diff(path.columns["ts_ns"]) >= 0)


def test_rows_that_can_be_no_candle_are_found() -> None:
    bad = [(1, 2, 3, 1), (1, 2, 0.5, 2.5), (0, 1, 0, 1), (1, np.nan, 1, 1), (5, 6, 5.5, 6)]
    found = good_candles(candles((1, 2, 0.5, 1.5), *bad))
    assert found.tolist() == [True, *[False] * 5]
    assert good_candles(candles((1, 2, 1, 2), volume=[-1.0])).tolist() == [False]


def test_the_interval_is_the_usual_one_whatever_is_missing() -> None:
    assert interval_of(np.array([0, 60, 120, 300, 360])) == 60
    assert interval_of(np.array([7])) == 0
