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
    print_differences,
    print_list,
    print_playbook,
)

BASELINE, PROBE = load_playbook("baseline"), load_playbook("probe")


def a_console(width: int = 80) -> Console:
    return Console(file=io.StringIO(), width=width, _environ={})


def lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def shown(playbook: Playbook, *, everything: bool = False, width: int = 80) -> list[str]:
    console = a_console(width)
    print_playbook(console, playbook, everything=everything)
    return lines(console)


def compared(first: Playbook, second: Playbook) -> list[str]:
    console = a_console()
    print_differences(console, first, second)
    return lines(console)


@pytest.mark.parametrize("name", list_playbooks())
def test_playbook_survives_the_way_through_its_keys(name: str) -> None:
    playbook = load_playbook(name)
    assert playbook_from(file_of(playbook), "again") == playbook


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
    console = a_console(200)
    print_list(console, [("mine", PROBE)])
    assert lines(console)[-1].split(maxsplit=2)[:2] == ["mine", PROBE.content_hash]
    assert PROBE.sentence[:60] in lines(console)[-1]


def test_show_lists_only_what_differs_from_the_defaults() -> None:
    text = shown(PROBE)
    assert "exit.max_hold_s                20 s               60 s" in text
    assert "gates.candle.mode              observe            on" in text
    assert not any(line.startswith("exit.flip_streak") for line in text)


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
    assert "exit.max_hold_s                60 s               20 s" in text
    assert "gates.expected_move.mode       on                 observe" in text
    assert not any(line.startswith("exit.flip_streak") for line in text)


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
