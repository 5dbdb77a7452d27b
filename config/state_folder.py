"""Where the program keeps what it writes: the state folder, and in it one folder a mode."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.enums import Mode
from domain.errors import BadConfig

HOME_VARIABLE: Final = "AUTOSCALPER_HOME"
SYSTEMD_VARIABLE: Final = "STATE_DIRECTORY"
_NAME: Final = "autoscalper"


def state_folder(
    environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> Path:
    """`$AUTOSCALPER_HOME`, else what systemd made, else the user's state folder of the platform.

    Nothing is created. BadConfig where a variable holds no absolute path.
    """
    known = os.environ if environment is None else environment
    stated = known.get(HOME_VARIABLE, "")
    if stated:
        return _absolute(stated, HOME_VARIABLE)
    # systemd lists all folders of a unit, divided by colons; ours is the first.
    given = known.get(SYSTEMD_VARIABLE, "").partition(":")[0]
    if given:
        return _absolute(given, SYSTEMD_VARIABLE)
    if platform == "darwin":
        return _home(known) / "Library" / "Application Support" / _NAME
    base = known.get("XDG_STATE_HOME", "")
    # The XDG standard: a relative path is to be ignored.
    if base and Path(base).is_absolute():
        return Path(base) / _NAME
    return _home(known) / ".local" / "state" / _NAME


def chosen_folder(stated: Path | None) -> Path:
    """`$AUTOSCALPER_HOME`, else what a config states, else as `state_folder`."""
    if stated is None or os.environ.get(HOME_VARIABLE):
        return state_folder()
    return stated.expanduser()


def mode_folder(home: Path, mode: Mode) -> Path:
    """Where the files of one mode are; no two modes share one."""
    return home / mode.word


def _absolute(text: str, variable: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise BadConfig(f"environment: {variable} is {text!r}: write an absolute path")
    return path


def _home(known: Mapping[str, str]) -> Path:
    home = known.get("HOME", "")
    if not home:
        raise BadConfig(f"environment: HOME is not set; set {HOME_VARIABLE} to a folder for state")
    return _absolute(home, "HOME")
