"""One HTML page of a replay: figures and numbers, readable offline, without a script.

The page asks for nothing: no font, no picture, no script comes from elsewhere, and its policy
forbids it. It shows nothing that differs between two replays that decided the same, so that the
same replay is the same page, byte for byte.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from html import escape
from importlib import resources
from typing import Final

from domain.enums import BadTick, ExitReason, Gate, Refusal, Word
from domain.units import SECOND_NS
from reporting.amounts import amount, amounts, price, share, span, utc
from reporting.plots.costs import LABELS, steps
from reporting.plots.figures import MOST_MARKETS, Drawn, FigureText, figures
from reporting.replay_summary import ReplaySummary, TradeLine
from reporting.replay_text import file_told, in_order, key_numbers, listed, verdict

_MOST_TRADES: Final = 1_000  # in the list; a browser shows no more with ease
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_MINUS: Final = "\N{MINUS SIGN}"


def replay_page(drawn: Drawn) -> str:
    """The whole page."""
    summary = drawn.summary
    name = title(summary)
    css = resources.files("reporting.plots").joinpath("page.css").read_text(encoding="utf-8")
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(name)}</title>",
        f"<style>\n{css}</style>",
        "</head>",
        "<body>",
        *_head(drawn, name),
        "<main>",
        *_still(drawn),
        *_figures(figures(drawn)),
        *_left_out(drawn),
        *_tables(drawn),
        "</main>",
        *_foot(summary),
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def title(summary: ReplaySummary) -> str:
    """Playbook and markets."""
    markets = list(summary.markets)
    told = ", ".join(markets[:3]) + (f" and {len(markets) - 3} more" if len(markets) > 3 else "")
    return f"Replay of {summary.playbook} on {told}"


def simulated_words(markets: Sequence[str]) -> str:
    """The label of what does not exist."""
    exists = "no such market exists" if len(markets) == 1 else "no such markets exist"
    return f"SIMULATED: {', '.join(markets)}: {exists}"


def _head(drawn: Drawn, name: str) -> Iterable[str]:
    summary = drawn.summary
    net = summary.money.net
    tone = ' class="loss"' if net < 0 else ' class="gain"' if net > 0 else ""
    yield "<header>"
    yield '<p class="kicker">AutoScalper, on paper. All times are UTC.</p>'
    yield f"<h1>{escape(name)}</h1>"
    if drawn.pictures.simulated:
        yield f'<p class="simulated">{escape(simulated_words(drawn.pictures.simulated))}</p>'
    yield '<div class="verdict">'
    for sentence in verdict(summary):
        yield f"<p{tone if summary.trades else ''}>{escape(sentence)}</p>"
    yield "</div>"
    yield "<dl>"
    for label, words in (*key_numbers(summary), *_data(summary)):
        yield f"<dt>{escape(label)}</dt><dd>{escape(words)}</dd>"
    yield "</dl>"
    yield "</header>"


def _data(summary: ReplaySummary) -> Iterable[tuple[str, str]]:
    dropped = in_order(summary.ticks_dropped, BadTick)
    lost = f"{sum(count for _, count in dropped):,} bad ones dropped: {listed(dropped)}"
    yield "ticks", f"{summary.ticks:,}; {lost if dropped else 'none dropped'}"
    for file in summary.files:
        yield "file", file_told(file)
    if summary.reference is not None:
        for file in summary.reference.files:
            yield "reference", file_told(file)


def _figures(found: Sequence[FigureText]) -> Iterable[str]:
    halves = [each for each in found if each.half]
    for each in found:
        if not each.half:
            yield from _figure(each)
    if halves:
        yield '<div class="pair">'
        for each in halves:
            yield from _figure(each)
        yield "</div>"


def _figure(each: FigureText) -> Iterable[str]:
    yield "<section>"
    yield f"<h2>{escape(each.heading)}</h2>"
    yield "<figure>"
    yield f'<div class="wide">{each.wide}</div>'
    yield f'<div class="narrow">{each.narrow}</div>'
    yield f"<figcaption>{escape(each.caption)}</figcaption>"
    yield "</figure>"
    yield "</section>"


def _still(drawn: Drawn) -> Iterable[str]:
    if not drawn.pictures.equity.moved:
        start, currency = amount(drawn.summary.start_equity), drawn.summary.currency
        yield f'<p class="note">No position was opened: equity stayed at {start} {currency}.</p>'


def _left_out(drawn: Drawn) -> Iterable[str]:
    if len(drawn.pictures.prices) > MOST_MARKETS:
        yield f'<p class="note">Only the prices of the first {MOST_MARKETS} markets are drawn.</p>'


def _tables(drawn: Drawn) -> Iterable[str]:
    summary = drawn.summary
    if summary.trades:
        shown = amounts(steps(summary.money), signed=True)
        rows = [(label, _minus(text)) for label, text in zip(LABELS, shown, strict=True)]
        heading = f"From gross to net, {summary.currency}, closed trades"
        yield from _table(heading, ("", "amount"), rows, sums=("gross", "net"))
    yield from _rejections(summary)
    yield from _counts("Exits", "reason", summary.exits, ExitReason)
    yield from _counts("Orders refused by risk", "code", summary.refusals, Refusal)
    if len(summary.markets) > 1:
        yield from _markets(summary)
    if drawn.trades:
        yield from _trades(drawn.trades, summary.currency)


def _rejections(summary: ReplaySummary) -> Iterable[str]:
    counts = summary.rejections
    gates = [gate for gate, _ in in_order({**summary.observed, **counts}, Gate)]
    if not gates:
        return
    total = sum(counts.values())
    rows = [
        (
            gate,
            f"{counts.get(gate, 0):,}",
            share(counts.get(gate, 0), total),
            f"{summary.not_ready.get(gate, 0):,}",
            f"{summary.observed.get(gate, 0):,}",
        )
        for gate in gates
    ]
    head = ("gate", "blocked", "share", "of those not ready", "observed only")
    heading = f"Why {total:,} flat ticks brought no entry, by first gate"
    yield from _table(heading, head, rows)


def _counts(heading: str, column: str, counts: dict[str, int], words: type[Word]) -> Iterable[str]:
    if counts:
        rows = [(word, f"{count:,}") for word, count in in_order(counts, words)]
        yield from _table(heading, (column, "count"), rows)


def _markets(summary: ReplaySummary) -> Iterable[str]:
    parts = list(summary.markets.values())
    gross = amounts((part.money.gross for part in parts), signed=True)
    net = amounts((part.money.net for part in parts), signed=True)
    rows = [
        (name, f"{part.ticks:,}", f"{part.trades:,}", f"{part.wins:,}", _minus(one), _minus(other))
        for (name, part), one, other in zip(summary.markets.items(), gross, net, strict=True)
    ]
    head = ("market", "ticks", "trades", "won", "gross", "net")
    yield from _table(f"Markets, {summary.currency}", head, rows)


def _trades(trades: Sequence[TradeLine], currency: str) -> Iterable[str]:
    nets = amounts((trade.money.net for trade in trades), signed=True)
    rows = [
        (
            f"{utc(trade.entry_ns)}.{trade.entry_ns % SECOND_NS // 1_000_000:03}",
            trade.market,
            trade.side,
            price(trade.quantity),
            price(trade.entry_price),
            price(trade.exit_price),
            span((trade.exit_ns - trade.entry_ns) / SECOND_NS),
            _minus(net),
            trade.reason,
        )
        for trade, net in zip(trades[:_MOST_TRADES], nets, strict=False)
    ]
    head = ("opened", "market", "side", "quantity", "entry", "exit", "hold", "net", "reason")
    more = f", the first {_MOST_TRADES:,} of {len(trades):,}" if len(trades) > _MOST_TRADES else ""
    yield "<section>"
    yield f"<h2>Trades, net in {escape(currency)}{more}</h2>"
    yield f"<details><summary>Show {len(rows):,}</summary>"
    yield from _grid(head, rows, left=("opened", "market", "side", "reason"))
    yield "</details>"
    yield "</section>"


def _table(
    heading: str, head: Sequence[str], rows: Sequence[Sequence[str]], sums: Sequence[str] = ()
) -> Iterable[str]:
    yield "<section>"
    yield f"<h2>{escape(heading)}</h2>"
    yield from _grid(head, rows, left=head[:1], sums=sums)
    yield "</section>"


def _grid(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    left: Sequence[str],
    sums: Sequence[str] = (),
) -> Iterable[str]:
    kinds = ["" if name in left else ' class="number"' for name in head]
    yield '<div class="scroll"><table>'
    cells = (f"<th{kind}>{escape(name)}</th>" for name, kind in zip(head, kinds, strict=True))
    yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        cells = (f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True))
        kind = ' class="sum"' if row[0] in sums else ""
        yield f"<tr{kind}>{''.join(cells)}</tr>"
    yield "</tbody>"
    yield "</table></div>"


def _foot(summary: ReplaySummary) -> Iterable[str]:
    if summary.assumed:
        yield "<section>"
        yield "<h2>ASSUMED</h2>"
        yield "<ul>"
        yield from (f"<li>{escape(sentence)}</li>" for sentence in summary.assumed)
        yield "</ul>"
        yield "</section>"
    yield "<footer>"
    yield "<p>A replay is no promise: what paper fills assume stands in docs/simulation.md.</p>"
    start = Decimal(summary.start_equity)
    yield f"<p>Equity at the start: {amount(start)} {escape(summary.currency)}.</p>"
    for label, value in (
        ("parameters", summary.parameters_hash),
        ("kernels", summary.kernel_hash),
        ("decisions", summary.decision_hash),
    ):
        yield f"<p>{label} <code>{escape(value)}</code></p>"
    yield "</footer>"


def _minus(text: str) -> str:
    return text.replace("-", _MINUS)
