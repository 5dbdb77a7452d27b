"""What a verification found, for people: equal or not, and where the first difference is."""

import math
from typing import Final

from rich.console import Console
from rich.text import Text

from domain.enums import ExitReason, Gate, OutputKind, Refusal, Side, TradingState, Word
from reporting.amounts import counted, utc
from reporting.layout import pairs, plain_table, print_heading, print_sentence
from reporting.verify_summary import Difference, Missing, OutputTold, SegmentVerified, Verified

_CODES: Final[dict[OutputKind, type[Word]]] = {
    OutputKind.INTENT: ExitReason,
    OutputKind.ADDITION: ExitReason,
    OutputKind.REFUSED: Refusal,
    OutputKind.LOCKED: Refusal,
    OutputKind.REJECTION_RUN: Gate,
    OutputKind.STATE_CHANGED: TradingState,
}
_DIGITS: Final = 12


def print_verified(console: Console, verified: Verified) -> None:
    """The verdict first, then each segment, then the difference with both sides."""
    difference = verified.difference
    outputs = sum(part.outputs for part in verified.segments)
    ticks = sum(part.ticks for part in verified.segments)
    if difference is not None:
        verdict = f"Not verified: output {difference.output + 1} of {difference.segment} differs."
    elif verified.missing:
        verdict = f"Not verified: {_missing(verified.missing[0])}."
    else:
        verdict = f"Verified: {counted(outputs, 'output')} of {counted(ticks, 'tick')} are equal."
    console.print(Text(verdict, style="bold green" if verified.equal else "bold red"))
    for doubt in _doubts(verified):
        print_sentence(console, doubt)
    console.print()
    console.print(_segments(console, verified.segments))
    if difference is not None:
        _print_difference(console, difference)


def _missing(found: Missing) -> str:
    """What lies between two segments that do not join, without a full stop."""
    where = f"between {found.before} and {found.after}" if found.before else f"before {found.after}"
    if found.last < found.first:
        return f"{where} inputs {found.last + 1:,} to {found.first - 1:,} are there twice"
    return f"inputs {found.first:,} to {found.last:,} are missing {where}"


def _doubts(verified: Verified) -> list[str]:
    """What the verdict does not cover."""
    parts, said = verified.segments, list[str]()
    in_verdict = 1 if verified.difference is None else 0
    said += [f"{_missing(each)}." for each in verified.missing[in_verdict:]]
    said += [f"Run {number} left no segment here." for number in verified.no_runs]
    if not all(part.same_build for part in parts):
        said.append(
            "Different build: the recording was made by other kernels, libraries or another "
            "processor, which do not promise the same bits; the comparison ran nevertheless."
        )
    for part in parts:
        if part.lost is None:
            said.append(f"{part.name}: inputs after its end were lost, nobody knows how many.")
        elif part.lost:
            said.append(f"{part.name}: {counted(part.lost, 'input')} after its end were lost.")
        if part.ignored_bytes:
            said.append(
                f"{part.name}: a crash cut it short; {part.ignored_bytes} bytes of an unfinished "
                "block were ignored."
            )
        if part.not_compared:
            said.append(
                f"{part.name}: the outputs of its last inputs were not on disk yet; "
                f"{counted(part.not_compared, 'output')} could not be compared."
            )
    if verified.difference is None and len(parts) < verified.found:
        said.append(f"Only {len(parts)} of {verified.found} segments were folded.")
    return said


def _segments(console: Console, parts: list[SegmentVerified]) -> object:
    table = plain_table(console)
    table.add_column("segment", no_wrap=True)
    for name in ("inputs", "ticks", "equal outputs"):
        table.add_column(name, justify="right")
    table.add_column("ends")
    table.add_column("verdict")
    for part in parts:
        verdict = "equal" if part.difference is None else "differs"
        counts = (f"{count:,}" for count in (part.inputs, part.ticks, part.outputs))
        table.add_row(part.name, *counts, part.end.replace("_", " "), verdict)
    return table


def _print_difference(console: Console, difference: Difference) -> None:
    print_heading(console, "The first difference")
    print_sentence(console, f"At input {difference.seq}: {difference.why}.")
    recorded, folded = difference.recorded, difference.folded
    console.print(pairs(("recorded", _sentence(recorded)), ("folded again", _sentence(folded))))
    if recorded is None and folded is None:
        return
    table = plain_table(console)
    table.add_column("gate")
    table.add_column("recorded distance", justify="right")
    table.add_column("folded again", justify="right")
    table.add_column("")
    for gate in Gate:
        one, two = (_distance(side, gate) for side in (recorded, folded))
        if one or two:
            table.add_row(gate.word, one, two, "" if one == two else "differs")
    if table.row_count:
        console.print()
        console.print(table)


def _sentence(told: OutputTold | None) -> str:
    if told is None:
        return "nothing"
    kind = OutputKind(told.kind)
    words = _CODES.get(kind)
    code = words(told.code).word if words is not None and told.code else ""
    side = Side(told.side).word if told.side else ""
    what = " ".join(part for part in (kind.word.replace("_", " "), code, side) if part)
    numbers = f"{told.lots} lots at {told.price_ticks} ticks" if told.price_ticks else ""
    where = told.market or "account"
    number = f"decision {told.decision_seq}" if told.decision_seq else ""
    facts = ", ".join(part for part in (what, numbers, number) if part)
    return f"{utc(told.event_ns)} {where}: {facts}"


def _distance(told: OutputTold | None, gate: Gate) -> str:
    if told is None or math.isnan(told.distances[gate]):
        return ""
    return f"{told.distances[gate]:.{_DIGITS}g}"
