"""How far a trade was from its entry on the way: the worst and the best exit-side quote (E8)."""

from decimal import Decimal
from typing import NamedTuple

from domain.enums import Side
from domain.instruments import Instrument
from domain.portfolio import Trade
from domain.units import EXACT, Money, Price, Ticks


class Excursions(NamedTuple):
    """What a trade would have gained at its worst moment (MAE) and its best (MFE), costs apart."""

    worst: Money
    best: Money


def excursions(
    instrument: Instrument, rate: Decimal, trade: Trade, low: int, high: int
) -> Excursions:
    """Of a closed trade, in account currency.

    rate       converts the settlement currency.
    low, high  lowest and highest exit-side quote since its first fill, in ticks.
    """
    ends = (instrument.price(Ticks(low)), instrument.price(Ticks(high)))
    worst, best = ends if trade.side is Side.LONG else ends[::-1]
    units = EXACT.multiply(EXACT.multiply(instrument.qty(trade.lots), instrument.multiplier), rate)
    gain = _inverse_gain if instrument.inverse else _linear_gain
    return Excursions(gain(trade, units, worst), gain(trade, units, best))


def _linear_gain(trade: Trade, units: Decimal, at: Price) -> Money:
    moved = EXACT.multiply(EXACT.subtract(at, trade.entry_price), Decimal(int(trade.side)))
    return Money(EXACT.multiply(moved, units))


def _inverse_gain(trade: Trade, units: Decimal, at: Price) -> Money:
    moved = float(1 / trade.entry_price - 1 / at)
    return Money(Decimal(repr(round(int(trade.side) * moved * float(units), 12))))
