"""Row 1: replay of the whole core, one core, loading apart; and that it is linear."""

from pathlib import Path
from typing import Final

from agent.app import run_replay
from agent.replay.request import ReplayRequest
from reporting.replay_summary import ReplaySummary

TICKS: Final = 20_000_000
_PLAYBOOKS: Final = Path(__file__).resolve().parent / "playbooks"
_REPEATS: Final = 3


def measure_core(path: Path) -> None:
    """Print the speed of both bench playbooks at 20 M ticks, and of `dense` at fewer."""
    once = _run(path, "dense", 1)
    repeat = -(-TICKS // once.ticks)
    print("\n| playbook | ticks | round trips | ticks per round trip | best of 3, M ticks/s | s |")
    print("|---|---|---|---|---|---|")
    for playbook, times in (
        ("dense", repeat),
        ("sparse", repeat),
        ("dense", repeat // 4),
        ("sparse", repeat // 4),
    ):
        runs = [_run(path, playbook, times) for _ in range(_REPEATS)]
        best = min(runs, key=lambda run: run.seconds)
        assert len({run.decision_hash for run in runs}) == 1
        print(
            f"| {playbook} | {best.ticks:,} | {best.trades:,} | {best.ticks / best.trades:,.0f} "
            f"| {best.ticks_per_second / 1e6:.1f} | {best.seconds:.2f} |"
        )


def _run(path: Path, playbook: str, repeat: int) -> ReplaySummary:
    request = ReplayRequest(
        paths=(path,), playbook=str(_PLAYBOOKS / f"{playbook}.toml"), repeat=repeat
    )
    return run_replay(request, lambda _stage, _done, _total: None).summary
