"""What is due next: T1 and T3."""

from oracle.account import Account
from oracle.exits import exit_timer
from oracle.matching import order_timer


def next_timer(account: Account) -> tuple[int, int] | None:
    """The earliest (time, market) of all; the account's is -1, before those of markets."""
    due: list[tuple[int, int]] = []
    if account.until_ns is not None:
        due.append((max(account.started_ns, account.until_ns), -1))
    for market in account.markets:
        if market.ended:
            continue
        orders = (order_timer(market.entry), order_timer(market.exit))
        due += [(max(market.touched_ns, at), market.index) for at in orders if at is not None]
        position_ns = exit_timer(market)
        if position_ns is not None:
            due.append((position_ns, market.index))
    return min(due, default=None)
