"""Row 1: replay of the whole core, one core, loading apart; and that it is linear."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from agent.app import run_replay
from agent.replay.request import ReplayRequest
from reporting.replay_summary import ReplaySummary

TICKS: Final = 20_000_000
SETTINGS: Final = Path(__file__).parent / "settings.toml"
_PLAYBOOKS: Final = Path(__file__).resolve().parent / "playbooks"
_REPEATS: Final = 3
_MARKETS: Final = (1, 4, 20)


def measure_core(path: Path) -> None:
    """Print the speed of both bench playbooks at 20 M ticks, and of `dense` at fewer."""
    once = _run((path,), "dense", 1)
    repeat = -(-TICKS // once.ticks)
    print("\n| playbook | ticks | round trips | ticks per round trip | best of 3, M ticks/s | s |")
    print("|---|---|---|---|---|---|")
    for playbook, times in (
        ("dense", repeat),
        ("sparse", repeat),
        ("dense", repeat // 4),
        ("sparse", repeat // 4),
    ):
        runs = [_run((path,), playbook, times) for _ in range(_REPEATS)]
        best = min(runs, key=lambda run: run.seconds)
        assert len({run.decision_hash for run in runs}) == 1
        print(
            f"| {playbook} | {best.ticks:,} | {best.trades:,} | {best.ticks / best.trades:,.0f} "
            f"| {best.ticks_per_second / 1e6:.1f} | {best.seconds:.2f} |"
        )


def measure_markets(path: Path) -> None:
    """Print the speed with more markets; every market has the same ticks and its own row."""
    print("\n| playbook | markets | ticks | round trips | best of 3, M ticks/s |")
    print("|---|---|---|---|---|")
    with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
        for count in _MARKETS:
            # No instrument describes these names, so that each file is a market of its own.
            paths = tuple(Path(folder) / f"M{number:02}.parquet" for number in range(count))
            for copy in paths:
                shutil.copy(path, copy)
            for playbook in ("dense", "sparse"):
                repeat = max(1, TICKS // (4 * count * _run((path,), playbook, 1).ticks))
                runs = [_run(paths, playbook, repeat) for _ in range(_REPEATS)]
                best = min(runs, key=lambda run: run.seconds)
                speed = best.ticks_per_second / 1e6
                print(f"| {playbook} | {count} | {best.ticks:,} | {best.trades:,} | {speed:.1f} |")


def _run(paths: tuple[Path, ...], playbook: str, repeat: int) -> ReplaySummary:
    request = ReplayRequest(
        paths=paths,
        playbook=str(_PLAYBOOKS / f"{playbook}.toml"),
        repeat=repeat,
        settings=SETTINGS,
    )
    return run_replay(request, lambda _stage, _done, _total: None).summary
