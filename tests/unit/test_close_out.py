"""The end of a market's data, and what fills cost (docs/rules.md, M8, Q1 and E2)."""

from decimal import Decimal

import pytest

from core_cases import clock, crossed, quote, trade
from core_steps import FIRST, exits, fills, flags, flat, holding, holding_short, limited, works
from domain.enums import ExitReason, OutputKind, Purpose
from domain.limits import Limits


def test_a_position_closes_at_the_last_quote_without_limit() -> None:
    case = holding().fold(quote(2, 100.0, 100.1, bid_size=0.1)).end(3)
    assert fills(case)[1:] == [(3.0, 1_000 - step, 1) for step in range(10)]
    assert flags(case)[1:] == [2] * 9 + [6]


def test_a_short_closes_at_the_last_ask() -> None:
    assert fills(holding_short().end(3))[1:] == [(3.0, 1_001, 10)]


def test_closing_out_costs_the_takers_fee() -> None:
    trade = holding().end(3).trades[0]
    assert (trade.reason, trade.fees) == (ExitReason.END_OF_DATA, Decimal("0.10005"))
    assert trade.net == Decimal("-0.1") - Decimal("0.10005")


def test_a_working_exit_is_cancelled_and_its_position_closed_as_end_of_data() -> None:
    case = holding().fold(quote(2, 98.1, 98.2), quote(2.02, 97.0, 97.1)).end(2.03)
    assert exits(case) == [(2.0, "hard_stop"), (2.03, "end_of_data")]
    assert fills(case)[1:] == [(2.03, 970, 10)]
    assert case.reasons == [ExitReason.END_OF_DATA]


@pytest.mark.parametrize("limits", [limited(), limited(duplicate_window_ms=500.0)])
def test_an_exit_approved_just_before_does_not_keep_a_position_open(limits: Limits) -> None:
    case = holding(limits=limits).fold(quote(2, 98.1, 98.2)).end(2)
    assert fills(case)[1:] == [(2.0, 981, 10)]


def test_what_is_left_of_an_exit_closes_too() -> None:
    case = holding().fold(quote(2, 98.1, 98.2, bid_size=0.1), clock(2.06)).end(2.5)
    assert fills(case)[1:] == [(2.05, 981, 1), (2.05, 980, 1), (2.05, 979, 1)] + [
        (2.5, 981 - step, 1) for step in range(7)
    ]


def test_an_invalid_book_closes_at_its_last_valid_quote() -> None:
    assert fills(holding().fold(quote(2, 99.0, 99.1), crossed(2.5)).end(3))[1:] == [(3, 990, 10)]


def test_a_stale_book_closes_at_its_last_valid_quote() -> None:
    case = flat({"exit": {"stall_s": 3600.0}}).fold(FIRST, quote(1, 99.0, 99.1)).end(50)
    assert fills(case)[1:] == [(50.0, 990, 10)]


def test_a_working_entry_is_cancelled() -> None:
    case = flat().fold(FIRST).end(0.02).fold(clock(9))
    assert (fills(case), case.trades) == ([], [])
    assert not works(case, Purpose.ENTRY)


def test_an_entry_due_at_the_end_fills_before_it_is_closed() -> None:
    assert fills(flat().fold(FIRST).end(0.06)) == [(0.05, 1_001, 10), (0.06, 1_000, 10)]


def test_the_end_says_intent_then_answer_then_fills() -> None:
    said = holding().end(3).kept.rows[3:]
    assert said["kind"].tolist() == [OutputKind.INTENT, OutputKind.APPROVED, OutputKind.FILL]
    assert said["event_ns"].tolist() == [said["event_ns"][0]] * 3


def test_the_end_of_a_flat_market_says_nothing() -> None:
    assert len(flat().end(3).kept.rows) == 0


def test_costs_are_split_by_the_mids_and_spreads_of_the_decisions() -> None:
    case = flat().fold(FIRST, quote(0.02, 100.2, 100.3), quote(1, 103.4, 103.6))
    closed = case.fold(trade(2, 103.5)).trades[0]
    assert closed.gross == Decimal(10 * (2_070 - 2_001)) / 2 * Decimal("0.01")
    assert closed.spread_cost == Decimal(10 * 3) / 2 * Decimal("0.01")
    assert closed.slippage == Decimal(10 * 2) * Decimal("0.01")


def test_marks_are_taken_at_the_exit_side_quote() -> None:
    case = holding().fold(quote(2, 100.5, 100.9))
    account = case.book.account
    assert (account["unrealised"], account["exit_cost"]) == (400_000, 50_250)
    assert account["day_realised"] == -50_050


def test_marks_keep_their_last_value_while_the_book_is_invalid() -> None:
    case = holding().fold(quote(2, 100.5, 100.9), crossed(2.1), trade(2.2, 90.0))
    assert case.book.account["unrealised"] == 400_000


def test_a_fill_marks_at_once_with_the_books_last_numbers() -> None:
    case = flat().fold(FIRST, crossed(0.06))
    assert case.book.account["unrealised"] == -100_000
    assert case.end(1).book.account["unrealised"] == 0


def test_the_drawdown_is_the_largest_fall_of_equity() -> None:
    case = holding().fold(quote(2, 101.0, 101.1), quote(3, 99.0, 99.1), quote(4, 100.5, 100.6))
    assert case.book.account["max_drawdown"] == 10 * 20 * 10_000
