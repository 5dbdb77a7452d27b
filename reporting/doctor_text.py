"""What `autoscalper doctor` found, for people and for scripts: a line each, and what to do."""

import json
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.enums import Word
from reporting.layout import LONGEST_LINE

_STYLES: Final = ("green", "yellow", "bold red")


class Level(Word):
    """How bad a finding is."""

    OK = 0
    WARNING = 1
    PROBLEM = 2


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at; `fix` is what to do unless it is OK."""

    name: str
    level: Level
    text: str
    fix: str = ""


def good(name: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(name=name, level=Level.OK, text=text)


def warning(name: str, text: str, fix: str) -> Finding:
    """Trading works, but not as well as it could."""
    return Finding(name=name, level=Level.WARNING, text=text, fix=fix)


def problem(name: str, text: str, fix: str) -> Finding:
    """Trading would not work, or not be trusted."""
    return Finding(name=name, level=Level.PROBLEM, text=text, fix=fix)


def print_finding(console: Console, found: Finding) -> None:
    """At once, so that nobody waits in front of an empty screen."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=7)
    table.add_column(width=10)
    table.add_column(overflow="fold")
    style = _STYLES[found.level]
    table.add_row(Text(found.level.word, style=style), found.name, Text(found.text))
    if found.fix:
        table.add_row("", "", Text(f"Fix: {found.fix}"))
    console.print(table, width=min(console.width, LONGEST_LINE))


def print_verdict(console: Console, found: Sequence[Finding]) -> None:
    """How many of each."""
    console.print()
    bad = [each for each in found if each.level is Level.PROBLEM]
    doubts = sum(each.level is Level.WARNING for each in found)
    counted = [_counted(len(bad), "problem"), _counted(doubts, "warning")]
    style = "bold red" if bad else "bold green"
    console.print(Text(f"{counted[0].capitalize()}, {counted[1]}.", style=style))


def _counted(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'' if count == 1 else 's'}"


def doctor_json(found: Sequence[Finding]) -> str:
    """One object."""
    lines = [
        {"name": each.name, "level": each.level.word, "text": each.text, "fix": each.fix}
        for each in found
    ]
    return json.dumps(
        {"ok": all(each.level is not Level.PROBLEM for each in found), "findings": lines}
    )
