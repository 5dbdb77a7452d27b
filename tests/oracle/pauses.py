"""What pauses all markets: L1, a streak of losses, and L2, slippage."""

from domain.enums import OrderKind, StateCause
from oracle.account import Account
from oracle.money import ClosedTrade
from oracle.state import Order
from oracle.trading_state import pause


def after_close(account: Account, now: int, closed: ClosedTrade) -> None:
    """L1."""
    if closed.net >= 0:
        account.losses_in_a_row = 0
        return
    account.losses_in_a_row += 1
    if account.losses_in_a_row >= account.limits.loss_streak:
        account.losses_in_a_row = 0
        pause(account, now, account.limits.loss_streak_pause_s, StateCause.LOSS_STREAK)


def slip_bps(order: Order) -> float:
    """L2, of what has filled so far."""
    average = order.filled_cost / order.filled_lots
    return 1e4 * (order.direction * (2 * average - order.mid) - order.spread) / order.mid


def after_fill(account: Account, now: int, order: Order) -> None:
    """L2: an order keeps its place, with its slip after the latest fill."""
    if order.kind is not OrderKind.IOC:
        return
    limits, slip = account.limits, slip_bps(order)
    for place, (earlier, _) in enumerate(account.slipped):
        if earlier is order:
            account.slipped[place] = (order, slip)
            break
    else:
        account.slipped.append((order, slip))
    wanted = int(limits.slippage_orders)
    account.slipped = account.slipped[-wanted:]
    if len(account.slipped) < wanted:
        return
    if median([each for _, each in account.slipped]) > limits.max_slippage_bps:
        account.slipped = []
        pause(account, now, limits.slippage_pause_s, StateCause.SLIPPAGE)


def median(values: list[float]) -> float:
    """Of an even number the mean of the middle two."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
