"""When a position is added to: A1."""

from domain.enums import AveragingMode, ExitReason, Gate
from oracle.account import Account
from oracle.gates import Look, Verdict, judge
from oracle.numbers import whole_standards
from oracle.state import Market, Position

_NOT_ASKED = (Gate.MIN_MOVE, Gate.COOL_DOWN)


def addition_lots(market: Market) -> int:
    multiple = market.settings.number("averaging.multiple")
    return whole_standards(multiple, market.constants.standard_lots)


def cap_lots(market: Market) -> int:
    multiple = market.settings.number("averaging.max_multiple")
    return whole_standards(multiple, market.constants.standard_lots)


def try_addition(market: Market, account: Account, now: int) -> Verdict | None:
    """A1: the gates' distances if the position is to be added to."""
    position = market.position
    if position is None or market.by_hand or not market.features.valid:
        return None
    if market.entry is not None or market.exit is not None:
        return None
    if position.reason is not ExitReason.NONE or not _may_add(market, position, now):
        return None
    verdict = judge(Look(market, account, now, position.side), left_out=_NOT_ASKED)
    return verdict if verdict.blocked_by is None else None


def _may_add(market: Market, position: Position, now: int) -> bool:
    """A1, before the gates."""
    settings, mode = market.settings, market.settings.whole("averaging.mode")
    if mode == AveragingMode.OFF:
        return False
    if position.additions >= settings.whole("averaging.max_additions"):
        return False
    if not 1 <= addition_lots(market) <= cap_lots(market) - position.lots:
        return False
    if now - position.entry_ns > settings.ns("averaging.window_s"):
        return False
    last = position.last_addition_ns
    since = now - (position.entry_ns if last is None else last)
    if since < settings.ns("averaging.interval_s"):
        return False
    if market.features.direction != position.side:
        return False
    gain = market.gain(position)
    return gain > 0 if mode == AveragingMode.PROFIT else gain >= -position.plan.loss_budget
