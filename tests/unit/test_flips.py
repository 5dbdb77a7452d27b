"""Leaving when the other side has the momentum of an entry (docs/rules.md, E3 row 10, G20)."""

from typing import Any

import numpy as np
import pytest

from core_cases import Case, another, clock, crossed, prices, quote, trade
from core_steps import (
    FIRST,
    Changes,
    asked,
    entries,
    exits,
    flat,
    holding,
    holding_short,
    logged,
)
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, Side

FLIP = {"flip": "on", "min_hold_s": 3.0}
TWO = {"streak": 2}
PAUSES = {"mode": "on", "after_exit_s": 10.0, "after_loss_s": 20.0, "min_gap_s": 0.0}


def flipping(momentum: dict[str, Any] | None = None, **rules: Any) -> Case:  # noqa: ANN401
    """LONG since second 0.05, left when momentum needs two moves and has turned."""
    return holding({"exit": {**FLIP, **rules}, "gates.momentum": {**TWO, **(momentum or {})}})


def paused(flip_s: float = 2.0, **pauses: float) -> Case:
    """LONG since second 0.05; a momentum of two falling moves since second 1.3."""
    changes: Changes = {
        "exit": {**FLIP, "flip_cool_down_s": flip_s},
        "gates.momentum": TWO,
        "gates.cool_down": {**PAUSES, **pauses},
    }
    return holding(changes).fold(falling(1.1))


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def falling(at_s: float) -> Rows:
    """Three trades that make a streak of two downwards; the book stays."""
    return prices(at_s, 0.1, [100.1, 100.0, 99.9])


def rising(at_s: float) -> Rows:
    """After those, three trades that make a streak of three upwards; the book stays."""
    return prices(at_s, 0.1, [100.0, 100.1, 100.2])


def test_a_position_is_flipped_out_of_after_its_least_time() -> None:
    case = flipping().fold(falling(1.1), bid(3.049999999, 100.0))
    assert exits(case) == []
    assert exits(case.fold(bid(3.05, 100.0))) == [(3.05, "flip")]
    assert logged(case) == 0.0


@pytest.mark.parametrize(("streak", "found"), [(1, [1.0]), (2, [0.0]), (3, [])])
def test_the_other_side_needs_the_streak_of_an_entry(streak: int, found: list[float]) -> None:
    case = flipping({"streak": streak}).fold(falling(1.1), bid(3.05, 100.0))
    assert [logged(case) for _ in exits(case)] == found


def test_the_other_side_needs_what_losses_ask_of_an_entry_too() -> None:
    case = flipping({"loss_streak": 1, "loss_penalty": 1}).fold(bid(2, 98.1), bid(3, 100.0))
    case.fold(bid(4, 100.0), falling(4.1), bid(7, 100.0))
    assert (entries(case), exits(case)) == ([0.0, 3.0], [(2.0, "hard_stop")])
    assert exits(case.fold(trade(7.1, 99.8)))[1:] == [(7.1, "flip")]


def test_momentum_of_the_own_side_does_not_flip() -> None:
    assert exits(flipping().fold(prices(1.1, 0.1, [99.9, 100.0, 100.1]), bid(9, 100.0))) == []


def test_a_direction_that_has_not_turned_does_not_flip() -> None:
    assert exits(flipping({"streak": 1}).fold(trade(1.1, 100.0), bid(9, 100.0))) == []


def test_a_flip_that_is_off_does_nothing() -> None:
    assert exits(flipping(flip="off").fold(falling(1.1), bid(9, 100.0))) == []


@pytest.mark.parametrize("mode", ["off", "observe", "on"])
def test_a_side_that_may_not_be_entered_does_not_flip(mode: str) -> None:
    gates: Changes = {"gates.side": {"mode": mode}, "gates.momentum": TWO}
    case = holding({"exit": FLIP, "entry": {"sides": "long"}, **gates})
    assert exits(case.fold(falling(1.1), bid(9, 100.0))) == []


def test_what_may_not_be_sold_short_is_not_flipped_out_of() -> None:
    unsold = another("COIN", shortable=False)
    case = flat({"exit": FLIP, "gates.momentum": TWO}, instrument=unsold)
    assert exits(case.fold(FIRST, falling(1.1), bid(9, 100.0))) == []


def test_without_permission_an_opposite_streak_closes_as_it_did() -> None:
    changes: Changes = {"exit": {**FLIP, "flip_streak": 2}, "gates.momentum": TWO}
    case = holding({**changes, "entry": {"sides": "long"}}).fold(falling(1.1), bid(3.05, 100.0))
    assert exits(case) == [(3.05, "momentum_flip")]
    allowed = holding(changes).fold(falling(1.1), bid(3.05, 100.0))
    assert exits(allowed) == [(3.05, "flip")]


@pytest.mark.parametrize(("sides", "found"), [("both", [(3.25, "flip")]), ("short", [])])
def test_a_short_is_flipped_out_of_by_a_rise(sides: str, found: list[object]) -> None:
    changes: Changes = {"exit": FLIP, "gates.momentum": TWO, "entry": {"sides": sides}}
    case = holding_short(changes).fold(rising(1.1), bid(3.249999999, 100.0))
    assert exits(case) == []
    assert exits(case.fold(bid(3.25, 100.0))) == found


def test_an_invalid_book_does_not_suspend_a_flip() -> None:
    case = flipping(min_hold_s=0.0).fold(crossed(1.05), falling(1.1))
    assert exits(case) == [(1.3, "flip")]


def test_a_flip_is_found_at_a_timer_too() -> None:
    case = flipping(stall_s=5.0, min_hold_s=5.0).fold(falling(1.1), clock(7))
    assert exits(case) == [(6.3, "flip")]


def test_the_time_guard_comes_before_a_flip_and_a_price_before_both() -> None:
    case = flipping(max_hold_s=5.0).fold(falling(1.1)[:2], trade(5.05, 99.9))
    assert exits(case) == [(5.05, "time_guard")]
    case = flipping().fold(falling(1.1), bid(3.05, 98.1))
    assert exits(case) == [(3.05, "hard_stop")]


def test_the_position_is_managed_while_a_flip_waits_for_its_time() -> None:
    case = flipping(break_even_trigger="10tick").fold(falling(1.1), bid(2, 101.1))
    assert (case.row["stop_level"], exits(case)) == (1_001, [])
    assert exits(case.fold(bid(2.5, 100.1))) == [(2.5, "break_even")]


def test_a_flip_that_did_not_fill_is_tried_until_flat() -> None:
    case = flipping().fold(falling(1.1), bid(3.05, 100.0), bid(3.06, 99.0), rising(3.5))
    case.fold(bid(3.9, 99.0), clock(6))
    assert exits(case) == [(3.05, "flip"), (4.1, "flip")]
    assert case.reasons == [ExitReason.FLIP]


def test_a_flip_only_leaves_and_the_other_side_is_entered_by_its_own_rules() -> None:
    case = flipping().fold(falling(1.1), bid(3.05, 100.0))
    assert (exits(case), entries(case)) == ([(3.05, "flip")], [0.0])
    case.fold(bid(3.2, 100.0), bid(3.3, 100.0))
    assert (entries(case), case.row["position_side"]) == ([0.0, 3.2], Side.SHORT)


def test_the_other_side_waits_for_the_pause_after_a_flip_alone() -> None:
    case = paused().fold(bid(3.05, 100.0))
    assert asked(case, Gate.COOL_DOWN, bid(5.099, 100.0)) == ("blocks", pytest.approx(-0.001))
    assert asked(case, Gate.COOL_DOWN, bid(5.1, 100.0)) == ("enters", 0.0)
    assert (case.reasons, case.row["losses_in_a_row"]) == ([ExitReason.FLIP], 1)


def test_the_other_side_may_have_to_wait_longer_than_after_other_exits() -> None:
    case = paused(flip_s=30.0).fold(bid(3.05, 100.0))
    assert asked(case, Gate.COOL_DOWN, bid(33.0, 100.0)) == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(33.1, 100.0))[0] == "enters"


def test_the_same_side_waits_as_after_any_loss() -> None:
    case = paused().fold(bid(3.05, 100.0), rising(4))
    assert asked(case, Gate.COOL_DOWN, bid(23.0, 100.0)) == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(23.1, 100.0)) == ("enters", 0.0)


def test_the_same_side_waits_as_after_any_exit_if_the_flip_won() -> None:
    case = paused().fold(bid(3.05, 102.0), rising(4))
    assert asked(case, Gate.COOL_DOWN, bid(13.0, 100.0)) == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(13.1, 100.0)) == ("enters", 0.0)
    assert case.trades[0].won


def test_the_gap_between_entries_holds_after_a_flip_too() -> None:
    case = paused(min_gap_s=8.0).fold(bid(3.05, 100.0))
    assert asked(case, Gate.COOL_DOWN, bid(7.9, 100.0)) == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(8.0, 100.0)) == ("enters", 0.0)


def test_after_another_exit_the_other_side_waits_the_usual_time() -> None:
    case = paused().fold(bid(2, 98.1), bid(3, 100.0))
    assert exits(case) == [(2.0, "hard_stop")]
    assert asked(case, Gate.COOL_DOWN, bid(22.0, 100.0)) == ("blocks", pytest.approx(-0.05))
    assert asked(case, Gate.COOL_DOWN, bid(22.05, 100.0)) == ("enters", 0.0)


def test_a_flip_is_forgotten_with_the_next_trade() -> None:
    case = paused().fold(bid(3.05, 100.0), bid(5.1, 100.0), bid(5.5, 100.0))
    case.fold(np.concatenate([quote(6, 101.9, 102.0), rising(6.1)]))
    assert exits(case)[1:] == [(6.0, "hard_stop")]
    assert asked(case, Gate.COOL_DOWN, bid(26.0, 100.0)) == ("blocks", pytest.approx(-0.05))
    assert asked(case, Gate.COOL_DOWN, bid(26.05, 100.0)) == ("enters", 0.0)


def test_a_short_that_was_flipped_lets_a_long_in_after_the_same_pause() -> None:
    changes: Changes = {"exit": {**FLIP, "flip_cool_down_s": 2.0}, "gates.momentum": TWO}
    case = holding_short({**changes, "gates.cool_down": PAUSES}).fold(rising(1.1))
    case.fold(bid(3.25, 100.0))
    assert asked(case, Gate.COOL_DOWN, bid(5.2, 100.0)) == ("blocks", pytest.approx(-0.1))
    assert asked(case, Gate.COOL_DOWN, bid(5.3, 100.0)) == ("enters", 0.0)
    assert case.fold(clock(6)).row["position_side"] == Side.LONG
