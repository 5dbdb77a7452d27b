"""What a replay found, for people: result, cost waterfall, and what stood in the way.

Every sum is net of the costs its line names, a loss is called a loss, and nothing is promised.
Reads the same in 80 columns, in a pipe and without colour.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.enums import BadTick, ExitReason, Gate, Refusal, Word
from domain.units import ROUNDED
from reporting.amounts import amount, amounts, rate, share, span
from reporting.measures import wilson_interval
from reporting.replay_summary import MarketSummary, ReplaySummary, TradeLine
from reporting.trade_list import print_trades
from reporting.waterfall import waterfall

_LONGEST_LINE: Final = 100
_BAR_CELLS: Final = 40
_ASCII_HEAD: Final = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def print_replay(
    console: Console, summary: ReplaySummary, trades: Sequence[TradeLine] | None = None
) -> None:
    """Print the whole report, and with `trades` every one of them."""
    _print_header(console, summary)
    _print_result(console, summary)
    if summary.trades:
        _print_heading(console, f"From gross to net, {summary.currency}, closed trades")
        cells = max(10, min(_BAR_CELLS, console.width - 36))
        ascii_only = console.options.ascii_only
        console.print(waterfall(summary.money, cells, ascii_only=ascii_only))
    _print_rejections(console, summary)
    for title, heading, counts, words in (
        ("Exits", "reason", summary.exits, ExitReason),
        ("Orders refused by risk", "code", summary.refusals, Refusal),
    ):
        if counts:
            _print_heading(console, title)
            console.print(_count_table(console, heading, _in_order(counts, words)))
    if len(summary.markets) > 1:
        _print_heading(console, f"Markets, {summary.currency}")
        console.print(_market_table(console, summary.markets))
    if trades:
        _print_heading(console, f"Trades, times in UTC, net in {summary.currency}")
        print_trades(console, trades, _table(console))
    _print_footer(console, summary)


def _print_header(console: Console, summary: ReplaySummary) -> None:
    name = (summary.playbook, "bold")
    console.print(Text.assemble("Replay of ", name, f", parameters {summary.parameters_hash[:12]}"))
    dropped = _in_order(summary.ticks_dropped, BadTick)
    lost = f"{sum(count for _, count in dropped):,} dropped ({_listed(dropped)})"
    _print_sentence(
        console,
        f"{summary.ticks:,} ticks in {span(summary.seconds)}, "
        f"{rate(summary.ticks_per_second)} a second; {lost if dropped else 'none dropped'}",
    )


def _print_result(console: Console, summary: ReplaySummary) -> None:
    _print_heading(console, "Result")
    net = summary.money.net
    style = "bold red" if net < 0 else "bold green" if net > 0 else "bold"
    for sentence in _verdict(summary):
        _print_sentence(console, sentence, style)
    console.print()
    console.print(
        _pairs(
            ("trades", _trades_and_wins(summary)),
            ("decisions", f"{summary.decisions:,} to enter or to exit"),
            ("open positions", _open_positions(summary)),
            ("max drawdown", f"{amount(summary.max_drawdown)} {summary.currency}"),
        )
    )


def _verdict(summary: ReplaySummary) -> Iterable[str]:
    """How it ended, in a sentence or two."""
    net, currency = summary.money.net, summary.currency
    if summary.trades:
        each = ROUNDED.divide(net, Decimal(summary.trades))
        outcome = f"Net {'loss' if net < 0 else 'gain'} of {amount(abs(net))} {currency}"
        if net == 0:
            outcome = f"Neither gain nor loss, 0.00 {currency}"
        yield (
            f"{outcome} after all costs, in {_counted(summary.trades, 'trade')}: "
            f"{amount(each, signed=True)} a trade."
        )
    elif summary.open_positions:
        yield "No trade was closed here, so that there is no result yet."
    else:
        yield from _why_no_trade(summary)


def _why_no_trade(summary: ReplaySummary) -> Iterable[str]:
    yield "This playbook did not trade here."
    rejected = _in_order(summary.rejections, Gate)
    if not summary.ticks:
        yield "There was no good tick to trade on."
    elif rejected:
        gate, count = max(rejected, key=lambda each: each[1])
        unready = summary.not_ready.get(gate, 0)
        missing = f", on {unready:,} of them because its input was missing" if unready else ""
        yield (
            f"The gate most in the way was {gate}: it blocked {count:,} of "
            f"{sum(summary.rejections.values()):,} flat ticks "
            f"({share(count, sum(summary.rejections.values()))}){missing}."
        )
    if refused := _in_order(summary.refusals, Refusal):
        yield f"Risk refused {_counted(sum(n for _, n in refused), 'order')}: {_listed(refused)}."


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
    gates = [gate for gate, _ in _in_order({**summary.observed, **counts}, Gate)]
    if not gates:
        return
    total = sum(counts.values())
    _print_heading(console, f"Why {total:,} flat ticks brought no entry, by first gate")
    table = _table(console)
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
    table = _table(console)
    table.add_column(heading, overflow="fold")
    table.add_column("count", justify="right")
    for word, count in counts:
        table.add_row(word, f"{count:,}")
    return table


def _market_table(console: Console, markets: Mapping[str, MarketSummary]) -> Table:
    table = _table(console)
    if console.width < _LONGEST_LINE:
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
        console.print(_pairs(*(("ASSUMED", sentence) for sentence in summary.assumed)))
        console.print()
    console.print(
        _pairs(
            ("parameters", summary.parameters_hash),
            ("kernels", summary.kernel_hash),
            ("decisions", summary.decision_hash),
        )
    )


def _print_heading(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, style="bold"))


def _print_sentence(console: Console, sentence: str, style: str = "") -> None:
    console.print(Text(sentence, style), width=min(console.width, _LONGEST_LINE))


def _table(console: Console) -> Table:
    head = _ASCII_HEAD if console.options.ascii_only else SIMPLE_HEAD
    return Table(box=head, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def _pairs(*pairs: tuple[str, str]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=_LONGEST_LINE - 20)
    for label, value in pairs:
        table.add_row(label, Text(value))
    return table


def _in_order(counts: Mapping[str, int], words: type[Word]) -> list[tuple[str, int]]:
    """Counts in the order of `words`; what these do not know comes last, by name."""
    known = [each.word for each in words]
    order = [word for word in known if word in counts] + sorted(set(counts) - set(known))
    return [(word, counts[word]) for word in order]


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in counts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
