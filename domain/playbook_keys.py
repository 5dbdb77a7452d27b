"""A playbook as keys and values, in the order of the parameter table: for files, lists, comparison.

Everything here follows the table in domain/parameters.py: a new parameter or gate needs no edit.
"""

from typing import Final

from domain.enums import GateMode
from domain.parameters import BY_PATH, GATE_DEFAULTS, PARAMETERS, WHEN_MISSING_DEFAULT, Kind
from domain.playbooks import SCHEMA, GateSetting, Playbook, written

_NUMBERS: Final = (Kind.INTEGER, Kind.NUMBER)
_MODE, _MISSING = "mode", "when_missing"


def defaults() -> Playbook:
    """The playbook that states nothing."""
    return Playbook(
        name="defaults",
        sentence="The values of the parameter table.",
        values={parameter.path: parameter.default for parameter in PARAMETERS},
        gates={g: GateSetting(mode, WHEN_MISSING_DEFAULT) for g, mode in GATE_DEFAULTS.items()},
    )


def texts_of(playbook: Playbook) -> dict[str, str]:
    """Every value by its key, as written in a file.

    Two playbooks have equal texts exactly if their content hashes are equal.
    """
    texts: dict[str, dict[str, str]] = {section: {} for section in sections()}
    for gate, setting in playbook.gates.items():
        section = f"gates.{gate.word}"
        texts[section][f"{section}.{_MODE}"] = GateMode(setting.mode).word
        texts[section][f"{section}.{_MISSING}"] = setting.when_missing.word
    for parameter in PARAMETERS:
        path = parameter.path
        texts[parameter.section][path] = written(parameter, playbook.values[path])
    return {key: text for section in texts.values() for key, text in section.items()}


def file_of(playbook: Playbook) -> dict[str, object]:
    """The playbook as its file decodes; `playbook_from` makes the same of it."""
    data: dict[str, object] = {
        "schema": SCHEMA,
        "name": playbook.name,
        "sentence": playbook.sentence,
    }
    for key, text in texts_of(playbook).items():
        parameter = BY_PATH.get(key)
        number = parameter is not None and parameter.kind in _NUMBERS
        put(data, key, playbook.values[key] if number else text)
    return data


def put(data: dict[str, object], key: str, value: object) -> None:
    """Set `value` at a dotted key, in tables within tables; what is no table is replaced."""
    *sections_above, name = key.split(".")
    table = data
    for section in sections_above:
        inner = table.get(section)
        if not isinstance(inner, dict):
            inner = table[section] = {}
        table = inner
    table[name] = value


def sections() -> list[str]:
    """Sections of a playbook file: those of parameters, then a gate each in the gates' order."""
    gates = [f"gates.{gate.word}" for gate in sorted(GATE_DEFAULTS)]
    others = [parameter.section for parameter in PARAMETERS]
    first = [section for section in others if not section.startswith("gates.")]
    return list(dict.fromkeys([*first, *gates, *others]))
