"""The report of a sweep shows every set by net and says what picking the best of them is."""

import io
import json
from decimal import Decimal

import pytest
from msgspec.structs import replace
from rich.console import Console

from replay_samples import REFERENCE
from reporting.sweep_json import sweep_json
from reporting.sweep_summary import SweepSummary
from reporting.sweep_text import print_sweep
from sweep_samples import gain, idle, loss, sweep

KEYS = [
    "base", "base_hash", "varied", "ticks", "ticks_dropped", "seconds", "workers", "currency",
    "assumed", "kernel_hash", "reference", "interval_is", "sets_count", "different_decisions",
    "core_ns_per_tick_and_set", "elapsed_ns_per_tick_and_set", "sets",
]  # fmt: skip


def printed(found: SweepSummary, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, _environ={})
    print_sweep(console, found)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())


def joined(found: SweepSummary) -> str:
    return " ".join(printed(found, 200).split())


def many(count: int) -> SweepSummary:
    return sweep(sets=[loss(number=number + 1) for number in range(count)])


def test_header_tells_base_size_and_speed() -> None:
    first, second = printed(sweep()).splitlines()[:2]
    assert first == "Sweep of probe, parameters 67553f9a51a910eb: 2 sets"
    assert second.startswith("100,000 ticks for each, 12 dropped; 0.50s with 2 workers, ")
    assert second.endswith(" 40 ns of a core per tick and set")


@pytest.mark.parametrize(
    ("best", "told"),
    [
        (gain(), "Net gain of 12.50 USD after all costs in the best of 2 sets, in 39 trades."),
        (loss(), "Net loss of 43.43 USD after all costs in the best of 2 sets, in 39 trades."),
        (idle(), "No set earned more than by not trading: the best of 2 sets did not trade."),
        (
            gain(net=Decimal(0)),
            "Neither gain nor loss, 0.00 USD, after all costs in the best of 2 sets, in 39 trades.",
        ),
    ],
)
def test_result_names_the_best_set_for_what_it_is(best: object, told: str) -> None:
    assert told in joined(sweep(sets=[best, loss()]))


def test_header_tells_the_reference_and_counts_its_ticks() -> None:
    text = joined(sweep(reference=REFERENCE))
    assert "reference LEAD: lead.parquet, 1970-01-01 00:00:00" in text
    assert "100,000 ticks and 8 of the reference for each, 12 dropped" in text


def test_speed_is_that_of_all_ticks_folded() -> None:
    led = sweep(reference=replace(REFERENCE, delivered={"A": 60_000, "B": 40_000}))
    assert led.core_ns == sweep().core_ns / 2


def test_text_says_that_picking_the_best_of_so_many_is_selection() -> None:
    assert "Picking the best of 2 sets is selection" in joined(sweep())
    assert "The sets decided in 2 different ways." in joined(sweep())


def test_single_set_is_no_selection() -> None:
    text = joined(sweep(sets=[loss()]))
    assert "in the only set" in text
    assert "selection" not in text


def test_text_says_which_interval_and_how_many_lie_above_zero() -> None:
    text = joined(sweep())
    assert "95 % of the net of a trade, by Student's t" in text
    assert "1 of 2 lie above 0; of sets that earn nothing about 0.1 would, by chance." in text


def test_sets_without_trades_or_with_open_positions_are_counted() -> None:
    text = joined(sweep(sets=[idle(), idle(), loss(open_positions=1)]))
    assert "2 sets did not trade." in text
    assert "1 set ended with an open position, not part of the net." in text


def test_sets_that_were_halted_are_told_with_what_that_means() -> None:
    text = joined(sweep(sets=[loss(halted_by="daily_loss"), loss()]))
    assert "HALTED: 1 of 2 sets stopped trading by daily_loss" in text
    assert "HALTED" not in joined(sweep())


def test_table_has_a_line_for_each_set() -> None:
    rows = [line.split() for line in printed(sweep()).splitlines() if "f678d189" in line]
    assert rows == [
        ["4bp", "3", "39", "12", "-43.43", "-1.114", "-1.225", "to", "-1.002", "43.43", "f678d189"]
    ]


def test_narrow_terminal_gets_two_lines_for_each_set() -> None:
    assert (
        "exit.stop 4bp, momentum.streak 3\n"
        "  -43.43 in 39 trades, 12 won, -1.114 each (-1.225 to -1.002), drawdown 43.43"
    ) in printed(sweep(), 78)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("found", [sweep(), sweep(sets=[idle()]), many(60)])
def test_text_never_exceeds_its_width_and_is_never_cut(found: SweepSummary, width: int) -> None:
    text = printed(found, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_long_table_shows_both_ends_and_says_what_is_left_out() -> None:
    text = joined(many(60))
    assert text.count("f678d189") == 40
    assert "the best 30 and the worst 10; the 20 between are in the output of --json" in text


def test_json_has_fixed_keys_and_exact_money() -> None:
    found = json.loads(sweep_json(sweep()))
    assert list(found) == KEYS
    assert found["sets"][1]["net"] == "-43.43471665"
    assert found["sets"][0]["interval"] == [0.1, 0.541]
    assert found["sets_count"] == 2


def test_json_of_a_set_without_trades_has_null_per_trade() -> None:
    found = json.loads(sweep_json(sweep(sets=[idle()])))["sets"][0]
    assert (found["net_per_trade"], found["interval"], found["net"]) == (None, None, "0")


def test_speed_is_told_for_a_core_and_as_it_passed() -> None:
    found = json.loads(sweep_json(sweep()))
    assert found["core_ns_per_tick_and_set"] == pytest.approx(40)
    assert found["elapsed_ns_per_tick_and_set"] == pytest.approx(2500)
