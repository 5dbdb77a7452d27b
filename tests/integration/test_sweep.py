"""`autoscalper replay --sweep` from file to summary: each set is a plain replay, and no more."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from joblib.externals.loky.process_executor import BrokenProcessPool

from agent.app import run_replay
from agent.cli import main
from agent.core.advance import advance
from agent.replay.request import ReplayRequest, SweepRequest
from agent.replay.sweep import run_sweep
from domain.errors import BadInput
from recorded import recorded
from reporting.replay_summary import ReplaySummary
from reporting.sweep_summary import SetResult, SweepSummary
from sample_market import sample_frame
from source_tree import ROOT

PROBE: Final = (ROOT / "config" / "playbooks" / "probe.toml").read_text(encoding="utf-8")
STOP: Final = 'stop = "max(2tick, 3bp)" '
STREAK: Final = 'min_move = "max(1tick, 0.1bp)"\nstreak = 2'
GRID: Final = """
base = "probe"
[vary]
"exit.stop" = ["max(2tick, 3bp)", "20tick"]
"gates.momentum.streak" = [2, 3]
"""
Texts = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def sample(folder: Path) -> Path:
    """Ten generated minutes."""
    sample_frame(600).write_parquet(folder / "sample.parquet")
    return folder / "sample.parquet"


@pytest.fixture(scope="module")
def grid(folder: Path) -> Path:
    (folder / "grid.toml").write_text(GRID)
    return folder / "grid.toml"


@pytest.fixture(scope="module")
def swept(sample: Path, grid: Path) -> SweepSummary:
    """The grid on two workers."""
    return run_sweep(SweepRequest(paths=(sample,), sweep=grid, jobs=2), unheard)


def unheard(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def one_worker(sample: Path, grid: Path) -> SweepSummary:
    return run_sweep(SweepRequest(paths=(sample,), sweep=grid, jobs=1), unheard)


def replayed(sample: Path, playbook: str) -> ReplaySummary:
    return run_replay(ReplayRequest(paths=(sample,), playbook=playbook), unheard).summary


def found(swept: SweepSummary, stop: str, streak: str) -> SetResult:
    wanted = {"exit.stop": stop, "gates.momentum.streak": streak}
    return next(each for each in swept.sets if each.changes == wanted)


def workers_of_this_process() -> Iterator[str]:
    """Command lines of loky's workers below this process (Linux)."""
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path("/proc", child, "cmdline").read_text().replace("\0", " ")
            if "popen_loky" in command:
                yield command


@pytest.mark.parametrize(
    ("stop", "streak"), [("max(2tick, 3bp)", "2"), ("20tick", "2"), ("20tick", "3")]
)
def test_set_is_what_a_plain_replay_of_its_playbook_is(
    swept: SweepSummary, sample: Path, tmp_path: Path, stop: str, streak: str
) -> None:
    own = tmp_path / "own.toml"
    assert PROBE.count(STOP) == PROBE.count(STREAK) == 1
    changed = PROBE.replace(STOP, f'stop = "{stop}" ').replace(STREAK, f"{STREAK[:-1]}{streak}")
    own.write_text(changed)
    plain, one = replayed(sample, str(own)), found(swept, stop, streak)
    assert one.decision_hash == plain.decision_hash
    assert one.parameters_hash == plain.parameters_hash
    assert (one.trades, one.wins, one.net) == (plain.trades, plain.wins, plain.money.net)
    assert one.max_drawdown == plain.max_drawdown
    assert one.trades > 10


def test_number_of_workers_changes_no_result(swept: SweepSummary, sample: Path, grid: Path) -> None:
    alone = one_worker(sample, grid)
    assert (alone.workers, swept.workers) == (1, 2)
    facts = [(s.number, s.decision_hash, s.net, s.interval) for s in swept.sets]
    assert [(s.number, s.decision_hash, s.net, s.interval) for s in alone.sets] == facts


def test_sets_come_by_net_and_each_once(swept: SweepSummary) -> None:
    nets = [each.net for each in swept.sets]
    assert nets == sorted(nets, reverse=True)
    assert sorted(each.number for each in swept.sets) == [1, 2, 3, 4]
    assert swept.ways > 1


def test_net_per_trade_lies_in_its_interval(swept: SweepSummary) -> None:
    first = swept.sets[0]
    assert first.net_per_trade is not None
    assert first.interval is not None
    assert first.interval.low < float(first.net_per_trade) < first.interval.high


def test_mapped_ticks_compile_the_core_no_second_time(sample: Path, grid: Path) -> None:
    replayed(sample, "probe")
    before = len(getattr(advance, "signatures", ()))
    one_worker(sample, grid)
    assert len(getattr(advance, "signatures", ())) == before


def test_progress_counts_the_ticks_of_all_sets(sample: Path, grid: Path) -> None:
    told: list[tuple[str, int, int]] = []
    summary = run_sweep(
        SweepRequest(paths=(sample,), sweep=grid, jobs=1), lambda *each: told.append(each)
    )
    total = 4 * summary.ticks
    assert told[-5:] == [("folding", done * summary.ticks, total) for done in range(5)]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="workers are looked for in /proc")
def test_interrupt_leaves_neither_worker_nor_file(
    sample: Path, grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[str] = []

    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "folding" and done:
            seen.extend(workers_of_this_process())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(SweepRequest(paths=(sample,), sweep=grid, jobs=2), interrupt)
    assert len(seen) == 2
    assert list(workers_of_this_process()) == []
    assert list(tmp_path.iterdir()) == []


def test_worker_that_is_ended_from_outside_is_an_error(sample: Path, grid: Path) -> None:
    def kill(stage: str, done: int, total: int) -> None:
        if stage == "folding" and done:
            raise BrokenProcessPool

    with pytest.raises(BadInput, match="ended from outside"):
        run_sweep(SweepRequest(paths=(sample,), sweep=grid, jobs=2), kill)


def test_full_disk_is_told_with_the_folder(
    sample: Path, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(BadInput, match="No space left on device; set TMPDIR"):
        one_worker(sample, grid)


def test_command_prints_text_and_one_json_object(sample: Path, grid: Path, capsys: Texts) -> None:
    command = ["replay", str(sample), "--sweep", str(grid), "--jobs", "1"]
    assert main(command) == 0
    assert "Picking the best of 4 sets is selection" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert [each["number"] for each in json.loads(out)["sets"]]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--playbook", "probe"], "'--playbook': does not go with --sweep"),
        (["--trades"], "'--trades': does not go with --sweep"),
        (["--repeat", "2"], "'--repeat': does not go with --sweep"),
        (["--jobs", "0"], "'--jobs'"),
    ],
)
def test_option_that_a_sweep_would_ignore_is_a_usage_error(
    options: list[str], told: str, capsys: Texts
) -> None:
    assert main(["replay", "a.parquet", "--sweep", "grid.toml", *options]) == 2
    assert told in capsys.readouterr().err


def test_jobs_without_a_sweep_are_a_usage_error(capsys: Texts) -> None:
    assert main(["replay", "a.parquet", "--jobs", "2"]) == 2
    assert "'--jobs': goes with --sweep only" in capsys.readouterr().err


def test_bad_sweep_file_exits_with_4_before_data_is_read(grid: Path, capsys: Texts) -> None:
    bad = grid.with_name("bad.toml")
    bad.write_text('base = "probe"\n[vary]\n"exit.stp" = ["4bp"]')
    assert main(["replay", "no-such.parquet", "--sweep", str(bad)]) == 4
    assert "unknown key 'exit.stp'; did you mean 'stop'?" in capsys.readouterr().err


@pytest.mark.data
def test_sets_on_recorded_ticks_equal_plain_replays(grid: Path) -> None:
    path = recorded("ticks/crypto/BTCUSDT-usdm-20240808.parquet")
    one = found(one_worker(path, grid), "max(2tick, 3bp)", "2")
    assert one.decision_hash == replayed(path, "probe").decision_hash
