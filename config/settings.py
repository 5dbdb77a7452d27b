"""Settings: the account, its limits, groups and protections, from TOML and the environment.

The environment goes first (`AUTOSCALPER_LIMITS__MAX_DAILY_LOSS=500`), then the file given, then
`config/defaults.toml`. A section is taken whole from the first file that states it, so that a
forgotten limit stays missing, and risk refuses with its key, instead of being filled in.
"""

import os
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.reading import hint, read_toml
from config.sections import (
    AccountSection,
    CooldownPeriodSection,
    LimitsSection,
    LowProfitPairsSection,
    MaxDrawdownSection,
    Patterns,
    ProtectionsSection,
    StoplossGuardSection,
)
from domain.account import AccountSettings
from domain.errors import BadConfig
from domain.limits import Limits
from domain.protections import Protections

PREFIX: Final = "AUTOSCALPER_"
DEFAULTS: Final = "defaults.toml"
_UNKNOWN_KEY: Final = "extra_forbidden"  # pydantic's name for it


class SettingsFile(BaseSettings):
    """The schema of a settings file, and the environment above it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    account: AccountSection
    limits: LimitsSection
    groups: dict[str, Patterns] = {}
    protections: ProtectionsSection = ProtectionsSection()

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
    """What the program runs with; `groups` are patterns of market names by a group's name."""

    account: AccountSettings
    limits: Limits
    groups: dict[str, tuple[str, ...]]
    protections: Protections


# What may stand in each section, by its path; [groups] and [account.rates] take any name.
_KNOWN: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    (): tuple(SettingsFile.model_fields),
    ("account",): tuple(AccountSection.model_fields),
    ("limits",): tuple(LimitsSection.model_fields),
    ("protections",): tuple(ProtectionsSection.model_fields),
    ("protections", "cooldown_period"): tuple(CooldownPeriodSection.model_fields),
    ("protections", "stoploss_guard"): tuple(StoplossGuardSection.model_fields),
    ("protections", "max_drawdown"): tuple(MaxDrawdownSection.model_fields),
    ("protections", "low_profit_pairs"): tuple(LowProfitPairsSection.model_fields),
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
        groups=checked.groups,
        protections=msgspec.convert(checked.protections.model_dump(), Protections),
    )


def _refuse_unknown_variables(environment: Iterable[str]) -> None:
    """A misspelt variable would change nothing and say nothing."""
    for variable in environment:
        if not variable.upper().startswith(PREFIX) or "__" not in variable:
            continue
        section, key, *_ = variable.upper().removeprefix(PREFIX).lower().split("__")
        for path, name in ((), section), ((section,), key):
            if path in _KNOWN and name not in _KNOWN[path]:
                near = hint(name, _KNOWN[path])
                raise BadConfig(f"environment: unknown variable {variable}; {near}")


def _refusal(error: ValidationError, source: str) -> BadConfig:
    """The first thing that is wrong, in our words; a misspelt key before one that is missing."""
    first = min(error.errors(include_url=False), key=lambda each: each["type"] != _UNKNOWN_KEY)
    path = [str(part) for part in first["loc"]]
    if not path:
        return BadConfig(f"environment: {first['msg']}; lists and tables are written as JSON")
    variables = [PREFIX + "__".join(path[:depth]).upper() for depth in range(len(path), 0, -1)]
    stated = [f"environment: {variable}" for variable in variables if variable in os.environ]
    place = f"{(stated or [source])[0]}: {'.'.join(path)}"
    if first["type"] == _UNKNOWN_KEY:
        known = _KNOWN.get(tuple(path[:-1]), ())
        return BadConfig(f"{place} is unknown; {hint(path[-1], known)}")
    if first["type"] == "missing":
        return BadConfig(f"{place} is missing: a section is stated whole, see config/{DEFAULTS}")
    text = first["msg"].removeprefix("Value error, ")
    return BadConfig(f"{place}: {text}, not {first['input']!r}")
