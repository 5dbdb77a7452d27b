"""What a settlement currency is worth in the account's."""

from decimal import Decimal

import pytest

from domain.account import AccountSettings, Rate, settlement_rate
from domain.errors import BadConfig


def account(currency: str = "USD", **rates: str) -> AccountSettings:
    return AccountSettings(
        currency=currency,
        start_equity=Decimal(1000),
        zone="UTC",
        day_roll="00:00",
        rates={name: Decimal(rate) for name, rate in rates.items()},
    )


def test_the_account_s_own_currency_is_worth_one() -> None:
    assert settlement_rate(account("EUR"), "EUR") == Rate(Decimal(1), assumed=False)


@pytest.mark.parametrize("coin", ["USDT", "USDC"])
def test_a_dollar_coin_is_assumed_to_be_a_dollar(coin: str) -> None:
    assert settlement_rate(account(), coin) == Rate(Decimal(1), assumed=True)


def test_a_stated_rate_is_no_assumption() -> None:
    assert settlement_rate(account(USDT="0.99"), "USDT") == Rate(Decimal("0.99"), assumed=False)


@pytest.mark.parametrize(("currency", "settle"), [("USD", "ETH"), ("EUR", "USDT"), ("EUR", "USD")])
def test_a_currency_without_a_rate_is_refused_with_its_key(currency: str, settle: str) -> None:
    with pytest.raises(BadConfig, match=f"account.rates.{settle} is missing"):
        settlement_rate(account(currency), settle)
