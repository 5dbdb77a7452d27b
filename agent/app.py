"""Builds every object and hands each what it needs; nothing is decided here."""

import time
from collections import Counter

from agent.core.auto_scalper import AutoScalper
from agent.replay.driver import drive
from agent.replay.events import events_of
from agent.replay.funding import with_funding
from agent.replay.loading import Loaded, load
from agent.replay.outcome import Progress, ReplayOutcome
from agent.replay.paper_core import PaperCore, warm_up
from agent.replay.request import ReplayRequest
from agent.replay.summary import RunFacts, replay_summary, trade_line
from config.catalog import load_playbook
from config.settings import Settings, load_settings
from domain.enums import BiasSource, Gate, GateMode
from domain.jit import kernel_hash
from domain.playbooks import Playbook
from market.history.merge import merge, repetitions
from reporting.replay_summary import FileLine

_PIECE = 1_000_000  # ticks between two looks of a progress bar, where no chunk was asked for


def run_replay(request: ReplayRequest, progress: Progress) -> ReplayOutcome:
    """Replay files through the whole core on paper. Nothing is written anywhere.

    BadInput or BadConfig names the file, key or option that cannot be used.
    """
    settings = load_settings(request.settings)
    playbook = load_playbook(request.playbook)
    loaded = load(request.paths, request.instrument, settings.account, progress)
    loaded = with_funding(loaded, request.funding)
    warm_up(settings)
    paper = PaperCore(settings, [market.instrument.name for market in loaded.markets])
    seconds = _fold(paper.core, request, loaded, settings, playbook, progress)
    dropped: Counter[str] = Counter()
    for source in loaded.sources:
        dropped.update({kind.word: count * request.repeat for kind, count in source.bad.items()})
    facts = RunFacts(
        ticks=sum(source.good for source in loaded.sources) * request.repeat,
        ticks_dropped=dict(dropped),
        seconds=seconds,
        currency=settings.account.currency,
        assumed=(*loaded.assumed, *_without_reference(playbook)),
        playbook=playbook.name,
        parameters_hash=playbook.content_hash,
        kernel_hash=kernel_hash(),
        decision_hash=paper.hash.hexdigest(),
        problems=tuple(paper.risk.problems()),
        files=tuple(
            FileLine(
                name=source.path.name,
                market=loaded.markets[source.market].instrument.name,
                ticks=source.good,
                first_ns=source.start_ns,
                last_ns=source.end_ns,
            )
            for source in loaded.sources
        ),
        repeat=request.repeat,
        start_equity=settings.account.start_equity,
    )
    return ReplayOutcome(
        summary=replay_summary(paper.book, paper.portfolio, paper.answers, facts),
        trades=[trade_line(paper.book, trade) for trade in paper.portfolio.trades],
    )


def _without_reference(playbook: Playbook) -> list[str]:
    """C8: gates that ask a reference instrument are off where there is none, and that is said."""
    asked = [
        gate.word
        for gate in (Gate.REFERENCE, Gate.RELATIVE_STRENGTH, Gate.INDEX_BIAS)
        if playbook.gates[gate].mode is not GateMode.OFF
        and (
            gate is not Gate.INDEX_BIAS
            or playbook.values["gates.index_bias.source"] == BiasSource.REFERENCE
        )
    ]
    return [f"no reference instrument: {', '.join(asked)} of the playbook are off"] if asked else []


def _fold(  # noqa: PLR0913, PLR0917  what a run is made of
    core: AutoScalper,
    request: ReplayRequest,
    loaded: Loaded,
    settings: Settings,
    playbook: Playbook,
    progress: Progress,
) -> float:
    """Fold all repetitions; returns the seconds spent in the core."""
    timeline = merge(loaded.sources)
    total, done, seconds, previous_ns = len(timeline.ticks) * request.repeat, 0, 0.0, 0

    def folded(count: int) -> None:
        nonlocal done
        done += count
        progress("folding", done, total)

    for repetition in repetitions(timeline, request.repeat):
        events = events_of(repetition, loaded.markets, playbook, settings.account, previous_ns)
        started = time.perf_counter()
        drive(core, repetition.ticks, events, request.chunk or _PIECE, folded)
        seconds += time.perf_counter() - started
        previous_ns = int(repetition.ticks["event_ns"][-1])
    return seconds
