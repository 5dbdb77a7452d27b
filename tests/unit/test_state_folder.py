"""The state folder: stated, else systemd's, else the user's."""

from pathlib import Path

import pytest

from config.state_folder import mode_folder, state_folder
from domain.enums import Mode
from domain.errors import BadConfig

HOME = {"HOME": "/home/ann"}


@pytest.mark.parametrize(
    ("environment", "platform", "folder"),
    [
        (
            HOME | {"AUTOSCALPER_HOME": "/a", "STATE_DIRECTORY": "/b", "XDG_STATE_HOME": "/c"},
            "linux",
            "/a",
        ),
        (HOME | {"STATE_DIRECTORY": "/b:/d", "XDG_STATE_HOME": "/c"}, "linux", "/b"),
        (HOME | {"XDG_STATE_HOME": "/c"}, "linux", "/c/autoscalper"),
        (HOME | {"XDG_STATE_HOME": "c"}, "linux", "/home/ann/.local/state/autoscalper"),
        (HOME, "linux", "/home/ann/.local/state/autoscalper"),
        (HOME, "darwin", "/home/ann/Library/Application Support/autoscalper"),
        (HOME | {"AUTOSCALPER_HOME": ""}, "linux", "/home/ann/.local/state/autoscalper"),
    ],
)
def test_the_first_place_that_is_stated_is_taken(
    environment: dict[str, str], platform: str, folder: str
) -> None:
    assert state_folder(environment, platform) == Path(folder)


@pytest.mark.parametrize("variable", ["AUTOSCALPER_HOME", "STATE_DIRECTORY"])
def test_a_relative_path_is_refused(variable: str) -> None:
    with pytest.raises(BadConfig, match=f"{variable} is 'state': write an absolute path"):
        state_folder(HOME | {variable: "state"})


def test_no_home_is_told_with_what_to_set() -> None:
    with pytest.raises(BadConfig, match="set AUTOSCALPER_HOME"):
        state_folder({}, "linux")


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSCALPER_HOME", "/somewhere")
    assert state_folder() == Path("/somewhere")


def test_no_two_modes_share_a_folder() -> None:
    assert {mode_folder(Path("/a"), mode).name for mode in Mode} == {
        "signals", "paper", "sandbox", "live", "simulated",
    }  # fmt: skip
