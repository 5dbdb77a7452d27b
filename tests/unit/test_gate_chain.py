"""Modes and order of the gates, the intent that follows, and `explain` (section 3 of the rules)."""

from typing import Any, Final

import numpy as np
import pytest

from core_cases import Case, another, at, playbook, quote, trade
from core_steps import FALLING, FIRST, asked, commanded, flat, gated, limited, opened
from domain.enums import BookSource, Gate, OutputKind, PriceSource, Side, TradingState
from domain.events import ParameterSet, Reference
from domain.playbooks import Playbook
from strategies.rules.chain import explain

LONG: Final = int(Side.LONG)
ANYWHERE: Final[Any] = np.zeros(len(Gate))
WIDE_QUOTE: Final = quote(0, 100.0, 100.5)
# Everything that can be set so that a gate blocks a LONG right after a trade.
STRICT: Final[dict[str, dict[str, Any]]] = {
    "entry": {"sides": "short"},
    "exit": {"stop": "1atr:1m"},
    "gates.data_age": {"max_s": 0.01},
    "gates.momentum": {"streak": 50},
    "gates.spread": {"max": "0tick"},
    "gates.imbalance": {"min": 1.0},
    "gates.cool_down": {"after_exit_s": 3600.0},
    "gates.rate": {"max_per_minute": 1},
}
SWITCHABLE: Final = [gate for gate in Gate if gate not in (Gate.HOLD, Gate.PLAN)]

REFERENCE: Final = Reference(
    instrument=another("INDEX"), price_source=PriceSource.TRADES, book_source=BookSource.QUOTES
)


def strict(mode: str, first: Gate) -> Playbook:
    """STRICT with the gates from `first` on in one mode and those before off."""
    modes = {f"gates.{g.word}": {"mode": mode if g >= first else "off"} for g in SWITCHABLE}
    merged = {name: {**modes.get(name, {}), **STRICT.get(name, {})} for name in {*modes, *STRICT}}
    return playbook(merged)


def after_a_trade(rules: Playbook) -> Case:
    """A trade was closed at 1,031 ticks, then every gate got a reason to block."""
    case = flat(reference=REFERENCE).fold(FIRST, quote(1, 103.1, 103.2))
    opened(commanded(case, TradingState.HALTED, 2), 50, 60, 70, at_s=2)
    case.core.apply(ParameterSet(event_ns=at(2), market="COIN", playbook=rules))
    return case


@pytest.mark.parametrize("gate", [gate for gate in Gate if gate is not Gate.HOLD])
def test_the_earliest_of_the_gates_that_block_names_the_rejection(gate: Gate) -> None:
    case = after_a_trade(strict("on", gate))
    before = case.blocked.get(gate, 0)
    assert asked(case, gate, trade(3, 103.1))[0] == "blocks"
    assert case.blocked.get(gate, 0) == before + 1


def test_hold_comes_before_every_other_gate() -> None:
    rules = {"gates.trading_state": {"mode": "on"}}
    case = flat(rules, limited(allow=("MINT",))).fold(FIRST)
    commanded(case, TradingState.HALTED, 0.1).fold(quote(0.5, 100.0, 100.1))
    assert case.blocked == {Gate.HOLD: 1}


def test_an_observing_gate_counts_and_does_not_block() -> None:
    case = flat({"gates.spread": {"mode": "observe", "max": "1tick"}})
    assert asked(case, Gate.SPREAD, WIDE_QUOTE) == ("enters", -4.0)
    assert case.row["tally"]["observed"][Gate.SPREAD] == 1
    assert case.blocked == {}


def test_an_observing_gate_that_is_not_reached_counts_nothing() -> None:
    rules = {"gates.session": {"mode": "on"}, "gates.spread": {"mode": "observe", "max": "1tick"}}
    case = opened(flat(rules), 10, 20, 30).fold(WIDE_QUOTE)
    assert case.row["tally"]["observed"][Gate.SPREAD] == 0
    assert case.blocked == {Gate.SESSION: 1}


def test_an_observing_gate_counts_an_answer_that_is_not_ready() -> None:
    case = flat({"gates.velocity": {"mode": "observe"}}).fold(FIRST)
    assert case.row["tally"]["observed"][Gate.VELOCITY] == 1
    assert case.row["tally"]["entries"] == 1


def test_an_observing_gate_that_lets_missing_answers_pass_counts_none() -> None:
    rules = {"gates.velocity": {"mode": "observe", "when_missing": "pass"}}
    case = flat(rules).fold(FIRST)
    assert case.row["tally"]["observed"][Gate.VELOCITY] == 0


def test_a_gate_that_is_off_is_not_evaluated() -> None:
    case = flat({"gates.spread": {"max": "0tick"}}).fold(WIDE_QUOTE)
    said = case.kept.of(OutputKind.INTENT)[0]["distances"]
    assert np.flatnonzero(~np.isnan(said)).tolist() == [Gate.HOLD, Gate.PLAN]


def test_an_intent_tells_the_distance_of_every_gate_evaluated() -> None:
    on = {"mode": "on"}
    case = flat({"gates.session": on, "gates.rate": on, "gates.spread": {**on, "max": "3tick"}})
    case.fold(FIRST)
    said = case.kept.of(OutputKind.INTENT)[0]["distances"]
    evaluated = [Gate.SESSION, Gate.SPREAD, Gate.RATE, Gate.PLAN]
    assert said[evaluated].tolist() == [86_400.0, 2.0, 9.0, 1.0]


def test_a_missing_answer_blocks_and_is_counted_as_not_ready() -> None:
    case = gated(Gate.VELOCITY).fold(FIRST)
    assert case.blocked == {Gate.VELOCITY: 1}
    assert case.row["tally"]["not_ready"][Gate.VELOCITY] == 1


def test_a_missing_answer_passes_where_the_playbook_says_so() -> None:
    case = gated(Gate.VELOCITY, when_missing="pass")
    assert asked(case, Gate.VELOCITY, FIRST) == ("enters", None)


def test_letting_missing_answers_pass_still_blocks_bad_ones() -> None:
    case = gated(Gate.SPREAD, when_missing="pass", max="1tick")
    assert asked(case, Gate.SPREAD, WIDE_QUOTE) == ("blocks", -4.0)


def test_explain_gives_the_distances_of_the_chain() -> None:
    case = after_a_trade(strict("observe", Gate.TRADING_STATE)).fold(trade(3, 103.1))
    distances: Any = np.zeros(len(Gate))
    explain(case.row, case.book.account, LONG, at(3), distances)
    assert np.array_equal(distances, case.row["distances"], equal_nan=True)
    assert np.flatnonzero(distances >= 0).tolist() == [Gate.HOLD]


def test_explain_tells_of_gates_behind_the_first_that_blocks_and_of_those_off() -> None:
    case = opened(gated(Gate.SESSION), 10, 20, 30).fold(WIDE_QUOTE)
    distances: Any = np.zeros(len(Gate))
    explain(case.row, case.book.account, LONG, at(0), distances)
    asked_for = [Gate.SESSION, Gate.MOMENTUM, Gate.RATE, Gate.PLAN]
    assert distances[asked_for].tolist() == [-10.0, -4.0, 9.0, 1.0]


def test_explain_changes_nothing() -> None:
    case = after_a_trade(strict("observe", Gate.TRADING_STATE)).fold(trade(3, 103.1))
    before = case.book.rows.tobytes() + case.book.accounts.tobytes()
    explain(case.row, case.book.account, -LONG, at(9), ANYWHERE)
    assert case.book.rows.tobytes() + case.book.accounts.tobytes() == before


@pytest.mark.parametrize(
    ("entry", "ticks", "side", "limit"),
    [
        ({"limit_offset": "3tick"}, FIRST, Side.LONG, 1_004),
        ({"limit_offset": "3tick"}, FALLING, Side.SHORT, 997),
        ({"limit_offset": "5000tick"}, FALLING, Side.SHORT, 1),
        ({"limit_offset": "0tick"}, FIRST, Side.LONG, 1_001),
        ({"style": "resting"}, FIRST, Side.LONG, 1_000),
        ({"style": "resting"}, FALLING, Side.SHORT, 1_001),
    ],
)
def test_an_entry_is_limited_by_its_style_and_offset(
    entry: dict[str, str], ticks: np.ndarray[Any, Any], side: Side, limit: int
) -> None:
    said = flat({"entry": entry}).fold(ticks).kept.of(OutputKind.INTENT)[0]
    assert (said["side"], said["price_ticks"], said["code"], said["lots"]) == (side, limit, 0, 0)


def test_a_plan_is_no_closer_than_the_spread_and_at_least_a_tick() -> None:
    rules = {"stop": "2tick", "target": "9tick", "trail_trigger": "0.1bp", "trail_step": "0tick"}
    row = flat({"exit": rules}).fold(WIDE_QUOTE).row
    assert (row["plan_stop"], row["plan_target"], row["plan_trail_trigger"]) == (5, 9, 5)
    assert (row["plan_trail_step"], row["plan_break_even_offset"]) == (1, 0)


def test_a_plan_takes_the_larger_term_rounded_half_up() -> None:
    case = Case().market(playbook({"exit": {"stop": "max(25bp, 2tick)", "target": "0.3pt"}}))
    case.fold(quote(0, 99.9, 100.1))
    assert (case.row["plan_stop"], case.row["plan_target"]) == (3, 3)  # 25 bp are 2.5 ticks


def test_a_short_is_the_candidate_after_a_falling_move() -> None:
    case = Case().market(playbook(), instrument=another("COIN")).fold(FALLING)
    assert case.kept.of(OutputKind.INTENT)["side"].tolist() == [Side.SHORT]
