"""The rules of section 5 of docs/rules.md: one small function each, and the order they run in.

A rule answers None where it holds. Every comparison is written so that a NaN breaks the rule.
"""

import math
from collections.abc import Callable
from typing import Final

import msgspec

from domain.costs import fee_micro
from domain.enums import OrderKind, Refusal, Side, TradingState
from domain.orders import Order, Refused
from domain.units import MICRO, SECOND_NS, Ticks
from risk.approvals import KEPT, Approvals
from risk.view import RiskView

_MILLI_NS: Final = 1_000_000


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The limits as numbers; NaN where one limits nothing (R1)."""

    max_daily_loss: float
    max_trade_loss: float
    cool_down_s: float
    duplicate_window_ms: float
    orders_per_second: float
    orders_per_day: float
    exit_reserve: float
    stale_quote_s: float
    collar_spreads: float
    collar_bps: float
    hard_collar_bps: float
    max_order_notional: float
    max_position_notional: float
    max_open_positions: float
    max_gross_notional: float
    max_group_notional: float
    max_leverage: float
    max_heat: float
    min_liquidation_stops: float
    max_drawdown: float
    loss_streak: float
    loss_streak_pause_s: float
    slippage_orders: float
    max_slippage_bps: float
    slippage_pause_s: float
    repeated_entries: float
    repeated_window_s: float
    reject_burst: float
    reject_window_s: float
    trades_per_session: float
    review_after_trades: float


class Broken(msgspec.Struct, frozen=True):
    """What a rule found: its limit, the number that broke it, and the setting of the limit."""

    limit: float
    actual: float
    key: str


class Case(msgspec.Struct, frozen=True):
    """One order under review, and all that the rules hold it against. Notionals are in money."""

    order: Order
    view: RiskView
    limits: Numbers
    approvals: Approvals
    allowed: bool
    notional: float
    position_notional: float  # of the position, working entries and this order, at its limit


Rules = tuple[tuple[Refusal, Callable[[Case], Broken | None]], ...]


def _not_allowed(case: Case) -> Broken | None:
    return None if case.allowed else Broken(math.nan, math.nan, "limits.allow")


def _not_shortable(case: Case) -> Broken | None:
    if case.order.side is Side.LONG or case.view.shortable:
        return None
    return Broken(math.nan, math.nan, "instrument.shortable")


def _outside_session(case: Case) -> Broken | None:
    return None if case.view.in_session else Broken(math.nan, math.nan, "instrument.session")


def _trading_state(case: Case) -> Broken | None:
    state = case.view.trading_state
    if state == TradingState.ACTIVE:
        return None
    return Broken(float(TradingState.ACTIVE), float(state), "account")


def _daily_loss(case: Case) -> Broken | None:
    day, lowest = case.view.day_result / MICRO, -case.limits.max_daily_loss
    return None if day > lowest else Broken(lowest, day, "limits.max_daily_loss")


def _cool_down(case: Case) -> Broken | None:
    limit, last_ns = case.limits.cool_down_s, case.view.last_loss_ns
    since_s = (case.view.now_ns - last_ns) / SECOND_NS
    if last_ns == 0 or since_s >= limit:
        return None
    return Broken(limit, since_s, "limits.cool_down_s")


def _duplicate(case: Case) -> Broken | None:
    """R6. A close-out repeats nothing: what worked before it was cancelled (M8)."""
    age_ns = case.approvals.duplicate_age_ns(case.order, case.view.now_ns)
    if age_ns is None or case.order.kind is OrderKind.CLOSE_OUT:
        return None
    limit = case.limits.duplicate_window_ms
    return Broken(limit, age_ns / _MILLI_NS, "limits.duplicate_window_ms")


def _order_rate(case: Case) -> Broken | None:
    now_ns, limit, key = case.view.now_ns, case.limits.orders_per_second, "limits.orders_per_second"
    if case.approvals.full(now_ns):
        return Broken(float(KEPT), float(KEPT), key)
    count = case.approvals.last_second(now_ns)
    return None if count < limit else Broken(limit, float(count), key)


def _orders_per_day(case: Case) -> Broken | None:
    limit, count = case.limits.orders_per_day - case.limits.exit_reserve, case.approvals.today
    return None if count < limit else Broken(limit, float(count), "limits.orders_per_day")


def _stale_quote(case: Case) -> Broken | None:
    limit, view = case.limits.stale_quote_s, case.view
    age_s = view.book_age_s if view.book_valid else math.nan
    return None if age_s <= limit else Broken(limit, age_s, "limits.stale_quote_s")


def _bad_price(case: Case) -> Broken | None:
    limit = case.order.limit
    return None if limit >= 1 else Broken(1.0, float(limit), "instrument.tick")


def _bad_lots(case: Case) -> Broken | None:
    lots = case.order.lots
    return None if lots >= 1 else Broken(1.0, float(lots), "instrument.lot")


def _min_notional(case: Case) -> Broken | None:
    least, actual = case.view.min_notional_micro / MICRO, case.notional
    # An order worth nothing has no size that the rules below could limit.
    passes = actual >= least and actual > 0
    return None if passes else Broken(least, actual, "instrument.min_notional")


def _price_collar(case: Case) -> Broken | None:
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


def _order_notional(case: Case) -> Broken | None:
    limit, actual = case.limits.max_order_notional, case.notional
    return None if actual <= limit else Broken(limit, actual, "limits.max_order_notional")


def _position_notional(case: Case) -> Broken | None:
    limit, actual = case.limits.max_position_notional, case.position_notional
    return None if actual <= limit else Broken(limit, actual, "limits.max_position_notional")


def _open_positions(case: Case) -> Broken | None:
    limit, count = case.limits.max_open_positions, case.view.other_positions + 1
    return None if count <= limit else Broken(limit, float(count), "limits.max_open_positions")


def _gross_notional(case: Case) -> Broken | None:
    limit = case.limits.max_gross_notional
    actual = case.position_notional + case.view.other_notional / MICRO
    return None if actual <= limit else Broken(limit, actual, "limits.max_gross_notional")


def _trade_loss(case: Case) -> Broken | None:
    limit, order, view = case.limits.max_trade_loss, case.order, case.view
    at_stop = order.stop * order.lots * view.value / MICRO
    # Without a stop there is no telling what the trade may lose.
    fees = 2 * fee_micro(order.limit * order.lots, view.value, view.taker) / MICRO
    actual = at_stop + fees if order.stop >= 1 else math.inf
    return None if actual <= limit else Broken(limit, actual, "limits.max_trade_loss")


def _exceeds_position(case: Case) -> Broken | None:
    lots, held = case.order.lots, case.view.position_lots
    return None if lots <= held else Broken(float(held), float(lots), "position")


# R2 to R18, in this order: the first that fails names the refusal. R1 comes before them.
ENTRY_RULES: Final[Rules] = (
    (Refusal.NOT_ALLOWED, _not_allowed),
    (Refusal.NOT_SHORTABLE, _not_shortable),
    (Refusal.OUTSIDE_SESSION, _outside_session),
    (Refusal.TRADING_STATE, _trading_state),
    (Refusal.DAILY_LOSS, _daily_loss),
    (Refusal.COOL_DOWN, _cool_down),
    (Refusal.DUPLICATE, _duplicate),
    (Refusal.ORDER_RATE, _order_rate),
    (Refusal.ORDERS_PER_DAY, _orders_per_day),
    (Refusal.STALE_QUOTE, _stale_quote),
    (Refusal.BAD_PRICE, _bad_price),
    (Refusal.BAD_LOTS, _bad_lots),
    (Refusal.MIN_NOTIONAL, _min_notional),
    (Refusal.PRICE_COLLAR, _price_collar),
    (Refusal.ORDER_NOTIONAL, _order_notional),
    (Refusal.POSITION_NOTIONAL, _position_notional),
    (Refusal.OPEN_POSITIONS, _open_positions),
    (Refusal.GROSS_NOTIONAL, _gross_notional),
    (Refusal.TRADE_LOSS, _trade_loss),
)
# R19, for the order as it is wished; its limit is moved into the hard collar afterwards.
EXIT_RULES: Final[Rules] = (
    (Refusal.BAD_PRICE, _bad_price),
    (Refusal.BAD_LOTS, _bad_lots),
    (Refusal.DUPLICATE, _duplicate),
    (Refusal.EXCEEDS_POSITION, _exceeds_position),
)


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


def first_broken(case: Case, rules: Rules) -> Refused | None:
    """The refusal by the first of these rules that does not hold."""
    for code, rule in rules:
        broken = rule(case)
        if broken is not None:
            return Refused(case.order, code, broken.limit, broken.actual, broken.key)
    return None
