"""Sweep files: a playbook, and the values that some of its keys take in turn.

    base = "probe"                          # name or path, as for --playbook

    [vary]
    "exit.stop" = ["4bp", "6bp"]
    "gates.momentum.streak" = [2, 3, 4]
    "gates.candle.mode" = ["on", "observe"]

Every combination is a set, 12 here. Keys and values are those of playbook files and are checked
as there.
"""

import math
from pathlib import Path
from typing import Final

import msgspec

from config.catalog import load_playbook
from config.reading import Toml, read_toml, refuse_unknown_keys
from domain.errors import BadConfig
from domain.playbook_keys import file_of, put, texts_of
from domain.playbooks import Playbook, playbook_from

MOST_SETS: Final = 4096
UNNAMED: Final = "unnamed"  # a changed playbook is another one: only its hash tells which
_KEYS: Final = ("base", "vary")
_HEAD: Final = ("schema", "name", "sentence")  # of a playbook file, and no choice of its


class SweepPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The grid of a sweep file. Sets are numbered from 0; the last key changes fastest.

    varied  by key the values it takes, as decoded.
    texts   the same values as playbook files write them.
    where   the file and section, for refusals.
    """

    base: Playbook
    varied: dict[str, list[object]]
    texts: dict[str, list[str]]
    where: str

    def __len__(self) -> int:
        return math.prod(len(values) for values in self.varied.values())

    def playbook(self, number: int) -> Playbook:
        """The playbook of a set. BadConfig names the key whose value cannot be used."""
        places = self._places(number)
        values = {key: self.varied[key][place] for key, place in places.items()}
        return _changed(self.base, values, self.where)

    def changes(self, number: int) -> dict[str, str]:
        """The varied keys with the values of a set, as written."""
        return {key: self.texts[key][place] for key, place in self._places(number).items()}

    def _places(self, number: int) -> dict[str, int]:
        places = {}
        for key, values in reversed(self.varied.items()):
            number, places[key] = divmod(number, len(values))
        return {key: places[key] for key in self.varied}


def load_sweep(path: Path) -> SweepPlan:
    """Read and check a sweep file. BadConfig names the file, the key and what would do."""
    source = str(path)
    data = read_toml(path, source)
    refuse_unknown_keys(data, _KEYS, source)
    base = data.get("base")
    if not isinstance(base, str) or not base:
        raise BadConfig(f"{source}: base must be a playbook's name or path, not {base!r}")
    playbook = load_playbook(base)
    if playbook.switches:
        traded = dict.fromkeys([playbook.start, *(s.playbook.name for s in playbook.switches)])
        raise BadConfig(
            f"{source}: base: {base!r} switches between playbooks and has no values of its own to "
            f"vary; vary those of one that it trades by: {', '.join(traded)}"
        )
    where = f"{source}: [vary]"
    vary = data.get("vary", {})
    varied = _lists(vary, where) if isinstance(vary, dict) else {}
    if not varied:
        raise BadConfig(f'{where}: must hold a key to vary, such as "exit.stop" = ["4bp", "6bp"]')
    count = math.prod(len(values) for values in varied.values())
    if count > MOST_SETS:
        counts = " x ".join(str(len(values)) for values in varied.values())
        raise BadConfig(
            f"{where}: makes {count:,} sets ({counts}), of which at most {MOST_SETS:,} are run; "
            "vary fewer keys or values"
        )
    return _checked(playbook, varied, where)


def _lists(table: Toml, where: str, above: str = "") -> dict[str, list[object]]:
    """Every list by its dotted key, quoted or not."""
    lists: dict[str, list[object]] = {}
    for name, content in table.items():
        key = f"{above}{name}"
        if isinstance(content, dict):
            found = _lists(content, where, f"{key}.")
        elif isinstance(content, list) and content:
            found = {key: content}
        else:
            raise BadConfig(f"{where}: {key} must be a list of values to try, not {content!r}")
        for each in found:
            section, dot, _ = each.partition(".")
            if not dot or section in _HEAD:
                raise BadConfig(
                    f"{where}: {each} is no key of a parameter or gate, such as exit.stop or "
                    "gates.candle.mode"
                )
            if each in lists:
                raise BadConfig(f"{where}: {each} is stated twice")
        lists |= found
    return lists


def _checked(base: Playbook, varied: dict[str, list[object]], where: str) -> SweepPlan:
    """Each value is checked alone first, so that a refusal is about it; then every set."""
    texts: dict[str, list[str]] = {}
    for key, values in varied.items():
        texts[key] = []
        for value in values:
            text = texts_of(_changed(base, {key: value}, where))[key]
            if text in texts[key]:
                raise BadConfig(f"{where}: {key} holds {text} twice; leave one out")
            texts[key].append(text)
    plan = SweepPlan(base=base, varied=varied, texts=texts, where=where)
    if len(varied) > 1:
        for number in range(len(plan)):
            plan.playbook(number)
    return plan


def _changed(base: Playbook, values: dict[str, object], where: str) -> Playbook:
    data = file_of(base)
    data["name"] = UNNAMED
    for key, value in values.items():
        put(data, key, value)
    return playbook_from(data, where)
