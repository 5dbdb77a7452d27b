"""The sums of a trade that is not flat yet: whole ticks and half-ticks times lots, never money."""

from decimal import Decimal

from domain.enums import Purpose, Side
from domain.orders import Fill
from domain.units import TsNs


class OpenTrade:
    """What a position is (docs/rules.md, E1) and what its costs are made of (Q1).

    cost      ticks x lots of what is open; entry_sum, exit_sum: of all entries, all exits.
    entered   lots of all entries; lots: what is open now.
    *_half    half-ticks x lots.
    """

    __slots__ = (
        "cost", "entered", "entry_ns", "entry_sum", "exit_sum", "fees", "fills", "funding",
        "gross_half", "lots", "side", "spread_half",
    )  # fmt: skip

    def __init__(self, side: Side, entry_ns: TsNs) -> None:
        self.side = side
        self.entry_ns = entry_ns
        self.lots = 0
        self.cost = 0
        self.entered = 0
        self.entry_sum = 0
        self.exit_sum = 0
        self.gross_half = 0
        self.spread_half = 0
        self.fills = 0
        self.fees = Decimal(0)
        self.funding = Decimal(0)

    def take(self, fill: Fill) -> int:
        """Take a fill that fits the position; returns what it realised, in ticks x lots."""
        order, lots = fill.order, fill.lots
        turnover = fill.price * lots
        self.fills += 1
        self.gross_half -= order.direction * lots * order.mid_half
        self.spread_half += lots * order.spread
        if order.purpose is Purpose.ENTRY:
            self.lots += lots
            self.cost += turnover
            self.entered += lots
            self.entry_sum += turnover
            return 0
        part = self.cost * lots // self.lots  # whole, so that parts add up to what was paid
        self.lots -= lots
        self.cost -= part
        self.exit_sum += turnover
        return int(self.side) * (turnover - part)

    @property
    def result(self) -> int:
        """Ticks x lots gained at fill prices, once flat."""
        return int(self.side) * (self.exit_sum - self.entry_sum)

    @property
    def slippage_half(self) -> int:
        """What is left of the way from the decisions' mids to the fills, once flat."""
        return self.gross_half - self.spread_half - 2 * self.result

    def __str__(self) -> str:
        return f"{self.lots} lots {self.side.word}"
