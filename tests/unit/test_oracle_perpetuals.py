"""The oracle's inverse money, funding and liquidation, worked out by hand (C5, Q4, V1 to V3)."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from domain.enums import Contract, ExitReason, OutputKind, StateCause
from domain.instruments import Instrument, MarginSchedule
from oracle.contract import loss, share, worth
from oracle.core import Oracle
from oracle.margin import Held, liquidation_level, margin_of
from oracle.numbers import constants_of
from oracle_cases import (
    SECOND,
    bids,
    exits_of,
    held,
    instrument,
    limits,
    margin,
    margined,
    of_kind,
    oracle,
    playbook,
    quote,
)

# A contract of 100 of the quote currency; ticks of 0.5.
INVERSE = msgspec.structs.replace(
    instrument(), contract=Contract.INVERSE, multiplier=Decimal(100), tick=Decimal("0.5"),
    min_notional=Decimal("0.001"),
)  # fmt: skip
ONE = Decimal(1)


def inverse() -> Oracle:
    return oracle(playbook(), traded=INVERSE)


def test_inverse_lot_is_worth_less_at_a_higher_price() -> None:
    constants = constants_of(INVERSE, Decimal(2))
    assert constants.value == 100 * 2 * 1e6 / 0.5
    # 400 half-ticks are a price of 100: a lot is worth one, at a rate of 2 two.
    assert worth(constants, 400) == -2
    assert worth(constants, 300) == Decimal("-2.666666666666666667")
    assert share(Decimal(-2), 1, 3) == Decimal("-0.666666666666666667")
    assert share(Decimal("-2.1"), 3, 3) == Decimal("-2.1")


def test_inverse_way_gains_by_the_difference_of_the_inverses() -> None:
    market = inverse().markets[0]
    # From a price of 100 down to 80: 5 lots of 100 lose 500 x (1/80 - 1/100).
    assert loss(market, 1, 5, 200, 160) == pytest.approx(1.25)
    assert loss(market, -1, 5, 200, 250) == pytest.approx(1.0)
    assert loss(market, 1, 5, 200, 0) == float("inf")


def test_inverse_trade_adds_up() -> None:
    made = inverse()
    made.tick(quote(1, 100, 100.5))  # 200 and 201 ticks, 401 half-ticks
    made.tick(quote(2, 120, 125))
    # 5 at 201 ticks cost 500 / 100.5 in base; at a price of 120 they are 500 / 120.
    market = made.markets[0]
    assert market.unrealised == round((500 / 100.5 - 500 / 120) * 1e6)
    assert market.exit_cost == round(500 / 120 * 0.002 * 1e6)
    made.end_of_data(0, 3 * SECOND)
    (closed,) = made.trades
    w = {half: worth(market.constants, half) for half in (401, 402, 480, 490)}
    assert closed.gross == -5 * w[401] + 5 * w[490]
    assert closed.spread_cost == 5 * (w[402] - w[401]) - 5 * (w[480] - w[490])
    assert closed.slippage == 0
    assert closed.fees == Decimal("0.002") * 5 * (-w[402] - w[480])
    assert closed.entry_notional == -5 * w[402]
    assert made.equity() == 10_000 + closed.net
    assert made.account.ledger.realised == 5 * (w[480] - w[402])


def test_inverse_position_gives_up_its_share_of_the_cost() -> None:
    exit_ = {"partial_trigger": "20tick", "partial_share": 0.5}
    made = oracle(playbook(exit_=exit_), traded=INVERSE)
    made.tick(quote(1, 100, 100.5))
    made.tick(quote(2, 120, 120.5))
    made.tick(quote(3, 120, 120.5))
    cost = 5 * worth(made.markets[0].constants, 402)
    assert made.account.ledger.open[0].cost == cost - share(cost, 2, 5)
    assert held(made).worth == pytest.approx(300 / 100.5 * 1e6)
    made.end_of_data(0, 4 * SECOND)
    closed = made.trades[0]
    assert made.equity() == 10_000 + closed.net


def test_funding_is_paid_on_the_mark_by_longs() -> None:
    made = bids(oracle(playbook()), 1, 100)
    made.funding(0, 2 * SECOND, Decimal("0.01"), Decimal("110.25"))
    (said,) = of_kind(made, OutputKind.FUNDING)
    # 220.5 half-ticks are rounded to 221: 5 x 110.5 x 1 %.
    assert (said.side, said.price, said.lots, said.event_ns) == (1, 111, 5, 2 * SECOND)
    assert said.distances[:2] == [0.01, pytest.approx(5.525)]
    assert made.account.ledger.funding == Decimal("5.525")
    assert made.account.day == made.account.open_result - 1_010_000 - 5_525_000
    made.end_of_data(0, 3 * SECOND)
    closed = made.trades[0]
    assert closed.net == closed.gross - closed.spread_cost - closed.fees - Decimal("5.525")
    assert made.equity() == 10_000 + closed.net


def test_funding_without_a_mark_takes_the_mid_and_shorts_receive() -> None:
    made = oracle(playbook({"sides": "short"}, momentum={"mode": "off", "min_move": "1tick"}))
    made.markets[0].features.direction = -1
    bids(made, 1, 100, 100)
    made.funding(0, 2 * SECOND, Decimal("0.01"))
    (said,) = of_kind(made, OutputKind.FUNDING)
    assert (said.side, said.price) == (-1, 101)
    assert said.distances[1] == pytest.approx(-5 * 100.5 * 0.01)


def test_funding_of_an_inverse_contract_is_paid_in_its_base() -> None:
    made = inverse()
    made.tick(quote(1, 100, 100.5))
    made.funding(0, 2 * SECOND, Decimal("0.01"), Decimal(125))
    (said,) = of_kind(made, OutputKind.FUNDING)
    assert said.price == 250
    assert said.distances[1] == pytest.approx(0.04)


def test_flat_market_pays_no_funding_and_timers_run_first() -> None:
    made = oracle(playbook(exit_={"max_hold_s": 2.0}))
    made.funding(0, SECOND, Decimal("0.01"))
    bids(made, 1, 100)
    made.funding(0, 9 * SECOND, Decimal("0.01"))
    assert of_kind(made, OutputKind.FUNDING) == []
    assert exits_of(made) == [(ExitReason.TIME_GUARD, 3 * SECOND)]


def test_funding_counts_in_the_loss_of_the_trade() -> None:
    made = bids(oracle(playbook(), limits=limits(max_trade_loss=60.0)), 1, 100)
    made.funding(0, 2 * SECOND, Decimal("0.1"), Decimal(104))
    bids(made, 3, 100)
    # 5 lost at the bid, 1.00 to leave, 1.01 paid, and 52 of funding: 59.01.
    assert exits_of(made) == []
    made.funding(0, 4 * SECOND, Decimal("0.01"), Decimal(20))
    bids(made, 5, 100)
    assert exits_of(made)[0][0] is ExitReason.TRADE_LOSS


def level(traded: Instrument, side: int, cost: int, lots: int = 1, funding: str = "0") -> int:
    terms = margin_of(getattr(traded, "margin", None), 0)
    constants = constants_of(traded, ONE)
    parts = Fraction(lots * lots, cost)
    held = Held(side, lots, cost, Decimal(funding), parts)
    return liquidation_level(terms, constants, held)


def test_liquidation_price_of_a_linear_contract() -> None:
    traded = margined(instrument(), margin("10", ("0", "0.01")))
    # (1000 - 100) / 0.99 = 909.09 and (1000 + 100) / 1.01 = 1089.11.
    assert (level(traded, 1, 1000), level(traded, -1, 1000)) == (910, 1089)
    # 10 of funding less: 890 would be left to 900 / 0.99.
    assert level(traded, 1, 1000, funding="10") == 920
    assert level(traded, 1, 1000, funding="-9") == 900
    # The exact average of 3 lots counts: 1000.33, not 1000.
    assert level(traded, -1, 3001, lots=3) == 1089
    assert level(margined(instrument(), margin("1", ("0", "0.01"))), 1, 1000) == 0
    assert level(instrument(), 1, 1000) == 0


def test_liquidation_price_takes_the_tier_of_its_own_notional() -> None:
    tiers = (("0", "0.01"), ("1000", "0.05"), ("5000", "0.1"))
    traded = margined(instrument(), margin("10", *tiers))
    # LONG from 1100: 990 / 0.99 = 1000 lies on the edge of the second; both give the same.
    assert level(traded, 1, 1100) == 1000
    assert level(traded, 1, 1000) == 910
    # SHORT from 1000: 1089.1 is in the second tier: (1100 + 40) / 1.05 = 1085.7.
    assert level(traded, -1, 1000) == 1085
    # 10 lots, LONG: 9000 - (40 + 250) of amount deducted, by 9: 967.8 x 10 in the third.
    assert level(traded, 1, 10_000, lots=10) == 968


def test_liquidation_price_of_an_inverse_contract() -> None:
    terms = margin("10", ("0", "0.01"))
    traded = margined(INVERSE, terms)
    # 100 at a price of 100, 200 ticks: N = 100; 101 / 1.1 = 91.82 is 183.6 ticks.
    assert level(traded, 1, 200) == 184
    # -99 / -0.9 = 110: 220 ticks.
    assert level(traded, -1, 200) == 220
    assert level(margined(INVERSE, margin("1", ("0", "0.01"))), -1, 200) == 0


def test_schedule_in_force_is_the_latest_before_the_start() -> None:
    old, new = (margin("10", ("0", rate)).schedules[0] for rate in ("0.01", "0.02"))
    schedules = (
        MarginSchedule(since=date(1970, 1, 3), tiers=new.tiers),
        MarginSchedule(since=date(1970, 1, 2), tiers=old.tiers),
    )
    terms = msgspec.structs.replace(margin("10", ("0", "0.5")), schedules=schedules)
    day = 86_400 * SECOND
    for start_ns, rates in ((day - 1, []), (day, ["0.01"]), (2 * day, ["0.02"])):
        made = margin_of(terms, start_ns)
        assert made is not None
        assert [tier.rate for tier in made.tiers] == [Fraction(rate) for rate in rates]


def test_liquidation_leaves_and_pays_its_fee() -> None:
    traded = margined(instrument(), margin("10", ("0", "0.01"), fee="0.05"))
    made = oracle(playbook(exit_={"stop": "50tick"}), traded=traded)
    bids(made, 1, 100, 93)
    # (101 - 10.1) / 0.99 = 91.8: 92.
    assert held(made).liquidation_level == 92
    assert exits_of(made) == []
    bids(made, 3, 92, 92)
    (closed,) = made.trades
    assert closed.reason is ExitReason.LIQUIDATION
    assert closed.fees == 5 * (101 * Decimal("0.002") + 92 * Decimal("0.052"))
    assert of_kind(made, OutputKind.INTENT)[1].distances[0] == 0.0


def test_liquidation_level_is_set_anew_by_funding() -> None:
    traded = margined(instrument(), margin("10", ("0", "0.01")))
    made = bids(oracle(playbook(exit_={"stop": "50tick"}), traded=traded), 1, 100)
    made.funding(0, 2 * SECOND, Decimal("0.01"), Decimal(100))
    # A unit has paid 1: (101 - 10.1 + 1) / 0.99 = 92.8.
    assert held(made).liquidation_level == 93


def test_liquidation_comes_after_losses_of_the_account_and_before_the_trades() -> None:
    traded = margined(instrument(), margin("10", ("0", "0.01")))
    for bound, reason in (
        (limits(max_trade_loss=20.0, max_heat=1e6), ExitReason.LIQUIDATION),
        (limits(max_drawdown=20.0), ExitReason.DRAWDOWN),
    ):
        made = oracle(playbook(exit_={"stop": "3tick"}), traded=traded, limits=bound)
        bids(made, 1, 101)
        made.tick(quote(1.5, 101, 102))
        bids(made, 2, 80)
        assert exits_of(made)[0][0] is reason
    assert made.account.cause is StateCause.DRAWDOWN
