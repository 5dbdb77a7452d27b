"""Recordings made for tests, and made-up answers about them.

Steps are folded by a core on paper and written as a service would.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec.structs import replace

from agent.replay.paper_core import PaperCore
from agent.replay.refold import STATE_LAYOUT
from config.settings import Settings, load_settings
from config.settings_text import settings_text
from db.recording.format import Opened, SegmentHeader, this_build
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.events import Event, MarketSet, ParameterSet
from domain.units import TsNs
from random_cases import Case
from random_ticks import START_NS
from reporting.why_summary import Account, GateTold, Plan, PlanPart, RiskTold, WhySummary

Step = Rows | Event


class AtOnce:
    """A worker that does each job before it takes the next."""

    def submit(self, job: Callable[[], None]) -> None:
        job()

    def drain(self) -> None:
        """Nothing waits."""


class Recorder:
    """Folds steps on paper and records them; a segment begins where it is told to."""

    def __init__(self, folder: Path, settings: Settings, names: Sequence[str]) -> None:
        self.paper = PaperCore(settings, names, (self,))
        self.writer = RecordingWriter(AtOnce(), fsync=False)
        self._folder, self._names = folder, tuple(names)
        self._settings = settings_text(settings)
        self._seq, self._number = 0, 0

    def hear(self, outputs: Rows) -> None:
        self.writer.put_outputs(outputs)

    def begin(self, event_ns: int, *, skipped: int = 0) -> None:
        """Begin a segment; `skipped` inputs before it were lost."""
        self._seq += skipped
        start = self.writer.open if self._number == 0 else self._roll
        self._number += 1
        start(self._folder, self._header(event_ns), self.paper.core.snapshot(), self._seq)

    def _roll(self, _: Path, header: SegmentHeader, snapshot: bytes, first_seq: int) -> None:
        self.writer.roll(header, snapshot, first_seq)

    def put(self, step: Step) -> None:
        """Fold and record ticks or an event; one that cannot act now does not happen."""
        if not can_act(self.paper, step):
            return
        if isinstance(step, np.ndarray):
            self.writer.put_ticks(self._seq, step)
            self._seq += len(step)
            self.paper.core.fold(step)
        else:
            self.writer.put_event(self._seq, step)
            self._seq += 1
            self.paper.core.apply(step)

    def _header(self, event_ns: int) -> SegmentHeader:
        return SegmentHeader(
            build=this_build(), mode="paper", epoch=1, number=self._number,
            created_ns=TsNs(event_ns), event_ns=TsNs(event_ns), markets=self._names,
            state_layout=STATE_LAYOUT, settings=self._settings,
            opened=Opened.START if self._number == 1 else Opened.SIZE,
        )  # fmt: skip


def can_act(paper: PaperCore, step: Step) -> bool:
    """Parameters change in flat markets only."""
    if not isinstance(step, ParameterSet):
        return True
    return paper.core._is_flat(paper.book.index(step.market))


def first_ns(step: Step) -> int:
    return int(step["event_ns"][0] if isinstance(step, np.ndarray) else step.event_ns)


def record(
    folder: Path, settings: Settings, names: Sequence[str], steps: Iterable[Step],
    rolls: Sequence[int] = (),
) -> Path:  # fmt: skip
    """Record steps, with a new segment before each of the steps numbered in `rolls`."""
    recorder = Recorder(folder, settings, names)
    for number, step in enumerate(steps):
        if number == 0 or number in rolls:
            recorder.begin(first_ns(step))
        recorder.put(step)
    recorder.writer.close()
    return folder


def settings_of(case: Case) -> Settings:
    """Settings with the limits of a random case."""
    from side_by_side import protections_of  # noqa: PLC0415  heavy, and used here only

    settings = load_settings(None)
    return msgspec.structs.replace(
        settings,
        account=msgspec.structs.replace(settings.account, start_equity=case.start_equity),
        limits=case.limits,
        groups=dict(case.groups),
        protections=protections_of(case.protections),
    )


def market_sets(case: Case) -> list[Event]:
    """The markets of a random case."""
    return [
        MarketSet(
            event_ns=TsNs(START_NS), market=index, instrument=market.instrument,
            playbook=market.playbook, price_source=market.price_source,
            book_source=market.book_source, rate=market.rate, subscribed=market.subscribed,
            reference=market.reference,
        )
        for index, market in enumerate(case.markets)
    ]  # fmt: skip


def pieces(case: Case, most: int = 400) -> Iterator[Step]:
    """Runs of a case's ticks, and its events between them in their order."""
    events = sorted(case.events, key=lambda event: event.event_ns)
    places = np.searchsorted(case.ticks["event_ns"], [int(event.event_ns) for event in events])
    at = 0
    for place, event in zip(places.tolist(), events, strict=True):
        for start in range(at, place, most):
            yield case.ticks[start : min(start + most, place)]
        at = place
        yield event
    if at < len(case.ticks):
        yield case.ticks[at:]


NS: Final = 1_723_161_301_500_000_000  # 2024-08-08 23:55:01.5 UTC
GATE: Final = GateTold(
    gate="spread", mode="on", verdict="passes", unit="ticks", at_least=False,
    value=1.0, threshold=3.0, distance=2.0, shown="", asked="",
)  # fmt: skip
MOMENTUM: Final = GateTold(
    gate="momentum", mode="on", verdict="blocks", unit="moves", at_least=True,
    value=3.0, threshold=6.0, distance=-3.0, shown="", asked="",
)  # fmt: skip
_STATE: Final = replace(
    GATE, gate="trading_state", unit="", at_least=True, shown="active", asked="active"
)
_UNREADY: Final = replace(
    GATE, gate="imbalance", verdict="not_ready", unit="", at_least=True,
    value=math.nan, threshold=0.29, distance=math.nan,
)  # fmt: skip
_NEVER: Final = replace(
    GATE, gate="min_move", at_least=True, value=math.inf, threshold=3.0, distance=math.inf
)
_ACCOUNT: Final = Account(
    currency="USD", trading_state="active", cause="start", until_ns=None,
    equity=Decimal(100_000), day_result=Decimal("-15.98"), daily_loss_limit=Decimal(2_000),
    daily_loss_left=Decimal("1984.02"), drawdown=Decimal("15.36"), drawdown_limit=None,
    drawdown_left=None, orders_left=17_975,
)  # fmt: skip
RISK: Final = RiskTold(
    hypothetical=True, approved=True, code="", limit=math.nan, actual=math.nan, key="",
    price=Decimal("61800.0"), quantity=Decimal("0.020"),
)  # fmt: skip
_PART: Final = PlanPart(
    name="stop", ticks=185, price=Decimal("18.5"), bps=2.99, level=Decimal("61781.5")
)
_SUMMARY: Final = WhySummary(
    market="BTCUSDT-usdm", recording="rec", segment="s", asked_ns=NS, assumed_zone=False,
    answered_ns=NS, known_ns=NS, hole=None, same_build=True, answers="recorded",
    activity="flat", leaving="", side="long", said=[], since=[], playbook="probe", account=_ACCOUNT,
    position=None, orders=[], held_until_ns=None, locks=[],
    gates=[_STATE, MOMENTUM, GATE, _UNREADY, _NEVER], first_failing="momentum", exits=[],
    plan=Plan(in_force=False, side="long", parts=[_PART]), risk=RISK,
)  # fmt: skip


def summary(**changes: object) -> WhySummary:
    """A market that was flat, with too short a streak, apart from `changes`."""
    return replace(_SUMMARY, **changes)
