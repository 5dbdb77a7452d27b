"""Stops that move: when, how far, and what the exit is called then (docs/rules.md, S1)."""

from typing import Any

import pytest

from core_cases import Case, clock, crossed, quote, trade
from core_steps import exits, flat, holding, holding_short, logged
from domain.arrays import Rows
from domain.enums import Mover

BREAK_EVEN = {"break_even_trigger": "10tick", "break_even_offset": "2tick"}
TRAIL = {"trail_trigger": "10tick", "trail_distance": "5tick", "trail_step": "2tick"}


def held(**rules: str) -> Case:
    """LONG at 1,001 ticks with these movers."""
    return holding({"exit": rules})


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def stop(case: Case) -> tuple[int, Mover]:
    """The stop and what moved it last."""
    return int(case.row["stop_level"]), Mover(int(case.row["mover"]))


def test_break_even_moves_the_stop_at_its_trigger() -> None:
    case = held(**BREAK_EVEN).fold(bid(2, 101.0))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(3, 101.1))) == (1_003, Mover.BREAK_EVEN)


def test_break_even_names_the_exit_at_its_level() -> None:
    case = held(**BREAK_EVEN).fold(bid(2, 101.1), bid(3, 100.4))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 100.3))) == [(4.0, "break_even")]
    assert logged(case) == 0.0


def test_a_stop_moved_beyond_the_quote_acts_from_the_next_tick() -> None:
    case = held(break_even_trigger="10tick", break_even_offset="20tick").fold(bid(2, 101.1))
    assert (stop(case), exits(case)) == ((1_021, Mover.BREAK_EVEN), [])
    assert exits(case.fold(bid(3, 101.1))) == [(3.0, "break_even")]


def test_a_stop_moved_beyond_the_quote_acts_at_a_timer_too() -> None:
    case = held(break_even_trigger="10tick", break_even_offset="20tick").fold(bid(2, 101.1))
    assert exits(case.fold(clock(40))) == [(32.0, "break_even")]


def test_break_even_happens_once() -> None:
    case = held(**BREAK_EVEN).fold(bid(2, 101.1), bid(3, 101.5))
    assert stop(case) == (1_003, Mover.BREAK_EVEN)


def test_the_trail_follows_the_quote_at_its_distance() -> None:
    case = held(**TRAIL).fold(bid(2, 101.0))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(3, 101.1))) == (1_006, Mover.TRAIL)
    assert exits(case.fold(bid(4, 100.7), bid(5, 100.6))) == [(5.0, "trailing")]


@pytest.mark.parametrize(("price", "level"), [(101.2, 1_006), (101.3, 1_008), (101.4, 1_009)])
def test_the_trail_moves_by_whole_steps_only(price: float, level: int) -> None:
    assert stop(held(**TRAIL).fold(bid(2, 101.1), bid(3, price)))[0] == level


def test_the_trail_never_falls_back() -> None:
    case = held(**TRAIL).fold(bid(2, 101.8), bid(3, 101.4))
    assert (stop(case), exits(case)) == ((1_013, Mover.TRAIL), [])


def test_the_last_mover_names_the_exit() -> None:
    case = held(**BREAK_EVEN, **{**TRAIL, "trail_trigger": "15tick"})
    case.fold(bid(2, 101.1), bid(3, 101.6))
    assert stop(case) == (1_011, Mover.TRAIL)
    assert exits(case.fold(bid(4, 101.1))) == [(4.0, "trailing")]


def test_break_even_and_trail_can_both_move_on_one_tick() -> None:
    assert stop(held(**BREAK_EVEN, **TRAIL).fold(bid(2, 101.1))) == (1_006, Mover.TRAIL)


def test_break_even_does_not_follow_a_trail() -> None:
    rules = {**BREAK_EVEN, "break_even_trigger": "12tick", "break_even_offset": "8tick"}
    case = held(**rules, **TRAIL).fold(bid(2, 101.1), bid(3, 101.3))
    assert stop(case) == (1_008, Mover.TRAIL)


def test_break_even_that_would_loosen_the_stop_does_nothing() -> None:
    case = held(break_even_trigger="10tick", break_even_offset="0tick", stop="0tick")
    assert exits(case) == [(1.0, "hard_stop")]


def test_movers_that_are_off_move_nothing() -> None:
    case = held(target="off").fold(bid(2, 110.0))
    assert stop(case) == (981, Mover.HARD)


@pytest.mark.parametrize(
    ("rules", "level"), [(BREAK_EVEN, 998), (TRAIL, 995), ({**BREAK_EVEN, **TRAIL}, 995)]
)
def test_the_stop_of_a_short_moves_down(rules: dict[str, Any], level: int) -> None:
    case = holding_short({"exit": rules}).fold(quote(2, 98.9, 99.0))
    assert case.row["stop_level"] == level
    assert len(exits(case.fold(quote(3, level / 10 - 0.1, level / 10)))) == 1


def test_nothing_moves_while_the_book_is_invalid() -> None:
    case = flat({"entry": {"style": "resting"}, "exit": TRAIL}).fold(bid(0, 100.0))
    case.fold(bid(0.5, 101.1), crossed(0.6), trade(0.7, 99.9), trade(0.8, 100.0))
    assert (case.row["average"], *stop(case)) == (1_000, 980, Mover.HARD)
    assert stop(case.fold(bid(0.9, 101.1))) == (1_006, Mover.TRAIL)


def test_nothing_moves_once_an_exit_is_intended() -> None:
    case = held(**BREAK_EVEN).fold(bid(2, 98.1), bid(2.02, 101.1))
    assert stop(case) == (981, Mover.HARD)
