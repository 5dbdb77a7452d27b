"""The portfolio folds fills into positions, trades and exact money."""

from decimal import Decimal

import msgspec
import pytest

from domain.enums import ExitReason, Side
from domain.errors import BadConfig, Fatal
from domain.instruments import Fees, Instrument
from domain.orders import Fill
from domain.portfolio import Portfolio, Totals
from trading_cases import COIN, NOW, entry, fill, leave

D = Decimal


@pytest.fixture
def portfolio() -> Portfolio:
    made = Portfolio(D(1_000))
    made.add_market(0, "COIN", COIN, D(1))
    made.add_market(1, "OTHER", COIN, D(2))
    return made


def with_fees(maker: str, taker: str) -> Instrument:
    return msgspec.structs.replace(COIN, fees=Fees(maker=D(maker), taker=D(taker)))


def test_an_entry_opens_a_position_and_pays_its_fee(portfolio: Portfolio) -> None:
    change = portfolio.fold(fill(entry(), 1_001, 10))
    assert (change.side, change.lots, change.cost) == (Side.LONG, 10, 10_010)
    assert (change.entry_ns, change.closed) == (NOW, None)
    assert (change.fees, change.realised_change) == (D("0.05005"), D("-0.05005"))


def test_a_maker_pays_the_makers_fee(portfolio: Portfolio) -> None:
    assert portfolio.fold(fill(entry(), 1_000, 10, maker=True)).fees == D("0.02")


def test_the_entry_time_is_that_of_the_first_fill(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_001, 4))
    change = portfolio.fold(fill(entry(), 1_002, 6, at_ns=NOW + 9))
    assert (change.lots, change.cost, change.entry_ns) == (10, 4_004 + 6_012, NOW)


def test_a_partial_exit_takes_its_share_of_the_cost_rounded_down(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_001, 2))
    portfolio.fold(fill(entry(), 1_002, 1))
    change = portfolio.fold(fill(leave(), 1_010, 1))
    assert (change.lots, change.cost) == (2, 3_004 - 1_001)
    assert change.realised_change == D("0.09") - D("0.00505")
    assert change.closed is None


def test_the_share_of_the_cost_is_whole_ticks_in_money_too(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_001, 1))
    portfolio.fold(fill(entry(), 1_002, 2))
    change = portfolio.fold(fill(leave(), 1_010, 1))  # 1,001.67 ticks each
    assert (change.cost, change.realised_change) == (3_005 - 1_001, D("0.09") - D("0.00505"))


def test_a_trade_splits_its_net_into_what_the_rules_name(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(mid_half=2_000, spread=2), 1_003, 10))
    change = portfolio.fold(fill(leave(mid_half=2_040, spread=4), 1_017, 10, at_ns=NOW + 5))
    trade = change.closed
    assert trade is not None
    assert (trade.gross, trade.spread_cost, trade.slippage) == (D(2), D("0.3"), D("0.3"))
    assert (trade.fees, trade.funding) == (D("0.101"), D(0))
    assert (trade.net, trade.entry_notional) == (D("1.299"), D("100.3"))
    assert (trade.entry_price, trade.exit_price) == (D("100.3"), D("101.7"))
    assert (trade.market, trade.side, trade.lots, trade.fills) == ("COIN", Side.LONG, 10, 2)
    assert (trade.entry_ns, trade.exit_ns) == (NOW, NOW + 5)


def test_an_average_is_shown_with_the_digits_of_its_tick(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    trade = portfolio.fold(fill(leave(), 1_010, 10)).closed
    assert trade is not None
    assert (str(trade.entry_price), str(trade.exit_price)) == ("100.0", "101.0")


def test_a_flat_market_has_no_cost_time_or_fees_left(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_001, 10))
    change = portfolio.fold(fill(leave(), 1_000, 10))
    assert (change.lots, change.cost, change.entry_ns, change.fees) == (0, 0, 0, D(0))
    assert change.side is Side.LONG


def test_the_last_exit_order_names_the_trades_reason(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_001, 10))
    portfolio.fold(fill(leave(reason=ExitReason.TRAILING), 1_005, 4))
    change = portfolio.fold(fill(leave(reason=ExitReason.HALT), 1_005, 6))
    assert change.closed is not None
    assert change.closed.reason is ExitReason.HALT


def test_a_short_position_gains_when_the_price_falls(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(side=Side.SHORT), 1_000, 10))
    assert portfolio.unrealised({0: 990}) == D(1)
    change = portfolio.fold(fill(leave(side=Side.SHORT), 990, 10))
    assert change.closed is not None
    assert change.closed.won
    assert not change.closed.lost


def test_a_trade_without_any_result_is_neither_won_nor_lost() -> None:
    portfolio = Portfolio(D(0))
    portfolio.add_market(0, "FREE", with_fees("0", "0"), D(1))
    portfolio.fold(fill(entry(), 1_000, 10))
    trade = portfolio.fold(fill(leave(), 1_000, 10)).closed
    assert trade is not None
    assert (trade.net, trade.won, trade.lost) == (D(0), False, False)


def test_money_is_converted_at_the_markets_rate(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(market=1), 1_000, 10))
    assert portfolio.equity({1: 1_010}) == D(1_000) + D(2) - D("0.1")


def test_open_positions_are_marked_beside_what_was_realised(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    portfolio.fold(fill(entry(market=1), 1_000, 10))
    portfolio.fold(fill(leave(), 1_010, 10))
    assert portfolio.open_positions == (1,)
    assert portfolio.realised == D(1) - D("0.1005") - D("0.1")
    assert portfolio.equity({1: 990}) == D(1_000) + portfolio.realised - D(2)


def test_totals_count_closed_trades_by_market_and_together(portfolio: Portfolio) -> None:
    closed = None
    for market, price in ((0, 1_010), (0, 990), (1, 1_010)):
        portfolio.fold(fill(entry(market=market), 1_000, 10))
        closed = portfolio.fold(fill(leave(market=market), price, 10)).closed
    totals, parts = portfolio.totals, portfolio.subtotals()
    assert (totals.trades, totals.won, totals.lost) == (3, 2, 1)
    assert totals.net == parts["COIN"].net + parts["OTHER"].net
    assert closed is not None
    assert parts["OTHER"] == Totals().plus(closed)


def test_funding_is_paid_by_the_open_trade(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    change = portfolio.pay_funding(0, D("0.25"))
    assert (change.lots, change.realised_change) == (10, D("-0.25"))
    trade = portfolio.fold(fill(leave(), 1_000, 10)).closed
    assert trade is not None
    assert (trade.funding, trade.net) == (D("0.25"), -trade.fees - D("0.25"))
    assert portfolio.equity({}) == D(1_000) + trade.net


def test_funding_of_a_flat_market_is_fatal(portfolio: Portfolio) -> None:
    with pytest.raises(Fatal, match="flat"):
        portfolio.pay_funding(0, D(1))


@pytest.mark.parametrize(
    "wrong",
    [
        fill(entry(side=Side.SHORT), 1_000, 1),
        fill(leave(side=Side.SHORT), 1_000, 1),
        fill(leave(), 1_000, 11),
        fill(leave(market=1), 1_000, 1),
        fill(leave(market=7), 1_000, 1),
        fill(entry(), 1_000, 0),
        fill(entry(), 0, 1),
    ],
    ids=["flips", "other side", "exceeds", "flat", "unknown", "no lots", "no price"],
)
def test_a_fill_that_cannot_belong_to_the_position_is_fatal_and_changes_nothing(
    portfolio: Portfolio, wrong: Fill
) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    before = portfolio.equity({0: 1_005})
    with pytest.raises(Fatal):
        portfolio.fold(wrong)
    assert (portfolio.equity({0: 1_005}), portfolio.open_positions) == (before, (0,))


def test_a_missing_mark_is_fatal(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    with pytest.raises(Fatal, match="no mark for 10 lots long"):
        portfolio.equity({1: 1_000})


def test_a_flat_market_may_be_set_again_and_keeps_its_totals(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    portfolio.fold(fill(leave(), 1_010, 10))
    portfolio.add_market(0, "COIN", with_fees("0", "0"), D(1))
    assert portfolio.subtotals()["COIN"].trades == 1
    assert portfolio.fold(fill(entry(), 1_000, 10)).fees == D(0)


@pytest.mark.parametrize(("market", "name"), [(0, "NEW"), (7, "COIN")])
def test_a_number_and_a_name_belong_together(portfolio: Portfolio, market: int, name: str) -> None:
    with pytest.raises(Fatal, match="cannot be"):
        portfolio.add_market(market, name, COIN, D(1))


def test_a_market_is_not_set_again_while_it_holds_a_position(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 1_000, 10))
    with pytest.raises(Fatal, match="10 lots long"):
        portfolio.add_market(0, "COIN", COIN, D(1))


@pytest.mark.parametrize("rate", ["0." + "3" * 31, "0." + "3" * 70, "NaN"])
def test_a_rate_that_money_could_not_be_exact_with_is_refused_at_the_start(rate: str) -> None:
    with pytest.raises(BadConfig, match="COIN"):
        Portfolio(D(0)).add_market(0, "COIN", COIN, D(rate))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1E-37"])
def test_an_amount_that_is_no_money_is_refused(amount: str) -> None:
    with pytest.raises(BadConfig, match="start_equity"):
        Portfolio(D(amount))
