"""Protections: what the trades that closed lately may look like before entries are locked.

They are named and meant as in freqtrade (docs/rules.md, L5). Each is off unless it is stated.
"""

from decimal import Decimal

import msgspec

from domain.enums import ExitReason


class CooldownPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """Every trade that closes locks its market for `stop_duration_s`."""

    stop_duration_s: float


class StoplossGuard(msgspec.Struct, frozen=True, kw_only=True):
    """`trade_limit` stops within `lookback_s`, each of less than `required_profit`, lock.

    required_profit  net in parts of the entry notional, of any sign.
    only_per_pair    each market has its own count and its own lock.
    """

    lookback_s: float
    trade_limit: int
    required_profit: float
    only_per_pair: bool
    stop_duration_s: float


class MaxDrawdown(msgspec.Struct, frozen=True, kw_only=True):
    """A fall of the balance by more than `max_allowed_drawdown` of its peak locks all markets.

    Looked at over the trades within `lookback_s`, once they are `trade_limit` or more.
    """

    lookback_s: float
    trade_limit: int
    max_allowed_drawdown: float
    stop_duration_s: float


class LowProfitPairs(msgspec.Struct, frozen=True, kw_only=True):
    """`trade_limit` trades of a market that bring less than `required_profit` together lock it.

    required_profit  sum of net in parts of each entry notional, of any sign.
    """

    lookback_s: float
    trade_limit: int
    required_profit: float
    stop_duration_s: float


class Protections(msgspec.Struct, frozen=True, kw_only=True):
    """Section `[protections]` of the settings; None is a protection that was not asked for."""

    cooldown_period: CooldownPeriod | None = None
    stoploss_guard: StoplossGuard | None = None
    max_drawdown: MaxDrawdown | None = None
    low_profit_pairs: LowProfitPairs | None = None


class Closed(msgspec.Struct, frozen=True):
    """A closed trade as protections see it; `profit` is its net in parts of its entry notional."""

    market: str
    closed_ns: int
    reason: ExitReason
    net: Decimal
    profit: float
