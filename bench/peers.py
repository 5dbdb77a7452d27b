"""The same ticks through other engines: a table for docs/performance.md, where they are installed.

They are the extra `bench`, which `make bench-peers` installs. Each engine runs in a process of its
own, pinned to one core. `python -m bench.peers --full` gives nautilus_trader all the ticks, too.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench.core import TICKS
from bench.data import tick_file
from bench.machine import machine
from bench.peers_common import REPEATS, PeerRun

_FEWER: Final = 2_000_000  # for the engine that takes microseconds a tick, whose time is linear
_OWN: Final = "own"
_PEERS: Final = ("hftbacktest", "nautilus_trader")
_MODULES: Final = {
    _OWN: "bench.peers_own",
    "hftbacktest": "bench.peers_hftbacktest",
    "nautilus_trader": "bench.peers_nautilus",
}


def measure_peers(path: Path, *, full: bool = False) -> None:
    """Print one row for our core and one for each peer; say which peers are missing."""
    there = [name for name in _PEERS if find_spec(name) is not None]
    if missing := [name for name in _PEERS if name not in there]:
        print(f"\npeers: {' and '.join(missing)} skipped, not installed; see `make bench-peers`")
    if not there:
        return
    with _pinned() as core:
        load = os.getloadavg()[0]
        print(f"\npeers: core {core}, load {load:.2f} before, best and worst of {REPEATS} runs")
        runs = {name: _run(name, path, full=full) for name in (_OWN, *there)}
    columns = ("engine", "ticks", "round trips", "ns a tick, best to worst", "best, M ticks/s")
    print(f"\n| {' | '.join(columns)} | time, ours = 1 |\n|---|---|---|---|---|---|")
    ours = _best_ns(runs[_OWN])
    for name, run in runs.items():
        best, worst = _best_ns(run), max(run.seconds) / run.ticks * 1e9
        print(
            f"| {name} {run.version} | {run.ticks:,} | {run.round_trips:,} "
            f"| {best:,.1f} to {worst:,.1f} | {1e3 / best:.2f} | {best / ours:.2f} |"
        )
    for name, run in runs.items():
        print(f"{name}: {run.facts}")


def _run(name: str, path: Path, *, full: bool) -> PeerRun:
    ticks = _FEWER if name == "nautilus_trader" and not full else TICKS
    command = [sys.executable, "-m", _MODULES[name], str(path), str(ticks)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603  our own code
    return msgspec.json.decode(done.stdout, type=PeerRun)


def _best_ns(run: PeerRun) -> float:
    return min(run.seconds) / run.ticks * 1e9


@contextmanager
def _pinned() -> Iterator[int | None]:
    """Keep this process and those it starts on one core, and say which, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = max(before)
    os.sched_setaffinity(0, {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)


if __name__ == "__main__":
    print("\n".join(machine()))
    with TemporaryDirectory(prefix="autoscalper-bench-") as made:
        measure_peers(tick_file(made), full="--full" in sys.argv[1:])
