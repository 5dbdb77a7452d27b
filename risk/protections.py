"""L5: locks that follow from how the latest trades went (docs/rules.md, section 5).

Trades older than the longest lookback are forgotten, and beyond MOST_TRADES the oldest ones: a
protection then sees the latest MOST_TRADES, which is more than any of its limits may ask for.
"""

from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from domain.enums import ExitReason, Refusal
from domain.portfolio import Trade
from domain.protections import Protections
from risk.locks import ALL, Lock
from risk.times import end_ns, span_ns

MOST_TRADES: Final = 65_536
STOPS: Final = frozenset(
    (
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
    )
)


class _Closed(msgspec.Struct, frozen=True):
    """A closed trade; `profit` is its net in parts of its entry notional, `before` the balance."""

    time_ns: int
    market: str
    reason: ExitReason
    net: float
    profit: float
    before: float


class Guards:
    """Remembers closed trades as long as a protection asks for them."""

    def __init__(self, protections: Protections, start_equity: Decimal) -> None:
        self._protections = protections
        self._balance = float(start_equity)
        lookbacks = (
            each.lookback_s
            for each in (
                protections.stoploss_guard,
                protections.max_drawdown,
                protections.low_profit_pairs,
            )
            if each is not None
        )
        self._kept_ns = span_ns(max(lookbacks, default=0.0))
        self._closed: deque[_Closed] = deque(maxlen=MOST_TRADES)

    def traded(self, trade: Trade, now_ns: int) -> Iterator[Lock]:
        """The locks that this trade brings, in the order of L5."""
        net, notional = float(trade.net), float(trade.entry_notional)
        profit = net / notional if notional > 0 else 0.0
        closed = _Closed(now_ns, trade.market, trade.reason, net, profit, self._balance)
        self._balance += net
        while self._closed and now_ns - self._closed[0].time_ns >= self._kept_ns:
            self._closed.popleft()
        self._closed.append(closed)
        found = (
            self._cooldown_period(closed),
            self._stoploss_guard(closed),
            self._max_drawdown(closed),
            self._low_profit_pairs(closed),
        )
        yield from (lock for lock in found if lock is not None)

    def _since(self, now_ns: int, lookback_s: float) -> list[_Closed]:
        """Trades closed in (now - lookback, now], oldest first."""
        lookback_ns = span_ns(lookback_s)
        return [each for each in self._closed if now_ns - each.time_ns < lookback_ns]

    def _cooldown_period(self, last: _Closed) -> Lock | None:
        rule = self._protections.cooldown_period
        if rule is None:
            return None
        until_ns, seconds = end_ns(last.time_ns, rule.stop_duration_s), rule.stop_duration_s
        key = "protections.cooldown_period.stop_duration_s"
        code = Refusal.COOLDOWN_PERIOD
        return Lock(last.market, code, last.time_ns, until_ns, seconds, 0.0, key)

    def _stoploss_guard(self, last: _Closed) -> Lock | None:
        rule = self._protections.stoploss_guard
        if rule is None:
            return None
        stops = sum(
            each.reason in STOPS
            and each.profit < rule.required_profit
            and (not rule.only_per_pair or each.market == last.market)
            for each in self._since(last.time_ns, rule.lookback_s)
        )
        if stops < rule.trade_limit:
            return None
        market = last.market if rule.only_per_pair else ALL
        until_ns, limit = end_ns(last.time_ns, rule.stop_duration_s), float(rule.trade_limit)
        key, code = "protections.stoploss_guard.trade_limit", Refusal.STOPLOSS_GUARD
        return Lock(market, code, last.time_ns, until_ns, limit, float(stops), key)

    def _max_drawdown(self, last: _Closed) -> Lock | None:
        rule = self._protections.max_drawdown
        if rule is None:
            return None
        trades = self._since(last.time_ns, rule.lookback_s)
        if len(trades) < rule.trade_limit:
            return None
        peak = trades[0].before
        deepest = 0.0
        for each in trades:
            balance = each.before + each.net
            peak = max(peak, balance)
            if peak > 0:
                deepest = max(deepest, (peak - balance) / peak)
        limit = rule.max_allowed_drawdown
        if not deepest > limit:
            return None
        until_ns = end_ns(last.time_ns, rule.stop_duration_s)
        key, code = "protections.max_drawdown.max_allowed_drawdown", Refusal.MAX_DRAWDOWN
        return Lock(ALL, code, last.time_ns, until_ns, limit, deepest, key)

    def _low_profit_pairs(self, last: _Closed) -> Lock | None:
        rule = self._protections.low_profit_pairs
        if rule is None:
            return None
        trades = self._since(last.time_ns, rule.lookback_s)
        profits = [each.profit for each in trades if each.market == last.market]
        total = sum(profits)
        if len(profits) < rule.trade_limit or not total < rule.required_profit:
            return None
        until_ns, limit = end_ns(last.time_ns, rule.stop_duration_s), rule.required_profit
        key, code = "protections.low_profit_pairs.required_profit", Refusal.LOW_PROFIT_PAIRS
        return Lock(last.market, code, last.time_ns, until_ns, limit, total, key)
