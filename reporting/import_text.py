"""An import for people: the mapping before anything is done, then what became of every row."""

import json
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from reporting.amounts import counted, span, utc
from reporting.import_summary import FileCounts, ImportSummary, PlanLine
from reporting.json_values import plain
from reporting.layout import pairs, plain_table, print_heading, print_sentence

_NS = 1_000_000_000


def print_plan(console: Console, plans: Sequence[PlanLine]) -> None:
    """What will be read as what."""
    for plan in plans:
        print_heading(
            console,
            f"{plan.file}: {plan.shape}, {counted(plan.rows, 'row')}, read as {plan.content}",
        )
        table = plain_table(console)
        for heading in ("field", "column", "unit", "how sure", "first value"):
            table.add_column(heading, overflow="fold")
        for each in plan.fields:
            cells = (each.field, each.column, each.unit, each.confidence, each.example)
            table.add_row(*(Text(cell) for cell in cells))
        console.print(table)
        if plan.unread:
            print_sentence(console, f"Not read: {', '.join(plan.unread)}.")


def print_imported(console: Console, summary: ImportSummary) -> None:
    """What was written, what was not, and what was assumed."""
    print_heading(console, "Imported")
    length = span((summary.last_ns - summary.first_ns) / _NS)
    first, last = utc(summary.first_ns), utc(summary.last_ns)
    print_sentence(
        console,
        f"{summary.place}: {counted(summary.trades, 'trade')} and "
        f"{counted(summary.quotes, 'quote')}, {first} to {last} UTC ({length})",
    )
    for file in summary.files:
        print_sentence(console, _rows(file))
    made = summary.recording
    if made is not None:
        print_sentence(
            console,
            f"Recorded as {made.market} by {made.playbook}: {counted(made.inputs, 'input')} in "
            f"{counted(made.segments, 'segment')}, {counted(made.trades, 'trade')} on paper",
        )
    if summary.assumed:
        console.print()
        console.print(pairs(*(("ASSUMED", sentence) for sentence in summary.assumed)))
    console.print()
    console.print("Next:")
    for command in summary.next:  # never wrapped: it is to be copied
        console.print(Text(f"  {command}"), soft_wrap=True)


def _rows(file: FileCounts) -> str:
    if not file.counts:
        return f"{file.file}: all of {counted(file.rows, 'row')} are good"
    told = ", ".join(
        f"{kind} {count:,} (first in row {file.first[kind]:,})"
        for kind, count in file.counts.items()
    )
    return f"{file.file}: of {counted(file.rows, 'row')} not good: {told}"


def import_json(plans: Sequence[PlanLine], summary: ImportSummary | None) -> str:
    """One object: `plan`, and what was made of it, null for a dry run."""
    return json.dumps({"plan": plain(list(plans)), "imported": plain(summary)}, allow_nan=False)
