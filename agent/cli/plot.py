"""`autoscalper replay --plot FILE`: the figures of a replay, as one HTML page or one PNG."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from domain.errors import BadInput, BadUsage, Fatal

if TYPE_CHECKING:
    from agent.replay.outcome import ReplayOutcome

PAGE: Final = ".html"
SHEET: Final = ".png"


def check_place(path: Path, repeat: int) -> None:
    """Whether a figure can be written there, before anything is folded.

    BadUsage for another ending, or more than one play; BadInput where nobody can write.
    """
    if path.suffix.lower() not in {PAGE, SHEET}:
        ending = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        raise BadUsage(f"--plot {path}: {ending}; name it .html for a page or .png for a picture")
    if repeat != 1:
        raise BadUsage("--plot draws one play of the files: leave out --repeat")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise BadInput(f"{path.parent}: there is no such folder; make it, or name another place")
    _write(path, b"", keep=False)


def write_plot(path: Path, outcome: "ReplayOutcome") -> None:
    """Draw and write, whole or not at all. BadInput where it cannot be written."""
    if outcome.pictures is None:
        raise Fatal("a replay that was to be drawn remembered nothing to draw; please report it")
    from reporting.plots.figures import Drawn
    from reporting.plots.page import replay_page
    from reporting.plots.sheet import replay_sheet

    drawn = Drawn(summary=outcome.summary, trades=outcome.trades, pictures=outcome.pictures)
    if path.suffix.lower() == PAGE:
        _write(path, replay_page(drawn).encode())
    else:
        _write(path, replay_sheet(drawn))


def _write(path: Path, content: bytes, *, keep: bool = True) -> None:
    """Beside the file first, so that no reader and no full disk sees half of it."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            part.write_bytes(content)
            if keep:
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be written ({error.strerror}); name a place with room that is yours"
        ) from error
