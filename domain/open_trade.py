"""The sums of a trade that is not flat yet: whole units of worth, never rounded money."""

from decimal import Decimal
from typing import Final

import msgspec

from domain.enums import Purpose, Side
from domain.orders import Fill
from domain.units import TsNs
from domain.worth import Worth


class OpenTradeState(msgspec.Struct, frozen=True, kw_only=True):
    """`OpenTrade` as a value, so that a restart goes on with it.

    Sums of units are decimals: those of an inverse contract need more than 64 bits, which no
    snapshot can hold as an integer.
    """

    side: Side
    entry_ns: TsNs
    lots: int
    cost: int
    worth: Decimal
    entered: int
    entry_worth: Decimal
    exit_worth: Decimal
    gross: Decimal
    spread_cost: Decimal
    fills: int
    fees: Decimal
    funding: Decimal


_UNITS: Final = ("worth", "entry_worth", "exit_worth", "gross", "spread_cost")


class OpenTrade:
    """What a position is (docs/rules.md, E1) and what its costs are made of (Q1, Q4).

    cost      ticks x lots of what is open; `worth`: units that this cost.
    entered   lots of all entries; lots: what is open now.
    *_worth   units of all entries, of all exits.
    gross, spread_cost  units.
    """

    __slots__ = (
        "_of", "cost", "entered", "entry_ns", "entry_worth", "exit_worth", "fees", "fills",
        "funding", "gross", "lots", "side", "spread_cost", "worth",
    )  # fmt: skip

    def __init__(self, side: Side, entry_ns: TsNs, of: Worth) -> None:
        self.side = side
        self.entry_ns = entry_ns
        self._of = of
        self.lots = 0
        self.cost = 0
        self.worth = 0
        self.entered = 0
        self.entry_worth = 0
        self.exit_worth = 0
        self.gross = 0
        self.spread_cost = 0
        self.fills = 0
        self.fees = Decimal(0)
        self.funding = Decimal(0)

    def state(self) -> OpenTradeState:
        """What a restart must not forget."""
        fields = {name: getattr(self, name) for name in OpenTradeState.__struct_fields__}
        return OpenTradeState(**fields | {name: Decimal(fields[name]) for name in _UNITS})

    @classmethod
    def restored(cls, state: OpenTradeState, of: Worth) -> "OpenTrade":
        """The trade that `state` told of."""
        trade = cls(state.side, state.entry_ns, of)
        for name in OpenTradeState.__struct_fields__:
            value = getattr(state, name)
            setattr(trade, name, int(value) if name in _UNITS else value)
        return trade

    def take(self, fill: Fill) -> int:
        """Take a fill that fits the position; returns the units it realised.

        Fatal, and nothing changed, where its order was decided at prices that have no worth.
        """
        order, lots, of = fill.order, fill.lots, self._of
        mid = of.lot(order.mid_half)
        near = of.lot(order.mid_half + order.direction * order.spread)
        turnover = lots * of.lot(2 * fill.price)
        self.fills += 1
        self.gross -= order.direction * lots * mid
        self.spread_cost += order.direction * lots * (near - mid)
        if order.purpose is Purpose.ENTRY:
            self.lots += lots
            self.cost += fill.price * lots
            self.worth += turnover
            self.entered += lots
            self.entry_worth += turnover
            return 0
        # Parts are taken from what is left, so that they add up to what was paid.
        part = of.share(self.worth, lots, self.lots)
        self.cost -= self.cost * lots // self.lots
        self.worth -= part
        self.lots -= lots
        self.exit_worth += turnover
        return int(self.side) * (turnover - part)

    @property
    def result(self) -> int:
        """Units gained at fill prices, once flat."""
        return int(self.side) * (self.exit_worth - self.entry_worth)

    @property
    def slippage(self) -> int:
        """What is left of the way from the decisions' mids to the fills, once flat."""
        return self.gross - self.spread_cost - self.result

    def __str__(self) -> str:
        return f"{self.lots} lots {self.side.word}"
