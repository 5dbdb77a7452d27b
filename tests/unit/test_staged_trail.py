"""Offsets, profit locks and the stages of the trail, and what they name (docs/rules.md, S1)."""

from typing import Any

import numpy as np
import pytest

from core_cases import Case, quote, trade
from core_steps import exits, holding, holding_short, logged
from domain.arrays import Rows
from domain.enums import Mover

OFFSET = {"offset_trigger": "10tick", "offset_gain": "4tick"}
LOCK = {"lock_trigger": "10tick", "lock_share": 0.25}
WIDE = {"trail_trigger": "10tick", "trail_distance": "8tick"}
TIGHT = {"tight_trigger": "16tick", "tight_distance": "3tick"}
FAST = {**WIDE, "fast_move": "5tick", "fast_window_s": 2, "fast_distance": "2tick"}


def held(*rules: dict[str, Any], **more: Any) -> Case:  # noqa: ANN401  parts of a playbook
    """LONG at 1,001 ticks with these movers and no target."""
    return holding({"exit": {"target": "off", **joined(*rules), **more}})


def joined(*rules: dict[str, Any]) -> dict[str, Any]:
    """Several movers in one table."""
    return {key: value for part in rules for key, value in part.items()}


def bid(at_s: float, price: float) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1)


def ask(at_s: float, price: float) -> Rows:
    """The same, told by its ask."""
    return quote(at_s, price - 0.1, price)


def rose(price: float = 101.1) -> Rows:
    """Trades at 2,002 and 2,012 half-ticks in the seconds 2 and 5; the bid is `price` from 3 on."""
    return np.concatenate([trade(2.5, 100.1), bid(3, price), trade(5.5, 100.6)])


def stop(case: Case) -> tuple[int, Mover]:
    """The stop and what moved it last."""
    return int(case.row["stop_level"]), Mover(int(case.row["mover"]))


def test_the_offset_puts_the_stop_beyond_the_average_at_its_trigger() -> None:
    case = held(OFFSET).fold(bid(2, 101.0))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(3, 101.1))) == (1_005, Mover.OFFSET)


def test_the_offset_does_not_follow_a_growing_gain() -> None:
    assert stop(held(OFFSET).fold(bid(2, 101.1), bid(3, 103.0))) == (1_005, Mover.OFFSET)


def test_an_offset_names_the_exit_at_its_level() -> None:
    case = held(OFFSET).fold(bid(2, 101.1), bid(3, 100.6))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 100.5))) == [(4.0, "offset_stop")]
    assert logged(case) == 0.0


def test_an_offset_comes_after_break_even_and_needs_a_better_level() -> None:
    even = {"break_even_trigger": "10tick", "break_even_offset": "3tick"}
    assert stop(held(OFFSET, even).fold(bid(2, 101.1))) == (1_005, Mover.OFFSET)
    even["break_even_offset"] = "4tick"
    assert stop(held(OFFSET, even).fold(bid(2, 101.1))) == (1_005, Mover.BREAK_EVEN)


def test_break_even_does_not_follow_an_offset_or_a_lock() -> None:
    even = {"break_even_trigger": "15tick", "break_even_offset": "6tick"}
    assert stop(held(OFFSET, even).fold(bid(2, 101.1), bid(3, 101.6))) == (1_005, Mover.OFFSET)
    case = held(LOCK, even).fold(bid(2, 101.1), bid(3, 101.6))
    assert stop(case) == (1_004, Mover.LOCK)


def test_a_lock_begins_at_its_trigger() -> None:
    case = held(LOCK).fold(bid(2, 101.0))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(3, 101.1))) == (1_003, Mover.LOCK)


@pytest.mark.parametrize(("price", "level"), [(101.2, 1_003), (101.3, 1_004), (102.1, 1_006)])
def test_a_lock_keeps_whole_ticks_of_its_share_of_the_best_gain(price: float, level: int) -> None:
    assert stop(held(LOCK).fold(bid(2, price))) == (level, Mover.LOCK)


def test_a_lock_keeps_what_it_has_when_the_gain_shrinks() -> None:
    case = held(LOCK).fold(bid(2, 102.1), bid(3, 101.1))
    assert (stop(case), case.row["best_ticks"]) == ((1_006, Mover.LOCK), 1_021)


def test_a_lock_names_the_exit_at_its_level() -> None:
    case = held(LOCK).fold(bid(2, 102.1), bid(3, 100.7))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 100.6))) == [(4.0, "profit_lock")]
    assert logged(case) == 0.0


def test_a_lock_of_all_of_the_gain_leaves_at_the_next_tick() -> None:
    case = held(LOCK, lock_share=1.0).fold(bid(2, 101.1))
    assert (stop(case), exits(case)) == ((1_011, Mover.LOCK), [])
    assert exits(case.fold(bid(2.1, 101.1))) == [(2.1, "profit_lock")]


def test_a_lock_of_none_of_the_gain_stands_at_the_average() -> None:
    assert stop(held(LOCK, lock_share=0.0).fold(bid(2, 101.9))) == (1_001, Mover.LOCK)


def test_a_lock_comes_after_an_offset_and_needs_a_better_level() -> None:
    case = held(OFFSET, LOCK).fold(bid(2, 101.1))
    assert stop(case) == (1_005, Mover.OFFSET)
    assert stop(case.fold(bid(3, 101.7))) == (1_005, Mover.OFFSET)
    assert stop(case.fold(bid(4, 102.1))) == (1_006, Mover.LOCK)


def test_the_trail_is_wide_below_the_tight_trigger_and_tight_from_it_on() -> None:
    case = held(WIDE, TIGHT).fold(bid(2, 101.6))
    assert stop(case) == (1_008, Mover.TRAIL)
    assert stop(case.fold(bid(3, 101.7))) == (1_014, Mover.TIGHT)


def test_a_tight_trail_names_the_exit_at_its_level() -> None:
    case = held(WIDE, TIGHT).fold(bid(2, 101.7), bid(3, 101.5))
    assert exits(case) == []
    assert exits(case.fold(bid(4, 101.4))) == [(4.0, "tight_trailing")]
    assert logged(case) == 0.0


def test_a_tight_trail_is_not_widened_by_a_gain_that_shrinks() -> None:
    case = held(WIDE, TIGHT).fold(bid(2, 101.7), bid(3, 101.6))
    assert stop(case) == (1_014, Mover.TIGHT)


def test_the_tight_stage_needs_no_wide_one() -> None:
    case = held(TIGHT, trail_trigger="off").fold(bid(2, 101.6))
    assert stop(case) == (981, Mover.HARD)
    assert stop(case.fold(bid(3, 101.7))) == (1_014, Mover.TIGHT)


def test_a_tight_stage_that_begins_first_stays_when_the_wide_one_begins() -> None:
    case = held(WIDE, TIGHT, trail_trigger="20tick").fold(bid(2, 101.7), bid(3, 102.2))
    assert stop(case) == (1_019, Mover.TIGHT)


@pytest.mark.parametrize(("price", "level"), [(101.8, 1_014), (101.9, 1_016), (102.0, 1_017)])
def test_a_tight_trail_moves_by_whole_steps_too(price: float, level: int) -> None:
    case = held(WIDE, TIGHT, trail_step="2tick").fold(bid(2, 101.7), bid(3, price))
    assert stop(case) == (level, Mover.TIGHT)


@pytest.mark.parametrize(
    ("step", "found"), [("22tick", (1_003, Mover.TRAIL)), ("23tick", (981, Mover.HARD))]
)
def test_the_first_move_of_a_trail_must_be_worth_a_step(
    step: str, found: tuple[int, Mover]
) -> None:
    assert stop(held(WIDE, trail_step=step).fold(bid(2, 101.1))) == found


def test_a_fast_move_brings_the_trail_closer() -> None:
    case = held(FAST).fold(trade(2.5, 100.1), bid(3, 101.1))
    assert stop(case) == (1_003, Mover.TRAIL)
    assert stop(case.fold(trade(5.5, 100.6))) == (1_009, Mover.FAST)


def test_a_move_just_below_the_fast_one_does_not() -> None:
    assert stop(held(FAST, fast_move="5.5tick").fold(rose())) == (1_003, Mover.TRAIL)
    assert stop(held(FAST).fold(rose()[:-1], trade(5.5, 100.55))) == (1_003, Mover.TRAIL)


@pytest.mark.parametrize(("window_s", "mover"), [(3, Mover.FAST), (4, Mover.TRAIL)])
def test_a_fast_move_is_taken_from_a_candle_as_old_as_its_window(
    window_s: int, mover: Mover
) -> None:
    assert stop(held(FAST, fast_window_s=window_s).fold(rose()))[1] is mover


def test_a_move_older_than_the_window_is_not_fast() -> None:
    case = held(FAST).fold(trade(2.5, 100.1), trade(5.5, 100.6), trade(8.5, 100.6))
    assert stop(case.fold(bid(8.6, 101.1))) == (1_003, Mover.TRAIL)


def test_a_fast_move_against_the_position_is_none() -> None:
    case = held(FAST).fold(trade(2.5, 100.6), bid(3, 101.1), trade(5.5, 100.1))
    assert stop(case) == (1_003, Mover.TRAIL)


def test_a_fast_move_does_not_start_a_trail() -> None:
    assert stop(held(FAST).fold(rose(101.0))) == (981, Mover.HARD)


def test_a_fast_move_in_the_tight_stage_counts_in_its_place() -> None:
    assert stop(held(FAST, TIGHT).fold(rose(101.7))) == (1_015, Mover.FAST)


def test_a_fast_move_with_the_tight_stage_alone_counts_too() -> None:
    case = held(FAST, TIGHT, trail_trigger="off")
    assert stop(case.fold(rose(101.7))) == (1_015, Mover.FAST)


def test_a_fast_trail_names_the_exit_at_its_level() -> None:
    case = held(FAST).fold(rose(), bid(6, 101.0))
    assert exits(case) == []
    assert exits(case.fold(bid(6.1, 100.9))) == [(6.1, "fast_trailing")]
    assert logged(case) == 0.0


def test_a_fast_trail_that_is_off_is_never_fast() -> None:
    assert stop(held(FAST, fast_move="off").fold(rose())) == (1_003, Mover.TRAIL)


@pytest.mark.parametrize(
    ("rules", "level", "mover"),
    [
        ({"lock_share": 0.5, "trail_distance": "4tick"}, 1_007, Mover.TRAIL),
        ({"lock_share": 0.5, "trail_distance": "5tick"}, 1_006, Mover.LOCK),
        ({"lock_share": 0.4, "trail_distance": "6tick"}, 1_005, Mover.OFFSET),
    ],
)
def test_movers_of_one_tick_go_in_their_order_and_the_last_names_the_exit(
    rules: dict[str, Any], level: int, mover: Mover
) -> None:
    case = held(OFFSET, LOCK, WIDE, **rules).fold(bid(2, 101.1))
    assert stop(case) == (level, mover)
    words = {Mover.TRAIL: "trailing", Mover.LOCK: "profit_lock", Mover.OFFSET: "offset_stop"}
    assert exits(case.fold(bid(3, level / 10))) == [(3.0, words[mover])]


def test_each_mover_in_turn_takes_the_stop_over() -> None:
    lock, wide = {"lock_trigger": "12tick", "lock_share": 0.5}, {"trail_trigger": "14tick"}
    case = held(OFFSET, lock, WIDE, TIGHT, wide, trail_distance="6tick")
    moved = [stop(case.fold(bid(at_s, p))) for at_s, p in enumerate([101.1, 101.3, 101.5], 2)]
    assert moved == [(1_005, Mover.OFFSET), (1_007, Mover.LOCK), (1_009, Mover.TRAIL)]
    assert stop(case.fold(bid(5, 101.7))) == (1_014, Mover.TIGHT)


@pytest.mark.parametrize(
    ("rules", "price", "level", "reason"),
    [
        (OFFSET, 99.0, 996, "offset_stop"),
        (LOCK, 99.0, 998, "profit_lock"),
        (LOCK, 98.8, 997, "profit_lock"),
        (WIDE, 99.0, 998, "trailing"),
        ({**WIDE, **TIGHT}, 98.4, 987, "tight_trailing"),
    ],
)
def test_a_short_is_followed_downwards(
    rules: dict[str, Any], price: float, level: int, reason: str
) -> None:
    case = holding_short({"exit": {"target": "off", **rules}}).fold(ask(2, 99.1))
    assert stop(case) == (1_020, Mover.HARD)
    assert case.fold(ask(3, price)).row["stop_level"] == level
    assert exits(case.fold(ask(4, (level - 1) / 10))) == []
    assert exits(case.fold(ask(5, level / 10))) == [(5.0, reason)]


def test_a_fast_fall_brings_the_trail_of_a_short_closer() -> None:
    case = holding_short({"exit": {"target": "off", **FAST}})
    case.fold(trade(2.5, 100.1), ask(3, 99.0))
    assert stop(case) == (998, Mover.TRAIL)
    assert stop(case.fold(trade(5.5, 99.6))) == (992, Mover.FAST)
    assert exits(case.fold(ask(6, 99.2))) == [(6.0, "fast_trailing")]


def test_the_best_quote_begins_anew_with_each_position() -> None:
    case = held(LOCK).fold(bid(2, 103.0), bid(3, 100.6), bid(4, 100.6), bid(5, 100.6))
    assert (case.row["position_lots"], case.row["average"]) == (10, 1_007)
    assert (case.row["best_ticks"], *stop(case)) == (1_007, 987, Mover.HARD)
