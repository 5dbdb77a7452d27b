"""Orders by hand: a market of their own beside the automatic one (docs/rules.md, H1 to H3, R2c)."""

import numpy as np
import pytest

from core_cases import Case, another, at, clock, crossed, playbook, prices, quote, trade
from core_steps import commanded, exits, fills, limited, refusals
from domain.enums import Mover, Origin, OutputKind, Purpose, Side, TradingState
from domain.events import EndOfData, LockSet, Release, SessionEdge
from hand_steps import AUTO, HAND, IDLE, beside, left, lots, ordered, seen, words, working

FIRST = quote(0, 100.0, 100.1)
LATER = quote(1, 100.0, 100.1)


def held(**changes: object) -> Case:
    """By hand LONG 10 lots at 1,001 ticks since second 0.15, seen at second 1."""
    return seen(ordered(seen(beside(), FIRST), 0.1, **changes), LATER)


def intents(case: Case) -> list[tuple[int, int, int]]:
    """Side, limit and lots of the intents to enter by hand."""
    rows = case.kept.of(OutputKind.INTENT)
    mine = rows[(rows["market"] == HAND) & (rows["code"] == 0)]
    return [(int(r["side"]), int(r["price_ticks"]), int(r["lots"])) for r in mine]


# The order


def test_an_order_by_hand_is_said_reviewed_and_filled() -> None:
    case = held()
    assert words(case) == ["intent", "approved", "fill"]
    assert (lots(case), fills(case)) == ([0, 10], [(0.15, 1_001, 10)])


def test_it_has_its_lots_and_the_limit_of_a_marketable_entry_however_the_playbook_enters() -> None:
    sizes = {"size": {"mode": "risk"}, "entry": {"style": "resting", "limit_offset": "4tick"}}
    case = seen(beside(by_hand=sizes), FIRST)
    ordered(case, 0.1, lots=7)
    assert intents(case) == [(1, 1_005, 7)]
    case = seen(beside(by_hand=sizes), FIRST)
    assert intents(ordered(case, 0.1, lots=7, side=Side.SHORT)) == [(-1, 996, 7)]


def test_an_offset_whose_atr_is_not_ready_counts_as_nothing() -> None:
    case = seen(beside(by_hand={"entry": {"limit_offset": "2atr:1m"}}), FIRST)
    assert intents(ordered(case, 0.1)) == [(1, 1_001, 10)]


def test_it_logs_no_distance() -> None:
    rows = held().kept.of(OutputKind.INTENT)
    assert np.isnan(rows[rows["market"] == HAND]["distances"]).all()


def test_a_limit_below_the_market_does_not_fill_and_is_cancelled_at_its_arrival() -> None:
    case = held(limit=999)
    assert (intents(case), lots(case), working(case)) == ([(1, 999, 10)], [0, 0], [])


def test_a_resting_order_waits_at_its_limit_and_fills_as_maker() -> None:
    case = held(limit=998, rests=True)
    assert (lots(case), working(case)) == ([0, 0], [Purpose.ENTRY])
    seen(case, trade(1.5, 99.7))
    assert fills(case) == [(1.5, 998, 10)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"lots": 0}, "bad_lots"),
        ({"lots": -3}, "bad_lots"),
        ({"limit": 0}, "bad_price"),
        ({"limit": -2}, "bad_price"),
    ],
)
def test_lots_or_a_price_that_cannot_be_are_refused(changes: dict[str, int], code: str) -> None:
    case = ordered(seen(beside(), FIRST), 0.1, **changes)
    assert [each[:2] for each in refusals(case)] == [(HAND, code)]
    assert lots(seen(case, LATER)) == [0, 0]


def test_an_order_before_any_quote_is_refused_as_stale() -> None:
    assert refusals(ordered(beside(), 0.1))[0][1] == "stale_quote"


# Its stop, its target, and nothing else


def test_it_is_left_by_its_own_stop() -> None:
    case = seen(held(stop=7), quote(2, 99.5, 99.6))
    assert exits(case, HAND) == []
    assert exits(seen(case, quote(3, 99.4, 99.5)), HAND) == [(3.0, "hard_stop")]


def test_it_is_left_by_its_own_target() -> None:
    case = seen(held(target=9), quote(2, 100.9, 101.0))
    assert exits(case, HAND) == []
    assert exits(seen(case, quote(3, 101.0, 101.1)), HAND) == [(3.0, "take_profit")]


def test_without_a_target_it_waits_for_its_stop() -> None:
    assert exits(seen(held(target=0), quote(2, 150.0, 150.1)), HAND) == []


WAYS_OUT = {
    "max_hold_s": 2.0, "stall_s": 2.0, "flip_streak": 1, "flip": "on", "min_hold_s": 0.0,
    "session_end_s": 3000.0, "partial_trigger": "1tick", "trail_trigger": "1tick",
    "trail_distance": "1tick", "break_even_trigger": "1tick", "lock_trigger": "1tick",
}  # fmt: skip
ADDS = {"mode": "profit", "interval_s": 0.1, "window_s": 900.0, "max_additions": 3}


@pytest.mark.parametrize("guard", ["leave", "tighten"])
def test_no_time_guard_stall_flip_session_partial_mover_or_addition_touches_it(guard: str) -> None:
    rules = {"exit": {**WAYS_OUT, "time_guard": guard}, "averaging": ADDS}
    case = ordered(seen(beside(by_hand=rules), FIRST), 0.1, stop=50, target=0)
    hours = {"open_ns": at(0), "cut_off_ns": at(50), "close_ns": at(100)}
    case.core.apply(SessionEdge(event_ns=at(0.2), market="COIN@manual", **hours))
    seen(case, LATER, prices(2, 0.1, [100.3, 100.6, 100.9]), quote(3, 100.8, 100.9))
    seen(case, prices(4, 0.1, [100.4, 99.9]), quote(5, 99.9, 100.0), clock(90))
    row = case.book.rows[HAND]
    assert (words(case), lots(case)) == (["intent", "approved", "fill"], [0, 10])
    assert (int(row["stop_level"]), int(row["mover"])) == (951, Mover.HARD)


def test_a_flat_market_by_hand_says_and_counts_nothing() -> None:
    case = seen(beside(), FIRST, prices(1, 1, [100.0] * 130))
    assert words(case) == []
    assert not case.book.rows[HAND]["tally"]["rejections"].any()


# One origin at a time


def test_an_automatic_entry_is_refused_while_a_position_by_hand_is_open() -> None:
    case = beside(auto={"gates.momentum": {"mode": "on", "streak": 1}})
    seen(ordered(seen(case, FIRST), 0.1), LATER, prices(2, 0.1, [100.1, 101.0, 102.0]))
    assert {each[:2] for each in refusals(case)} == {(AUTO, "other_origin")}
    assert lots(case) == [0, 10]


EAGER = {"gates.momentum": {"mode": "on", "streak": 1}}
RISING = prices(2, 0.5, [100.0 + 0.1 * each for each in range(140)])


def test_while_a_position_by_hand_is_open_the_automatic_market_asks_once_a_minute() -> None:
    case = seen(ordered(seen(beside(auto=EAGER), FIRST), 0.1, target=0), LATER, RISING)
    times = case.kept.of(OutputKind.REFUSED)["event_ns"]
    assert [(int(each) - at(0)) / 1e9 for each in times] == [2.5, 62.5]


def test_the_end_of_the_position_by_hand_ends_that_wait() -> None:
    case = seen(ordered(seen(beside(auto=EAGER), FIRST), 0.1, target=0), LATER, RISING[:4])
    assert [each[1] for each in refusals(case)] == ["other_origin"]
    left(case, 3.6)
    seen(case, quote(4, 100.0, 100.1), trade(4.1, 101.0), quote(5, 100.9, 101.0))
    assert [each[1] for each in refusals(case)] == ["other_origin"]
    assert lots(case) == [10, 0]


def test_it_does_not_end_the_wait_of_another_instrument() -> None:
    case = Case(max_markets=3, names=("COIN", "COIN@manual", "MINT")).market(playbook(IDLE))
    case.market(playbook(), origin=Origin.MANUAL).market(playbook(), instrument=another("MINT"))
    seen(ordered(seen(case, FIRST), 0.1), LATER)
    case.book.rows[2]["hold_until"] = at(900)
    seen(left(case, 1.1), quote(2, 100.0, 100.1))
    assert (lots(case), int(case.book.rows[2]["hold_until"])) == ([0, 0, 0], at(900))


def test_a_lock_that_is_still_set_refuses_once_more_when_the_other_position_ends() -> None:
    case = ordered(seen(beside(auto=EAGER), FIRST), 0.1, target=0)
    seen(case, LATER, RISING[:4])
    case.core.apply(LockSet(event_ns=at(3.5), market="COIN", until_ns=None, reason="news"))
    left(case, 3.6)
    seen(case, quote(4, 100.0, 100.1), prices(4.1, 0.5, [101.0, 102.0, 103.0, 104.0, 105.0]))
    assert [each[1] for each in refusals(case)] == ["other_origin", "locked_by_hand"]


def test_after_a_resting_order_by_hand_refused_it_the_automatic_market_asks_each_second() -> None:
    case = beside(auto=EAGER)
    ordered(seen(case, FIRST), 0.1, limit=950, rests=True)
    seen(case, LATER, prices(1.1, 0.1, [100.1 + 0.1 * each for each in range(30)]))
    assert [each[:2] for each in refusals(case)] == [(AUTO, "other_origin")]
    assert lots(case) == [10, 0]


def test_a_resting_order_by_hand_keeps_the_automatic_market_out_too() -> None:
    case = beside(auto={"gates.momentum": {"mode": "on", "streak": 1}})
    ordered(seen(case, FIRST), 0.1, limit=950, rests=True)
    seen(case, LATER, prices(2, 0.1, [100.1, 101.0]))
    assert {each[:2] for each in refusals(case)} == {(AUTO, "other_origin")}


def test_an_order_by_hand_is_refused_while_the_automatic_position_is_open() -> None:
    case = ordered(seen(beside(auto={}), FIRST, LATER), 1.1)
    assert lots(case) == [10, 0]
    assert [each[:2] for each in refusals(case)] == [(HAND, "other_origin")]


@pytest.mark.parametrize("first", [{}, {"limit": 950, "rests": True}])
def test_a_second_order_by_hand_is_refused_and_changes_no_plan(first: dict[str, int]) -> None:
    case = ordered(held(stop=20, **first), 1.1, stop=3, target=1)
    assert [each[:2] for each in refusals(case)] == [(HAND, "other_origin")]
    assert words(case)[-2:] == ["intent", "refused"]
    assert int(case.book.rows[HAND]["plan_stop"]) == 20


def test_the_other_origin_may_enter_once_the_first_is_flat() -> None:
    case = left(held(), 1.1)
    seen(case, quote(2, 100.0, 100.1))
    assert lots(ordered(case, 2.1)) == [0, 0]
    assert lots(seen(case, quote(3, 100.0, 100.1))) == [0, 10]


# Limits


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        ({"max_order_notional": 100.0}, "order_notional"),
        ({"max_trade_loss": 2.0}, "trade_loss"),
        ({"allow": ("OTHER",)}, "not_allowed"),
        ({"allow": ("COIN@manual",)}, "not_allowed"),
    ],
)
def test_a_limit_refuses_an_order_by_hand(bound: dict[str, object], code: str) -> None:
    case = ordered(seen(beside(limited(**bound)), FIRST), 0.1)
    assert [each[1] for each in refusals(case)] == [code]


def test_the_instrument_is_allowed_by_its_name_not_by_that_of_the_market() -> None:
    assert refusals(ordered(seen(beside(limited(allow=("COIN",))), FIRST), 0.1)) == []


def test_a_position_by_hand_counts_in_the_exposure_of_an_automatic_one() -> None:
    case = Case(limited(max_gross_notional=150.0)).market(playbook(), origin=Origin.MANUAL)
    case.market(playbook(), instrument=another("MINT"))
    ordered(case.fold(FIRST), 0.1).fold(LATER, quote(1, 100.0, 100.1, market=1))
    assert [each[:2] for each in refusals(case)] == [(1, "gross_notional")]


def test_an_automatic_position_counts_in_the_exposure_of_one_by_hand() -> None:
    case = Case(limited(max_gross_notional=150.0)).market(playbook(), origin=Origin.MANUAL)
    case.market(playbook(), instrument=another("MINT"))
    case.fold(FIRST, quote(0, 100.0, 100.1, market=1), quote(1, 100.0, 100.1, market=1))
    assert [each[:2] for each in refusals(ordered(case, 1.1))] == [(0, "gross_notional")]


def test_halted_leaves_a_position_by_hand_and_refuses_orders() -> None:
    case = seen(commanded(held(), TradingState.HALTED, 1.1), quote(2, 100.0, 100.1))
    assert exits(case, HAND) == [(2.0, "halt")]
    seen(case, quote(3, 100.0, 100.1))
    assert refusals(ordered(case, 3.1))[-1][1] == "trading_state"


# Leaving


def test_a_person_leaves_a_position_by_command() -> None:
    case = left(held(), 1.1)
    assert exits(case, HAND) == [(1.1, "command")]
    seen(case, quote(2, 100.0, 100.1))
    assert (lots(case), [reason.word for reason in case.reasons]) == ([0, 0], ["command"])


def test_a_person_leaves_an_automatic_position_too() -> None:
    case = left(seen(beside(auto={}), FIRST, LATER), 1.1)
    assert exits(case, AUTO) == [(1.1, "command")]


def test_leaving_cancels_a_working_entry() -> None:
    case = held(limit=998, rests=True)
    left(case, 1.1)
    assert working(case) == []


def test_leaving_twice_intends_once() -> None:
    assert exits(left(left(held(), 1.1), 1.12), HAND) == [(1.1, "command")]


def test_leaving_does_not_rename_an_exit_that_a_stop_latched() -> None:
    case = seen(held(), quote(2, 90.0, 90.1))
    assert exits(left(case, 2.01), HAND) == [(2.0, "hard_stop")]


def test_leaving_between_two_attempts_of_a_latched_exit_changes_nothing() -> None:
    case = beside(
        limited(duplicate_window_ms=60_000.0), by_hand={"exit": {"limit_offset": "1tick"}}
    )
    seen(ordered(seen(case, FIRST), 0.1), LATER, quote(2, 98.1, 98.2), quote(2.02, 90.0, 90.1))
    seen(case, quote(2.9, 98.1, 98.2), clock(3.1))
    assert [each[:2] for each in refusals(case)] == [(HAND, "duplicate")]
    attempts = exits(case, HAND)
    assert {reason for _, reason in attempts} == {"hard_stop"}
    assert exits(left(case, 3.2), HAND) == attempts


@pytest.mark.parametrize(
    ("instrument", "origin", "leaves"),
    [
        (None, None, True),
        ("COIN", None, True),
        ("COIN", Origin.MANUAL, True),
        (None, Origin.MANUAL, True),
        (None, Origin.AUTO, False),
        ("OTHER", None, False),
    ],
)
def test_a_person_leaves_an_instrument_or_all_of_an_origin_or_each(
    instrument: str | None, origin: Origin | None, *, leaves: bool
) -> None:
    case = left(held(), 1.1, instrument, origin)
    assert exits(case, HAND) == ([(1.1, "command")] if leaves else [])


def test_an_exit_by_command_that_missed_is_tried_again() -> None:
    case = left(held(), 1.1)
    seen(case, quote(1.12, 98.0, 98.1), clock(4))
    assert exits(case, HAND) == [(1.1, "command"), (2.15, "command")]
    assert lots(case) == [0, 0]


def test_an_invalid_book_does_not_keep_a_person_from_leaving() -> None:
    case = left(seen(held(), crossed(1.05)), 1.1)
    assert exits(case, HAND) == [(1.1, "command")]


# Locks and the end


def test_locks_of_one_origin_are_not_those_of_the_other() -> None:
    case = beside(limited(repeated_entries=1.0, repeated_window_s=900.0))
    seen(ordered(seen(case, FIRST), 0.1, stop=3), quote(2, 99.0, 99.1), quote(3, 99.0, 99.1))
    ordered(case, 3.1)
    ordered(case, 3.2)
    assert [each[1] for each in refusals(case)] == ["repeated_entries"] * 2
    lock = case.kept.of(OutputKind.LOCKED)[0]
    assert int(lock["market"]) == HAND
    case.core.apply(Release(event_ns=at(3.3), market="COIN@manual"))
    assert lots(seen(ordered(case, 3.4), quote(4, 99.0, 99.1))) == [0, 10]


def test_the_end_of_its_data_closes_it_out() -> None:
    case = held()
    case.core.apply(EndOfData(event_ns=at(1.5), market="COIN@manual"))
    assert [reason.word for reason in case.reasons] == ["end_of_data"]
