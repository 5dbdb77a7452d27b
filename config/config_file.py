"""Where the service's config file is looked for."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from domain.errors import BadConfig

CONFIG_VARIABLE: Final = "AUTOSCALPER_CONFIG"
FILE_NAME: Final = "autoscalper.toml"
_NAME: Final = "autoscalper"


def config_places(
    environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> list[Path]:
    """In the order in which they are looked at: the working folder, then the user's config."""
    known = os.environ if environment is None else environment
    places = [Path(FILE_NAME)]
    home, base = known.get("HOME", ""), known.get("XDG_CONFIG_HOME", "")
    if platform == "darwin" and home:
        places.append(Path(home) / "Library" / "Application Support" / _NAME / FILE_NAME)
    elif base and Path(base).is_absolute():  # the XDG standard: a relative one is ignored
        places.append(Path(base) / _NAME / FILE_NAME)
    elif home:
        places.append(Path(home) / ".config" / _NAME / FILE_NAME)
    return places


def find_config(environment: Mapping[str, str] | None = None) -> Path | None:
    """`$AUTOSCALPER_CONFIG`, else the first of `config_places` that is there, else None.

    BadConfig where the variable names no file.
    """
    known = os.environ if environment is None else environment
    if stated := known.get(CONFIG_VARIABLE, ""):
        if not Path(stated).is_file():
            raise BadConfig(
                f"environment: {CONFIG_VARIABLE} is {stated!r}, and there is no such file; "
                "name one that is there, or unset it"
            )
        return Path(stated)
    return next((place for place in config_places(known) if place.is_file()), None)


def need_config() -> Path:
    """As `find_config`; BadConfig where there is none."""
    found = find_config()
    if found is None:
        looked = " nor ".join(str(place) for place in config_places())
        raise BadConfig(
            f"there is no config: ${CONFIG_VARIABLE} is not set, and neither {looked} is there; "
            "write one with `autoscalper init`, or name one"
        )
    return found
