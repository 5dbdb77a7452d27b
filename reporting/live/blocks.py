"""Blocks of a live screen: lists of lines, none wider than asked for.

Nothing is told by colour alone, and no colour is used that a light or a dark background swallows.
"""

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from domain.enums import Gate, Side
from domain.ledger import TradeRow
from domain.units import SECOND_NS
from reporting.amounts import amount, amounts, counted, price, span, utc
from reporting.live.lines import label
from reporting.live.picture import FeatureShown, MarketPicture, Picture
from reporting.playbook_gates import plain
from reporting.waterfall import floating_bars
from reporting.why_sentences import of_day, opening
from reporting.why_summary import ExitTold, GateTold, WhySummary
from reporting.why_words import number, spoken, told_apart, why_blocked, with_unit

Lines = list[Text]

_BARS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BARS: Final = "_.-=+*#@"
_GATE_MARKS: Final = {
    "passes": ("✓", "+", "green"),
    "blocks": ("✗", "x", "red"),
    "not_ready": ("…", "?", "red"),
    "observed": ("o", "o", ""),
    "missing_observed": ("o", "o", ""),
    "missing_passes": ("✓", "+", "green"),
}


class Style:
    """How to draw: `ascii_only` where a terminal has no other letters."""

    def __init__(self, *, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self.bars = _ASCII_BARS if ascii_only else _BARS
        self.fills = "+-" if ascii_only else "█▒"
        self.rule = "-" if ascii_only else "─"
        self.focus = ">" if ascii_only else "▶"
        self.entry = {Side.LONG: "^", Side.SHORT: "v"}
        if not ascii_only:
            self.entry = {Side.LONG: "▲", Side.SHORT: "▼"}
        self.exit = "x"


def fitted(text: Text, width: int) -> Text:
    """Not wider than `width`: what is cut off ends in dots."""
    if text.cell_len <= width:
        return text
    cut = text.copy()
    cut.truncate(max(0, width - 2), overflow="crop")
    return cut.append("..") if width >= 2 else cut


def heading(words: str, width: int, style: Style) -> Text:
    """Words on a rule."""
    line = f"{style.rule * 2} {words} "
    return Text(set_cell_size(line + style.rule * max(0, width - cell_len(line)), width), "bold")


def banner(picture: Picture, width: int) -> Lines:
    """What it is, what it may do, and when."""
    account = picture.account
    first = Text()
    first.append(f" {label(picture.mode)} ", "bold reverse")
    first.append(
        f" {account.trading_state} ", "bold" if account.trading_state == "active" else "bold red"
    )
    first.append(f" {utc(picture.now_ns)} UTC, {picture.speed:g} times its pace")
    if picture.left_s is not None:
        first.append(f", {span(picture.left_s)} left")
    total, currency = picture.total, account.currency
    second = Text()
    second.append(
        f"net {amount(total.money.net, signed=True)} {currency} after costs",
        "bold red" if total.money.net < 0 else "bold green",
    )
    second.append(f" in {counted(total.trades, 'trade')}, {total.won:,} won; ")
    second.append(f"equity {amount(account.equity)}")
    return [fitted(first, width), fitted(second, width)]


def market(shown: MarketPicture, width: int, style: Style, *, focus: bool, rows: int) -> Lines:
    """Price, a chart of `rows` lines with its marks, and what the market is doing."""
    head = Text()
    head.append(f"{style.focus} " if focus else "  ", "bold")
    head.append(shown.name, "bold")
    if shown.bid is None or shown.ask is None:
        head.append("  no valid quote", "red")
    else:
        head.append(f"  {price(shown.bid)} / {price(shown.ask)}")
    if shown.quote_age_s is not None:
        head.append(f"  {span(shown.quote_age_s)} old")
    known = [each for each in shown.features if not math.isnan(each.value)]
    told = Text("  " + "  ".join(_feature(each) for each in known))
    drawn, marks = _drawn(shown, max(8, width - 4), rows, style)
    return [
        fitted(head.append_text(told) if rows == 1 else head, width),
        *([fitted(told, width)] if rows > 1 else []),
        *(Text(f"  {line}") for line in drawn),
        Text(f"  {marks}", "bold"),
        fitted(Text(f"  {_doing(shown.why)}"), width),
    ]


def _feature(feature: FeatureShown) -> str:
    return f"{feature.name} {with_unit(number(feature.value, 2), feature.unit)}"


def _drawn(shown: MarketPicture, width: int, rows: int, style: Style) -> tuple[list[str], str]:
    """The chart, and below it entries and exits; the newest at the right."""
    prices = shown.prices[-width:]
    first = len(shown.prices) - len(prices)
    if not prices:
        return [""] * rows, ""
    low, high = min(prices), max(prices)
    steps = len(style.bars)
    most = rows * steps - 1
    tall = [
        1 + (round((each - low) / (high - low) * most) if high > low else most // 2)
        for each in prices
    ]
    lines = []
    for row in reversed(range(rows)):
        cells = (min(max(each - row * steps, 0), steps) for each in tall)
        lines.append("".join(" " if cell == 0 else style.bars[cell - 1] for cell in cells))
    marks = [" "] * len(prices)
    for mark in shown.marks:
        if 0 <= mark.bucket - first < len(marks):
            marks[mark.bucket - first] = style.entry[mark.side] if mark.entry else style.exit
    return lines, "".join(marks).rstrip()


def _doing(why: WhySummary) -> str:
    position = why.position
    if position is None:
        failing = next((each for each in why.gates if each.gate == why.first_failing), None)
        return opening(why) if failing is None else f"waits: {why_blocked(failing)}"
    target = "" if position.target is None else f", target {price(position.target)}"
    net = f"{amount(position.net, signed=True)} {why.account.currency}"
    return (
        f"{position.side} {price(position.quantity)} at {price(position.entry_price)}: {net} if "
        f"left now; stop {price(position.stop)}{target}"
    )


def gates(why: WhySummary, width: int, style: Style) -> Lines:
    """Every gate that is on, or every way out of a position, with what is missing."""
    if why.exits:
        found = [heading(f"{why.market}: ways out", width, style)]
        found += [fitted(_way_out(each, why.account.currency), width) for each in why.exits]
        return found
    found = [heading(f"{why.market}: gates for {why.side}", width, style)]
    if not why.gates:
        found.append(fitted(Text(f"none is asked while it is {why.activity}"), width))
    for gate in why.gates:
        if gate.mode != "off":
            found.append(fitted(_gate(gate, style), width))
    return found


def _gate(gate: GateTold, style: Style) -> Text:
    drawn, plain_mark, colour = _GATE_MARKS[gate.verdict]
    line = Text()
    line.append(f"{plain_mark if style.ascii_only else drawn} ", colour)
    line.append(set_cell_size(plain(Gate[gate.gate.upper()]), 16))
    if gate.shown or gate.asked:
        return line.append(f" {gate.shown or '-'}, asked {gate.asked or '-'}")
    if math.isnan(gate.distance) or math.isinf(gate.distance):
        return line.append(" not ready" if math.isnan(gate.distance) else " ")
    value, asked = told_apart(gate.value, gate.threshold)
    sign = ">=" if gate.at_least else "<="
    margin = f"{number(gate.distance, 3)}"
    line.append(f" {with_unit(value, gate.unit)} {sign} {asked}  ")
    return line.append(f"({'+' if gate.distance > 0 else ''}{margin})")


def _way_out(way: ExitTold, currency: str) -> Text:
    unit = currency if way.unit == "money" else way.unit
    level = "" if way.level is None else f" at {price(way.level)}"
    return Text(f"{set_cell_size(spoken(way.reason), 16)} {number(way.distance, 4)} {unit}{level}")


def trades(picture: Picture, width: int, height: int, style: Style) -> Lines:
    """The last trades, newest first."""
    found = [heading("last trades", width, style)]
    newest = picture.trades[::-1][: max(0, height - 1)]
    found += [fitted(_trade(trade), width) for trade in newest]
    if len(found) == 1:
        found.append(Text("none yet"))
    return found


def _trade(trade: TradeRow) -> Text:
    line = Text(f"{of_day(trade.exit_ns)[:8]} {trade.market} {trade.side.word} ")
    net = amount(trade.net, signed=True)
    line.append(net, "red" if trade.net < 0 else "green")
    held = span((trade.exit_ns - trade.entry_ns) / SECOND_NS)
    return line.append(f" {spoken(trade.reason.word)}, held {held}")


def costs(picture: Picture, width: int, style: Style) -> Lines:
    """From gross to net."""
    money, currency = picture.total.money, picture.account.currency
    steps = [money.gross, -money.spread_cost, -money.slippage, -money.fees, -money.funding]
    totals = list(accumulate(steps))
    spans = [*zip([steps[0] * 0, *totals], totals, strict=False), (steps[0] * 0, money.net)]
    texts = amounts([*steps, money.net], signed=True)
    cells = max(4, width - 12 - max(map(len, texts)))
    found = [heading(f"gross to net, {currency}", width, style)]
    names = ("gross", "spread", "slippage", "fees", "funding", "net")
    bars = floating_bars(spans, cells, style.fills)
    for name, text, bar in zip(names, texts, bars, strict=True):
        line = Text(f"{name:<9} {text:>{max(map(len, texts))}} ")
        found.append(fitted(line.append(bar, "red" if text.startswith("-") else "green"), width))
    return found


def limits(picture: Picture, width: int, style: Style) -> Lines:
    """What is left of the account's limits."""
    account = picture.account
    rows: list[tuple[str, str]] = [("day", amount(account.day_result, signed=True))]
    if account.daily_loss_left is not None and account.daily_loss_limit is not None:
        left = f"{amount(account.daily_loss_left)} of {amount(account.daily_loss_limit)}"
        rows.append(("loss left", left))
    if account.drawdown_left is not None and account.drawdown_limit is not None:
        left = f"{amount(account.drawdown_left)} of {amount(account.drawdown_limit)}"
        rows.append(("drawdown left", left))
    if account.orders_left is not None:
        rows.append(("entries left", f"{account.orders_left:,} today"))
    rows += [
        ("lock", f"{lock.market}: {spoken(lock.code)}")
        for each in picture.markets
        for lock in each.why.locks
    ]
    found = [heading(f"limits, {account.currency}", width, style)]
    return found + [fitted(Text(f"{name:<14} {text}"), width) for name, text in rows]


def rejections(shown: MarketPicture, width: int, style: Style) -> Lines:
    """Why it mostly does nothing."""
    found = [heading(f"{shown.name}: what kept it out", width, style)]
    for gate, count in shown.rejections:
        line = f"{plain(Gate[gate.upper()]):<16} {count:>10,} ticks"
        found.append(fitted(Text(line), width))
    return found


def beside(columns: Sequence[tuple[Lines, int]], height: int) -> Lines:
    """Blocks side by side, a space apart, each cut or filled to its width."""
    rows: Lines = []
    for index in range(min(height, max(len(lines) for lines, _ in columns))):
        row = Text()
        for number_of, (lines, width) in enumerate(columns):
            cell = fitted(lines[index], width).copy() if index < len(lines) else Text()
            last = number_of == len(columns) - 1
            if not last:
                cell.append(" " * (width + 1 - cell.cell_len))
            row.append_text(cell)
        rows.append(row)
    return rows
