"""R14 to R17c: how much may be held, in one order, one market, a group and altogether."""

import math

from domain.enums import Refusal
from domain.units import MICRO
from risk.rules.case import Broken, Case


def order_notional(case: Case) -> Broken | None:
    """R14."""
    limit, actual = case.limits.max_order_notional, case.notional
    if actual <= limit:
        return None
    return Broken(Refusal.ORDER_NOTIONAL, limit, actual, "limits.max_order_notional")


def position_notional(case: Case) -> Broken | None:
    """R15."""
    limit, actual = case.limits.max_position_notional, case.position_notional
    if actual <= limit:
        return None
    return Broken(Refusal.POSITION_NOTIONAL, limit, actual, "limits.max_position_notional")


def open_positions(case: Case) -> Broken | None:
    """R16."""
    limit, count = case.limits.max_open_positions, len(case.view.others) + 1
    if count <= limit:
        return None
    return Broken(Refusal.OPEN_POSITIONS, limit, float(count), "limits.max_open_positions")


def _gross(case: Case) -> float:
    """What R17 limits: the notional of all markets, this order in it."""
    return case.position_notional + sum(other.notional for other in case.view.others) / MICRO


def gross_notional(case: Case) -> Broken | None:
    """R17."""
    limit, actual = case.limits.max_gross_notional, _gross(case)
    if actual <= limit:
        return None
    return Broken(Refusal.GROSS_NOTIONAL, limit, actual, "limits.max_gross_notional")


def group_notional(case: Case) -> Broken | None:
    """R17a. Of several groups that are too large the first of the settings is told."""
    limit, groups = case.limits.max_group_notional, case.groups
    for group in groups.of(case.view.instrument):
        held = sum(each.notional for each in case.view.others if group in groups.of(each.market))
        actual = case.position_notional + held / MICRO
        if not actual <= limit:
            return Broken(Refusal.GROUP_NOTIONAL, limit, actual, "limits.max_group_notional")
    return None


def leverage(case: Case) -> Broken | None:
    """R17b. Without equity above 0 nothing fits: the order is worth something (R12)."""
    limit, actual = case.limits.max_leverage * (case.view.equity / MICRO), _gross(case)
    if actual <= limit:
        return None
    return Broken(Refusal.LEVERAGE, limit, actual, "limits.max_leverage")


def margin(case: Case) -> Broken | None:
    """R17c."""
    view = case.view
    own = case.position_notional / view.leverage if view.leverage > 0 else math.nan
    limit, actual = view.equity / MICRO, own + sum(each.margin for each in view.others) / MICRO
    return None if actual <= limit else Broken(Refusal.MARGIN, limit, actual, "instrument.margin")
