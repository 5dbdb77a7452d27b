"""Folds a recording again and holds every output against the recorded one.

They agree bit for bit but for two things that no decision sees, nor the decision hash: distances
that are not there are alike whatever bits their NaN has, and -0.0 is 0.0.

It can fail: the first difference is told with its place and both sides. A segment that a crash cut
short, or that lost what came next (GAP), is compared as far as both its files go. Segments that do
not join are told, unless the one before says that it lost what came next; so is a last segment of
a run that says that another follows. Where the first of a folder begins nothing says.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from agent.replay.outcome import Progress
from agent.replay.paper_core import PaperCore
from agent.replay.refold import core_of, refold
from agent.replay.warm_up import warm_up
from config.settings_text import settings_from
from db.recording.followed import not_followed
from db.recording.format import Build, this_build
from db.recording.reader import CutOff, EndKind, Segment, begun_segments
from domain.arrays import Record, Rows
from domain.errors import Fatal
from domain.rows.output import OUTPUT
from reporting.verify_summary import (
    Difference,
    Missing,
    NextMissing,
    OutputTold,
    SegmentVerified,
    Unlike,
    Verified,
)

_NUMBERS: Final = tuple(name for name in OUTPUT.names or () if name != "distances")


class _Compared(Exception):
    """The first difference was found: nothing after it is worth folding."""


class Comparison:
    """A sink that holds what a core says against recorded outputs, in order."""

    def __init__(self, recorded: Iterator[Rows]) -> None:
        self._recorded = recorded
        self._waiting: Rows = np.zeros(0, OUTPUT)
        self._ended = False
        self.compared = 0
        self.extra = 0  # said beyond the end of the recorded outputs
        self.first_extra: Record | None = None
        self.seq = self.last_seq = 0  # the inputs that are being folded
        self.difference: tuple[Record, Record] | None = None

    def hear(self, outputs: Rows) -> None:
        """Compare a block; stops the fold at the first difference."""
        at = 0
        while at < len(outputs):
            if not len(self._waiting) and not self._refill():
                if self.first_extra is None:
                    self.first_extra = outputs[at].copy()
                self.extra += len(outputs) - at
                return
            count = min(len(outputs) - at, len(self._waiting))
            mine, theirs = outputs[at : at + count], self._waiting[:count]
            unlike = np.flatnonzero(~_alike(mine, theirs))
            if len(unlike):
                place = int(unlike[0])
                self.compared += place
                self.difference = (theirs[place].copy(), mine[place].copy())
                raise _Compared
            self._waiting = self._waiting[count:]
            self.compared += count
            at += count

    def missing(self) -> Record | None:
        """The first recorded output that was not said again."""
        if not len(self._waiting) and not self._refill():
            return None
        missing: Record = self._waiting[0].copy()
        return missing

    def left(self) -> int:
        """How many recorded outputs were not said again."""
        return len(self._waiting) + sum(len(block) for block in self._recorded)

    def _refill(self) -> bool:
        while not self._ended:
            block = next(self._recorded, None)
            if block is None:
                self._ended = True
            elif len(block):
                self._waiting = block
                return True
        return False


def verify(path: Path, progress: Progress) -> Verified:
    """Fold every segment of a recording again, up to the first difference.

    BadInput or Corrupt where the recording cannot be read; what was folded before is lost then.
    """
    found, cut = begun_segments(path)
    warm_up(settings_from(found[0].header.settings, found[0].name))
    build, parts = this_build(), [_cut_off(each) for each in cut]
    before: _Before | None = None
    missing, no_runs = list[Missing](), list[int]()
    runs_cut = {each.run for each in cut}
    for number, segment in enumerate(found):
        if before is not None:
            missing += _missing(before, segment)
            between = range(before.epoch + 1, segment.header.epoch)
            no_runs += [run for run in between if run not in runs_cut]
            if before.joins(segment) and before.paper.core.snapshot() != segment.snapshot:
                parts.append(_broken_joint(segment, build))
                break
        part, paper, following = _verify_segment(segment, build)
        parts.append(part)
        progress("verifying", number + 1, len(found))
        if part.difference is not None:
            break
        before = _Before(segment.name, segment.header.epoch, segment.end.kind, following, paper)
    return Verified(
        path=str(path),
        segments=sorted(parts, key=lambda part: part.name),
        found=len(found) + len(cut),
        missing=missing,
        no_runs=no_runs,
        no_next=[
            NextMissing(after=each.name, run=each.run, number=each.number)
            for each in not_followed(path, found, cut)
        ],
    )


class _Before(NamedTuple):
    """A segment that was folded to its end: what the next one is held against."""

    name: str
    epoch: int
    end: EndKind
    following: int
    paper: PaperCore

    def joins(self, segment: Segment) -> bool:
        """Whether the segment goes on with the very next input."""
        expected = (self.epoch, self.following)
        return self.end is EndKind.END and (segment.header.epoch, segment.first_seq) == expected


def _missing(before: _Before, segment: Segment) -> list[Missing]:
    """What should lie between two segments; a GAP or a torn end has said so itself."""
    same_run = segment.header.epoch == before.epoch
    expected = before.following if same_run else 0
    if segment.first_seq == expected or (same_run and before.end is not EndKind.END):
        return []
    name = before.name if same_run else ""
    last = segment.first_seq - 1
    return [Missing(before=name, after=segment.name, first=expected, last=last)]


def _verify_segment(segment: Segment, build: Build) -> tuple[SegmentVerified, PaperCore, int]:
    end, outputs_end = segment.end, segment.outputs_end
    comparison = Comparison(segment.outputs())
    paper = core_of(segment, (comparison,))

    following, ticks = segment.first_seq, 0

    def folding(seq: int, count: int) -> None:
        nonlocal following, ticks
        comparison.seq, comparison.last_seq = seq, seq + max(count, 1) - 1
        following, ticks = comparison.last_seq + 1, ticks + count

    difference = None
    try:
        refold(paper, segment.inputs(), segment.first_seq, folding)
    except _Compared:
        recorded, said = comparison.difference or (None, None)
        difference = _difference(segment, comparison, recorded, said)
    except Fatal as error:
        what = f"the core cannot go on: {error}"
        difference = _no_sides(segment, comparison.seq, comparison.last_seq, what)
    # What was lost or cut off at the end is seldom the same in both files.
    ends = max(end.kind, outputs_end.kind)
    left = 0
    if difference is None and ends is not EndKind.END:
        left = comparison.left()
    elif difference is None:
        missing = comparison.missing()
        if comparison.first_extra is not None:
            difference = _difference(segment, comparison, None, comparison.first_extra)
        elif missing is not None:
            difference = _difference(segment, comparison, missing, None)
    part = SegmentVerified(
        name=segment.name,
        same_build=build.same(segment.header.build),
        end=ends.word,
        lost=end.lost,
        ignored_bytes=end.ignored_bytes + outputs_end.ignored_bytes,
        inputs=following - segment.first_seq,
        ticks=ticks,
        outputs=comparison.compared,
        not_compared=comparison.extra + left,
        difference=difference,
    )
    return part, paper, following


def _broken_joint(segment: Segment, build: Build) -> SegmentVerified:
    """The state that the segment before ends in is not the one that this one starts from."""
    what = "its snapshot is not the state in which the segment before it ends"
    difference = _no_sides(segment, segment.first_seq, segment.first_seq, what)
    part = _nothing(segment.name, segment.end.kind)
    same = build.same(segment.header.build)
    return msgspec.structs.replace(part, same_build=same, difference=difference)


def _no_sides(segment: Segment, seq: int, last_seq: int, why: str) -> Difference:
    """A difference that is not one of outputs."""
    return Difference(
        segment=segment.name,
        output=None,
        seq=seq,
        last_seq=last_seq,
        recorded=None,
        folded=None,
        why=why,
    )


def _cut_off(cut: CutOff) -> SegmentVerified:
    return _nothing(cut.name, EndKind.TORN, ignored=cut.size)


def _nothing(name: str, end: EndKind, *, ignored: int = 0) -> SegmentVerified:
    """Of a segment that was not folded."""
    return SegmentVerified(
        name=name,
        same_build=True,
        end=end.word,
        lost=0,
        ignored_bytes=ignored,
        inputs=0,
        ticks=0,
        outputs=0,
        not_compared=0,
        difference=None,
    )


def _difference(
    segment: Segment, comparison: Comparison, recorded: Record | None, said: Record | None
) -> Difference:
    numbers: list[Unlike] = []
    if recorded is None:
        why = "the recording has no such output"
    elif said is None:
        why = "the recorded output is not said again"
    else:
        numbers = [
            Unlike(name=name, recorded=int(recorded[name]), folded=int(said[name]))
            for name in _NUMBERS
            if recorded[name] != said[name]
        ]
        why = "they differ in " + (", ".join(each.name for each in numbers) or "distances")
    names = segment.header.markets
    return Difference(
        segment=segment.name,
        output=comparison.compared,
        seq=comparison.seq,
        last_seq=comparison.last_seq,
        numbers=numbers,
        recorded=None if recorded is None else _told(recorded, names),
        folded=None if said is None else _told(said, names),
        why=why,
    )


def _told(out: Record, names: tuple[str, ...]) -> OutputTold:
    market = int(out["market"])
    return OutputTold(
        event_ns=int(out["event_ns"]),
        market=names[market] if 0 <= market < len(names) else "",
        decision_seq=int(out["decision_seq"]),
        kind=int(out["kind"]),
        code=int(out["code"]),
        side=int(out["side"]),
        price_ticks=int(out["price_ticks"]),
        lots=int(out["lots"]),
        distances=tuple(float(each) for each in out["distances"]),
    )


def _alike(mine: Rows, theirs: Rows) -> np.ndarray:
    # Distances as the decision hash sees them: one NaN for all, and -0 is 0.
    same = np.ones(len(mine), np.bool_)
    for name in _NUMBERS:
        same &= mine[name] == theirs[name]
    one, two = mine["distances"], theirs["distances"]
    same &= ((one == two) | (np.isnan(one) & np.isnan(two))).all(axis=1)
    return same
