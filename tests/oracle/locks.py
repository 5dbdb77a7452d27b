"""Locks and what ends them: "Locks and pauses" of section 5 and R21."""

import math

from domain.enums import OutputKind, Refusal
from domain.rows.account import NEVER_NS
from oracle.account import Account, Lock
from oracle.numbers import nanoseconds
from oracle.said import say
from oracle.state import Market


def lock_on(account: Account, market: Market, now: int) -> Lock | None:
    """R3a: the first that was set of those still set on the market or on all."""
    for lock in account.locks:
        if lock.market in (None, market.index) and _still_set(lock, now):
            return lock
    return None


def _still_set(lock: Lock, now: int) -> bool:
    return lock.end_ns is None or now < lock.end_ns


def set_lock(account: Account, now: int, wanted: Lock) -> None:
    """One of the same code and market that is still set only gets the later end."""
    for lock in account.locks:
        alike = (lock.market, lock.code) == (wanted.market, wanted.code)
        if alike and _still_set(lock, now):
            if lock.end_ns is not None and (wanted.end_ns is None or wanted.end_ns > lock.end_ns):
                lock.end_ns = wanted.end_ns
            return
    account.locks.append(wanted)
    account.outputs.append(
        say(
            None if wanted.market is None else account.markets[wanted.market],
            now,
            OutputKind.LOCKED,
            code=wanted.code,
            first_ns=wanted.end_ns or 0,
            distances=(wanted.limit, wanted.actual),
        )
    )


def lock_by_hand(account: Account, now: int, market: int | None, until_ns: int | None) -> None:
    """L6."""
    set_lock(account, now, Lock(market, Refusal.LOCKED_BY_HAND, math.nan, math.nan, until_ns))


def held_by(lock: Lock) -> int:
    """R21: until when a refusal by a lock holds the market."""
    return NEVER_NS if lock.end_ns is None else lock.end_ns


def release(account: Account, market: Market | None, now: int) -> None:
    """A person looked at a market, or at all of them (None): then every lock ends."""
    if market is None:
        account.locks = []
    else:
        account.locks = [lock for lock in account.locks if lock.market != market.index]
    for released in account.markets if market is None else [market]:
        released.unreviewed = 0
        released.repeated = []
        released.burst = []
        end_hold(released, now)


def end_hold(market: Market, now: int) -> None:
    """R21: a long wait is over."""
    if market.hold_until is not None and market.hold_until > now + 1_000_000_000:
        market.hold_until = now


# L4: what no waiting cures.
_BURST = {
    Refusal.DUPLICATE, Refusal.BAD_PRICE, Refusal.MIN_NOTIONAL,
    Refusal.PRICE_COLLAR, Refusal.ORDER_NOTIONAL, Refusal.POSITION_NOTIONAL, Refusal.TRADE_LOSS,
    Refusal.LIQUIDATION, Refusal.EXCEEDS_POSITION,
}  # fmt: skip


def after_refusal(
    account: Account, market: Market, now: int, code: Refusal, numbers: tuple[float, float]
) -> None:
    """L3 and L4; `code` is that of a rule, never that of a lock."""
    limits = account.limits
    if code is Refusal.REPEATED_ENTRIES:
        set_lock(account, now, Lock(market.index, code, *numbers, None))
    if code in _BURST:
        market.burst.append(now)
        window_ns = nanoseconds(limits.reject_window_s)
        count = sum(1 for event_ns in market.burst if now - window_ns < event_ns <= now)
        if count >= limits.reject_burst:
            burst = Lock(market.index, Refusal.REJECT_BURST, limits.reject_burst, count, None)
            set_lock(account, now, burst)
