"""The risk engine: the only maker of `Approved` (docs/rules.md, section 5).

Pure: time and state come in with the view, the approvals, trades and fills that it needs it
remembers itself. An entry passes only if every rule says so and no lock is set; an exit is stopped
by its form and its size alone.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from domain.enums import OrderKind, Purpose, Refusal
from domain.limits import NUMBERS, Limits
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Trade
from domain.protections import Protections
from risk.approvals import Approvals
from risk.counts import MarketCounts
from risk.locks import Lock, Locks, Pause
from risk.pauses import LossStreak, Slippage
from risk.protections import Guards
from risk.rules import ENTRY_RULES, EXIT_RULES, PERMISSION_RULES, first_broken
from risk.rules.case import Case, Numbers
from risk.rules.order_form import inside_hard_collar
from risk.view import RiskView

_MILLI_NS: Final = 1_000_000
# L4: refusals of orders that should not have been sent: no waiting makes them right.
_WRONG: Final = frozenset(
    (
        Refusal.DUPLICATE,
        Refusal.BAD_PRICE,
        Refusal.BAD_LOTS,
        Refusal.MIN_NOTIONAL,
        Refusal.PRICE_COLLAR,
        Refusal.ORDER_NOTIONAL,
        Refusal.POSITION_NOTIONAL,
        Refusal.TRADE_LOSS,
        Refusal.LIQUIDATION,
        Refusal.EXCEEDS_POSITION,
    )
)


class RiskEngine:
    """Turns orders into approved or refused ones. One per account; it counts its own approvals.

    groups        patterns of names of markets that move together, by the group's name.
    protections   what closed trades may look like before entries are locked.
    start_equity  balance before the first trade, account currency, for the drawdown protection.
    """

    def __init__(
        self,
        limits: Limits,
        groups: Mapping[str, tuple[str, ...]] | None = None,
        protections: Protections | None = None,
        start_equity: Decimal = Decimal(0),
    ) -> None:
        self._missing = limits.missing()
        self._limits = numbers = Numbers(
            **{
                name: math.nan
                if f"limits.{name}" in self._missing
                else float(getattr(limits, name))
                for name in NUMBERS
            }
        )
        self._settings = limits
        self._allow = frozenset(limits.allow)
        self._groups = dict(groups or {})
        self._approvals = Approvals(numbers.duplicate_window_ms * _MILLI_NS)
        self._counts = MarketCounts(
            (numbers.repeated_entries, numbers.repeated_window_s),
            (numbers.reject_burst, numbers.reject_window_s),
        )
        self._streak = LossStreak(numbers.loss_streak, numbers.loss_streak_pause_s)
        self._slippage = Slippage(
            numbers.slippage_orders, numbers.max_slippage_bps, numbers.slippage_pause_s
        )
        self._guards = Guards(protections or Protections(), start_equity)
        self._locks = Locks()
        self._measures: list[Lock | Pause] = []

    def problems(self) -> list[str]:
        """Why no entry can pass, whatever the market does: a line for each setting at fault."""
        found = [f"{key} must be stated, finite and above 0" for key in self._missing]
        if self._limits.exit_reserve >= self._limits.orders_per_day:
            found.append("limits.exit_reserve must be below limits.orders_per_day")
        return [f"{line}: until then every entry is refused" for line in found]

    def roll_day(self) -> None:
        """The account's day began: orders, and entries of markets without sessions, count anew."""
        self._approvals.today = 0
        self._counts.roll_day()

    def session_began(self, market: str) -> None:
        """A session's edge: the market's entries count anew (R8a)."""
        self._counts.session_began(market)

    def release(self, market: str | None) -> None:
        """A person has looked at a market, or at all (None): locks end, counts start anew."""
        self._locks.release(market)
        self._counts.release(market)

    def state_released(self) -> None:
        """A command set ACTIVE: what led to pauses is forgotten (L1, L2)."""
        self._streak.forget()
        self._slippage.forget()

    def traded(self, trade: Trade, now_ns: int) -> None:
        """A trade closed: count it, and decide what follows (L1, L5)."""
        self._counts.traded(trade.market)
        if pause := self._streak.traded(trade, now_ns):
            self._measures.append(pause)
        for lock in self._guards.traded(trade, now_ns):
            self._lock(lock)

    def filled(self, fill: Fill) -> None:
        """An order filled: look at how far from its quote (L2)."""
        if pause := self._slippage.filled(fill):
            self._measures.append(pause)

    def measures(self) -> tuple[Lock | Pause, ...]:
        """What was decided since the last call, in order; the call empties it."""
        decided = tuple(self._measures)
        self._measures.clear()
        return decided

    def locks(self, now_ns: int) -> tuple[Lock, ...]:
        """The locks in force, in the order in which they were set."""
        return self._locks.in_force(now_ns)

    def review(self, order: Order, view: RiskView) -> Approved | Refused:
        """Hold one order against the rules of its purpose, and remember it if it passes.

        An approved exit may carry another limit than `order`: the edge of the hard collar (R19).
        """
        entering = order.purpose is Purpose.ENTRY
        verdict = self._review_entry(order, view) if entering else self._review_exit(order, view)
        if isinstance(verdict, Refused):
            self._refused(verdict, view)
        return verdict

    def _review_entry(self, order: Order, view: RiskView) -> Approved | Refused:
        if self._missing:  # R1
            return self._limit_missing(order)
        case = self._case(order, view)
        if refused := first_broken(case, PERMISSION_RULES):
            return refused
        if lock := self._locks.on(view.market, view.now_ns):  # R3a
            return Refused(order, lock.code, lock.limit, lock.actual, lock.key, lock.end_ns)
        if refused := first_broken(case, ENTRY_RULES):
            return refused
        self._counts.approved(view.market, order, view.now_ns)
        return self._approve(order, view)

    def _review_exit(self, order: Order, view: RiskView) -> Approved | Refused:
        """R19."""
        if refused := first_broken(self._case(order, view), EXIT_RULES):
            return refused
        limit = inside_hard_collar(order.limit, view, self._limits.hard_collar_bps)
        if limit != order.limit:
            order = msgspec.structs.replace(order, limit=limit)
        return self._approve(order, view)

    def _refused(self, refused: Refused, view: RiskView) -> None:
        """L3, L4: some refusals say that something runs wild; only a person can know."""
        market, now_ns = view.market, int(view.now_ns)
        if refused.code is Refusal.REPEATED_ENTRIES and refused.until_ns == 0:
            limit, actual, key = refused.limit, refused.actual, refused.key
            self._lock(Lock(market, refused.code, now_ns, None, limit, actual, key))
        if refused.code not in _WRONG or refused.order.kind is OrderKind.CLOSE_OUT:
            return
        count, limit = self._counts.refused(market, now_ns), self._limits.reject_burst
        if count >= limit:
            code, key = Refusal.REJECT_BURST, "limits.reject_burst"
            self._lock(Lock(market, code, now_ns, None, limit, float(count), key))

    def _lock(self, lock: Lock) -> None:
        if self._locks.put(lock):
            self._measures.append(lock)

    def _limit_missing(self, order: Order) -> Refused:
        key = self._missing[0]
        value = getattr(self._settings, key.removeprefix("limits."))
        actual = float(value) if isinstance(value, int | float) else math.nan
        return Refused(order, Refusal.LIMIT_MISSING, 0.0, actual, key)

    def _case(self, order: Order, view: RiskView) -> Case:
        return Case(
            order=order,
            view=view,
            limits=self._limits,
            approvals=self._approvals,
            counts=self._counts,
            groups=self._groups,
            allowed="*" in self._allow or view.market in self._allow,
        )

    def _approve(self, order: Order, view: RiskView) -> Approved:
        self._approvals.add(order, view.now_ns)
        return Approved(order)
