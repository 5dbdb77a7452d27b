"""R6 to R8b: what was sent already. A limit beyond what is remembered allows what is remembered."""

from typing import Final

from domain.enums import OrderKind, Refusal
from risk.approvals import KEPT
from risk.rules.case import Broken, Case
from risk.times import MOST_TIMES

_MILLI_NS: Final = 1_000_000


def duplicate(case: Case) -> Broken | None:
    """R6. A close-out repeats nothing: what worked before it was cancelled (M8)."""
    age_ns = case.memory.approvals.duplicate_age_ns(case.order, case.view.now_ns)
    if age_ns is None or case.order.kind is OrderKind.CLOSE_OUT:
        return None
    limit = case.limits.duplicate_window_ms
    return Broken(Refusal.DUPLICATE, limit, age_ns / _MILLI_NS, "limits.duplicate_window_ms")


def order_rate(case: Case) -> Broken | None:
    """R7."""
    approvals, now_ns = case.memory.approvals, case.view.now_ns
    limit, key = case.limits.orders_per_second, "limits.orders_per_second"
    if approvals.full(now_ns):
        return Broken(Refusal.ORDER_RATE, float(KEPT), float(KEPT), key)
    count = approvals.last_second(now_ns)
    return None if count < limit else Broken(Refusal.ORDER_RATE, limit, float(count), key)


def orders_per_day(case: Case) -> Broken | None:
    """R8."""
    limit = case.limits.orders_per_day - case.limits.exit_reserve
    count = case.memory.approvals.today
    if count < limit:
        return None
    return Broken(Refusal.ORDERS_PER_DAY, limit, float(count), "limits.orders_per_day")


def trades_per_session(case: Case) -> Broken | None:
    """R8a."""
    limit = case.limits.trades_per_session
    count = case.memory.counts.of_session(case.view.market)
    if count < limit:
        return None
    return Broken(Refusal.TRADES_PER_SESSION, limit, float(count), "limits.trades_per_session")


def repeated_entries(case: Case) -> Broken | None:
    """R8b."""
    view, limit = case.view, min(case.limits.repeated_entries, float(MOST_TIMES))
    count = case.memory.counts.repeated(view.market, case.order.side, view.now_ns) + 1
    if count <= limit:
        return None
    return Broken(Refusal.REPEATED_ENTRIES, limit, float(count), "limits.repeated_entries")
