"""Settings: the account and its limits, from a TOML file and the environment.

The environment goes first (`AUTOSCALPER_LIMITS__MAX_DAILY_LOSS=500`), then the file given, then
`config/defaults.toml`. A section is taken whole from the first file that states it, so that a
forgotten limit stays missing, and risk refuses with its key, instead of being filled in.
"""

import os
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.reading import hint, read_toml
from config.zones import minutes, zone
from domain.account import AccountSettings
from domain.errors import BadConfig
from domain.limits import Limits

PREFIX: Final = "AUTOSCALPER_"
DEFAULTS: Final = "defaults.toml"
_MOST_MONEY: Final = Decimal(10) ** 12  # micro-units of it, and sums of them, fit 64 bits


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
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic collects ValueError only
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


Exact = Annotated[Decimal, BeforeValidator(_exact)]
Limit = Annotated[float | None, BeforeValidator(_no_flag)]


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


class SettingsFile(BaseSettings):
    """The schema of a settings file, and the environment above it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    account: AccountSection
    limits: LimitsSection

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic passes all by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment before file; no .env, no secrets folder."""
        return env_settings, init_settings


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the program runs with."""

    account: AccountSettings
    limits: Limits


_KNOWN: Final = {
    "account": tuple(AccountSection.model_fields),
    "limits": tuple(LimitsSection.model_fields),
}


def load_settings(path: Path | None = None) -> Settings:
    """Settings from the environment, `path` and the defaults. BadConfig names place, key, fix."""
    stated = {} if path is None else read_toml(path, str(path))
    defaults = read_toml(resources.files("config").joinpath(DEFAULTS), f"config/{DEFAULTS}")
    source = f"config/{DEFAULTS}" if path is None else str(path)
    _refuse_unknown_variables(os.environ)
    try:
        checked = SettingsFile.model_validate({**defaults, **stated})
    except ValidationError as error:
        raise _refusal(error, source) from error
    return Settings(
        account=AccountSettings(**checked.account.model_dump()),
        limits=Limits(**checked.limits.model_dump()),
    )


def _refuse_unknown_variables(environment: Iterable[str]) -> None:
    """A misspelt variable would change nothing and say nothing."""
    for variable in environment:
        if not variable.upper().startswith(PREFIX) or "__" not in variable:
            continue
        section, key, *_ = variable.upper().removeprefix(PREFIX).lower().split("__")
        if section not in _KNOWN:
            raise BadConfig(f"environment: unknown variable {variable}; {hint(section, _KNOWN)}")
        if key not in _KNOWN[section]:
            near = hint(key, _KNOWN[section])
            raise BadConfig(f"environment: unknown variable {variable}; {near}")


def _refusal(error: ValidationError, source: str) -> BadConfig:
    """The first thing that is wrong, in our words."""
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]]
    if not path:
        return BadConfig(f"environment: {first['msg']}; lists and tables are written as JSON")
    variables = [PREFIX + "__".join(path[:depth]).upper() for depth in range(len(path), 0, -1)]
    stated = [f"environment: {variable}" for variable in variables if variable in os.environ]
    place = f"{(stated or [source])[0]}: {'.'.join(path)}"
    if first["type"] == "extra_forbidden":
        known = _KNOWN.get(path[0], ()) if len(path) > 1 else tuple(_KNOWN)
        return BadConfig(f"{place} is unknown; {hint(path[-1], known)}")
    if first["type"] == "missing":
        return BadConfig(f"{place} is missing: a section is stated whole, see config/{DEFAULTS}")
    text = first["msg"].removeprefix("Value error, ")
    return BadConfig(f"{place}: {text}, not {first['input']!r}")
