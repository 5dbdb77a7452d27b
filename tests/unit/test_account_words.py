"""Currency and zone come from where all settings come from, in the same order."""

from pathlib import Path

import pytest

from config.account_words import account_words
from config.settings import load_settings
from domain.errors import BadConfig


def test_words_are_those_of_the_settings() -> None:
    words, account = account_words(environment={}), load_settings().account
    assert (words.currency, words.zone.key) == (account.currency, account.zone)


def test_file_goes_before_the_defaults_and_environment_before_both(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text('[account]\ncurrency = "EUR"\nzone = "Europe/Paris"\n')
    assert account_words(path, {}).currency == "EUR"
    words = account_words(path, {"AUTOSCALPER_ACCOUNT__ZONE": "Asia/Tokyo"})
    assert (words.currency, words.zone.key) == ("EUR", "Asia/Tokyo")


def test_file_without_the_section_leaves_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("[limits]\n")
    assert account_words(path, {}).currency == "USD"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('currency = "EUR"\nzone = "Europe/Pari"', "account.zone: unknown time zone"),
        ('zone = "UTC"', "account.currency is missing or no text"),
    ],
)
def test_refusal_names_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f"[account]\n{text}\n")
    with pytest.raises(BadConfig, match=told):
        account_words(path, {})
