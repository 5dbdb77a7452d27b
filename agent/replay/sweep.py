"""Sweeps: many parameter sets over one load of the data, one worker process for each core.

The merged ticks are written once to a temporary file, which every worker maps: however many
workers run, the ticks are in memory once, and the parent keeps no copy. Sets are made as workers
ask for them, and what comes back is one line of numbers a set.
"""

import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import numpy as np
from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from agent.replay.events import events_of
from agent.replay.funding import with_funding
from agent.replay.loading import load
from agent.replay.outcome import Progress
from agent.replay.reference import reference_doubts, reference_summary, without_reference
from agent.replay.request import SweepRequest
from agent.replay.sweep_worker import SweepJob, SweepSet, mapped, run_set, start_worker
from agent.replay.warm_up import warm_up
from config.settings import Settings, load_settings
from config.sweep_files import SweepPlan, load_sweep
from domain.errors import BadInput
from domain.jit import kernel_hash
from market.history.merge import merge
from reporting.sweep_summary import SetResult, SweepSummary

_FILE = "ticks.npy"


def run_sweep(request: SweepRequest, progress: Progress) -> SweepSummary:
    """Replay the files with every set of a sweep file, each as `run_replay` would.

    progress  is told "folding" after each set, ticks of all sets counted.
    Errors    BadInput or BadConfig names the file, key or option that cannot be used. An
              interrupt stops the workers before it goes on.
    """
    settings = load_settings(request.settings)
    plan = load_sweep(request.sweep)
    workers = min(request.jobs or cpu_count(), len(plan))
    with TemporaryDirectory(prefix="autoscalper-sweep-") as folder:
        job, summary = _prepare(request, plan, settings, Path(folder), progress)
        warm_up(settings)  # in the parent first: what it compiles, the workers find in the cache
        total, done, results = job.good * len(plan), 0, []
        progress("folding", 0, total)
        started = time.perf_counter()

        def take(result: SetResult) -> None:
            nonlocal done
            results.append(result)
            done += job.good
            progress("folding", done, total)

        try:
            if workers == 1:
                for one in _sets(plan):
                    take(run_set(job, one))
            else:
                _in_parallel(job, plan, workers, take)
        finally:
            mapped.cache_clear()
        seconds = time.perf_counter() - started
    results.sort(key=lambda each: each.number)
    return summary(sorted(results, key=lambda each: each.net, reverse=True), seconds, workers)


# Completes a summary with the ordered sets, the seconds that passed and the workers.
_Summary = Callable[[list[SetResult], float, int], SweepSummary]


def _prepare(
    request: SweepRequest, plan: SweepPlan, settings: Settings, folder: Path, progress: Progress
) -> tuple[SweepJob, _Summary]:
    """Load, merge and write the ticks. The parent's own copy of them ends with this function."""
    loaded = load(request.paths, request.instrument, settings.account, progress, request.reference)
    loaded = with_funding(loaded, request.funding)
    timeline = merge(loaded.sources, loaded.leading)
    events = events_of(timeline, loaded.markets, plan.base, settings.account, 0)
    try:
        np.save(folder / _FILE, timeline.ticks)
    except OSError as error:
        raise BadInput(
            f"the ticks of a sweep, {timeline.ticks.nbytes / 1e6:,.0f} MB, cannot be written to "
            f"{gettempdir()}: {error.strerror}; set TMPDIR to a folder that holds them"
        ) from error
    good = sum(source.good for source in loaded.sources)
    dropped: Counter[str] = Counter()
    for source in loaded.sources:
        dropped.update({kind.word: count for kind, count in source.bad.items()})
    names = tuple(market.instrument.name for market in loaded.markets)
    reference = reference_summary(loaded.reference, timeline, names, repeat=1)
    job = SweepJob(
        ticks=folder / _FILE,
        events=tuple(events),
        markets=names,
        settings=settings,
        good=good,
    )
    doubts = reference_doubts(reference) if reference else _without_reference(plan)

    def summary(sets: list[SetResult], seconds: float, workers: int) -> SweepSummary:
        return SweepSummary(
            base=plan.base.name,
            base_hash=plan.base.content_hash,
            varied=plan.texts,
            ticks=good,
            ticks_dropped=dict(dropped),
            seconds=seconds,
            workers=workers,
            currency=settings.account.currency,
            assumed=[*loaded.assumed, *doubts],
            kernel_hash=kernel_hash(),
            sets=sets,
            reference=reference,
        )

    return job, summary


def _without_reference(plan: SweepPlan) -> list[str]:
    """What any set asks of a reference, as a set may switch a gate on that its base leaves off."""
    return without_reference(plan.playbook(number) for number in range(len(plan)))


def _sets(plan: SweepPlan) -> Iterator[SweepSet]:
    for number in range(len(plan)):
        playbook, changes = plan.playbook(number), plan.changes(number)
        yield SweepSet(number=number, playbook=playbook, changes=changes)


def _in_parallel(
    job: SweepJob, plan: SweepPlan, workers: int, take: Callable[[SetResult], None]
) -> None:
    """Run all sets in worker processes; none is left when this ends, however it ends."""
    parallel = Parallel(
        n_jobs=workers,
        backend="loky",
        return_as="generator_unordered",
        initializer=start_worker,
        initargs=(job.settings,),
    )
    results = parallel(delayed(run_set)(job, one) for one in _sets(plan))
    try:
        for result in results:
            take(result)
    except BrokenProcessPool as error:
        raise BadInput(
            "a worker of the sweep was ended from outside, probably for want of memory; "
            "give fewer with --jobs"
        ) from error
    finally:
        # Ended early, joblib would give advice about it on stderr.
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            results.close()
        get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)
