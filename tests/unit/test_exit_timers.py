"""Timers between ticks, and the attempts of an exit (docs/rules.md, T1 and E4)."""

import numpy as np
import pytest

from core_cases import Case, clock, crossed, playbook, quote, trade
from core_steps import (
    FIRST,
    clock_read,
    commanded,
    exits,
    fills,
    flat,
    holding,
    holding_short,
    limit_prices,
    limited,
    logged,
    opened,
    refusals,
    two_flat,
)
from domain.arrays import Rows
from domain.enums import ExitReason, OutputKind, Purpose, TradingState


def bid(at_s: float, price: float, market: int = 0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, market=market)


def fell_behind() -> Case:
    """The stop was hit at second 2; before the order arrived the bid fell through its limit."""
    return holding().fold(bid(2, 98.1), bid(2.02, 97.0))


def missed(attempts: int, away: float) -> Rows:
    """An exit is intended at second 2; the quote jumps away from each attempt and comes back."""
    starts = [2 + 1.05 * n for n in range(attempts)]
    pairs = [row for t in starts for row in (bid(t + 0.01, away), bid(t + 0.5, 100.0))]
    return np.concatenate([bid(2, 100.0), *pairs])


def test_an_order_arrives_between_two_ticks() -> None:
    assert fills(flat().fold(FIRST, quote(9, 105.0, 105.1))) == [(0.05, 1_001, 10)]


def test_an_order_arrives_after_the_ticks_of_its_own_stamp_and_has_seen_them() -> None:
    case = flat().fold(FIRST, quote(0.05, 100.4, 100.5))
    assert fills(case) == []
    assert fills(case.fold(clock(0.06))) == [(0.05, 1_005, 10)]


def test_a_timer_does_not_run_before_its_time() -> None:
    assert fills(flat().fold(FIRST, clock(0.049999999))) == []


def test_a_clock_tick_or_reading_runs_what_is_due() -> None:
    assert fills(flat().fold(FIRST, clock(0.06))) == [(0.05, 1_001, 10)]
    assert fills(clock_read(flat().fold(FIRST), 7)) == [(0.05, 1_001, 10)]


def test_the_time_guard_counts_from_the_first_entry_fill() -> None:
    case = holding().fold(bid(20, 100.0), bid(40, 100.0), bid(60.049999999, 100.0))
    assert exits(case) == []
    assert exits(case.fold(clock(70))) == [(60.05, "time_guard")]
    assert logged(case) == 0.0


def test_a_market_that_is_silent_stalls() -> None:
    case = holding().fold(bid(2, 100.0), clock(31.999999999))
    assert exits(case) == []
    assert exits(case.fold(clock(50))) == [(32.0, "data_stall")]
    assert logged(case) == 0.0


def test_every_trade_and_quote_puts_off_the_stall() -> None:
    case = holding().fold(trade(20, 100.0), bid(45, 100.0), clock(59))
    assert exits(case) == []


def test_a_crossed_quote_or_another_market_does_not_put_off_the_stall() -> None:
    case = two_flat().fold(FIRST, bid(1, 100.0), crossed(20), bid(21, 100.0, market=1))
    assert exits(case.fold(clock(32))) == [(31.0, "data_stall")]


def test_a_tick_at_the_very_time_of_the_stall_comes_too_late() -> None:
    assert exits(holding().fold(bid(31, 100.0))) == [(31.0, "data_stall")]


def test_a_position_is_squared_off_before_its_session_closes() -> None:
    case = opened(flat(), 0, 1_000, 80).fold(FIRST, bid(1, 100.0), clock(19.999999999))
    assert exits(case) == []
    assert exits(case.fold(bid(25, 100.0))) == [(20.0, "session_end")]
    assert logged(case) == 0.0


@pytest.mark.parametrize(
    ("rules", "closes_s", "first"),
    [
        ({"max_hold_s": 30.95, "flip_streak": 2, "min_hold_s": 30.95}, 91, "time_guard"),
        ({"flip_streak": 2, "min_hold_s": 30.95}, 91, "momentum_flip"),
        ({}, 91, "data_stall"),
        ({"stall_s": 31.0}, 91, "session_end"),
    ],
)
def test_reasons_that_fall_due_together_are_tried_in_their_order(
    rules: dict[str, float], closes_s: float, first: str
) -> None:
    case = opened(flat({"exit": rules}), 0, 1_000, closes_s).fold(FIRST)
    case.fold(trade(0.5, 100.1), trade(0.6, 100.0), trade(0.7, 99.9), bid(1, 100.0))
    assert exits(case.fold(clock(31))) == [(31.0, first)]


def test_timers_of_two_markets_run_in_the_order_of_time_then_market() -> None:
    case = two_flat().fold(quote(0, 100, 100.1, market=1), quote(0.01, 100, 100.1), clock(40))
    said = case.kept.of(OutputKind.FILL)
    assert said["market"].tolist()[:2] == [1, 0]
    same = two_flat().fold(quote(0, 100, 100.1, market=1), quote(0, 100, 100.1), clock(40))
    assert same.kept.of(OutputKind.FILL)["market"].tolist()[:2] == [0, 1]


def test_an_exit_is_limited_beyond_the_quote_it_leaves_by() -> None:
    case = holding({"exit": {"limit_offset": "3tick"}}).fold(bid(2, 98.1))
    assert limit_prices(case)[1:] == [978]
    short = holding_short({"exit": {"limit_offset": "0tick"}}).fold(quote(2, 102.0, 102.1))
    assert limit_prices(short)[1:] == [1_022]


def test_an_exit_that_did_not_fill_is_tried_again_with_a_wider_limit() -> None:
    case = fell_behind().fold(clock(4))
    assert exits(case) == [(2.0, "hard_stop"), (3.05, "hard_stop")]
    assert limit_prices(case)[1:] == [979, 966]
    assert fills(case)[1:] == [(3.1, 970, 10)]


def test_a_latched_reason_outlives_the_price_that_gave_it() -> None:
    case = fell_behind().fold(bid(2.5, 104.0), clock(4))
    assert exits(case) == [(2.0, "hard_stop"), (3.05, "hard_stop")]
    assert logged(case) == 0.0
    assert case.reasons == [ExitReason.HARD_STOP]


def test_a_latched_reason_outlives_a_halt() -> None:
    case = commanded(fell_behind(), TradingState.HALTED, 2.03).fold(bid(2.6, 97.0), clock(4))
    assert exits(case) == [(2.0, "hard_stop"), (3.05, "hard_stop")]


def test_the_limit_doubles_with_each_attempt_ten_times_at_most() -> None:
    case = commanded(holding_short(), TradingState.HALTED, 1.5).fold(missed(13, 150.0))
    attempts = [1_001 + 2 * 2**n for n in range(11)]
    assert limit_prices(case)[1:14] == [*attempts, attempts[-1], attempts[-1]]


def test_a_long_never_asks_for_less_than_one_tick() -> None:
    case = commanded(holding(), TradingState.HALTED, 1.5).fold(missed(10, 50.0))
    assert limit_prices(case)[9:11] == [1_000 - 512, 1]


def test_an_approved_exit_lies_inside_the_hard_collar() -> None:
    case = commanded(holding_short(), TradingState.HALTED, 1.5).fold(missed(7, 150.0))
    assert limit_prices(case)[6:8] == [1_065, 1_129]
    assert limit_prices(case, OutputKind.APPROVED)[6:8] == [1_065, 1_100]


def test_a_refused_exit_is_tried_again_after_its_resend_time() -> None:
    case = holding(limits=limited(duplicate_window_ms=1_500.0)).fold(bid(2, 98.1))
    case.fold(bid(2.02, 97.0), bid(3, 98.3), clock(4.2))
    assert exits(case) == [(2.0, "hard_stop"), (3.05, "hard_stop"), (4.05, "hard_stop")]
    assert refusals(case) == [(0, "duplicate", 1_500.0, pytest.approx(1_050.0))]
    assert fills(case)[1:] == [(4.1, 983, 10)]


def test_an_exit_works_as_long_as_the_playbook_says() -> None:
    case = holding({"exit": {"resend_s": 5.0}}).fold(
        bid(2, 98.1), bid(2.02, 97.0), bid(6, 97.0), clock(8)
    )
    assert exits(case) == [(2.0, "hard_stop"), (7.05, "hard_stop")]


def test_an_exit_cancels_a_working_entry() -> None:
    case = flat({"entry": {"style": "resting", "resting_life_s": 300.0}}).fold(FIRST)
    case.fold(trade(1, 100.0, size=100.5, side=-1))
    commanded(case, TradingState.HALTED, 1.5).fold(bid(2, 100.0))
    assert (case.row["position_lots"], exits(case)) == (5, [(2.0, "halt")])
    assert case.row["orders"][Purpose.ENTRY]["active"] == 0


def test_no_timer_runs_after_the_end_of_data() -> None:
    case = Case().market(playbook()).fold(FIRST).end(0.01).fold(clock(100))
    assert (fills(case), exits(case)) == ([], [])
