"""The trading state and who sets it: E5, T2's day roll and command, T3 and pauses."""

from domain.enums import OutputKind, StateCause, TradingState
from oracle.account import Account
from oracle.numbers import nanoseconds
from oracle.said import say
from oracle.state import Market


def set_state(
    account: Account, market: Market | None, now: int, state: TradingState, cause: StateCause
) -> None:
    """An output: a REDUCING that ends says when."""
    account.state, account.cause = state, cause
    end_ns = account.until_ns if state is TradingState.REDUCING else None
    account.outputs.append(
        say(market, now, OutputKind.STATE_CHANGED, code=state, lots=cause, first_ns=end_ns or 0)
    )


def check_losses(account: Account, market: Market, now: int) -> bool:
    """E5; says whether it latched HALTED now."""
    if account.state is TradingState.HALTED:
        return False
    if account.daily_loss_reached:
        passing = account.cause in (StateCause.STORAGE, StateCause.CLOCK)
        account.state_before = TradingState.ACTIVE if passing else account.state
        set_state(account, market, now, TradingState.HALTED, StateCause.DAILY_LOSS)
        return True
    if account.drawdown_reached:
        set_state(account, market, now, TradingState.HALTED, StateCause.DRAWDOWN)
        return True
    return False


def pause(account: Account, now: int, pause_s: float, cause: StateCause) -> None:
    """REDUCING until its end, if the state is ACTIVE."""
    passing = account.cause in (StateCause.STORAGE, StateCause.CLOCK)
    if account.state is TradingState.ACTIVE:
        account.until_ns = now + nanoseconds(pause_s)
        set_state(account, None, now, TradingState.REDUCING, cause)
    elif account.state is TradingState.REDUCING and passing:
        account.until_ns = now + nanoseconds(pause_s)
        account.cause = cause


def expire(account: Account) -> None:
    """T3, at the end of a pause."""
    assert account.until_ns is not None
    now = max(account.started_ns, account.until_ns)
    account.until_ns = None
    if account.state is TradingState.REDUCING:
        set_state(account, None, now, TradingState.ACTIVE, StateCause.EXPIRED)
    elif account.cause is StateCause.DAILY_LOSS:
        account.state_before = TradingState.ACTIVE


def command(account: Account, now: int, state: TradingState, cause: StateCause) -> None:
    """T2 to T4 and L2: a command that repeats the present state is not said, but counts."""
    account.until_ns = None
    if state is TradingState.ACTIVE and cause is StateCause.COMMAND:
        account.guard_peak = account.equity_micro
        account.losses_in_a_row = 0
        account.slipped = []
    if state is account.state:
        account.cause = cause
    else:
        set_state(account, None, now, state, cause)


def roll_day(account: Account, now: int) -> None:
    """T2."""
    account.ledger.roll_day()
    account.day_open = account.open_result
    account.approved_before_today = len(account.approved)
    for market in account.markets:
        if market.session is None:
            market.session_entries = 0
            for features in market.slots:
                features.restart_vwap()
    if account.state is TradingState.HALTED and account.cause is StateCause.DAILY_LOSS:
        set_state(account, None, now, account.state_before, StateCause.DAY_ROLL)
