"""What a lot is worth at a price, in whole units of money, so that sums of it are exact.

The two kinds of contract differ in nothing else: Q1 and Q4 are one set of formulas over `lot`.

- Linear: a lot gains the same on every half-tick. The unit is that gain, and no rounding occurs.
- Inverse: a lot is worth `-1 / price` and the unit is 1E-18 of the account currency: each worth
  is rounded once, half to even, and what is made of it adds up to the last digit.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final, Protocol

from domain.errors import Fatal
from domain.instruments import Instrument
from domain.units import EXACT, ROUNDED

_DIGITS: Final = 18
_UNITS: Final = 10**_DIGITS  # of an inverse contract's worth in one of the account currency
_UNITS_PER_MICRO: Final = 10 ** (_DIGITS - 6)
_SHOWN: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)


class Worth(Protocol):
    """Prices are in half-ticks. Sums of `lot` times lots are in units."""

    def lot(self, half_ticks: int) -> int:
        """Units that a lot is worth at a price; only differences of it are gains."""
        ...

    def money(self, units: int) -> Decimal:
        """Units in account currency, exactly."""
        ...

    def fee(self, price: int, lots: int, rate: Decimal) -> Decimal:
        """`rate` of the notional of lots at a price in ticks, exactly."""
        ...

    def share(self, cost: int, part: int, lots: int) -> int:
        """What `part` of the lots cost, of units that all of them cost."""
        ...

    def average(self, units: int, lots: int) -> Fraction:
        """The price in quote currency at which so many lots have this worth."""
        ...

    def shown(self, units: int, lots: int) -> Decimal:
        """That average for people."""
        ...

    def core_worth(self, units: int) -> float:
        """Q4's `c` of the units that open lots cost, in micro-units; 0 for linear contracts."""
        ...


class LinearWorth:
    """Of a contract whose profit is the price's move."""

    def __init__(self, instrument: Instrument, rate: Decimal) -> None:
        self._value = instrument.tick_value(rate)
        self._half_value = EXACT.multiply(self._value, Decimal("0.5"))
        self._tick = instrument.tick
        self._tick_ratio = instrument.tick.as_integer_ratio()

    def lot(self, half_ticks: int) -> int:
        """The price itself: a unit is one half-tick."""
        return half_ticks

    def money(self, units: int) -> Decimal:
        """Exact, as the value of a half-tick is."""
        return EXACT.multiply(Decimal(units), self._half_value)

    def fee(self, price: int, lots: int, rate: Decimal) -> Decimal:
        """Of ticks x lots x value."""
        return EXACT.multiply(Decimal(price * lots), EXACT.multiply(self._value, rate))

    def share(self, cost: int, part: int, lots: int) -> int:
        """Down to whole ticks x lots (E1)."""
        return 2 * (cost // 2 * part // lots)

    def average(self, units: int, lots: int) -> Fraction:
        """The arithmetic mean."""
        return Fraction(units * self._tick_ratio[0], 2 * lots * self._tick_ratio[1])

    def shown(self, units: int, lots: int) -> Decimal:
        """To 28 digits."""
        return ROUNDED.divide(ROUNDED.multiply(Decimal(units // 2), self._tick), Decimal(lots))

    def core_worth(self, units: int) -> float:  # noqa: ARG002  the same for both kinds
        """0: the core needs no worth, as E1's cost says all."""
        return 0.0


class InverseWorth:
    """Of a contract over a fixed amount of the quote currency (Q4)."""

    def __init__(self, instrument: Instrument, rate: Decimal) -> None:
        # Account currency times quote currency: over a price it is the notional of a lot.
        self._lot = Fraction(instrument.lot) * Fraction(instrument.multiplier) * Fraction(rate)
        self._half_tick = Fraction(instrument.tick) / 2

    def lot(self, half_ticks: int) -> int:
        """`W` (Q4), to 18 decimals, half to even. Fatal at no price."""
        if half_ticks < 1:
            raise Fatal(f"an inverse contract has no worth at {half_ticks} half-ticks")
        return round(-self._lot / (self._half_tick * half_ticks) * _UNITS)

    def money(self, units: int) -> Decimal:
        """18 decimals."""
        return EXACT.scaleb(Decimal(units), -_DIGITS)

    def fee(self, price: int, lots: int, rate: Decimal) -> Decimal:
        """Of the worth as it was rounded, so that it is exact."""
        return EXACT.multiply(self.money(-lots * self.lot(2 * price)), rate)

    def share(self, cost: int, part: int, lots: int) -> int:
        """To a unit, half to even (Q4); all of it for all lots."""
        return round(Fraction(cost * part, lots))

    def average(self, units: int, lots: int) -> Fraction:
        """The harmonic mean."""
        return self._lot * lots * _UNITS / -units

    def shown(self, units: int, lots: int) -> Decimal:
        """To 15 digits, no finer than worths can tell."""
        average = self.average(units, lots)
        found = _SHOWN.divide(Decimal(average.numerator), Decimal(average.denominator))
        return Decimal(f"{found.normalize():f}")

    def core_worth(self, units: int) -> float:
        """Rounded to a double once."""
        return -units / _UNITS_PER_MICRO


def worth_of(instrument: Instrument, rate: Decimal) -> Worth:
    """What lots of an instrument are worth; `rate` converts its settlement currency."""
    return (InverseWorth if instrument.inverse else LinearWorth)(instrument, rate)
