"""Which mode's files, and in which state folder, without loading and checking all settings.

Precedence is that of the service's settings: environment, then the file.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from config.reading import hint, read_toml
from domain.enums import Mode
from domain.errors import BadConfig

_PREFIX: Final = "AUTOSCALPER_ENGINE__"


class EngineWords(msgspec.Struct, frozen=True, kw_only=True):
    """What is stated; None where nothing is.

    state_folder  absolute.
    """

    mode: Mode | None
    state_folder: Path | None


def engine_words(
    path: Path | None = None, environment: Mapping[str, str] | None = None
) -> EngineWords:
    """BadConfig names place, key and fix."""
    known = os.environ if environment is None else environment
    stated = {} if path is None else read_toml(path, str(path))
    section = stated.get("engine")
    keys = section if isinstance(section, dict) else {}

    def word(key: str) -> tuple[object, str]:
        variable = _PREFIX + key.upper()
        if variable in known:
            return known[variable], f"environment: {variable}"
        return keys.get(key), f"{path}: engine.{key}"

    return EngineWords(mode=_mode(*word("mode")), state_folder=_folder(*word("state_folder")))


def _mode(stated: object, place: str) -> Mode | None:
    words = {mode.word: mode for mode in Mode}
    if stated is None:
        return None
    if stated not in words:
        raise BadConfig(f"{place} is {stated!r}, which is no mode; {hint(str(stated), words)}")
    return words[str(stated)]


def _folder(stated: object, place: str) -> Path | None:
    if stated is None:
        return None
    if not isinstance(stated, str) or not Path(stated).expanduser().is_absolute():
        raise BadConfig(
            f"{place} is {stated!r}, which must be an absolute path; write it from / or ~ on"
        )
    return Path(stated).expanduser()
