"""How much is traded (docs/rules.md, R20). Rounding never enlarges."""

import math
from decimal import ROUND_FLOOR, Decimal

import msgspec

from domain.enums import SizeMode
from domain.units import EXACT, Lots


class Sizing(msgspec.Struct, frozen=True, kw_only=True):
    """Section `[size]` of a playbook, and the lots that a multiple of 1 means.

    risk_fraction          of equity, lost at the stop.
    target_volatility_bps  bp per square root of a second at which the whole multiple is taken.
    """

    mode: SizeMode
    multiple: float
    risk_fraction: float
    target_volatility_bps: float
    max_multiple: float
    standard_lots: int


def entry_lots(multiple: float, standard_lots: int) -> Lots:
    """Lots of an entry: `multiple` as it is written, times `standard_lots`, rounded down.

    0 where the multiple is no number or not above 0; risk refuses such an order (R11).
    """
    if not math.isfinite(multiple) or multiple <= 0:
        return Lots(0)
    # The shortest text of the double is what a person wrote: 0.29 of 100 lots are 29, not 28.
    exact = EXACT.multiply(Decimal(repr(float(multiple))), Decimal(standard_lots))
    return Lots(max(0, int(exact.to_integral_value(rounding=ROUND_FLOOR))))


def sized_lots(
    sizing: Sizing, equity_micro: int, loss_of_one_lot_micro: float, volatility_bps: float
) -> Lots:
    """Lots of an entry by its mode; 0 where what the mode needs is missing.

    loss_of_one_lot_micro  at the planned stop, fees of both ways in (R18).
    volatility_bps         F12; NaN while it is not ready.
    """
    if sizing.mode is SizeMode.FIXED:
        return entry_lots(sizing.multiple, sizing.standard_lots)
    most = entry_lots(sizing.max_multiple, sizing.standard_lots)
    if sizing.mode is SizeMode.RISK:
        return min(most, _at_risk(sizing.risk_fraction * equity_micro, loss_of_one_lot_micro))
    whole = sizing.multiple * sizing.standard_lots * sizing.target_volatility_bps
    return min(most, _whole_lots(whole, volatility_bps))


def _at_risk(budget: float, loss_of_one_lot: float) -> Lots:
    lots = _whole_lots(budget, loss_of_one_lot)
    return Lots(lots - 1) if lots > 0 and lots * loss_of_one_lot > budget else lots


def _whole_lots(amount: float, per_lot: float) -> Lots:
    if not (per_lot > 0 and amount > 0):
        return Lots(0)
    lots = amount / per_lot
    return Lots(math.floor(lots)) if math.isfinite(lots) else Lots(0)
