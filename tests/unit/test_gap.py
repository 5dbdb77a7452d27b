"""Ticks of a market's slot were lost: what they said is not known (docs/rules.md, I7)."""

from typing import Any, Final

import pytest

from core_cases import Case, another, clock, playbook, prices, quote, trade
from core_steps import exits, fills, flat, holding, in_slot, limit_prices, seconds
from domain.enums import BookSource, Gate, OutputKind, PriceSource, Purpose
from domain.events import Reference
from hand_steps import gapped

BLOCKING: Final[dict[Gate, dict[str, Any]]] = {  # each blocks as long as it knows what it looks at
    Gate.SPREAD: {"max": "0tick"},
    Gate.CANDLE: {"frame": "1s", "reference": "previous_close", "margin_ticks": 50.0},
    Gate.IMBALANCE: {"min": 0.9},
}


@pytest.mark.parametrize("gate", BLOCKING)
def test_gates_are_not_ready_after_a_gap(gate: Gate) -> None:
    case = flat({f"gates.{gate.word}": {"mode": "on", **BLOCKING[gate]}})
    case.fold(quote(0, 100.0, 100.1), prices(1, 1, [100.0, 100.1, 100.2, 100.3]))
    missing, blocked = int(case.row["tally"]["not_ready"][gate]), case.blocked[gate]
    gapped(case, 4.5).fold(trade(4.6, 100.3))
    assert case.blocked[gate] == blocked + 1
    assert int(case.row["tally"]["not_ready"][gate]) == missing + 1


def test_the_book_keeps_its_numbers_and_is_invalid_until_the_next_quote() -> None:
    case = gapped(holding(), 1.5)
    features = case.row["features"][0]
    assert (int(features["bid_ticks"]), int(features["ask_ticks"])) == (1_000, 1_001)
    assert int(features["book_valid"]) == 0
    assert int(case.fold(trade(2, 100.0)).row["features"][0]["book_valid"]) == 0
    assert int(case.fold(quote(3, 100.0, 100.1)).row["features"][0]["book_valid"]) == 1


def test_position_and_stop_stand_and_are_judged_from_the_next_quote_on() -> None:
    case = gapped(holding().fold(quote(2, 99.0, 99.1)), 2.5)
    row = case.row
    assert (int(row["position_lots"]), int(row["stop_level"]), int(row["plan_stop"])) == (
        10, 981, 20,
    )  # fmt: skip
    assert exits(case.fold(trade(3, 90.0))) == []
    assert exits(case.fold(quote(4, 98.0, 98.1))) == [(4.0, "hard_stop")]


def test_an_exit_whose_offset_needs_an_atr_is_one_tick_away_after_a_gap() -> None:
    case = flat({"exit": {"limit_offset": "2atr:1s", "target": "off"}})
    case.fold(prices(0, 1, [100.0, 100.1] * 9), quote(18, 100.0, 100.1), clock(18.1))
    assert int(case.row["position_lots"]) == 10
    gapped(case, 18.5).fold(quote(19, 98.0, 98.1))
    assert limit_prices(case)[-1] == 979


def test_a_working_order_goes_on() -> None:
    resting = {"entry": {"style": "resting", "resting_life_s": 300.0}}
    case = gapped(flat(resting).fold(quote(0, 100.0, 100.1), clock(0.06)), 0.5)
    assert int(case.row["orders"][Purpose.ENTRY]["active"]) == 1
    assert fills(case.fold(trade(1, 99.9))) == [(1.0, 1_000, 10)]


def test_memory_of_trades_and_silence_go_on() -> None:
    case = holding({"exit": {"stall_s": 5.0}})
    assert exits(gapped(case, 3).fold(clock(20))) == [(6.0, "data_stall")]


def test_the_open_run_of_rejections_is_said_and_ends() -> None:
    case = flat({"gates.momentum": {"mode": "on", "streak": 9}})
    case.fold(quote(0, 100.0, 100.1), quote(1, 100.0, 100.1))
    assert len(case.kept.of(OutputKind.REJECTION_RUN)) == 0
    (run,) = gapped(case, 1.5).kept.of(OutputKind.REJECTION_RUN)
    assert (seconds(run), int(run["code"]), int(run["lots"])) == (1.5, Gate.MOMENTUM, 2)
    assert len(gapped(case, 1.6).kept.of(OutputKind.REJECTION_RUN)) == 1


def test_candles_start_empty_and_nothing_of_before_is_closed() -> None:
    case = flat({"gates.momentum": {"mode": "on", "streak": 50}}, subscribed=0b111)
    case.fold(prices(0, 0.1, [100.0] * 7))
    gapped(case, 0.8).fold(prices(0.9, 0.1, [101.0] * 3))
    (candle,) = case.kept.of(OutputKind.CANDLE_CLOSED)
    assert (int(candle["lots"]), list(candle["distances"][:4])) == (1, [2_020.0] * 4)


def test_a_gap_of_the_reference_leaves_the_traded_instrument_alone() -> None:
    reference = Reference(
        instrument=another("INDEX"), price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
    )  # fmt: skip
    rules = {"gates.momentum": {"mode": "on", "streak": 9}}
    case = Case().market(playbook(rules), reference=reference)
    case.fold(quote(0, 100.0, 100.1), in_slot(2, quote(0.1, 50.0, 50.1)))
    gapped(case, 1, slot=2)
    traded, leading = case.row["features"][0], case.row["features"][2]
    assert (int(traded["book_valid"]), int(leading["book_valid"])) == (1, 0)
    assert int(leading["bid_ticks"]) == 500
    assert len(case.kept.of(OutputKind.REJECTION_RUN)) == 0
