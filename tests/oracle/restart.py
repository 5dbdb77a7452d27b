"""What a run takes over from the run before: I8. Markets are the same ones, set again."""

from typing import Final

from oracle.account import Account
from oracle.state import Market

_ACCOUNT: Final = (
    "ledger", "state", "cause", "state_before", "until_ns", "guard_peak", "approved",
    "approved_before_today", "day_open", "locks", "losses_in_a_row", "slipped",
)  # fmt: skip
_MARKET: Final = (
    "position", "plan", "hold_until", "last_exit_half", "flat_ns", "loss_ns", "last_won",
    "last_reason", "last_side", "losses_in_a_row", "wins_in_a_row", "won", "unreviewed",
    "session_entries", "repeated", "burst", "accepted", "said", "unrealised", "exit_cost",
)  # fmt: skip


def go_on(account: Account, before: Account, now: int) -> None:
    """Features, sessions, zones and context are not among it: they start clean."""
    for name in _ACCOUNT:
        setattr(account, name, getattr(before, name))
    account.started_ns = now
    for market, market_before in zip(account.markets, before.markets, strict=True):
        _go_on_market(market, market_before, now)


def _go_on_market(market: Market, before: Market, now: int) -> None:
    """Working orders are gone."""
    for name in _MARKET:
        setattr(market, name, getattr(before, name))
    # The tests set markets again with the playbook of the run before: what it chose then holds.
    market.settings = before.settings
    for slot, slot_before in zip(market.slots, before.slots, strict=True):
        slot.settings = slot_before.settings
    market.features.bid_ticks = before.features.bid_ticks
    market.features.ask_ticks = before.features.ask_ticks
    market.last_tick_ns = market.touched_ns = now  # silence counts from now
