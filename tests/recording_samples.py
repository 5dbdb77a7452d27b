"""Small recordings, workers that obey, and what a reader gets back, for tests of recordings."""

import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec.structs import replace

from db.recording.format import Build, Opened, SegmentHeader
from db.recording.reader import Segment
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.events import ClockRead, ContextSet, Event
from domain.rows.output import OUTPUT
from domain.units import TsNs
from random_ticks import START_NS, random_ticks

SNAPSHOT: Final = b"the state before the first input"
BUILD: Final = Build(
    kernel_hash="k", lock_hash="l", python="CPython 3.11.2", numpy="2.2", numba="0.65", cpu="x86"
)
HEADER: Final = SegmentHeader(
    build=BUILD,
    mode="paper",
    epoch=3,
    number=1,
    created_ns=TsNs(START_NS + 5),
    event_ns=TsNs(START_NS),
    markets=("COIN",),
    state_layout="state",
    settings="{}",
    opened=Opened.START,
)
NAME: Final = "2023-11-14T221320-000003-000001"


def following(header: SegmentHeader, opened: Opened = Opened.DAY) -> SegmentHeader:
    """The header of the segment after one."""
    return replace(header, number=header.number + 1, opened=opened)


class InlineWorker:
    """Does each job at once."""

    def submit(self, job: Callable[[], None]) -> None:
        job()

    def drain(self) -> None:
        pass


class HeldWorker:
    """Does nothing before it is told to."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def submit(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)

    def drain(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


def inline_writer(folder: Path, first_seq: int = 0) -> RecordingWriter:
    """An open writer whose files are complete after each call."""
    writer = RecordingWriter(InlineWorker(), fsync=False)
    writer.open(folder, HEADER, SNAPSHOT, first_seq)
    return writer


def put(writer: RecordingWriter, first_seq: int, inputs: Sequence[Rows | Event]) -> int:
    """Hand in runs of ticks and events one after the other; the number after the last."""
    for each in inputs:
        if isinstance(each, Event):
            writer.put_event(first_seq, each)
            first_seq += 1
        else:
            writer.put_ticks(first_seq, each)
            first_seq += len(each)
    return first_seq


def some_inputs(seed: int = 0) -> list[Rows | Event]:
    """Ticks with events before, between and after them."""
    ticks = random_ticks(seed, 30)
    read = ClockRead(event_ns=TsNs(START_NS), now_ns=TsNs(START_NS))
    context = ContextSet(event_ns=TsNs(START_NS), market="COIN", valid_until_ns=TsNs(START_NS))
    return [read, ticks[:1], context, read, ticks[1:20], ticks[20:], context]


def some_outputs(count: int, seed: int = 0) -> Rows:
    """OUTPUT rows of any numbers."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, OUTPUT)
    rows.view("i8")[:] = rng.integers(-(2**63), 2**63 - 1, rows.view("i8").shape)
    return rows


def exact(value: Any) -> object:  # noqa: ANN401  anything that stands in an event
    """Something that is equal only for the same types and bits, NaN included."""
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, Decimal):
        return ("decimal", str(value))
    if isinstance(value, tuple):
        return tuple(exact(each) for each in value)
    if isinstance(value, dict):
        return [(exact(key), exact(each)) for key, each in value.items()]
    if isinstance(value, msgspec.Struct):
        fields = value.__struct_fields__
        return (type(value), [exact(getattr(value, name)) for name in fields])
    return (type(value), value)


def flat(inputs: Sequence[Rows | Event], first_seq: int = 0) -> list[object]:
    """Each tick and event with its number."""
    found: list[object] = []
    for each in inputs:
        if isinstance(each, Event):
            found.append((first_seq + len(found), exact(each)))
        else:
            for row in each:
                found.append((first_seq + len(found), row.tobytes()))
    return found


def read_flat(segment: Segment) -> list[object]:
    """The same of what a reader gets, by the reader's own numbers."""
    return [each for first, run in segment.inputs() for each in flat([run], first)]


def read_outputs(segment: Segment) -> bytes:
    """All outputs, as bytes."""
    return b"".join(rows.tobytes() for rows in segment.outputs())
