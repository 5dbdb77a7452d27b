"""May this market be entered at all, now: permissions, states, losses (R2 to R5)."""

import math

from domain.enums import Side, TradingState
from domain.units import MICRO, SECOND_NS
from risk.rules.case import Broken, Case


def not_allowed(case: Case) -> Broken | None:
    """R2."""
    return None if case.allowed else Broken(math.nan, math.nan, "limits.allow")


def not_shortable(case: Case) -> Broken | None:
    """R2a."""
    if case.order.side is Side.LONG or case.view.shortable:
        return None
    return Broken(math.nan, math.nan, "instrument.shortable")


def outside_session(case: Case) -> Broken | None:
    """R2b."""
    return None if case.view.in_session else Broken(math.nan, math.nan, "instrument.session")


def trading_state(case: Case) -> Broken | None:
    """R3."""
    state = case.view.trading_state
    if state == TradingState.ACTIVE:
        return None
    return Broken(float(TradingState.ACTIVE), float(state), "account")


def daily_loss(case: Case) -> Broken | None:
    """R4."""
    day, lowest = case.view.day_result / MICRO, -case.limits.max_daily_loss
    return None if day > lowest else Broken(lowest, day, "limits.max_daily_loss")


def cool_down(case: Case) -> Broken | None:
    """R5."""
    limit, last_ns = case.limits.cool_down_s, case.view.last_loss_ns
    since_s = (case.view.now_ns - last_ns) / SECOND_NS
    if last_ns == 0 or since_s >= limit:
        return None
    return Broken(limit, since_s, "limits.cool_down_s")


def unreviewed(case: Case) -> Broken | None:
    """R3b: a person has looked at what this market did."""
    limit, count = case.limits.review_after_trades, case.counts.unreviewed(case.view.market)
    return None if count < limit else Broken(limit, float(count), "limits.review_after_trades")
