"""`autoscalper playbook` keeps its promises to people and to scripts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import main
from config.catalog import load_playbook
from source_tree import ROOT

HEAVY = ["numpy", "numba", "polars", "pydantic_settings", "joblib"]
Texts = pytest.CaptureFixture[str]
PROBE = (ROOT / "config" / "playbooks" / "probe.toml").read_text(encoding="utf-8")


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with a good playbook."""
    (tmp_path / "mine.toml").write_text(PROBE.replace('name = "probe"', 'name = "Mine"'))
    monkeypatch.setenv("AUTOSCALPER_PLAYBOOKS", str(tmp_path))
    return tmp_path


def test_list_names_shipped_and_own_playbooks(own: Path, capsys: Texts) -> None:
    assert main(["playbook", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["playbooks"]
    assert {"baseline", "mine", "probe"} <= {each["name"] for each in found}
    assert found[0]["parameters_hash"] == load_playbook(found[0]["name"]).content_hash


def test_list_tells_a_broken_file_and_lists_the_others(own: Path, capsys: Texts) -> None:
    (own / "broken.toml").write_text("schema = 1")
    assert main(["playbook", "list"]) == 4
    out, err = capsys.readouterr()
    assert "mine" in out
    assert "broken" not in out
    assert err.startswith("Error: ")
    assert "broken.toml: name must be a text" in err


def test_show_prints_sentences_and_a_table(capsys: Texts) -> None:
    assert main(["playbook", "show", "probe"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Playbook probe, parameters ")
    assert "Enters LONG and SHORT" in out
    assert "\x1b" not in out


def test_show_takes_a_path_and_all(own: Path, capsys: Texts) -> None:
    assert main(["playbook", "show", str(own / "mine.toml"), "--all", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["name"] == "Mine"
    assert {"key": "exit.stall_s", "value": 30.0, "default": 30.0, "unit": "s"} in found["values"]


def test_show_of_a_switching_playbook_says_when_it_is_what(capsys: Texts) -> None:
    assert main(["playbook", "show", "adaptive"]) == 0
    out = capsys.readouterr().out
    assert "Starts as balanced." in out
    assert "after 3 losses in a row" in out


def test_diff_prints_what_differs(capsys: Texts) -> None:
    assert main(["playbook", "diff", "baseline", "probe"]) == 0
    assert "gates.candle.mode" in capsys.readouterr().out


def test_diff_of_a_playbook_with_itself_is_none(own: Path, capsys: Texts) -> None:
    assert main(["playbook", "diff", "probe", "mine"]) == 0
    assert capsys.readouterr().out.startswith("No difference: probe and Mine both")


def test_diff_json_of_equal_hashes_is_an_empty_list(own: Path, capsys: Texts) -> None:
    assert main(["playbook", "diff", "probe", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["differences"] == []


@pytest.mark.parametrize("arguments", [["show", "prob"], ["diff", "probe", "prob"]])
def test_unknown_name_suggests_one_and_exits_with_4(arguments: list[str], capsys: Texts) -> None:
    assert main(["playbook", *arguments]) == 4
    assert "unknown playbook 'prob'; did you mean 'probe'?" in capsys.readouterr().err


def test_missing_file_exits_with_4(capsys: Texts) -> None:
    assert main(["playbook", "show", "no/such.toml"]) == 4
    assert capsys.readouterr().err == "Error: no/such.toml: there is no such file\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shw"], "No such command 'shw'. Did you mean 'show'?"),
        (["show"], "Missing argument 'NAME'"),
        (["diff", "probe"], "Missing argument 'B'"),
        (["show", "probe", "--jsn"], "--jsn. Did you mean '--json'?"),
        ([], "A verb is missing after `autoscalper playbook`; give one of list"),
    ],
)
def test_usage_error_names_its_place_and_exits_with_2(
    arguments: list[str], told: str, capsys: Texts
) -> None:
    assert main(["playbook", *arguments]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [["playbook", "--help"], ["playbook", "list"], ["playbook", "show", "probe"]],
)
def test_playbook_verbs_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from agent.cli import main; "
        f"main({arguments!r}); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
