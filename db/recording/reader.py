"""Reads recordings, a block at a time, and checks every checksum on the way.

A segment that a crash cut short is read up to its last whole block and says how many bytes it
ignored; one that was changed afterwards raises `Corrupt` where that shows.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from db.recording.blocks import START, Block, BlockReader
from db.recording.columns import unpack_inputs, unpack_rows
from db.recording.events import decode_event
from db.recording.format import (
    INPUTS,
    NAME,
    OUTPUT_LAYOUT,
    OUTPUTS,
    TICK_LAYOUT,
    BlockKind,
    Ended,
    Lost,
    SegmentHeader,
    Totals,
)
from domain.arrays import Rows
from domain.enums import Word
from domain.errors import BadInput, Corrupt
from domain.events import Event
from domain.rows.output import OUTPUT

_totals: Final = msgspec.msgpack.Decoder(Totals).decode
_header: Final = msgspec.msgpack.Decoder(SegmentHeader).decode


class EndKind(Word):
    """How a file ends."""

    END = 0
    GAP = 1  # what came next was lost, and the writer knew
    TORN = 2  # a crash cut it short, or it is still being written


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a file ends.

    count          inputs or outputs that can be read.
    following      number of the first one that cannot.
    lost           how many are missing before the next segment; None where nobody knew.
    ignored_bytes  of a torn end.
    ended          of an END: whether another segment of the run follows.
    """

    kind: EndKind
    count: int
    following: int
    lost: int | None = 0
    why: Lost | None = None
    detail: str = ""
    ignored_bytes: int = 0
    ended: Ended = Ended.UNKNOWN


class Segment:
    """One segment on disk. Nothing is read before it is asked for, and nothing kept.

    Every method and property: BadInput where the file is none, is of another version or cannot be
    read; Corrupt where it was changed. What was yielded before is whole.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._inputs = folder / f"{name}{INPUTS}"
        self._outputs = folder / f"{name}{OUTPUTS}"

    @property
    def run(self) -> int:
        """Number of the run, as its name says it."""
        return _place(self.name)[0]

    @property
    def number(self) -> int:
        """Of the segment within its run."""
        return _place(self.name)[1]

    @property
    def header(self) -> SegmentHeader:
        """What the segment is."""
        return _read_header(self._inputs)

    @property
    def cut_at_start(self) -> int | None:
        """Bytes that there are where a crash came before header and snapshot were whole."""
        for path, wanted in ((self._inputs, 2), (self._outputs, 1)):
            size = _size(path)
            if size < START or len(list(islice(BlockReader(path), wanted))) < wanted:
                return _size(self._inputs) + _size(self._outputs)
        return None

    @property
    def snapshot(self) -> bytes:
        """The state before the first input, as it was handed in."""
        return self._snapshot().data

    @property
    def first_seq(self) -> int:
        """Number of the first input."""
        return self._snapshot().first

    @property
    def end(self) -> Ending:
        """How the inputs end; reads the file for it."""
        return _ending(self._inputs)

    @property
    def outputs_end(self) -> Ending:
        """How the outputs end; reads the file for it."""
        return _ending(self._outputs)

    def inputs(self) -> Iterator[tuple[int, Rows | Event]]:
        """Runs of ticks, with the number of the first, and events with theirs, in order."""
        header = self.header
        if header.tick_layout != TICK_LAYOUT:
            raise _other_layout(self._inputs, "ticks", header.tick_layout, TICK_LAYOUT)
        for block in _content(self._inputs):
            for place, found in unpack_inputs(block.data):
                value = decode_event(found) if isinstance(found, bytes) else found
                yield block.first + place, value

    def outputs(self) -> Iterator[Rows]:
        """OUTPUT[n] in order, as many at once as they were written."""
        header = _read_header(self._outputs)
        if header != self.header:
            raise BadInput(f"{self._outputs}: is not of the segment whose inputs lie beside it; "
                           "restore both from one copy")  # fmt: skip
        if header.output_layout != OUTPUT_LAYOUT:
            raise _other_layout(self._outputs, "outputs", header.output_layout, OUTPUT_LAYOUT)
        for block in _content(self._outputs):
            yield unpack_rows(block.data, OUTPUT)

    def _snapshot(self) -> Block:
        for block in islice(BlockReader(self._inputs), 1, 2):
            return block
        raise _cut_off(self._inputs, "before its snapshot was whole")


def segments(path: Path) -> list[Segment]:
    """The segments of a folder in order, or the one that a file belongs to.

    BadInput where there is none.
    """
    if path.is_dir():
        names = sorted(
            found.stem for found in path.glob(f"*{INPUTS}") if NAME.fullmatch(found.stem)
        )
        if not names:
            raise BadInput(f"{path}: holds no recording; expected files such as "
                           f"2026-01-31T080000-000001-000001{INPUTS}")  # fmt: skip
        return [Segment(path, name) for name in names]
    if not path.exists():
        raise BadInput(f"{path}: there is no such file or folder")
    if path.suffix not in (INPUTS, OUTPUTS):
        raise BadInput(f"{path}: is no recording; expected a file that ends in {INPUTS} or "
                       f"{OUTPUTS}, or a folder of such")  # fmt: skip
    segment = Segment(path.parent, path.stem)
    _read_header(path)
    return [segment]


class CutOff(msgspec.Struct, frozen=True):
    """A segment that a crash cut off before header and snapshot were whole: nothing is in it."""

    name: str
    size: int

    @property
    def run(self) -> int:
        """Number of the run that began it."""
        return _place(self.name)[0]

    @property
    def number(self) -> int:
        """Of the segment within its run."""
        return _place(self.name)[1]

    @property
    def words(self) -> str:
        """For people."""
        return (
            f"{self.name}: a crash cut it off before anything was recorded in it; it is passed "
            f"over ({self.size} bytes)."
        )


def begun_segments(path: Path) -> tuple[list[Segment], list[CutOff]]:
    """As `segments`, without those in which nothing was recorded; these by themselves.

    BadInput where there is no other.
    """
    begun, cut = list[Segment](), list[CutOff]()
    for segment in segments(path):
        size = segment.cut_at_start
        if size is None:
            begun.append(segment)
        else:
            cut.append(CutOff(segment.name, size))
    if not begun:
        raise BadInput(f"{path}: nothing was recorded in it, as a crash cut off "
                       f"{', '.join(each.name for each in cut)}; remove them")  # fmt: skip
    return begun, cut


def _place(name: str) -> tuple[int, int]:
    """Numbers of the run, and of the segment within it."""
    _, run, number = name.rsplit("-", maxsplit=2)
    return int(run), int(number)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); expected a segment of a "
                       "recording") from error  # fmt: skip


def _read_header(path: Path) -> SegmentHeader:
    for block in BlockReader(path):
        try:
            return _header(block.data)
        except msgspec.MsgspecError as error:
            raise BadInput(f"{path}: its header is not one that this version knows ({error}); "
                           "read it with the version that wrote it") from error  # fmt: skip
    raise _cut_off(path, "before its header was whole")


def _content(path: Path) -> Iterator[Block]:
    """Blocks of inputs or outputs, in unbroken order."""
    following: int | None = None
    for block in _checked(BlockReader(path)):
        if block.kind in {BlockKind.INPUTS, BlockKind.OUTPUTS}:
            if following not in {None, block.first}:
                raise Corrupt(f"{path}: continues at number {block.first}, expected {following}; "
                              "it was not written as it should be, please report it")  # fmt: skip
            following = block.first + block.count
            yield block


def _checked(reader: BlockReader) -> Iterator[Block]:
    """Every block; nothing may stand behind the last one."""
    ended, path = False, reader.path
    for block in reader:
        if ended:
            raise Corrupt(f"{path}: goes on after its end; restore it from a copy")
        ended = block.kind in {BlockKind.END, BlockKind.GAP}
        yield block
    if ended and reader.ignored:
        raise Corrupt(f"{path}: {reader.ignored} bytes stand after its end; restore it from a copy")


def _ending(path: Path) -> Ending:
    count = following = 0
    reader = BlockReader(path)
    last: Block | None = None
    for block in _checked(reader):
        count += block.count
        following = block.first + block.count
        last = block
    if last is None:
        raise _cut_off(path, "before its header was whole")
    if last.kind in {BlockKind.END, BlockKind.GAP}:
        totals = _totals(last.data)
        kind = EndKind.END if last.kind is BlockKind.END else EndKind.GAP
        return Ending(kind=kind, count=totals.count, following=totals.following,
                      lost=totals.lost, why=totals.why, detail=totals.detail,
                      ended=totals.ended)  # fmt: skip
    return Ending(kind=EndKind.TORN, count=count, following=following, lost=None,
                  ignored_bytes=reader.ignored)  # fmt: skip


def _cut_off(path: Path, where: str) -> BadInput:
    return BadInput(f"{path}: is cut off {where}, so nothing was recorded in it; remove it")


def _other_layout(path: Path, what: str, found: str, expected: str) -> BadInput:
    return BadInput(
        f"{path}: its {what} are laid out as {found}, this version reads {expected}; read it with "
        "the version that wrote it"
    )
