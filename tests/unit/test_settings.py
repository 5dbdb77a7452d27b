"""Settings come from defaults, a file and the environment; what is wrong is named."""

import math
import os
from decimal import Decimal
from pathlib import Path

import pytest

from config.sections import LimitsSection
from config.settings import load_settings
from domain.errors import BadConfig
from domain.limits import Limits

ACCOUNT = (
    '[account]\ncurrency = "EUR"\nstart_equity = "5000.50"\nzone = "UTC"\nday_roll = "17:00"\n'
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AUTOSCALPER_"):
            monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(BadConfig) as caught:
        load_settings(written(folder, text))
    return str(caught.value)


def test_the_defaults_state_every_limit() -> None:
    settings = load_settings()
    assert settings.limits.missing() == []
    assert settings.account.start_equity == Decimal(100_000)


def test_the_schema_holds_exactly_the_limits() -> None:
    assert tuple(LimitsSection.model_fields) == Limits.__struct_fields__


def test_a_section_is_taken_whole_from_the_file_that_states_it(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, '[limits]\nallow = ["COIN"]\nmax_daily_loss = 5\n'))
    assert (settings.limits.allow, settings.limits.max_daily_loss) == (("COIN",), 5.0)
    assert settings.limits.missing()[0] == "limits.max_trade_loss"
    assert settings.account == load_settings().account


def test_money_stays_exact(tmp_path: Path) -> None:
    path = written(tmp_path, ACCOUNT + '[account.rates]\nUSD = "0.9"\n')
    account = load_settings(path).account
    assert (account.start_equity, account.rates) == (Decimal("5000.50"), {"USD": Decimal("0.9")})


@pytest.mark.parametrize("value", ["0", "nan", "inf", "-5"])
def test_a_useless_limit_loads_so_that_risk_can_refuse(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, f'[limits]\nallow = ["*"]\nmax_daily_loss = {value}\n')
    assert load_settings(path).limits.missing()[0] == "limits.max_daily_loss"


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSCALPER_LIMITS__MAX_DAILY_LOSS", "nan")
    monkeypatch.setenv("AUTOSCALPER_LIMITS__ALLOW", '["COIN"]')
    monkeypatch.setenv("AUTOSCALPER_ACCOUNT__RATES__ETH", "190")
    settings = load_settings()
    assert settings.limits.max_daily_loss is not None
    assert math.isnan(settings.limits.max_daily_loss)
    assert settings.limits.allow == ("COIN",)
    assert settings.limits.max_trade_loss == 300
    assert settings.account.rates == {"ETH": Decimal(190)}


def test_variables_without_a_section_belong_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSCALPER_DATA", "anything")
    assert load_settings().limits.missing() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[limit]\n", "mine.toml: limit is unknown; did you mean 'limits'?"),
        ("[limits]\nmax_dayly_loss = 1\n", "limits.max_dayly_loss is unknown; did you mean 'max_d"),
        ("[limits]\nmax_daily_loss = true\n", "limits.max_daily_loss: must be a number, not True"),
        ('[limits]\nmax_daily_loss = "many"\n', "mine.toml: limits.max_daily_loss"),
        ('[account]\ncurrency = "USD"\n', "account.start_equity is missing"),
        (ACCOUNT.replace('"5000.50"', "5000.5"), "must be a decimal in quotes"),
        (ACCOUNT.replace('"5000.50"', '"much"'), "must be a decimal in quotes"),
        (ACCOUNT.replace('"5000.50"', '"NaN"'), "account.start_equity: must be above 0"),
        (ACCOUNT.replace('"5000.50"', '"-1"'), "account.start_equity: must be above 0"),
        (ACCOUNT.replace('"UTC"', '"Europe/Pariss"'), "did you mean 'Europe/Paris'?"),
        (ACCOUNT.replace('"17:00"', '"25:00"'), "account.day_roll: '25:00' is no time of day"),
        (ACCOUNT.replace('"EUR"', '"euro"'), "account.currency"),
        (ACCOUNT + "rates = 5\n", "account.rates"),
        (ACCOUNT + '[account.rates]\nUSD = "0"\n', "account.rates.USD: must be above 0"),
        ("[limits\n", "mine.toml: is no TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("AUTOSCALPER_LIMITS__MAX_DAILY_LOSS", "many", "environment: AUTOSCALPER_LIMITS__MAX_D"),
        ("AUTOSCALPER_LIMITS__MAX_DAILY_LOS", "1", "did you mean 'max_daily_loss'?"),
        ("AUTOSCALPER_LIMIT__MAX_DAILY_LOSS", "1", "did you mean 'limits'?"),
        ("AUTOSCALPER_LIMITS", '{"max": 1}', "AUTOSCALPER_LIMITS: limits.max is unknown"),
        ("AUTOSCALPER_LIMITS__ALLOW", "COIN", "written as JSON"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadConfig) as caught:
        load_settings()
    assert expected in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="there is no such file"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(BadConfig, match="is no TOML"):
        load_settings(path)
