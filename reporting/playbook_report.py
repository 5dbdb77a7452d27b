"""Playbooks for people and for scripts: which there are, what one trades, how two differ."""

import json
from collections.abc import Iterable, Sequence

import msgspec
from rich.console import Console
from rich.text import Text

from domain.parameters import BY_PATH, Kind
from domain.playbook_keys import defaults, texts_of
from domain.playbooks import Playbook
from reporting.json_values import Json, plain
from reporting.layout import plain_table, print_heading, print_sentence
from reporting.playbook_text import describe
from reporting.playbook_words import in_short


class Pair(msgspec.Struct, frozen=True):
    """One key of two playbooks."""

    key: str
    first: str
    second: str


def differences(first: Playbook, second: Playbook) -> list[Pair]:
    """The keys whose values differ, gates' modes among them; none exactly if the hashes agree."""
    texts, others = texts_of(first), texts_of(second)
    return [Pair(key, texts[key], others[key]) for key in texts if texts[key] != others[key]]


def print_list(console: Console, playbooks: Iterable[tuple[str, Playbook]]) -> None:
    """A line for each name: hash and sentence."""
    table = plain_table(console)
    table.add_column("name", no_wrap=True)
    table.add_column("parameters", no_wrap=True)
    table.add_column("sentence")
    for name, playbook in playbooks:
        table.add_row(Text(name, "bold"), playbook.content_hash, Text(playbook.sentence))
    console.print(table)


def print_playbook(console: Console, playbook: Playbook, *, everything: bool) -> None:
    """What it trades, then what differs from the table's defaults, or `everything`."""
    name = (playbook.name, "bold")
    console.print(Text.assemble("Playbook ", name, f", parameters {playbook.content_hash}"))
    print_sentence(console, playbook.sentence)
    print_heading(console, "What it trades, from its values")
    print_sentence(console, " ".join(describe(playbook)))
    pairs = _pairs(playbook, everything=everything)
    if not pairs:
        print_heading(console, "Every value is the table's default.")
        return
    print_heading(console, "All values" if everything else "Values other than the defaults")
    _print_pairs(console, pairs, (playbook, "value"), (defaults(), "default"))


def print_differences(console: Console, first: Playbook, second: Playbook) -> None:
    """Only what differs, both values with their units."""
    if first.content_hash == second.content_hash:
        print_sentence(
            console,
            f"No difference: {first.name} and {second.name} both have the parameters "
            f"{first.content_hash}.",
        )
        return
    headings = [f"{each.name}\n{each.content_hash[:8]}" for each in (first, second)]
    pairs = differences(first, second)
    _print_pairs(console, pairs, (first, headings[0]), (second, headings[1]))


def list_json(playbooks: Iterable[tuple[str, Playbook]]) -> str:
    """One object: name, hash and sentence of each."""
    listed = [{**_head(playbook), "name": name} for name, playbook in playbooks]
    return json.dumps({"playbooks": listed})


def playbook_json(playbook: Playbook, *, everything: bool) -> str:
    """One object: its head, the derived sentences, and the values as `print_playbook` has them."""
    values = [
        {
            "key": pair.key,
            "value": _raw(playbook, pair.key, pair.first),
            "default": _raw(defaults(), pair.key, pair.second),
            "unit": _unit(pair.key),
        }
        for pair in _pairs(playbook, everything=everything)
    ]
    return json.dumps({**_head(playbook), "trades": describe(playbook), "values": values})


def differences_json(first: Playbook, second: Playbook) -> str:
    """One object: both heads, and what differs; the list is empty where the hashes agree."""
    found = [
        {
            "key": pair.key,
            "first": _raw(first, pair.key, pair.first),
            "second": _raw(second, pair.key, pair.second),
            "unit": _unit(pair.key),
        }
        for pair in differences(first, second)
    ]
    return json.dumps({"first": _head(first), "second": _head(second), "differences": found})


def _pairs(playbook: Playbook, *, everything: bool) -> list[Pair]:
    usual = defaults()
    if not everything:
        return differences(playbook, usual)
    texts, others = texts_of(playbook), texts_of(usual)
    return [Pair(key, texts[key], others[key]) for key in texts]


def _print_pairs(
    console: Console,
    pairs: Sequence[Pair],
    first: tuple[Playbook, str],
    second: tuple[Playbook, str],
) -> None:
    table = plain_table(console)
    for heading in ("key", first[1], second[1]):
        table.add_column(Text(heading), vertical="bottom", overflow="fold")
    for pair in pairs:
        values = (
            _short(first[0], pair.key, pair.first),
            _short(second[0], pair.key, pair.second),
        )
        table.add_row(Text(pair.key), *(Text(value) for value in values))
    console.print(table)


def _short(playbook: Playbook, key: str, text: str) -> str:
    parameter = BY_PATH.get(key)
    return text if parameter is None else in_short(parameter, playbook.values[key])


def _raw(playbook: Playbook, key: str, text: str) -> Json:
    """A number as a number, any other value as its file writes it."""
    return plain(playbook.values[key]) if _unit(key) is not None else text


def _unit(key: str) -> str | None:
    """The unit of a number; other values carry theirs or have none."""
    parameter = BY_PATH.get(key)
    numbers = {Kind.INTEGER, Kind.NUMBER}
    return parameter.unit if parameter is not None and parameter.kind in numbers else None


def _head(playbook: Playbook) -> dict[str, str]:
    return {
        "name": playbook.name,
        "parameters_hash": playbook.content_hash,
        "sentence": playbook.sentence,
    }
