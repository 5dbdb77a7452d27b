"""The cost waterfall: how gross became net, as amounts and floating bars."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Final

from rich.table import Table
from rich.text import Text

from reporting.amounts import amounts
from reporting.replay_summary import Money

_LABELS: Final = ("gross", "spread", "slippage", "fees", "funding", "net")


def waterfall(money: Money, width: int, *, ascii_only: bool) -> Table:
    """Six lines: gross, what each cost took (or gave), net. Bars are `width` cells wide.

    Plus and minus are told by sign and by the fill of the bar, so that no colour is needed.
    """
    costs = (money.spread_cost, money.slippage, money.fees, money.funding)
    steps = [money.gross, *(-cost for cost in costs)]
    totals = list(accumulate(steps))
    spans = list(zip([Decimal(0), *totals], totals, strict=False))
    spans.append((Decimal(0), money.net))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    shown = amounts([*steps, money.net], signed=True)
    bars = floating_bars(spans, width, "+-" if ascii_only else "█▒")
    for label, text, bar in zip(_LABELS, shown, bars, strict=True):
        colour = "red" if text.startswith("-") else "green"
        total = "bold" if label in {"gross", "net"} else None
        table.add_row(label, text, Text(bar, colour), style=total)
    return table


def floating_bars(
    spans: Sequence[tuple[Decimal, Decimal]], width: int, fills: str = "+-"
) -> list[str]:
    """One text a span, on one common axis that holds zero, which `|` marks where it is free.

    spans   from where to where; a rise takes the first of `fills`, a fall the second.
    width   cells of the axis, at least 1. A span that is not empty takes at least one cell.
    """
    ends = [Decimal(0), *(end for span in spans for end in span)]
    low, high = min(ends), max(ends)
    if low == high:
        return ["|"] * len(spans)

    def cell(value: Decimal) -> int:
        return round((value - low) * width / (high - low))

    zero = min(cell(Decimal(0)), width - 1)
    lines = []
    for start, end in spans:
        line = [" "] * width
        line[zero] = "|"
        if start != end:
            first = min(cell(min(start, end)), width - 1)
            after = max(cell(max(start, end)), first + 1)
            line[first:after] = (fills[0] if end > start else fills[1]) * (after - first)
        lines.append("".join(line).rstrip())
    return lines
