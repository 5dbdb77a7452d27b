"""The hash moves with whatever a decision stood on, and with nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from core_cases import Case, playbook
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, OutputKind, TickKind
from random_ticks import loose_playbook_values, random_ticks

VALUES = loose_playbook_values()
CONTENT = ("kind", "side", "price", "size", "bid", "ask", "bid_size", "ask_size")


@pytest.fixture(scope="module")
def ticks() -> Rows:
    """Ticks on which much happens."""
    return random_ticks(11, 6_000)


@pytest.fixture(scope="module")
def causes(ticks: Rows) -> list[int]:
    """Places of ticks that caused an output: it bears their stamp, and no other tick does."""
    rows = fold(ticks).kept.rows
    said = np.unique(rows["event_ns"][rows["cause"] != 0])
    stamps, counts = np.unique(ticks["event_ns"], return_counts=True)
    alone = np.intersect1d(said, stamps[counts == 1])
    places = np.searchsorted(ticks["event_ns"], alone)
    return [int(i) for i in places if 0 < i < len(ticks) - 1 and is_market_tick(ticks[i])]


def is_market_tick(tick: np.void) -> bool:
    return bool(tick["kind"] != TickKind.INVALID_BOOK)


def fold(ticks: Rows, changes: Mapping[str, Mapping[str, Any]] | None = None) -> Case:
    values = {**VALUES}
    for section, parameters in (changes or {}).items():
        values[section] = {**values.get(section, {}), **parameters}
    return Case().market(playbook(values)).fold(ticks)


def digest(ticks: Rows, changes: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    return fold(ticks, changes).hash.hexdigest()


def test_moving_a_tick_that_caused_an_output_by_one_tick_size_moves_the_hash(
    ticks: Rows, causes: list[int]
) -> None:
    original = digest(ticks)
    for i in causes[::10]:
        moved = ticks.copy()
        for name in ("price", "bid", "ask"):
            moved[name][i] += 0.1
        assert digest(moved) != original


def test_swapping_a_tick_that_caused_an_output_with_a_different_neighbour_moves_the_hash(
    ticks: Rows, causes: list[int]
) -> None:
    original = digest(ticks)
    pairs = [(i, j) for i in causes[::5] for j in (i - 1, i + 1) if differ(ticks[i], ticks[j])]
    for i, j in pairs:
        swapped = ticks.copy()
        for name in CONTENT:
            swapped[name][i], swapped[name][j] = ticks[name][j], ticks[name][i]
        assert digest(swapped) != original
    assert len(pairs) > 50


def differ(one: np.void, other: np.void) -> bool:
    """They say different things."""
    return any(one[name] != other[name] and one[name] == one[name] for name in CONTENT)


STEPS = {
    ("gates.data_age", "max_s"): 2.01,
    ("gates.momentum", "streak"): 3,
    ("gates.momentum", "min_move"): "1.5tick",
    ("gates.velocity", "min_bps_per_s"): 0.15,
    ("gates.spread", "max"): "3.5tick",
    ("gates.min_move", "min"): "1.5tick",
    ("gates.no_trade_zone", "window_s"): 6,
    ("gates.no_trade_zone", "min_range"): "2.5tick",
    ("gates.candle", "margin_ticks"): 0.5,
    ("gates.imbalance", "min"): 0.11,
    ("gates.expected_move", "k"): 1.1,
    ("gates.cool_down", "after_exit_s"): 0.7,
    ("gates.rate", "max_per_minute"): 21,
    ("entry", "limit_offset"): "2.5tick",
    ("exit", "stop"): "max(3.5tick, 10bp)",
    ("exit", "target"): "4.5tick",
    ("exit", "break_even_trigger"): "2.5tick",
    ("exit", "break_even_offset"): "0.5tick",
    ("exit", "trail_trigger"): "3.5tick",
    ("exit", "trail_distance"): "2.5tick",
    ("exit", "max_hold_s"): 4.1,
    ("exit", "flip_streak"): 4,
    ("exit", "min_hold_s"): 0.6,
    ("exit", "stall_s"): 2.1,
    ("exit", "limit_offset"): "1.5tick",
}


@pytest.mark.parametrize(("section", "name"), STEPS)
def test_one_step_of_a_parameter_that_decided_something_moves_the_hash(
    ticks: Rows, section: str, name: str
) -> None:
    assert digest(ticks, {section: {name: STEPS[section, name]}}) != digest(ticks)


def test_the_ticks_of_this_page_reach_most_gates_and_exits(ticks: Rows) -> None:
    case = fold(ticks)
    runs = case.kept.of(OutputKind.REJECTION_RUN)["code"]
    intents = case.kept.of(OutputKind.INTENT)["code"]
    assert {Gate.MOMENTUM, Gate.DATA_AGE, Gate.SPREAD, Gate.COOL_DOWN} <= set(runs.tolist())
    assert len(set(intents.tolist()) - {ExitReason.NONE}) >= 6


def test_a_parameter_that_nothing_asked_for_leaves_the_hash(ticks: Rows) -> None:
    assert digest(ticks, {"entry": {"resting_life_s": 9.0}}) == digest(ticks)
