"""What a report says of the account, without loading and checking all settings.

Precedence is that of `config.settings`: environment, the file given, then the defaults.
"""

import os
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from config.reading import Toml, read_toml
from config.zones import zone
from domain.errors import BadConfig

_DEFAULTS: Final = "defaults.toml"
_PREFIX: Final = "AUTOSCALPER_ACCOUNT__"


class AccountWords(msgspec.Struct, frozen=True, kw_only=True):
    """Currency of the amounts, and the zone in which the account's days and hours are told."""

    currency: str
    zone: ZoneInfo


def account_words(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> AccountWords:
    """BadConfig names place, key and fix."""
    known = os.environ if environment is None else environment
    section, source = _section({} if path is None else read_toml(path, str(path))), str(path)
    if section is None:
        source = f"config/{_DEFAULTS}"
        section = _section(read_toml(resources.files("config").joinpath(_DEFAULTS), source)) or {}
    name = _word("zone", section, source, known)
    try:
        found = zone(name)
    except ValueError as error:
        raise BadConfig(f"{_place('zone', source, known)}: {error}") from error
    return AccountWords(currency=_word("currency", section, source, known), zone=found)


def _section(file: Toml) -> Toml | None:
    found = file.get("account")
    return found if isinstance(found, dict) else None


def _word(key: str, section: Toml, source: str, known: Mapping[str, str]) -> str:
    word = known.get(_PREFIX + key.upper(), section.get(key))
    if not isinstance(word, str):
        place = _place(key, source, known)
        raise BadConfig(f"{place} is missing or no text: a section is stated whole")
    return word


def _place(key: str, source: str, known: Mapping[str, str]) -> str:
    variable = _PREFIX + key.upper()
    return f"environment: {variable}" if variable in known else f"{source}: account.{key}"
