"""The sentences say what a playbook trades: all of its values, and nothing that cannot act."""

from typing import Final

import pytest
from msgspec.structs import replace

from domain.distances import parse_distance
from domain.enums import (
    AveragingMode,
    BiasMode,
    BiasSource,
    EntryStyle,
    Gate,
    GateMode,
    Regime,
    SizeMode,
    Switch,
    TimeGuard,
    WhenMissing,
)
from domain.frames import FRAMES
from domain.parameters import BY_PATH, PARAMETERS, Bounds, Kind, Parameter, Safer, Value
from domain.playbook_keys import defaults
from domain.playbooks import GateSetting, Playbook, PlaybookSwitch
from reporting.playbook_gates import plain
from reporting.playbook_text import describe

ALL_ON: Final = replace(
    defaults(),
    gates={gate: GateSetting(GateMode.ON, WhenMissing.BLOCK) for gate in defaults().gates},
)


# Whatever must be in use for the others to act.
IN_USE: Final[dict[str, Value]] = {
    **{f"exit.period_{number}_from": 60 * number for number in (1, 2, 3)},
    **{
        f"exit.{name}": parse_distance("7bp")
        for name in (
            "offset_trigger", "lock_trigger", "tight_trigger", "fast_move", "partial_trigger",
        )
    },
    "exit.time_guard": TimeGuard.TIGHTEN,
    "exit.flip": Switch.ON,
    "averaging.mode": AveragingMode.LOSS_BUDGET,
    "gates.momentum.ranging_penalty": 1,
    "gates.momentum.loss_streak": 2,
    "gates.cool_down.after_loss_streak_s": 100.0,
    "gates.cool_down.re_entry_window_s": 10.0,
}  # fmt: skip
BUSY: Final = replace(ALL_ON, values={**ALL_ON.values, **IN_USE})
BUSY_OTHERWISE: Final = tuple(
    replace(BUSY, values={**BUSY.values, path: int(value)})
    for path, value in (
        ("entry.style", EntryStyle.RESTING),
        ("size.mode", SizeMode.RISK),
        ("size.mode", SizeMode.VOLATILITY),
    )
)


def with_value(path: str, value: Value, playbook: Playbook = ALL_ON) -> Playbook:
    return replace(playbook, values={**playbook.values, path: value})


def with_distance(path: str, written: str) -> Playbook:
    return with_value(path, parse_distance(written))


def with_gate(gate: Gate, mode: GateMode, missing: WhenMissing = WhenMissing.BLOCK) -> Playbook:
    return replace(ALL_ON, gates={**ALL_ON.gates, gate: GateSetting(mode, missing)})


def text(playbook: Playbook) -> str:
    return " ".join(sentences(playbook))


def sentences(playbook: Playbook) -> list[str]:
    return [sentence for topic in describe(playbook) for sentence in topic.sentences]


def another(parameter: Parameter) -> Value:
    """A value that a file could state, other than the default."""
    if parameter.kind is Kind.DISTANCE:
        return parse_distance("123.5bp")
    if parameter.kind is Kind.TIME:
        return 815
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
    for module in ("text", "told"):
        everything = (*PARAMETERS, parameter)
        monkeypatch.setattr(f"reporting.playbook_{module}.PARAMETERS", everything)
    monkeypatch.setitem(BY_PATH, path, parameter)
    return parameter


@pytest.mark.parametrize("path", list(BY_PATH))
def test_every_parameter_of_the_table_has_a_say(path: str) -> None:
    value = another(BY_PATH[path])
    bases = (ALL_ON, BUSY, *BUSY_OTHERWISE)
    assert any(text(with_value(path, value, base)) != text(base) for base in bases)


def test_no_parameter_of_the_table_is_left_to_the_list_of_others() -> None:
    topics = [topic.name for base in (BUSY, *BUSY_OTHERWISE) for topic in describe(base)]
    assert "Also" not in topics


@pytest.mark.parametrize("gate", list(ALL_ON.gates))
def test_every_gate_is_mentioned_by_its_mode(gate: Gate) -> None:
    name = plain(gate)
    off = next(each for each in sentences(with_gate(gate, GateMode.OFF)) if "Off: " in each)
    assert name in off
    assert f"{name}, only observed" in text(with_gate(gate, GateMode.OBSERVE)).replace(
        f"{name[0].upper()}{name[1:]}", name
    )


def test_parameter_in_a_new_section_is_told_by_name_value_and_meaning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = planted("hedging.window_s", "s", "Time in which a hedge is bought.", monkeypatch)
    told = text(with_value(new.path, 30.0))
    assert "Hedging: window 30 seconds (Time in which a hedge is bought)." in told


def test_new_parameter_of_a_known_gate_stands_with_that_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    new = planted("gates.rate.penalty_ticks", "ticks", "What it costs.", monkeypatch)
    assert "Rate: at most 10 entries a minute, penalty 30 ticks." in text(
        with_value(new.path, 30.0)
    )


def test_gate_without_a_phrase_lists_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    new = planted("gates.session.margin", "furlongs", "How far.", monkeypatch)
    assert "Session: margin 30 furlongs." in text(with_value(new.path, 30.0))


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
    [(Gate.REFERENCE, "Reference: max age"), (Gate.MOMENTUM, "after 2 losing trades in a row")],
)
def test_value_that_another_gate_asks_for_is_told_while_its_own_gate_is_off(
    gate: Gate, told: str
) -> None:
    values = {"gates.momentum.loss_streak": 2, "gates.cool_down.after_loss_streak_s": 100.0}
    off = with_gate(gate, GateMode.OFF)
    assert told in text(replace(off, values={**off.values, **values}))


def test_age_of_a_reference_that_nothing_asks_is_not_told() -> None:
    off = {gate: GateSetting(GateMode.OFF, WhenMissing.BLOCK) for gate in ALL_ON.gates}
    alone = {**off, Gate.INDEX_BIAS: GateSetting(GateMode.ON, WhenMissing.BLOCK)}
    asking = replace(ALL_ON, gates=alone)
    assert "max age" in text(asking)
    assert "max age" not in text(with_value("gates.index_bias.source", BiasSource.MARKET, asking))


def test_gate_that_passes_without_its_input_is_named() -> None:
    assert "A gate without its input blocks." in text(ALL_ON)
    assert "Without their input these pass, others block: imbalance." in text(
        with_gate(Gate.IMBALANCE, GateMode.ON, WhenMissing.PASS)
    )


def test_target_that_is_off_is_said_to_be() -> None:
    assert "takes profit at no fixed distance" in text(with_distance("exit.target", "off"))


def test_stop_without_movers_never_moves() -> None:
    still = with_distance("exit.break_even_trigger", "off")
    still = with_value("exit.trail_trigger", parse_distance("off"), still)
    assert "The stop never moves." in text(still)
    assert "The stop never moves." not in text(ALL_ON)


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


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("exit.offset_trigger", "9bp", "9 basis points the stop moves to the larger of 1 tick and"),
        ("exit.lock_trigger", "9bp", "From a gain of 9 basis points on the stop keeps 50 % of the"),
        ("exit.tight_trigger", "9bp", "After a gain of 9 basis points the stop trails the larger"),
        ("exit.fast_move", "9bp", "a move of 9 basis points for the position within 8 seconds"),
        ("exit.partial_trigger", "9bp", "At a gain of 9 basis points closes 50 % of the position"),
    ],
)
def test_mover_or_partial_exit_is_told_only_while_it_is_not_off(
    path: str, value: str, told: str
) -> None:
    assert told in text(with_distance(path, value))
    assert told not in text(ALL_ON)


def test_fast_move_is_not_told_where_nothing_trails() -> None:
    fast = with_distance("exit.fast_move", "9bp")
    assert "9 basis points for" not in text(
        with_value("exit.trail_trigger", parse_distance("off"), fast)
    )


def test_periods_are_told_by_their_time_with_their_levels() -> None:
    late = with_value("exit.period_1_from", 15 * 60)
    both = with_value("exit.period_2_from", 9 * 60 + 30, late)
    both = with_value("exit.period_2_target", parse_distance("off"), both)
    starts = [each[:30] for each in sentences(both) if each.startswith("Entries from")]
    assert starts == ["Entries from 09:30 on: stops a", "Entries from 15:00 on: stops a"]
    assert "Entries from" not in text(ALL_ON)


def test_of_two_periods_of_one_time_only_the_later_is_told() -> None:
    twice = with_value("exit.period_1_from", 600, with_value("exit.period_2_from", 600))
    twice = with_value("exit.period_1_stop", parse_distance("99bp"), twice)
    assert "99 basis points" not in text(twice)


def test_tightening_time_guard_is_told_with_its_momentum_distance_and_end() -> None:
    told = text(with_value("exit.time_guard", TimeGuard.TIGHTEN))
    assert "After 60 seconds closes what gains without 4 moves in a row for it" in told
    assert "follow the larger of 1 tick and 1 basis point behind the quote" in told
    assert "Closes 60 seconds after that at the latest" in told


def test_flip_is_told_with_the_moves_it_takes_and_its_pause() -> None:
    told = text(with_value("exit.flip", Switch.ON))
    assert "the other side has the 4 moves that an entry of it would need" in told
    assert "that side may be entered 5 seconds later" in told


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (AveragingMode.OFF, "Never adds to a position."),
        (AveragingMode.PROFIT, "Adds 0.5 standard lots to a position while it gains, if"),
        (AveragingMode.LOSS_BUDGET, "down to a loss of the larger of 2 ticks and 4 basis points"),
    ],
)
def test_averaging_is_told_by_its_mode(mode: AveragingMode, told: str) -> None:
    assert told in text(with_value("averaging.mode", mode))


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        (SizeMode.RISK, "Trades what loses 0.05 % of equity at the stop, fees included, at most 2"),
        (SizeMode.VOLATILITY, "1 standard lot of the instrument at a volatility of 0.5 basis"),
    ],
)
def test_size_is_told_by_its_mode(mode: SizeMode, told: str) -> None:
    assert told in text(with_value("size.mode", mode))


def test_bias_is_told_as_wanted_or_only_not_against() -> None:
    assert "no bias against the side" in text(ALL_ON)
    assert "a bias with the side" in text(with_value("gates.index_bias.bias", BiasMode.STRONG))


def test_longer_pause_after_a_streak_of_losses_is_told_only_if_there_is_one() -> None:
    longer = with_value("gates.cool_down.after_loss_streak_s", 100.0)
    assert "100 seconds after" not in text(longer)
    assert "100 seconds after 3 losing trades in a row" in text(
        with_value("gates.momentum.loss_streak", 3, longer)
    )


def test_moves_more_that_only_a_flip_asks_for_are_told_without_the_gate() -> None:
    off = with_value("gates.momentum.ranging_penalty", 3, with_gate(Gate.MOMENTUM, GateMode.OFF))
    assert "ranging penalty 3 moves" not in text(off)
    assert "ranging penalty 3 moves" in text(with_value("exit.flip", Switch.ON, off))


def test_moves_more_are_told_with_what_asks_for_them() -> None:
    assert "moves more" not in text(ALL_ON)
    after = with_value("gates.momentum.loss_streak", 3)
    assert "Momentum: 2 moves more after 3 losing trades in a row." in text(after)
    assert "more after" not in text(with_value("gates.momentum.loss_penalty", 0, after))


def test_regimes_are_told_where_something_asks_for_them() -> None:
    off = with_gate(Gate.REGIME, GateMode.OFF)
    switch = PlaybookSwitch(playbook=ALL_ON, regimes=(Regime.QUIET,))
    assert "A market is quiet" not in text(off)
    assert "A market is quiet" in text(with_value("gates.momentum.ranging_penalty", 2, off))
    assert "A market is quiet" in text(replace(off, switches=(switch,)))
