"""What a rule is given, and what it answers."""

import math
from collections.abc import Callable, Mapping

import msgspec

from domain.enums import Refusal
from domain.limits import NUMBERS, Limits
from domain.orders import Order
from risk.approvals import Approvals
from risk.counts import MarketCounts
from risk.groups import Groups
from risk.locks import Locks
from risk.view import RiskView


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


def numbers_of(limits: Limits) -> Numbers:
    """The limits, with NaN for each that `Limits.missing` names."""
    missing = limits.missing()
    stated: Mapping[str, float] = {
        name: math.nan if f"limits.{name}" in missing else float(getattr(limits, name))
        for name in NUMBERS
    }
    return Numbers(**stated)


class Broken(msgspec.Struct, frozen=True):
    """What a rule found: the fields of the refusal it asks for (R22)."""

    code: Refusal
    limit: float
    actual: float
    key: str
    until_ns: int = 0


class Memory(msgspec.Struct, frozen=True):
    """What the engine remembers of earlier orders and trades."""

    approvals: Approvals
    counts: MarketCounts
    locks: Locks


class Case(msgspec.Struct, frozen=True):
    """One order under review, and all that the rules hold it against. Notionals are in money."""

    order: Order
    view: RiskView
    limits: Numbers
    memory: Memory
    groups: Groups
    allowed: bool
    notional: float
    position_notional: float  # of the position, working entries and this order, at its limit


Rule = Callable[[Case], Broken | None]
