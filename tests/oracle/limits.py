"""The limits of section 5, in the order of the settings (R1)."""

import msgspec


class OracleLimits(msgspec.Struct, frozen=True):
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
