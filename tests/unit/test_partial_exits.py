"""A part of a position that is closed, once, at a gain (docs/rules.md, E3 row 14 and E6)."""

from decimal import Decimal
from typing import Any

import pytest

from core_cases import Case, another, clock, crossed, quote, trade
from core_steps import (
    FIRST,
    Changes,
    entries,
    exits,
    fills,
    flags,
    flat,
    holding,
    holding_short,
    limit_prices,
    limited,
    logged,
    refusals,
    works,
)
from domain.arrays import Rows
from domain.enums import ExitReason, Mover, OutputKind, Purpose

PARTIAL = {"partial_trigger": "10tick", "partial_share": 0.5}


def held(**rules: Any) -> Case:  # noqa: ANN401  parts of a playbook
    """LONG at 1,001 ticks, half of which is to be closed at a gain of 10."""
    return holding({"exit": {**PARTIAL, **rules}})


def bid(at_s: float, price: float, size: float = 100.0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, bid_size=size)


def intended(case: Case) -> list[int]:
    """Lots of the exit intents."""
    rows = case.kept.of(OutputKind.INTENT)
    return [int(row["lots"]) for row in rows if row["code"] != ExitReason.NONE]


def test_a_part_is_closed_at_its_trigger() -> None:
    case = held().fold(bid(2, 101.0))
    assert exits(case) == []
    assert exits(case.fold(bid(3, 101.1))) == [(3.0, "partial")]
    assert (intended(case), limit_prices(case)[1:], logged(case)) == ([5], [1_009], 0.0)


def test_it_tells_how_far_beyond_its_trigger_the_gain_is() -> None:
    assert logged(held().fold(bid(2, 101.4))) == 3.0


@pytest.mark.parametrize(("ask", "found"), [(99.1, []), (99.0, [(2.0, "partial")])])
def test_a_part_of_a_short_is_closed_by_the_ask(ask: float, found: list[object]) -> None:
    case = holding_short({"exit": PARTIAL}).fold(quote(2, ask - 0.1, ask))
    assert exits(case) == found
    assert case.fold(clock(3)).row["position_lots"] == 10 - 5 * len(found)


def test_it_is_filled_and_the_rest_is_held() -> None:
    case = held().fold(bid(2, 101.1), clock(3))
    assert (fills(case)[1:], flags(case)[1:]) == ([(2.05, 1_011, 5)], [6])
    assert (case.row["position_lots"], case.row["position_cost"]) == (5, 5 * 1_001)
    assert (case.trades, case.row["average"]) == ([], 1_001)


@pytest.mark.parametrize(("share", "lots"), [(0.59, [5]), (0.25, [2]), (0.1, [1]), (0.99, [9])])
def test_the_part_is_rounded_down_to_whole_lots(share: float, lots: list[int]) -> None:
    assert intended(held(partial_share=share).fold(bid(2, 101.1))) == lots


def test_a_part_of_less_than_one_lot_is_not_closed() -> None:
    case = held(partial_share=0.09).fold(bid(2, 101.1), bid(3, 102.0))
    assert (exits(case), case.row["partial_tried"]) == ([], 0)


@pytest.mark.parametrize(("lots", "part"), [(1, []), (2, [1]), (3, [1])])
def test_one_lot_cannot_be_closed_in_part(lots: int, part: list[int]) -> None:
    case = flat({"exit": PARTIAL}, instrument=another("COIN", standard_lots=lots)).fold(FIRST)
    assert intended(case.fold(bid(1, 100.0), bid(2, 101.1))) == part


def test_nothing_is_closed_in_part_when_it_is_off() -> None:
    assert exits(held(partial_trigger="off").fold(bid(2, 103.0))) == []


def test_it_happens_once_in_a_trade() -> None:
    case = held().fold(bid(2, 101.1), bid(3, 101.1), bid(4, 102.5))
    assert exits(case) == [(2.0, "partial")]
    assert case.row["position_lots"] == 5


def test_it_happens_once_in_the_next_trade_too() -> None:
    case = held().fold(bid(2, 101.1), bid(3, 103.1), bid(4, 100.0), bid(5, 101.1), bid(6, 102.0))
    assert exits(case) == [(2.0, "partial"), (3.0, "take_profit"), (5.0, "partial")]
    assert entries(case) == [0.0, 4.0]


def test_what_cannot_fill_at_its_arrival_is_cancelled() -> None:
    case = held().fold(bid(2, 101.1), bid(2.02, 100.5))
    assert works(case, Purpose.EXIT)
    case.fold(clock(2.06))
    assert not works(case, Purpose.EXIT)
    case.fold(bid(3, 101.1), bid(4, 101.1))
    assert (len(fills(case)), exits(case)) == (1, [(2.0, "partial")])
    assert case.row["position_lots"] == 10


def test_what_the_ladder_leaves_within_its_limit_is_cancelled() -> None:
    case = held().fold(bid(2, 101.1, size=0.1), bid(3, 101.1), bid(4, 101.1))
    assert fills(case)[1:] == [(2.05, 1_011, 1), (2.05, 1_010, 1), (2.05, 1_009, 1)]
    assert (flags(case)[1:], case.row["position_lots"]) == ([2, 2, 2], 7)
    assert exits(case) == [(2.0, "partial")]


def test_it_does_not_wait_for_a_book_that_is_invalid_or_stale_at_its_arrival() -> None:
    invalid = held().fold(bid(2, 101.1), crossed(2.02), clock(2.06))
    assert not works(invalid, Purpose.EXIT)
    resting: Changes = {"exit": PARTIAL, "entry": {"style": "resting"}}
    stale = flat(resting, limited(stale_quote_s=0.4)).fold(bid(0, 100.0), bid(0.5, 101.0))
    stale.fold(trade(0.7, 99.9), trade(0.9, 100.0))
    assert exits(stale) == [(0.9, "partial")]
    assert not works(stale.fold(clock(1)), Purpose.EXIT)
    assert (len(fills(invalid)), len(fills(stale))) == (1, 1)


def test_the_stop_of_the_rest_stays_and_still_acts() -> None:
    case = held().fold(bid(2, 101.1), bid(3, 98.2))
    assert (case.row["stop_level"], case.row["target_level"]) == (981, 1_031)
    assert len(exits(case)) == 1
    assert exits(case.fold(bid(4, 98.1)))[1:] == [(4.0, "hard_stop")]
    assert intended(case) == [5, 5]


def test_the_target_of_the_rest_still_acts() -> None:
    case = held().fold(bid(2, 101.1), bid(3, 103.1))
    assert exits(case)[1:] == [(3.0, "take_profit")]


def test_movers_wait_for_the_next_tick_and_then_go_on() -> None:
    case = held(break_even_trigger="10tick", break_even_offset="2tick").fold(bid(2, 101.1))
    assert (case.row["stop_level"], case.row["mover"]) == (981, Mover.HARD)
    case.fold(bid(3, 101.1))
    assert (case.row["stop_level"], case.row["mover"]) == (1_003, Mover.BREAK_EVEN)
    assert exits(case.fold(bid(4, 100.3)))[1:] == [(4.0, "break_even")]


def test_nothing_else_is_decided_while_it_works() -> None:
    case = held().fold(bid(2, 101.1), bid(2.02, 98.0))
    assert exits(case) == [(2.0, "partial")]
    assert exits(case.fold(clock(2.06)))[1:] == [(2.05, "hard_stop")]


def test_its_reason_is_not_latched_and_counts_as_no_attempt() -> None:
    case = held().fold(bid(2, 101.1), bid(2.02, 100.5), bid(3, 98.1), bid(4, 98.1))
    assert exits(case) == [(2.0, "partial"), (3.0, "hard_stop")]
    assert limit_prices(case)[1:3] == [1_009, 979]
    assert case.reasons == [ExitReason.HARD_STOP]


def test_whole_exits_come_before_a_part() -> None:
    case = held(partial_trigger="30tick").fold(bid(2, 103.1))
    assert (exits(case), intended(case)) == ([(2.0, "take_profit")], [10])


def test_a_part_is_not_closed_by_an_invalid_book() -> None:
    case = flat({"exit": PARTIAL, "entry": {"style": "resting"}}).fold(bid(0, 100.0))
    case.fold(bid(0.5, 101.0), crossed(0.6), trade(0.7, 99.9), trade(0.8, 100.0))
    assert (case.row["average"], exits(case)) == (1_000, [])
    assert exits(case.fold(bid(0.9, 101.0))) == [(0.9, "partial")]


def test_a_part_is_closed_on_ticks_only() -> None:
    case = flat({"exit": PARTIAL, "entry": {"style": "resting", "resting_life_s": 3.0}})
    case.fold(bid(0, 100.0), bid(0.5, 101.0), trade(0.7, 100.0, 100.5, -1), clock(4))
    assert (case.row["position_lots"], works(case, Purpose.ENTRY), exits(case)) == (5, False, [])
    assert exits(case.fold(trade(5, 100.0))) == [(5.0, "partial")]


def test_it_cancels_a_working_entry() -> None:
    case = flat({"exit": PARTIAL, "entry": {"style": "resting", "resting_life_s": 300.0}})
    case.fold(FIRST, trade(1, 100.0, 100.5, -1))
    assert works(case, Purpose.ENTRY)
    case.fold(bid(2, 101.0))
    assert (intended(case), works(case, Purpose.ENTRY)) == ([2], False)


def test_the_trade_counts_both_parts() -> None:
    case = held().fold(bid(2, 101.1), bid(3, 98.1), bid(4, 98.1))
    (closed,) = case.trades
    assert (closed.lots, closed.fills, closed.reason) == (10, 3, ExitReason.HARD_STOP)
    assert closed.exit_price == Decimal("99.6")
    assert closed.fees == Decimal("0.0005") * (10_010 + 5_055 + 4_905) / 100
    assert closed.net == Decimal("0.01") * (5 * 10 - 5 * 20) - closed.fees
    assert (case.row["trades"], case.row["losses_in_a_row"], case.row["last_won"]) == (1, 1, 0)


def test_a_part_that_gained_can_win_for_the_whole_trade() -> None:
    case = held(partial_share=0.9).fold(bid(2, 101.1), bid(3, 98.1), bid(4, 98.1))
    (closed,) = case.trades
    assert closed.net == Decimal("0.01") * (9 * 10 - 20) - closed.fees
    assert (closed.won, case.row["wins_in_a_row"], case.row["last_loss_ns"]) == (True, 1, 0)


def test_a_part_that_was_filled_is_not_a_trade_that_ended() -> None:
    case = held().fold(bid(2, 101.1), clock(3))
    assert (case.row["trades"], case.row["last_flat_ns"]) == (0, 0)
    assert case.row["last_exit_half"] == 2_022


def refused_part() -> Case:
    """The second trade's part repeats the first one's order; it was intended at second 5."""
    limits = limited(duplicate_window_ms=60_000.0)
    case = holding({"exit": {**PARTIAL, "partial_trigger": "8tick"}}, limits)
    case.fold(bid(2, 101.1), bid(3, 103.1), quote(4, 100.2, 100.3))
    return case.fold(bid(5, 101.1))


def test_a_part_that_is_refused_is_not_tried_again() -> None:
    case = refused_part()
    assert refusals(case) == [(0, "duplicate", 60_000.0, 3_000.0)]
    assert (case.row["average"], case.row["position_lots"]) == (1_003, 10)
    assert exits(case.fold(bid(6, 101.1), bid(9, 102.0)))[2:] == [(5.0, "partial")]


def test_a_part_that_is_refused_holds_nothing() -> None:
    case = refused_part().fold(bid(5.01, 98.3))
    assert exits(case)[3:] == [(5.01, "hard_stop")]
    assert case.fold(clock(5.07)).row["position_lots"] == 0
