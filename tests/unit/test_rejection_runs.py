"""Every flat tick is counted; runs of rejections become one row (docs/rules.md, G24 and G25)."""

from typing import Final

import numpy as np
import pytest

from core_cases import Case, crossed, quote, trade
from core_steps import FIRST, commanded, flat, in_slot, opened, seconds
from domain.arrays import Rows
from domain.enums import Gate, OutputKind, TradingState

Run = tuple[Gate, int, float, float, float]
FIRST_AT_2: Final = quote(2, 100.0, 100.1)


def choosy() -> Case:
    """A market that wants a spread of one tick and at least as much size on the bid."""
    spread, imbalance = {"mode": "on", "max": "1tick"}, {"mode": "on", "min": 0.0}
    state = {"mode": "on"}
    return flat(
        {"gates.spread": spread, "gates.imbalance": imbalance, "gates.trading_state": state}
    )


def wide(at_s: float, ticks: int = 5) -> Rows:
    """A quote that the spread gate blocks."""
    return quote(at_s, 100.0, 100.0 + ticks / 10)


def lopsided(at_s: float) -> Rows:
    """A quote that the imbalance gate blocks, by a half."""
    return quote(at_s, 100.0, 100.1, bid_size=1.0, ask_size=3.0)


def runs(case: Case) -> list[Run]:
    """Gate, count, first second, last second after the first, and nearest distance of each run."""
    return [
        (
            Gate(int(row["code"])),
            int(row["lots"]),
            seconds(row, "first_ns"),
            float(row["distances"][1]),
            float(row["distances"][0]),
        )
        for row in case.kept.of(OutputKind.REJECTION_RUN)
    ]


def kinds(case: Case) -> list[OutputKind]:
    """Kinds of all outputs."""
    return [OutputKind(int(kind)) for kind in case.kept.rows["kind"]]


def test_every_flat_tick_is_an_intent_or_one_rejection() -> None:
    case = choosy().fold(wide(0), trade(0.5, 100.0), lopsided(1), FIRST_AT_2)
    assert case.blocked == {Gate.SPREAD: 2, Gate.IMBALANCE: 1}
    tally = case.row["tally"]
    assert (tally["ticks"], tally["entries"], tally["exits"]) == (4, 1, 0)


def test_ticks_that_do_not_decide_are_not_counted() -> None:
    case = choosy().fold(crossed(0), in_slot(1, wide(1)))
    assert (case.blocked, case.row["tally"]["ticks"]) == ({}, 0)


def test_ticks_of_a_market_that_is_not_flat_are_no_rejections() -> None:
    case = choosy().fold(quote(0, 100.0, 100.1), wide(0.01), wide(1), wide(2))
    assert case.blocked == {}


def test_decisions_are_entry_and_exit_intents() -> None:
    tally = flat().fold(FIRST, quote(1, 98.1, 98.2)).end(2).row["tally"]
    assert (tally["entries"], tally["exits"]) == (1, 1)


def test_a_run_counts_its_rejections_and_remembers_the_nearest() -> None:
    case = choosy().fold(wide(0, 5), wide(1, 3), wide(2, 4)).end(3)
    assert runs(case) == [(Gate.SPREAD, 3, 0.0, 2.0, -2.0)]


def test_the_nearest_of_a_run_that_was_never_ready_is_missing() -> None:
    case = choosy().fold(crossed(0), trade(1, 100.0), trade(2, 100.0)).end(3)
    assert runs(case)[0][:4] == (Gate.SPREAD, 2, 1.0, 1.0)
    assert np.isnan(runs(case)[0][4])


def test_the_nearest_is_that_of_the_ready_ones() -> None:
    case = choosy().fold(crossed(0), trade(1, 100.0), wide(2, 4), crossed(3), trade(4, 1)).end(5)
    assert runs(case) == [(Gate.SPREAD, 3, 1.0, 3.0, -3.0)]


def test_another_gate_for_less_than_a_second_does_not_end_a_run() -> None:
    case = choosy().fold(wide(0), lopsided(1), lopsided(1.999), wide(2), wide(3)).end(4)
    assert runs(case) == [(Gate.SPREAD, 3, 0.0, 3.0, -4.0)]


def test_another_gate_for_a_second_ends_a_run_and_starts_its_own() -> None:
    case = choosy().fold(wide(0), wide(1), lopsided(2), lopsided(2.5), lopsided(3), lopsided(4))
    assert runs(case) == [(Gate.SPREAD, 2, 0.0, 1.0, -4.0)]
    assert seconds(case.kept.rows[0]) == 3.0
    assert runs(case.end(5))[1:] == [(Gate.IMBALANCE, 2, 3.0, 1.0, -0.5)]


def test_the_runs_own_gate_forgets_the_others() -> None:
    case = choosy().fold(wide(0), lopsided(1), wide(1.5), lopsided(1.6), lopsided(2.5))
    assert runs(case) == []
    assert runs(case.fold(lopsided(2.6))) == [(Gate.SPREAD, 2, 0.0, 1.5, -4.0)]


def test_several_other_gates_in_turn_end_a_run_together() -> None:
    case = commanded(choosy().fold(wide(0), lopsided(1)), TradingState.HALTED, 1.5)
    assert runs(case.fold(quote(2, 100.0, 100.1))) == [(Gate.SPREAD, 1, 0.0, 0.0, -4.0)]
    assert runs(case.end(3))[1:] == [(Gate.TRADING_STATE, 1, 2.0, 0.0, -2.0)]


def test_an_entry_intent_ends_a_run_and_comes_after_it() -> None:
    case = choosy().fold(wide(0), FIRST_AT_2)
    assert kinds(case)[:2] == [OutputKind.REJECTION_RUN, OutputKind.INTENT]
    assert runs(case) == [(Gate.SPREAD, 1, 0.0, 0.0, -4.0)]
    assert runs(case.end(3)) == runs(case)


def test_a_run_starts_anew_after_an_entry_intent() -> None:
    case = choosy().fold(wide(0), FIRST_AT_2, crossed(2.01), wide(3)).end(4)
    assert runs(case)[1:] == [(Gate.SPREAD, 1, 3.0, 0.0, -4.0)]


def test_a_minutes_candle_ends_a_run_before_the_gates_of_its_tick() -> None:
    case = choosy().fold(trade(38, 100.0), wide(39), trade(40, 100.0))
    assert runs(case) == [(Gate.SPREAD, 2, 38.0, 1.0, -4.0)]
    assert seconds(case.kept.rows[0]) == 40.0
    assert runs(case.end(41))[1:] == [(Gate.SPREAD, 1, 40.0, 0.0, -4.0)]


def test_a_minutes_candle_without_a_run_says_nothing() -> None:
    case = flat().fold(FIRST, trade(39, 100.0), trade(40, 100.0))
    assert OutputKind.REJECTION_RUN not in kinds(case)


def test_a_minutes_candle_that_a_session_closes_ends_a_run() -> None:
    case = opened(choosy(), 0, 50, 60).fold(trade(1, 100.0), wide(2))
    opened(case, 100, 150, 160, at_s=60)
    assert runs(case) == [(Gate.SPREAD, 2, 1.0, 1.0, -4.0)]
    assert seconds(case.kept.rows[0]) == 60.0


def test_a_minutes_candle_of_another_slot_ends_no_run() -> None:
    case = choosy().fold(wide(0), in_slot(1, trade(1, 100.0)), in_slot(1, trade(41, 100.0)))
    assert runs(case) == []


@pytest.mark.parametrize("ends", [5, 500])
def test_the_end_of_data_says_the_run_and_leaves_none(ends: float) -> None:
    case = choosy().fold(wide(0)).end(ends)
    assert runs(case) == [(Gate.SPREAD, 1, 0.0, 0.0, -4.0)]
    assert runs(case.end(ends + 1)) == runs(case)
