"""Playbooks listed, shown and compared: nothing left out, nothing that does not differ."""

import io
import json

import pytest
from msgspec.structs import replace
from rich.console import Console

from config.catalog import list_playbooks, load_playbook
from domain.enums import Gate, GateMode
from domain.parameters import BY_PATH, GATE_DEFAULTS, PARAMETERS
from domain.playbook_keys import defaults, file_of, put, sections, texts_of
from domain.playbooks import Playbook, playbook_from
from reporting.playbook_report import (
    differences,
    differences_json,
    playbook_json,
    print_differences,
    print_list,
    print_playbook,
)

BASELINE, PROBE, ADAPTIVE = (load_playbook(each) for each in ("baseline", "probe", "adaptive"))


def a_console(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, _environ={})


def lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def shown(playbook: Playbook, *, everything: bool = False, width: int = 80) -> list[str]:
    console = a_console(width)
    print_playbook(console, playbook, everything=everything)
    return lines(console)


def row(*cells: str) -> str:
    return " ".join(cells)


def squeezed(text: list[str]) -> list[str]:
    """Lines with one space between their cells, whatever the columns' widths are."""
    return [" ".join(line.split()) for line in text]


def compared(first: Playbook, second: Playbook, width: int = 80) -> list[str]:
    console = a_console(width)
    print_differences(console, first, second)
    return lines(console)


@pytest.mark.parametrize("name", list_playbooks())
def test_playbook_survives_the_way_through_its_keys(name: str) -> None:
    playbook = load_playbook(name)
    assert playbook_from(file_of(playbook), "again", load_playbook) == playbook


def test_keys_are_all_parameters_and_two_for_each_gate() -> None:
    keys = set(texts_of(defaults()))
    gates = {f"gates.{gate.word}" for gate in GATE_DEFAULTS}
    assert keys == set(BY_PATH) | {f"{g}.{k}" for g in gates for k in ("mode", "when_missing")}


def test_sections_hold_every_section_of_the_table_once() -> None:
    assert len(set(sections())) == len(sections())
    assert {parameter.section for parameter in PARAMETERS} <= set(sections())


def test_value_put_below_a_value_replaces_it_with_a_table() -> None:
    data: dict[str, object] = {"exit": {"stop": "4bp"}}
    put(data, "exit.stop.further", 1)
    assert data == {"exit": {"stop": {"further": 1}}}


@pytest.mark.parametrize("path", list(BY_PATH))
def test_default_playbook_has_the_defaults(path: str) -> None:
    assert defaults().values[path] == BY_PATH[path].default


def test_list_has_name_hash_and_sentence() -> None:
    console = a_console(400)
    print_list(console, [("mine", PROBE)])
    assert lines(console)[-1].split(maxsplit=2)[:2] == ["mine", PROBE.content_hash]
    assert PROBE.sentence[:60] in lines(console)[-1]


def test_show_lists_only_what_differs_from_the_defaults() -> None:
    text = shown(PROBE)
    assert row("exit.max_hold_s", "20 s", "60 s") in squeezed(text)
    assert row("gates.candle.mode", "observe", "on") in squeezed(text)
    assert not any(line.startswith("exit.resend_s") for line in text)


def test_show_of_the_defaults_says_that_they_are() -> None:
    assert shown(defaults())[-1] == "Every value is the table's default."


def test_show_of_everything_lists_every_key() -> None:
    text = shown(BASELINE, everything=True)
    assert {line.split()[0] for line in text if line} >= set(texts_of(BASELINE))


@pytest.mark.parametrize("width", [40, 80, 200])
def test_show_never_exceeds_its_width(width: int) -> None:
    assert max(len(line) for line in shown(PROBE, everything=True, width=width)) <= width


def test_diff_shows_both_values_with_units_and_the_modes_of_gates() -> None:
    text = compared(BASELINE, PROBE)
    assert row("exit.max_hold_s", "60 s", "20 s") in squeezed(text)
    assert row("gates.expected_move.mode", "on", "observe") in squeezed(text)
    assert not any(line.startswith("exit.resend_s") for line in text)


def test_show_of_a_switching_playbook_has_its_start_and_a_line_for_each_switch() -> None:
    text = squeezed(shown(ADAPTIVE))
    assert any(line.startswith("Starts as balanced.") for line in text)
    sniper = load_playbook("sniper").content_hash[:8]
    assert f"1 after 3 losses in a row sniper {sniper}" in text
    assert f"9 while ranging chop {load_playbook('chop').content_hash[:8]}" in text
    assert not any(line.startswith("switches.") for line in text)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_switching_playbook_never_exceeds_its_width(width: int) -> None:
    assert max(len(line) for line in shown(ADAPTIVE, everything=True, width=width)) <= width


def test_diff_of_a_switching_and_a_plain_playbook_has_a_row_for_each_switch() -> None:
    found = differences(ADAPTIVE, load_playbook("balanced"))
    assert [each.key for each in found] == [f"switches.{number}" for number in range(1, 11)]
    assert all(each.second is None for each in found)
    chop = load_playbook("chop").content_hash[:8]
    assert f"switches.9 while ranging: chop {chop} none" in squeezed(
        compared(ADAPTIVE, load_playbook("balanced"), width=120)
    )


def test_diff_of_one_condition_is_the_row_of_its_switch() -> None:
    first, *others = ADAPTIVE.switches
    changed = replace(ADAPTIVE, switches=(replace(first, losses_in_a_row=4), *others))
    assert [each.key for each in differences(ADAPTIVE, changed)] == ["switches.1"]


def test_names_of_switches_make_no_difference() -> None:
    first, *others = ADAPTIVE.switches
    renamed = replace(first, playbook=replace(first.playbook, name="mine"))
    changed = replace(ADAPTIVE, start="mine", switches=(renamed, *others))
    assert differences(ADAPTIVE, changed) == []
    assert changed.content_hash == ADAPTIVE.content_hash


def test_json_carries_start_and_switches() -> None:
    found = json.loads(playbook_json(ADAPTIVE, everything=True))
    assert found["start"] == "balanced"
    assert found["switches"][2] == {
        "playbook": "momentum",
        "parameters_hash": load_playbook("momentum").content_hash,
        "regime": ["trending"],
        "losses_in_a_row": None,
        "wins_in_a_row": 4,
        "win_rate_at_least": None,
        "win_rate_at_most": None,
    }
    assert {each["key"] for each in found["values"]} == set(texts_of(load_playbook("balanced")))
    assert "switches" not in json.loads(playbook_json(PROBE, everything=True))


def test_diff_json_has_switches_as_objects() -> None:
    found = json.loads(differences_json(load_playbook("balanced"), ADAPTIVE))["differences"]
    assert found[0]["key"] == "switches.1"
    assert found[0]["first"] is None
    assert found[0]["second"]["playbook"] == "sniper"
    assert found[0]["unit"] is None


def test_diff_of_equal_hashes_says_no_difference() -> None:
    renamed = replace(PROBE, name="mine", sentence="Mine.")
    assert " ".join(compared(PROBE, renamed)) == (
        f"No difference: probe and mine both have the parameters {PROBE.content_hash}."
    )


@pytest.mark.parametrize("gate", list(GATE_DEFAULTS))
def test_mode_of_any_gate_makes_a_difference(gate: Gate) -> None:
    setting = replace(PROBE.gates[gate], mode=GateMode((PROBE.gates[gate].mode + 1) % 3))
    changed = replace(PROBE, gates={**PROBE.gates, gate: setting})
    assert [each.key for each in differences(PROBE, changed)] == [f"gates.{gate.word}.mode"]
    assert changed.content_hash != PROBE.content_hash


def test_diff_json_has_numbers_with_units_and_words_without() -> None:
    found = json.loads(differences_json(BASELINE, PROBE))
    by_key = {each.pop("key"): each for each in found["differences"]}
    assert by_key["exit.max_hold_s"] == {"first": 60.0, "second": 20.0, "unit": "s"}
    assert by_key["gates.candle.frame"] == {"first": "15s", "second": "5s", "unit": None}
    assert found["first"]["parameters_hash"] == BASELINE.content_hash
