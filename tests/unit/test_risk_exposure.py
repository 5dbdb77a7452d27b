"""R17a to R18b: groups, leverage, margin, losses at the stop, heat and liquidation."""

import math

import pytest

from domain.enums import Side
from domain.orders import Order
from risk.engine import RiskEngine
from risk.sizing import loss_of_one_lot
from risk.view import Exposure, RiskView
from trading_cases import entry, limits, other, review, sent, view, why

COINS = {"coins": ("CO*", "OTHER")}
# 10 lots at 1,000 ticks are worth 100 here too; the worth of a lot falls as the price rises.
INVERSE = {"inverse": True, "value": 1e10}


def risking(micro: int) -> tuple[Exposure, ...]:
    return (Exposure("OTHER", 0, 0, micro),)


@pytest.mark.parametrize(
    ("order", "seen", "expected"),
    [
        # 2 x 199.999999 is less than 100 + 300
        (
            entry(limit=1_000),
            view(equity=199_999_999, others=(other(notional=300),)),
            ("leverage", 399.999998, 400, "limits.max_leverage"),
        ),
        (entry(limit=1_000), view(equity=0), ("leverage", 0, 100, "limits.max_leverage")),
        (
            entry(limit=1_000),
            view(equity=-(10**9)),
            ("leverage", -2_000, 100, "limits.max_leverage"),
        ),
        # 100 / 10 + 90 is more than 99.999999
        (
            entry(limit=1_000),
            view(leverage=10.0, equity=99_999_999, others=(other(margin=90),)),
            ("margin", 99.999999, 100, "instrument.margin"),
        ),
        (entry(), view(leverage=0.0), ("margin", 10_000, math.nan, "instrument.margin")),
        (entry(), view(leverage=-1.0), ("margin", 10_000, math.nan, "instrument.margin")),
        # (30 + 9 + 10) lots x 20 ticks x 0.01 and 2 x 490 x 0.0005: 9.8 + 0.49
        (
            entry(limit=1_000),
            view(position_lots=30, working_entry_lots=9),
            ("trade_loss", 10, 10.29, "limits.max_trade_loss"),
        ),
        # 20 ticks x 10 lots x 0.01, 2 x 100 x 0.0005 and 12.900001 of others
        (
            entry(limit=1_000),
            view(others=risking(12_900_001)),
            ("heat", 15, 15.000001, "limits.max_heat"),
        ),
        (
            entry(),
            view(liquidation_ticks=922),
            ("liquidation", 80, 79, "limits.min_liquidation_stops"),
        ),
        (
            entry(side=Side.SHORT),
            view(liquidation_ticks=1_080),
            ("liquidation", 80, 79, "limits.min_liquidation_stops"),
        ),
    ],
)
def test_an_entry_is_refused_by_what_it_adds_to(
    order: Order, seen: RiskView, expected: tuple[str, float, float, str]
) -> None:
    found = why(review(order, seen, max_leverage=2.0))
    assert found is not None
    assert (found[0], found[3]) == (expected[0], expected[3])
    assert found[1:3] == pytest.approx(expected[1:3], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("order", "seen"),
    [
        (entry(limit=1_000), view(equity=200_000_000, others=(other(notional=300),))),
        (
            entry(limit=1_000),
            view(leverage=10.0, equity=100_000_000, others=(other(margin=90),)),
        ),
        (entry(limit=1_000), view(position_lots=30, working_entry_lots=7)),
        (entry(limit=1_000), view(others=risking(12_900_000))),
        (entry(), view(liquidation_ticks=921)),
        (entry(side=Side.SHORT), view(liquidation_ticks=1_081)),
        (entry(), view(liquidation_ticks=0)),
    ],
)
def test_an_entry_passes_at_the_edge_of_what_it_adds_to(order: Order, seen: RiskView) -> None:
    assert sent(review(order, seen, max_leverage=2.0)) == order


def test_the_loss_of_position_and_order_may_reach_the_limit() -> None:
    # 40 lots x 20 ticks x 0.01 and 2 x 400 x 0.0005: 8 + 0.4
    seen = view(position_lots=30)
    assert why(review(entry(limit=1_000), seen, max_trade_loss=8.4)) is None
    assert why(review(entry(limit=1_000), seen, max_trade_loss=8.399)) is not None


# Rule R17a: groups


def test_markets_of_a_group_are_held_below_one_limit() -> None:
    engine = RiskEngine(limits(), COINS)
    assert why(engine.review(entry(limit=1_000), view(others=(other(notional=1_400),)))) is None
    answer = engine.review(entry(limit=1_002), view(others=(other(notional=1_400),)))
    found = why(answer)
    assert found is not None
    assert (found[0], found[3]) == ("group_notional", "limits.max_group_notional")
    assert found[1:3] == pytest.approx((1_500, 1_500.2))


def test_only_markets_of_the_same_group_add_up() -> None:
    engine = RiskEngine(limits(), COINS)
    seen = view(others=(other("METAL", notional=900), other(notional=900)))
    assert why(engine.review(entry(), seen)) is None


def test_a_market_outside_every_group_is_not_held_by_one() -> None:
    engine = RiskEngine(limits(), {"metals": ("ME*", "OTHER")})
    seen = view(others=(other(notional=1_800),))
    assert why(engine.review(entry(), seen)) is None


def test_a_market_in_two_groups_is_held_by_both() -> None:
    engine = RiskEngine(limits(), {"small": ("COIN",), "all": ("*",)})
    found = why(engine.review(entry(), view(others=(other("METAL", notional=1_400),))))
    assert found is not None
    assert found[0] == "group_notional"


def test_patterns_tell_capital_letters_from_small_ones() -> None:
    engine = RiskEngine(limits(), {"coins": ("coin", "OTHER")})
    assert why(engine.review(entry(), view(others=(other(notional=1_800),)))) is None


# C5: inverse contracts


def test_an_inverse_long_loses_more_to_its_stop_than_a_short() -> None:
    # 1e11 x (1/980 - 1/1,000) = 2.0408163 and 1e11 x (1/1,000 - 1/1,020) = 1.9607843; fees 0.1
    seen = view(**INVERSE)
    long = why(review(entry(limit=1_000), seen, max_trade_loss=2.1))
    assert long is not None
    assert long[2] == pytest.approx(2.1408163265)
    assert why(review(entry(limit=1_000, side=Side.SHORT), seen, max_trade_loss=2.1)) is None
    short = why(review(entry(limit=1_000, side=Side.SHORT), seen, max_trade_loss=2.06))
    assert short is not None
    assert short[2] == pytest.approx(2.0607843137)


def test_an_inverse_notional_is_lots_by_price() -> None:
    # 10 lots x 1e10 / 1,001 ticks
    found = why(review(entry(), view(**INVERSE), max_order_notional=99.9))
    assert found is not None
    assert found[0] == "order_notional"
    assert found[2] == pytest.approx(99.9000999)
    assert why(review(entry(), view(**INVERSE), max_order_notional=99.91)) is None


def test_an_inverse_long_whose_stop_no_price_reaches_has_no_bounded_loss() -> None:
    wide = {"max_trade_loss": 1e9, "max_heat": 1e9}
    at_zero = why(review(entry(limit=1_000, stop=1_000), view(**INVERSE), **wide))
    assert at_zero == ("trade_loss", 1e9, math.inf, "limits.max_trade_loss")
    assert why(review(entry(limit=1_000, stop=999), view(**INVERSE), **wide)) is None
    assert why(review(entry(limit=1_000, stop=1_000), view(), **wide)) is None


def test_the_loss_of_one_lot_is_that_of_the_rule() -> None:
    # 20 ticks x 0.01 and 2 x 10 x 0.0005
    assert loss_of_one_lot(entry(limit=1_000, lots=0), view()) == 210_000
    assert loss_of_one_lot(entry(limit=1_000, stop=0), view()) == math.inf
    assert loss_of_one_lot(entry(limit=0), view()) == math.inf
