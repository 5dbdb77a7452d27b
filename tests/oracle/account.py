"""The account as gates, exits and risk see it: limits, trading state and the day's result."""

from dataclasses import dataclass, field

import msgspec

from domain.enums import Purpose, StateCause, TradingState
from oracle.money import Ledger
from oracle.state import Market


class OracleLimits(msgspec.Struct, frozen=True):
    """The limits of section 5."""

    allow: tuple[str, ...]
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


@dataclass(frozen=True)
class ApprovedOrder:
    """What R6 to R8 remember."""

    event_ns: int
    market: int
    purpose: Purpose
    direction: int
    lots: int
    price: int


@dataclass
class Account:
    limits: OracleLimits
    ledger: Ledger
    markets: list[Market] = field(default_factory=list)
    state: TradingState = TradingState.ACTIVE
    cause: StateCause = StateCause.START
    state_before: TradingState = TradingState.ACTIVE  # the halt by daily loss (T2)
    approved: list[ApprovedOrder] = field(default_factory=list)
    approved_before_today: int = 0
    day_open: int = 0  # `open_result` at the day's roll

    @property
    def day(self) -> int:
        """E2, in micro-units."""
        return self.ledger.day_realised_micro + self.open_result - self.day_open

    @property
    def open_result(self) -> int:
        """What open positions are worth, the cost of leaving off, in micro-units."""
        return sum(market.unrealised - market.exit_cost for market in self.markets)

    @property
    def daily_loss_limit(self) -> float:
        """Micro-units."""
        return self.limits.max_daily_loss * 1e6

    @property
    def daily_loss_reached(self) -> bool:
        return self.day <= -self.daily_loss_limit

    @property
    def unrealised(self) -> int:
        """Micro-units, at the last marks."""
        return sum(market.unrealised for market in self.markets)
