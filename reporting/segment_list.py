"""The segments of a recording, for people and for scripts."""

import json
from collections.abc import Sequence

import msgspec
from rich.console import Console

from reporting.layout import plain_table, print_sentence


class SegmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One segment.

    run            number of the engine's run, from 1.
    opened         why it was begun; end: how it ends (end, gap, torn).
    first_input    number of its first input; inputs and outputs: how many can be read.
    lost           inputs missing behind it; None: nobody knows how many.
    next_missing   it says that another one of its run follows, and there is none.
    ignored_bytes  of an end that a crash cut off.
    """

    name: str
    mode: str
    run: int
    opened: str
    markets: tuple[str, ...]
    first_input: int
    inputs: int
    outputs: int
    end: str
    lost: int | None
    next_missing: bool
    ignored_bytes: int


def print_segments(console: Console, found: Sequence[SegmentLine]) -> None:
    """A table, then what is missing in it."""
    table = plain_table(console)
    table.add_column("segment", no_wrap=True)
    table.add_column("begun by")
    for name in ("run", "inputs", "outputs"):
        table.add_column(name, justify="right")
    table.add_column("ends")
    for each in found:
        counts = (f"{count:,}" for count in (each.run, each.inputs, each.outputs))
        table.add_row(each.name, each.opened, *counts, each.end)
    console.print(table)
    console.print()
    for each in found:
        if each.ignored_bytes:
            print_sentence(
                console,
                f"{each.name}: a crash cut it short, or it is still being written; "
                f"{each.ignored_bytes} bytes of an unfinished block were ignored.",
            )
        if each.end == "gap":
            count = "an unknown number of" if each.lost is None else f"{each.lost:,}"
            print_sentence(console, f"{each.name}: {count} inputs after it were lost.")
        if each.next_missing:
            print_sentence(
                console,
                f"{each.name}: another segment of run {each.run:,} follows it and is not there: it "
                "was deleted, or a crash or the disk kept it from being begun.",
            )
    names = sorted({name for each in found for name in each.markets if name})
    print_sentence(console, f"Markets: {', '.join(names)}.")


def segments_json(found: Sequence[SegmentLine]) -> str:
    """One object with a list."""
    return json.dumps({"segments": [msgspec.to_builtins(each) for each in found]})
