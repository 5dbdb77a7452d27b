"""Groups and protections come from settings whole, and what is wrong in them is named."""

import os
import re
from importlib import resources
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from domain.errors import BadConfig
from domain.protections import (
    CooldownPeriod,
    LowProfitPairs,
    MaxDrawdown,
    Protections,
    StoplossGuard,
)

GUARD = """
[protections.stoploss_guard]
lookback_s = 3600
trade_limit = 4
required_profit = -0.001
only_per_pair = true
stop_duration_s = 0.5
"""
FALL = """
[protections.max_drawdown]
lookback_s = 60
trade_limit = 1
max_allowed_drawdown = 1
stop_duration_s = 1000000000
"""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AUTOSCALPER_"):
            monkeypatch.delenv(name)


def loaded(folder: Path, text: str) -> Settings:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(BadConfig) as caught:
        loaded(folder, text)
    return str(caught.value)


def test_by_default_there_are_no_groups_and_no_protections() -> None:
    settings = load_settings()
    assert (settings.groups, settings.protections) == ({}, Protections())


def test_a_file_states_groups_and_protections(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[groups]\ncoins = ["BTC*", "ETH*"]\nall = ["*"]\n' + GUARD + FALL)
    assert settings.groups == {"coins": ("BTC*", "ETH*"), "all": ("*",)}
    assert settings.protections == Protections(
        stoploss_guard=StoplossGuard(
            lookback_s=3_600.0,
            trade_limit=4,
            required_profit=-0.001,
            only_per_pair=True,
            stop_duration_s=0.5,
        ),
        max_drawdown=MaxDrawdown(
            lookback_s=60.0, trade_limit=1, max_allowed_drawdown=1.0, stop_duration_s=1e9
        ),
    )


def test_the_examples_in_the_defaults_can_be_used(tmp_path: Path) -> None:
    text = resources.files("config").joinpath("defaults.toml").read_text(encoding="utf-8")
    examples = re.sub(r"^# (?=\[(?:groups|protections)|[a-z_]+ = )", "", text, flags=re.MULTILINE)
    settings = loaded(tmp_path, examples)
    assert settings.groups == {"coins": ("BTC*", "ETH*")}
    assert settings.protections.cooldown_period == CooldownPeriod(stop_duration_s=60.0)
    assert settings.protections.low_profit_pairs == LowProfitPairs(
        lookback_s=21_600.0, trade_limit=10, required_profit=0.0, stop_duration_s=3_600.0
    )
    asked = settings.protections
    assert None not in (asked.stoploss_guard, asked.max_drawdown)


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSCALPER_PROTECTIONS__STOPLOSS_GUARD__TRADE_LIMIT", "9")
    monkeypatch.setenv("AUTOSCALPER_PROTECTIONS__COOLDOWN_PERIOD__STOP_DURATION_S", "5.5")
    monkeypatch.setenv("AUTOSCALPER_GROUPS__METALS", '["XAU*"]')
    settings = loaded(tmp_path, GUARD)
    assert settings.groups == {"metals": ("XAU*",)}
    asked = settings.protections
    assert asked.cooldown_period == CooldownPeriod(stop_duration_s=5.5)
    assert asked.stoploss_guard is not None
    assert (asked.stoploss_guard.trade_limit, asked.stoploss_guard.only_per_pair) == (9, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[protection]\n", "mine.toml: protection is unknown; did you mean 'protections'?"),
        (
            "[protections.stop_loss_guard]\n",
            "mine.toml: protections.stop_loss_guard is unknown; did you mean 'stoploss_guard'?",
        ),
        (
            GUARD.replace("trade_limit", "trade_limits"),
            "protections.stoploss_guard.trade_limits is unknown; did you mean 'trade_limit'?",
        ),
        (
            GUARD.replace("lookback_s = 3600\n", ""),
            "protections.stoploss_guard.lookback_s is missing; a section is stated whole",
        ),
        ("[protections]\nmax_drawdown = 5\n", "mine.toml: protections.max_drawdown"),
        ("[groups]\ncoins = []\n", "mine.toml: groups.coins"),
        ('[groups]\ncoins = "BTC*"\n', "mine.toml: groups.coins"),
        ('[groups]\ncoins = ["BTC*", ""]\n', "mine.toml: groups.coins[2]"),
        ("[groups]\ncoins = [5]\n", "mine.toml: groups.coins[1]"),
    ],
)
def test_a_section_that_cannot_be_used_is_named(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refusal(tmp_path, text)


SECONDS = "must be seconds above 0 and at most 1,000,000,000, not"
WHOLE = "must be a whole number of at least 1, not"
SHARE = "must be a share above 0 and at most 1, such as 0.05 for 5 %, not"
FINITE = "must be a finite number, not"


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        ("stoploss_guard", "lookback_s", "0", SECONDS),
        ("stoploss_guard", "lookback_s", "-1", SECONDS),
        ("stoploss_guard", "stop_duration_s", "1000000001", SECONDS),
        ("stoploss_guard", "stop_duration_s", "inf", FINITE),
        ("stoploss_guard", "lookback_s", "nan", FINITE),
        ("stoploss_guard", "lookback_s", "true", FINITE),
        ("stoploss_guard", "lookback_s", '"long"', FINITE),
        ("stoploss_guard", "lookback_s", "[1]", FINITE),
        ("stoploss_guard", "trade_limit", "0", WHOLE),
        ("stoploss_guard", "trade_limit", "1.5", WHOLE),
        ("stoploss_guard", "required_profit", "nan", FINITE),
        ("stoploss_guard", "only_per_pair", '"perhaps"', "protections.stoploss_guard.only_per"),
        ("max_drawdown", "max_allowed_drawdown", "0", SHARE),
        ("max_drawdown", "max_allowed_drawdown", "1.001", SHARE),
        ("max_drawdown", "max_allowed_drawdown", "-0.1", SHARE),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    tmp_path: Path, section: str, key: str, value: str, expected: str
) -> None:
    wrong = re.sub(rf"^{key} = .*$", f"{key} = {value}", GUARD + FALL, flags=re.MULTILINE)
    found = refusal(tmp_path, wrong)
    assert f"mine.toml: protections.{section}.{key}: " in found
    assert expected in found


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("AUTOSCALPER_PROTECTIONS__STOPLOS_GUARD__TRADE_LIMIT", "did you mean 'stoploss_guard'?"),
        ("AUTOSCALPER_PROTECTIONS__COOLDOWN_PERIOD__STOP_DURATION", "'stop_duration_s'?"),
    ],
)
def test_a_misspelt_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, expected: str
) -> None:
    monkeypatch.setenv(variable, "5")
    with pytest.raises(BadConfig) as caught:
        load_settings()
    assert variable in str(caught.value)
    assert expected in str(caught.value)
