"""L5: locks by the trades that closed lately, each only if the settings ask for it.

Pure over the remembered trades. What cannot be judged locks: a trade without an entry notional
counts as the worst, and a protection that looks back to trades that had to be forgotten acts.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from domain.enums import ExitReason, Refusal
from domain.locks import ALL, Lock
from domain.portfolio import Trade
from domain.protections import (
    Closed,
    LowProfitPairs,
    MaxDrawdown,
    Protections,
    StoplossGuard,
)
from domain.risk_state import ClosedTradesState
from domain.units import EXACT, ROUNDED
from risk.times import end_ns, span_ns

MOST_TRADES: Final = 16_384  # remembered; with more inside a lookback, its protection acts

# A way out by a stop: a lost one, or any that a mover named (E3, row 8).
STOPS: Final = frozenset(
    {
        ExitReason.LIQUIDATION,
        ExitReason.TRADE_LOSS,
        ExitReason.HARD_STOP,
        ExitReason.BREAK_EVEN,
        ExitReason.OFFSET_STOP,
        ExitReason.PROFIT_LOCK,
        ExitReason.TRAILING,
        ExitReason.TIGHT_TRAILING,
        ExitReason.FAST_TRAILING,
        ExitReason.TIME_STOP,
    }
)


class Found(msgspec.Struct, frozen=True):
    """The limit of a protection, and the number that reached it; None where it has no limit."""

    limit: float | None
    actual: float | None


def closed_trade(trade: Trade, now_ns: int) -> Closed:
    """What is remembered of a trade; its profit is -inf if its entries are worth nothing."""
    entered = trade.entry_notional
    profit = float(ROUNDED.divide(trade.net, entered)) if entered > 0 else -math.inf
    return Closed(trade.market, now_ns, trade.reason, trade.net, profit)


def too_many_stops(guard: StoplossGuard, trades: Sequence[Closed]) -> Found | None:
    """Stops of less than the required profit, if there are as many as the limit."""
    stops = sum(each.reason in STOPS and each.profit < guard.required_profit for each in trades)
    return Found(float(guard.trade_limit), float(stops)) if stops >= guard.trade_limit else None


def too_deep(limit: MaxDrawdown, before: Decimal, trades: Sequence[Closed]) -> Found | None:
    """The largest fall of the balance below its peak, in parts of that peak."""
    if len(trades) < limit.trade_limit:
        return None
    fallen = drawdown(before, [each.net for each in trades])
    allowed = limit.max_allowed_drawdown
    return Found(allowed, fallen) if fallen > allowed else None


def drawdown(before: Decimal, nets: Sequence[Decimal]) -> float:
    """Of a balance that starts at `before`. Infinite where the peak it fell from is not above 0."""
    balance = peak = top = before
    largest = Decimal(0)
    for net in nets:
        balance = EXACT.add(balance, net)
        peak = max(peak, balance)
        fall = EXACT.subtract(peak, balance)
        if fall > largest:
            largest, top = fall, peak
    if largest == 0:
        return 0.0
    return float(largest) / float(top) if top > 0 else math.inf


def too_little(limit: LowProfitPairs, trades: Sequence[Closed]) -> Found | None:
    """The profits of a market's trades together, if they are too little."""
    profit = sum(each.profit for each in trades)
    if len(trades) < limit.trade_limit or profit >= limit.required_profit:
        return None
    return Found(limit.required_profit, profit)


Judge = Callable[[Decimal, list[Closed]], Found | None]


class ClosedTrades:
    """The trades inside the longest lookback, at most MOST_TRADES, and the balance before them."""

    def __init__(self, start_equity: Decimal, longest_ns: int) -> None:
        self._trades: deque[Closed] = deque()
        self._longest_ns = longest_ns
        self._before = start_equity
        self._lost_ns: int | None = None  # when the latest closed of those that had no room

    def state(self) -> ClosedTradesState:
        """What a restart must not forget."""
        return ClosedTradesState(tuple(self._trades), self._before, self._lost_ns)

    def restore(self, state: ClosedTradesState) -> None:
        """Go on with what `state` said."""
        self._trades = deque(state.trades)
        self._before = state.before
        self._lost_ns = state.lost_ns

    def add(self, trade: Closed) -> None:
        """Remember a trade, forget what no protection looks back to."""
        trades = self._trades
        trades.append(trade)
        while trades and trade.closed_ns - trades[0].closed_ns >= self._longest_ns:
            self._forget()
        while len(trades) > MOST_TRADES:
            self._lost_ns = self._forget().closed_ns

    def _forget(self) -> Closed:
        oldest = self._trades.popleft()
        self._before = EXACT.add(self._before, oldest.net)
        return oldest

    def since(self, now_ns: int, span: int) -> tuple[Decimal, list[Closed]] | None:
        """Trades of (now - span, now] and the balance before; None if some had to be forgotten."""
        if self._lost_ns is not None and now_ns - self._lost_ns < span:
            return None
        balance, recent = self._before, list[Closed]()
        for trade in self._trades:
            if now_ns - trade.closed_ns < span:
                recent.append(trade)
            else:
                balance = EXACT.add(balance, trade.net)
        return balance, recent


class ProtectionWatch:
    """Looks at the protections that are asked for, each time a trade closes."""

    def __init__(self, protections: Protections, start_equity: Decimal) -> None:
        self._asked = protections
        rules = (protections.stoploss_guard, protections.max_drawdown, protections.low_profit_pairs)
        lookbacks = [span_ns(rule.lookback_s) for rule in rules if rule is not None]
        self.trades = ClosedTrades(start_equity, max(lookbacks, default=0))

    def traded(self, trade: Closed) -> list[Lock]:
        """The locks that this trade asks for, in the order of the page."""
        self.trades.add(trade)
        asked, now_ns, locks = self._asked, trade.closed_ns, list[Lock]()

        def lock(code: Refusal, market: str, found: Found | None, stop_s: float, key: str) -> None:
            if found is not None:
                until_ns, where = end_ns(now_ns, stop_s), f"protections.{code.word}{key}"
                locks.append(Lock(market, code, now_ns, until_ns, found.limit, found.actual, where))

        if pause := asked.cooldown_period:
            nothing = Found(None, None)  # it is held against no limit
            lock(Refusal.COOLDOWN_PERIOD, trade.market, nothing, pause.stop_duration_s, "")
        if guard := asked.stoploss_guard:
            market = trade.market if guard.only_per_pair else ALL
            found = self._judge(
                guard.lookback_s,
                now_ns,
                lambda _, recent: too_many_stops(guard, _of(market, recent)),
            )
            lock(Refusal.STOPLOSS_GUARD, market, found, guard.stop_duration_s, ".trade_limit")
        if deep := asked.max_drawdown:
            found = self._judge(
                deep.lookback_s, now_ns, lambda before, recent: too_deep(deep, before, recent)
            )
            stop_s, key = deep.stop_duration_s, ".max_allowed_drawdown"
            lock(Refusal.MAX_DRAWDOWN, ALL, found, stop_s, key)
        if low := asked.low_profit_pairs:
            found = self._judge(
                low.lookback_s, now_ns, lambda _, recent: too_little(low, _of(trade.market, recent))
            )
            stop_s, key = low.stop_duration_s, ".required_profit"
            lock(Refusal.LOW_PROFIT_PAIRS, trade.market, found, stop_s, key)
        return locks

    def _judge(self, lookback_s: float, now_ns: int, judge: Judge) -> Found | None:
        known = self.trades.since(now_ns, span_ns(lookback_s))
        return Found(MOST_TRADES, MOST_TRADES + 1) if known is None else judge(*known)


def _of(market: str, trades: Sequence[Closed]) -> Sequence[Closed]:
    return [each for each in trades if market in (ALL, each.market)]
