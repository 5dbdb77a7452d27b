"""Additions to a position: when, how many, and what they do to it (docs/rules.md, A1 to A3, E1)."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core_cases import Case, at, clock, crossed, playbook, prices, quote, trade
from core_steps import (
    FIRST,
    Changes,
    asked,
    clock_read,
    commanded,
    entries,
    exits,
    fills,
    limit_prices,
    limited,
    refusals,
    seconds,
    works,
)
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, Mover, OutputKind, Purpose, Side, TradingState
from domain.events import ContextSet
from domain.limits import Limits

PROFIT = {"mode": "profit"}  # 5 lots, 4 s apart and within 12 s, up to 2 of them and 20 lots
BUDGET = {"mode": "loss_budget", "loss_budget": "5tick"}
# What a falling price and a rising one make of an eager market: see `falling` and `rising`.
FALLS = np.concatenate([trade(0, 100.1), trade(0.1, 100.0), quote(0.2, 100.0, 100.1)])


def held(
    averaging: dict[str, Any], changes: Changes | None = None, limits: Limits | None = None
) -> Case:
    """LONG at 1,001 ticks since second 0.05, direction LONG since second 1.1."""
    rules = playbook({"averaging": averaging, **(changes or {})})
    case = Case(limits or limited()).market(rules)
    return case.fold(FIRST, rising(1), bid(1.2, 100.0))


def held_short(averaging: dict[str, Any], changes: Changes | None = None) -> Case:
    """SHORT at 1,000 ticks since second 0.25, direction SHORT."""
    rules = playbook({"averaging": averaging, **(changes or {})})
    return Case(limited()).market(rules).fold(FALLS, quote(1, 100.0, 100.1))


def rising(at_s: float) -> Rows:
    """Two trades that turn the direction upwards; the book stays."""
    return prices(at_s, 0.1, [99.9, 100.0])


def bid(at_s: float, price: float, ask_size: float = 100.0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, ask_size=ask_size)


def ask(at_s: float, price: float) -> Rows:
    """The same, told by its ask."""
    return quote(at_s, price - 0.1, price)


def additions(case: Case) -> list[tuple[float, int, int]]:
    """Second, limit price and lots of each addition that was intended."""
    rows = case.kept.of(OutputKind.ADDITION)
    return [(seconds(row), int(row["price_ticks"]), int(row["lots"])) for row in rows]


def times(case: Case) -> list[float]:
    """Seconds of the additions."""
    return [at_s for at_s, _, _ in additions(case)]


def stop(case: Case) -> tuple[int, Mover]:
    """The stop and what moved it last."""
    return int(case.row["stop_level"]), Mover(int(case.row["mover"]))


def test_without_averaging_nothing_is_added() -> None:
    assert additions(held({"mode": "off"}).fold(bid(5, 100.5))) == []


def test_mode_profit_adds_to_what_gained() -> None:
    case = held(PROFIT).fold(bid(5, 100.1))
    assert additions(case) == []
    assert additions(case.fold(bid(6, 100.2))) == [(6.0, 1_013, 5)]


def test_mode_profit_adds_to_a_short_that_gained() -> None:
    case = held_short(PROFIT).fold(ask(5, 100.0))
    assert additions(case) == []
    assert additions(case.fold(ask(6, 99.9))) == [(6.0, 988, 5)]


def test_mode_loss_budget_adds_down_to_its_budget() -> None:
    case = held(BUDGET).fold(bid(5, 99.5))
    assert additions(case) == []
    assert additions(case.fold(bid(6, 99.6))) == [(6.0, 1_007, 5)]


def test_mode_loss_budget_adds_to_what_gained_too() -> None:
    assert times(held(BUDGET).fold(bid(5, 100.5))) == [5.0]


def test_mode_loss_budget_adds_to_a_short_down_to_its_budget() -> None:
    case = held_short(BUDGET).fold(ask(5, 100.6))
    assert additions(case) == []
    assert additions(case.fold(ask(6, 100.5))) == [(6.0, 994, 5)]


@pytest.mark.parametrize(("at_s", "found"), [(12.05, [12.05]), (12.050000001, [])])
def test_a_position_is_added_to_within_its_window(at_s: float, found: list[float]) -> None:
    assert times(held(PROFIT).fold(bid(at_s, 100.5))) == found


@pytest.mark.parametrize(("at_s", "found"), [(4.049999999, []), (4.05, [4.05])])
def test_the_first_addition_waits_an_interval_after_the_entry(
    at_s: float, found: list[float]
) -> None:
    assert times(held(PROFIT).fold(bid(at_s, 100.5))) == found


def test_the_next_addition_waits_an_interval_after_the_approval_of_the_last() -> None:
    case = held(PROFIT).fold(bid(4.5, 100.5), bid(8.499999999, 100.7))
    assert times(case) == [4.5]
    assert times(case.fold(bid(8.5, 100.7))) == [4.5, 8.5]
    assert case.fold(clock(9)).row["position_lots"] == 20


@pytest.mark.parametrize(("most", "found"), [(1, [5.0]), (2, [5.0, 9.0])])
def test_a_position_is_added_to_so_often_at_most(most: int, found: list[float]) -> None:
    rules = {**PROFIT, "max_additions": most, "max_multiple": 9.0, "window_s": 60.0}
    case = held(rules).fold(bid(5, 100.5), bid(9, 100.8), bid(13, 101.0), bid(17, 101.0))
    assert times(case) == found


@pytest.mark.parametrize(("most", "found"), [(1.49, []), (1.5, [5.0])])
def test_an_addition_may_fill_its_cap_but_not_exceed_it(most: float, found: list[float]) -> None:
    assert times(held({**PROFIT, "max_multiple": most}).fold(bid(5, 100.5))) == found


def test_the_cap_counts_what_was_added() -> None:
    case = held({**PROFIT, "max_multiple": 1.9}).fold(bid(5, 100.5), bid(9, 100.8))
    assert (times(case), case.row["position_lots"]) == ([5.0], 15)


@pytest.mark.parametrize(("multiple", "lots"), [(0.59, 5), (0.3, 3), (1.0, 10)])
def test_the_size_of_an_addition_is_rounded_down(multiple: float, lots: int) -> None:
    case = held({**PROFIT, "multiple": multiple}).fold(bid(5, 100.5))
    assert additions(case) == [(5.0, 1_016, lots)]


def test_an_addition_of_no_lots_is_never_intended() -> None:
    rules = playbook({"averaging": {**PROFIT, "multiple": 0.09}})
    case = Case(limited()).market(rules).fold(FIRST, rising(1), bid(5, 100.5), clock(6))
    assert (additions(case), refusals(case)) == ([], [])
    assert (case.row["position_lots"], entries(case)) == (10, [0.0])


def test_an_addition_needs_the_direction_of_the_position() -> None:
    undirected = Case(limited()).market(playbook({"averaging": PROFIT}))
    assert additions(undirected.fold(FIRST, trade(1, 100.0), bid(5, 100.5))) == []
    case = held(PROFIT).fold(trade(2, 99.9), bid(5, 100.5))
    assert additions(case) == []
    assert times(case.fold(trade(6, 100.0))) == [6.0]


def test_nothing_is_added_while_the_book_is_invalid() -> None:
    case = held(PROFIT).fold(bid(2, 100.5), crossed(4.9), trade(5, 100.0))
    assert additions(case) == []


def test_nothing_is_added_at_a_timer() -> None:
    assert additions(held({**PROFIT, "window_s": 60.0}).fold(bid(2, 100.5), clock(30))) == []


def test_nothing_is_added_on_the_tick_of_an_exit_or_afterwards() -> None:
    case = held(PROFIT, {"exit": {"target": "4tick"}}).fold(bid(5, 100.5), bid(5.01, 100.4))
    assert (exits(case), additions(case)) == ([(5.0, "take_profit")], [])
    missed = held(PROFIT, {"exit": {"target": "4tick"}}).fold(bid(5, 100.5), bid(5.01, 100.2))
    assert (works(missed.fold(clock(6)), Purpose.EXIT), additions(missed)) == (True, [])


def test_nothing_is_added_on_the_tick_of_a_partial_exit_or_while_it_works() -> None:
    exit_rules = {"target": "off", "partial_trigger": "4tick"}
    case = held(PROFIT, {"exit": exit_rules}).fold(bid(5, 100.5), bid(5.01, 100.5))
    assert (exits(case), additions(case)) == ([(5.0, "partial")], [])
    assert times(case.fold(bid(6, 100.5))) == [6.0]


def test_nothing_is_added_while_an_entry_works() -> None:
    entry = {"style": "resting", "resting_life_s": 8.0}
    case = Case(limited()).market(playbook({"averaging": PROFIT, "entry": entry})).fold(FIRST)
    case.fold(trade(1, 100.0, 100.5, -1), trade(1.1, 100.1), bid(6, 100.5), bid(8, 100.5))
    assert (case.row["position_lots"], additions(case)) == (5, [])
    case.fold(bid(8.06, 100.5))
    assert (works(case, Purpose.ENTRY), additions(case)) == (True, [(8.06, 1_005, 5)])


def test_movers_come_before_an_addition_on_the_same_tick() -> None:
    even = {"break_even_trigger": "10tick", "break_even_offset": "2tick", "target": "off"}
    case = held(PROFIT, {"exit": even}).fold(bid(5, 101.1))
    assert (stop(case), times(case)) == ((1_003, Mover.BREAK_EVEN), [5.0])


def test_the_gates_are_asked_again_and_nothing_is_counted() -> None:
    case = held(PROFIT, {"gates.spread": {"mode": "on", "max": "1tick"}})
    case.fold(quote(5, 100.5, 100.7), quote(5.5, 100.5, 100.7))
    assert (additions(case), case.blocked) == ([], {})
    assert case.row["run"]["open"] == 0
    assert times(case.fold(bid(6, 100.5))) == [6.0]
    assert len(case.kept.of(OutputKind.REJECTION_RUN)) == 0


def test_an_observing_gate_lets_an_addition_pass_and_observes_nothing() -> None:
    case = held(PROFIT, {"gates.spread": {"mode": "observe", "max": "1tick"}})
    case.fold(quote(5, 100.5, 100.7))
    assert times(case) == [5.0]
    assert case.row["tally"]["observed"].sum() == 0


@pytest.mark.parametrize(("missing", "found"), [("pass", [5.0]), ("block", [])])
def test_a_gate_that_is_not_ready_does_to_an_addition_what_it_is_set_to(
    missing: str, found: list[float]
) -> None:
    case = Case(limited()).market(playbook({"averaging": PROFIT, **bias_asked(missing)}))
    bias = ContextSet(event_ns=at(0), market="COIN", valid_until_ns=at(4), smc_bias=0.5)
    case.core.apply(bias)
    assert entries(case.fold(FIRST, rising(1))) == [0.0]
    assert times(case.fold(bid(5, 100.5))) == found
    assert case.row["tally"]["not_ready"].sum() == 0


def bias_asked(missing: str) -> Changes:
    """A gate that waits for what others write."""
    return {"gates.smc": {"mode": "on", "min_bias": 0.0, "when_missing": missing}}


def test_a_pause_of_the_account_blocks_an_addition_by_its_gate() -> None:
    gate = {"gates.trading_state": {"mode": "on"}}
    case = commanded(held(PROFIT, gate), TradingState.REDUCING, 3).fold(bid(5, 100.5))
    assert (additions(case), refusals(case)) == ([], [])


def test_the_rate_of_entries_holds_for_additions() -> None:
    rules = {"gates.rate": {"mode": "on", "max_per_minute": 2}}
    case = held(PROFIT, rules).fold(bid(5, 100.5), bid(9, 100.8))
    assert times(case) == [5.0]


def test_pauses_between_trades_do_not_concern_an_addition() -> None:
    pauses = {"after_exit_s": 60.0, "after_loss_s": 60.0, "min_gap_s": 60.0}
    rules: Changes = {
        "gates.cool_down": {"mode": "on", **pauses},
        "gates.min_move": {"mode": "on", "min": "500tick"},
    }
    case = held(PROFIT, rules).fold(bid(5, 100.5), bid(9, 100.8))
    assert times(case) == [5.0, 9.0]


def test_an_addition_tells_the_gates_it_was_asked() -> None:
    on = {"mode": "on"}
    rules: Changes = {
        "gates.cool_down": on,
        "gates.min_move": on,
        "gates.rate": {**on, "max_per_minute": 5},
        "gates.spread": {**on, "max": "4tick"},
    }
    case = held(PROFIT, rules).fold(bid(5, 100.5))
    (said,) = case.kept.of(OutputKind.ADDITION)
    told = {Gate(n): float(d) for n, d in enumerate(said["distances"]) if not np.isnan(d)}
    assert told == {Gate.HOLD: np.inf, Gate.SPREAD: 3.0, Gate.RATE: 3.0, Gate.PLAN: 1.0}


def test_an_addition_is_said_and_approved_as_one() -> None:
    case = held(PROFIT).fold(bid(5, 100.5))
    said, approval = case.kept.rows[-2:]
    assert (said["kind"], said["code"], said["side"]) == (OutputKind.ADDITION, 0, Side.LONG)
    assert (said["price_ticks"], said["lots"], said["first_ns"]) == (1_016, 5, 0)
    assert (approval["kind"], approval["lots"]) == (OutputKind.APPROVED, 5)
    assert (case.row["tally"]["entries"], case.row["tally"]["additions"]) == (1, 1)
    assert len(case.kept.of(OutputKind.INTENT)) == 1


def test_risk_is_asked_again_and_its_refusal_holds() -> None:
    # 10 lots at a limit of 1,011 ticks are worth 101.1, 15 at 1,016 are 152.4.
    case = held(PROFIT, limits=limited(max_position_notional=152.3)).fold(bid(5, 100.5))
    assert refusals(case) == [(0, "position_notional", 152.3, pytest.approx(152.4))]
    assert case.row["hold_until"] - case.row["last_tick_ns"] == 10**9
    case.fold(bid(5.999999999, 100.4))
    assert times(case) == [5.0]
    assert times(case.fold(bid(6, 100.4))) == [5.0, 6.0]
    assert (case.fold(clock(7)).row["position_lots"], case.blocked) == (15, {})


def test_a_refused_addition_is_no_entry_and_starts_no_interval() -> None:
    case = held(PROFIT, limits=limited(max_position_notional=152.3)).fold(bid(5, 100.5))
    assert (case.row["entry_count"], case.row["last_addition_ns"]) == (1, 0)
    assert case.row["addition_works"] == 0
    assert case.fold(clock(6)).row["additions"] == 0


def test_risk_asks_the_account_even_where_its_gate_is_off() -> None:
    case = commanded(held(PROFIT), TradingState.REDUCING, 3).fold(bid(5, 100.5))
    assert (times(case), [code for _, code, _, _ in refusals(case)]) == ([5.0], ["trading_state"])


def test_an_addition_that_never_filled_is_not_counted() -> None:
    rules = {**PROFIT, "max_additions": 1}
    case = held(rules, {"entry": {"limit_offset": "0tick"}}).fold(bid(5, 100.5), bid(5.01, 100.6))
    case.fold(bid(5.5, 100.4))
    assert (case.row["position_lots"], case.row["additions"]) == (10, 0)
    case.fold(bid(8.999999999, 100.4))
    assert times(case) == [5.0]
    assert times(case.fold(bid(9, 100.4), bid(9.1, 100.4))) == [5.0, 9.0]
    assert (case.row["position_lots"], case.row["additions"]) == (15, 1)


def test_an_addition_that_fills_in_parts_is_counted_once() -> None:
    case = held({**PROFIT, "window_s": 60.0, "max_multiple": 9.0})
    case.fold(bid(5, 100.5, ask_size=0.2), bid(5.2, 100.5))
    assert [lots for _, _, lots in fills(case)] == [10, 2, 2, 1]
    assert case.row["additions"] == 1


def test_the_parts_of_an_entry_are_no_additions() -> None:
    case = Case(limited()).market(playbook({"averaging": PROFIT}))
    case.fold(quote(0, 100.0, 100.1, ask_size=0.4), clock(1))
    assert (len(fills(case)), case.row["additions"]) == (3, 0)


def test_stop_and_target_stand_around_the_new_average() -> None:
    case = held(PROFIT).fold(bid(5, 100.2), bid(5.2, 100.2))
    # 10 lots at 1,001 and 5 at 1,003 ticks: 15,025 / 15 = 1,001.67.
    assert (case.row["position_cost"], case.row["average"]) == (15_025, 1_002)
    assert (stop(case), case.row["target_level"]) == ((982, Mover.HARD), 1_032)
    assert exits(case.fold(bid(6, 103.1))) == []
    assert exits(case.fold(bid(7, 103.2))) == [(7.0, "take_profit")]


def test_an_addition_never_loosens_the_stop() -> None:
    case = held(BUDGET).fold(bid(5, 99.6), bid(5.2, 99.6))
    # 10 lots at 1,001 and 5 at 997 ticks: 14,995 / 15 = 999.67.
    assert (case.row["average"], case.row["target_level"]) == (1_000, 1_030)
    assert stop(case) == (981, Mover.HARD)


def test_an_addition_leaves_a_stop_that_was_moved_and_its_mover() -> None:
    even = {"break_even_trigger": "4tick", "break_even_offset": "2tick"}
    case = held(PROFIT, {"exit": even}).fold(bid(5, 100.5), bid(5.2, 100.5))
    assert (case.row["average"], stop(case)) == (1_003, (1_003, Mover.BREAK_EVEN))


def test_an_addition_that_puts_the_stop_higher_makes_it_hard() -> None:
    even = {"break_even_trigger": "10tick", "break_even_offset": "1tick"}
    rules = {"exit": {"stop": "3tick", **even, "target": "off"}}
    case = held({**PROFIT, "multiple": 1.0}, rules).fold(bid(5, 101.1))
    assert stop(case) == (1_002, Mover.BREAK_EVEN)
    case.fold(clock(5.1))
    # 10 lots at 1,001 and 10 at 1,012 ticks: 1,006.5, rounded up; less 3 is above 1,002.
    assert (case.row["average"], stop(case)) == (1_007, (1_004, Mover.HARD))
    assert exits(case.fold(bid(6, 100.4))) == [(6.0, "hard_stop")]


@pytest.mark.parametrize(("price", "mover"), [(101.1, Mover.HARD), (101.2, Mover.TRAIL)])
def test_what_the_trail_measures_is_measured_from_the_new_average(
    price: float, mover: Mover
) -> None:
    trail = {"trail_trigger": "10tick", "trail_distance": "5tick", "target": "off"}
    case = held({**PROFIT, "max_additions": 1}, {"exit": trail}).fold(bid(5, 100.2))
    assert stop(case.fold(bid(6, price)))[1] is mover


def test_a_lock_measures_the_best_quote_of_the_trade_from_the_new_average() -> None:
    lock = {"lock_trigger": "10tick", "lock_share": 0.5, "target": "off"}
    rules = {**BUDGET, "max_additions": 1, "multiple": 1.0}
    case = held(rules, {"exit": lock}).fold(bid(2, 101.0), bid(5, 99.6))
    assert (stop(case), case.row["best_ticks"]) == ((981, Mover.HARD), 1_010)
    # 10 lots at 1,001 and 10 at 997 ticks: 999, so that the best gain becomes 11.
    case.fold(bid(6, 100.6))
    assert (case.row["average"], stop(case)) == (999, (1_004, Mover.LOCK))


def test_the_levels_of_a_short_move_with_its_average() -> None:
    case = held_short(PROFIT).fold(ask(5, 99.9), ask(5.2, 99.9))
    # 10 lots at 1,000 and 5 at 998 ticks: 14,990 / 15 = 999.33.
    assert (case.row["average"], case.row["target_level"]) == (999, 969)
    assert stop(case) == (1_019, Mover.HARD)
    worse = held_short(BUDGET).fold(ask(5, 100.5), ask(5.2, 100.5))
    # 10 lots at 1,000 and 5 at 1,004 ticks: 15,020 / 15 = 1,001.33.
    assert (worse.row["average"], worse.row["target_level"]) == (1_001, 971)
    assert stop(worse) == (1_020, Mover.HARD)


def test_the_plan_stays_that_of_the_entry() -> None:
    case = held(PROFIT, {"exit": {"stop": "20bp"}}).fold(quote(5, 150.0, 150.1), clock(5.1))
    assert case.row["plan_stop"] == 2


def test_a_part_and_an_exit_close_what_was_added_too() -> None:
    case = held(PROFIT).fold(bid(5, 100.2), bid(5.2, 103.2), bid(6, 103.2))
    (closed,) = case.trades
    assert (closed.lots, closed.reason) == (15, ExitReason.TAKE_PROFIT)
    fees = Decimal("0.000005") * (10_010 + 5_015 + 15 * 1_032)
    assert closed.net == Decimal("0.01") * (15 * 1_032 - 15_025) - fees


def test_an_addition_counts_as_an_entry_for_the_gap_between_entries() -> None:
    gap = {"mode": "on", "after_exit_s": 0.0, "after_loss_s": 0.0, "min_gap_s": 10.0}
    case = held(PROFIT, {"gates.cool_down": gap}).fold(bid(5, 100.2), bid(6, 97.0))
    assert exits(case) == [(6.0, "hard_stop")]
    found = asked(case, Gate.COOL_DOWN, bid(14.9, 100.0))
    assert found == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(15, 100.0)) == ("enters", 0.0)


def test_an_addition_counts_as_an_entry_for_the_rate() -> None:
    case = held(PROFIT, {"gates.rate": {"mode": "on", "max_per_minute": 2}})
    case.fold(bid(5, 100.2), bid(6, 97.0))
    assert asked(case, Gate.RATE, bid(59.999, 100.0)) == ("blocks", -1.0)
    assert asked(case, Gate.RATE, bid(60, 100.0)) == ("enters", 0.0)


def test_additions_are_counted_anew_with_each_trade() -> None:
    case = held({**PROFIT, "max_additions": 1}).fold(bid(5, 100.2), bid(6, 97.0))
    case.fold(bid(7, 100.0), bid(11.049999999, 100.2))
    assert times(case) == [5.0]
    assert times(case.fold(bid(11.05, 100.2))) == [5.0, 11.05]
    assert case.fold(clock(12)).row["additions"] == 1


def test_an_addition_that_never_filled_does_not_count_for_the_next_trade() -> None:
    case = held(PROFIT, {"entry": {"limit_offset": "0tick"}}).fold(bid(5, 100.5), bid(5.01, 100.6))
    case.fold(bid(6, 97.0), bid(7, 100.0), clock(8))
    assert (case.row["position_lots"], case.row["additions"]) == (10, 0)


def test_an_exit_cancels_a_working_addition() -> None:
    entry = {"style": "resting", "resting_life_s": 300.0}
    case = held(PROFIT, {"entry": entry}).fold(trade(2, 99.9), trade(2.1, 100.0))
    case.fold(bid(6.1, 100.5), bid(7, 97.0), clock(8))
    assert additions(case) == [(6.1, 1_005, 5)]
    assert (exits(case), works(case, Purpose.ENTRY)) == ([(7.0, "hard_stop")], False)


def test_a_resting_addition_rests_at_its_own_sides_quote_until_its_end() -> None:
    entry = {"style": "resting", "resting_life_s": 2.0}
    case = Case(limited()).market(playbook({"averaging": PROFIT, "entry": entry}))
    case.fold(FIRST, trade(0.1, 99.9), rising(1), bid(5, 100.5))
    assert limit_prices(case, OutputKind.ADDITION) == [1_005]
    assert works(case.fold(clock(7)), Purpose.ENTRY)
    assert not works(clock_read(case, 8), Purpose.ENTRY)
    assert case.row["additions"] == 0
