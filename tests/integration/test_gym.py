"""The gym from the command line: what it prints, records, and leaves behind."""

import json
import shlex
from pathlib import Path
from typing import Any, Final

import pytest

from agent.cli import main
from config.state_folder import HOME_VARIABLE
from risk import engine

Texts = pytest.CaptureFixture[str]
FEW: Final = ("--scenario", "quiet", "--scenario", "flash-crash", "--scenario", "gap-open")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a home")


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(home))
    monkeypatch.setenv("COLUMNS", "80")


def said(capsys: Texts, *words: str, code: int = 0) -> str:
    assert main(["gym", *words]) == code
    return capsys.readouterr().out


def told(capsys: Texts, *words: str, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(capsys, "--json", *words, code=code))
    return found


def asked(command: str) -> list[str]:
    """The words behind the program's name."""
    program, *words = shlex.split(command)
    assert program == "autoscalper"
    return words


def test_every_printed_command_explains_its_moment(capsys: Texts) -> None:
    out = said(capsys)
    commands = [line.strip() for line in out.splitlines() if line.startswith("  autoscalper why")]
    assert len(commands) == 20
    for command in commands:
        assert main(asked(command)) == 0
        answer = capsys.readouterr().out
        assert "State at 2024-01-0" in answer
        assert "says something else" not in answer


def test_the_scorecard_is_plain_and_fits_80_columns(capsys: Texts) -> None:
    lines = said(capsys).splitlines()
    shown = [line for line in lines if not line.startswith(("  autoscalper", "recordings"))]
    assert max(len(line) for line in shown) <= 80
    assert "\x1b" not in "".join(lines)
    assert sum("SIMULATED" in line for line in lines) >= 4
    assert "None of 12 rules was broken." in lines


def test_json_tells_every_session_exactly(capsys: Texts) -> None:
    found = told(capsys, "--playbook", "probe", "--seed", "3", *FEW)
    assert found["is"].startswith("SIMULATED")
    assert (found["playbook"], found["seed"], found["rules_broken"]) == ("probe", 3, 0)
    names = [each["name"] for each in found["sessions"]]
    assert names == ["quiet", "flash-crash", "gap-open"]
    for each in found["sessions"]:
        assert each["violations"] == []
        assert each["limits"][0]["share"] == max(use["share"] for use in each["limits"])
        assert each["net"] == each["worst"]["net"] or float(each["net"]) < 0
        assert main(["replay", each["recording"], "--verify"]) == 0
        capsys.readouterr()


def test_the_worst_moment_of_a_playbook_that_stays_out_is_the_event_s(capsys: Texts) -> None:
    found = told(capsys, "--playbook", "sniper", "--scenario", "quiet")
    (session,) = found["sessions"]
    assert session["trades"] == 0
    assert (session["worst"]["net"], session["worst"]["side"]) == (None, "")
    assert main(asked(session["worst"]["why"])) == 0
    assert "no trade; ask about SIM-COIN 2024-01-02 12:25:00" in said(
        capsys, "--playbook", "sniper", "--scenario", "quiet"
    )


def test_sessions_are_listed_and_none_is_played(capsys: Texts, home: Path) -> None:
    before = sorted(home.rglob("*"))
    out = said(capsys, "--list")
    assert max(len(line) for line in out.splitlines()) <= 80
    listed = told(capsys, "--list")["scenarios"]
    assert len(listed) == 20
    assert all(f"{each['name']}{'*' * each['scripted']} " in out for each in listed)
    assert sorted(home.rglob("*")) == before


def test_the_next_visit_replaces_the_last_and_nothing_else_is_written(
    capsys: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    told(capsys, *FEW)
    told(capsys, "--scenario", "chop")
    assert [each.name for each in tmp_path.iterdir()] == ["gym"]
    assert sorted(each.name for each in (tmp_path / "gym").iterdir()) == ["chop", "recording.lock"]


def test_a_folder_of_one_s_own_is_filled_once_and_never_emptied(
    capsys: Texts, tmp_path: Path
) -> None:
    words = ("gym", "--scenario", "chop", "--record", str(tmp_path / "mine"))
    assert main(words) == 0
    kept = sorted((tmp_path / "mine" / "chop").iterdir())
    capsys.readouterr()
    assert main(words) == 2
    assert "there is something already; name another folder" in capsys.readouterr().err
    assert sorted((tmp_path / "mine" / "chop").iterdir()) == kept


def test_an_unknown_session_and_playbook_are_refused_with_what_was_meant(capsys: Texts) -> None:
    assert main(["gym", "--scenario", "quite"]) == 2
    assert "did you mean 'quiet'?" in capsys.readouterr().err
    assert main(["gym", "--playbook", "prob"]) == 4
    assert "probe" in capsys.readouterr().err


def test_a_risk_engine_that_lets_all_pass_is_told_of_and_ends_with_1(
    capsys: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "ENTRY_RULES", ())
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_ORDER_NOTIONAL", "1000")
    words = ("--playbook", "probe", "--scenario", "quiet")
    found = told(capsys, *words, code=1)
    assert {each["rule"] for each in found["sessions"][0]["violations"]} == {"size_above_limit"}
    out = said(capsys, *words, code=1)
    assert "BROKEN quiet SIM-COIN at 2024-01-02 12:" in out
    assert main(asked(next(line for line in out.splitlines() if " why " in line))) == 0


def test_a_loss_at_its_limit_halts_the_session_and_is_told(
    capsys: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_DAILY_LOSS", "10")
    words = ("--playbook", "probe", "--scenario", "flash-crash")
    (session,) = told(capsys, *words)["sessions"]
    assert (session["halts"], session["violations"]) == (["daily_loss"], [])
    assert session["limits"][0]["key"] == "limits.max_daily_loss"
    assert session["limits"][0]["share"] >= 1
    assert "flash-crash: the account was halted: daily_loss." in said(capsys, *words)


def test_a_limit_that_is_missing_is_told_as_no_entry_can_pass(
    capsys: Texts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_HEAT", "0")
    words = ("--playbook", "probe", "--scenario", "quiet")
    assert "WARNING limits.max_heat" in said(capsys, *words)
    found = told(capsys, *words)
    assert (found["sessions"][0]["trades"], len(found["problems"])) == (0, 1)
