"""What a market waits for on a live screen: gates with what is missing, or ways out."""

import math
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from domain.enums import Gate
from reporting.amounts import price
from reporting.live.drawn import Lines, Style, fitted, heading
from reporting.live.picture import MarketPicture
from reporting.playbook_gates import plain
from reporting.why_summary import ExitTold, GateTold, WhySummary
from reporting.why_words import number, spoken, told_apart, with_unit

_MARKS: Final = {
    "passes": ("✓", "+", "green"),
    "blocks": ("✗", "x", "red"),
    "not_ready": ("…", "?", "red"),
    "observed": ("o", "o", ""),
    "missing_observed": ("o", "o", ""),
    "missing_passes": ("✓", "+", "green"),
}
_BLOCKING: Final = ("blocks", "not_ready")
_DIGITS: Final = 3
_LEAST_NAME: Final = 8


def gates(why: WhySummary, width: int, height: int, style: Style) -> Lines:
    """Every gate that is on, or every way out of a position, with how far each is.

    Where there are more gates than lines, some that pass are counted in the heading instead.
    """
    if why.exits:
        rows = [_way_out(each, why.account.currency) for each in why.exits]
        title = heading(f"{why.market}: ways out, how far", width, style)
        return [title, *(fitted(Text(line), width) for line in _table(rows, width))][:height]
    asked = [each for each in why.gates if each.mode != "off"]
    kept = _kept(asked, height - 1)
    more = len(asked) - len(kept)
    words = f"{why.market}: gates for {why.side}" + (f", {more} more pass" if more else "")
    lines: Lines = [heading(words, width, style)]
    if not asked:
        lines.append(fitted(Text(f"none is asked while it is {why.activity}"), width))
    table = _table([_gate(each) for each in kept], width - 2)
    for gate, line in zip(kept, table, strict=True):
        drawn, plain_mark, colour = _MARKS[gate.verdict]
        mark = Text(f"{plain_mark if style.ascii_only else drawn} ", colour)
        lines.append(fitted(Text().append_text(mark).append(line), width))
    return lines[:height]


def _kept(asked: Sequence[GateTold], count: int) -> list[GateTold]:
    """At most so many, in their order: those without numbers go first, what blocks goes last."""
    ranks = [
        (each.verdict in _BLOCKING, not _worded(each), -place) for place, each in enumerate(asked)
    ]
    chosen = sorted(range(len(asked)), key=lambda place: ranks[place], reverse=True)
    return [asked[place] for place in sorted(chosen[: max(0, count)])]


def _worded(gate: GateTold) -> bool:
    """Whether its numbers say nothing to people."""
    return bool(gate.shown or gate.asked) or gate.gate in {"plan", "hold"}


def _gate(gate: GateTold) -> tuple[str, ...]:
    """Name, and value, what is asked and distance; or name and words."""
    name = plain(Gate[gate.gate.upper()])
    if _worded(gate):
        blocks = gate.verdict in _BLOCKING and gate.asked
        return name, f"{gate.shown}, asked {gate.asked}" if blocks else gate.shown or _words(gate)
    if math.isinf(gate.distance):
        return name, "no reason yet"
    sign = ">=" if gate.at_least else "<="
    value, asked = number(gate.value, _DIGITS), number(gate.threshold, _DIGITS)
    if value == asked:
        value, asked = told_apart(gate.value, gate.threshold)
    if math.isnan(gate.distance):
        return name, "not ready", f"{sign} {asked}", ""
    margin = f"{'+' if gate.distance > 0 else ''}{number(gate.distance, _DIGITS)}"
    return name, with_unit(value, gate.unit), f"{sign} {asked}", margin


def _words(gate: GateTold) -> str:
    """Of a plan and of a hold."""
    if gate.gate == "plan":
        return "can be made" if gate.distance >= 0 else "cannot be made"
    if gate.distance >= 0:
        return "none"
    return f"{number(gate.value, _DIGITS)} {gate.unit}"


def _way_out(way: ExitTold, currency: str) -> tuple[str, ...]:
    unit = currency if way.unit == "money" else way.unit
    far = "reached" if way.distance <= 0 else with_unit(number(way.distance, 4), unit)
    return spoken(way.reason), far, "" if way.level is None else f"at {price(way.level)}"


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """Columns as wide as they need; the first to the left, the others to the right.

    A row of two has no columns but a name and words. Where it is too wide, names are cut: numbers
    say more.
    """
    columned = [others for _, *others in rows if len(others) > 1]
    widths = [max(map(len, column)) for column in zip(*columned, strict=True)]
    names = max((len(first) for first, *_ in rows), default=0)
    names = max(_LEAST_NAME, min(names, width - sum(widths) - len(widths)))
    lines = []
    for first, *others in rows:
        cells = others
        if len(others) > 1:
            cells = [f"{cell:>{most}}" for cell, most in zip(others, widths, strict=True)]
        lines.append(" ".join([f"{first[:names]:<{names}}", *cells]).rstrip())
    return lines


def rejections(shown: MarketPicture, width: int, style: Style) -> Lines:
    """Why it mostly does nothing."""
    found = [heading(f"{shown.name}: what kept it out", width, style)]
    for gate, count in shown.rejections:
        line = f"{plain(Gate[gate.upper()]):<16} {count:>10,} ticks"
        found.append(fitted(Text(line), width))
    return found
