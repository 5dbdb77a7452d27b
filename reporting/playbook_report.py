"""Playbooks for people and for scripts: which there are, what one trades, how two differ."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.parameters import BY_PATH, Kind
from domain.playbook_keys import defaults, switches_of, texts_of
from domain.playbooks import Playbook, PlaybookSwitch
from reporting.json_values import Json, plain
from reporting.layout import LONGEST_LINE, plain_table, print_heading, print_sentence
from reporting.playbook_text import Topic, describe
from reporting.playbook_words import in_short, when

_NONE: Final = "none"
_WIDE: Final = 72  # columns from which on a key is never broken


class Pair(msgspec.Struct, frozen=True):
    """One key of two playbooks; None where a playbook has no such switch."""

    key: str
    first: str | None
    second: str | None


def differences(first: Playbook, second: Playbook) -> list[Pair]:
    """The keys whose values differ; none exactly if the hashes agree.

    A gate's mode is a value, and a switch is one with all that it states.
    """
    pairs = _all_pairs(first, second)
    return [pair for pair in pairs if pair.first != pair.second]


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
    until = ""
    if playbook.switches:
        _print_switches(console, playbook)
        until = " until its first switch"
    print_heading(console, f"What it trades{until}, from its values")
    _print_topics(console, describe(playbook))
    pairs = [pair for pair in _pairs(playbook, everything=everything) if pair.second is not None]
    if not pairs:
        print_heading(console, f"Every value{until} is the table's default.")
        return
    heading = "All values" if everything else "Values other than the defaults"
    print_heading(console, f"{heading}{until}")
    _print_pairs(console, pairs, (playbook, "value"), (defaults(), "default"))


def _print_switches(console: Console, playbook: Playbook) -> None:
    print_heading(console, "Its switches")
    print_sentence(
        console,
        f"Starts as {playbook.start}. Every 15 seconds, while flat and without a working order, "
        "the first of these that holds chooses the playbook; where none does, it stays.",
    )
    lines = plain_table(console)
    for heading in ("", "when", "playbook", "parameters"):
        lines.add_column(heading, no_wrap=heading == "playbook")
    for number, switch in enumerate(playbook.switches, 1):
        other = switch.playbook
        lines.add_row(str(number), when(switch), Text(other.name, "bold"), other.content_hash[:8])
    console.print(lines)


def _print_topics(console: Console, topics: Iterable[Topic]) -> None:
    """A topic's name beside its sentences, each of which starts a line."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for topic in topics:
        for number, sentence in enumerate(topic.sentences):
            name = "" if number else topic.name
            table.add_row(Text(name, "bold"), Text(sentence))
    console.print(table, width=min(console.width, LONGEST_LINE))


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
        if pair.second is not None
    ]
    trades = [sentence for topic in describe(playbook) for sentence in topic.sentences]
    found: dict[str, Json] = {**_head(playbook), "trades": list(trades)}
    if playbook.switches:
        found["start"] = playbook.start
        found["switches"] = [_switch_json(switch) for switch in playbook.switches]
    return json.dumps({**found, "values": values})


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
    pairs = _all_pairs(playbook, defaults())
    return pairs if everything else [pair for pair in pairs if pair.first != pair.second]


def _all_pairs(first: Playbook, second: Playbook) -> list[Pair]:
    texts, others = _texts(first), _texts(second)
    return [Pair(key, texts.get(key), others.get(key)) for key in {**texts, **others}]


def _texts(playbook: Playbook) -> dict[str, str]:
    """As `texts_of`, but every switch is one text."""
    texts, switches = texts_of(playbook), switches_of(playbook)
    found = {key: texts[key] for key in texts if key.rpartition(".")[0] not in switches}
    return found | {key: str(sorted(switch.texts.items())) for key, switch in switches.items()}


def _print_pairs(
    console: Console,
    pairs: Sequence[Pair],
    first: tuple[Playbook, str],
    second: tuple[Playbook, str],
) -> None:
    table = plain_table(console)
    above = "\n" * first[1].count("\n")  # keeps the headings of one line at the bottom
    table.add_column(f"{above}key", overflow="fold", no_wrap=console.width >= _WIDE)
    for heading in (first[1], second[1]):
        table.add_column(Text(heading), overflow="fold")
    for pair in pairs:
        values = (
            _short(first[0], pair.key, pair.first),
            _short(second[0], pair.key, pair.second),
        )
        table.add_row(Text(pair.key), *(Text(value) for value in values))
    console.print(table)


def _short(playbook: Playbook, key: str, text: str | None) -> str:
    switch = switches_of(playbook).get(key)
    if switch is not None:
        other = switch.playbook
        return f"{when(switch)}: {other.name} {other.content_hash[:8]}"
    parameter = BY_PATH.get(key)
    if parameter is None:
        return _NONE if text is None else text
    return in_short(parameter, playbook.values[key])


def _raw(playbook: Playbook, key: str, text: str | None) -> Json:
    """A number as a number, a switch as an object, any other value as its file writes it."""
    switch = switches_of(playbook).get(key)
    if switch is not None:
        return _switch_json(switch)
    return plain(playbook.values[key]) if _unit(key) is not None else text


def _switch_json(switch: PlaybookSwitch) -> dict[str, Json]:
    """What it states, with every condition that it might; null where it does not."""
    return {
        "playbook": switch.playbook.name,
        "parameters_hash": switch.playbook.content_hash,
        "regime": [regime.word for regime in switch.regimes] or None,
        "losses_in_a_row": switch.losses_in_a_row,
        "wins_in_a_row": switch.wins_in_a_row,
        "win_rate_at_least": switch.win_rate_at_least,
        "win_rate_at_most": switch.win_rate_at_most,
    }


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
