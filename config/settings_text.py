"""Settings as text that another process, or another day, reads back equal: for recordings."""

import json

import msgspec

from config.settings import Settings
from domain.errors import BadInput


def settings_text(settings: Settings) -> str:
    """JSON with NaN and Infinity, which a limit may be."""
    return json.dumps(msgspec.to_builtins(settings))


def settings_from(text: str, place: str) -> Settings:
    """BadInput where the text is not of this build's settings; `place` says whose it is."""
    try:
        return msgspec.convert(json.loads(text), Settings, strict=False)
    except (json.JSONDecodeError, msgspec.ValidationError) as error:
        raise BadInput(
            f"{place}: its settings are not of this build's shape ({error}); read it with the "
            "build that wrote it"
        ) from error
