"""Locks after a trade that closed: L5."""

from decimal import Decimal, localcontext

from domain.enums import ExitReason, Refusal
from domain.units import EXACT
from oracle.account import Account, Lock
from oracle.locks import set_lock
from oracle.money import ClosedTrade
from oracle.numbers import NAN, nanoseconds

_STOPS = (
    ExitReason.LIQUIDATION, ExitReason.TRADE_LOSS, ExitReason.HARD_STOP,
    ExitReason.BREAK_EVEN, ExitReason.OFFSET_STOP, ExitReason.PROFIT_LOCK, ExitReason.TRAILING,
    ExitReason.TIGHT_TRAILING, ExitReason.FAST_TRAILING, ExitReason.TIME_STOP,
)  # fmt: skip


def after_close(account: Account, now: int, closed: ClosedTrade) -> None:
    """Each whose section stands in the settings, in the order of the page."""
    _cooldown_period(account, now, closed)
    _stoploss_guard(account, now, closed)
    _max_drawdown(account, now)
    _low_profit_pairs(account, now, closed)


def _recent(account: Account, now: int, lookback_s: float) -> list[ClosedTrade]:
    """Those closed in (now - lookback, now], oldest first."""
    since = now - nanoseconds(lookback_s)
    return [trade for trade in account.ledger.trades if trade.exit_ns > since]


def _end(now: int, section: dict[str, float]) -> int:
    return now + nanoseconds(section["stop_duration_s"])


def _section(account: Account, name: str) -> dict[str, float] | None:
    found = account.protections.get(name)
    return None if found is None else dict(found)


def _cooldown_period(account: Account, now: int, closed: ClosedTrade) -> None:
    section = _section(account, "cooldown_period")
    if section is not None:
        lock = Lock(closed.market, Refusal.COOLDOWN_PERIOD, NAN, NAN, _end(now, section))
        set_lock(account, now, lock)


def _stoploss_guard(account: Account, now: int, closed: ClosedTrade) -> None:
    section = _section(account, "stoploss_guard")
    if section is None:
        return
    trades = _recent(account, now, section["lookback_s"])
    if section["only_per_pair"]:
        trades = [trade for trade in trades if trade.market == closed.market]
    stopped = [
        trade
        for trade in trades
        if trade.reason in _STOPS and trade.on_notional < section["required_profit"]
    ]
    if len(stopped) >= section["trade_limit"]:
        where = closed.market if section["only_per_pair"] else None
        limit, actual = float(section["trade_limit"]), float(len(stopped))
        lock = Lock(where, Refusal.STOPLOSS_GUARD, limit, actual, _end(now, section))
        set_lock(account, now, lock)


def _max_drawdown(account: Account, now: int) -> None:
    section = _section(account, "max_drawdown")
    if section is None:
        return
    trades = _recent(account, now, section["lookback_s"])
    if len(trades) < section["trade_limit"]:
        return
    before = account.ledger.trades[: len(account.ledger.trades) - len(trades)]
    found = largest_fall(account.ledger.start, before, trades)
    allowed = section["max_allowed_drawdown"]
    if found > allowed:
        lock = Lock(None, Refusal.MAX_DRAWDOWN, allowed, found, _end(now, section))
        set_lock(account, now, lock)


def largest_fall(start: Decimal, before: list[ClosedTrade], trades: list[ClosedTrade]) -> float:
    """The largest fall of the balance below its peak, as a share of that peak."""
    with localcontext(EXACT):
        balance = start
        for trade in before:
            balance += trade.net
        peak, fall, fallen_from = balance, Decimal(0), balance
        for trade in trades:
            balance += trade.net
            peak = max(peak, balance)
            if peak - balance > fall:
                fall, fallen_from = peak - balance, peak
    return float(fall) / float(fallen_from) if fall > 0 else 0.0


def _low_profit_pairs(account: Account, now: int, closed: ClosedTrade) -> None:
    section = _section(account, "low_profit_pairs")
    if section is None:
        return
    trades = _recent(account, now, section["lookback_s"])
    trades = [trade for trade in trades if trade.market == closed.market]
    if len(trades) < section["trade_limit"]:
        return
    profit = 0.0
    for trade in trades:
        profit += trade.on_notional
    if profit < section["required_profit"]:
        required = float(section["required_profit"])
        lock = Lock(closed.market, Refusal.LOW_PROFIT_PAIRS, required, profit, _end(now, section))
        set_lock(account, now, lock)
