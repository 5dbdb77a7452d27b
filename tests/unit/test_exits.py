"""Why a position is left, and which of several reasons it is (docs/rules.md, E1 to E5)."""

import pytest

from core_cases import Case, at, clock, crossed, playbook, prices, quote, trade
from core_steps import (
    FIRST,
    commanded,
    entries,
    exits,
    flat,
    holding,
    holding_short,
    limited,
    logged,
    opened,
    refusals,
    two_flat,
    two_holding,
)
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, OutputKind, StateCause, TradingState
from domain.limits import Limits

FLIP = {"exit": {"flip_streak": 2, "min_hold_s": 3.0}}
# At a bid of 995 ticks a position has lost 0.6, 0.05005 in fees, and 0.04975 to leave.
LOSS_AT_995 = 0.69980


def bid(at_s: float, price: float, market: int = 0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, market=market)


def falling(at_s: float) -> Rows:
    """Three trades that make a streak of two downwards; the book stays."""
    return prices(at_s, 0.1, [100.1, 100.0, 99.9])


def test_a_command_to_halt_closes_a_position_at_its_next_tick() -> None:
    case = commanded(holding(), TradingState.HALTED, 1.5)
    assert exits(case) == []
    assert exits(case.fold(bid(2, 100.0))) == [(2.0, "halt")]
    assert logged(case) == 0.0


def test_reducing_does_not_close_a_position() -> None:
    case = commanded(holding(), TradingState.REDUCING, 1.5)
    assert exits(case.fold(bid(2, 100.0))) == []


def test_daily_loss_closes_at_its_limit_exactly() -> None:
    case = holding(limits=limited(max_daily_loss=LOSS_AT_995))
    assert exits(case.fold(bid(2, 99.6))) == []
    assert exits(case.fold(bid(3, 99.5))) == [(3.0, "daily_loss")]
    assert logged(case) == 0.0


def test_daily_loss_halts_before_its_exit_is_intended() -> None:
    case = holding(limits=limited(max_daily_loss=LOSS_AT_995)).fold(bid(2, 99.4))
    state, intent = case.kept.rows[-3:-1]
    assert (state["kind"], state["code"]) == (OutputKind.STATE_CHANGED, TradingState.HALTED)
    assert (state["lots"], state["market"]) == (StateCause.DAILY_LOSS, 0)
    assert (intent["kind"], intent["code"]) == (OutputKind.INTENT, ExitReason.DAILY_LOSS)


def test_daily_loss_is_found_at_a_timer_too() -> None:
    case = flat(limits=limited(max_daily_loss=0.2)).fold(FIRST)
    assert exits(case.fold(crossed(40))) == [(30.0, "daily_loss")]


def test_daily_loss_at_a_timer_halts_before_its_exit_is_intended() -> None:
    case = flat(limits=limited(max_daily_loss=0.2)).fold(FIRST, crossed(30))
    state, intent = case.kept.rows[-3:-1]
    assert (state["kind"], state["event_ns"]) == (OutputKind.STATE_CHANGED, at(30))
    assert (intent["kind"], intent["event_ns"]) == (OutputKind.INTENT, at(30))


def test_daily_loss_of_one_market_halts_the_others() -> None:
    case = two_holding(limited(max_daily_loss=0.8)).fold(bid(2, 99.5), bid(3, 100.0, market=1))
    assert exits(case, 0) == [(2.0, "daily_loss")]
    assert exits(case, 1) == [(3.0, "halt")]


def test_daily_loss_of_one_market_closes_a_silent_one_at_its_timer() -> None:
    case = two_holding(limited(max_daily_loss=0.8)).fold(bid(2, 99.5), crossed(40))
    assert exits(case, 1) == [(31.0, "halt")]


def test_daily_loss_blocks_the_entries_of_other_markets() -> None:
    case = two_flat(limited(max_daily_loss=LOSS_AT_995)).fold(FIRST, bid(2, 99.5))
    case.fold(bid(2.02, 100.0, market=1))
    assert refusals(case) == [(1, "trading_state", TradingState.ACTIVE, TradingState.HALTED)]


def test_daily_loss_found_when_flat_blocks_on_the_same_tick() -> None:
    case = flat({"gates.trading_state": {"mode": "on"}}, limited(max_daily_loss=2.15))
    case.fold(FIRST, quote(1, 98.1, 98.2, bid_size=0.4), bid(2, 100.0))
    assert exits(case) == [(1.0, "hard_stop")]
    assert case.blocked == {Gate.TRADING_STATE: 1}
    assert case.kept.of(OutputKind.STATE_CHANGED)["mid_half"].tolist() == [2_001]


def test_trade_loss_closes_at_its_limit_before_the_stop_does() -> None:
    case = holding({"exit": {"stop": "5tick"}}, limited(max_trade_loss=LOSS_AT_995))
    assert exits(case.fold(bid(2, 99.5))) == [(2.0, "trade_loss")]
    assert logged(case) == 0.0


def test_trade_loss_below_its_limit_leaves_the_stop_to_name_the_exit() -> None:
    case = holding({"exit": {"stop": "5tick"}}, limited(max_trade_loss=LOSS_AT_995 + 1e-6))
    assert exits(case.fold(bid(2, 99.5))) == [(2.0, "hard_stop")]


@pytest.mark.parametrize(("price", "found"), [(98.2, []), (98.1, [(2.0, "hard_stop")])])
def test_the_hard_stop_is_reached_by_the_bid(price: float, found: list[object]) -> None:
    assert exits(holding().fold(bid(2, price))) == found


def test_the_hard_stop_tells_how_far_beyond_it_the_quote_is() -> None:
    assert logged(holding().fold(bid(2, 97.9))) == -2.0


@pytest.mark.parametrize(("price", "found"), [(103.0, []), (103.1, [(2.0, "take_profit")])])
def test_the_target_is_reached_by_the_bid(price: float, found: list[object]) -> None:
    assert exits(holding().fold(bid(2, price))) == found


def test_without_a_target_nothing_is_taken() -> None:
    assert exits(holding({"exit": {"target": "off"}}).fold(bid(2, 105.0))) == []


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        (101.9, []),
        (102.0, [(2.0, "hard_stop")]),
        (97.1, []),
        (97.0, [(2.0, "take_profit")]),
    ],
)
def test_a_short_is_left_by_the_ask(ask: float, found: list[object]) -> None:
    assert exits(holding_short().fold(quote(2, ask - 0.1, ask))) == found


def test_levels_stand_around_the_average_of_all_fills() -> None:
    case = flat().fold(quote(0, 100.0, 100.1, ask_size=0.4), quote(1, 100.0, 100.1))
    assert case.row["position_cost"] == 4 * 1_001 + 4 * 1_002 + 2 * 1_003
    assert (case.row["average"], case.row["stop_level"]) == (1_002, 982)
    assert case.row["target_level"] == 1_032


def test_a_flip_closes_once_the_position_is_old_enough() -> None:
    case = holding(FLIP).fold(falling(1.1), bid(3.049, 100.0))
    assert exits(case) == []
    assert exits(case.fold(bid(3.05, 100.0))) == [(3.05, "momentum_flip")]
    assert logged(case) == 0.0


def test_a_flip_shorter_than_its_streak_does_not_close() -> None:
    case = holding({"exit": {"flip_streak": 3, "min_hold_s": 0.0}}).fold(falling(1.1))
    assert exits(case.fold(bid(4, 100.0))) == []


def test_a_flip_streak_of_zero_never_closes() -> None:
    assert exits(holding().fold(falling(1.1), bid(9, 100.0))) == []


def test_the_end_of_data_closes_what_is_held() -> None:
    case = holding().end(5)
    assert exits(case) == [(5.0, "end_of_data")]
    assert case.reasons == [ExitReason.END_OF_DATA]


def test_a_halt_comes_before_a_daily_loss() -> None:
    case = holding(limits=limited(max_daily_loss=LOSS_AT_995))
    commanded(case, TradingState.HALTED, 1.5).fold(bid(2, 99.5))
    assert exits(case) == [(2.0, "halt")]


@pytest.mark.parametrize(
    ("limits", "first"),
    [
        (limited(max_daily_loss=0.6, max_trade_loss=0.65), "daily_loss"),
        (limited(max_trade_loss=0.65), "trade_loss"),
        (limited(), "hard_stop"),
    ],
)
def test_losses_are_named_in_their_order(limits: Limits, first: str) -> None:
    case = holding({"exit": {**FLIP["exit"], "stop": "5tick"}}, limits).fold(falling(1.1))
    assert exits(case.fold(bid(3.1, 99.4))) == [(3.1, first)]


def test_a_target_comes_before_a_stop_that_break_even_put_beyond_it() -> None:
    rules = {"break_even_trigger": "20tick", "break_even_offset": "40tick"}
    case = holding({"exit": rules}).fold(bid(2, 102.1))
    assert exits(case.fold(bid(3, 103.1))) == [(3.0, "take_profit")]


def test_a_price_comes_before_a_flip() -> None:
    case = holding(FLIP).fold(falling(1.1), bid(3.1, 103.1))
    assert exits(case) == [(3.1, "take_profit")]


def test_an_invalid_book_suspends_exits_by_price() -> None:
    rules = {"break_even_trigger": "20tick", "break_even_offset": "25tick"}
    case = holding({"exit": rules}).fold(bid(2, 102.1), crossed(2.1), trade(2.2, 102.1))
    assert (case.row["stop_level"], exits(case)) == (1_026, [])
    assert exits(case.fold(bid(2.3, 102.1))) == [(2.3, "break_even")]


def test_an_invalid_book_does_not_suspend_a_flip() -> None:
    case = holding({"exit": {"flip_streak": 2, "min_hold_s": 0.0}}).fold(crossed(1.1))
    assert exits(case.fold(falling(1.2))) == [(1.4, "momentum_flip")]


def test_an_invalid_book_does_not_suspend_a_halt_or_a_timer() -> None:
    halted = commanded(holding().fold(crossed(1.1)), TradingState.HALTED, 1.5)
    assert exits(halted.fold(trade(2, 100.0))) == [(2.0, "halt")]
    assert exits(holding().fold(crossed(1.1), crossed(40))) == [(31.0, "data_stall")]


def test_nothing_is_entered_on_the_tick_that_filled_the_exit() -> None:
    case = holding({"exit": {"limit_offset": "1tick"}})
    case.fold(quote(2, 98.1, 98.2), quote(2.02, 97.0, 97.1), bid(3.2, 98.1), bid(3.3, 98.1))
    assert (exits(case)[1:], case.reasons) == ([(3.05, "hard_stop")], [ExitReason.HARD_STOP])
    assert entries(case) == [0.0, 3.2]


def test_a_position_is_squared_off_at_once_where_the_time_has_passed() -> None:
    case = opened(Case().market(playbook()), 0, 90, 100).fold(bid(50, 100.0), clock(51))
    assert exits(case) == [(50.05, "session_end")]
    assert logged(case) == pytest.approx(10.05)
