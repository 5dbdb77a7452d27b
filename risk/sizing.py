"""How much is entered (docs/rules.md, R20). Rounding never enlarges; 0 lots are refused (R11)."""

import math
from decimal import ROUND_FLOOR, Decimal

import msgspec

from domain.enums import SizeMode
from domain.orders import Order
from domain.units import EXACT, Lots
from risk.rules.losses import loss_at_stop
from risk.view import RiskView


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """What a playbook says of size, and the instrument's standard lots."""

    mode: SizeMode
    multiple: float
    risk_fraction: float
    target_volatility_bps: float
    max_multiple: float
    standard_lots: int


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the modes risk and volatility look at.

    equity           of the account (Q3), micro-units.
    loss_of_one_lot  at the stop, fees included (R18), micro-units.
    volatility_bps   F12; NaN while it is not ready.
    """

    equity: float
    loss_of_one_lot: float
    volatility_bps: float


def sized_lots(sizing: Sizing, measured: Measured) -> Lots:
    """Lots of an entry by the playbook's mode; 0 where a number that it needs is no number."""
    if sizing.mode is SizeMode.FIXED:
        return entry_lots(sizing.multiple, sizing.standard_lots)
    most = entry_lots(sizing.max_multiple, sizing.standard_lots)
    if sizing.mode is SizeMode.RISK:
        return _within(sizing.risk_fraction * measured.equity, measured.loss_of_one_lot, most)
    wanted = sizing.multiple * sizing.standard_lots * sizing.target_volatility_bps
    return _within(wanted, measured.volatility_bps, most)


def loss_of_one_lot(order: Order, view: RiskView) -> float:
    """What R18 counts for one lot of this order at its limit price, micro-units."""
    return loss_at_stop(order, view, 1)


def entry_lots(multiple: float, standard_lots: int) -> Lots:
    """Lots of an entry: `multiple` as it is written, times `standard_lots`, rounded down.

    0 where the multiple is no number or not above 0; risk refuses such an order (R11).
    """
    if not math.isfinite(multiple) or multiple <= 0:
        return Lots(0)
    # The shortest text of the double is what a person wrote: 0.29 of 100 lots are 29, not 28.
    exact = EXACT.multiply(Decimal(repr(float(multiple))), Decimal(standard_lots))
    return Lots(max(0, int(exact.to_integral_value(rounding=ROUND_FLOOR))))


def _within(budget: float, each: float, most: Lots) -> Lots:
    """As many lots as cost no more than the budget together, and no more than `most`."""
    if not (0 < budget < math.inf and 0 < each < math.inf):
        return Lots(0)
    lots = math.floor(min(budget / each, most))
    # The quotient may have been rounded up to a whole number.
    return Lots(lots - 1 if lots * each > budget else lots)
