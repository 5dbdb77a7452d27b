"""Ledger verbs look where the config says, which they find as `check` does."""

import json
from pathlib import Path

import pytest

from agent.cli import main
from db.ledgers import open_ledger
from domain.enums import FileKind, Mode
from ledger_samples import InlineWorker, order, spec_of
from ledger_trades import traded

Texts = pytest.CaptureFixture[str]
READING = (["ledger", "auto", "stats"], ["ledger", "auto", "trades"], ["ledger", "auto", "export"])


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with an empty home, and a state folder with one trade beside it."""
    for name in ("AUTOSCALPER_HOME", "AUTOSCALPER_CONFIG", "XDG_CONFIG_HOME", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    here = tmp_path / "work"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def store(home: Path) -> None:
    ledger = open_ledger(spec_of(home), InlineWorker())
    ledger.put([order("c"), traded("10", trade_id="1")])
    ledger.close()


def write(path: Path, home: Path, mode: Mode, more: str = "") -> None:
    path.write_text(f'[engine]\nmode = "{mode.word}"\nstate_folder = "{home}"\n{more}')


@pytest.mark.parametrize("verb", READING, ids=lambda verb: str(verb[-1]))
def test_the_state_folder_of_the_config_in_the_working_folder_is_read(
    verb: list[str], work: Path, tmp_path: Path, capsys: Texts
) -> None:
    store(tmp_path / "state")
    write(work / "autoscalper.toml", tmp_path / "state", spec_of(tmp_path).mode)
    assert main([*verb, "--json"]) == 0
    assert capsys.readouterr().out


def test_history_logs_and_backup_look_there_too(work: Path, tmp_path: Path, capsys: Texts) -> None:
    store(tmp_path / "state")
    write(work / "autoscalper.toml", tmp_path / "state", spec_of(tmp_path).mode)
    assert main(["history"]) == 0
    assert main(["backup"]) == 0
    assert main(["logs"]) == 1
    out, err = capsys.readouterr()
    folder = tmp_path / "state" / spec_of(tmp_path).mode.word
    assert f"Saved {folder / 'auto.db'} as {folder / 'backups'}" in out
    assert f"{folder / 'telemetry.db'}: there is no such file yet" in err


def test_a_backup_is_restored_there_too(work: Path, tmp_path: Path, capsys: Texts) -> None:
    store(tmp_path / "state")
    write(work / "autoscalper.toml", tmp_path / "state", spec_of(tmp_path).mode)
    assert main(["backup", "saved"]) == 0
    there = tmp_path / "state" / spec_of(tmp_path).mode.word / "auto.db"
    there.unlink()
    assert main(["backup", "--restore", str(next((work / "saved").glob("auto*")))]) == 0
    assert there.is_file()


def test_the_config_says_whose_mode_and_an_option_goes_before_it(
    work: Path, tmp_path: Path, capsys: Texts
) -> None:
    write(work / "autoscalper.toml", tmp_path / "state", Mode.SIGNALS)
    assert main(["ledger", "auto", "stats"]) == 1
    assert main(["ledger", "auto", "stats", "--mode", "simulated"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "state" / "signals" / "auto.db") in first
    assert str(tmp_path / "state" / "simulated" / "auto.db") in second


def test_a_named_config_and_home_go_before_what_is_found(
    work: Path, tmp_path: Path, capsys: Texts
) -> None:
    write(work / "autoscalper.toml", tmp_path / "found", Mode.PAPER)
    write(work / "other.toml", tmp_path / "named", Mode.PAPER)
    main(["ledger", "auto", "trades", "--config", "other.toml"])
    main(["ledger", "auto", "trades", "--home", "here"])
    first, second = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "named" / "paper" / "auto.db") in first
    assert str(work / "here" / "paper" / "auto.db") in second


def test_the_variable_goes_before_the_config(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Texts
) -> None:
    write(work / "autoscalper.toml", tmp_path / "found", Mode.PAPER)
    monkeypatch.setenv("AUTOSCALPER_HOME", str(tmp_path / "variable"))
    main(["ledger", "auto", "trades"])
    assert str(tmp_path / "variable" / "paper" / "auto.db") in capsys.readouterr().err


def test_currency_and_zone_are_the_found_configs(work: Path, tmp_path: Path, capsys: Texts) -> None:
    store(tmp_path / "state")
    account = '[account]\ncurrency = "EUR"\nzone = "Europe/Paris"\n'
    write(work / "autoscalper.toml", tmp_path / "state", spec_of(tmp_path).mode, account)
    assert main(["ledger", "auto", "stats", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["asked"]
    assert (told["currency"], told["zone"]) == ("EUR", "Europe/Paris")


def test_a_config_that_cannot_be_read_is_told_unless_the_place_is_named(
    work: Path, tmp_path: Path, capsys: Texts
) -> None:
    (work / "autoscalper.toml").write_text('[engine]\nstate_folder = "here"\n')
    assert main(["ledger", "auto", "export"]) == 4
    assert "engine.state_folder is 'here'" in capsys.readouterr().err
    store(tmp_path / "state")
    named = ["--home", str(tmp_path / "state"), "--mode", spec_of(tmp_path).mode.word]
    assert main(["ledger", "auto", "export", *named]) == 0
    file = tmp_path / "state" / spec_of(tmp_path).mode.word / f"{FileKind.AUTO.word}.db"
    assert main(["ledger", "auto", "export", "--file", str(file)]) == 0
