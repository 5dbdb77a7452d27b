"""Stops entries while nothing can be kept or dated, and lets them go on when it can again.

Only a state that it set itself is ended by it: a person's pause, a halt by loss and a pause of risk
stay what they are.
"""

from collections.abc import Iterator

from domain.arrays import Record
from domain.enums import StateCause, TradingState
from domain.events import Command
from domain.units import TsNs


def storage_and_clock(
    account: Record, full: str | None, *, jumped: bool, now_ns: int
) -> Iterator[Command]:
    """The commands that the state of disk and clock asks for.

    full  why a ledger can store nothing; None: it can.
    """
    state, cause = TradingState(int(account["trading_state"])), int(account["state_cause"])
    wanted = StateCause.STORAGE if full is not None else StateCause.CLOCK if jumped else None
    if wanted is not None and state is TradingState.ACTIVE:
        reason = full or "the wall clock differs from the time that passed"
        yield Command(
            event_ns=TsNs(now_ns), state=TradingState.REDUCING, cause=wanted, reason=reason
        )
    ours = state is TradingState.REDUCING and cause in (StateCause.STORAGE, StateCause.CLOCK)
    if wanted is None and ours:
        yield Command(event_ns=TsNs(now_ns), state=TradingState.ACTIVE, cause=StateCause(cause))
