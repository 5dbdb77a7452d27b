"""What a playbook trades, in sentences derived from its values alone.

Every parameter of the table in domain/parameters.py has a say: those with a sentence here in it,
any other by its name, value and meaning. Only what cannot act is left out: the parameters of a gate
or a mover that is off, unless another gate asks for them, and of the style that is not used.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from domain.distances import Distance
from domain.enums import AllowedSides, EntryStyle, Gate, GateMode, WhenMissing
from domain.parameters import BY_PATH, PARAMETERS
from domain.playbooks import Playbook
from reporting.playbook_words import in_words, list_of

_UNIT_ENDING: Final = re.compile("_(s|ticks|bps)$")  # said with the value
# Parameters of a gate that act for other gates too, even while their own is off.
_ASKED_BY: Final[Mapping[str, tuple[Gate, ...]]] = MappingProxyType(
    {
        "gates.reference.max_age_s": (Gate.RELATIVE_STRENGTH, Gate.INDEX_BIAS),
        "gates.momentum.loss_streak": (Gate.COOL_DOWN,),
    }
)


def describe(playbook: Playbook) -> list[str]:
    """The sentences of one paragraph."""
    told = _Told(playbook)
    sentences = [_entry(told), _momentum(told)]
    sentences += _gates(told)
    sentences += [_stop_and_target(told), _movers(told), *_times(told), _exit_orders(told)]
    sentences += [_size(told), *_others(told)]
    return sentences


class _Told:
    """The values of a playbook in words; remembers which of them were told or cannot act."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._done: set[str] = set()

    def words(self, path: str) -> str:
        """A value in words, which are told by that."""
        self._done.add(path)
        return in_words(BY_PATH[path], self.playbook.values[path])

    def number(self, path: str) -> float:
        """A value that is no distance, to decide about sentences; that does not tell it."""
        value = self.playbook.values[path]
        return 0.0 if isinstance(value, Distance) else float(value)

    def off(self, path: str) -> bool:
        """Whether a distance is not used."""
        value = self.playbook.values[path]
        return isinstance(value, Distance) and value.off

    def idle(self, *paths: str) -> None:
        """These cannot act beside the other values."""
        self._done.update(paths)

    def mode(self, gate: Gate) -> GateMode:
        """What a gate's answer does."""
        return self.playbook.gates[gate].mode

    def left(self, section: str) -> list[str]:
        """Paths of a section that were not told yet, in the table's order."""
        paths = [each.path for each in PARAMETERS if each.section == section]
        return [path for path in paths if path not in self._done]

    def named(self, path: str) -> str:
        """A parameter that has no sentence of its own: its name and value."""
        parameter = BY_PATH[path]
        name = _UNIT_ENDING.sub("", parameter.name).replace("_", " ")
        return f"{name} {self.words(path)}"


def _entry(told: _Told) -> str:
    sides = AllowedSides(int(told.number("entry.sides")))
    side = {AllowedSides.BOTH: "LONG and SHORT"}.get(sides, f"{sides.name} only")
    told.idle("entry.sides", "entry.style", "entry.resting_life_s", "entry.limit_offset")
    style = EntryStyle(int(told.number("entry.style")))
    if style is EntryStyle.RESTING:
        life = told.words("entry.resting_life_s")
        return f"Enters {side}, resting at the own side's quote for at most {life}."
    if style is EntryStyle.MARKETABLE:
        offset = told.words("entry.limit_offset")
        return (
            f"Enters {side} by crossing the spread at once, and pays at most {offset} beyond the "
            "opposite quote."
        )
    life, offset = told.words("entry.resting_life_s"), told.words("entry.limit_offset")
    how = f"limit offset {offset}, resting life {life}"
    return f"Enters {side} with {told.words('entry.style')} orders ({how})."


def _momentum(told: _Told) -> str:
    move = told.words("gates.momentum.min_move")
    moves = told.words("gates.momentum.streak")
    speed = told.words("gates.velocity.min_bps_per_s")
    asked = {
        GateMode.ON: f"asks for {moves} in a row that way",
        GateMode.OBSERVE: f"only counts where there were not {moves} in a row that way",
        GateMode.OFF: "asks for no streak",
    }[told.mode(Gate.MOMENTUM)]
    pace = {
        GateMode.ON: f"at {speed} or faster",
        GateMode.OBSERVE: f"only counts where they were slower than {speed}",
        GateMode.OFF: "at any speed",
    }[told.mode(Gate.VELOCITY)]
    joint = " and " if told.mode(Gate.VELOCITY) is GateMode.OBSERVE else ", "
    return f"Takes the side of the last move of at least {move}, and {asked}{joint}{pace}."


def _gates(told: _Told) -> list[str]:
    by_mode: dict[GateMode, list[str]] = {mode: [] for mode in GateMode}
    for gate in sorted(told.playbook.gates):
        mode = told.mode(gate)
        if mode is GateMode.OFF:
            told.idle(*(path for path in told.left(_section(gate)) if not _shared(told, path)))
            by_mode[mode].append(_plain(gate))
        else:
            by_mode[mode].append(_gate(told, gate))
    said = []
    for mode, start in (
        (GateMode.ON, "Gates that block"),
        (GateMode.OBSERVE, "Gates that only observe"),
        (GateMode.OFF, "Gates that are off"),
    ):
        if names := by_mode[mode]:
            listed = list_of(names) if mode is GateMode.OFF else "; ".join(names)
            said.append(f"{start}: {listed}.")
    passing = [
        _plain(gate)
        for gate, setting in sorted(told.playbook.gates.items())
        if setting.when_missing is WhenMissing.PASS and setting.mode is not GateMode.OFF
    ]
    if passing:
        said.append(f"Without their input these pass, others block: {list_of(passing)}.")
    else:
        said.append("A gate without its input blocks.")
    return said


def _gate(told: _Told, gate: Gate) -> str:
    """A gate with what it asks for; parameters that its phrase lacks follow by name."""
    section = _section(gate)
    phrase = _PHRASES.get(gate)
    parts = [phrase(told)] if phrase else []
    parts += [told.named(path) for path in told.left(section)]
    return f"{_plain(gate)} ({', '.join(parts)})" if parts else _plain(gate)


def _shared(told: _Told, path: str) -> bool:
    """Whether another gate that is not off asks for this parameter."""
    return any(told.mode(gate) is not GateMode.OFF for gate in _ASKED_BY.get(path, ()))


def _section(gate: Gate) -> str:
    return f"gates.{gate.word}"


def _plain(gate: Gate) -> str:
    return gate.word.replace("_", " ")


def _candle(told: _Told) -> str:
    frame, reference = told.words("gates.candle.frame"), told.words("gates.candle.reference")
    margin = told.words("gates.candle.margin_ticks")
    return f"last {frame} candle closed at least {margin} beyond its {reference}"


def _expected_move(told: _Told) -> str:
    times, horizon = (
        told.words("gates.expected_move.k"),
        told.words("gates.expected_move.horizon_s"),
    )
    return f"the move expected within {horizon} is at least {times} the round trip's cost"


def _cool_down(told: _Told) -> str:
    after_exit = told.words("gates.cool_down.after_exit_s")
    after_loss = told.words("gates.cool_down.after_loss_s")
    gap = told.words("gates.cool_down.min_gap_s")
    return f"{after_exit} after an exit, {after_loss} after a loss, {gap} between entries"


def _range(told: _Told) -> str:
    least = told.words("gates.no_trade_zone.min_range")
    window = told.words("gates.no_trade_zone.window_s")
    return f"range of at least {least} within {window}"


_PHRASES: Final[Mapping[Gate, Callable[[_Told], str]]] = MappingProxyType(
    {
        Gate.DATA_AGE: lambda told: f"quote at most {told.words('gates.data_age.max_s')} old",
        Gate.CANDLE: _candle,
        Gate.SPREAD: lambda told: f"at most {told.words('gates.spread.max')}",
        Gate.IMBALANCE: lambda told: (
            f"at least {told.words('gates.imbalance.min')} more size on the side's own quote"
        ),
        Gate.MIN_MOVE: lambda told: (
            f"price at least {told.words('gates.min_move.min')} from the last exit"
        ),
        Gate.NO_TRADE_ZONE: _range,
        Gate.EXPECTED_MOVE: _expected_move,
        Gate.COOL_DOWN: _cool_down,
        Gate.RATE: lambda told: f"at most {told.words('gates.rate.max_per_minute')} a minute",
    }
)


def _stop_and_target(told: _Told) -> str:
    stop = told.words("exit.stop")
    told.idle("exit.target")
    target = "takes profit at no fixed distance"
    if not told.off("exit.target"):
        target = f"takes profit at a gain of {told.words('exit.target')}"
    return f"Stops at a loss of {stop} from the average fill, and {target}."


def _movers(told: _Told) -> str:
    told.idle("exit.break_even_trigger", "exit.break_even_offset")
    told.idle("exit.trail_trigger", "exit.trail_distance", "exit.trail_step")
    even = "The stop never moves to break even"
    if not told.off("exit.break_even_trigger"):
        gain, beyond = told.words("exit.break_even_trigger"), told.words("exit.break_even_offset")
        place = "" if beyond == "0 ticks" else f"{beyond} beyond "
        even = f"After a gain of {gain} the stop moves to {place}the average fill"
    trail = "it does not trail"
    if not told.off("exit.trail_trigger"):
        gain, behind = told.words("exit.trail_trigger"), told.words("exit.trail_distance")
        step = told.words("exit.trail_step")
        trail = f"after one of {gain} it trails {behind} behind the quote, by {step} or more"
    return f"{even}; {trail}."


def _times(told: _Told) -> list[str]:
    hold, stall = told.words("exit.max_hold_s"), told.words("exit.stall_s")
    close = told.words("exit.session_end_s")
    told.idle("exit.flip_streak", "exit.min_hold_s")
    flip = "An opposite streak closes nothing."
    if told.number("exit.flip_streak") > 0:
        moves, least = told.words("exit.flip_streak"), told.words("exit.min_hold_s")
        flip = f"{moves} in a row against the position close it, but not within {least}."
    latest = f"Closes after {hold} at the latest, after {stall} without data"
    return [f"{latest}, and {close} before the session ends.", flip]


def _exit_orders(told: _Told) -> str:
    offset, again = told.words("exit.limit_offset"), told.words("exit.resend_s")
    return (
        f"An exit may pay {offset} beyond the quote; every {again} a new attempt may pay twice "
        "that of the one before."
    )


def _size(told: _Told) -> str:
    return f"Trades {told.words('size.multiple')} of the instrument, rounded down."


def _others(told: _Told) -> list[str]:
    """What no sentence above knows, by section: a parameter that is new is still told."""
    said = []
    for section in dict.fromkeys(parameter.section for parameter in PARAMETERS):
        paths = told.left(section)
        if paths:
            values = [
                f"{told.named(path)} ({BY_PATH[path].sentence.rstrip('.')})" for path in paths
            ]
            name = section.removeprefix("gates.").replace("_", " ")
            said.append(f"Also, {name}: {'; '.join(values)}.")
    return said
