"""One set of a sweep, in a process of its own or not: the mapped ticks through a core on paper."""

import signal
import time
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from agent.replay.driver import drive
from agent.replay.events import Due
from agent.replay.paper_core import PaperCore
from agent.replay.summary import RunFacts, replay_summary
from agent.replay.warm_up import warm_up
from config.settings import Settings
from domain.arrays import Rows
from domain.events import MarketSet
from domain.jit import kernel_hash
from domain.playbooks import Playbook
from domain.units import ROUNDED
from reporting.measures import mean_interval
from reporting.sweep_summary import SetResult


class SweepJob(msgspec.Struct, frozen=True, kw_only=True):
    """What all sets share, as a value that travels to workers; the ticks stay in their file.

    ticks   a .npy file of TICK rows.
    events  between those ticks, made for some playbook.
    good    how many of the ticks are good ones.
    """

    ticks: Path
    events: tuple[Due, ...]
    markets: tuple[str, ...]
    settings: Settings
    good: int


class SweepSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set: its place in the grid from 0, its playbook, and what was varied."""

    number: int
    playbook: Playbook
    changes: dict[str, str]


def run_set(job: SweepJob, one: SweepSet) -> SetResult:
    """Exactly what a plain replay of the set's playbook does, and its result."""
    ticks = mapped(job.ticks)
    events = [_with_playbook(due, one.playbook) for due in job.events]
    paper = PaperCore(job.settings, job.markets)
    started = time.perf_counter()
    drive(paper.core, ticks, events, len(ticks), lambda _count: None)
    facts = RunFacts(
        ticks=job.good,
        ticks_dropped={},
        seconds=time.perf_counter() - started,
        currency=job.settings.account.currency,
        assumed=(),
        playbook=one.playbook.name,
        parameters_hash=one.playbook.content_hash,
        kernel_hash=kernel_hash(),
        decision_hash=paper.hash.hexdigest(),
    )
    found = replay_summary(paper.folded(), facts)
    nets = [float(trade.net) for trade in paper.trades]
    net = found.money.net
    return SetResult(
        number=one.number + 1,
        changes=one.changes,
        trades=found.trades,
        wins=found.wins,
        open_positions=found.open_positions,
        net=net,
        net_per_trade=ROUNDED.divide(net, found.trades) if found.trades else None,
        interval=mean_interval(nets) if len(nets) > 1 else None,
        max_drawdown=found.max_drawdown,
        halted_by=found.halts[0].cause if found.halts else "",
        seconds=found.seconds,
        parameters_hash=found.parameters_hash,
        decision_hash=found.decision_hash,
    )


@lru_cache(maxsize=1)
def mapped(path: Path) -> Rows:
    """The ticks, shared by all processes that map them; mapped once in each.

    Copy-on-write, though nobody writes: for an array that is read-only numba would compile the
    whole core a second time.
    """
    return np.asarray(np.load(path, mmap_mode="c"))


def start_worker(settings: Settings) -> None:
    """In each worker first: load the kernels, and leave Ctrl-C to the parent.

    A terminal sends Ctrl-C to every process; the parent takes it and stops the workers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warm_up(settings)


def _with_playbook(due: Due, playbook: Playbook) -> Due:
    if not isinstance(due.event, MarketSet):
        return due
    return Due(due.index, msgspec.structs.replace(due.event, playbook=playbook))
