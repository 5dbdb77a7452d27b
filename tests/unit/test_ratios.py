"""Risk-adjusted measures agree with quantstats' formulas, computed by hand.

quantstats 0.0.77, stats.py, risk-free rate 0:
  sharpe        mean / std(ddof=1) * sqrt(periods)
  sortino       mean / sqrt(sum(r^2 for r < 0) / n) * sqrt(periods)
  cagr          prod(1 + r) ^ (periods / n) - 1
  max_drawdown  min(prices / running max) - 1, prices = cumprod(1 + r) from 1
  calmar        cagr / |max_drawdown|
"""

import math
from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ledger_trades import DAY_S, a_day_each, traded
from reporting.ratios import (
    Ratio,
    Returns,
    calmar,
    daily_returns,
    growth,
    sharpe,
    sortino,
    worst_fall,
)

# Mean 0.006; deviations 0.004, -0.026, 0.024, -0.016, 0.014: squares sum to 0.00172.
FIVE = Returns((0.01, -0.02, 0.03, -0.01, 0.02), 252)
START = Decimal(1000)


def test_sharpe_is_mean_over_deviation_times_the_root_of_the_year() -> None:
    # 0.006 / sqrt(0.00172 / 4) * sqrt(252) = 0.006 / 0.0207364414 * 15.8745079.
    assert sharpe(FIVE).value == pytest.approx(4.5932205, abs=1e-6)


def test_sortino_counts_all_days_below_the_root() -> None:
    # Losses 0.0004 + 0.0001 over 5 days: 0.006 / 0.01 * sqrt(252).
    assert sortino(FIVE).value == pytest.approx(9.5247047, abs=1e-6)


def test_worst_fall_is_that_of_compound_growth() -> None:
    assert worst_fall(FIVE.values) == pytest.approx(0.02, abs=1e-12)
    # 1.1, 0.99, 1.089, 0.8712: 0.8712 / 1.1 - 1 = -0.208.
    assert worst_fall((0.1, -0.1, 0.1, -0.2)) == pytest.approx(0.208, abs=1e-12)


def test_worst_fall_counts_the_start_as_a_peak() -> None:
    assert worst_fall((-0.25, 0.1)) == pytest.approx(0.25, abs=1e-12)


def test_growth_and_calmar_are_those_of_a_year() -> None:
    # 1.01 * 0.98 * 1.03 * 0.99 * 1.02 = 1.0294898 (rounded), to the power 252 / 5.
    grown = 1.01 * 0.98 * 1.03 * 0.99 * 1.02
    assert growth(FIVE).value == pytest.approx(math.exp(50.4 * math.log(grown)) - 1, rel=1e-12)
    assert growth(FIVE).value == pytest.approx(3.3265, abs=2e-3)
    assert calmar(FIVE).value == pytest.approx(growth(FIVE).value / 0.02, rel=1e-9)


@pytest.mark.parametrize(
    ("ratio", "values", "why"),
    [
        (sharpe, (0.01,), "fewer than 2 days"),
        (sharpe, (0.01, 0.01), "all days have the same return"),
        (sortino, (0.01, 0.02), "no day lost"),
        (calmar, (0.01, 0.02), "no day ended below a peak"),
        (growth, (0.01, -1.0), "nothing was left"),
        (growth, (1e7, 1e7), "too few days to speak of a year"),
        (calmar, (), "fewer than 2 days"),
    ],
)
def test_ratio_that_cannot_be_computed_is_nan_and_says_why(
    ratio: Callable[[Returns], Ratio], values: tuple[float, ...], why: str
) -> None:
    found = ratio(Returns(values, 365))
    assert math.isnan(found.value)
    assert found.missing == why


def test_daily_return_is_net_over_the_equity_the_day_began_with() -> None:
    # 100 on 1000, then -110 on 1100, then 99 on 990.
    found = daily_returns(a_day_each("100", "-110", "99"), START, UTC, 365)
    assert found.values == pytest.approx((0.1, -0.1, 0.1), abs=1e-15)


def test_days_without_a_trade_count_as_zero_from_the_first_entry_on() -> None:
    trades = [traded("10", held_s=2 * DAY_S), traded("10", 4 * DAY_S)]
    found = daily_returns(trades, START, UTC, 365)
    assert found.values == pytest.approx((0, 0, 0.01, 0, 10 / 1010), abs=1e-15)


def test_week_ends_do_not_count_where_all_markets_have_sessions() -> None:
    # Wednesday and the Monday after: 6 days, of which 2 are a week-end.
    trades = [traded("10"), traded("10", 5 * DAY_S)]
    assert len(daily_returns(trades, START, UTC, 365).values) == 6
    assert len(daily_returns(trades, START, UTC, 252).values) == 4


def test_a_day_is_that_of_the_zone() -> None:
    # 12:00 UTC is the same day in London; eleven hours later it is the next one in Tokyo.
    trades = [traded("10"), traded("10", 11 * 3600)]
    assert len(daily_returns(trades, START, UTC, 365).values) == 1
    assert len(daily_returns(trades, START, ZoneInfo("Asia/Tokyo"), 365).values) == 2


def test_no_return_is_told_once_the_equity_is_gone() -> None:
    found = daily_returns(a_day_each("-1000", "5"), START, UTC, 365)
    assert (found.values, sharpe(found).missing) == ((), "equity was not above 0")
