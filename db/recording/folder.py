"""A folder of recordings: its one writer, and what is deleted when it grows old or large."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec

from db.locks import Busy, HeldLock
from db.recording.format import INPUTS, NAME, OUTPUTS, started_ns
from domain.errors import BadInput
from domain.units import SECOND_NS

LOCK: Final = "recording.lock"
_DAY_NS: Final = 86_400 * SECOND_NS
_GB: Final = 1_000_000_000


class FolderLock(HeldLock):
    """Held by the one process that writes into a folder; it ends with the process."""

    def __init__(self, folder: Path) -> None:
        """BadInput where another writes there, or nobody can."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            super().__init__(folder / LOCK)
        except Busy as holder:
            raise BadInput(f"{folder}: process {holder} is recording there; stop it or choose "
                           "another folder") from holder  # fmt: skip
        except OSError as error:
            raise BadInput(f"{folder}: cannot be written to or locked ({error.strerror}); expected "
                           "a local folder for recordings") from error  # fmt: skip


class Kept(msgspec.Struct, frozen=True):
    """A segment as its folder shows it."""

    name: str
    size: int

    @property
    def start_ns(self) -> int:
        """The second in its name."""
        return started_ns(self.name)


def superfluous(
    segments: Sequence[Kept], keep_days: float, max_gb: float, now_ns: int
) -> list[Kept]:
    """Those to delete, oldest first: never the newest.

    A segment is too old when even its last input is, that is when the one after it began more than
    `keep_days` ago. `max_gb` is for all that stay, in 10^9 bytes.
    """
    ordered = sorted(segments, key=lambda each: each.name)
    total = sum(each.size for each in ordered)
    found: list[Kept] = []
    for segment, following in pairwise(ordered):
        if following.start_ns >= now_ns - keep_days * _DAY_NS and total <= max_gb * _GB:
            break
        found.append(segment)
        total -= segment.size
    return found


def retain(folder: Path, keep_days: float, max_gb: float, now_ns: int) -> list[str]:
    """Delete the segments that are `superfluous` and say which. What is no segment stays.

    What cannot be deleted is left for the next time. OSError where the folder cannot be read.
    """
    sizes: dict[str, int] = {}
    for path in folder.iterdir():
        if NAME.fullmatch(path.stem) and path.suffix in (INPUTS, OUTPUTS) and _dated(path.stem):
            with suppress(FileNotFoundError):
                sizes[path.stem] = sizes.get(path.stem, 0) + path.lstat().st_size
    gone: list[str] = []
    for segment in superfluous([Kept(*each) for each in sizes.items()], keep_days, max_gb, now_ns):
        with suppress(OSError):
            for suffix in (INPUTS, OUTPUTS):
                (folder / f"{segment.name}{suffix}").unlink(missing_ok=True)
            gone.append(segment.name)
    return gone


def _dated(name: str) -> bool:
    with suppress(ValueError):
        return started_ns(name) >= 0
    return False
