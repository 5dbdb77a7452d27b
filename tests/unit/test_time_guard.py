"""What happens to a position that is held for its time (docs/rules.md, E3 row 9, E7 and S1)."""

from typing import Any

import numpy as np
import pytest

from core_cases import Case, clock, crossed, prices, quote, trade
from core_steps import Changes, exits, fills, flat, holding, holding_short, logged
from domain.arrays import Rows
from domain.enums import Mover

LEAVE = {"max_hold_s": 10.0}
TIGHTEN = {
    "time_guard": "tighten",
    "max_hold_s": 10.0,
    "time_guard_extra_s": 5.0,
    "tighten_distance": "4tick",
}


def tightened(streak: int = 2, **rules: Any) -> Case:  # noqa: ANN401  parts of a playbook
    """LONG at 1,001 ticks since second 0.05, and a time guard at 10.05 that tightens."""
    return holding({"exit": {**TIGHTEN, **rules}, "gates.momentum": {"streak": streak}})


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def ask(at_s: float, price: float) -> Rows:
    """The same, told by its ask."""
    return quote(at_s, price - 0.1, price)


def rising(at_s: float) -> Rows:
    """Three trades that make a streak of two upwards; the book stays."""
    return prices(at_s, 0.1, [99.9, 100.0, 100.1])


def falling(at_s: float) -> Rows:
    """Three trades that make a streak of two downwards; the book stays."""
    return prices(at_s, 0.1, [100.1, 100.0, 99.9])


def stop(case: Case) -> tuple[int, Mover]:
    """The stop and what moved it last."""
    return int(case.row["stop_level"]), Mover(int(case.row["mover"]))


@pytest.mark.parametrize("price", [99.5, 100.1, 101.0])
def test_a_guard_that_leaves_does_so_whatever_was_gained(price: float) -> None:
    case = holding({"exit": LEAVE}).fold(bid(2, price), bid(10.049999999, price))
    assert exits(case) == []
    assert exits(case.fold(bid(10.05, price))) == [(10.05, "time_guard")]
    assert logged(case) == 0.0


def test_a_guard_that_leaves_does_not_ask_momentum() -> None:
    rules: Changes = {"exit": LEAVE, "gates.momentum": {"streak": 2}}
    case = holding(rules).fold(rising(5), bid(6, 100.5), clock(12))
    assert exits(case) == [(10.05, "time_guard")]


def test_a_guard_that_leaves_has_no_extra_time() -> None:
    case = holding({"exit": {**LEAVE, "time_guard_extra_s": 50.0}}).fold(bid(5, 99.9), clock(12))
    assert exits(case) == [(10.05, "time_guard")]


def test_a_guard_that_tightens_has_no_timer_of_its_own_before_the_end() -> None:
    case = tightened().fold(bid(5, 100.5), clock(15.049999999))
    assert (exits(case), stop(case)) == ([], (981, Mover.HARD))


def test_what_gained_is_left_at_the_first_tick_of_its_time() -> None:
    case = tightened().fold(bid(10.049999999, 100.1))
    assert exits(case) == []
    assert exits(case.fold(bid(10.05, 100.1))) == [(10.05, "time_guard")]
    assert logged(case) == 0.0


def test_it_tells_how_long_after_its_time_it_left() -> None:
    assert logged(tightened().fold(bid(11.55, 100.5))) == pytest.approx(1.5)


def test_what_lost_is_not_left_but_its_stop_follows_closely() -> None:
    case = tightened().fold(bid(10.049999999, 100.0))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(10.05, 100.0))) == (996, Mover.TIME)
    assert exits(case) == []


def test_a_tightened_stop_follows_upwards_only() -> None:
    case = tightened().fold(bid(10.1, 99.7))
    moved = [stop(case.fold(bid(10.2 + n / 10, p)))[0] for n, p in enumerate([99.8, 99.9, 99.7])]
    assert (moved, exits(case)) == ([994, 995, 995], [])


def test_a_tightened_stop_names_the_exit() -> None:
    case = tightened().fold(bid(10.1, 99.9), bid(10.2, 99.6))
    assert exits(case) == []
    assert exits(case.fold(bid(10.3, 99.5))) == [(10.3, "time_stop")]
    assert logged(case) == 0.0


def test_a_stop_that_is_nearer_already_is_not_tightened() -> None:
    case = tightened(stop="5tick").fold(bid(10.1, 100.0))
    assert stop(case) == (996, Mover.HARD)
    assert exits(case.fold(bid(10.2, 99.6))) == [(10.2, "hard_stop")]


def test_what_lost_and_then_gains_is_left() -> None:
    case = tightened().fold(bid(10.1, 100.0), bid(10.2, 100.1))
    assert exits(case) == [(10.2, "time_guard")]


def test_a_gain_with_which_momentum_goes_on_stays_and_is_tightened() -> None:
    case = tightened().fold(rising(5), bid(6, 100.5), bid(10.1, 100.5))
    assert (exits(case), stop(case)) == ([], (1_001, Mover.TIME))
    assert exits(case.fold(bid(10.2, 100.1))) == [(10.2, "time_stop")]


def test_a_streak_shorter_than_that_of_an_entry_is_not_momentum() -> None:
    assert exits(tightened(3).fold(rising(5), bid(10.1, 100.5))) == [(10.1, "time_guard")]


def test_momentum_against_the_position_does_not_hold_it() -> None:
    assert exits(tightened().fold(falling(5), bid(10.1, 100.5))) == [(10.1, "time_guard")]


def test_what_gained_is_left_once_its_momentum_has_turned() -> None:
    case = tightened().fold(rising(5), bid(10.1, 100.5), trade(10.2, 100.0))
    assert exits(case) == [(10.2, "time_guard")]


def test_the_end_of_the_extra_time_comes_by_a_timer() -> None:
    case = tightened().fold(bid(10.1, 99.9), bid(15.049999999, 99.9))
    assert exits(case) == []
    assert exits(case.fold(clock(20))) == [(15.05, "time_guard")]
    assert logged(case) == pytest.approx(5.0)


def test_the_end_of_the_extra_time_does_not_ask_momentum() -> None:
    case = tightened().fold(rising(5), bid(10.1, 100.5), clock(20))
    assert exits(case) == [(15.05, "time_guard")]


def test_an_invalid_book_puts_off_the_guard_but_not_its_end() -> None:
    case = tightened().fold(bid(10, 100.5), crossed(10.01), trade(10.1, 100.0))
    assert (exits(case), stop(case)) == ([], (981, Mover.HARD))
    assert exits(case.fold(clock(20))) == [(15.05, "time_guard")]


def test_what_gained_is_left_at_a_timer_of_another_rule_too() -> None:
    case = tightened(stall_s=12.0).fold(bid(2, 100.1), clock(20))
    assert exits(case) == [(14.0, "time_guard")]
    lost = tightened(stall_s=12.0).fold(bid(2, 100.0), clock(20))
    assert exits(lost) == [(14.0, "data_stall")]


def test_the_time_counts_from_the_first_fill_of_the_entry() -> None:
    thin = quote(0, 100.0, 100.1, ask_size=0.4)
    case = flat({"exit": LEAVE}).fold(thin, bid(1, 100.0), clock(12))
    assert [at_s for at_s, _, _ in fills(case)][:3] == [0.05, 0.05, 0.05]
    assert exits(case) == [(10.05, "time_guard")]
    resting = flat({"entry": {"style": "resting", "resting_life_s": 300.0}, "exit": LEAVE})
    resting.fold(bid(0, 100.0), trade(2, 100.0, 100.5, -1), trade(4, 99.9), bid(5, 100.0))
    assert exits(resting.fold(clock(15))) == [(12.0, "time_guard")]


@pytest.mark.parametrize(
    ("price", "reasons", "level"),
    [(100.0, ["time_guard"], 1_020), (100.1, [], 1_005), (100.5, [], 1_009)],
)
def test_a_short_is_left_or_tightened_by_the_ask(
    price: float, reasons: list[str], level: int
) -> None:
    case = holding_short({"exit": TIGHTEN}).fold(ask(10.249999999, price))
    assert (exits(case), stop(case)) == ([], (1_020, Mover.HARD))
    case.fold(ask(10.25, price))
    assert [word for _, word in exits(case)] == reasons
    assert case.row["stop_level"] == level


def test_momentum_holds_a_short_too() -> None:
    rules: Changes = {"exit": TIGHTEN, "gates.momentum": {"streak": 2}}
    case = holding_short(rules).fold(np.concatenate([falling(5), ask(10.3, 99.6)]))
    assert (exits(case), stop(case)) == ([], (1_000, Mover.TIME))
    assert exits(case.fold(ask(10.4, 100.0))) == [(10.4, "time_stop")]
