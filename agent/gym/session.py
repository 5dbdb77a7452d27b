"""Plays one session: simulated ticks through the whole core on paper, recorded as a service would.

Ticks and events are ordered as in a replay of files. In one thing it is like a live feed: where the
numbers of a market's ticks jump, the core is told that ticks were lost.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from agent.gym.evidence import Evidence, SessionJournal, Traded
from agent.gym.scenario import Scenario
from agent.replay.events import Due, events_of
from agent.replay.loading import Market
from agent.replay.paper_core import PaperCore
from agent.replay.refold import STATE_LAYOUT
from agent.replay.verify import verify
from config.settings import Settings
from config.settings_text import settings_text
from db.recording.format import Opened, SegmentHeader, this_build
from db.recording.reader import segments
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.account import settlement_rate
from domain.arrays import Rows
from domain.enums import BadTick, Mode
from domain.errors import Fatal
from domain.events import Event, Gap
from domain.playbooks import Playbook
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from domain.units import MICRO, ROUNDED, SECOND_NS, TsNs
from market.history.bad_ticks import remove_bad
from market.history.funding import Stamp
from market.history.merge import merge
from market.history.parquet import Clock, SourceTicks
from market.simulated.simulator import SimulatedMarket

_QUEUE_BYTES: Final = 1 << 30  # a session is handed over faster than it is compressed


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A session to be played, as a value that travels to another process."""

    scenario: Scenario
    seed: int
    playbook: Playbook
    settings: Settings
    folder: Path


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What it left, and what only whoever played it knows."""

    evidence: Evidence
    dropped: dict[BadTick, int]
    problems: tuple[str, ...]
    decision_hash: str


class _Simulated(msgspec.Struct, frozen=True):
    """Ticks without the bad ones, and the events between them."""

    ticks: Rows
    events: list[Due]
    dropped: dict[BadTick, int]


def play(wanted: Wanted) -> Played:
    """Simulate, fold, record, and read the recording back.

    BadInput or BadConfig says what cannot be used: a folder, or a currency without a rate.
    """
    account = wanted.settings.account
    models = wanted.scenario.world.markets
    markets = tuple(
        Traded(model.instrument, settlement_rate(account, model.instrument.settle).value)
        for model in models
    )
    simulated = _simulate(wanted, markets)
    journal = SessionJournal()
    writer = RecordingWriter(
        worker := ThreadWorker("gym-recording"), queue_bytes=_QUEUE_BYTES, fsync=False
    )
    paper = PaperCore(
        wanted.settings, [each.name for each in markets], (_Said(writer),), journal=journal
    )
    try:
        _fold(wanted, simulated, paper, writer)
        writer.close()
    finally:
        worker.stop()
    status = writer.status
    if status.error or status.lost_inputs or status.lost_outputs:
        raise Fatal(
            f"{wanted.folder}: the recording is not whole ({status.error or 'inputs were lost'}); "
            "make room on the disk, or choose another one with --record"
        )
    return Played(
        evidence=_evidence(wanted, markets, paper, journal),
        dropped=simulated.dropped,
        problems=tuple(paper.risk.problems()),
        decision_hash=paper.hash.hexdigest(),
    )


class _Said:
    """A sink that hands what the core says to the recorder."""

    def __init__(self, writer: RecordingWriter) -> None:
        self._writer = writer

    def hear(self, outputs: Rows) -> None:
        self._writer.put_outputs(outputs)


def _simulate(wanted: Wanted, markets: Sequence[Traded]) -> _Simulated:
    market = SimulatedMarket(wanted.scenario.world_of(wanted.seed))
    raw = market.seconds(wanted.scenario.seconds)
    start_ns = market.simulation.start_ns
    end_ns = start_ns + round(wanted.scenario.seconds * SECOND_NS)
    stamps: dict[str, list[Stamp]] = {each.name: [] for each in markets}
    for event in market.funding(start_ns, end_ns):
        stamps[event.market].append(Stamp(int(event.event_ns), event.rate))
    sources, gaps, dropped = list[SourceTicks](), list[Gap](), dict[BadTick, int]()
    for number, traded in enumerate(markets):
        own = raw[raw["market"] == number]
        cleaned = remove_bad(own)
        for kind, count in cleaned.bad.items():
            dropped[kind] = dropped.get(kind, 0) + count
        gaps += _gaps(own, traded.name)
        sources.append(
            SourceTicks(
                path=Path(traded.name),
                market=number,
                ticks=cleaned.ticks,
                clock=Clock.RECV,
                has_trades=True,
                has_quotes=True,
                rows=len(own),
                ignored=0,
                bad=cleaned.bad,
            )
        )
    timeline = merge(sources)
    led = [Market(each.instrument, each.rate, tuple(stamps[each.name])) for each in markets]
    events = events_of(timeline, led, wanted.playbook, wanted.settings.account, 0)
    told = _with_gaps(events, gaps, timeline.ticks)
    return _Simulated(timeline.ticks, told, dropped)


def _gaps(own: Rows, name: str) -> list[Gap]:
    """Where the numbers of a market's ticks jump; said with the first that came after."""
    jumps = np.flatnonzero(np.diff(own["seq"]) > 1) + 1
    return [
        Gap(
            event_ns=TsNs(int(own["event_ns"][at])),
            market=name,
            slot=0,
            lost=int(own["seq"][at] - own["seq"][at - 1] - 1),
        )
        for at in jumps
    ]


def _with_gaps(events: Sequence[Due], gaps: Sequence[Gap], ticks: Rows) -> list[Due]:
    """Gaps come after whatever else happens at their place."""
    stamps = np.ascontiguousarray(ticks["event_ns"])
    found = [Due(int(np.searchsorted(stamps, int(gap.event_ns))), gap) for gap in gaps]
    return sorted([*events, *found], key=lambda due: (due.index, due.event.event_ns))


def _fold(wanted: Wanted, simulated: _Simulated, paper: PaperCore, writer: RecordingWriter) -> None:
    """Recorder first, then the core, as in a service."""
    seq, first_ns = 0, simulated.events[0].event.event_ns
    header = SegmentHeader(
        build=this_build(),
        mode=Mode.SIMULATED.word,
        epoch=1,
        number=1,
        created_ns=first_ns,
        event_ns=first_ns,
        markets=wanted.scenario.markets,
        state_layout=STATE_LAYOUT,
        settings=settings_text(wanted.settings),
        opened=Opened.START,
    )
    writer.open(wanted.folder, header, paper.core.snapshot(), 0)
    for value in _in_order(simulated):
        if isinstance(value, Event):
            writer.put_event(seq, value)
            paper.core.apply(value)
            seq += 1
        else:
            writer.put_ticks(seq, value)
            paper.core.fold(value)
            seq += len(value)


def _in_order(simulated: _Simulated) -> Iterator[Rows | Event]:
    at, ticks = 0, simulated.ticks
    for due in simulated.events:
        if due.index > at:
            yield ticks[at : due.index]
            at = due.index
        yield due.event
    if at < len(ticks):
        yield ticks[at:]


def _evidence(
    wanted: Wanted, markets: tuple[Traded, ...], paper: PaperCore, journal: SessionJournal
) -> Evidence:
    ticks, events, outputs = [np.zeros(0, TICK)], list[Event](), [np.zeros(0, OUTPUT)]
    for segment in segments(wanted.folder):
        for _, value in segment.inputs():
            if isinstance(value, Event):
                events.append(value)
            else:
                ticks.append(value)
        outputs += segment.outputs()
    drawdown = Decimal(int(paper.book.account["max_drawdown"]))
    return Evidence(
        recording=wanted.folder,
        markets=markets,
        settings=wanted.settings,
        playbook=wanted.playbook,
        ticks=np.concatenate(ticks),
        events=tuple(events),
        outputs=np.concatenate(outputs),
        approved=tuple(journal.approved),
        flows=tuple(journal.flows),
        trades=tuple(paper.trades),
        equity=_equity(paper),
        max_drawdown=ROUNDED.divide(drawdown, Decimal(MICRO)),
        difference=difference_of(wanted.folder),
    )


def _equity(paper: PaperCore) -> Decimal:
    """At the last exit-side quotes of what is open."""
    marks = {}
    for market in paper.portfolio.open_positions:
        features, row = paper.book.features[market], paper.book.rows[market]
        marks[market] = int(features["bid_ticks" if row["position_side"] > 0 else "ask_ticks"])
    return paper.portfolio.equity(marks)


def difference_of(folder: Path) -> str:
    """What a second fold of the recording found to be otherwise."""
    found = verify(folder, lambda *_: None)
    if found.equal:
        return ""
    if found.difference is None:
        return "the recording is not whole"
    return f"a second fold decides otherwise from input {found.difference.seq} on"
