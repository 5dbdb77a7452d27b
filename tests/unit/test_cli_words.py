"""Every verb shows examples, suggests what was meant, and can be completed by a shell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from agent.cli import app, build, main
from agent.cli.completion import instruments, playbooks
from db.migrations import MIGRATIONS
from db.recording.format import FORMAT
from source_tree import ROOT

Texts = pytest.CaptureFixture[str]
RUN = "import sys; from agent.cli import main; sys.exit(main())"
HEAVY = ("numpy", "numba", "polars", "pydantic_settings", "sqlite_utils")


def verbs(
    command: object = None, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command and sub-command, with the words that call it."""
    here = typer.main.get_command(app) if command is None else command
    yield before, here
    for name, inner in getattr(here, "commands", {}).items():
        yield from verbs(inner, (*before, name))


VERBS = [words for words, _ in verbs()]
GROUPS = [words for words, command in verbs() if hasattr(command, "commands")]


def completed(line: str, shell: str = "bash") -> list[str]:
    """What the shell offers for the last word of a line."""
    words = line.split(" ")
    environment = os.environ | {
        "_AUTOSCALPER_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    return told([sys.executable, "-c", RUN], environment).split("\n")[:-1]


def told(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_every_help_has_examples_of_its_own_verb_in_80_columns(
    words: tuple[str, ...], capsys: Texts
) -> None:
    assert main([*words, "--help"]) == 0
    out = capsys.readouterr().out
    named = " ".join(word for word in words if word not in {"auto", "manual"})
    examples = out.partition("Examples:\n")[2].splitlines()
    plain = [line.replace(" auto ", " ").replace(" manual ", " ") for line in examples]
    assert any(line.startswith(f"    autoscalper {named}".rstrip()) for line in plain)
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "...\n" not in out.partition("Commands:")[2]


@pytest.mark.parametrize("words", GROUPS, ids=" ".join)
def test_every_unknown_verb_gets_a_suggestion(words: tuple[str, ...], capsys: Texts) -> None:
    (first, *_) = (each[-1] for each in VERBS if each[:-1] == words and each)
    assert main([*words, f"{first}x"]) == 2
    assert f"No such command '{first}x'. Did you mean '{first}'?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [w for w in VERBS if w and w not in GROUPS], ids=" ".join)
def test_every_unknown_option_gets_a_suggestion(words: tuple[str, ...], capsys: Texts) -> None:
    command = dict(verbs())[words]
    options = (each.opts[0] for each in command.params)  # type: ignore[attr-defined]  # a command
    option = next(each for each in options if len(each) > 4 and each.startswith("--"))
    assert main([*words, f"{option}x"]) == 2
    assert f"No such option: {option}x. Did you mean '{option}'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("autoscalper doc", ["doctor"]),
        ("autoscalper ledger au", ["auto"]),
        ("autoscalper check --res", ["--resolved"]),
        ("autoscalper playbook show pro", ["probe"]),
        ("autoscalper playbook diff probe bas", ["baseline"]),
        ("autoscalper replay a.parquet --playbook adap", ["adaptive"]),
        ("autoscalper replay a.parquet --instrument BTCUSDT-u", ["BTCUSDT-usdm"]),
        ("autoscalper why XAU", ["XAUUSD-oanda"]),
        ("autoscalper ledger auto stats --market SP", ["SPY"]),
        ("autoscalper history --mode sim", ["simulated"]),
        ("autoscalper init --kind op", ["openalgo"]),
    ],
)
def test_bash_completes_verbs_options_and_names(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


def test_zsh_and_fish_complete_a_verb() -> None:
    assert completed("autoscalper doc", "zsh")[0].startswith('_arguments \'*: :(("doctor":')
    assert completed("autoscalper doc", "fish")[0].startswith("doctor\t")


@pytest.mark.parametrize(
    ("shell", "begins"),
    [("bash", "_autoscalper_completion()"), ("zsh", "#compdef autoscalper"), ("fish", "complete ")],
)
def test_the_script_of_each_shell_is_printed(shell: str, begins: str, tmp_path: Path) -> None:
    named = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = told([sys.executable, "-c", RUN, "--show-completion", shell], named)
    assert begins in script
    assert "_AUTOSCALPER_COMPLETE" in script
    again = told(
        [sys.executable, "-c", RUN], os.environ | {"_AUTOSCALPER_COMPLETE": f"source_{shell}"}
    )
    assert again.strip() == script.strip()


def test_completion_is_installed_for_the_shell_it_is_called_from(tmp_path: Path) -> None:
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "HOME": str(tmp_path)}
    out = told([sys.executable, "-c", RUN, "--install-completion", "bash"], os.environ | named)
    assert "bash completion installed in" in out
    assert "autoscalper" in (tmp_path / ".bashrc").read_text()


def test_one_s_own_playbooks_are_offered_and_a_wrong_folder_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").touch()
    monkeypatch.setenv("AUTOSCALPER_PLAYBOOKS", str(tmp_path))
    assert playbooks("min") == ["mine"]
    monkeypatch.setenv("AUTOSCALPER_PLAYBOOKS", str(tmp_path / "none"))
    assert playbooks("pro") == []
    assert instruments("IB") == ["IBM"]


def test_help_of_no_verb_imports_anything_heavy() -> None:
    called = "".join(f"main({[*words, '--help']!r}); " for words in VERBS)
    code = (
        f"import sys; from agent.cli import main; {called}"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    assert told([sys.executable, "-c", code], dict(os.environ)).splitlines()[-1] == "[]"


def test_version_names_build_and_formats(capsys: Texts) -> None:
    main(["--version"])
    lines = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    assert list(lines) == ["autoscalper", "kernels", "build", "ledger-schema", "recording-format"]
    assert lines["ledger-schema"] == str(MIGRATIONS[-1].number)
    assert lines["recording-format"] == str(FORMAT)
    assert lines["build"].split()[0] in {"commit", "wheel"}


@pytest.mark.parametrize("how", ["detached", "branch", "packed", "worktree"])
def test_the_commit_of_a_checkout_is_found(how: str, tmp_path: Path) -> None:
    git, name = tmp_path / ".git", "c" * 40
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text(f"{name}\n" if how == "detached" else "ref: refs/heads/main\n")
    if how in {"branch", "worktree"}:
        (git / "refs" / "heads" / "main").write_text(f"{name}\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{name} refs/heads/main\n")
    root = tmp_path
    if how == "worktree":
        root, inner = tmp_path / "tree", git / "worktrees" / "tree"
        root.mkdir()
        inner.mkdir(parents=True)
        (root / ".git").write_text(f"gitdir: {inner}\n")
        (inner / "HEAD").write_text("ref: refs/heads/main\n")
        (inner / "commondir").write_text("../..\n")
    assert build.build(root) == f"commit {name[:12]}"


def test_a_checkout_that_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert build.build(tmp_path) == "unknown"


def test_what_a_wheel_installed_has_a_hash(tmp_path: Path) -> None:
    kind, digits = build.build(tmp_path).split()
    assert kind == "wheel"
    assert digits == "unknown" or len(digits) == 12
