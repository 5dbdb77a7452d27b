"""A playbook as keys and values, in the order of the parameter table: for files, lists, comparison.

Everything here follows the table in domain/parameters.py: a new parameter or gate needs no edit.
"""

from typing import Final

from domain.enums import GateMode
from domain.parameters import BY_PATH, GATE_DEFAULTS, PARAMETERS, WHEN_MISSING_DEFAULT, Kind
from domain.playbooks import SCHEMA, GateSetting, Playbook, PlaybookSwitch, written

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
    """Every value by its key, as written in a file; a playbook that a switch names by its hash.

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
    for section, switch in switches_of(playbook).items():
        texts[section] = {f"{section}.{key}": text for key, text in switch.texts.items()}
    return {key: text for section in texts.values() for key, text in section.items()}


def switches_of(playbook: Playbook) -> dict[str, PlaybookSwitch]:
    """The switches by the section that each is in `texts_of` and in refusals, counted from 1."""
    return {f"switches.{number}": each for number, each in enumerate(playbook.switches, 1)}


def file_of(playbook: Playbook) -> dict[str, object]:
    """The playbook as its file decodes; `playbook_from` makes the same of it.

    For one with switches if it can look up the playbooks that they name.
    """
    data: dict[str, object] = {
        "schema": SCHEMA,
        "name": playbook.name,
        "sentence": playbook.sentence,
    }
    if playbook.switches:
        return data | {
            "start": playbook.start,
            "switches": [_table_of(switch) for switch in playbook.switches],
        }
    for key, text in texts_of(playbook).items():
        parameter = BY_PATH.get(key)
        number = parameter is not None and parameter.kind in _NUMBERS
        put(data, key, playbook.values[key] if number else text)
    return data


def _table_of(switch: PlaybookSwitch) -> dict[str, object]:
    stated: dict[str, object] = {
        "playbook": switch.playbook.name,
        "regime": [regime.word for regime in switch.regimes] or None,
        "losses_in_a_row": switch.losses_in_a_row,
        "wins_in_a_row": switch.wins_in_a_row,
        "win_rate_at_least": switch.win_rate_at_least,
        "win_rate_at_most": switch.win_rate_at_most,
    }
    return {key: value for key, value in stated.items() if value is not None}


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
