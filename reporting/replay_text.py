"""What a replay found, for people: result, cost waterfall, and what stood in the way.

Every sum is net of the costs its line names, a loss is called a loss, and nothing is promised.
Reads the same in 80 columns, in a pipe and without colour.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.enums import BadTick, ExitReason, Gate, Refusal, StateCause, Word
from domain.units import ROUNDED
from reporting.amounts import amount, amounts, counted, rate, share, span, utc
from reporting.layout import LONGEST_LINE, pairs, plain_table, print_heading, print_sentence
from reporting.measures import wilson_interval
from reporting.replay_summary import (
    FileLine,
    MarketSummary,
    ReferenceSummary,
    ReplaySummary,
    TradeLine,
)
from reporting.trade_list import print_trades
from reporting.waterfall import waterfall

_BAR_CELLS: Final = 40
# Gates that say what the owner or the account chose, not what the market was like.
_CHOICES: Final = (Gate.HOLD.word, Gate.TRADING_STATE.word, Gate.SESSION.word, Gate.SIDE.word)


def print_replay(
    console: Console, summary: ReplaySummary, trades: Sequence[TradeLine] | None = None
) -> None:
    """Print the whole report, and with `trades` every one of them."""
    _print_header(console, summary)
    _print_result(console, summary)
    if summary.trades:
        print_heading(console, f"From gross to net, {summary.currency}, closed trades")
        cells = max(10, min(_BAR_CELLS, console.width - 36))
        ascii_only = console.options.ascii_only
        console.print(waterfall(summary.money, cells, ascii_only=ascii_only))
    _print_rejections(console, summary)
    for title, heading, counts, words in (
        ("Exits", "reason", summary.exits, ExitReason),
        ("Orders refused by risk", "code", summary.refusals, Refusal),
    ):
        if counts:
            print_heading(console, title)
            console.print(_count_table(console, heading, in_order(counts, words)))
    if len(summary.markets) > 1:
        print_heading(console, f"Markets, {summary.currency}")
        console.print(_market_table(console, summary.markets))
    if trades:
        print_heading(console, f"Trades, times in UTC, net in {summary.currency}")
        print_trades(console, trades, plain_table(console))
    _print_footer(console, summary)


def _print_header(console: Console, summary: ReplaySummary) -> None:
    name = (summary.playbook, "bold")
    console.print(Text.assemble("Replay of ", name, f", parameters {summary.parameters_hash[:12]}"))
    for file in summary.files:
        print_sentence(console, file_told(file))
    leading = ""
    if summary.reference is not None:
        print_reference(console, summary.reference)
        leading = f" and {summary.reference.folded:,} of the reference"
    dropped = in_order(summary.ticks_dropped, BadTick)
    lost = f"{sum(count for _, count in dropped):,} dropped ({listed(dropped)})"
    print_sentence(
        console,
        f"{summary.ticks:,} ticks{leading} in {span(summary.seconds)}, "
        f"{rate(summary.ticks_per_second)} a second; {lost if dropped else 'none dropped'}",
    )


def _print_result(console: Console, summary: ReplaySummary) -> None:
    print_heading(console, "Result")
    net = summary.money.net
    style = "bold red" if net < 0 else "bold green" if net > 0 else "bold"
    for sentence in verdict(summary):
        print_sentence(console, sentence, style)
    console.print()
    console.print(pairs(*key_numbers(summary)))


def key_numbers(summary: ReplaySummary) -> tuple[tuple[str, str], ...]:
    """How much was traded and how far it fell, as labels and words."""
    return (
        ("trades", _trades_and_wins(summary)),
        ("entries", _entries(summary)),
        ("decisions", f"{summary.decisions:,} to enter or to exit, every attempt"),
        ("open positions", _open_positions(summary)),
        ("max drawdown", _drawdown(summary)),
    )


def print_reference(console: Console, reference: ReferenceSummary) -> None:
    """A line for each file of the reference, with what was dropped from it."""
    for file in reference.files:
        dropped = in_order(file.dropped, BadTick)
        lost = f", {sum(file.dropped.values()):,} dropped ({listed(dropped)})" if dropped else ""
        print_sentence(console, f"reference {file_told(file)}{lost}")


def file_told(file: FileLine) -> str:
    """A file's market, name, time and number of ticks."""
    first, last = (utc(at) for at in (file.first_ns, file.last_ns))
    held = span((file.last_ns - file.first_ns) / 1e9)
    return f"{file.market}: {file.name}, {first} to {last} UTC ({held}), {file.ticks:,} ticks"


def _entries(summary: ReplaySummary) -> str:
    refused = sum(summary.refusals.values())
    refusals = f", {counted(refused, 'order')} refused by risk" if refused else ""
    return f"{summary.entries:,} wanted, {summary.unfilled_entries:,} not filled{refusals}"


def _drawdown(summary: ReplaySummary) -> str:
    start = f" of {amount(summary.start_equity)} at the start" if summary.start_equity else ""
    return f"{amount(summary.max_drawdown)} {summary.currency}{start}"


def verdict(summary: ReplaySummary) -> Iterable[str]:
    """How it ended, in a few sentences; what kept it from trading comes first."""
    if summary.problems:
        yield f"Nothing can be traded: {'; '.join(summary.problems)}."
    for halt in summary.halts:
        until = "the day rolls" if halt.cause == StateCause.DAILY_LOSS.word else "a person resumes"
        yield f"HALTED by {halt.cause} at {utc(halt.time_ns)} UTC: no entries until {until}."
    net, currency = summary.money.net, summary.currency
    if summary.trades:
        each = ROUNDED.divide(net, Decimal(summary.trades))
        outcome = f"Net {'loss' if net < 0 else 'gain'} of {amount(abs(net))} {currency}"
        if net == 0:
            outcome = f"Neither gain nor loss, 0.00 {currency}"
        yield (
            f"{outcome} after all costs, in {counted(summary.trades, 'trade')}: "
            f"{amount(each, signed=True)} a trade."
        )
    elif summary.open_positions:
        yield "No trade was closed here, so that there is no result yet."
    else:
        yield from _why_no_trade(summary)


def _why_no_trade(summary: ReplaySummary) -> Iterable[str]:
    yield "This playbook did not trade here."
    rejected = in_order(summary.rejections, Gate)
    if not summary.ticks:
        yield "There was no good tick to trade on."
    never = [gate for gate, count in rejected if summary.not_ready.get(gate, 0) == count]
    deepest = rejected[-1][0] if rejected else ""
    if deepest in never:
        yield (
            f"The last gate that ticks came to was {deepest}, and it was never ready: what it "
            "needs takes longer than this data, or is not in it."
        )
    elif judged := [each for each in rejected if each[0] not in _CHOICES]:
        gate, count = max(judged, key=lambda each: each[1])
        total = sum(summary.rejections.values())
        unready = summary.not_ready.get(gate, 0)
        missing = f", on {unready:,} of them because its input was missing" if unready else ""
        yield (
            f"The gate most in the way was {gate}: it blocked {count:,} of {total:,} flat ticks "
            f"({share(count, total)}){missing}."
        )
    if refused := in_order(summary.refusals, Refusal):
        yield f"Risk refused {counted(sum(n for _, n in refused), 'order')}: {listed(refused)}."


def _trades_and_wins(summary: ReplaySummary) -> str:
    if not summary.trades:
        return "0"
    low, high = wilson_interval(summary.wins, summary.trades)
    return (
        f"{summary.trades:,}, won {summary.wins:,}: {share(summary.wins, summary.trades)} "
        f"(95 % interval {100 * low:.1f} to {100 * high:.1f} %)"
    )


def _open_positions(summary: ReplaySummary) -> str:
    if not summary.open_positions:
        return "0"
    return f"{summary.open_positions:,}, not part of the result"


def _print_rejections(console: Console, summary: ReplaySummary) -> None:
    counts = summary.rejections
    gates = [gate for gate, _ in in_order({**summary.observed, **counts}, Gate)]
    if not gates:
        return
    total = sum(counts.values())
    print_heading(console, f"Why {total:,} flat ticks brought no entry, by first gate")
    table = plain_table(console)
    table.add_column("gate", overflow="fold")
    for heading in ("blocked", "share", "of those not ready", "observed only"):
        table.add_column(heading, justify="right", overflow="fold")
    for gate in gates:
        blocked = counts.get(gate, 0)
        table.add_row(
            gate,
            f"{blocked:,}",
            share(blocked, total),
            f"{summary.not_ready.get(gate, 0):,}",
            f"{summary.observed.get(gate, 0):,}",
        )
    console.print(table)


def _count_table(console: Console, heading: str, counts: Sequence[tuple[str, int]]) -> Table:
    table = plain_table(console)
    table.add_column(heading, overflow="fold")
    table.add_column("count", justify="right")
    for word, count in counts:
        table.add_row(word, f"{count:,}")
    return table


def _market_table(console: Console, markets: Mapping[str, MarketSummary]) -> Table:
    table = plain_table(console)
    if console.width < LONGEST_LINE:
        table.padding = 0
    table.add_column("market", overflow="fold")
    for heading in ("ticks", "trades", "won", "open", "gross", "costs", "net"):
        table.add_column(heading, justify="right", overflow="fold")
    rows = list(markets.values())
    gross = amounts((row.money.gross for row in rows), signed=True)
    costs = amounts((row.money.net - row.money.gross for row in rows), signed=True)
    net = amounts((row.money.net for row in rows), signed=True)
    for name, row, *sums in zip(markets, rows, gross, costs, net, strict=True):
        counts = (row.ticks, row.trades, row.wins, row.open_positions)
        table.add_row(Text(name), *(f"{count:,}" for count in counts), *sums)
    return table


def _print_footer(console: Console, summary: ReplaySummary) -> None:
    console.print()
    if summary.assumed:
        console.print(pairs(*(("ASSUMED", sentence) for sentence in summary.assumed)))
        console.print()
    console.print(
        pairs(
            ("parameters", summary.parameters_hash),
            ("kernels", summary.kernel_hash),
            ("decisions", summary.decision_hash),
        )
    )


def in_order(counts: Mapping[str, int], words: type[Word]) -> list[tuple[str, int]]:
    """Counts in the order of `words`; what these do not know comes last, by name."""
    known = [each.word for each in words]
    order = [word for word in known if word in counts] + sorted(set(counts) - set(known))
    return [(word, counts[word]) for word in order]


def listed(counts: Iterable[tuple[str, int]]) -> str:
    """As `late 12, crossed 3`."""
    return ", ".join(f"{word} {count:,}" for word, count in counts)
