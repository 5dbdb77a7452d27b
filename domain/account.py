"""The account: its currency, its start, when its day rolls, and what other currencies are worth.

One account has one currency. A market that settles in another needs a stated rate, or is refused.
"""

from decimal import Decimal
from typing import Final

import msgspec

from domain.errors import BadConfig

DOLLAR: Final = "USD"
DOLLAR_COINS: Final = ("USDT", "USDC")


class AccountSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Section `[account]` of the settings.

    currency      of every amount of money that is shown or limited.
    start_equity  in that currency, > 0.
    zone          IANA name of the zone in which the day rolls.
    day_roll      "HH:MM" in that zone; the day's loss starts anew then.
    rates         what one unit of another currency is worth, in the account's currency.
    """

    currency: str
    start_equity: Decimal
    zone: str
    day_roll: str
    rates: dict[str, Decimal]


class Rate(msgspec.Struct, frozen=True):
    """What one unit of a settlement currency is worth, and whether that was only assumed."""

    value: Decimal
    assumed: bool


def settlement_rate(account: AccountSettings, settle: str) -> Rate:
    """The rate at which profit in `settle` becomes money of the account.

    A stated rate counts before the assumption that a dollar coin is worth a dollar. BadConfig
    names the key that is missing.
    """
    if settle == account.currency:
        return Rate(Decimal(1), assumed=False)
    if settle in account.rates:
        return Rate(account.rates[settle], assumed=False)
    if account.currency == DOLLAR and settle in DOLLAR_COINS:
        return Rate(Decimal(1), assumed=True)
    raise BadConfig(
        f"account.rates.{settle} is missing: a market settles in {settle} and the account is kept "
        f"in {account.currency}; state under [account.rates] what one {settle} is worth"
    )
