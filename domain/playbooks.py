"""A playbook: a named, absolute set of parameters and gate modes, versioned by its content.

Two playbooks with the same values have the same hash, whatever their names or comments are. One
that switches (W1) starts with another's values and names further ones and when each is used.
"""

import difflib
import hashlib
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from domain.distances import Distance, parse_distance
from domain.enums import Gate, GateMode, Regime, WhenMissing, Word
from domain.errors import BadConfig
from domain.frames import FRAME_NAMES
from domain.parameters import (
    BY_PATH,
    GATE_DEFAULTS,
    PARAMETERS,
    TIME_OFF,
    WHEN_MISSING_DEFAULT,
    Kind,
    Parameter,
    Value,
)

SCHEMA: Final = 1
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_HEAD: Final = ("schema", "name", "sentence")
_SECTIONS: Final = ("entry", "exit", "averaging", "size", "regime", "gates")
_RUNS: Final = ("losses_in_a_row", "wins_in_a_row")
_RATES: Final = ("win_rate_at_least", "win_rate_at_most")
_CONDITIONS: Final = ("regime", *_RUNS, *_RATES)
LONGEST_RUN: Final = 20  # trades in a row that a switch may ask for
_MAY_BE_OFF: Final = frozenset(
    f"exit.{name}"
    for name in (
        "target", "period_1_target", "period_2_target", "period_3_target", "break_even_trigger",
        "offset_trigger", "lock_trigger", "trail_trigger", "tight_trigger", "fast_move",
        "partial_trigger",
    )
)  # fmt: skip
_GATE_WORDS: Final = {gate.word: gate for gate in GATE_DEFAULTS}


class GateSetting(msgspec.Struct, frozen=True):
    """What one gate's answer does, and what its missing answer does."""

    mode: GateMode
    when_missing: WhenMissing


class Playbook(msgspec.Struct, frozen=True):
    """All tunables by path, and the setting of every switchable gate.

    switches  for a playbook that changes to others while flat; without them it never does.
    start     the name of the playbook whose values it has until its first switch; "" without
              switches. Like every name it is no part of the hash.
    """

    name: str
    sentence: str
    values: dict[str, Value]
    gates: dict[Gate, GateSetting]
    switches: "tuple[PlaybookSwitch, ...]" = ()
    start: str = ""

    @property
    def content_hash(self) -> str:
        """BLAKE2b of every resolved value, in the table's order: 16 hexadecimal digits."""
        lines = [f"schema={SCHEMA}"]
        lines += [f"{p.path}={written(p, self.values[p.path])}" for p in PARAMETERS]
        lines += [
            f"gates.{gate.word}={setting.mode.word},{setting.when_missing.word}"
            for gate, setting in sorted(self.gates.items())
        ]
        lines += [
            f"switches.{number}.{key}={text}"
            for number, switch in enumerate(self.switches, 1)
            for key, text in switch.texts.items()
        ]
        return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


class PlaybookSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """W1: trade by `playbook` while all stated conditions hold; None and () state nothing.

    win_rate_*  share of the last 10 trades that were won, 0 to 1.
    """

    playbook: Playbook
    regimes: tuple[Regime, ...] = ()
    losses_in_a_row: int | None = None
    wins_in_a_row: int | None = None
    win_rate_at_least: float | None = None
    win_rate_at_most: float | None = None

    @property
    def texts(self) -> dict[str, str]:
        """The playbook's hash, and each stated condition as written in a file."""
        texts = {"playbook": self.playbook.content_hash}
        if self.regimes:
            texts["regime"] = ", ".join(regime.word for regime in self.regimes)
        for key in (*_RUNS, *_RATES):
            value = getattr(self, key)
            if value is not None:
                texts[key] = str(value)
        return texts


LookUp = Callable[[str], Playbook]


def playbook_from(
    data: Mapping[str, object], source: str, look_up: LookUp | None = None
) -> Playbook:
    """Check a decoded playbook file; what it does not say has the table's default.

    look_up  finds the playbooks that one with switches names, or raises BadConfig; None where
             none may be named.

    BadConfig names `source`, the key and what would do. Nothing unknown is skipped.
    """
    reader = _Reader(source)
    head = {key: data[key] for key in _HEAD if key in data}
    if head.get("schema") != SCHEMA:
        raise reader.refuse("schema", f"must be {SCHEMA}", head.get("schema"))
    for key in ("name", "sentence"):
        if not isinstance(head.get(key), str) or not head[key]:
            raise reader.refuse(key, "must be a text", head.get(key))
    name, sentence = str(head["name"]), str(head["sentence"])
    if "start" in data or "switches" in data:
        start, switches = _SwitchReader(reader, look_up).both(data)
        return Playbook(name, sentence, start.values, start.gates, switches, start.name)
    values: dict[str, Value] = {p.path: p.default for p in PARAMETERS}
    gates = {g: GateSetting(mode, WHEN_MISSING_DEFAULT) for g, mode in GATE_DEFAULTS.items()}
    for key, content in data.items():
        if key not in _HEAD:
            reader.section(key, content, values, gates)
    return Playbook(name, sentence, values, gates)


def written(parameter: Parameter, value: Value) -> str:
    """A value as it is written in a playbook file."""
    if parameter.choices is not None and isinstance(value, int):
        return parameter.choices(value).word
    if parameter.kind is Kind.FRAME and isinstance(value, int):
        return FRAME_NAMES[value]
    if parameter.kind is Kind.TIME and isinstance(value, int):
        return "off" if value == TIME_OFF else f"{value // 60:02}:{value % 60:02}"
    return str(value)


class _Reader:
    """Turns sections of one file into values; every refusal names file and key."""

    def __init__(self, source: str) -> None:
        self.source = source

    def refuse(self, path: str, expected: str, actual: object) -> BadConfig:
        return BadConfig(f"{self.source}: {path} {expected}, not {actual!r}")

    def unknown(self, path: str, key: str, known: list[str]) -> BadConfig:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"
        return BadConfig(f"{self.source}: unknown key {path!r}; {hint}")

    def section(
        self,
        name: str,
        content: object,
        values: dict[str, Value],
        gates: dict[Gate, GateSetting],
    ) -> None:
        if name not in _SECTIONS:
            raise self.unknown(name, name, [*_HEAD, *_SECTIONS, "start", "switches"])
        table = self.table(name, content)
        if name != "gates":
            self._parameters(name, table, values)
            return
        for word, inner in table.items():
            if word not in _GATE_WORDS:
                raise self.unknown(f"gates.{word}", word, list(_GATE_WORDS))
            gate, path = _GATE_WORDS[word], f"gates.{word}"
            rest = dict(self.table(path, inner))
            mode = self.word(f"{path}.mode", rest.pop("mode", None), GateMode)
            missing = self.word(f"{path}.when_missing", rest.pop("when_missing", None), WhenMissing)
            gates[gate] = GateSetting(
                gates[gate].mode if mode is None else GateMode(mode),
                gates[gate].when_missing if missing is None else WhenMissing(missing),
            )
            self._parameters(path, rest, values)

    def table(self, path: str, content: object) -> Mapping[str, object]:
        if not isinstance(content, Mapping):
            raise self.refuse(path, "must be a table", content)
        return content

    def _parameters(
        self, section: str, table: Mapping[str, object], values: dict[str, Value]
    ) -> None:
        for key, raw in table.items():
            path = f"{section}.{key}"
            if path not in BY_PATH:
                known = [p.name for p in PARAMETERS if p.section == section]
                known += ["mode", "when_missing"] if section.startswith("gates.") else []
                raise self.unknown(path, key, known)
            values[path] = self._value(BY_PATH[path], raw)

    def _value(self, parameter: Parameter, raw: object) -> Value:
        if parameter.choices is not None:
            chosen = self.word(parameter.path, raw, parameter.choices)
            if chosen is None:
                raise self.refuse(parameter.path, "must be a word", raw)
            return chosen
        if parameter.kind is Kind.FRAME:
            if raw not in FRAME_NAMES:
                raise self.refuse(parameter.path, f"must be one of {FRAME_NAMES}", raw)
            return FRAME_NAMES.index(str(raw))
        if parameter.kind is Kind.DISTANCE:
            return self._distance(parameter.path, raw)
        if parameter.kind is Kind.TIME:
            return self._time(parameter.path, raw)
        return self._number(parameter, raw)

    def word(self, path: str, raw: object, words: type[Word]) -> int | None:
        if raw is None:
            return None
        by_word = {member.word: member for member in words}
        if not isinstance(raw, str) or raw not in by_word:
            raise self.refuse(path, f"must be one of {', '.join(by_word)}", raw)
        return int(by_word[raw])

    def _distance(self, path: str, raw: object) -> Distance:
        if not isinstance(raw, str):
            raise self.refuse(path, 'must be a distance such as "6bp"', raw)
        try:
            distance = parse_distance(raw)
        except ValueError as error:
            raise BadConfig(f"{self.source}: {path}: {error}") from error
        if distance.off and path not in _MAY_BE_OFF:
            may = "only targets, movers and the partial exit may be off"
            raise self.refuse(path, f"must be a distance; {may}", raw)
        return distance

    def _time(self, path: str, raw: object) -> int:
        if raw == "off":
            return TIME_OFF
        found = _TIME.fullmatch(raw) if isinstance(raw, str) else None
        if found is None:
            raise self.refuse(path, 'must be a time of day such as "14:30", or "off"', raw)
        return 60 * int(found[1]) + int(found[2])

    def _number(self, parameter: Parameter, raw: object) -> Value:
        whole = parameter.kind is Kind.INTEGER
        wanted = "a whole number" if whole else "a number"
        if isinstance(raw, bool) or not isinstance(raw, int if whole else int | float):
            raise self.refuse(parameter.path, f"must be {wanted}", raw)
        bounds = parameter.bounds
        if bounds is None or not math.isfinite(raw) or not bounds.lower <= raw <= bounds.upper:
            span = f"from {bounds.lower:g} to {bounds.upper:g}" if bounds else ""
            raise self.refuse(parameter.path, f"must be {wanted} {span} {parameter.unit}", raw)
        return int(raw) if whole else float(raw) + 0.0  # -0.0 would be written otherwise than 0.0


class _SwitchReader:
    """Reads `start` and `[[switches]]`: the playbooks that are traded by in turn, and when."""

    def __init__(self, reader: _Reader, look_up: LookUp | None) -> None:
        self._reader = reader
        self._look_up = look_up

    def both(self, data: Mapping[str, object]) -> tuple[Playbook, tuple[PlaybookSwitch, ...]]:
        """The playbook it starts with, and its switches in the order in which they are tried."""
        keys = (*_HEAD, "start", "switches")
        for key in data:
            if key in _SECTIONS:
                raise BadConfig(
                    f"{self._reader.source}: {key}: a playbook with switches has no values of its "
                    "own; put them into a playbook of their own and name that in start"
                )
            if key not in keys:
                raise self._reader.unknown(key, key, list(keys))
        tables = data.get("switches")
        if not isinstance(tables, list) or not tables:
            raise self._reader.refuse("switches", "must be one or more tables [[switches]]", tables)
        start = self._playbook("start", data.get("start"))
        return start, tuple(self._switch(f"switches.{n}", t) for n, t in enumerate(tables, 1))

    def _switch(self, path: str, content: object) -> PlaybookSwitch:
        table = self._reader.table(path, content)
        for key in table:
            if key not in {"playbook", *_CONDITIONS}:
                raise self._reader.unknown(f"{path}.{key}", key, ["playbook", *_CONDITIONS])
        runs = {key: self._run(f"{path}.{key}", table[key]) for key in _RUNS if key in table}
        rates = {key: self._rate(f"{path}.{key}", table[key]) for key in _RATES if key in table}
        regimes = self._regimes(f"{path}.regime", table["regime"]) if "regime" in table else ()
        if not (runs or rates or regimes):
            raise BadConfig(
                f"{self._reader.source}: {path} must state when it acts: one or more of "
                f"{', '.join(_CONDITIONS)}"
            )
        if len(runs) == len(_RUNS) or list(rates.values()) != sorted(rates.values()):
            raise BadConfig(
                f"{self._reader.source}: {path} can never act: "
                f"{' and '.join(runs if len(runs) == len(_RUNS) else rates)} exclude each other; "
                "leave one out"
            )
        return PlaybookSwitch(
            playbook=self._playbook(f"{path}.playbook", table.get("playbook")),
            regimes=regimes,
            losses_in_a_row=runs.get("losses_in_a_row"),
            wins_in_a_row=runs.get("wins_in_a_row"),
            win_rate_at_least=rates.get("win_rate_at_least"),
            win_rate_at_most=rates.get("win_rate_at_most"),
        )

    def _playbook(self, path: str, name: object) -> Playbook:
        if not isinstance(name, str) or not name:
            raise self._reader.refuse(path, "must be the name of a playbook", name)
        if self._look_up is None:
            raise BadConfig(
                f"{self._reader.source}: {path}: a playbook that is named by another, or changed "
                "by a sweep, must not switch itself"
            )
        try:
            found = self._look_up(name)
        except BadConfig as error:
            raise BadConfig(f"{self._reader.source}: {path}: {error}") from error
        if found.switches:
            raise self._reader.refuse(path, "must be a playbook without switches", name)
        return found

    def _regimes(self, path: str, raw: object) -> tuple[Regime, ...]:
        """Sorted and each once, because their order says nothing."""
        if not isinstance(raw, list) or not raw:
            raise self._reader.refuse(path, 'must be a list such as ["trending"]', raw)
        numbers = {self._reader.word(path, one, Regime) for one in raw}
        return tuple(sorted(Regime(number) for number in numbers if number is not None))

    def _run(self, path: str, raw: object) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= LONGEST_RUN:
            return raw
        expected = f"must be a whole number from 1 to {LONGEST_RUN} trades"
        raise self._reader.refuse(path, expected, raw)

    def _rate(self, path: str, raw: object) -> float:
        if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 <= raw <= 1:
            return abs(float(raw))  # no -0.0, which would be written otherwise than 0.0
        raise self._reader.refuse(path, "must be a share from 0 to 1, such as 0.7", raw)
