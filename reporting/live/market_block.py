"""A market on a live screen: its quote, a chart with entries and exits, and what it is doing."""

import math
import textwrap
from collections.abc import Sequence
from typing import Final

import msgspec
from rich.cells import cell_len
from rich.text import Text

from reporting.amounts import amount, price, span
from reporting.live.drawn import Lines, Style, filled, fitted, packed
from reporting.live.picture import FeatureShown, MarketPicture
from reporting.why_sentences import opening
from reporting.why_summary import WhySummary
from reporting.why_words import number, why_blocked, why_left, with_unit

_LEAST_CHART: Final = 8


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What a market may take.

    chart    lines of its chart; 0: no chart, and no marks below it.
    words    lines of what it is doing.
    features lines of its features; 0: as many as fit beside the quote.
    """

    width: int
    chart: int
    words: int
    features: int

    @property
    def lines(self) -> int:
        """All of it."""
        chart = self.chart + 1 if self.chart else 0
        return 1 + self.features + chart + self.words


def market(shown: MarketPicture, room: Room, style: Style, *, focus: bool) -> Lines:
    """Exactly `room.lines` lines."""
    inner = room.width - 2
    head = _head(shown, style, focus=focus)
    told = [_feature(each) for each in shown.features if not math.isnan(each.value)]
    lines: Lines = []
    if room.features:
        lines += filled(_indented(packed(told, inner, "  "), room.width), room.features)
    else:
        for each in told:
            if head.cell_len + cell_len(each) + 2 <= room.width:
                head.append(f"  {each}")
    if room.chart:
        drawn, marks = _chart(shown, inner, room.chart, style)
        lines += [fitted(Text(f"  {line}"), room.width) for line in drawn]
        lines.append(fitted(Text(f"  {marks}", "bold"), room.width))
    parts = packed(_doing(shown.why), inner, "; ")
    if room.words > 1:
        parts = [line for part in parts for line in textwrap.wrap(part, inner)]
    words = _indented(parts, room.width)
    return [fitted(head, room.width), *lines, *filled(words, room.words)]


def _indented(lines: list[str], width: int) -> Lines:
    return [fitted(Text(f"  {line}"), width) for line in lines]


def _head(shown: MarketPicture, style: Style, *, focus: bool) -> Text:
    head = Text(f"{style.focus if focus else ' '} {shown.name}", "bold")
    head = Text().append_text(head)
    if shown.bid is None or shown.ask is None:
        head.append("  no valid quote", "red")
    else:
        head.append(f"  {price(shown.bid)} / {price(shown.ask)}")
    if shown.quote_age_s is not None:
        head.append(f"  {span(shown.quote_age_s)} old")
    return head


def _feature(feature: FeatureShown) -> str:
    return f"{feature.name} {with_unit(number(feature.value, 2), feature.unit)}"


def _chart(shown: MarketPicture, width: int, rows: int, style: Style) -> tuple[list[str], str]:
    """The newest at the right, its highest and lowest price beside it, and its marks below."""
    if not shown.prices:
        return [""] * rows, ""
    # The labels of all prices are as wide as those of the ones that are drawn can be.
    width = max(_LEAST_CHART, width - max(map(len, _labels(shown, shown.prices, rows))))
    prices = shown.prices[-width:]
    first = len(shown.prices) - len(prices)
    low, high = min(prices), max(prices)
    labels = _labels(shown, prices, rows)
    steps = len(style.bars)
    most = rows * steps - 1
    tall = [
        1 + (round((each - low) / (high - low) * most) if high > low else most // 2)
        for each in prices
    ]
    lines = []
    for row, label in zip(reversed(range(rows)), labels, strict=True):
        cells = (min(max(each - row * steps, 0), steps) for each in tall)
        bars = "".join(" " if cell == 0 else style.bars[cell - 1] for cell in cells)
        lines.append(f"{bars:<{width}}{label}")
    marks = [" "] * len(prices)
    for mark in shown.marks:
        if 0 <= mark.bucket - first < len(marks):
            marks[mark.bucket - first] = style.side[mark.side] if mark.entry else style.exit
    return lines, "".join(marks).rstrip()


def _labels(shown: MarketPicture, prices: Sequence[float], rows: int) -> list[str]:
    """At the top the highest price of the chart, at the bottom the lowest; none on one line."""
    if rows < 2:
        return [""] * rows
    places = 2 if shown.bid is None else max(0, -int(shown.bid.as_tuple().exponent))
    high, low = (f" {each:,.{places}f}" for each in (max(prices), min(prices)))
    return [high, *([""] * (rows - 2)), low]


def _doing(why: WhySummary) -> list[str]:
    """What it holds, or what it waits for, in parts that belong together."""
    position, currency = why.position, why.account.currency
    if position is None:
        failing = next((each for each in why.gates if each.gate == why.first_failing), None)
        return [opening(why) if failing is None else f"waits: {why_blocked(failing)}"]
    target = "" if position.target is None else f", target {price(position.target)}"
    leaving = [f"leaves, as {why_left(position.leaving)}"] if position.leaving else []
    return [
        f"{position.side} {price(position.quantity)} at {price(position.entry_price)}",
        f"stop {price(position.stop)}{target}",
        f"open net {amount(position.net, signed=True)} {currency}",
        *leaving,
    ]
