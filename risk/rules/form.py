"""R9 to R13 and R19: whether the order is one that makes sense, whatever the account holds."""

import math

from domain.enums import Refusal
from domain.units import MICRO, Ticks
from risk.rules.case import Broken, Case
from risk.view import RiskView


def stale_quote(case: Case) -> Broken | None:
    """R9."""
    limit, view = case.limits.stale_quote_s, case.view
    age_s = view.book_age_s if view.book_valid else math.nan
    if age_s <= limit:
        return None
    return Broken(Refusal.STALE_QUOTE, limit, age_s, "limits.stale_quote_s")


def bad_price(case: Case) -> Broken | None:
    """R10."""
    limit = case.order.limit
    if limit >= 1:
        return None
    return Broken(Refusal.BAD_PRICE, 1.0, float(limit), "instrument.tick")


def bad_lots(case: Case) -> Broken | None:
    """R11."""
    lots = case.order.lots
    return None if lots >= 1 else Broken(Refusal.BAD_LOTS, 1.0, float(lots), "instrument.lot")


def min_notional(case: Case) -> Broken | None:
    """R12. An order worth nothing has no size that the rules after this one could limit."""
    least, actual = case.view.min_notional_micro / MICRO, case.notional
    if actual >= least and actual > 0:
        return None
    return Broken(Refusal.MIN_NOTIONAL, least, actual, "instrument.min_notional")


def price_collar(case: Case) -> Broken | None:
    """R13, in half-ticks."""
    limits, view = case.limits, case.view
    mid = view.bid_ticks + view.ask_ticks
    away = abs(2 * case.order.limit - mid)
    by_spread = limits.collar_spreads * 2 * (view.ask_ticks - view.bid_ticks)
    by_price = limits.collar_bps / 1e4 * mid
    hard = limits.hard_collar_bps / 1e4 * mid
    soft, key = max((by_spread, "limits.collar_spreads"), (by_price, "limits.collar_bps"))
    reach, key = min((soft, key), (hard, "limits.hard_collar_bps"))
    if away <= reach:
        return None
    return Broken(Refusal.PRICE_COLLAR, reach, float(away), key)


def exceeds_position(case: Case) -> Broken | None:
    """R19."""
    lots, held = case.order.lots, case.view.position_lots
    if lots <= held:
        return None
    return Broken(Refusal.EXCEEDS_POSITION, float(held), float(lots), "position")


def inside_hard_collar(limit: Ticks, view: RiskView, hard_collar_bps: float) -> Ticks:
    """R19: the limit price of an exit, moved to the edge of the hard collar if it lies outside.

    The edge is the outermost whole tick inside, but never short of the exit-side quote: a spread
    wider than the collar must not keep a position from being left. Without a mid, or without the
    collar (NaN), the price stays as it is.
    """
    mid = view.bid_ticks + view.ask_ticks
    hard = hard_collar_bps / 1e4 * mid
    if mid < 1 or not abs(2 * limit - mid) > hard:
        return limit
    reach = math.floor(hard)  # both sides of R13 are compared in whole half-ticks
    if 2 * limit < mid:
        return Ticks(max(1, min(-((reach - mid) // 2), view.bid_ticks)))
    return Ticks(max((mid + reach) // 2, view.ask_ticks))
