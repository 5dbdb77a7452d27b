"""Money of inverse contracts (Q4) and funding (V1), by numbers worked out by hand."""

from decimal import Decimal
from typing import Final

import msgspec
import pytest

from domain.enums import Contract, ExitReason, Side
from domain.errors import BadConfig, Fatal
from domain.instruments import Fees, MarginTerms
from domain.portfolio import Portfolio
from trading_cases import COIN, entry, fill, leave

D = Decimal

# 100 USD a contract; at 60,000 USD a coin it is worth 100 USD of the account.
PERP: Final = msgspec.structs.replace(
    COIN,
    name="PERP",
    settle="BTC",
    contract=Contract.INVERSE,
    multiplier=D(100),
    lot=D(1),
    fees=Fees(maker=D("0.0002"), taker=D("0.0005")),
)
RATE: Final = D(60_000)
MARGIN: Final = MarginTerms(leverage=D(5), liquidation_fee=D("0.01"), schedules=())
FIFTY, SIXTY, SEVENTY, NINETY = 500_000, 600_000, 700_000, 900_000  # thousands of USD, in ticks


@pytest.fixture
def portfolio() -> Portfolio:
    made = Portfolio(D(1_000))
    made.add_market(0, "PERP", PERP, RATE)
    made.add_market(1, "COIN", COIN, D(1))
    return made


def test_the_value_of_an_inverse_contract_is_its_worth_at_one_tick() -> None:
    assert PERP.tick_value(RATE) == D(100) * RATE / D("0.1")


def test_a_long_gains_what_the_coin_costs_less(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), FIFTY, 10))
    change = portfolio.fold(fill(leave(), SIXTY, 10))
    assert change.realised_change == D(200) - D("0.5")  # 10 x (120 - 100), less the exit's fee
    assert change.closed is not None
    assert (change.closed.fees, change.closed.net) == (D("1.1"), D("198.9"))
    assert change.closed.entry_notional == D(1_200)


def test_a_short_loses_what_a_long_gains(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(side=Side.SHORT), FIFTY, 10))
    change = portfolio.fold(fill(leave(side=Side.SHORT), SIXTY, 10))
    assert change.realised_change == D(-200) - D("0.5")


def test_open_contracts_are_marked_by_what_they_are_worth(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), FIFTY, 10))
    assert portfolio.unrealised({0: SIXTY}) == D(200)
    assert portfolio.equity({0: SIXTY}) == D(1_000) + D(200) - D("0.6")


def test_a_trade_splits_its_net_into_what_the_rules_name(portfolio: Portfolio) -> None:
    # Worths of a contract: mid 120, far side of the spread 96, fill 100; then all at 120.
    order = entry(mid_half=2 * FIFTY, spread=250_000)
    portfolio.fold(fill(order, SIXTY, 10))
    trade = portfolio.fold(fill(leave(mid_half=2 * FIFTY, spread=0), FIFTY, 10)).closed
    assert trade is not None
    assert (trade.gross, trade.spread_cost, trade.slippage) == (D(0), D(240), D(-40))
    assert trade.net == D(-200) - D("1.1")


def test_the_core_is_told_what_open_contracts_cost_in_micro_units(portfolio: Portfolio) -> None:
    assert portfolio.fold(fill(entry(), FIFTY, 1)).worth == 120e6
    assert portfolio.fold(fill(entry(), SEVENTY, 1)).worth == 205714285.71428571
    assert portfolio.fold(fill(leave(), SIXTY, 2)).worth == 0.0


def test_a_linear_contract_has_no_such_cost(portfolio: Portfolio) -> None:
    assert portfolio.fold(fill(entry(market=1), FIFTY, 1)).worth == 0.0


def test_a_partial_exit_takes_its_share_of_the_worth_rounded_to_18_decimals(
    portfolio: Portfolio,
) -> None:
    portfolio.fold(fill(entry(), SEVENTY, 1))
    portfolio.fold(fill(entry(), FIFTY, 2))
    change = portfolio.fold(fill(leave(), SIXTY, 1))
    assert change.realised_change == D("8.571428571428571429") - D("0.05")
    assert change.cost == SEVENTY + 2 * FIFTY - 566_666
    last = portfolio.fold(fill(leave(), SIXTY, 2))
    assert last.realised_change == D("17.142857142857142857") - D("0.1")


@pytest.mark.parametrize(
    ("prices", "realised"),
    [
        ((SEVENTY, SEVENTY, FIFTY), "-2.857142857142857143"),  # 97.142857142857142857|33
        ((SEVENTY, NINETY), "-23.809523809523809524"),  # 76.190476190476190476|5: to the even one
    ],
)
def test_a_share_is_rounded_to_the_nearest_half_to_even(
    portfolio: Portfolio, prices: tuple[int, ...], realised: str
) -> None:
    for price in prices:
        portfolio.fold(fill(entry(), price, 1))
    change = portfolio.fold(fill(leave(), SIXTY, 1))
    assert change.realised_change == D(realised) - D("0.05")


def test_the_average_of_inverse_contracts_is_the_harmonic_one(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), FIFTY, 1))
    portfolio.fold(fill(entry(), 750_000, 1))
    trade = portfolio.fold(fill(leave(), 617_123, 2)).closed
    assert trade is not None
    assert (str(trade.entry_price), str(trade.exit_price)) == ("60000", "61712.3")


@pytest.mark.parametrize(("mid_half", "spread"), [(0, 0), (3, 3)])
def test_an_order_decided_at_no_price_is_fatal_and_changes_nothing(
    portfolio: Portfolio, mid_half: int, spread: int
) -> None:
    with pytest.raises(Fatal, match="no worth"):
        portfolio.fold(fill(entry(mid_half=mid_half, spread=-spread), FIFTY, 1))
    assert portfolio.open_positions == ()


def test_a_rate_that_is_no_number_is_refused() -> None:
    with pytest.raises(BadConfig, match="rate of PERP"):
        Portfolio(D(0)).add_market(0, "PERP", PERP, D("NaN"))


@pytest.mark.parametrize(
    ("side", "rate", "due"),
    [
        (Side.LONG, "0.0001", "0.010005"),
        (Side.SHORT, "0.0001", "-0.010005"),
        (Side.LONG, "-0.0001", "-0.010005"),
        (Side.LONG, "0", "0"),
    ],
)
def test_longs_pay_a_positive_rate_of_the_notional_at_the_mark(
    portfolio: Portfolio, side: Side, rate: str, due: str
) -> None:
    portfolio.fold(fill(entry(market=1, side=side), 1_000, 10))
    assert portfolio.funding_due(1, 2_001, D(rate)) == D(due)


@pytest.mark.parametrize(("side", "due"), [(Side.LONG, "0.12"), (Side.SHORT, "-0.12")])
def test_the_notional_of_inverse_contracts_falls_as_the_mark_rises(
    portfolio: Portfolio, side: Side, due: str
) -> None:
    portfolio.fold(fill(entry(side=side), SIXTY, 10))
    assert portfolio.funding_due(0, 2 * FIFTY, D("0.0001")) == D(due)
    at_mark = portfolio.funding_due(0, 2 * NINETY, D("0.0001"))
    assert abs(at_mark) == 10 * D("66.666666666666666667") * D("0.0001")


@pytest.mark.parametrize(
    ("price", "half_ticks"),
    [("60000", 1_200_000), ("60000.024", 1_200_000), ("60000.025", 1_200_001)],
)
def test_a_mark_is_rounded_to_half_ticks_half_up(price: str, half_ticks: int) -> None:
    assert PERP.half_ticks(D(price)) == half_ticks


def test_funding_is_due_on_what_is_open_at_the_time(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(market=1), 1_000, 10))
    portfolio.fold(fill(leave(market=1), 1_000, 6))
    assert portfolio.funding_due(1, 2_000, D("0.001")) == D("0.04")


def test_a_flat_market_owes_no_funding(portfolio: Portfolio) -> None:
    assert portfolio.funding_due(0, 2 * SIXTY, D("0.0001")) == 0


def test_a_rate_of_very_many_digits_can_still_be_paid(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), SIXTY, 10))
    due = portfolio.funding_due(0, 1_234_567, D("0.000012345678901234567"))
    assert due.as_tuple().exponent == -36
    assert portfolio.pay_funding(0, due).realised_change == due.copy_negate()


def test_funding_paid_is_told_with_every_change(portfolio: Portfolio) -> None:
    assert portfolio.fold(fill(entry(), SIXTY, 10)).funding == 0
    assert portfolio.pay_funding(0, D("0.25")).funding == D("0.25")
    change = portfolio.fold(fill(leave(), SIXTY, 5))
    assert (change.funding, change.fees) == (D("0.25"), D("0.75"))
    assert portfolio.fold(fill(leave(), SIXTY, 5)).funding == 0


def test_a_liquidation_pays_its_fee_on_top_of_the_takers() -> None:
    portfolio = Portfolio(D(1_000))
    portfolio.add_market(0, "X", msgspec.structs.replace(COIN, margin=MARGIN), D(1))
    portfolio.fold(fill(entry(), 1_000, 10))
    change = portfolio.fold(fill(leave(reason=ExitReason.LIQUIDATION), 1_000, 4, maker=True))
    assert change.fees == D("0.05") + 40 * D("0.0105")
    other = portfolio.fold(fill(leave(), 1_000, 6))
    assert other.realised_change == -60 * D("0.0005")


def test_a_liquidation_without_margin_costs_the_takers_fee(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(market=1), 1_000, 10))
    change = portfolio.fold(fill(leave(market=1, reason=ExitReason.LIQUIDATION), 1_000, 10))
    assert change.realised_change == D("-0.05")
