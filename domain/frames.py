"""Candle frames, shortest first; each is a whole multiple of the one before (F9)."""

from typing import Final

FRAME_SECONDS: Final = (1, 5, 15, 60, 300, 900, 3600)
FRAME_NAMES: Final = ("1s", "5s", "15s", "1m", "5m", "15m", "1h")
FRAMES: Final = len(FRAME_SECONDS)
MINUTE_FRAME: Final = FRAME_NAMES.index("1m")
CHOICE_FRAME: Final = FRAME_NAMES.index("15s")  # W1: playbooks are chosen when it closes


def frame_index(name: str) -> int:
    """Index of a frame's name. ValueError names the known ones."""
    if name not in FRAME_NAMES:
        raise ValueError(f"unknown candle frame {name!r}: one of {', '.join(FRAME_NAMES)}")
    return FRAME_NAMES.index(name)
