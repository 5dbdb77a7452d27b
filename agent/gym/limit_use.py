"""How much of each limit a session used at most.

Looked at are the limits on money and the orders of a day. What throttles (orders a second, cool
downs) or counts markets is full by design as soon as somebody trades, and tells nothing.
"""

from collections import Counter

import numpy as np

from agent.gym.course import Course
from agent.gym.entry_rules import notional
from agent.gym.evidence import Evidence, Floats
from domain.enums import Purpose
from reporting.gym_summary import LimitUse


def limit_use(evidence: Evidence, course: Course) -> list[LimitUse]:
    """The most used first; limits that are not stated are left out."""
    limits, gross = evidence.settings.limits, course.gross
    equity = np.maximum(course.equity, 1e-9)
    found = {
        "max_daily_loss": (_highest(-course.day), limits.max_daily_loss),
        "max_trade_loss": (_highest(-course.trade), limits.max_trade_loss),
        "max_drawdown": (_highest(course.drawdown), limits.max_drawdown),
        "max_order_notional": (_largest_entry(evidence), limits.max_order_notional),
        "max_position_notional": (
            _largest_position(evidence, course),
            limits.max_position_notional,
        ),
        "max_gross_notional": (_highest(gross), limits.max_gross_notional),
        "max_leverage": (_highest(gross / equity), limits.max_leverage),
        "orders_per_day": (_most_orders(evidence), limits.orders_per_day),
    }
    used = [
        LimitUse(key=f"limits.{key}", used=amount, limit=limit, share=amount / limit)
        for key, (amount, limit) in found.items()
        if limit is not None and np.isfinite(limit) and limit > 0
    ]
    return sorted(used, key=lambda each: -each.share)


def _highest(values: Floats) -> float:
    """At least 0."""
    return max(0.0, float(np.max(values))) if values.size else 0.0


def _largest_entry(evidence: Evidence) -> float:
    """At its limit price (R14)."""
    worths = [
        int(order.lots) * notional(evidence.markets[order.market], int(order.limit))
        for order in evidence.approved
        if order.purpose is Purpose.ENTRY
    ]
    return max(worths, default=0.0)


def _largest_position(evidence: Evidence, course: Course) -> float:
    """Of one market: what was held and an entry together, at the entry's limit price (R15)."""
    most = 0.0
    for order in evidence.approved:
        if order.purpose is Purpose.ENTRY:
            place = int(np.searchsorted(course.times_ns, int(order.decided_ns), "right")) - 1
            lots = abs(int(course.held[order.market, place])) + int(order.lots)
            most = max(most, lots * notional(evidence.markets[order.market], int(order.limit)))
    return most


def _most_orders(evidence: Evidence) -> float:
    """Of one day of the account (R8), exits counted."""
    rolls = np.array(evidence.day_rolls_ns, np.int64)
    days = Counter(
        int(np.searchsorted(rolls, int(order.decided_ns), "right")) for order in evidence.approved
    )
    return float(max(days.values(), default=0))
