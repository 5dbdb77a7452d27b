"""A run goes on where the one before it stopped (docs/rules.md, I8)."""

from typing import Any, Final

import msgspec
import pytest

from core_cases import Case, another, at, clock, playbook, quote, trade
from core_steps import (
    commanded,
    day_rolled,
    exits,
    fills,
    flat,
    holding,
    limited,
    logged,
    refusals,
    seconds,
    two_holding,
)
from domain.enums import Mover, OutputKind, Purpose, StateCause, TradingState
from domain.errors import Fatal
from domain.events import RunStarted
from hand_steps import HAND, beside, kept, lots, ordered, restarted, seen, words

FIRST = quote(0, 100.0, 100.1)
RESTING: Final = {"entry": {"style": "resting", "resting_life_s": 300.0}}


def ids(case: Case) -> list[str]:
    """Of the orders that risk approved lately."""
    return [order.client_id for _, order in case.core.durable().risk.approvals.recent]


def state_of(case: Case) -> tuple[TradingState, StateCause]:
    account = case.book.account
    return TradingState(int(account["trading_state"])), StateCause(int(account["state_cause"]))


# The position


def test_the_first_run_of_all_knows_of_nothing() -> None:
    case = flat()
    case.core.apply(RunStarted(event_ns=at(0), epoch=1, state=None))
    assert fills(case.fold(FIRST, clock(1))) == [(0.05, 1_001, 10)]


def test_a_position_goes_on_with_its_levels_and_its_mover() -> None:
    rules = {"exit": {"break_even_trigger": "10tick", "break_even_offset": "2tick"}}
    case = holding(rules).fold(quote(1.5, 99.7, 99.8), quote(2, 101.1, 101.2))
    row = restarted(case, 60).row
    names = ("position_side", "position_lots", "average", "stop_level", "target_level", "mover")
    assert [int(row[name]) for name in names] == [1, 10, 1_001, 1_003, 1_031, Mover.BREAK_EVEN]
    assert (int(row["low_ticks"]), int(row["high_ticks"])) == (997, 1_011)


def test_its_stop_is_judged_on_the_first_fresh_quote_and_not_before() -> None:
    case = restarted(holding().fold(quote(2, 98.2, 98.3)), 30)
    assert exits(case.fold(trade(31, 90.0), clock(32))) == []
    assert exits(case.fold(quote(33, 98.1, 98.2))) == [(33.0, "hard_stop")]


def test_a_quote_beyond_the_stop_leaves_at_once() -> None:
    assert exits(restarted(holding(), 30).fold(quote(31, 90.0, 90.1))) == [(31.0, "hard_stop")]


def test_nothing_is_entered_before_the_first_fresh_quote() -> None:
    case = restarted(flat({"gates.momentum": {"mode": "on", "streak": 1}}).fold(FIRST), 30)
    case.fold(trade(31, 100.1), trade(31.5, 100.2), trade(32, 100.3))
    assert case.kept.of(OutputKind.INTENT).size == 0
    case.fold(quote(33, 100.2, 100.3))
    assert case.kept.of(OutputKind.INTENT).size == 1


def test_its_target_stands() -> None:
    assert exits(restarted(holding(), 30).fold(quote(31, 103.1, 103.2))) == [(31.0, "take_profit")]


def test_silence_counts_from_the_restart() -> None:
    case = restarted(holding({"exit": {"stall_s": 5.0}}), 30)
    assert exits(case.fold(clock(34.9))) == []
    assert exits(case.fold(clock(60))) == [(35.0, "data_stall")]


def test_a_time_guard_that_passed_meanwhile_acts_at_the_restart() -> None:
    case = restarted(holding({"exit": {"max_hold_s": 10.0}}), 30)
    assert exits(case.fold(clock(31))) == [(30.0, "time_guard")]
    assert logged(case) == pytest.approx(19.95)


def test_a_latched_exit_goes_on_with_its_next_attempt_when_its_hold_ends() -> None:
    missed = holding().fold(quote(2, 98.1, 98.2), quote(2.02, 90.0, 90.1), clock(2.1))
    assert int(missed.row["exit_attempt"]) == 1
    case = restarted(missed, 2.5)
    assert exits(case.fold(clock(2.9))) == []
    (again,) = case.fold(clock(4)).kept.of(OutputKind.INTENT)
    hold_s = (int(missed.row["exit_hold_until"]) - at(0)) / 1e9
    assert (seconds(again), int(again["price_ticks"])) == (hold_s, 900 - 2 * (981 - 979))


def test_working_orders_are_gone() -> None:
    case = flat(RESTING).fold(FIRST, clock(0.06))
    assert int(case.row["orders"][Purpose.ENTRY]["active"]) == 1
    fresh = restarted(case, 1).fold(trade(2, 99.0))
    assert (int(fresh.row["orders"][Purpose.ENTRY]["active"]), fills(fresh)) == (0, [])


def test_a_position_by_hand_goes_on_by_hand() -> None:
    case = seen(ordered(seen(beside(), FIRST), 0.1, stop=7), quote(1, 100.0, 100.1))
    fresh = restarted(case, 600)
    assert lots(fresh) == [0, 10]
    assert exits(seen(fresh, clock(1200), quote(1201, 99.4, 99.5)), HAND) == [(1201.0, "hard_stop")]
    assert words(fresh)[0] == "intent"


# Money and memory


def test_money_goes_on_and_the_trade_that_was_open_closes_exactly() -> None:
    whole = holding().fold(quote(2, 90.0, 90.1), quote(3, 90.0, 90.1))
    parts = restarted(holding(), 1.5).fold(quote(2, 90.0, 90.1), quote(3, 90.0, 90.1))
    assert [trade.net for trade in parts.trades] == [trade.net for trade in whole.trades]
    assert parts.portfolio.state() == whole.portfolio.state()
    assert int(parts.book.account["realised"]) == int(whole.book.account["realised"])


def test_the_loss_of_the_day_stands() -> None:
    lost = holding(limits=limited(max_daily_loss=12.0)).fold(
        quote(2, 90.0, 90.1), quote(3, 90.0, 90.1)
    )
    assert state_of(lost)[0] is TradingState.ACTIVE
    case = restarted(lost, 10).fold(quote(11, 90.0, 90.1), clock(12), quote(13, 88.0, 88.1))
    assert state_of(case) == (TradingState.HALTED, StateCause.DAILY_LOSS)


def test_a_loss_of_the_day_before_stays_with_that_day() -> None:
    lost = holding(limits=limited(max_daily_loss=12.0)).fold(
        quote(2, 90.0, 90.1), quote(3, 90.0, 90.1)
    )
    case = restarted(day_rolled(lost, 4), 10)
    case.fold(quote(11, 90.0, 90.1), quote(13, 88.0, 88.1), quote(14, 88.0, 88.1))
    assert exits(case) == [(13.0, "hard_stop")]
    assert len(case.trades) == 1
    assert state_of(case)[0] is TradingState.ACTIVE


def test_a_halt_by_the_day_stands_and_ends_with_the_day() -> None:
    case = holding(limits=limited(max_daily_loss=5.0)).fold(quote(2, 90.0, 90.1), clock(3))
    fresh = restarted(case, 10)
    assert state_of(fresh) == (TradingState.HALTED, StateCause.DAILY_LOSS)
    assert state_of(day_rolled(fresh, 11)) == (TradingState.ACTIVE, StateCause.DAY_ROLL)


def test_a_halt_by_a_person_stands() -> None:
    fresh = restarted(commanded(flat(), TradingState.HALTED, 1), 10).fold(quote(11, 100.0, 100.1))
    assert state_of(fresh) == (TradingState.HALTED, StateCause.COMMAND)
    assert {code for _, code, *_ in refusals(fresh)} == {"trading_state"}


PAUSING: Final = limited(loss_streak=1.0, loss_streak_pause_s=100.0)


def paused() -> Case:
    """REDUCING until 100 s after the loss, which closes at second 2.05."""
    return holding(limits=PAUSING).fold(quote(2, 90.0, 90.1), quote(3, 90.0, 90.1))


def test_a_pause_stands_until_its_end() -> None:
    fresh = restarted(paused(), 10)
    assert state_of(fresh) == (TradingState.REDUCING, StateCause.LOSS_STREAK)
    (ended,) = fresh.fold(clock(200)).kept.of(OutputKind.STATE_CHANGED)
    assert (seconds(ended), int(ended["code"])) == (102.05, TradingState.ACTIVE)


def test_a_pause_that_ended_meanwhile_ends_at_the_restart() -> None:
    (ended,) = restarted(paused(), 500).fold(clock(501)).kept.of(OutputKind.STATE_CHANGED)
    assert (seconds(ended), int(ended["code"])) == (500.0, TradingState.ACTIVE)


def test_a_lock_stands() -> None:
    bound = limited(repeated_entries=1.0, repeated_window_s=900.0)
    case = holding(limits=bound).fold(quote(2, 90.0, 90.1), quote(3, 90.0, 90.1))
    assert refusals(case)[-1][1] == "repeated_entries"
    fresh = restarted(case, 1_000).fold(quote(1_001, 90.0, 90.1))
    assert refusals(fresh) == [(0, "repeated_entries", 1.0, 2.0)]  # the window is long over


def test_the_hold_after_a_refusal_stands() -> None:
    case = flat(limits=limited(max_order_notional=1.0)).fold(FIRST)
    fresh = restarted(case, 0.5).fold(quote(0.6, 100.0, 100.1), quote(1.1, 100.0, 100.1))
    assert [round(seconds(row), 3) for row in fresh.kept.of(OutputKind.INTENT)] == [1.1]


@pytest.mark.parametrize(
    ("gate", "value"),
    [
        ("cool_down", {"after_exit_s": 50.0, "after_loss_s": 0.0, "min_gap_s": 0.0}),
        ("cool_down", {"after_exit_s": 0.0, "after_loss_s": 50.0, "min_gap_s": 0.0}),
        ("cool_down", {"after_exit_s": 0.0, "after_loss_s": 0.0, "min_gap_s": 50.0}),
        ("rate", {"max_per_minute": 1}),
        ("min_move", {"min": "5tick"}),
    ],
)
def test_memory_of_trades_and_entries_stands(gate: str, value: dict[str, Any]) -> None:
    rules = {f"gates.{gate}": {"mode": "on", **value}}
    case = holding(rules).fold(quote(2, 90.0, 90.1), clock(2.2))
    assert lots(case)[0] == 0
    fresh = restarted(case, 5).fold(trade(5.5, 90.1), quote(6, 90.0, 90.1))
    assert fresh.kept.of(OutputKind.INTENT).size == 0


def test_trades_that_wait_for_a_review_stand() -> None:
    bound = limited(review_after_trades=1.0)
    case = holding(limits=bound).fold(quote(2, 90.0, 90.1), clock(2.2))
    fresh = restarted(case, 5).fold(quote(6, 90.0, 90.1))
    assert refusals(fresh)[-1][1] == "unreviewed"


# Runs and markets


def test_order_ids_of_two_runs_never_meet() -> None:
    """Not even if the second knows nothing of the first, as nothing of it was kept."""
    known = set(ids(holding()))
    runs = [restarted(holding(), 10, epoch=epoch) for epoch in (7, 8)]
    for case in runs:
        case.fold(quote(30, 90.0, 90.1), clock(40), quote(41, 90.0, 90.1))
    mine, theirs = (set(ids(case)) - known for case in runs)
    assert (len(mine), len(theirs)) == (1, 1)
    assert mine != theirs


def test_what_is_said_is_counted_on() -> None:
    before = int(holding().row["tally"]["decision_seq"])
    said = restarted(holding(), 10).fold(quote(11, 90.0, 90.1)).kept.rows
    assert int(said[0]["decision_seq"]) == before + 1


def test_a_market_that_held_a_position_and_is_not_set_any_more_is_refused() -> None:
    case = two_holding()
    fresh = Case().market(playbook())
    with pytest.raises(Fatal, match="MINT holds a position"):
        fresh.core.apply(RunStarted(event_ns=at(10), epoch=2, state=kept(case)))


def test_a_flat_market_that_is_not_set_any_more_is_forgotten() -> None:
    case = Case(names=("COIN", "MINT")).market(playbook())
    case.market(playbook(), instrument=another("MINT")).fold(FIRST, quote(1, 100.0, 100.1))
    fresh = Case().market(playbook())
    fresh.core.apply(RunStarted(event_ns=at(10), epoch=2, state=kept(case)))
    assert lots(fresh)[0] == 10


def test_markets_are_known_by_name_wherever_their_rows_are() -> None:
    case = Case().market(playbook(), instrument=another("MINT")).market(playbook())
    case.fold(quote(0, 100.0, 100.1, market=1), quote(1, 100.0, 100.1, market=1))
    fresh = Case().market(playbook()).market(playbook(), instrument=another("MINT"))
    fresh.core.apply(RunStarted(event_ns=at(10), epoch=2, state=kept(case)))
    assert lots(fresh) == [10, 0]
    assert exits(fresh.fold(quote(11, 90.0, 90.1))) == [(11.0, "hard_stop")]


def test_a_state_of_another_build_is_refused() -> None:
    state = kept(holding())
    numbers = {name: each for name, each in state.account.numbers.items() if name != "day_open"}
    less = msgspec.structs.replace(state.account, numbers=numbers)
    fresh = Case().market(playbook())
    with pytest.raises(Fatal, match="account"):
        fresh.core.apply(
            RunStarted(event_ns=at(10), epoch=2, state=msgspec.structs.replace(state, account=less))
        )
