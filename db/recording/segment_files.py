"""The two files of a segment as the worker writes them; here a disk may refuse.

Once it has, the segment is over: both files end at their last whole block, with a GAP mark where
that still fits, and what comes later is counted. Nothing is raised.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import zstandard
from msgspec.structs import replace

from db.recording.blocks import Block, BlockWriter
from db.recording.columns import PlacedEvent, pack_inputs, pack_rows
from db.recording.format import INPUTS, OUTPUTS, BlockKind, Ended, Lost, Totals
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK

_REFUSALS: Final = (OSError, MemoryError, zstandard.ZstdError)
_encode: Final = msgspec.msgpack.Encoder().encode


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment begins with."""

    name: str
    header: bytes
    snapshot: bytes
    first_seq: int
    first_output: int


class Tally:
    """What the worker counts over all segments; it alone writes here, others only read."""

    def __init__(self) -> None:
        self.done_bytes = 0  # of what was handed over
        self.lost_inputs = 0
        self.lost_outputs = 0
        self.error = ""  # the last one


class SegmentFiles:
    """One segment. Every method but the constructor is for the worker alone.

    error    what the disk said, "" while it takes everything. Read by the other thread.
    written  bytes in both files.
    """

    def __init__(self, folder: Path, opening: Opening, tally: Tally, *, fsync: bool) -> None:
        self.error = ""
        self.written = 0
        self._opening = opening
        self._paths = (folder / f"{opening.name}{INPUTS}", folder / f"{opening.name}{OUTPUTS}")
        self._tally = tally
        self._fsync = fsync
        self._files: list[BlockWriter] = []  # inputs, outputs
        self._opened = False  # both are there, with header and snapshot
        self._counts = [0, 0]
        self._following = [opening.first_seq, opening.first_output]

    def open(self) -> None:
        """Create both files; the outputs first, so that no inputs lie without them."""
        opening, size = self._opening, len(self._opening.snapshot)
        first_seq, first_output = self._following
        header = partial(Block, BlockKind.HEADER, count=0, data=opening.header)
        snapshot = Block(BlockKind.SNAPSHOT, first_seq, 0, opening.snapshot)

        def create() -> None:
            outputs = BlockWriter(self._paths[1])
            self._files.insert(0, outputs)
            outputs.append(header(first=first_output))
            self._files.insert(0, BlockWriter(self._paths[0]))
            self._files[0].append(header(first=first_seq))
            self._files[0].append(snapshot)
            self._opened = True

        self._try(create, size)

    def put_inputs(self, first: int, ticks: Sequence[bytes], events: Sequence[PlacedEvent]) -> None:
        """Write a block of inputs, numbered from `first`."""
        joined = b"".join(ticks)
        rows = np.frombuffer(joined, TICK)
        count, size = len(rows) + len(events), len(joined) + sum(len(each.data) for each in events)

        def write() -> None:
            self._append(0, BlockKind.INPUTS, first, count, pack_inputs(rows, events))

        self._try(write, size, inputs=count)

    def put_outputs(self, first: int, pieces: Sequence[bytes]) -> None:
        """Write a block of outputs, numbered from `first`."""
        joined = b"".join(pieces)
        rows = np.frombuffer(joined, OUTPUT)

        def write() -> None:
            self._append(1, BlockKind.OUTPUTS, first, len(rows), pack_rows(rows))

        self._try(write, len(joined), outputs=len(rows))

    def close(
        self,
        kind: BlockKind,
        lost: int | None,
        why: Lost | None,
        detail: str,
        ended: Ended = Ended.UNKNOWN,
    ) -> None:
        """Close both files with END or GAP."""
        last = Totals(count=0, following=0, lost=lost, why=why, detail=detail, ended=ended)
        self._try(lambda: self._finish(kind, last), 0)

    def _try(
        self, work: Callable[[], None], size: int, *, inputs: int = 0, outputs: int = 0
    ) -> None:
        """Do it unless the disk refused already; what was not done is counted."""
        try:
            if not self.error:
                work()
                self.written = sum(file.size for file in self._files)
        except _REFUSALS as error:
            self._give_up(error)
        except Exception as error:
            self._give_up(error)
            raise  # a mistake of ours, which the worker's owner hears of
        finally:
            self._tally.done_bytes += size
            if self.error:
                self._tally.lost_inputs += inputs
                self._tally.lost_outputs += outputs

    def _append(self, which: int, kind: BlockKind, first: int, count: int, data: bytes) -> None:
        self._files[which].append(Block(kind, first, count, data))
        self._counts[which] += count
        self._following[which] = first + count

    def _finish(self, kind: BlockKind, last: Totals) -> None:
        for which, file in enumerate(self._files):
            totals = replace(
                last,
                count=self._counts[which],
                following=self._following[which],
                lost=last.lost if which == 0 or last.lost == 0 else None,
            )
            file.append(Block(kind, totals.following, 0, _encode(totals)))
            file.close(fsync=self._fsync)
        if self._fsync:
            folder = os.open(self._paths[0].parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _give_up(self, error: Exception) -> None:
        """Both files end where they are whole; a mark is put where it fits, each by itself."""
        self.error = self._tally.error = f"{self._paths[0].parent}: {error}"
        for which, file in enumerate(self._files):
            following = self._following[which]
            totals = Totals(
                count=self._counts[which],
                following=following,
                lost=None,
                why=Lost.DISK,
                detail=self.error,
            )
            with suppress(*_REFUSALS):
                file.append(Block(BlockKind.GAP, following, 0, _encode(totals)))
            with suppress(OSError):
                file.close(fsync=False)
        if not self._opened:  # what is there holds nothing; files of others are not touched
            for path in self._paths[len(self._paths) - len(self._files) :]:
                with suppress(OSError):
                    path.unlink()
