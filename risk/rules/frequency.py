"""How often: duplicates, rates and counts of orders (R6 to R8b)."""

from typing import Final

from domain.enums import OrderKind
from risk.approvals import KEPT
from risk.rules.case import Broken, Case

_MILLI_NS: Final = 1_000_000


def duplicate(case: Case) -> Broken | None:
    """R6. A close-out repeats nothing: what worked before it was cancelled (M8)."""
    age_ns = case.approvals.duplicate_age_ns(case.order, case.view.now_ns)
    if age_ns is None or case.order.kind is OrderKind.CLOSE_OUT:
        return None
    limit = case.limits.duplicate_window_ms
    return Broken(limit, age_ns / _MILLI_NS, "limits.duplicate_window_ms")


def order_rate(case: Case) -> Broken | None:
    """R7."""
    now_ns, limit, key = case.view.now_ns, case.limits.orders_per_second, "limits.orders_per_second"
    if case.approvals.full(now_ns):
        return Broken(float(KEPT), float(KEPT), key)
    count = case.approvals.last_second(now_ns)
    return None if count < limit else Broken(limit, float(count), key)


def orders_per_day(case: Case) -> Broken | None:
    """R8."""
    limit, count = case.limits.orders_per_day - case.limits.exit_reserve, case.approvals.today
    return None if count < limit else Broken(limit, float(count), "limits.orders_per_day")


def trades_per_session(case: Case) -> Broken | None:
    """R8a."""
    limit, count = case.limits.trades_per_session, case.counts.of_session(case.view.market)
    if case.order.addition or count < limit:
        return None
    return Broken(limit, float(count), "limits.trades_per_session")


def repeated_entries(case: Case) -> Broken | None:
    """R8b, this one included; it locks the market too (L3)."""
    limit, view = case.limits.repeated_entries, case.view
    count = case.counts.repeated(view.market, case.order.side, view.now_ns) + 1
    return None if count <= limit else Broken(limit, float(count), "limits.repeated_entries")
