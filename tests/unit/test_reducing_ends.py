"""A REDUCING that ends by itself, at the account's timer (docs/rules.md, T3)."""

import numpy as np
import pytest

from agent.core import answers
from core_cases import START_NS, Case, at, clock, quote, trade
from core_steps import (
    FIRST,
    commanded,
    day_rolled,
    entries,
    exits,
    fills,
    flat,
    holding,
    limited,
    two_flat,
    works,
)
from domain.arrays import Record, Rows
from domain.enums import OutputKind, Purpose, StateCause, TradingState
from domain.rows.account import NEVER_NS
from domain.rows.output import OUTPUT

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
GATED = {"gates.trading_state": {"mode": "on"}}


def paused(case: Case, until_ns: int) -> Record:
    """REDUCING until then, as after a row of losses; the output that says so."""
    book, outputs = case.book, np.zeros(4, OUTPUT)
    cause = int(StateCause.LOSS_STREAK)
    answers.set_state(book.accounts, book.stops, outputs, int(REDUCING), cause, until_ns)
    assert book.stop["outputs"] == 1
    book.stop["outputs"] = 0  # it was not written for the core's own sinks
    said: Record = outputs[0]
    return said


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def clock_at(event_ns: int) -> Rows:
    """TICK[1]: time passes, to the nanosecond."""
    row = clock(0)
    row["event_ns"] = row["ts_ns"] = event_ns
    return row


def state(case: Case) -> tuple[TradingState, StateCause]:
    """The account's state and who set it."""
    account = case.book.account
    return TradingState(int(account["trading_state"])), StateCause(int(account["state_cause"]))


def changes(case: Case) -> list[tuple[int, int, int]]:
    """Nanosecond after the start, new state and cause of each change."""
    rows = case.kept.of(OutputKind.STATE_CHANGED)
    return [(int(row["event_ns"]) - START_NS, int(row["code"]), int(row["lots"])) for row in rows]


def test_it_says_when_it_will_end() -> None:
    said = paused(flat(), at(10))
    assert (said["kind"], said["code"]) == (OutputKind.STATE_CHANGED, REDUCING)
    assert (said["lots"], said["first_ns"]) == (StateCause.LOSS_STREAK, at(10))
    assert (said["market"], said["decision_seq"]) == (-1, 0)
    assert paused(flat(), NEVER_NS)["first_ns"] == 0


def test_it_ends_at_its_nanosecond_and_says_so() -> None:
    case = flat(GATED)
    paused(case, at(10) + 7)
    case.fold(clock_at(at(10) + 6))
    assert (state(case), changes(case)) == ((REDUCING, StateCause.LOSS_STREAK), [])
    case.fold(clock_at(at(10) + 7))
    assert state(case) == (ACTIVE, StateCause.EXPIRED)
    assert changes(case) == [(10_000_000_007, ACTIVE, StateCause.EXPIRED)]


def test_it_says_its_own_time_however_late_the_next_tick_is() -> None:
    case = flat(GATED)
    paused(case, at(10) + 7)
    case.fold(bid(25, 100.0))
    assert changes(case) == [(10_000_000_007, ACTIVE, StateCause.EXPIRED)]
    (said,) = case.kept.of(OutputKind.STATE_CHANGED)
    assert (said["market"], said["decision_seq"], said["first_ns"]) == (-1, 0, 0)
    assert (said["cause"], said["mid_half"]) == (0, 0)


def test_it_ends_once() -> None:
    case = flat(GATED)
    paused(case, at(10))
    case.fold(clock(10), clock(11), bid(12, 100.0), clock(100))
    assert len(changes(case)) == 1
    assert case.book.account["state_until_ns"] == NEVER_NS


@pytest.mark.parametrize(("at_s", "found"), [(9.999999999, []), (10, [10.0])])
def test_positions_are_opened_from_its_end_on(at_s: float, found: list[float]) -> None:
    case = flat(GATED)
    paused(case, at(10))
    assert entries(case.fold(bid(at_s, 100.0))) == found


def test_it_does_not_close_positions_and_they_do_not_put_it_off() -> None:
    case = holding()
    paused(case, at(10))
    case.fold(bid(5, 100.0), bid(20, 100.0))
    assert (exits(case), changes(case)) == ([], [(10 * 10**9, ACTIVE, StateCause.EXPIRED)])


@pytest.mark.parametrize(("late_ns", "lots"), [(0, 10), (1, 0)])
def test_it_ends_before_a_markets_timer_of_the_same_time(late_ns: int, lots: int) -> None:
    case = flat().fold(FIRST)
    arrival_timer_ns = at(0.05) + 1
    paused(case, arrival_timer_ns + late_ns)
    case.fold(clock(1))
    assert (case.row["position_lots"], works(case, Purpose.ENTRY)) == (lots, False)


def test_it_ends_between_the_timers_of_two_markets() -> None:
    case = two_flat().fold(FIRST, quote(0.02, 100.0, 100.1, market=1))
    paused(case, at(0.06))
    case.fold(clock(1))
    assert case.book.rows["position_lots"].tolist() == [0, 10]
    assert fills(case) == [(0.07, 1_001, 10)]


def test_a_resting_entry_is_cancelled_during_it() -> None:
    case = flat({"entry": {"style": "resting", "resting_life_s": 30.0}}).fold(FIRST, clock(1))
    paused(case, at(10))
    assert not works(case.fold(trade(5, 100.1)), Purpose.ENTRY)


def test_a_halt_by_daily_loss_outlives_its_end_and_the_days_roll_sets_active() -> None:
    case = holding(limits=limited(max_daily_loss=0.6))
    paused(case, at(10))
    case.fold(bid(2, 99.5), clock(20))
    assert changes(case) == [(2 * 10**9, HALTED, StateCause.DAILY_LOSS)]
    assert state(day_rolled(case, 21)) == (ACTIVE, StateCause.DAY_ROLL)


def test_a_days_roll_before_its_end_goes_back_to_it() -> None:
    case = holding(limits=limited(max_daily_loss=0.6))
    paused(case, at(10))
    case.fold(bid(2, 99.5), clock(3))
    assert state(day_rolled(case, 9)) == (REDUCING, StateCause.DAY_ROLL)
    assert state(case.fold(clock(10))) == (ACTIVE, StateCause.EXPIRED)


def test_a_halt_by_drawdown_outlives_its_end_and_the_days_roll() -> None:
    case = holding(limits=limited(max_drawdown=0.6))
    paused(case, at(10))
    case.fold(bid(2, 99.5), clock(20))
    assert state(day_rolled(case, 21)) == (HALTED, StateCause.DRAWDOWN)


@pytest.mark.parametrize("to", [ACTIVE, REDUCING, HALTED])
def test_a_command_takes_its_end_away(to: TradingState) -> None:
    case = flat(GATED)
    paused(case, at(10))
    commanded(case, to, 5).fold(clock(20))
    assert state(case) == (to, StateCause.COMMAND)
    assert [cause for _, _, cause in changes(case) if cause == StateCause.EXPIRED] == []


def test_its_end_does_not_start_the_peak_of_equity_anew() -> None:
    case = holding(limits=limited(max_drawdown=0.65005)).fold(bid(2, 99.6))
    paused(case, at(3))
    assert exits(case.fold(bid(4, 99.6))) == []
    assert exits(case.fold(bid(5, 99.5))) == [(5.0, "drawdown")]
