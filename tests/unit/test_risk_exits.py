"""Exits get out: their form and size alone stop them, and the hard collar reprices them (R19)."""

import math

import pytest

from domain.enums import OrderKind, Refusal, TradingState
from domain.orders import Order, Refused
from risk.engine import RiskEngine
from trading_cases import NOW, at, leave, limits, other, review, sent, view, why


def test_no_entry_rule_stops_an_exit() -> None:
    engine = RiskEngine(limits(orders_per_second=1.0, orders_per_day=1.0, allow=("MINT",)))
    wreck = view(
        trading_state=TradingState.HALTED,
        day_result=-(10**15),
        last_loss_ns=NOW,
        value=math.nan,
        taker=math.nan,
        book_valid=False,
        book_age_s=math.nan,
        position_lots=10,
        equity=-(10**15),
        leverage=math.nan,
        liquidation_ticks=999,
        others=(other(notional=10**9, margin=10**9, risk=10**9),) * 99,
    )
    for lots in range(1, 11):
        assert why(engine.review(leave(lots=lots), wreck)) is None


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (leave(limit=0), ("bad_price", 1, 0, "instrument.tick")),
        (leave(lots=0), ("bad_lots", 1, 0, "instrument.lot")),
        (leave(lots=11), ("exceeds_position", 10, 11, "position")),
    ],
)
def test_an_exit_is_refused_by_its_form_and_size_alone(
    order: Order, expected: tuple[str, float, float, str]
) -> None:
    assert why(review(order, view(position_lots=10))) == expected


def test_an_exit_that_repeats_a_fresh_one_is_refused() -> None:
    engine = RiskEngine(limits())
    engine.review(leave(), view(position_lots=10))
    answer = engine.review(leave(), at(0.2, position_lots=10))
    assert why(answer) == ("duplicate", 500, 200, "limits.duplicate_window_ms")


@pytest.mark.parametrize(
    ("wished", "bid", "ask", "moved"),
    [
        (981, 1_000, 1_001, 981),
        (980, 1_000, 1_001, 981),  # 2,001 half-ticks less 2 %: 1,960.98, so 980.49 ticks
        (1_021, 1_000, 1_001, 1_020),
        (97_999, 100_000, 100_000, 98_000),
        (19, 20, 21, 20),  # no whole tick within 2 % of 20.5
        (22, 20, 21, 21),
        (1, 900, 1_100, 900),  # never short of the bid, however wide the spread
        (1, 0, 1, 1),
        (5, 0, 0, 5),  # there never was a quote
    ],
)
def test_a_limit_outside_the_hard_collar_is_moved_to_its_edge(
    wished: int, bid: int, ask: int, moved: int
) -> None:
    order = leave(limit=wished)
    answer = review(order, view(position_lots=10, bid_ticks=bid, ask_ticks=ask))
    assert sent(answer) == leave(limit=moved)


def test_a_moved_exit_is_remembered_at_the_price_it_was_sent_at() -> None:
    engine = RiskEngine(limits())
    assert sent(engine.review(leave(limit=900), view(position_lots=10))) == leave(limit=981)
    again = engine.review(leave(limit=981), at(0.1, position_lots=10))
    assert isinstance(again, Refused)
    assert again.code is Refusal.DUPLICATE


def test_a_close_out_is_never_a_duplicate() -> None:
    engine = RiskEngine(limits())
    engine.review(leave(), view(position_lots=10))
    order = leave(kind=OrderKind.CLOSE_OUT)
    assert sent(engine.review(order, view(position_lots=10))) == order
