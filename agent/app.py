"""Builds every object and hands each what it needs; nothing is decided here."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

from agent.core.auto_scalper import AutoScalper
from agent.replay.driver import drive
from agent.replay.events import Due, events_of
from agent.replay.funding import with_funding
from agent.replay.loading import Loaded, load
from agent.replay.outcome import Progress, ReplayOutcome
from agent.replay.paper_core import PaperCore
from agent.replay.pictures import PictureTaker
from agent.replay.reference import (
    file_line,
    reference_doubts,
    reference_summary,
    without_reference,
)
from agent.replay.request import ReplayRequest
from agent.replay.summary import RunFacts, replay_summary, trade_line
from agent.replay.warm_up import warm_up
from config.catalog import load_playbook
from config.settings import Settings, load_settings
from domain.arrays import Rows
from domain.jit import kernel_hash
from domain.playbooks import Playbook
from market.history.merge import Timeline, merge, repetitions
from reporting.plots.data import EQUITY_SAMPLES

_PIECE = 1_000_000  # ticks between two looks of a progress bar, where no chunk was asked for


def run_replay(request: ReplayRequest, progress: Progress) -> ReplayOutcome:
    """Replay files through the whole core on paper. Nothing is written anywhere.

    BadInput or BadConfig names the file, key or option that cannot be used.
    """
    settings = load_settings(request.settings)
    playbook = load_playbook(request.playbook)
    loaded = load(request.paths, request.instrument, settings.account, progress, request.reference)
    loaded = with_funding(loaded, request.funding)
    timeline = merge(loaded.sources, loaded.leading)
    warm_up(settings)
    names = [market.instrument.name for market in loaded.markets]
    paper = PaperCore(settings, names)
    total = len(timeline.ticks) * request.repeat
    played = _played(request, timeline, loaded, settings, playbook)
    chunk, taker = request.chunk or _PIECE, None
    if request.pictures:
        chunk = min(chunk, len(timeline.ticks) // EQUITY_SAMPLES + 1)
        taker = PictureTaker(paper.book, chunk)
        paper.journal.tell(taker.closed)
    folded = _Folded(total, progress, taker)
    seconds = _fold(paper.core, played, chunk, folded)
    reference = reference_summary(loaded.reference, timeline, names, request.repeat)
    dropped: Counter[str] = Counter()
    for source in loaded.sources:
        dropped.update({kind.word: count * request.repeat for kind, count in source.bad.items()})
    facts = RunFacts(
        ticks=sum(source.good for source in loaded.sources) * request.repeat,
        ticks_dropped=dict(dropped),
        seconds=seconds,
        currency=settings.account.currency,
        assumed=(
            *loaded.assumed,
            *(reference_doubts(reference) if reference else without_reference([playbook])),
        ),
        playbook=playbook.name,
        parameters_hash=playbook.content_hash,
        kernel_hash=kernel_hash(),
        decision_hash=paper.hash.hexdigest(),
        problems=tuple(paper.risk.problems()),
        files=tuple(file_line(source, names[source.market]) for source in loaded.sources),
        repeat=request.repeat,
        start_equity=settings.account.start_equity,
        reference=reference,
    )
    return ReplayOutcome(
        summary=replay_summary(paper.folded(), facts),
        trades=[trade_line(paper.book, trade) for trade in paper.trades],
        pictures=None if taker is None else taker.pictures(timeline, loaded.markets),
    )


def _played(
    request: ReplayRequest,
    timeline: Timeline,
    loaded: Loaded,
    settings: Settings,
    playbook: Playbook,
) -> Iterator[tuple[Rows, list[Due]]]:
    """Ticks and events of each repetition."""
    previous_ns = 0
    for repetition in repetitions(timeline, request.repeat):
        markets, account = loaded.markets, settings.account
        yield repetition.ticks, events_of(repetition, markets, playbook, account, previous_ns)
        previous_ns = int(repetition.ticks["event_ns"][-1])


class _Folded:
    """Hears of each piece of ticks that was folded, tells it and has the account sampled."""

    def __init__(self, total: int, progress: Progress, taker: PictureTaker | None) -> None:
        self._done, self._total = 0, total
        self._progress, self._taker = progress, taker

    def __call__(self, count: int) -> None:
        self._done += count
        self._progress("folding", self._done, self._total)
        if self._taker is not None:
            self._taker.sample()


def _fold(
    core: AutoScalper,
    played: Iterator[tuple[Rows, list[Due]]],
    chunk: int,
    folded: Callable[[int], None],
) -> float:
    """Fold all repetitions; returns the seconds spent in the core."""
    seconds = 0.0
    for ticks, events in played:
        started = time.perf_counter()
        drive(core, ticks, events, chunk, folded)
        seconds += time.perf_counter() - started
    return seconds
