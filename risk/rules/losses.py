"""R18 to R18b: what is lost if the plan fails."""

import math

from domain.costs import gain_micro, notional_micro
from domain.enums import Refusal
from domain.orders import Order
from domain.units import MICRO
from risk.rules.case import Broken, Case
from risk.view import RiskView


def loss_at_stop(order: Order, view: RiskView, lots: int) -> float:
    """What `lots` lose from the order's limit price to its stop, two taker fees included.

    Micro-units. Infinite without a price or a stop above 0: there is no telling then. A LONG stop
    at or below 0 is reached by no price, and an inverse contract's loss has no bound there.
    """
    limit, stop = float(order.limit), float(order.stop)
    exit_ticks = limit - order.side * stop
    if limit < 1 or stop < 1 or (view.inverse and exit_ticks <= 0):
        return math.inf
    lost = -order.side * gain_micro(limit, exit_ticks, float(lots), view.value, view.inverse)
    fee = notional_micro(limit, float(lots), view.value, view.inverse) * view.taker
    return lost + 2 * fee


def _trade_loss(case: Case) -> float:
    """Of the position, working entries and this order (R15), in money."""
    view = case.view
    lots = view.position_lots + view.working_entry_lots + case.order.lots
    return loss_at_stop(case.order, view, lots) / MICRO


def trade_loss(case: Case) -> Broken | None:
    """R18."""
    limit, actual = case.limits.max_trade_loss, _trade_loss(case)
    if actual <= limit:
        return None
    return Broken(Refusal.TRADE_LOSS, limit, actual, "limits.max_trade_loss")


def heat(case: Case) -> Broken | None:
    """R18a."""
    others = sum(other.at_risk for other in case.view.others) / MICRO
    limit, actual = case.limits.max_heat, _trade_loss(case) + others
    return None if actual <= limit else Broken(Refusal.HEAT, limit, actual, "limits.max_heat")


def liquidation(case: Case) -> Broken | None:
    """R18b, in ticks."""
    level, order = case.view.liquidation_ticks, case.order
    limit, actual = case.limits.min_liquidation_stops * order.stop, abs(order.limit - level)
    if level == 0 or actual >= limit:
        return None
    return Broken(Refusal.LIQUIDATION, limit, float(actual), "limits.min_liquidation_stops")
