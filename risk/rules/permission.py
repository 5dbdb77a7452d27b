"""R2 to R5: whether this market may be entered at all now."""

import math
from typing import Final

from domain.enums import Refusal, Side, TradingState
from domain.units import MICRO, SECOND_NS
from risk.rules.case import Broken, Case

OTHER_ORIGIN_HOLD_NS: Final = 60 * SECOND_NS  # the core ends it with the other's position


def not_allowed(case: Case) -> Broken | None:
    """R2."""
    if case.allowed:
        return None
    return Broken(Refusal.NOT_ALLOWED, math.nan, math.nan, "limits.allow")


def not_shortable(case: Case) -> Broken | None:
    """R2a."""
    if case.order.side is Side.LONG or case.view.shortable:
        return None
    return Broken(Refusal.NOT_SHORTABLE, math.nan, math.nan, "instrument.shortable")


def outside_session(case: Case) -> Broken | None:
    """R2b."""
    if case.view.in_session:
        return None
    return Broken(Refusal.OUTSIDE_SESSION, math.nan, math.nan, "instrument.session")


def other_origin(case: Case) -> Broken | None:
    """R2c: a venue nets what two origins hold. By hand there is one position at a time.

    A position lasts, so that asking each second would only fill the ledger; an order soon ends.
    """
    view = case.view
    own = view.by_hand and (view.position_lots > 0 or view.working_entry_lots > 0)
    if not view.held_elsewhere and not view.works_elsewhere and not own:
        return None
    until_ns = int(view.now_ns) + OTHER_ORIGIN_HOLD_NS if view.held_elsewhere else 0
    return Broken(Refusal.OTHER_ORIGIN, math.nan, math.nan, "market", until_ns)


def trading_state(case: Case) -> Broken | None:
    """R3."""
    state = case.view.trading_state
    if state == TradingState.ACTIVE:
        return None
    return Broken(Refusal.TRADING_STATE, float(TradingState.ACTIVE), float(state), "account")


def locked(case: Case) -> Broken | None:
    """R3a."""
    lock = case.memory.locks.on(case.view.market, case.view.now_ns)
    if lock is None:
        return None
    return Broken(lock.code, *lock.numbers, lock.key, lock.end_ns)


def unreviewed(case: Case) -> Broken | None:
    """R3b."""
    limit = case.limits.review_after_trades
    count = case.memory.counts.unreviewed(case.view.market)
    if count < limit:
        return None
    return Broken(Refusal.UNREVIEWED, limit, float(count), "limits.review_after_trades")


def daily_loss(case: Case) -> Broken | None:
    """R4."""
    day, lowest = case.view.day_result / MICRO, -case.limits.max_daily_loss
    if day > lowest:
        return None
    return Broken(Refusal.DAILY_LOSS, lowest, day, "limits.max_daily_loss")


def cool_down(case: Case) -> Broken | None:
    """R5."""
    limit, last_ns = case.limits.cool_down_s, case.view.last_loss_ns
    since_s = (case.view.now_ns - last_ns) / SECOND_NS
    if last_ns == 0 or since_s >= limit:
        return None
    return Broken(Refusal.COOL_DOWN, limit, since_s, "limits.cool_down_s")
