"""Tick files to a recording: folded on paper, and recorded as a run of the service would be.

`replay --verify`, `why` and `recording` read it like any other.
"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from agent.replay.driver import drive
from agent.replay.events import events_of
from agent.replay.funding import with_funding
from agent.replay.loading import load
from agent.replay.outcome import Progress
from agent.replay.paper_core import PaperCore
from agent.replay.reference import without_reference
from agent.replay.refold import STATE_LAYOUT
from agent.replay.warm_up import warm_up
from config.catalog import load_playbook
from config.settings import load_settings
from config.settings_text import settings_text
from db.recording.format import INPUTS, Opened, SegmentHeader, this_build
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.enums import Mode
from domain.errors import BadInput
from domain.events import Event
from domain.units import SECOND_NS, TsNs
from market.history.merge import merge

_DAY_NS = 86_400 * SECOND_NS
_SEGMENT_BYTES = 1 << 30
_PIECE = 65_536


class RecordRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to record, and by which rules it is folded meanwhile.

    instrument  of all files; None: by their names.
    settings    a settings file instead of the defaults.
    now_ns      when this is done, as the header says it.
    """

    paths: tuple[Path, ...]
    folder: Path
    now_ns: TsNs
    playbook: str = "baseline"
    instrument: str | None = None
    settings: Path | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that was made. assumed: what its instrument and its fills rest on."""

    markets: tuple[str, ...]
    ticks: int
    inputs: int
    segments: int
    trades: int
    assumed: tuple[str, ...]


def check_folder(folder: Path) -> None:
    """BadInput where a recording lies there already: two runs must not look like one."""
    if folder.is_dir() and any(folder.glob(f"*{INPUTS}")):
        raise BadInput(f"{folder}: holds a recording already; name an empty or a new folder")
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder}: is a file; name a folder for the recording")


def record(request: RecordRequest, progress: Progress) -> Recorded:
    """Fold files once and record it. BadInput or BadConfig as a replay, or from the disk."""
    check_folder(request.folder)
    settings, playbook = load_settings(request.settings), load_playbook(request.playbook)
    loaded = load(request.paths, request.instrument, settings.account, progress)
    loaded = with_funding(loaded, ())  # which says what is assumed about it
    timeline = merge(loaded.sources)
    warm_up(settings)
    names = tuple(market.instrument.name for market in loaded.markets)
    simulated = any(market.instrument.simulated for market in loaded.markets)
    header = SegmentHeader(
        build=this_build(),
        mode=(Mode.SIMULATED if simulated else Mode.PAPER).word,
        epoch=1,
        number=0,
        created_ns=request.now_ns,
        event_ns=TsNs(0),
        markets=names,
        state_layout=STATE_LAYOUT,
        settings=settings_text(settings),
        opened=Opened.START,
    )
    writer = RecordingWriter(_AtOnce())
    paper = PaperCore(settings, names, (_Outputs(writer),))
    tape = _Tape(paper, writer, request.folder, header)
    done = 0

    def folded(count: int) -> None:
        nonlocal done
        done += count
        progress("recording", done, len(timeline.ticks))

    events = events_of(timeline, loaded.markets, playbook, settings.account, 0)
    try:
        drive(tape, timeline.ticks, events, _PIECE, folded)
    finally:
        writer.close()
    status = writer.status
    if status.error or status.lost_inputs:
        raise BadInput(
            f"{request.folder}: the disk refused ({status.error or 'no room'}), and the recording "
            "is not whole; remove it and choose a place with room"
        )
    return Recorded(
        markets=names,
        ticks=sum(source.good for source in loaded.sources),
        inputs=tape.seq,
        segments=tape.segments,
        trades=len(paper.trades),
        assumed=(*loaded.assumed, *without_reference([playbook])),
    )


class _AtOnce:
    """A worker that does each job before it takes the next: nobody waits for a market here."""

    def submit(self, job: Callable[[], None]) -> None:
        job()

    def drain(self) -> None:
        """Nothing waits."""


class _Outputs:
    """A sink that records what the core says."""

    def __init__(self, writer: RecordingWriter) -> None:
        self._writer = writer

    def hear(self, outputs: Rows) -> None:
        self._writer.put_outputs(outputs)


class _Tape:
    """Stands before a core: every input is recorded, then consumed. A segment for each UTC day."""

    def __init__(
        self, paper: PaperCore, writer: RecordingWriter, folder: Path, header: SegmentHeader
    ) -> None:
        self._paper, self._writer = paper, writer
        self._folder, self._header = folder, header
        self._day = -1
        self.seq = self.segments = 0

    def fold(self, ticks: Rows) -> None:
        """Of several days one after the other."""
        days = ticks["event_ns"] // _DAY_NS
        edges = [0, *(np.flatnonzero(np.diff(days)) + 1).tolist(), len(ticks)]
        for first, end in pairwise(edges):
            part = ticks[first:end]
            self._begin(int(part["event_ns"][0]))
            self._writer.put_ticks(self.seq, part)
            self.seq += len(part)
            self._paper.core.fold(part)

    def apply(self, event: Event) -> None:
        self._begin(int(event.event_ns))
        self._writer.put_event(self.seq, event)
        self.seq += 1
        self._paper.core.apply(event)

    def _begin(self, event_ns: int) -> None:
        """A segment, where one is due."""
        day = event_ns // _DAY_NS
        large = self._writer.status.segment_bytes >= _SEGMENT_BYTES
        if self.segments and day <= self._day and not large:
            return
        opened = Opened.START if not self.segments else Opened.SIZE if large else Opened.DAY
        self._day, self.segments = day, self.segments + 1
        header = msgspec.structs.replace(
            self._header, number=self.segments, event_ns=TsNs(event_ns), opened=opened
        )
        snapshot = self._paper.core.snapshot()
        if opened is Opened.START:
            self._writer.open(self._folder, header, snapshot, self.seq)
        else:
            self._writer.roll(header, snapshot, self.seq)
