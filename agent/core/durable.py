"""Takes what must survive a restart out of the records, and puts it into fresh ones."""

from decimal import Decimal
from typing import Final

import numpy as np

from agent.core.market_book import MarketBook
from domain.durable import AccountMemory, MarketMemory
from domain.errors import Fatal
from domain.portfolio import MarketMoney
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET, TALLY
from domain.units import micro

# Settings of the new run, and what its own clock and orders will say.
_OF_THE_RUN: Final = frozenset(
    {
        "clock_ns",
        "next_timer_ns",
        "daily_loss_limit",
        "trade_loss_limit",
        "drawdown_limit",
        "stale_quote_ns",
    }
)
# Sums over markets: they are made anew of what is remembered of each.
_SUMS: Final = frozenset({"realised", "day_realised", "unrealised", "exit_cost"})
ACCOUNT_KEPT: Final = tuple(name for name in ACCOUNT.names or () if name not in _OF_THE_RUN | _SUMS)
_PREFIXES: Final = ("position_", "plan_", "last_")
_KEPT: Final = frozenset(
    {
        "hold_until",
        "average",
        "stop_level",
        "target_level",
        "armed",
        "mover",
        "exit_reason",
        "exit_attempt",
        "exit_hold_until",
        "unrealised",
        "exit_cost",
        "best_ticks",
        "low_ticks",
        "high_ticks",
        "partial_tried",
        "liquidation_level",
        "additions",
        "losses_in_a_row",
        "wins_in_a_row",
        "trades",
        "recent_wins",
        "entry_count",
    }
)
_NOT_KEPT: Final = frozenset({"last_tick_ns", "position_worth"})
MARKET_KEPT: Final = tuple(
    name
    for name in MARKET.names or ()
    if name not in _NOT_KEPT and (name in _KEPT or name.startswith(_PREFIXES))
)


def account_memory(book: MarketBook, start: Decimal, day_start: Decimal) -> AccountMemory:
    """What the account must remember; day_start: realised result at the day's roll."""
    return AccountMemory(
        at_ns=int(book.stop["now_ns"]),
        numbers={name: int(book.account[name]) for name in ACCOUNT_KEPT},
        start=start,
        day_start=day_start,
    )


def market_memory(book: MarketBook, market: int, money: MarketMoney) -> MarketMemory:
    """What a market must remember."""
    row, features = book.rows[market], book.features[market]
    return MarketMemory(
        market=book.facts[market].name,
        playbook=book.chosen(market),
        set_hash=book.set_hash(market),
        origin=book.facts[market].origin,
        money=money,
        numbers={name: int(row[name]) for name in MARKET_KEPT},
        tally={
            name: tuple(int(each) for each in np.atleast_1d(row["tally"][name]))
            for name in TALLY.names or ()
        },
        worth=float(row["position_worth"]),
        entry_times_ns=tuple(int(each) for each in row["entry_times_ns"]),
        quote=(int(features["bid_ticks"]), int(features["ask_ticks"])),
    )


def give_account(book: MarketBook, memory: AccountMemory, realised: Decimal) -> None:
    """Once the markets have theirs. Fatal where other fields are kept: it is another build's."""
    account, numbers = book.account, memory.numbers
    if set(numbers) != set(ACCOUNT_KEPT):
        unlike = sorted(set(numbers) ^ set(ACCOUNT_KEPT))
        raise Fatal(f"the account's kept state differs from this build's in {unlike}")
    for name, number in numbers.items():
        account[name] = number
    account["realised"] = micro(realised)
    account["day_realised"] = micro(realised - memory.day_start)
    for name in ("unrealised", "exit_cost"):
        account[name] = int(book.rows[name].sum())


def give_market(book: MarketBook, market: int, memory: MarketMemory, now_ns: int) -> None:
    """A fresh row goes on from what it was; its silence counts from now on."""
    row, features = book.rows[market], book.features[market]
    if set(memory.numbers) != set(MARKET_KEPT):
        unlike = sorted(set(memory.numbers) ^ set(MARKET_KEPT))
        raise Fatal(f"{memory.market}: the kept state differs from this build's in {unlike}")
    for name, number in memory.numbers.items():
        row[name] = number
    for name, counts in memory.tally.items():
        row["tally"][name] = counts if row["tally"][name].shape else counts[0]
    row["position_worth"] = memory.worth
    row["entry_times_ns"] = memory.entry_times_ns
    row["last_tick_ns"] = now_ns
    features["bid_ticks"], features["ask_ticks"] = memory.quote
