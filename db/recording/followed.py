"""Whether what should follow the last segment of a run is there."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from db.recording.format import Ended
from db.recording.reader import CutOff, Ending, EndKind, Segment


class NotFollowed(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that says that another one of its run follows, which is not there.

    It was deleted, or a crash or the disk kept it from being begun: nothing tells these apart.

    name         of the segment that is there.
    run, number  of the one that is missing.
    """

    name: str
    run: int
    number: int


def not_followed(
    path: Path, begun: Sequence[Segment], cut: Sequence[CutOff] = ()
) -> list[NotFollowed]:
    """Of a folder; a file by itself is followed by nothing. BadInput or Corrupt from reading.

    Segments of a run between two others are not looked for: their inputs are missing anyway.
    """
    if not path.is_dir():
        return []
    last = {segment.run: segment for segment in begun}  # begun ones are in order
    found: list[NotFollowed] = []
    for run, segment in last.items():
        later = any(each.run == run and each.number > segment.number for each in cut)
        # Where only one file was closed a crash came then, and nothing was begun any more.
        if not later and _rolled(segment.end) and _rolled(segment.outputs_end):
            following = NotFollowed(name=segment.name, run=run, number=segment.number + 1)
            found.append(following)
    return found


def _rolled(end: Ending) -> bool:
    return end.kind is EndKind.END and end.ended is Ended.ROLLED
