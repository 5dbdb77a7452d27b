"""What a verification found, for people: equal or not, and where the first difference is."""

from rich.console import Console
from rich.text import Text

from domain.enums import OutputKind, Side
from reporting.amounts import counted, utc
from reporting.layout import pairs, plain_table, print_heading, print_sentence
from reporting.verify_summary import (
    Difference,
    Missing,
    NextMissing,
    OutputTold,
    SegmentVerified,
    Verified,
)
from reporting.verify_words import by_gates, code_word, distances


def print_verified(console: Console, verified: Verified) -> None:
    """The verdict first, then each segment, then the difference with both sides."""
    difference = verified.difference
    outputs = sum(part.outputs for part in verified.segments)
    ticks = sum(part.ticks for part in verified.segments)
    if difference is not None and difference.output is None:
        verdict = f"Not verified: {difference.segment} cannot be folded as it was."
    elif difference is not None and difference.output is not None:
        verdict = f"Not verified: output {difference.output + 1} of {difference.segment} differs."
    elif verified.missing:
        verdict = f"Not verified: {_missing(verified.missing[0])}."
    elif verified.no_runs:
        verdict = f"Not verified: {_no_runs(verified.no_runs)}."
    elif verified.no_next:
        verdict = f"Not verified: {_no_next(verified.no_next[0])}."
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


def _no_runs(numbers: list[int]) -> str:
    """Runs of which there is nothing, without a full stop."""
    runs = f"run {numbers[0]:,}" if len(numbers) == 1 else f"runs {_spans(numbers)}"
    return f"no segment of {runs} is there"


def _no_next(found: NextMissing) -> str:
    """What should follow the last segment of a run, without a full stop."""
    return f"segment {found.number:,} of run {found.run:,} is missing after {found.after}"


def _spans(numbers: list[int]) -> str:
    """Ascending numbers, those in a row as one: `2, 5 to 7`."""
    starts = [each for each in numbers if each - 1 not in numbers]
    ends = [each for each in numbers if each + 1 not in numbers]
    pairs_ = zip(starts, ends, strict=True)
    return ", ".join(f"{one:,}" if one == two else f"{one:,} to {two:,}" for one, two in pairs_)


def _doubts(verified: Verified) -> list[str]:
    """What the verdict does not cover."""
    parts, said = verified.segments, list[str]()
    in_verdict = 1 if verified.difference is None else 0
    said += [f"{_missing(each)}." for each in verified.missing[in_verdict:]]
    if verified.no_runs:
        if verified.difference is not None or verified.missing:
            said.append(f"{_no_runs(verified.no_runs)}.")
        said.append(
            "A run without a segment was deleted, or it never recorded anything; nothing here "
            "tells the one from the other."
        )
    if verified.no_next:
        earlier = verified.difference is not None or verified.missing or verified.no_runs
        said += [f"{_no_next(each)}." for each in verified.no_next[0 if earlier else 1 :]]
        said.append(
            "A segment that should follow was deleted, or a crash or the disk kept it from being "
            "begun; nothing here tells the one from the other."
        )
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
                f"{part.name}: its inputs and its outputs do not end together, as it ends in "
                f"{part.end}; {counted(part.not_compared, 'output')} could not be compared."
            )
    if (left := verified.found - len(parts)) > 0:
        said.append(f"{counted(left, 'later segment')} not folded.")
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
    first, last = difference.seq, difference.last_seq
    where = f"At input {first:,}" if first == last else f"In the ticks {first:,} to {last:,}"
    print_sentence(console, f"{where}: {difference.why}.")
    recorded, folded = difference.recorded, difference.folded
    if recorded is None and folded is None:
        return
    console.print(pairs(("recorded", _sentence(recorded)), ("folded again", _sentence(folded))))
    _print_sides(
        console,
        "number",
        [(each.name, str(each.recorded), str(each.folded)) for each in difference.numbers],
    )
    one, two = distances(recorded), distances(folded)
    names = dict.fromkeys([*one, *two])
    gates = any(told is not None and by_gates(told) for told in (recorded, folded))
    _print_sides(
        console,
        "distance of gate" if gates else "distance",
        [(name, _number(one.get(name)), _number(two.get(name))) for name in names],
    )


def _print_sides(console: Console, what: str, rows: list[tuple[str, str, str]]) -> None:
    """Both sides of each line, and which of the lines differ."""
    if not rows:
        return
    table = plain_table(console)
    table.add_column(what)
    table.add_column("recorded", justify="right")
    table.add_column("folded again", justify="right")
    table.add_column("")
    for name, one, two in rows:
        table.add_row(name, one, two, "" if one == two else "differs")
    console.print()
    console.print(table)


def _sentence(told: OutputTold | None) -> str:
    if told is None:
        return "nothing"
    kind, side = OutputKind(told.kind).word.replace("_", " "), ""
    if told.side:
        side = Side(told.side).word
    what = " ".join(part for part in (kind, code_word(told), side) if part)
    lots = f"{counted(told.lots, 'lot')} " if told.lots else ""  # risk is yet to size an entry
    numbers = f"{lots}at {told.price_ticks} ticks" if told.price_ticks else ""
    number = f"decision {told.decision_seq}" if told.decision_seq else ""
    facts = ", ".join(part for part in (what, numbers, number) if part)
    return f"{utc(told.event_ns)} {told.market or 'account'}: {facts}"


def _number(value: float | None) -> str:
    return "" if value is None else repr(value + 0.0)  # -0.0 is 0.0, as for the comparison
