"""What a rule of risk is given and what it answers (docs/rules.md, section 5).

A rule answers None where it holds. Every comparison is written so that a NaN breaks the rule.
"""

from collections.abc import Callable, Mapping

import msgspec

from domain.costs import notional_micro
from domain.enums import Refusal
from domain.orders import Order
from domain.units import MICRO
from risk.approvals import Approvals
from risk.counts import MarketCounts
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


class Broken(msgspec.Struct, frozen=True):
    """What a rule found: its limit, the number that broke it, and the setting of the limit."""

    limit: float
    actual: float
    key: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One order under review, and all that the rules hold it against.

    groups  patterns of market names, by the name of the group they make.
    """

    order: Order
    view: RiskView
    limits: Numbers
    approvals: Approvals
    counts: MarketCounts
    groups: Mapping[str, tuple[str, ...]]
    allowed: bool

    @property
    def notional(self) -> float:
        """Of this order at its limit price, money."""
        return self._notional(self.order.lots)

    @property
    def position_lots(self) -> int:
        """Of the position, working entries and this order."""
        view = self.view
        return view.position_lots + view.working_entry_lots + self.order.lots

    @property
    def position_notional(self) -> float:
        """Of them at the order's limit price, money (R15)."""
        return self._notional(self.position_lots)

    def _notional(self, lots: int) -> float:
        limit, view = self.order.limit, self.view
        return notional_micro(limit, lots, view.value, view.inverse) / MICRO if limit >= 1 else 0.0


Rule = Callable[[Case], Broken | None]
Rules = tuple[tuple[Refusal, Rule], ...]
