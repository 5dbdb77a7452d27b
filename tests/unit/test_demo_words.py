"""What is said around a demo: what it waits for, where its files are, what to try next."""

import shlex
import time
from pathlib import Path

import pytest

from agent.cli import main
from agent.cli.compiling import said_again
from agent.cli.demo_ending import files_told, next_commands
from agent.demo.show import Session
from demo_cases import EMPTY

Texts = pytest.CaptureFixture[str]
SESSION = Session(seed=3, playbook="baseline", past_s=1.0, for_s=1.0, speed=1.0)


def tried(found: list[tuple[str, str]]) -> list[list[str]]:
    """Arguments of the commands, as a shell takes them apart."""
    return [shlex.split(command)[1:] for command, _ in found]


def test_what_takes_long_is_said_again_and_again(capsys: Texts) -> None:
    with said_again("Compiling", 0.01):
        time.sleep(0.1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Compiling."
    assert set(lines[1:]) == {"  still compiling, 0 s"}


def test_commands_after_a_session_that_kept_nothing_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = tried(next_commands(EMPTY, SESSION, None))
    assert [each[0] for each in commands] == ["demo", "playbook", "init"]
    assert [main(each) for each in commands[1:]] == [0, 0]


def test_with_a_config_in_the_folder_it_is_checked_and_not_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--kind", "crypto"]) == 0
    command = tried(next_commands(EMPTY, SESSION, None))[-1]
    assert (command, main(command)) == (["check"], 0)


def test_the_folder_that_is_named_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-demo").mkdir()
    command = tried(next_commands(EMPTY, SESSION, None))[0]
    assert command[command.index("--record") + 1] == "my-demo-2"


def test_files_that_were_kept_are_told_with_their_size(tmp_path: Path) -> None:
    (tmp_path / "of").write_bytes(bytes(2_500_000))
    assert "2.5 MB" in files_told(tmp_path)
    assert "temporary folder, which is removed" in files_told(None)
