"""The same ticks through the whole core with the `dense` playbook, measured as the peers are."""

from pathlib import Path
from typing import Final

from agent import __version__
from agent.app import run_replay
from agent.replay.request import ReplayRequest
from bench.peers_common import REPEATS, PeerRun, answer, bench_ticks
from reporting.replay_summary import ReplaySummary

_HERE: Final = Path(__file__).resolve().parent
_PLAYBOOK: Final = _HERE / "playbooks" / "dense.toml"


def measure(path: Path, least: int) -> PeerRun:
    """Replay the file until there are `least` ticks; the time is that of `make bench`'s row 1."""
    repeat = len(bench_ticks(path, least).shifts_ns)
    _run(path, 1)  # loads what is compiled
    runs = [_run(path, repeat) for _ in range(REPEATS)]
    assert len({run.decision_hash for run in runs}) == 1
    return PeerRun(
        version=__version__,
        ticks=runs[0].ticks,
        round_trips=runs[0].trades,
        seconds=tuple(run.seconds for run in runs),
        facts="every gate evaluated, decision hash included",
    )


def _run(path: Path, repeat: int) -> ReplaySummary:
    settings = _HERE / "settings.toml"
    request = ReplayRequest(
        paths=(path,), playbook=str(_PLAYBOOK), repeat=repeat, settings=settings
    )
    return run_replay(request, lambda _stage, _done, _total: None).summary


if __name__ == "__main__":
    answer(measure)
