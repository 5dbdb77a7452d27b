"""What a ledger's trades come to, for people: the verdict first, then how it came about.

Every mean comes with its uncertainty, a loss is called a loss, and a measure that cannot be
computed is "-" with the reason. Reads the same in 80 columns, in a pipe and without colour.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reporting.amounts import amount, amounts, counted, share, span, utc
from reporting.layout import pairs, plain_table, print_heading, print_sentence
from reporting.ledger_summary import Asked, LedgerSummary
from reporting.ratios import EVERY_DAY
from reporting.trade_measures import Drawdown, Group
from reporting.waterfall import waterfall

FEWEST_TRADES: Final = 30  # below, an interval of a mean says little
FEWEST_DAYS: Final = 30  # below, a ratio of a year is a guess
_BAR_CELLS: Final = 40
_TITLES: Final = {
    "side": "By side",
    "reason": "By reason of the exit",
    "hour": "By hour of the entry",
    "playbook": "By playbook",
    "regime": "By regime at the entry",
    "market": "By market",
}


def print_summary(console: Console, summary: LedgerSummary) -> None:
    """Print the whole report."""
    asked, total = summary.asked, summary.total
    net = total.money.net
    style = "bold red" if net < 0 else "bold green" if net > 0 else "bold"
    print_sentence(console, verdict(total, asked.currency), style)
    print_sentence(console, _what(summary))
    if not total.trades:
        return
    print_heading(console, "Result")
    console.print()
    console.print(pairs(*_result(summary)))
    print_heading(console, f"From gross to net, {asked.currency}, closed trades")
    cells = max(10, min(_BAR_CELLS, console.width - 36))
    console.print(waterfall(total.money, cells, ascii_only=console.options.ascii_only))
    _print_ratios(console, summary)
    for key, parts in summary.by.items():
        zone = f", {asked.zone}" if key == "hour" else ""
        print_heading(console, f"{_TITLES[key]}{zone}; money in {asked.currency}")
        console.print(_table(console, key, parts))


def verdict(total: Group, currency: str) -> str:
    """One honest sentence: the net after all costs, and what it says of the next trade."""
    if not total.trades:
        return "No closed trade: there is no result."
    net = total.money.net
    outcome = f"Net {'loss' if net < 0 else 'gain'} of {amount(abs(net))} {currency}"
    if net == 0:
        outcome = f"Neither gain nor loss, 0.00 {currency}"
    said = (
        f"{outcome} after all costs in {counted(total.trades, 'closed trade')}, "
        f"{_float(total.mean)} a trade"
    )
    if total.trades > 1:
        said += f" (95 % interval {_float(total.mean_low)} to {_float(total.mean_high)})"
    return f"{said}: {_judged(total)}."


def _judged(total: Group) -> str:
    if total.trades < FEWEST_TRADES:
        return f"too few trades to tell, below {FEWEST_TRADES}"
    if total.mean_low > 0:
        return "better than chance in this sample, which promises nothing"
    if total.mean_high < 0:
        return "a loss that chance does not explain"
    return "no edge shown, the interval includes 0"


def _what(summary: LedgerSummary) -> str:
    asked = summary.asked
    said = f"{asked.file}: {asked.kind} of {asked.mode}, account {asked.account}"
    if summary.first_ns is not None and summary.last_ns is not None:
        said += f", {utc(summary.first_ns)} to {utc(summary.last_ns)} UTC"
    chosen = "".join(f"; {each}" for each in _conditions(asked))
    left = ""
    if summary.open_positions:
        left = f"; {counted(summary.open_positions, 'open position')} not counted"
    return f"{said}{chosen}{left}"


def _conditions(asked: Asked) -> Iterable[str]:
    for name in ("market", "playbook", "side"):
        value = getattr(asked, name)
        if value is not None:
            yield f"{name} {value} only"
    if asked.since_ns is not None:
        yield f"closed from {utc(asked.since_ns)}"
    if asked.until_ns is not None:
        yield f"closed before {utc(asked.until_ns)}"


def _result(summary: LedgerSummary) -> list[tuple[str, str]]:
    total, out, held, far = summary.total, summary.outcomes, summary.holds, summary.excursions
    currency = summary.asked.currency
    factor = "-, no trade won or lost"
    if math.isinf(out.profit_factor):
        factor = "no losing trade"
    elif not math.isnan(out.profit_factor):
        factor = f"{out.profit_factor:.2f} (winners' net over losers')"
    worst, best = (
        "-" if each is None else amount(each, signed=True) for each in (out.worst, out.best)
    )
    won = (
        f"{total.won:,} of {total.trades:,}: {share(total.won, total.trades)} (95 % interval "
        f"{100 * out.win_rate_low:.1f} to {100 * out.win_rate_high:.1f} %), "
        f"{total.lost:,} lost"
    )
    means = (
        f"{_float(out.mean_win)} and {_float(out.mean_loss)} on average, best {best}, "
        f"worst {worst} {currency}"
    )
    times = (
        f"median {span(held.median_s)}, mean {span(held.mean_s)}, "
        f"{span(held.shortest_s)} to {span(held.longest_s)}"
    )
    ways = (
        f"{_float(far.mae_mean)} and {_float(far.mfe_mean)} on average; winners were at "
        f"{_float(far.mae_of_winners)} on the way, losers at {_float(far.mfe_of_losers)}"
    )
    found = [
        ("won", won),
        ("profit factor", factor),
        ("winner, loser", means),
        ("drawdown", f"{_fall(summary.drawdown, currency)}, of the sum of closed trades"),
    ]
    if summary.equity_drawdown is not None:
        fall = _fall(summary.equity_drawdown, currency)
        found.append(("", f"{fall}, of the account's equity as it was stored"))
    return [
        *found,
        ("exposure", f"a position open {_percent(summary.exposure)} of the time"),
        ("held", times),
        ("MAE, MFE", ways),
    ]


def _print_ratios(console: Console, summary: LedgerSummary) -> None:
    ratios = summary.ratios
    print_heading(console, "Risk-adjusted, of daily net returns")
    console.print()

    def shown(name: str, value: float, form: str) -> str:
        missing = ratios.missing.get(name)
        return f"-, {missing}" if missing else form.format(value)

    console.print(
        pairs(
            ("Sharpe", shown("sharpe", ratios.sharpe, "{:.2f}")),
            ("Sortino", shown("sortino", ratios.sortino, "{:.2f}")),
            ("Calmar", shown("calmar", ratios.calmar, "{:.2f}")),
            ("a year", shown("growth", 100 * ratios.growth, "{:+,.1f} %")),
        )
    )
    console.print()
    for sentence in _how(summary):
        print_sentence(console, sentence)


def _how(summary: LedgerSummary) -> Iterable[str]:
    """In which way the ratios were computed, and what they are worth."""
    ratios, start = summary.ratios, summary.start_equity
    if start is not None:
        kept = "days without one count as 0"
        if ratios.days_a_year != EVERY_DAY:
            kept = "week days without one count as 0"
        yield (
            f"Net of the trades closed on a day ({summary.asked.zone}) over the equity it began "
            f"with, from {amount(start)} {summary.asked.currency} on; {kept}."
        )
    markets = "at least one market never closes"
    if ratios.days_a_year != EVERY_DAY:
        markets = "all markets have sessions"
    yield (
        f"{counted(ratios.days, 'day')}, annualised by {ratios.days_a_year} as {markets}, without "
        "a risk-free rate."
    )
    if 2 <= ratios.days < FEWEST_DAYS:
        yield f"Below {FEWEST_DAYS} days such ratios say little."


def _table(console: Console, heading: str, parts: Sequence[Group]) -> Table:
    table = plain_table(console)
    table.add_column(heading, overflow="fold")
    for each in ("trades", "won", "gross", "costs", "net", "a trade"):
        table.add_column(each, justify="right", overflow="fold")
    gross = amounts((part.money.gross for part in parts), signed=True)
    costs = amounts((-part.costs for part in parts), signed=True)
    net = amounts((part.money.net for part in parts), signed=True)
    for part, *sums in zip(parts, gross, costs, net, strict=True):
        table.add_row(
            Text(part.name or "-"),
            f"{part.trades:,}",
            share(part.won, part.trades),
            *sums,
            _float(part.mean),
        )
    return table


def _fall(fall: Drawdown, currency: str) -> str:
    part = "" if math.isnan(fall.share) else f" ({_percent(fall.share)})"
    return f"{amount(fall.amount)} {currency}{part}"


def _percent(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{100 * value:.1f} %" if value == 0 or value >= 0.0005 else "<0.1 %"


def _float(value: float) -> str:
    """Money of which only a float is known."""
    return "-" if math.isnan(value) else amount(Decimal(repr(value)), signed=True)
