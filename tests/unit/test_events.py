"""Events other than ticks, and markets that share an account (docs/rules.md, I6, T2 and C4)."""

from typing import Final

import numpy as np
import pytest

from core_cases import Case, at, clock, playbook, prices, quote
from core_steps import (
    FIRST,
    asked,
    clock_read,
    commanded,
    day_rolled,
    entries,
    exits,
    flat,
    gated,
    holding,
    limited,
    opened,
    refusals,
    two_flat,
    two_holding,
)
from domain.enums import Gate, OutputKind, StateCause, TradingState
from domain.events import ParameterSet
from domain.playbooks import Playbook

SECOND_MARKET: Final = quote(0.01, 100.0, 100.1, market=1)
FIRST_LATER: Final = quote(3, 100.0, 100.1)


def set_rules(case: Case, rules: Playbook, at_s: float) -> Case:
    """Another playbook for COIN."""
    case.core.apply(ParameterSet(event_ns=at(at_s), market="COIN", playbook=rules))
    return case


def states(case: Case) -> list[tuple[TradingState, StateCause]]:
    """Every change of state and its cause."""
    rows = case.kept.of(OutputKind.STATE_CHANGED)
    return [(TradingState(int(row["code"])), StateCause(int(row["lots"]))) for row in rows]


def lost() -> Case:
    """A daily loss halted the account at second 2 and closed its position at 2.05."""
    rules = {"gates.trading_state": {"mode": "on"}}
    return holding(rules, limited(max_daily_loss=0.8)).fold(quote(2, 99.0, 99.1), clock(3))


def test_a_clock_that_runs_ahead_of_the_data_makes_it_old() -> None:
    case = clock_read(gated(Gate.DATA_AGE, max_s=3.0), 7)
    assert asked(case, Gate.DATA_AGE, quote(2, 100.0, 100.1)) == ("blocks", -2.0)
    assert asked(case, Gate.DATA_AGE, quote(4, 100.0, 100.1)) == ("enters", 0.0)


def test_a_clock_that_lies_behind_the_data_changes_nothing() -> None:
    case = clock_read(gated(Gate.DATA_AGE, max_s=3.0), 1)
    assert asked(case, Gate.DATA_AGE, quote(2, 100.0, 100.1)) == ("enters", 3.0)


def test_risk_counts_a_quotes_age_by_the_clock_too() -> None:
    case = clock_read(flat(), 7).fold(quote(1, 100.0, 100.1))
    assert refusals(case) == [(0, "stale_quote", 5.0, 6.0)]


def test_the_clock_does_not_age_a_position() -> None:
    case = clock_read(flat(), 100).fold(FIRST, quote(1, 100.0, 100.1), quote(2, 100.0, 100.1))
    assert exits(case) == []


def test_a_flat_market_trades_by_the_parameters_set() -> None:
    strict = playbook({"gates.spread": {"mode": "on", "max": "0tick"}})
    case = set_rules(flat(), strict, 0).fold(FIRST)
    assert case.blocked == {Gate.SPREAD: 1}
    assert entries(set_rules(case, playbook(), 1).fold(quote(1, 100.0, 100.1))) == [1.0]


def test_parameters_set_keep_what_the_market_knows() -> None:
    case = flat().fold(prices(0, 1, [100.0, 101.0]))
    before = case.row["features"].tobytes() + case.row["candles"].tobytes()
    set_rules(case, playbook({"exit": {"stop": "9tick"}}), 5)
    assert case.row["features"].tobytes() + case.row["candles"].tobytes() == before


def test_parameters_of_a_market_that_holds_are_refused() -> None:
    case = holding()
    before = case.row["parameters"].tobytes()
    set_rules(case, playbook({"exit": {"stop": "9tick"}}), 2)
    assert case.kept.rows["kind"][-1] == OutputKind.COMMAND_REFUSED
    assert case.row["parameters"].tobytes() == before


def test_parameters_of_a_market_with_a_working_entry_are_refused() -> None:
    case = set_rules(flat().fold(FIRST), playbook({"exit": {"stop": "9tick"}}), 0.01)
    assert case.kept.rows["kind"][-1] == OutputKind.COMMAND_REFUSED


def test_a_session_edge_sets_the_hours_of_the_next_session() -> None:
    case = opened(gated(Gate.SESSION), 10, 20, 30)
    opened(case, 110, 120, 130, at_s=30)
    assert asked(case, Gate.SESSION, quote(100, 100.0, 100.1)) == ("blocks", -10.0)
    assert asked(case, Gate.SESSION, quote(115, 100.0, 100.1)) == ("enters", 5.0)


def test_an_event_runs_the_timers_due_by_then_first() -> None:
    case = commanded(flat().fold(FIRST), TradingState.HALTED, 0.06)
    kinds = case.kept.rows["kind"].tolist()
    assert kinds[-2:] == [OutputKind.FILL, OutputKind.STATE_CHANGED]


def test_an_event_acts_before_a_tick_of_the_same_time() -> None:
    case = commanded(gated(Gate.TRADING_STATE), TradingState.HALTED, 1)
    assert entries(case.fold(quote(1, 100.0, 100.1))) == []


def test_a_command_sets_every_state() -> None:
    case = commanded(commanded(flat(), TradingState.HALTED, 1), TradingState.REDUCING, 2)
    said = [state for state, _ in states(commanded(case, TradingState.ACTIVE, 3))]
    assert said == [TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE]


def test_a_command_that_repeats_the_state_is_not_said() -> None:
    case = commanded(commanded(flat(), TradingState.ACTIVE, 1), TradingState.REDUCING, 2)
    assert states(commanded(case, TradingState.REDUCING, 3)) == [
        (TradingState.REDUCING, StateCause.COMMAND)
    ]


def test_a_day_roll_brings_back_the_state_before_the_loss() -> None:
    case = commanded(holding(limits=limited(max_daily_loss=0.8)), TradingState.REDUCING, 1.5)
    day_rolled(case.fold(quote(2, 99.0, 99.1), clock(3)), 5)
    assert states(case)[1:] == [
        (TradingState.HALTED, StateCause.DAILY_LOSS),
        (TradingState.REDUCING, StateCause.DAY_ROLL),
    ]


def test_a_day_roll_ends_a_halt_by_daily_loss() -> None:
    case = lost()
    assert exits(case) == [(2.0, "daily_loss")]
    day_rolled(case, 5)
    assert states(case) == [
        (TradingState.HALTED, StateCause.DAILY_LOSS),
        (TradingState.ACTIVE, StateCause.DAY_ROLL),
    ]
    assert entries(case.fold(quote(6, 100.0, 100.1))) == [0.0, 6.0]


def test_a_day_roll_belongs_to_no_market() -> None:
    said = day_rolled(lost(), 5).kept.of(OutputKind.STATE_CHANGED)[-1]
    assert (said["market"], said["decision_seq"], said["event_ns"]) == (-1, 0, at(5))


def test_without_a_day_roll_a_halt_by_daily_loss_stays() -> None:
    case = lost().fold(quote(6, 100.0, 100.1))
    assert (case.blocked, entries(case)) == ({Gate.TRADING_STATE: 1}, [0.0])


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_a_day_roll_does_not_end_what_a_command_set(state: TradingState) -> None:
    case = day_rolled(commanded(flat(), state, 1), 5)
    assert states(case) == [(state, StateCause.COMMAND)]
    assert case.book.account["trading_state"] == state


def test_a_command_to_halt_makes_a_halt_by_daily_loss_outlast_the_day() -> None:
    case = day_rolled(commanded(lost(), TradingState.HALTED, 4), 5)
    assert case.book.account["trading_state"] == TradingState.HALTED


def test_a_day_roll_starts_the_days_result_anew() -> None:
    case = day_rolled(lost(), 5)
    assert case.book.account["day_realised"] == 0
    assert case.book.account["realised"] < 0


def test_a_day_roll_counts_the_days_orders_anew() -> None:
    case = flat(limits=limited(orders_per_day=2.0, exit_reserve=1.0)).fold(FIRST).end(0.01)
    case.market(playbook(), at_s=1).fold(quote(2, 100.0, 100.1))
    assert [code for _, code, _, _ in refusals(case)] == ["orders_per_day"]
    day_rolled(case, 3).fold(quote(4, 100.0, 100.1))
    assert len(case.kept.of(OutputKind.APPROVED)) == 2


def test_a_market_set_again_starts_with_empty_features() -> None:
    case = flat().fold(prices(0, 1, [100.0, 101.0, 102.0]), FIRST_LATER).end(4)
    case.market(playbook(), at_s=5)
    fresh = np.zeros(1, case.book.rows.dtype)[0]
    for name in ("features", "candles", "orders", "run", "session_close_ns", "last_exit_ns"):
        assert case.row[name].tobytes() == fresh[name].tobytes()


def test_a_market_set_again_keeps_its_tally_and_its_numbering() -> None:
    case = flat().fold(FIRST).end(1)
    before = case.row["tally"].tobytes()
    case.market(playbook(), at_s=5)
    assert case.row["tally"].tobytes() == before
    case.fold(quote(6, 100.0, 100.1))
    seq = case.kept.rows["decision_seq"].tolist()
    assert seq == list(range(1, len(seq) + 1))


def test_a_market_set_again_has_no_last_exit_to_move_away_from() -> None:
    rules = playbook({"gates.min_move": {"mode": "on"}, "gates.cool_down": {"mode": "on"}})
    case = Case().market(rules).fold(FIRST).end(1).market(rules, at_s=1)
    assert asked(case, Gate.MIN_MOVE, quote(1.5, 100.0, 100.1)) == ("enters", np.inf)


def test_the_account_goes_on_when_a_market_is_set_again() -> None:
    case = flat().fold(FIRST).end(1)
    realised = int(case.book.account["realised"])
    assert int(case.market(playbook(), at_s=5).book.account["realised"]) == realised < 0


def test_a_second_position_beyond_the_limit_is_refused() -> None:
    case = two_flat(limited(max_open_positions=1.0)).fold(FIRST, quote(1, 100, 100.1))
    case.fold(quote(2, 100.0, 100.1, market=1))
    assert refusals(case) == [(1, "open_positions", 1.0, 2.0)]
    assert case.book.rows["position_lots"].tolist() == [10, 0]


def test_a_working_entry_counts_as_an_open_position() -> None:
    case = two_flat(limited(max_open_positions=1.0)).fold(FIRST, SECOND_MARKET)
    assert [code for _, code, _, _ in refusals(case)] == ["open_positions"]


def test_a_closed_position_makes_room_for_another_market() -> None:
    case = two_flat(limited(max_open_positions=1.0)).fold(FIRST, quote(1, 103.1, 103.2))
    case.fold(quote(2, 100.0, 100.1, market=1), clock(3))
    assert entries(case, market=1) == [2.0]
    assert case.book.rows["position_lots"].tolist() == [0, 10]


def test_other_markets_count_at_their_own_mark() -> None:
    case = two_flat(limited(max_gross_notional=203.0)).fold(FIRST, quote(1, 102.0, 102.1))
    case.fold(quote(2, 100.0, 100.1, market=1))
    assert refusals(case) == [(1, "gross_notional", 203.0, pytest.approx(102.0 + 101.1))]


def test_two_markets_close_their_positions_at_one_time() -> None:
    case = two_holding().fold(quote(2, 98.1, 98.2), quote(2, 103.1, 103.2, market=1), clock(3))
    assert [trade.market for trade in case.trades] == ["COIN", "MINT"]
    assert case.book.account["unrealised"] == 0


def test_markets_know_only_their_own_ticks() -> None:
    case = two_flat().fold(prices(0, 1, [100.0, 105.0], market=1))
    assert case.row["features"][0]["price_set"] == 0
    assert case.book.rows[1]["features"][0]["price"] == 2_100
