"""Writes recordings beside the fold: it never waits for a disk and never raises because of one.

The caller's thread keeps copies of what it hands in and gives whole blocks to one worker, which
encodes, compresses and writes. What lies between the two is bounded in bytes. Whatever cannot be
taken, because the bound is reached, the disk refuses or the caller's numbers jump, ends the
segment: from then on inputs are counted as lost until the caller rolls to a new segment, with a
snapshot of what the core is by then.
"""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from db.recording.columns import PlacedEvent
from db.recording.events import encode_event
from db.recording.folder import FolderLock, retain
from db.recording.format import OUTPUT_LAYOUT, TICK_LAYOUT, BlockKind, Ended, Lost, SegmentHeader
from db.recording.segment_files import Opening, SegmentFiles, Tally
from domain.arrays import Rows
from domain.enums import Word
from domain.errors import BadUsage
from domain.events import Event
from domain.ports import Worker

BLOCK_INPUTS: Final = 8_192
BLOCK_OUTPUTS: Final = 2_048
_encode: Final = msgspec.msgpack.Encoder().encode


class State(Word):
    """What a writer does with what it gets."""

    CLOSED = 0
    RECORDING = 1
    LOST = 2  # counts what is lost until the caller rolls
    FAILED = 3  # the same, as the disk refused


class WriterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the recording goes. Counts are since the writer was opened.

    error         what the disk said last, "" while it took everything.
    lost_*        missing in the recording, those never handed in included.
    queued_bytes  handed over and not yet done.
    segment_bytes on disk, of the segment that is written.
    """

    state: State
    error: str
    lost_inputs: int
    lost_outputs: int
    queued_bytes: int
    segment_bytes: int


class _Inputs:
    """A block of inputs that is being filled."""

    __slots__ = ("count", "events", "size", "ticks")

    def __init__(self) -> None:
        self.ticks: list[bytes] = []
        self.events: list[PlacedEvent] = []
        self.count = 0
        self.size = 0  # bytes


class _Outputs:
    """A block of outputs that is being filled."""

    __slots__ = ("count", "rows", "size")

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.count = 0
        self.size = 0


class RecordingWriter:
    """The one writer of a folder; all its methods belong to one thread.

    queue_bytes  how much may wait for the worker.
    fsync        whether a segment that ends is forced onto the disk.
    """

    def __init__(self, worker: Worker, *, queue_bytes: int = 64 << 20, fsync: bool = True) -> None:
        self._worker = worker
        self._queue_bytes = queue_bytes
        self._fsync = fsync
        self._tally = Tally()
        self._handed_bytes = 0
        self._snapshot_bytes = 0  # of the last one: what must find room to go on
        self._lost_inputs = 0
        self._lost_outputs = 0
        self._state = State.CLOSED
        self._folder = Path()
        self._lock: FolderLock | None = None
        self._segment: SegmentFiles | None = None
        self._next_seq = 0
        self._next_output = 0
        self._inputs = _Inputs()
        self._outputs = _Outputs()

    def open(self, folder: Path, header: SegmentHeader, snapshot: bytes, first_seq: int) -> None:
        """Take the folder and begin a segment. BadInput where another process writes there.

        first_seq  number of the first input; each tick and each event has one, without holes.
        """
        if self._lock is not None:
            raise BadUsage(f"{folder}: this writer writes to {self._folder}; close it first")
        self._lock, self._folder = FolderLock(folder), folder
        self._open_segment(header, snapshot, first_seq)

    def put_ticks(self, first_seq: int, rows: Rows) -> None:
        """Record TICK[n], numbered from `first_seq`."""
        count, block = len(rows), self._inputs
        if self._state is not State.RECORDING or first_seq != self._next_seq:
            self._skip(first_seq, count)
        elif block.count + count < BLOCK_INPUTS:
            data = rows.tobytes()
            block.ticks.append(data)
            block.size += len(data)
            block.count += count
            self._next_seq += count
        else:
            self._put_many(rows)

    def put_event(self, seq: int, event: Event) -> None:
        """Record an event."""
        if self._state is not State.RECORDING or seq != self._next_seq:
            self._skip(seq, 1)
            return
        try:
            data = encode_event(event)
        except (TypeError, ValueError, OverflowError) as error:
            self._break(Lost.UNWRITABLE, None, f"{type(event).__name__}: {error}")
            self._skip(seq, 1)
            return
        block = self._inputs
        block.events.append(PlacedEvent(block.count, data))
        block.size += len(data)
        block.count += 1
        self._next_seq += 1
        if block.count >= BLOCK_INPUTS:
            self._hand_inputs()

    def put_outputs(self, rows: Rows) -> None:
        """Record OUTPUT[n], what the core said about the inputs so far."""
        self._next_output += len(rows)
        if self._state is not State.RECORDING:
            self._lost_outputs += len(rows) if self._state is not State.CLOSED else 0
            return
        block, data = self._outputs, rows.tobytes()
        block.rows.append(data)
        block.size += len(data)
        block.count += len(rows)
        if block.count >= BLOCK_OUTPUTS:
            self._hand_outputs()

    def flush(self) -> None:
        """Hand over what is there, so that a crash loses no more than what came since."""
        self._hand_inputs()
        self._hand_outputs()
        self._see_error()

    def roll(self, header: SegmentHeader, snapshot: bytes, first_seq: int) -> None:
        """End the segment, cleanly or with a GAP, and begin the next.

        While there is no room for the snapshot nothing begins: `needs_snapshot` says when to try
        again. After a disk refused each call is a try; how often is the caller's to choose.
        """
        if self._lock is None:
            raise BadUsage("no recording is open; open one first")
        self._snapshot_bytes = len(snapshot)
        self.flush()
        fits = self._fits(len(snapshot))
        missing = max(first_seq - self._next_seq, 0)
        if first_seq != self._next_seq:
            self._break(Lost.SKIPPED, missing, f"expected {self._next_seq}, got {first_seq}")
        self._lost_inputs += missing
        self._next_seq = first_seq
        if not fits:
            self._break(Lost.OVERFLOW, None, f"{self._queued} bytes were waiting for the disk")
            return
        self._end(Ended.ROLLED)
        self._open_segment(header, snapshot, first_seq)

    def close(self) -> None:
        """End the segment, wait for the disk, let others write. Closed again, nothing happens."""
        if self._lock is None:
            return
        self._end(Ended.CLOSED)
        self._state = State.CLOSED
        try:
            self._worker.drain()
        finally:
            self._lock.release()
            self._lock = None

    def keep(self, keep_days: float, max_gb: float, now_ns: int) -> None:
        """Have the worker delete what is too old or too much; the disk may refuse that."""
        folder = self._folder

        def delete() -> None:
            with suppress(OSError):  # the next roll tries again; status tells of a full disk
                retain(folder, keep_days, max_gb, now_ns)

        self._worker.submit(delete)

    @property
    def needs_snapshot(self) -> bool:
        """Inputs are being lost, and a roll would end that."""
        self._see_error()
        return self._state in {State.LOST, State.FAILED} and self._fits(self._snapshot_bytes)

    @property
    def status(self) -> WriterStatus:
        """How the recording goes."""
        self._see_error()
        return WriterStatus(
            state=self._state,
            error=self._tally.error,
            lost_inputs=self._lost_inputs + self._tally.lost_inputs,
            lost_outputs=self._lost_outputs + self._tally.lost_outputs,
            queued_bytes=self._queued,
            segment_bytes=0 if self._segment is None else self._segment.written,
        )

    @property
    def _queued(self) -> int:
        # Each of the two has one thread that writes it, so neither needs a lock; `done_bytes` read
        # a moment too early makes the queue look fuller than it is, never emptier.
        return self._handed_bytes - self._tally.done_bytes

    def _fits(self, size: int) -> bool:
        """Whether so much may wait too; what is larger than the bound goes in alone."""
        queued = self._queued
        return queued == 0 or queued + size <= self._queue_bytes

    def _put_many(self, rows: Rows) -> None:
        """Ticks that fill the block, and maybe more than one."""
        start = 0
        while start < len(rows) and self._state is State.RECORDING:
            block = self._inputs
            piece = rows[start : start + BLOCK_INPUTS - block.count]
            start += len(piece)
            data = piece.tobytes()
            block.ticks.append(data)
            block.size += len(data)
            block.count += len(piece)
            self._next_seq += len(piece)
            if block.count >= BLOCK_INPUTS:
                self._hand_inputs()
        if start < len(rows):
            self._skip(self._next_seq, len(rows) - start)

    def _hand_inputs(self) -> None:
        block, segment = self._inputs, self._segment
        if block.count and segment is not None and self._take(block.size):
            self._inputs = _Inputs()
            first = self._next_seq - block.count
            self._worker.submit(partial(segment.put_inputs, first, block.ticks, block.events))

    def _hand_outputs(self) -> None:
        block, segment = self._outputs, self._segment
        if block.count and segment is not None and self._take(block.size):
            self._outputs = _Outputs()
            first = self._next_output - block.count
            self._worker.submit(partial(segment.put_outputs, first, block.rows))

    def _take(self, size: int) -> bool:
        """Count a block into the queue; else the segment is lost from here on."""
        self._see_error()
        if self._state is State.RECORDING and not self._fits(size):
            self._lose(Lost.OVERFLOW, None, f"{self._queued} bytes were waiting for the disk")
        if self._state is not State.RECORDING:
            return False
        self._handed_bytes += size
        return True

    def _skip(self, first: int, count: int) -> None:
        """Count inputs that go nowhere, and those before them that were never handed in."""
        if self._state is State.CLOSED:
            return
        if first != self._next_seq:
            self._break(Lost.SKIPPED, None, f"expected {self._next_seq}, got {first}")
        self._lost_inputs += max(first + count - self._next_seq, 0)
        self._next_seq = max(first + count, self._next_seq)

    def _break(self, why: Lost, lost: int | None, detail: str) -> None:
        """End the segment with a GAP after what was taken so far."""
        self.flush()
        if self._state is State.RECORDING:
            self._lose(why, lost, detail)

    def _lose(self, why: Lost, lost: int | None, detail: str) -> None:
        """End the segment with a GAP; the mark is small and goes in where a block does not."""
        assert self._segment is not None
        self._state = State.LOST
        self._drop()
        self._worker.submit(partial(self._segment.close, BlockKind.GAP, lost, why, detail))

    def _see_error(self) -> None:
        """A segment that the disk refused has closed itself."""
        failing = self._segment is not None and bool(self._segment.error)
        if failing and self._state in {State.RECORDING, State.LOST}:
            self._state = State.FAILED
            self._drop()

    def _drop(self) -> None:
        """Count what is in the blocks as lost."""
        self._lost_inputs += self._inputs.count
        self._lost_outputs += self._outputs.count
        self._inputs, self._outputs = _Inputs(), _Outputs()

    def _end(self, ended: Ended) -> None:
        """END after what was taken so far, unless the segment ended before."""
        self.flush()
        if self._state is State.RECORDING and self._segment is not None:
            close = partial(self._segment.close, BlockKind.END, 0, None, "")
            self._worker.submit(partial(close, ended))

    def _open_segment(self, header: SegmentHeader, snapshot: bytes, first_seq: int) -> None:
        stated = replace(header, tick_layout=TICK_LAYOUT, output_layout=OUTPUT_LAYOUT)
        opening = Opening(
            name=header.name,
            header=_encode(stated),
            snapshot=snapshot,
            first_seq=first_seq,
            first_output=self._next_output,
        )
        self._segment = SegmentFiles(self._folder, opening, self._tally, fsync=self._fsync)
        self._snapshot_bytes = len(snapshot)
        self._handed_bytes += len(snapshot)
        self._next_seq = first_seq
        self._state = State.RECORDING
        self._worker.submit(self._segment.open)
