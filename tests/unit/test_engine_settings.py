"""A service's file: strict, whole, with the place of everything that is wrong or stated."""

import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from config.config_file import find_config, need_config
from config.engine_sections import ModeWord
from config.engine_settings import EngineFile, load_engine_settings, read_engine_settings
from config.resolved import resolved
from config.settings import KNOWN, load_settings
from config.toml_lines import lines_of
from config_samples import good
from domain.enums import Mode
from domain.errors import BadConfig

Write = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AUTOSCALPER_"):
            monkeypatch.delenv(name)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def problems(path: Path) -> list[tuple[str, str]]:
    """Keys and what is wrong with them."""
    return [(each.key, each.what) for each in read_engine_settings(path).problems]


def test_a_whole_file_becomes_values_for_the_program(write: Write) -> None:
    settings = load_engine_settings(write(good()))
    assert (settings.mode, settings.account, settings.state_folder) == (Mode.PAPER, "main", None)
    assert [each.instrument for each in settings.markets] == ["BTCUSDT-usdm"]
    assert (settings.recording.keep_days, settings.recording.max_gb) == (30.0, 20.0)
    assert settings.settings.limits.missing() == []
    assert settings.settings.limits.max_daily_loss == 200


def test_the_words_of_the_mode_are_those_of_the_program() -> None:
    assert set(get_args(ModeWord)) == {mode.word for mode in Mode}


def test_every_section_of_the_schema_is_known() -> None:
    assert set(KNOWN[()]) == set(EngineFile.model_fields)


def test_everything_that_is_wrong_is_named_at_once(write: Write) -> None:
    text = good().replace('mode = "paper"', 'mode = "papr"').replace("keep_days", "keep_day")
    text = text.replace('playbook = "perpetual-majors"', "by_hand = 1")
    assert problems(write(text)) == [
        ("engine.mode", "'papr' is not known"),
        ("recording.keep_day", "is unknown"),
        ("markets[1].playbook", "is missing"),
        ("markets[1].by_hand", "must be true or false, not 1"),
    ]


def test_each_problem_has_its_line(write: Write) -> None:
    path = write(good().replace("max_gb = 20", "max_gb = -1"))
    (found,) = read_engine_settings(path).problems
    line = int(found.place.removeprefix(f"{path}:"))
    assert path.read_text().splitlines()[line - 1].startswith("max_gb = -1")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[recording]", "[recordin]", "recordin is unknown; did you mean 'recording'?"),
        ("keep_days", "keep_dys", "recording.keep_dys is unknown; did you mean 'keep_days'?"),
        ("max_heat", "max_heet", "limits.max_heet is unknown; did you mean 'max_heat'?"),
        ("instrument =", "instrumnt =", "markets[1].instrumnt is unknown; did you mean 'instrum"),
        ('"paper"', '"lives"', "engine.mode: 'lives' is not known; did you mean 'live'?"),
        ('account = "main"', 'account = "A B"', "engine.account"),
        ('account = "main"', 'state_folder = "here"', "engine.state_folder: must be an absolute"),
        ("max_gb = 20", "max_gb = inf", "recording.max_gb: must be a finite number"),
        ("[limits]", "[limitless]", "limits is missing; state all of [limits]"),
        ("[[markets]]", "[[market]]", "markets is missing; state [[markets]]"),
        ("[[markets]]", "[markets]", "markets: must be a list of tables"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_what_would_do(
    write: Write, old: str, new: str, expected: str
) -> None:
    found = read_engine_settings(write(good().replace(old, new, 1)))
    assert found.settings is None
    assert expected in "\n".join(each.text for each in found.problems)


def test_the_account_and_the_limits_have_no_defaults(write: Write) -> None:
    found = dict(problems(write('[engine]\n[[markets]]\ninstrument = "IBM"\nplaybook = "probe"\n')))
    assert found == {"account": "is missing", "limits": "is missing"}


def test_loading_names_the_first_fault_and_counts_the_others(write: Write) -> None:
    text = good().replace('mode = "paper"', 'mod = "paper"').replace("keep_days", "keep_day")
    with pytest.raises(BadConfig, match=r"engine.mod is unknown.*\(1 more: autoscalper check "):
        load_engine_settings(write(text))


def test_the_environment_goes_before_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_ENGINE__MODE", "signals")
    monkeypatch.setenv("AUTOSCALPER_MARKETS", '[{"instrument": "IBM", "playbook": "probe"}]')
    monkeypatch.setenv("AUTOSCALPER_RECORDING", '{"keep_days": 2}')
    settings = load_engine_settings(write(good().replace("max_gb = 20", "max_gb = 7")))
    assert (settings.mode, settings.markets[0].instrument) == (Mode.SIGNALS, "IBM")
    assert (settings.recording.keep_days, settings.recording.max_gb) == (2.0, 7.0)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("AUTOSCALPER_ENGINE__MODUS", "paper", "unknown variable AUTOSCALPER_ENGINE__MODUS; did"),
        ("AUTOSCALPER_ENGIN__MODE", "paper", "did you mean 'engine'?"),
        ("AUTOSCALPER_ENGINE__MODE", "papr", "environment: AUTOSCALPER_ENGINE__MODE: engine.mode"),
        ("AUTOSCALPER_MARKETS", "BTC", "environment: AUTOSCALPER_MARKETS: is no JSON"),
        ("AUTOSCALPER_MARKETS__0__PLAYBOOK", "probe", "write all of [[markets]] as JSON"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named_once(
    write: Write, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    (found,) = read_engine_settings(write(good())).problems
    assert expected in found.text


def test_every_value_has_its_source(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSCALPER_ENGINE__MODE", "signals")
    monkeypatch.setenv("AUTOSCALPER_LIMITS", '{"max_heat": 7}')
    text = good().replace("max_gb = 20", "# max_gb = 20")
    text += '[account.rates]\neth = "5"\n'
    path = write(text)
    found = {each.key: (each.value, each.source) for each in resolved(read_engine_settings(path))}
    assert found["engine.mode"] == ("signals", "environment: AUTOSCALPER_ENGINE__MODE")
    assert found["limits.max_heat"] == (7.0, "environment: AUTOSCALPER_LIMITS")
    assert found["recording.max_gb"] == (20.0, "default")
    last = len(text.splitlines())
    assert found["account.rates.ETH"] == (Decimal(5), f"{path}:{last}")
    assert found["limits.max_daily_loss"][1].startswith(f"{path}:")


def test_files_of_markets_are_found_from_the_config_s_folder(write: Write, tmp_path: Path) -> None:
    text = good().replace('"perpetual-majors"', '"books/mine.toml"')
    (market,) = load_engine_settings(write(text)).markets
    assert market.playbook == str(tmp_path / "books" / "mine.toml")


def test_a_service_s_file_can_be_the_settings_of_a_replay(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_ENGINE__MODE", "signals")
    assert load_settings(write(good())).limits.max_daily_loss == 200


def test_lines_of_a_file_are_those_of_its_keys() -> None:
    text = 'a.b = 1\n[t]\n# no\nx = [\n  1,\n]\ny = """\nz\u2028= 1\n"""\n'
    text += "[[l]]\nk = 1\n[[l]]\nk = {i = 2}\n"
    assert lines_of(text) == {
        ("a",): 1,
        ("a", "b"): 1,
        ("t",): 2,
        ("t", "x"): 4,
        ("t", "x", 0): 4,
        ("t", "y"): 7,
        ("l", 0): 10,
        ("l", 0, "k"): 11,
        ("l", 1): 12,
        ("l", 1, "k"): 13,
        ("l", 1, "k", "i"): 13,
    }


def test_the_config_is_looked_for_in_three_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "x")}
    assert find_config(environment) is None
    users = tmp_path / "x" / "autoscalper" / "autoscalper.toml"
    users.parent.mkdir(parents=True)
    users.touch()
    assert find_config(environment) == users
    Path("autoscalper.toml").touch()
    assert find_config(environment) == Path("autoscalper.toml")
    stated = tmp_path / "other.toml"
    stated.touch()
    assert find_config(environment | {"AUTOSCALPER_CONFIG": str(stated)}) == stated
    with pytest.raises(
        BadConfig, match=r"AUTOSCALPER_CONFIG is 'none\.toml', and there is no such"
    ):
        find_config(environment | {"AUTOSCALPER_CONFIG": "none.toml"})


def test_no_config_at_all_is_refused_with_the_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(BadConfig, match=r"neither autoscalper\.toml nor .*write one with"):
        need_config()
