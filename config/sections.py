"""The sections of a settings file, and what each of their values may be.

Pydantic collects ValueError only, so that is what a check raises, of whatever kind the value is.
"""

import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from config.zones import minutes, zone

_MOST_MONEY: Final = Decimal(10) ** 12  # micro-units of it, and sums of them, fit 64 bits
_MOST_SECONDS: Final = 10**9  # 31 years: nanoseconds of it, from any date of ours, fit 64 bits


def _exact(raw: object) -> Decimal:
    """Money is written as a text or a whole number: a TOML float has lost digits already."""
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise ValueError('must be a decimal in quotes, such as "0.1"')  # noqa: TRY004
    try:
        value = Decimal(raw)
    except InvalidOperation as error:
        raise ValueError('must be a decimal in quotes, such as "0.1"') from error
    if not value.is_finite() or not 0 < value <= _MOST_MONEY:
        raise ValueError(f"must be above 0 and at most {_MOST_MONEY}")
    return value


def _no_flag(raw: object) -> object:
    if isinstance(raw, bool):
        raise ValueError("must be a number")  # noqa: TRY004
    return raw


def _known_zone(raw: str) -> str:
    zone(raw)
    return raw


def _clock_time(raw: str) -> str:
    minutes(raw)
    return raw


def _upper(raw: object) -> object:
    if not isinstance(raw, Mapping):
        return raw
    return {str(key).upper(): value for key, value in raw.items()}


def _finite(raw: object) -> float:
    """A number of a protection: in the environment every number is a text."""
    try:
        value = math.nan if isinstance(raw, bool) else float(raw)  # type: ignore[arg-type]  # caught
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def checked_number(raw: object, most: int, unit: str) -> float:
    """A number above 0 and at most `most`. ValueError says so."""
    value = _finite(raw)
    if not 0 < value <= most:
        raise ValueError(f"must be {unit} above 0 and at most {most:,}")
    return value


def _seconds(raw: object) -> float:
    return checked_number(raw, _MOST_SECONDS, "seconds")


def _share(raw: object) -> float:
    value = _finite(raw)
    if not 0 < value <= 1:
        raise ValueError("must be a share above 0 and at most 1, such as 0.05 for 5 %")
    return value


def _count(raw: object) -> int:
    value = _finite(raw)
    if not value.is_integer() or value < 1:
        raise ValueError("must be a whole number of at least 1")
    return int(value)


# What an editor is told of them; the check itself says more.
_EXACT_SCHEMA: Final = {"type": ["string", "integer"], "description": "A decimal in quotes, > 0."}

Exact = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema(_EXACT_SCHEMA)]
Limit = Annotated[float | None, BeforeValidator(_no_flag)]
Finite = Annotated[float, BeforeValidator(_finite)]
Seconds = Annotated[float, BeforeValidator(_seconds)]
Share = Annotated[float, BeforeValidator(_share)]
Count = Annotated[int, BeforeValidator(_count)]
Pattern = Annotated[str, Field(min_length=1)]
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1)]


class AccountSection(BaseModel):
    """Section `[account]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: Annotated[str, Field(pattern="^[A-Z]{3,5}$")]
    start_equity: Exact
    zone: Annotated[str, BeforeValidator(_known_zone)]
    day_roll: Annotated[str, BeforeValidator(_clock_time)]
    rates: Annotated[dict[str, Exact], BeforeValidator(_upper)] = {}


class LimitsSection(BaseModel):
    """Section `[limits]`; what is missing, zero or not finite is left for risk to refuse."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    allow: tuple[str, ...] = ()
    max_daily_loss: Limit = None
    max_trade_loss: Limit = None
    cool_down_s: Limit = None
    duplicate_window_ms: Limit = None
    orders_per_second: Limit = None
    orders_per_day: Limit = None
    exit_reserve: Limit = None
    stale_quote_s: Limit = None
    collar_spreads: Limit = None
    collar_bps: Limit = None
    hard_collar_bps: Limit = None
    max_order_notional: Limit = None
    max_position_notional: Limit = None
    max_open_positions: Limit = None
    max_gross_notional: Limit = None
    max_group_notional: Limit = None
    max_leverage: Limit = None
    max_heat: Limit = None
    min_liquidation_stops: Limit = None
    max_drawdown: Limit = None
    loss_streak: Limit = None
    loss_streak_pause_s: Limit = None
    slippage_orders: Limit = None
    max_slippage_bps: Limit = None
    slippage_pause_s: Limit = None
    repeated_entries: Limit = None
    repeated_window_s: Limit = None
    reject_burst: Limit = None
    reject_window_s: Limit = None
    trades_per_session: Limit = None
    review_after_trades: Limit = None


class CooldownPeriodSection(BaseModel):
    """Section `[protections.cooldown_period]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stop_duration_s: Seconds


class StoplossGuardSection(BaseModel):
    """Section `[protections.stoploss_guard]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lookback_s: Seconds
    trade_limit: Count
    required_profit: Finite
    only_per_pair: bool
    stop_duration_s: Seconds


class MaxDrawdownSection(BaseModel):
    """Section `[protections.max_drawdown]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lookback_s: Seconds
    trade_limit: Count
    max_allowed_drawdown: Share
    stop_duration_s: Seconds


class LowProfitPairsSection(BaseModel):
    """Section `[protections.low_profit_pairs]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lookback_s: Seconds
    trade_limit: Count
    required_profit: Finite
    stop_duration_s: Seconds


class ProtectionsSection(BaseModel):
    """Section `[protections]`: what is not stated is off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cooldown_period: CooldownPeriodSection | None = None
    stoploss_guard: StoplossGuardSection | None = None
    max_drawdown: MaxDrawdownSection | None = None
    low_profit_pairs: LowProfitPairsSection | None = None
