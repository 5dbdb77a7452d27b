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

from config.engine_sections import EngineSection, MarketSection, RecordingSection
from config.problems import KeyPath, Known, Problem, flaws, key_of, what_and_fix
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
ENGINE_SECTIONS: Final = (
    "engine",
    "markets",
    "recording",
    "venues",
)  # only the service reads these


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
KNOWN: Final[Known] = {
    (): (*SettingsFile.model_fields, *ENGINE_SECTIONS),
    ("account",): tuple(AccountSection.model_fields),
    ("limits",): tuple(LimitsSection.model_fields),
    ("protections",): tuple(ProtectionsSection.model_fields),
    ("protections", "cooldown_period"): tuple(CooldownPeriodSection.model_fields),
    ("protections", "stoploss_guard"): tuple(StoplossGuardSection.model_fields),
    ("protections", "max_drawdown"): tuple(MaxDrawdownSection.model_fields),
    ("protections", "low_profit_pairs"): tuple(LowProfitPairsSection.model_fields),
    ("engine",): tuple(EngineSection.model_fields),
    ("markets",): tuple(MarketSection.model_fields),
    ("recording",): tuple(RecordingSection.model_fields),
}


def load_settings(path: Path | None = None) -> Settings:
    """Settings from the environment, `path` and the defaults. BadConfig names place, key, fix.

    The sections of a service's file that are not of these are neither read nor checked.
    """
    stated = {} if path is None else read_toml(path, str(path))
    stated = {name: value for name, value in stated.items() if name not in ENGINE_SECTIONS}
    defaults = read_toml(resources.files("config").joinpath(DEFAULTS), f"config/{DEFAULTS}")
    source = f"config/{DEFAULTS}" if path is None else str(path)
    for problem in unknown_variables(os.environ):
        raise BadConfig(problem.text)
    try:
        checked = SettingsFile.model_validate({**defaults, **stated})
    except ValidationError as error:
        raise _refusal(error, source) from error
    return settings_of(checked.account, checked.limits, checked.groups, checked.protections)


def settings_of(
    account: AccountSection,
    limits: LimitsSection,
    groups: dict[str, Patterns],
    protections: ProtectionsSection,
) -> Settings:
    """The sections as values for the program."""
    return Settings(
        account=AccountSettings(**account.model_dump()),
        limits=Limits(**limits.model_dump()),
        groups=groups,
        protections=msgspec.convert(protections.model_dump(), Protections),
    )


def unknown_variables(environment: Iterable[str]) -> list[Problem]:
    """A misspelt variable would change nothing and say nothing."""
    found = []
    for variable in environment:
        if not variable.upper().startswith(PREFIX) or "__" not in variable:
            continue
        section, key, *_ = variable.upper().removeprefix(PREFIX).lower().split("__")
        fix = ""
        if section == "markets":
            fix = f"write all of [[markets]] as JSON in {PREFIX}MARKETS"
        elif section not in KNOWN[()]:
            fix = hint(section, KNOWN[()])
        elif (section,) in KNOWN and key not in KNOWN[section,]:
            fix = hint(key, KNOWN[section,])
        if fix:
            what = f"unknown variable {variable}"
            found.append(Problem(place="environment", key="", what=what, fix=fix))
    return found


def _refusal(error: ValidationError, source: str) -> BadConfig:
    """The first thing that is wrong, in our words; a misspelt key before one that is missing."""
    path, flaw = flaws(error)[0]
    if not path:
        return BadConfig(f"environment: {flaw['msg']}; lists and tables are written as JSON")
    what, fix = what_and_fix(path, flaw, KNOWN, f"a section is stated whole, see config/{DEFAULTS}")
    place = variable_of(path) or source
    return BadConfig(Problem(place=place, key=key_of(path), what=what, fix=fix).text)


def variable_of(path: KeyPath) -> str | None:
    """Place of the variable that states this key, or a table with it; None if none does."""
    stated = {name.upper(): name for name in os.environ}
    for depth in range(len(path), 0, -1):
        variable = PREFIX + "__".join(str(part) for part in path[:depth]).upper()
        if variable in stated:
            return f"environment: {stated[variable]}"
    return None
