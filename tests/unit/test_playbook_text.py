"""The sentences say what a playbook trades: all of its values, and nothing that cannot act."""

from typing import Final

import pytest
from msgspec.structs import replace

from domain.distances import parse_distance
from domain.enums import EntryStyle, Gate, GateMode, WhenMissing
from domain.frames import FRAMES
from domain.parameters import BY_PATH, PARAMETERS, Bounds, Kind, Parameter, Safer, Value
from domain.playbook_keys import defaults
from domain.playbooks import GateSetting, Playbook
from reporting.playbook_text import describe

ALL_ON: Final = replace(
    defaults(),
    gates={gate: GateSetting(GateMode.ON, WhenMissing.BLOCK) for gate in defaults().gates},
)


def with_value(path: str, value: Value, playbook: Playbook = ALL_ON) -> Playbook:
    return replace(playbook, values={**playbook.values, path: value})


def with_distance(path: str, written: str) -> Playbook:
    return with_value(path, parse_distance(written))


def with_gate(gate: Gate, mode: GateMode, missing: WhenMissing = WhenMissing.BLOCK) -> Playbook:
    return replace(ALL_ON, gates={**ALL_ON.gates, gate: GateSetting(mode, missing)})


def text(playbook: Playbook) -> str:
    return " ".join(describe(playbook))


def another(parameter: Parameter) -> Value:
    """A value that a file could state, other than the default."""
    if parameter.kind is Kind.DISTANCE:
        return parse_distance("123.5bp")
    if parameter.kind is Kind.FRAME:
        return (int(str(parameter.default)) + 1) % FRAMES
    if parameter.choices is not None:
        return next(int(each) for each in parameter.choices if each != parameter.default)
    assert parameter.bounds is not None
    lower, upper = parameter.bounds.lower, parameter.bounds.upper
    value = upper if parameter.default != upper else lower
    return int(value) if parameter.kind is Kind.INTEGER else value


def planted(path: str, unit: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> Parameter:
    """A parameter that a later version might have."""
    section, _, name = path.rpartition(".")
    bounds = Bounds(0.0, 100.0, 1.0)
    parameter = Parameter(
        section, name, Kind.NUMBER, unit, 30.0, bounds, Safer.LOWER, None, sentence
    )
    monkeypatch.setattr("reporting.playbook_text.PARAMETERS", (*PARAMETERS, parameter))
    monkeypatch.setitem(BY_PATH, path, parameter)
    return parameter


@pytest.mark.parametrize("path", list(BY_PATH))
def test_every_parameter_of_the_table_has_a_say(path: str) -> None:
    resting = with_value("entry.style", EntryStyle.RESTING)
    value = another(BY_PATH[path])
    assert any(text(with_value(path, value, base)) != text(base) for base in (ALL_ON, resting))


@pytest.mark.parametrize("gate", list(ALL_ON.gates))
@pytest.mark.parametrize("mode", [GateMode.OBSERVE, GateMode.OFF])
def test_every_gate_is_mentioned_by_its_mode(gate: Gate, mode: GateMode) -> None:
    start = {GateMode.OBSERVE: "Gates that only observe: ", GateMode.OFF: "Gates that are off: "}
    sentence = next(
        each for each in describe(with_gate(gate, mode)) if each.startswith(start[mode])
    )
    assert gate.word.replace("_", " ") in sentence


def test_parameter_in_a_new_section_is_told_by_name_value_and_meaning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = planted("averaging.window_s", "s", "Time in which lots may be added.", monkeypatch)
    told = text(with_value(new.path, 30.0))
    assert "Also, averaging: window 30 seconds (Time in which lots may be added)." in told


def test_new_parameter_of_a_known_gate_stands_with_that_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = planted("gates.rate.penalty_ticks", "ticks", "What it costs.", monkeypatch)
    assert "rate (at most 10 entries a minute, penalty 30 ticks)" in text(
        with_value(new.path, 30.0)
    )


def test_gate_without_a_phrase_lists_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    new = planted("gates.session.margin", "furlongs", "How far.", monkeypatch)
    assert "session (margin 30 furlongs)" in text(with_value(new.path, 30.0))


def test_entry_names_sides_and_style() -> None:
    assert text(defaults()).startswith(
        "Enters LONG and SHORT by crossing the spread at once, and pays at most the larger of 1 "
        "tick and 1 basis point beyond the opposite quote."
    )
    assert text(with_value("entry.sides", -1)).startswith("Enters SHORT only by")


def test_resting_entry_waits_and_has_no_limit_offset() -> None:
    told = text(with_value("entry.style", EntryStyle.RESTING))
    assert "resting at the own side's quote for at most 2 seconds." in told
    assert "opposite quote" not in told


@pytest.mark.parametrize(
    ("gate", "mode", "told"),
    [
        (Gate.MOMENTUM, GateMode.ON, "asks for 4 moves in a row that way, at 0.2 basis"),
        (Gate.MOMENTUM, GateMode.OBSERVE, "only counts where there were not 4 moves"),
        (Gate.MOMENTUM, GateMode.OFF, "asks for no streak"),
        (Gate.VELOCITY, GateMode.ON, "at 0.2 basis points a second or faster"),
        (Gate.VELOCITY, GateMode.OBSERVE, "only counts where they were slower than 0.2"),
        (Gate.VELOCITY, GateMode.OFF, "at any speed"),
    ],
)
def test_momentum_asked_for_follows_the_modes(gate: Gate, mode: GateMode, told: str) -> None:
    assert told in text(with_gate(gate, mode))


def test_values_of_a_gate_that_is_off_are_not_told() -> None:
    assert "2 basis points from the last exit" in text(ALL_ON)
    assert "from the last exit" not in text(with_gate(Gate.MIN_MOVE, GateMode.OFF))


@pytest.mark.parametrize(
    ("gate", "told"),
    [(Gate.REFERENCE, "Also, reference: max age"), (Gate.MOMENTUM, "Also, momentum: loss streak")],
)
def test_value_that_another_gate_asks_for_is_told_while_its_own_gate_is_off(
    gate: Gate, told: str
) -> None:
    assert told in text(with_gate(gate, GateMode.OFF))


def test_gate_that_passes_without_its_input_is_named() -> None:
    assert "A gate without its input blocks." in text(ALL_ON)
    assert "Without their input these pass, others block: imbalance." in text(
        with_gate(Gate.IMBALANCE, GateMode.ON, WhenMissing.PASS)
    )


def test_target_and_movers_that_are_off_are_said_to_be() -> None:
    assert "takes profit at no fixed distance" in text(with_distance("exit.target", "off"))
    assert "The stop never moves to break even; after one of" in text(
        with_distance("exit.break_even_trigger", "off")
    )
    assert "; it does not trail." in text(with_distance("exit.trail_trigger", "off"))


def test_break_even_is_the_average_fill_or_a_distance_beyond_it() -> None:
    assert "the stop moves to the average fill" in text(ALL_ON)
    assert "the stop moves to 2 ticks beyond the average fill" in text(
        with_distance("exit.break_even_offset", "2tick")
    )


def test_flip_of_no_moves_closes_nothing() -> None:
    assert "An opposite streak closes nothing." in text(with_value("exit.flip_streak", 0))


def test_stop_target_time_guard_and_size_are_told() -> None:
    told = text(ALL_ON)
    assert "Stops at a loss of the larger of 3 ticks and 8 basis points" in told
    assert "takes profit at a gain of the larger of 4 ticks and 12 basis points" in told
    assert "Closes after 60 seconds at the latest" in told
    assert "Trades 1 standard lot of the instrument" in told
