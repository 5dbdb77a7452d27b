"""Bad candles give reasons, never an exception and never an invented value (docs/smc.md)."""

from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from domain.smc import CandleProblem
from smc_cases import rules
from strategies.smc.checks import Candles, Checked, Series, bars_needed, check_candles
from strategies.smc.detect import detect

SERIES: Final = Series(tick=Decimal("0.1"), seconds=60)
MINUTE: Final = 60 * 10**9


def checked(
    *candles: tuple[float, float, float, float],
    starts: list[int] | None = None,
    volume: list[float] | None = None,
) -> Checked:
    """Candles of a minute, checked; `starts` in minutes."""
    minutes = np.arange(len(candles)) if starts is None else np.array(starts)
    opened, high, low, close = np.array(candles, float).reshape(-1, 4).T
    sizes = None if volume is None else np.array(volume)
    found = Candles(
        start_ns=minutes * MINUTE, open=opened, high=high, low=low, close=close, volume=sizes
    )
    return check_candles(found, SERIES)


GOOD: Final = (10.0, 11.0, 9.0, 10.5)
NAN, INF = float("nan"), float("inf")


def problems(found: Checked) -> list[tuple[str, int, int]]:
    """Problem, count and first row of each reason but that there are few candles."""
    return [
        (each.problem.word, each.count, each.first_row)
        for each in found.reasons
        if each.problem != CandleProblem.TOO_SHORT
    ]


@pytest.mark.parametrize(
    ("candle", "problem"),
    [
        ((10.0, NAN, 9.0, 10.0), "not_finite"),
        ((10.0, INF, 9.0, 10.0), "not_finite"),
        ((10.0, 11.0, 0.0, 10.0), "not_positive"),
        ((10.0, 11.0, -9.0, 10.0), "not_positive"),
        ((10.0, 11.0, 9.03, 10.0), "off_grid"),
        ((1e300, 1e300, 1e300, 1e300), "off_grid"),
        ((10.0, 9.0, 11.0, 10.0), "high_below_low"),
        ((12.0, 11.0, 9.0, 10.0), "outside_range"),
        ((10.0, 11.0, 9.0, 8.0), "outside_range"),
    ],
)
def test_a_candle_that_cannot_be_right_is_left_out(
    candle: tuple[float, float, float, float], problem: str
) -> None:
    found = checked(GOOD, candle, GOOD)
    assert problems(found) == [(problem, 1, 1), ("hole", 1, 2)]
    assert found.rows.tolist() == [0, 2]


def test_prices_are_whole_half_ticks() -> None:
    bar = checked((10.05, 11.0, 9.0, 10.5)).bars[0]
    assert [bar[name] for name in ("open", "high", "low", "close")] == [201, 220, 180, 210]


def test_late_doubled_and_overlapping_candles_are_left_out() -> None:
    found = checked(*[GOOD] * 5, starts=[0, 5, 3, 5, 6])
    assert problems(found) == [("out_of_order", 1, 2), ("duplicate", 1, 3), ("hole", 1, 1)]
    half = Candles(
        start_ns=np.array([0, MINUTE // 2, MINUTE]), open=np.full(3, 10.0), high=np.full(3, 11.0),
        low=np.full(3, 9.0), close=np.full(3, 10.5),
    )  # fmt: skip
    assert problems(check_candles(half, SERIES)) == [("overlapping", 1, 1)]


def test_flat_candles_and_empty_volume_are_used_and_told() -> None:
    found = checked(GOOD, (10.0, 10.0, 10.0, 10.0), volume=[1.0, 0.0])
    assert problems(found) == [("flat", 1, 1), ("zero_volume", 1, 1)]
    assert len(found.bars) == 2


def test_columns_of_unequal_length_give_nothing_but_the_reason() -> None:
    one = np.full(2, 10.0)
    broken = Candles(start_ns=np.array([0, MINUTE]), open=one, high=one, low=one[:1], close=one)
    found = check_candles(broken, SERIES)
    assert problems(found) == [("unequal", 2, 1)]
    assert len(found.bars) == 0


def test_too_few_candles_are_told_with_what_detectors_need() -> None:
    assert [each.text for each in checked(GOOD).reasons] == [
        "too_short: 1, first in row 0: too few candles for every detector; more are needed"
    ]
    assert [bars_needed(rules(swing_length=length)) for length in (5, 20)] == [15, 40]


def test_nothing_gives_nothing() -> None:
    found = checked()
    assert len(detect(found.bars, rules())) == 0
    assert [each.problem for each in found.reasons] == [CandleProblem.TOO_SHORT]


def test_flat_prices_and_little_history_give_no_strength_out_of_nothing() -> None:
    rows = detect(checked(*[(10.0, 10.0, 10.0, 10.0)] * 60).bars, rules())
    assert set(np.unique(rows["kind"]).tolist()) <= {1, 9, 10}  # swings, levels, sessions
    assert np.isnan(rows["strength"]).all()


@given(
    prices=arrays.arrays(np.float64, st.tuples(st.just(4), st.integers(0, 30))),
    seed=st.integers(0, 100),
)
def test_no_candles_at_all_raise(prices: np.ndarray[tuple[int, int]], seed: int) -> None:
    starts = np.random.default_rng(seed).integers(-5, 40, prices.shape[1]) * MINUTE
    opened, high, low, close = prices
    found = check_candles(
        Candles(start_ns=starts, open=opened, high=high, low=low, close=close), SERIES
    )
    detect(found.bars, rules())
    assert len(found.bars) + sum(r.count for r in found.reasons if r.problem < 10) == len(starts)
