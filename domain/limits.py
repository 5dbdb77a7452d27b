"""The limits that every order is held against (docs/rules.md, section 5).

All are required. One that is missing, zero, negative or not finite still loads, so that risk can
refuse every entry and name the setting that is wrong.
"""

import math
from typing import Final

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Section `[limits]` of the settings; None is a limit that was not stated.

    allow            names of the markets that may be traded; "*" allows all.
    max_*_loss, max_*_notional, max_heat, max_drawdown
                     account currency.
    max_leverage     gross notional in multiples of equity.
    *_s, *_ms        seconds, milliseconds.
    *_bps            basis points: of the mid, or lost beyond the quote (max_slippage_bps).
    collar_spreads   spreads between the mid and a limit price.
    exit_reserve     orders of the day that are kept back for exits.
    min_liquidation_stops
                     planned stops that fit between an entry and its liquidation.
    What remains are numbers of orders, entries, refusals, trades or markets.
    """

    allow: tuple[str, ...] = ()
    max_daily_loss: float | None = None
    max_trade_loss: float | None = None
    cool_down_s: float | None = None
    duplicate_window_ms: float | None = None
    orders_per_second: float | None = None
    orders_per_day: float | None = None
    exit_reserve: float | None = None
    stale_quote_s: float | None = None
    collar_spreads: float | None = None
    collar_bps: float | None = None
    hard_collar_bps: float | None = None
    max_order_notional: float | None = None
    max_position_notional: float | None = None
    max_open_positions: float | None = None
    max_gross_notional: float | None = None
    max_group_notional: float | None = None
    max_leverage: float | None = None
    max_heat: float | None = None
    min_liquidation_stops: float | None = None
    max_drawdown: float | None = None
    loss_streak: float | None = None
    loss_streak_pause_s: float | None = None
    slippage_orders: float | None = None
    max_slippage_bps: float | None = None
    slippage_pause_s: float | None = None
    repeated_entries: float | None = None
    repeated_window_s: float | None = None
    reject_burst: float | None = None
    reject_window_s: float | None = None
    trades_per_session: float | None = None
    review_after_trades: float | None = None

    def missing(self) -> list[str]:
        """Paths of the limits that limit nothing, such as `limits.max_daily_loss`."""
        found = [] if self.allow else ["limits.allow"]
        for name in NUMBERS:
            value: float | None = getattr(self, name)
            if value is None or not math.isfinite(value) or value <= 0:
                found.append(f"limits.{name}")
        return found


# The limits that are numbers, in the order of the file.
NUMBERS: Final = tuple(name for name in Limits.__struct_fields__ if name != "allow")
