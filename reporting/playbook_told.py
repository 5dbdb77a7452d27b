"""The values of one playbook in words, and which of them a text has told already."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.distances import Distance
from domain.enums import BiasSource, Gate, GateMode, Switch
from domain.parameters import BY_PATH, PARAMETERS, TIME_OFF
from domain.playbooks import Playbook
from reporting.playbook_words import in_words, percent

_UNIT_ENDING: Final = re.compile("_(s|ticks|bps)$")  # said with the value
# Parameters of a gate that act for other gates too, even while their own is off.
_ASKED_BY: Final[Mapping[str, tuple[Gate, ...]]] = MappingProxyType(
    {
        "gates.reference.max_age_s": (Gate.RELATIVE_STRENGTH, Gate.INDEX_BIAS),
        "gates.momentum.loss_streak": (Gate.COOL_DOWN,),
    }
)
_ASKED_BY_FLIP: Final = frozenset(
    f"gates.momentum.{name}" for name in ("ranging_penalty", "loss_streak", "loss_penalty")
)


class Told:
    """The values of a playbook in words; remembers which of them were told or cannot act."""

    def __init__(self, playbook: Playbook) -> None:
        self.playbook = playbook
        self._done: set[str] = set()

    def words(self, path: str) -> str:
        """A value in words, which are told by that."""
        self._done.add(path)
        return in_words(BY_PATH[path], self.playbook.values[path])

    def share(self, path: str) -> str:
        """A ratio as a percentage, which is told by that."""
        self._done.add(path)
        return percent(self.number(path))

    def number(self, path: str) -> float:
        """A value that is no distance, to decide about sentences; that does not tell it."""
        value = self.playbook.values[path]
        return 0.0 if isinstance(value, Distance) else float(value)

    def off(self, path: str) -> bool:
        """Whether a distance, a time of day or a choice of off and on is off."""
        value = self.playbook.values[path]
        if isinstance(value, Distance):
            return value.off
        choices = BY_PATH[path].choices
        return value == (TIME_OFF if choices is None else Switch.OFF)

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

    def shared(self, path: str) -> bool:
        """Whether this parameter of a gate acts while the gate is off, because others ask."""
        if path in _ASKED_BY_FLIP and not self.off("exit.flip"):
            return True
        return any(self._asks(gate) for gate in _ASKED_BY.get(path, ()))

    def _asks(self, gate: Gate) -> bool:
        if gate is Gate.INDEX_BIAS and self.number("gates.index_bias.source") == BiasSource.MARKET:
            return False
        if gate is Gate.COOL_DOWN and not self.number("gates.cool_down.after_loss_streak_s"):
            return False
        return self.mode(gate) is not GateMode.OFF
