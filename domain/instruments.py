"""An instrument: one tradable symbol, the grid its venue accepts, and what trading it costs.

Only an instrument turns ticks into prices and lots into quantities, always in decimals.
"""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

import msgspec

from domain.enums import Contract
from domain.units import EXACT, ROUNDED, Lots, Money, Price, Qty, Ticks


class Fees(msgspec.Struct, frozen=True, kw_only=True):
    """Fractions of notional, e.g. 0.0005 for 5 bp. A zero is stated, never a default."""

    maker: Decimal
    taker: Decimal


class SessionHours(msgspec.Struct, frozen=True, kw_only=True):
    """When an instrument trades, in its venue's zone; times are "HH:MM"."""

    zone: str
    days: tuple[str, ...]  # "mon" to "sun"
    open: str
    close: str
    cut_off: str  # no entries from then on


class Instrument(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol at one venue. Money amounts are in the quote currency unless said otherwise."""

    name: str
    venue: str
    symbol: str
    quote: str
    settle: str
    contract: Contract
    multiplier: Decimal
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    standard_lots: int  # what a playbook's size of 1 means
    shortable: bool
    latency_ms: int  # decision to arrival at the venue
    assumed_half_spread: Decimal  # price; used only where there are no quotes
    assumed_size: Decimal  # units; used only where displayed size is unknown
    fees: Fees
    files: tuple[str, ...] = ()  # patterns of the data files that hold it
    session: SessionHours | None = None  # None: always open
    left_out: tuple[str, ...] = ()  # costs that `fees` do not hold; every report says so

    def price(self, ticks: Ticks) -> Price:
        """Ticks to a price."""
        return Price(EXACT.multiply(Decimal(ticks), self.tick))

    def qty(self, lots: Lots) -> Qty:
        """Lots to units."""
        return Qty(EXACT.multiply(Decimal(lots), self.lot))

    def ticks(self, price: Decimal, rounding: str = ROUND_HALF_EVEN) -> Ticks:
        """A price to whole ticks, by the rounding given."""
        return Ticks(int(ROUNDED.divide(price, self.tick).to_integral_value(rounding=rounding)))

    def lots(self, quantity: Decimal) -> Lots:
        """Units to whole lots, down: rounding may shrink an order, never grow it."""
        return Lots(int(ROUNDED.divide(quantity, self.lot).to_integral_value(rounding=ROUND_DOWN)))

    def tick_value(self, rate: Decimal) -> Money:
        """Account currency gained by one lot on one tick; `rate` converts the settlement."""
        lot_value = EXACT.multiply(self.lot, self.multiplier)
        return Money(EXACT.multiply(EXACT.multiply(self.tick, lot_value), rate))

    @property
    def half_spread_ticks(self) -> int:
        """The assumed half-spread in whole ticks, up, at least one."""
        return max(1, int(self.ticks(self.assumed_half_spread, ROUND_CEILING)))

    @property
    def assumed_lots(self) -> int:
        """The assumed displayed size in whole lots, down, at least one."""
        whole = ROUNDED.divide(self.assumed_size, self.lot).to_integral_value(rounding=ROUND_FLOOR)
        return max(1, int(whole))
