"""Measures of trades agree with values computed by hand."""

import math
from decimal import Decimal

import msgspec
import pytest

from domain.enums import Side
from domain.units import Money
from ledger_trades import NOON_NS, equity, traded
from reporting.trade_measures import (
    equity_drawdown,
    excursions,
    exposure,
    group,
    groups,
    holds,
    outcomes,
    trade_drawdown,
)

SECOND = 10**9
# Nets 3, -1, -2, 0, 5: winners 8 in 2, losers -3 in 2.
TRADES = [traded(net, at_s) for at_s, net in enumerate(("3", "-1", "-2", "0", "5"))]


def test_win_rate_counts_only_what_is_above_zero_and_has_wilsons_interval() -> None:
    found = outcomes(TRADES)
    assert found.win_rate == 0.4
    # Middle 3.920729 / 8.841459, half 1.959964 / 8.841459 * sqrt(1.2 + 0.960365).
    assert (found.win_rate_low, found.win_rate_high) == pytest.approx((0.11762, 0.76928), abs=1e-5)


def test_profit_factor_payoff_and_means_are_those_of_winners_and_losers() -> None:
    found = outcomes(TRADES)
    assert found.profit_factor == pytest.approx(8 / 3)
    assert (found.mean_win, found.mean_loss) == (4.0, -1.5)
    assert found.payoff == pytest.approx(4 / 1.5)
    assert (found.best, found.worst) == (Decimal(5), Decimal(-2))


def test_profit_factor_is_infinite_without_a_loser_and_nan_without_either() -> None:
    assert outcomes([traded("1")]).profit_factor == math.inf
    assert math.isnan(outcomes([traded("0")]).profit_factor)
    assert outcomes([traded("-1")]).profit_factor == 0


def test_expectancy_is_the_mean_net_with_students_interval() -> None:
    # Mean 1, squares 4 + 4 + 9 + 1 + 16 = 34, s = sqrt(8.5), half 2.7764451 * 1.3038405.
    found = group("all", TRADES)
    assert found.mean == 1.0
    assert (found.mean_low, found.mean_high) == pytest.approx((-2.620041, 4.620041), abs=1e-5)


def test_sums_of_money_lose_no_digit() -> None:
    found = group("all", [traded("100000000", fees=Money(Decimal("0.1"))), traded("1E-30")])
    assert found.money.net == Decimal("100000000.000000000000000000000000000001")
    assert found.money.fees == Decimal("0.1")


def test_groups_are_sorted_and_hold_every_trade_once() -> None:
    trades = [*TRADES, traded("7", side=Side.SHORT)]
    found = groups(trades, lambda trade: trade.side.word)
    assert [(each.name, each.trades, each.money.net) for each in found] == [
        ("long", 5, Decimal(5)),
        ("short", 1, Decimal(7)),
    ]


def test_hold_times_are_seconds_from_entry_to_exit() -> None:
    trades = [traded("1", held_s=held) for held in (1.5, 2, 8.5, 100)]
    assert msgspec.structs.astuple(holds(trades)) == (1.5, 5.25, 28.0, 100.0)


def test_excursions_are_told_by_how_trades_ended() -> None:
    trades = [
        traded("2", mae=Money(Decimal(-1)), mfe=Money(Decimal(4))),
        traded("-2", mae=Money(Decimal(-3)), mfe=Money(Decimal(1))),
    ]
    found = excursions(trades)
    assert (found.mae_mean, found.mae_of_winners, found.mae_of_losers) == (-2.0, -1.0, -3.0)
    assert (found.mfe_mean, found.mfe_of_winners, found.mfe_of_losers) == (2.5, 4.0, 1.0)
    assert (found.mae_worst, found.mfe_best) == (Decimal(-3), Decimal(4))


def test_exposure_counts_time_with_two_positions_once() -> None:
    # 0 to 10, 5 to 15 and 30 to 40 of 100 seconds; what lies outside does not count.
    trades = [traded("1", at_s) for at_s in (30, 0, 5, 95)]
    assert exposure(trades, NOON_NS, NOON_NS + 100 * SECOND) == pytest.approx(0.3)


def test_exposure_of_no_time_is_nan() -> None:
    assert math.isnan(exposure([], 5, 5))


def test_drawdown_of_trades_goes_by_their_ends_from_the_start_on() -> None:
    # 1000, 1010, 980, 985, 970, 1100 in the order of exits: 40 below 1010.
    nets = [("10", 0), ("-15", 30), ("5", 20), ("-30", 10), ("130", 40)]
    found = trade_drawdown([traded(net, at_s) for net, at_s in nets], Decimal(1000))
    assert found.amount == 40
    assert found.share == pytest.approx(40 / 1010)


def test_drawdown_without_a_known_start_has_no_share() -> None:
    found = trade_drawdown([traded("-3"), traded("-4", 20)], None)
    assert found.amount == 7
    assert math.isnan(found.share)


def test_drawdown_of_equity_is_that_of_the_rows() -> None:
    found = equity_drawdown([equity(each) for each in ("100", "120", "90", "130", "110")])
    assert (found.amount, found.share) == (Decimal(30), 0.25)


def test_no_trade_at_all_has_no_measure() -> None:
    found = [outcomes([]).win_rate, group("all", []).mean, holds([]).median_s]
    assert all(math.isnan(each) for each in (*found, excursions([]).mae_mean))
    assert outcomes([]).best is None
