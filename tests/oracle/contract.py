"""What lots of a contract are worth, linear or inverse: C5 in doubles, Q4 in decimals."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

from oracle.numbers import Constants
from oracle.state import Market

_WIDE = Context(prec=60)
_EIGHTEEN = Decimal("1e-18")


def notional_micro(constants: Constants, price: float, lots: int) -> float:
    """C5, in micro-units."""
    if constants.inverse:
        return lots * constants.value / price if price > 0 else 0.0
    return lots * price * constants.value


def notional(market: Market, price: int, lots: int) -> float:
    """R21, in account currency."""
    return notional_micro(market.constants, price, lots) / 1e6


def loss(market: Market, side: int, lots: int, start: int, end: int) -> float:
    """C5: what a way from `start` to `end` ticks costs a position, in account currency."""
    constants = market.constants
    if not constants.inverse:
        return side * (start - end) * lots * constants.value / 1e6
    if min(start, end) <= 0:
        return math.inf  # at a price of 0 a lot is worth all there is
    return side * (1 / end - 1 / start) * lots * constants.value / 1e6


def rounded(amount: Decimal) -> Decimal:
    """Q4: to 18 decimals, half even."""
    return amount.quantize(_EIGHTEEN, ROUND_HALF_EVEN, _WIDE)


def worth(constants: Constants, half_ticks: int) -> Decimal:
    """W(h) of Q4, in account currency."""
    above = _WIDE.multiply(_WIDE.multiply(Decimal(-2), constants.lot_value), constants.rate)
    below = _WIDE.multiply(constants.tick_size, Decimal(half_ticks))
    return rounded(_WIDE.divide(above, below))


def share(cost: Decimal, reduced: int, lots: int) -> Decimal:
    """Q4: what a reducing fill takes of a cost; all of it when nothing remains."""
    if reduced == lots:
        return cost
    return rounded(_WIDE.divide(_WIDE.multiply(cost, Decimal(reduced)), Decimal(lots)))
