"""What an entry adds to what is held already: R14 to R18b."""

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction

import msgspec

from domain.enums import Purpose, Refusal
from oracle.account import Account
from oracle.contract import loss, notional
from oracle.margin import Held, liquidation_level
from oracle.numbers import NAN
from oracle.state import Market, Plan


class Proposal(msgspec.Struct, frozen=True):
    """An order before its review."""

    purpose: Purpose
    direction: int
    price: int
    lots: int
    addition: bool = False
    partial: bool = False


class Refused(msgspec.Struct, frozen=True):
    """Limit and actual as R22 states them; `hold_until` where it holds for longer (R21)."""

    code: Refusal
    limit: float = NAN
    actual: float = NAN
    hold_until: int | None = None


def review_exposure(
    account: Account, market: Market, proposal: Proposal, plan: Plan
) -> Refused | None:
    """R14 to R18b, in that order; None is approval."""
    checks: tuple[Callable[[], Refused | None], ...] = (
        lambda: _order_and_position(account, market, proposal),
        lambda: _open_positions(account, market),
        lambda: _gross(account, market, proposal),
        lambda: _group(account, market, proposal),
        lambda: _leverage(account, market, proposal),
        lambda: _margin(account, market, proposal),
        lambda: _trade_loss_and_heat(account, market, proposal, plan),
        lambda: _liquidation(account, market, proposal, plan),
    )
    for check in checks:
        refused = check()
        if refused is not None:
            return refused
    return None


def lots_with(market: Market, proposal: Proposal) -> int:
    """Position, working entry and this order."""
    held = 0 if market.position is None else market.position.lots
    working = 0 if market.entry is None else market.entry.remaining
    return held + working + proposal.lots


def _own_notional(market: Market, proposal: Proposal) -> float:
    """R15."""
    return notional(market, proposal.price, lots_with(market, proposal))


def to_micro(amount: float) -> float:
    """R18a, last words."""
    return round(amount * 1e6) / 1e6


def _order_and_position(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R14 and R15."""
    limits = account.limits
    amount = notional(market, proposal.price, proposal.lots)
    if amount > limits.max_order_notional:
        return Refused(Refusal.ORDER_NOTIONAL, limits.max_order_notional, amount)
    amount = _own_notional(market, proposal)
    if amount > limits.max_position_notional:
        return Refused(Refusal.POSITION_NOTIONAL, limits.max_position_notional, amount)
    return None


def _others(account: Account, market: Market) -> list[Market]:
    """Other markets with a position or a working entry."""
    others = [other for other in account.markets if other is not market]
    return [m for m in others if m.position is not None or m.entry is not None]


def _open_positions(account: Account, market: Market) -> Refused | None:
    """R16."""
    count = len(_others(account, market)) + 1
    limit = account.limits.max_open_positions
    return None if count <= limit else Refused(Refusal.OPEN_POSITIONS, limit, count)


def _at_own_mark(market: Market) -> float:
    """R17: another market's position and working entry, at its exit-side quote."""
    lots, side = 0, 0
    if market.position is not None:
        lots, side = market.position.lots, market.position.side
    if market.entry is not None:
        lots, side = lots + market.entry.remaining, market.entry.direction
    return to_micro(notional(market, market.exit_ticks(side), lots))


def _sum(account: Account, market: Market, proposal: Proposal) -> float:
    """R17."""
    total = _own_notional(market, proposal)
    for other in _others(account, market):
        total += _at_own_mark(other)
    return total


def _gross(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R17."""
    total, limit = _sum(account, market, proposal), account.limits.max_gross_notional
    return None if total <= limit else Refused(Refusal.GROSS_NOTIONAL, limit, total)


def _fits(market: Market, patterns: list[str]) -> bool:
    return any(fnmatchcase(market.instrument, pattern) for pattern in patterns)


def _group(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R17a."""
    limit = account.limits.max_group_notional
    for patterns in account.groups.values():
        if not _fits(market, list(patterns)):
            continue
        total = _own_notional(market, proposal)
        for other in _others(account, market):
            if _fits(other, list(patterns)):
                total += _at_own_mark(other)
        if total > limit:
            return Refused(Refusal.GROUP_NOTIONAL, limit, total)
    return None


def _leverage(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R17b."""
    total, equity = _sum(account, market, proposal), account.equity_micro / 1e6
    limit = account.limits.max_leverage * equity
    return None if equity > 0 and total <= limit else Refused(Refusal.LEVERAGE, limit, total)


def _leverage_of(market: Market) -> float:
    return 1.0 if market.margin is None else float(market.margin.leverage)


def _margin(account: Account, market: Market, proposal: Proposal) -> Refused | None:
    """R17c."""
    needed = _own_notional(market, proposal) / _leverage_of(market)
    for other in _others(account, market):
        needed += to_micro(_at_own_mark(other) / _leverage_of(other))
    equity = account.equity_micro / 1e6
    return None if needed <= equity else Refused(Refusal.MARGIN, equity, needed)


def loss_at_stop(market: Market, plan: Plan, side: int, price: int, lots: int) -> float:
    """R18: from the limit price to the plan's stop away from it, and two taker fees."""
    fee = notional(market, price, lots) * market.constants.taker
    return loss(market, side, lots, price, price - side * plan.stop) + 2 * fee


def _trade_loss_and_heat(
    account: Account, market: Market, proposal: Proposal, plan: Plan
) -> Refused | None:
    """R18 and R18a."""
    limits, lots = account.limits, lots_with(market, proposal)
    risked = loss_at_stop(market, plan, proposal.direction, proposal.price, lots)
    if not risked <= limits.max_trade_loss:
        return Refused(Refusal.TRADE_LOSS, limits.max_trade_loss, risked)
    for other in _others(account, market):
        risked += at_risk(other)
    return None if risked <= limits.max_heat else Refused(Refusal.HEAT, limits.max_heat, risked)


def at_risk(market: Market) -> float:
    """R18a, of another market."""
    risked, position, order = 0.0, market.position, market.entry
    if position is not None:
        exit_ticks = market.exit_ticks(position.side)
        lost = loss(market, position.side, position.lots, exit_ticks, position.stop_level)
        risked += max(0.0, lost) + market.exit_cost / 1e6
    if order is not None:
        plan = market.plan if position is None else position.plan
        assert plan is not None
        risked += loss_at_stop(market, plan, order.direction, order.price, order.remaining)
    return to_micro(risked)


def _liquidation(
    account: Account, market: Market, proposal: Proposal, plan: Plan
) -> Refused | None:
    """R18b."""
    cost, lots = proposal.price * proposal.lots, proposal.lots
    parts = Fraction(lots, max(1, proposal.price))
    if market.position is not None:
        cost, lots = cost + market.position.cost, lots + market.position.lots
        parts += market.position.parts
    funding: Decimal = account.ledger.open_funding(market)
    held = Held(proposal.direction, lots, cost, funding, parts)
    level = liquidation_level(market.margin, market.constants, held)
    if level == 0:
        return None
    away, least = abs(proposal.price - level), account.limits.min_liquidation_stops * plan.stop
    return None if away >= least else Refused(Refusal.LIQUIDATION, least, float(away))
