"""`autoscalper doctor` looks at machine and files, and says what to do."""

import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from agent.cli import kept_files, machine, main
from agent.cli.machine import Clocks, judged
from db.ledgers import open_ledger
from domain.enums import FileKind, Mode
from ledger_samples import InlineWorker, order, spec_of
from reporting.doctor_text import Finding, Level

Texts = pytest.CaptureFixture[str]
Usage = namedtuple("Usage", ["total", "used", "free"])  # noqa: PYI024 - as shutil's
NOW_NS = 1_800_000_000 * 10**9
PLENTY = Usage(10**12, 0, 10**12)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder, on a machine where nothing else is wrong."""
    for name in os.environ:
        if name.startswith("AUTOSCALPER_") and name != "AUTOSCALPER_CACHE":
            monkeypatch.delenv(name)
    folder = tmp_path / "state"
    monkeypatch.setenv("AUTOSCALPER_HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: PLENTY)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1))
    monkeypatch.setattr(machine, "kernels", lambda: Finding(name="k", level=Level.OK, text="."))
    monkeypatch.setattr(machine, "clocks", lambda: Finding(name="c", level=Level.OK, text="."))
    return folder


def found(name: str) -> list[Finding]:
    _, settings = kept_files.config()
    return [each for each in kept_files.files(None, settings) if each.name == name]


def make_ledger(home: Path) -> Path:
    ledger = open_ledger(spec_of(home), InlineWorker())
    ledger.put([order("c")])
    ledger.close()
    return home / "paper" / "auto.db"


def test_a_fit_machine_has_no_problem(capsys: Texts) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[-1], err) == ("No problems, no warnings.", "")
    assert max(map(len, out.splitlines())) <= 80


def test_json_has_every_finding_and_a_problem_exits_with_1(home: Path, capsys: Texts) -> None:
    home.write_text("a file where the folder should be")
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    names = [each["name"] for each in told["findings"]]
    assert names == ["python", "k", "cpu", "c", "zones", "config", "state", "ledgers"]
    state = told["findings"][6]
    assert (state["level"], state["fix"][:21]) == ("problem", "set $AUTOSCALPER_HOME")


def test_the_versions_of_python_and_libraries_are_told() -> None:
    told = machine.versions()
    assert told.level is Level.OK
    assert "Python 3." in told.text
    assert "numba " in told.text


def test_a_library_that_is_missing_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LIBRARIES", ("numpy", "no-such-library"))
    assert machine.versions().text == "no-such-library not installed"
    assert machine.versions().level is Level.PROBLEM


def test_kernels_are_run_and_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    told = machine.kernels()
    assert told.level in {Level.OK, Level.WARNING}
    assert " s, hash " in told.text


@pytest.mark.parametrize(
    ("last", "synchronised", "level", "told"),
    [
        (Clocks(NOW_NS + 10**9, 10**9), True, Level.OK, "0 ppm apart over 1,000 ms; synchronised"),
        (Clocks(NOW_NS + 10**9, 10**9), None, Level.OK, "over 1,000 ms"),
        (Clocks(NOW_NS + 10**9, 10**9), False, Level.WARNING, "not synchronised"),
        (Clocks(NOW_NS + 2 * 10**9, 10**9), True, Level.PROBLEM, "1,000,000 ppm apart"),
        (Clocks(NOW_NS - 10**9, 10**9), True, Level.PROBLEM, "2,000,000 ppm apart"),
        (Clocks(NOW_NS + 10**9, 0), True, Level.PROBLEM, "stands still"),
        (Clocks(10**18, 10**9), True, Level.PROBLEM, "says 2001-09-09, which is past"),
    ],
)
def test_clocks_are_judged_by_how_far_they_go_apart(
    last: Clocks, synchronised: bool | None, level: Level, told: str
) -> None:
    finding = judged(Clocks(NOW_NS, 0), last, synchronised)
    assert finding.level is level
    assert told in finding.text


def test_a_busy_processor_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.processor().level is Level.OK
    monkeypatch.setattr(os, "getloadavg", lambda: (999.0, 0.0, 0.0))
    assert machine.processor().level is Level.WARNING


@pytest.mark.parametrize(
    ("free", "level"),
    [(10**12, Level.OK), (4 * 10**9, Level.WARNING), (10**8, Level.PROBLEM)],
)
def test_room_on_the_disk_is_judged(
    free: int, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, free))
    (told,) = found("state")
    assert told.level is level
    assert "made at the first start" in told.text


def test_no_config_is_a_warning_with_what_writes_one() -> None:
    told, settings = kept_files.config()
    assert (told.level, settings) == (Level.WARNING, None)
    assert told.fix == "`autoscalper init` writes one"


def test_a_config_with_problems_is_one_problem(tmp_path: Path) -> None:
    main(["init"])
    path = tmp_path / "autoscalper.toml"
    path.write_text(path.read_text().replace("max_gb", "max_gbs"))
    told, _ = kept_files.config()
    assert (told.level, told.text) == (Level.PROBLEM, "autoscalper.toml has 1 problem")
    assert told.fix == "autoscalper check autoscalper.toml"


def test_a_whole_ledger_is_told_with_its_account_and_size(home: Path) -> None:
    make_ledger(home)
    (told,) = found("ledger")
    assert told.level is Level.OK
    assert told.text.startswith(f"paper/auto.db: account {spec_of(home).account}, whole, ")
    assert found("ledgers") == []


def test_a_ledger_is_not_changed_by_being_looked_at(home: Path) -> None:
    path = make_ledger(home)
    before = path.read_bytes()
    found("ledger")
    assert path.read_bytes() == before


@pytest.mark.parametrize("pages", [slice(4096 * 5, 4096 * 6), slice(-4096 * 3, None)])
def test_a_damaged_ledger_is_a_problem(home: Path, pages: slice) -> None:
    path = make_ledger(home)
    content = bytearray(path.read_bytes())
    content[pages] = b"\xff" * len(content[pages])
    path.write_bytes(content)
    (told,) = found("ledger")
    assert told.level is Level.PROBLEM
    assert "auto.db" in told.text
    assert "backup" in told.fix


def test_a_file_that_is_no_ledger_is_a_problem(home: Path) -> None:
    (home / "paper").mkdir(parents=True)
    (home / "paper" / "manual.db").write_text("words" * 100)
    (told,) = found("ledger")
    assert (told.level, "is no whole ledger" in told.text) == (Level.PROBLEM, True)


def test_a_ledger_of_another_account_than_the_config_s_is_a_problem(home: Path) -> None:
    make_ledger(home)
    main(["init", "--kind=crypto"])
    assert spec_of(home).account != "main"
    (told,) = found("ledger")
    assert told.level is Level.PROBLEM
    assert 'the config says account "main"' in told.fix


def test_a_recording_that_a_crash_cut_off_is_a_warning(home: Path) -> None:
    folder = home / Mode.SIMULATED.word / "recordings"
    folder.mkdir(parents=True)
    for suffix in (".inputs", ".outputs"):
        (folder / f"2026-01-31T080000-000001-000001{suffix}").write_bytes(b"")
    (told,) = found("recording")
    assert told.level is Level.WARNING
    assert told.text.startswith("simulated/recordings: 1, 0 bytes, newest 2026-01-31T080000")


def test_another_state_folder_can_be_looked_at(home: Path, tmp_path: Path) -> None:
    make_ledger(tmp_path / "other")
    told = list(kept_files.files(tmp_path / "other", None))
    assert [each.name for each in told] == ["state", "ledger"]
    assert FileKind.AUTO.word in told[1].text
