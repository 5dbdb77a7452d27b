"""The order itself: its price, its size, and the quotes it was made on (R9 to R14, R19)."""

import math

from domain.units import MICRO, Ticks
from risk.rules.case import Broken, Case
from risk.view import RiskView


def stale_quote(case: Case) -> Broken | None:
    """R9."""
    limit, view = case.limits.stale_quote_s, case.view
    age_s = view.book_age_s if view.book_valid else math.nan
    return None if age_s <= limit else Broken(limit, age_s, "limits.stale_quote_s")


def bad_price(case: Case) -> Broken | None:
    """R10."""
    limit = case.order.limit
    return None if limit >= 1 else Broken(1.0, float(limit), "instrument.tick")


def bad_lots(case: Case) -> Broken | None:
    """R11."""
    lots = case.order.lots
    return None if lots >= 1 else Broken(1.0, float(lots), "instrument.lot")


def min_notional(case: Case) -> Broken | None:
    """R12."""
    least, actual = case.view.min_notional_micro / MICRO, case.notional
    # An order worth nothing has no size that the rules below could limit.
    passes = actual >= least and actual > 0
    return None if passes else Broken(least, actual, "instrument.min_notional")


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
    return None if away <= reach else Broken(reach, float(away), key)


def order_notional(case: Case) -> Broken | None:
    """R14."""
    limit, actual = case.limits.max_order_notional, case.notional
    return None if actual <= limit else Broken(limit, actual, "limits.max_order_notional")


def exceeds_position(case: Case) -> Broken | None:
    """R19."""
    lots, held = case.order.lots, case.view.position_lots
    return None if lots <= held else Broken(float(held), float(lots), "position")


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
