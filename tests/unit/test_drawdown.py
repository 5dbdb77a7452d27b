"""A fall of equity below its peak that halts the account (docs/rules.md, E5, E3 row 3, T2)."""

import pytest

from core_cases import Case, at, clock, crossed, quote
from core_steps import (
    FALLING,
    FIRST,
    commanded,
    day_rolled,
    entries,
    exits,
    flat,
    holding,
    limited,
    logged,
    refusals,
    two_holding,
)
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, OutputKind, StateCause, TradingState

# At a bid of 995 ticks a position has lost 0.6, and paid 0.05005 in fees; leaving is not counted.
FALL_AT_995 = 0.65005
ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED


def bid(at_s: float, price: float, market: int = 0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, market=market)


def falls(limit: float = FALL_AT_995) -> Case:
    """LONG at 1,001 ticks; the account halts at a fall of so much."""
    return holding(limits=limited(max_drawdown=limit))


def halted() -> Case:
    """Flat since second 2.05, and halted: the start's equity is 0.69980 away."""
    return falls().fold(bid(2, 99.5), clock(3))


def state(case: Case) -> tuple[TradingState, StateCause]:
    """The account's state and who set it."""
    account = case.book.account
    return TradingState(int(account["trading_state"])), StateCause(int(account["state_cause"]))


def test_a_drawdown_closes_at_its_limit_exactly() -> None:
    case = falls().fold(bid(2, 99.6))
    assert (exits(case), state(case)) == ([], (ACTIVE, StateCause.START))
    assert exits(case.fold(bid(3, 99.5))) == [(3.0, "drawdown")]
    assert (logged(case), state(case)) == (0.0, (HALTED, StateCause.DRAWDOWN))


def test_a_drawdown_just_below_its_limit_does_nothing() -> None:
    assert exits(falls(FALL_AT_995 + 1e-6).fold(bid(2, 99.5))) == []


def test_it_tells_how_far_beyond_its_limit_the_fall_is() -> None:
    assert logged(falls().fold(bid(2, 99.3))) == pytest.approx(-0.2)


def test_a_drawdown_of_a_short_is_measured_by_the_ask() -> None:
    limits = limited(max_drawdown=0.65)  # 0.6 lost at an ask of 1,006, and 0.05 in fees
    case = flat(limits=limits).fold(FALLING, quote(1, 100.0, 100.1), quote(2, 100.4, 100.5))
    assert exits(case) == []
    assert exits(case.fold(quote(3, 100.5, 100.6))) == [(3.0, "drawdown")]


def test_the_peak_is_the_highest_equity_since_the_start() -> None:
    case = falls(0.5).fold(bid(2, 102.0), bid(3, 101.6))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 101.5))) == [(4.0, "drawdown")]


def test_the_peak_outlives_the_trade_that_made_it() -> None:
    case = falls(1.0).fold(bid(2, 103.1), bid(3, 103.0), bid(3.1, 103.0), bid(3.2, 102.3))
    assert (len(case.reasons), exits(case)[1:]) == (1, [])
    assert exits(case.fold(bid(4, 102.2)))[1:] == [(4.0, "drawdown")]


def test_a_drawdown_halts_before_its_exit_is_intended() -> None:
    said, intent = falls().fold(bid(2, 99.5)).kept.rows[-3:-1]
    assert (said["kind"], said["code"]) == (OutputKind.STATE_CHANGED, HALTED)
    assert (said["lots"], said["market"]) == (StateCause.DRAWDOWN, 0)
    assert (intent["kind"], intent["code"]) == (OutputKind.INTENT, ExitReason.DRAWDOWN)


def test_a_drawdown_is_found_at_a_timer_too() -> None:
    case = flat(limits=limited(max_drawdown=0.15)).fold(FIRST, crossed(40))
    assert exits(case) == [(30.0, "drawdown")]
    said, intent = case.kept.rows[-3:-1]
    assert (said["kind"], said["event_ns"]) == (OutputKind.STATE_CHANGED, at(30))
    assert (intent["kind"], intent["event_ns"]) == (OutputKind.INTENT, at(30))


def test_a_drawdown_by_one_market_halts_the_others() -> None:
    case = two_holding(limited(max_drawdown=0.8)).fold(bid(2, 99.5), bid(3, 100.0, market=1))
    assert (exits(case, 0), exits(case, 1)) == ([(2.0, "drawdown")], [(3.0, "halt")])


def test_a_drawdown_by_one_market_closes_a_silent_one_at_its_timer() -> None:
    case = two_holding(limited(max_drawdown=0.8)).fold(bid(2, 99.5), crossed(40))
    assert exits(case, 1) == [(31.0, "halt")]


def test_markets_fall_together() -> None:
    case = two_holding(limited(max_drawdown=1.11)).fold(bid(2, 99.5), bid(3, 99.7, market=1))
    assert (exits(case, 0), exits(case, 1)) == ([], [])  # 0.65005 + 0.45005
    assert exits(case.fold(bid(4, 99.6, market=1)), 1) == [(4.0, "drawdown")]


def test_a_daily_loss_is_named_before_a_drawdown() -> None:
    case = holding(limits=limited(max_drawdown=0.6, max_daily_loss=0.65)).fold(bid(2, 99.4))
    assert exits(case) == [(2.0, "daily_loss")]
    assert state(case) == (HALTED, StateCause.DAILY_LOSS)


def test_a_drawdown_is_named_before_a_trade_loss_and_a_stop() -> None:
    limits = limited(max_drawdown=0.6, max_trade_loss=0.65)
    case = holding({"exit": {"stop": "5tick"}}, limits).fold(bid(2, 99.4))
    assert exits(case) == [(2.0, "drawdown")]


def test_a_drawdown_found_when_flat_blocks_on_the_same_tick() -> None:
    limits = limited(max_drawdown=2.1)
    case = flat({"gates.trading_state": {"mode": "on"}}, limits).fold(FIRST)
    case.fold(quote(1, 98.1, 98.2, bid_size=0.4), bid(2, 100.0))
    assert exits(case) == [(1.0, "hard_stop")]
    assert case.blocked == {Gate.TRADING_STATE: 1}
    assert case.kept.of(OutputKind.STATE_CHANGED)["code"].tolist() == [HALTED]


def test_a_halt_by_drawdown_is_said_once() -> None:
    case = halted().fold(bid(3, 99.0), bid(4, 98.0))
    assert len(case.kept.of(OutputKind.STATE_CHANGED)) == 1


def test_a_halt_by_drawdown_stays_over_the_days_roll() -> None:
    case = day_rolled(halted(), 4)
    assert state(case) == (HALTED, StateCause.DRAWDOWN)
    case.fold(bid(5, 100.0))
    assert refusals(case)[-1] == (0, "trading_state", float(ACTIVE), float(HALTED))


def test_the_peak_stays_over_the_days_roll() -> None:
    case = day_rolled(falls(), 1.5).fold(bid(2, 99.5))
    assert exits(case) == [(2.0, "drawdown")]


def test_a_command_that_sets_active_starts_the_peak_anew() -> None:
    case = commanded(halted(), ACTIVE, 4).fold(bid(5, 99.5))
    assert (state(case), entries(case)) == ((ACTIVE, StateCause.COMMAND), [0.0, 5.0])
    # A second position at 996: 0.6 below it are 990, and its fee is 0.04980.
    case.fold(bid(6, 99.0))
    assert (exits(case)[1:], state(case)[0]) == ([], ACTIVE)
    assert exits(case.fold(bid(7, 98.9)))[1:] == [(7.0, "drawdown")]


def test_the_new_peak_is_the_equity_at_the_command() -> None:
    case = commanded(falls(), REDUCING, 1.5).fold(bid(2, 99.6))
    commanded(case, ACTIVE, 2.5).fold(bid(3, 99.0))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 98.9))) == [(4.0, "drawdown")]
    assert logged(case) == pytest.approx(-0.04995)


def test_a_command_that_repeats_active_starts_the_peak_anew_too() -> None:
    case = commanded(falls().fold(bid(2, 99.6)), ACTIVE, 2.5).fold(bid(3, 99.0))
    assert (exits(case), len(case.kept.of(OutputKind.STATE_CHANGED))) == ([], 0)


def test_a_command_that_only_reduces_leaves_the_peak_and_halts_again() -> None:
    case = commanded(halted(), REDUCING, 4)
    assert state(case) == (REDUCING, StateCause.COMMAND)
    assert state(case.fold(bid(5, 100.0))) == (HALTED, StateCause.DRAWDOWN)


def test_a_days_roll_that_ends_a_daily_loss_leaves_the_peak() -> None:
    limits = limited(max_drawdown=0.75, max_daily_loss=0.69)
    case = day_rolled(holding(limits=limits).fold(bid(2, 99.5), clock(3)), 4)
    assert state(case) == (ACTIVE, StateCause.DAY_ROLL)
    case.fold(bid(5, 100.0), bid(6, 100.0))
    assert exits(case)[1:] == [(6.0, "drawdown")]
