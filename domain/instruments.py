"""An instrument: one tradable symbol, the grid its venue accepts, and what trading it costs.

Only an instrument turns ticks into prices and lots into quantities, always in decimals.
"""

from datetime import date
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from domain.enums import Contract
from domain.units import EXACT, ROUNDED, Lots, Money, Price, Qty, Ticks

PERPETUALS: Final = (Contract.LINEAR_PERPETUAL, Contract.INVERSE)


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


class MarginTier(msgspec.Struct, frozen=True, kw_only=True):
    """From this notional on `rate` of the notional must be kept (V2), in settlement currency."""

    from_notional: Decimal
    rate: Decimal


class MarginSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """The venue's tiers from a day on (00:00 UTC), ascending, the first from 0."""

    since: date
    tiers: tuple[MarginTier, ...]


class MarginTerms(msgspec.Struct, frozen=True, kw_only=True):
    """How a position is backed: by 1 / `leverage` of its entry notional, isolated (V2, V3).

    liquidation_fee  fraction of notional that a liquidation costs on top of the taker's fee.
    schedules        at least one, ascending by `since`.
    """

    leverage: Decimal
    liquidation_fee: Decimal
    schedules: tuple[MarginSchedule, ...]


class FundingTerms(msgspec.Struct, frozen=True, kw_only=True):
    """When longs pay shorts: every so many hours, counted from `stamp` ("HH:MM", UTC).

    assumed_rate  fraction of notional at each stamp; used only where no rates are given.
    """

    interval_hours: int
    stamp: str
    assumed_rate: Decimal


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
    margin: MarginTerms | None = None  # None: bought in full, never liquidated
    funding: FundingTerms | None = None  # of a perpetual
    funding_files: tuple[str, ...] = ()  # patterns of the files that hold its funding rates

    @property
    def inverse(self) -> bool:
        """A lot is worth a fixed amount of the quote currency and settles in the base (C5)."""
        return self.contract is Contract.INVERSE

    @property
    def perpetual(self) -> bool:
        """It never expires and pays funding instead (V1)."""
        return self.contract in PERPETUALS

    @property
    def simulated(self) -> bool:
        """No such thing is traded anywhere; whatever shows it says SIMULATED."""
        return self.venue == "simulated"

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

    def half_ticks(self, price: Decimal) -> int:
        """A price in whole half-ticks, half up: a venue's mark need not lie on the grid."""
        in_half_ticks = ROUNDED.divide(ROUNDED.multiply(price, Decimal(2)), self.tick)
        return int(in_half_ticks.to_integral_value(rounding=ROUND_HALF_UP))

    def tick_value(self, rate: Decimal) -> Money:
        """C5's value: account currency that one lot gains on one tick, exactly.

        Of an inverse contract it is what one lot is worth at a price of one tick, to 28 digits.
        `rate` converts the settlement currency.
        """
        worth = EXACT.multiply(EXACT.multiply(self.lot, self.multiplier), rate)
        if self.inverse:
            return Money(ROUNDED.divide(worth, self.tick))
        return Money(EXACT.multiply(self.tick, worth))

    @property
    def half_spread_ticks(self) -> int:
        """The assumed half-spread in whole ticks, up, at least one."""
        return max(1, int(self.ticks(self.assumed_half_spread, ROUND_CEILING)))

    @property
    def assumed_lots(self) -> int:
        """The assumed displayed size in whole lots, down, at least one."""
        whole = ROUNDED.divide(self.assumed_size, self.lot).to_integral_value(rounding=ROUND_FLOOR)
        return max(1, int(whole))
