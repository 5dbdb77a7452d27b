"""What a sweep found, for people: every set by net, and that the best of many was picked.

Nothing here calls a set good: the order is made from the result itself.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from reporting.amounts import amount, amounts, counted, places_of, span
from reporting.layout import pairs, plain_table, print_heading, print_sentence
from reporting.replay_text import print_reference
from reporting.sweep_summary import SetResult, SweepSummary

_BEST: Final = 30  # sets listed from the top, and
_WORST: Final = 10  # from the bottom, where there are more than both
_HASH_DIGITS: Final = 8
_NONE: Final = "-"


def print_sweep(console: Console, summary: SweepSummary) -> None:
    """Print the whole report."""
    _print_header(console, summary)
    _print_result(console, summary)
    print_heading(console, f"Sets by net, {summary.currency}, after all costs")
    _print_sets(console, summary)
    _print_footer(console, summary)


def _print_header(console: Console, summary: SweepSummary) -> None:
    count = counted(len(summary.sets), "set")
    name = (summary.base, "bold")
    console.print(Text.assemble("Sweep of ", name, f", parameters {summary.base_hash}: {count}"))
    leading = ""
    if summary.reference is not None:
        print_reference(console, summary.reference)
        leading = f" and {summary.reference.folded:,} of the reference"
    lost = sum(summary.ticks_dropped.values())
    dropped = f"{lost:,} dropped" if lost else "none dropped"
    print_sentence(
        console,
        f"{summary.ticks:,} ticks{leading} for each, {dropped}; "
        f"{span(summary.seconds)} with {counted(summary.workers, 'worker')}, "
        f"{summary.core_ns:.0f} ns of a core per tick and set",
    )


def _print_result(console: Console, summary: SweepSummary) -> None:
    print_heading(console, "Result")
    best = summary.sets[0]
    style = "bold red" if best.net < 0 else "bold green" if best.net > 0 else "bold"
    print_sentence(console, _verdict(best, len(summary.sets), summary.currency), style)
    console.print()
    for sentence in _cautions(summary):
        print_sentence(console, sentence)


def _verdict(best: SetResult, count: int, currency: str) -> str:
    which = f"the best of {count:,} sets" if count > 1 else "the only set"
    if not best.trades:
        return f"No set earned more than by not trading: {which} did not trade."
    outcome = f"Net {'loss' if best.net < 0 else 'gain'} of {amount(abs(best.net))} {currency}"
    if best.net == 0:
        outcome = f"Neither gain nor loss, 0.00 {currency},"
    return f"{outcome} after all costs in {which}, in {counted(best.trades, 'trade')}."


def _cautions(summary: SweepSummary) -> list[str]:
    """What the order of the sets does not show by itself."""
    count, said = len(summary.sets), []
    if count > 1:
        said.append(
            f"Picking the best of {count:,} sets is selection: on these ticks it looks better "
            f"than it is. Expect less of it on others, and test it on ticks that had no part in "
            f"the choice. The sets decided in {counted(summary.ways, 'different way')}."
        )
    intervals = [each.interval for each in summary.sets if each.interval is not None]
    if intervals:
        above = sum(interval.low > 0 for interval in intervals)
        said.append(
            "Intervals are 95 % of the net of a trade, by Student's t, with trades taken as "
            f"independent; they do not allow for the choice. {above:,} of {len(intervals):,} lie "
            f"above 0; of sets that earn nothing about {0.025 * len(intervals):.1f} would, by "
            "chance."
        )
    if halted := [each for each in summary.sets if each.halted_by]:
        causes = ", ".join(sorted({each.halted_by for each in halted}))
        said.append(
            f"HALTED: {len(halted):,} of {counted(count, 'set')} stopped trading by {causes}, "
            "before the ticks ended; their results say how soon, not how well."
        )
    if idle := sum(each.trades == 0 for each in summary.sets):
        said.append(f"{counted(idle, 'set')} did not trade.")
    if open_sets := sum(each.open_positions > 0 for each in summary.sets):
        said.append(
            f"{counted(open_sets, 'set')} ended with an open position, not part of the net."
        )
    return said


def _print_sets(console: Console, summary: SweepSummary) -> None:
    shown = summary.sets
    if len(shown) > _BEST + _WORST:
        shown = [*shown[:_BEST], *shown[-_WORST:]]
    table = plain_table(console)
    _fill(table, summary, shown)
    # Measured without limit: a measure within the console's width is never above it.
    free = console.options.update(width=10_000)
    if Measurement.get(console, free, table).maximum > console.width:
        table.padding = 0
    if Measurement.get(console, free, table).maximum <= console.width:
        console.print(table)
    else:
        for row in _rows(shown):
            console.print(Text(_in_lines(row)))
    left_out = len(summary.sets) - len(shown)
    if left_out:
        print_sentence(
            console,
            f"Shown are the best {_BEST} and the worst {_WORST}; the {left_out:,} between are in "
            "the output of --json.",
        )


class _Row:
    """One set as texts."""

    def __init__(self, result: SetResult, net: str, drawdown: str, places: int) -> None:
        each, interval = result.net_per_trade, result.interval
        self.changes = result.changes
        self.trades = f"{result.trades:,}"
        self.wins = f"{result.wins:,}"
        self.net = net
        self.each = _NONE if each is None else amount(each, signed=True, places=places)
        self.interval = (
            _NONE
            if interval is None
            else " to ".join(amount(Decimal(end), signed=True, places=places) for end in interval)
        )
        self.drawdown = drawdown
        self.hash = result.parameters_hash[:_HASH_DIGITS]


def _rows(results: Sequence[SetResult]) -> list[_Row]:
    nets = amounts((each.net for each in results), signed=True)
    drawdowns = amounts(each.max_drawdown for each in results)
    # As many decimals as the widths of the intervals have to tell.
    widths = [each.interval.high - each.interval.low for each in results if each.interval]
    places = max((places_of(Decimal(width)) for width in widths), default=3)
    columns = zip(results, nets, drawdowns, strict=True)
    return [_Row(each, net, drawdown, places) for each, net, drawdown in columns]


def _fill(table: Table, summary: SweepSummary, results: Sequence[SetResult]) -> None:
    for key in summary.varied:
        table.add_column(_short(key).replace(".", ".\n"), vertical="bottom", no_wrap=True)
    for heading in ("trades", "won", "net", "per\ntrade", "95 % interval", "max\ndrawdown"):
        table.add_column(heading, vertical="bottom", no_wrap=True, justify="right")
    table.add_column("para-\nmeters", vertical="bottom", no_wrap=True)
    for row in _rows(results):
        values = [Text(text) for text in row.changes.values()]
        counts = (row.trades, row.wins, row.net, row.each, row.interval, row.drawdown)
        table.add_row(*values, *counts, row.hash)


def _in_lines(row: _Row) -> str:
    """A set where the table is too wide; its hashes are in the JSON."""
    changes = ", ".join(f"{_short(key)} {text}" for key, text in row.changes.items())
    interval = f" ({row.interval})" if row.interval != _NONE else ""
    return (
        f"{changes}\n  {row.net} in {row.trades} trades, {row.wins} won, {row.each} each"
        f"{interval}, drawdown {row.drawdown}"
    )


def _short(key: str) -> str:
    return key.removeprefix("gates.")


def _print_footer(console: Console, summary: SweepSummary) -> None:
    console.print()
    if summary.assumed:
        console.print(pairs(*(("ASSUMED", sentence) for sentence in summary.assumed)))
        console.print()
    console.print(pairs(("kernels", summary.kernel_hash)))
