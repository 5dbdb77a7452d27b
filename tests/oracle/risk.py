"""Pre-trade limits: section 5 up to R13, and R19."""

import math
from collections.abc import Callable

import msgspec

from domain.enums import Refusal, TradingState
from oracle.account import Account, ApprovedOrder
from oracle.contract import notional
from oracle.exposure import Proposal, Refused, review_exposure
from oracle.locks import held_by, lock_on
from oracle.numbers import nanoseconds, seconds
from oracle.state import Market, Plan

__all__ = ["Proposal", "Refused", "inside_hard_collar", "remember", "review_entry", "review_exit"]


def remember(account: Account, market: Market, proposal: Proposal, now: int) -> None:
    """Note an approved order for R6 to R8."""
    account.approved.append(
        ApprovedOrder(
            now,
            market.index,
            proposal.purpose,
            proposal.direction,
            proposal.lots,
            proposal.price,
            proposal.partial,
        )
    )


def review_entry(
    account: Account, market: Market, proposal: Proposal, plan: Plan, now: int
) -> Refused | None:
    """R1 to R18b, in that order; None is approval."""
    checks: tuple[Callable[[], Refused | None], ...] = (
        lambda: _limit_missing(account),
        lambda: _permission(account, market, proposal, now),
        lambda: _locked(account, market, now),
        lambda: _losses(account, market, now),
        lambda: _duplicate(account, market, proposal, now),
        lambda: _order_counts(account, now),
        lambda: _entry_counts(account, market, proposal, now),
        lambda: _stale_quote(account, market, now),
        lambda: _grid(proposal),
        lambda: _min_notional(market, proposal),
        lambda: _price_collar(account, market, proposal),
        lambda: review_exposure(account, market, proposal, plan),
    )
    for check in checks:
        refused = check()
        if refused is not None:
            return refused
    return None


def review_exit(
    account: Account, market: Market, proposal: Proposal, now: int
) -> Refused | Proposal:
    """R19: a refusal, or the order as it may be sent."""
    position = market.position
    assert position is not None
    refused = _grid(proposal) or _duplicate(account, market, proposal, now)
    if refused is not None:
        return refused
    if proposal.lots > position.lots:
        return Refused(Refusal.EXCEEDS_POSITION, position.lots, proposal.lots)
    return inside_hard_collar(account, market, proposal)


def inside_hard_collar(account: Account, market: Market, proposal: Proposal) -> Proposal:
    """R19: a limit outside the hard collar is moved to the last tick inside, or to the quote."""
    mid = market.features.mid
    width = account.limits.hard_collar_bps / 1e4 * mid
    if not abs(2 * proposal.price - mid) > width:
        return proposal
    if proposal.direction < 0:
        edge = max(1, min(math.ceil((mid - width) / 2), market.features.bid_ticks))
    else:
        edge = max(math.floor((mid + width) / 2), market.features.ask_ticks)
    return msgspec.structs.replace(proposal, price=edge)


def _limit_missing(account: Account) -> Refused | None:
    """R1."""
    for name, value in msgspec.structs.asdict(account.limits).items():
        if name == "allow":
            continue
        number = math.nan if value is None else value
        if not (math.isfinite(number) and number > 0):
            return Refused(Refusal.LIMIT_MISSING, 0.0, float(number))
    return None


def _permission(account: Account, market: Market, proposal: Proposal, now: int) -> Refused | None:
    """R2 to R3."""
    limits = account.limits
    if market.instrument not in limits.allow and "*" not in limits.allow:
        return Refused(Refusal.NOT_ALLOWED)
    if proposal.direction < 0 and not market.constants.shortable:
        return Refused(Refusal.NOT_SHORTABLE)
    session = market.session
    if session is not None and not session.open_ns <= now <= session.cut_off_ns:
        return Refused(Refusal.OUTSIDE_SESSION)
    others = _other_origins(account, market)
    if any(other.position is not None for other in others):
        return Refused(Refusal.OTHER_ORIGIN, hold_until=now + nanoseconds(60.0))  # R21
    if not all(other.flat for other in others) or (market.by_hand and not market.flat):
        return Refused(Refusal.OTHER_ORIGIN)
    if account.state is not TradingState.ACTIVE:
        return Refused(Refusal.TRADING_STATE, float(TradingState.ACTIVE), float(account.state))
    return None


def _other_origins(account: Account, market: Market) -> list[Market]:
    """R2c: markets of the same instrument."""
    others = [other for other in account.markets if other.instrument == market.instrument]
    return [other for other in others if other.origin is not market.origin]


def _locked(account: Account, market: Market, now: int) -> Refused | None:
    """R3a and R3b."""
    lock = lock_on(account, market, now)
    if lock is not None:
        return Refused(lock.code, lock.limit, lock.actual, held_by(lock))
    limit = account.limits.review_after_trades
    if market.unreviewed >= limit:
        return Refused(Refusal.UNREVIEWED, limit, market.unreviewed)
    return None


def _losses(account: Account, market: Market, now: int) -> Refused | None:
    """R4 and R5."""
    limits = account.limits
    if account.daily_loss_reached:
        return Refused(Refusal.DAILY_LOSS, -limits.max_daily_loss, account.day / 1e6)
    if market.loss_ns is None:
        return None
    since = seconds(now - market.loss_ns)
    if since < limits.cool_down_s:
        return Refused(Refusal.COOL_DOWN, limits.cool_down_s, since)
    return None


def _duplicate(account: Account, market: Market, proposal: Proposal, now: int) -> Refused | None:
    """R6."""
    window_ms = account.limits.duplicate_window_ms
    for earlier in reversed(account.approved):
        alike = (earlier.market, earlier.purpose, earlier.direction, earlier.lots) == (
            market.index,
            proposal.purpose,
            proposal.direction,
            proposal.lots,
        )
        alike = alike and earlier.partial == proposal.partial
        since_ms = (now - earlier.event_ns) / 1e6
        if alike and abs(earlier.price - proposal.price) <= 1 and since_ms < window_ms:
            return Refused(Refusal.DUPLICATE, window_ms, since_ms)
    return None


def _order_counts(account: Account, now: int) -> Refused | None:
    """R7 and R8."""
    limits = account.limits
    recent = sum(1 for each in account.approved if now - 1_000_000_000 < each.event_ns <= now)
    if recent >= limits.orders_per_second:
        return Refused(Refusal.ORDER_RATE, limits.orders_per_second, recent)
    today = len(account.approved) - account.approved_before_today
    if today >= limits.orders_per_day - limits.exit_reserve:
        return Refused(Refusal.ORDERS_PER_DAY, limits.orders_per_day - limits.exit_reserve, today)
    return None


def _entry_counts(account: Account, market: Market, proposal: Proposal, now: int) -> Refused | None:
    """R8a and R8b."""
    limits = account.limits
    if market.session_entries >= limits.trades_per_session:
        return Refused(
            Refusal.TRADES_PER_SESSION, limits.trades_per_session, market.session_entries
        )
    since = now - nanoseconds(limits.repeated_window_s)
    count = 1
    for event_ns, side in market.repeated:
        if side == proposal.direction and since < event_ns <= now:
            count += 1
    if count > limits.repeated_entries:
        return Refused(Refusal.REPEATED_ENTRIES, limits.repeated_entries, count)
    return None


def _stale_quote(account: Account, market: Market, now: int) -> Refused | None:
    """R9."""
    age = market.features.age(now)
    if math.isnan(age) or age > account.limits.stale_quote_s:
        return Refused(Refusal.STALE_QUOTE, account.limits.stale_quote_s, age)
    return None


def _grid(proposal: Proposal) -> Refused | None:
    """R10 and R11."""
    if proposal.price < 1:
        return Refused(Refusal.BAD_PRICE, 1.0, proposal.price)
    if proposal.lots < 1:
        return Refused(Refusal.BAD_LOTS, 1.0, proposal.lots)
    return None


def _min_notional(market: Market, proposal: Proposal) -> Refused | None:
    """R12."""
    amount = notional(market, proposal.price, proposal.lots)
    if not amount > 0 or amount < market.constants.min_notional:
        return Refused(Refusal.MIN_NOTIONAL, market.constants.min_notional, amount)
    return None


def _price_collar(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R13, in half-ticks."""
    limits, features = account.limits, market.features
    mid = features.mid
    soft = max(limits.collar_spreads * 2 * features.spread, limits.collar_bps / 1e4 * mid)
    width = min(soft, limits.hard_collar_bps / 1e4 * mid)
    away = abs(2 * proposal.price - mid)
    return None if away <= width else Refused(Refusal.PRICE_COLLAR, width, away)
