"""Takes what must survive a restart out of the records, and puts it into fresh ones."""

from typing import Final

import numpy as np

from agent.core.market_book import MarketBook
from domain.arrays import Record
from domain.durable import MarketMemory
from domain.errors import Fatal
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET, TALLY

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
ACCOUNT_KEPT: Final = tuple(name for name in ACCOUNT.names or () if name not in _OF_THE_RUN)
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


def account_memory(account: Record) -> dict[str, int]:
    """The account's record, limits apart."""
    return {name: int(account[name]) for name in ACCOUNT_KEPT}


def market_memory(book: MarketBook, market: int) -> MarketMemory:
    """What a market must remember."""
    row, features = book.rows[market], book.features[market]
    return MarketMemory(
        market=book.facts[market].name,
        numbers={name: int(row[name]) for name in MARKET_KEPT},
        tally={
            name: tuple(int(each) for each in np.atleast_1d(row["tally"][name]))
            for name in TALLY.names or ()
        },
        worth=float(row["position_worth"]),
        entry_times_ns=tuple(int(each) for each in row["entry_times_ns"]),
        quote=(int(features["bid_ticks"]), int(features["ask_ticks"])),
    )


def give_account(account: Record, memory: dict[str, int]) -> None:
    """Fatal where the ledger tells another set of fields: it is another build's."""
    if set(memory) != set(ACCOUNT_KEPT):
        raise Fatal(f"the account's state holds {sorted(memory)}, expected {sorted(ACCOUNT_KEPT)}")
    for name, number in memory.items():
        account[name] = number


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
