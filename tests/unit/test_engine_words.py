"""Mode and state folder come from where the service's settings come from, in the same order."""

from pathlib import Path

import pytest

from config.engine_words import engine_words
from domain.enums import Mode
from domain.errors import BadConfig


def config(folder: Path, lines: str) -> Path:
    path = folder / "c.toml"
    path.write_text(f"[engine]\n{lines}\n")
    return path


def test_nothing_is_stated_where_there_is_no_config() -> None:
    words = engine_words(environment={})
    assert (words.mode, words.state_folder) == (None, None)


def test_file_states_both_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    path = config(tmp_path, 'mode = "simulated"\nstate_folder = "/state"')
    words = engine_words(path, {})
    assert (words.mode, words.state_folder) == (Mode.SIMULATED, Path("/state"))
    words = engine_words(path, {"AUTOSCALPER_ENGINE__STATE_FOLDER": "/other"})
    assert (words.mode, words.state_folder) == (Mode.SIMULATED, Path("/other"))
    assert engine_words(path, {"AUTOSCALPER_ENGINE__MODE": "paper"}).mode is Mode.PAPER


def test_settings_without_the_section_state_neither(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('engine = "none"\n')
    words = engine_words(path, {})
    assert (words.mode, words.state_folder) == (None, None)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('mode = "papre"', r"c\.toml: engine\.mode is 'papre', .* did you mean 'paper'\?"),
        ('state_folder = "here"', r"c\.toml: engine\.state_folder is 'here', .* absolute path"),
        ("state_folder = 3", r"engine\.state_folder is 3"),
    ],
)
def test_refusal_names_place_key_and_fix(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(BadConfig, match=told):
        engine_words(config(tmp_path, line), {})
