"""The risk engine: the only maker of `Approved` (docs/rules.md, section 5).

Pure: time and state come in with the view and the calls, what it needs of orders and trades it
remembers itself. An entry passes only if every rule says so; an exit is stopped by its form and
its size alone, and by no lock or pause.
"""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec

from domain.costs import notional_micro
from domain.enums import Purpose, Refusal, StateCause
from domain.limits import Limits
from domain.locks import ALL, Lock, Pause
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Trade
from domain.protections import Protections
from domain.risk_state import RiskState
from domain.units import MICRO
from risk.approvals import Approvals
from risk.counts import MarketCounts
from risk.groups import Groups
from risk.locks import Locks
from risk.pauses import LossStreak, Slippage
from risk.protections import ProtectionWatch, closed_trade
from risk.rules.case import Case, Memory, numbers_of
from risk.rules.form import inside_hard_collar
from risk.rules.table import ENTRY_RULES, EXIT_RULES, first_broken
from risk.times import MOST_TIMES
from risk.view import RiskView

_MILLI_NS: Final = 1_000_000
_NO_GROUPS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})
_UNPROTECTED: Final = Protections()
_NOTHING: Final = Decimal(0)

# L4: refusals that no waiting cures.
_CURELESS: Final = frozenset(
    {
        Refusal.DUPLICATE,
        Refusal.BAD_PRICE,
        Refusal.MIN_NOTIONAL,
        Refusal.PRICE_COLLAR,
        Refusal.ORDER_NOTIONAL,
        Refusal.POSITION_NOTIONAL,
        Refusal.TRADE_LOSS,
        Refusal.LIQUIDATION,
        Refusal.EXCEEDS_POSITION,
    }
)


class RiskEngine:
    """Turns orders into approved or refused ones, and says what locks and pauses entries.

    One per account; it counts its own approvals. After each event its `measures` are taken.
    """

    def __init__(
        self,
        limits: Limits,
        groups: Mapping[str, Sequence[str]] = _NO_GROUPS,
        protections: Protections = _UNPROTECTED,
        start_equity: Decimal = _NOTHING,
    ) -> None:
        """`start_equity` is what `protections.max_drawdown` measures the first fall against."""
        self._missing = limits.missing()
        self._limits = numbers = numbers_of(limits)
        self._settings = limits
        self._allow = frozenset(limits.allow)
        self._groups = Groups(groups)
        self._approvals = Approvals(numbers.duplicate_window_ms * _MILLI_NS)
        self._counts = MarketCounts(
            (numbers.repeated_entries, numbers.repeated_window_s),
            (numbers.reject_burst, numbers.reject_window_s),
        )
        self._locks = Locks()
        self._memory = Memory(self._approvals, self._counts, self._locks)
        self._losses = LossStreak(numbers.loss_streak, numbers.loss_streak_pause_s)
        self._slippage = Slippage(
            numbers.slippage_orders, numbers.max_slippage_bps, numbers.slippage_pause_s
        )
        self._watch = ProtectionWatch(protections, start_equity)
        self._measures: list[Lock | Pause] = []

    def problems(self) -> list[str]:
        """Why no entry can pass, whatever the market does: a line for each setting at fault."""
        found = [f"{key} must be stated, finite and above 0" for key in self._missing]
        if self._limits.exit_reserve >= self._limits.orders_per_day:
            found.append("limits.exit_reserve must be below limits.orders_per_day")
        return [f"{line}: until then every entry is refused" for line in found]

    def review(self, order: Order, view: RiskView) -> Approved | Refused:
        """Hold one order against the rules of its purpose, and remember it if it passes.

        An approved exit may carry another limit than `order`: the edge of the hard collar (R19).
        A refusal may set a lock (L3, L4).
        """
        entering = order.purpose is Purpose.ENTRY
        verdict = self._review_entry(order, view) if entering else self._review_exit(order, view)
        if isinstance(verdict, Refused):
            self._lock_by_refusal(verdict, view)
        return verdict

    def traded(self, trade: Trade, now_ns: int) -> None:
        """A trade closed: R3b counts it, L1 and L5 look at it."""
        self._counts.traded(trade.market)
        if pause := self._losses.traded(trade, now_ns):
            self._measures.append(pause)
        for lock in self._watch.traded(closed_trade(trade, now_ns)):
            self._put(lock)

    def filled(self, fill: Fill) -> None:
        """An order filled, in whole or in part: L2 looks at it."""
        if pause := self._slippage.filled(fill):
            self._measures.append(pause)

    def roll_day(self) -> None:
        """The account's day began: its orders, and entries of markets without sessions, anew."""
        self._approvals.today = 0
        self._counts.roll_day()

    def session_began(self, market: str) -> None:
        """The edge of a market's session: its entries are counted anew (R8a)."""
        self._counts.session_began(market)

    def release(self, market: str | None) -> None:
        """A person looked at a market, or at everything (None): its locks end, its counts too."""
        self._locks.release(market)
        self._counts.release(market)

    def lock_by_hand(self, market: str | None, now_ns: int, until_ns: int | None) -> None:
        """A person locks a market, or all (None), until a time or a release."""
        code, where = Refusal.LOCKED_BY_HAND, ALL if market is None else market
        self._put(Lock(where, code, now_ns, until_ns, None, None, "a person's lock"))

    def state_released(self) -> None:
        """A command set ACTIVE: what L1 and L2 remember is forgotten."""
        self._losses.forget()
        self._slippage.forget()

    def measures(self) -> tuple[Lock | Pause, ...]:
        """Pauses and locks set since the last call, which belong to one event: L1 to L5."""
        taken = sorted(self._measures, key=_rank)
        self._measures.clear()
        return tuple(taken)

    def state(self) -> RiskState:
        """What a restart must not forget; between two events, when no measure waits."""
        return RiskState(
            approvals=self._approvals.state(),
            counts=self._counts.state(),
            locks=self._locks.state(),
            losses=self._losses.state(),
            slippage=self._slippage.state(),
            closed=self._watch.trades.state(),
        )

    def restore(self, state: RiskState) -> None:
        """Go on with what `state` said. Limits, groups and protections are those of now."""
        self._approvals.restore(state.approvals)
        self._counts.restore(state.counts)
        self._locks.restore(state.locks)
        self._losses.restore(state.losses)
        self._slippage.restore(state.slippage)
        self._watch.trades.restore(state.closed)

    def locks(self, now_ns: int) -> tuple[Lock, ...]:
        """The locks in force, in the order in which they were set."""
        return self._locks.in_force(now_ns)

    def _review_entry(self, order: Order, view: RiskView) -> Approved | Refused:
        if self._missing:  # R1
            return self._limit_missing(order)
        return first_broken(self._case(order, view), ENTRY_RULES) or self._approve(order, view)

    def _review_exit(self, order: Order, view: RiskView) -> Approved | Refused:
        """R19."""
        if refused := first_broken(self._case(order, view), EXIT_RULES):
            return refused
        limit = inside_hard_collar(order.limit, view, self._limits.hard_collar_bps)
        if limit != order.limit:
            order = msgspec.structs.replace(order, limit=limit)
        return self._approve(order, view)

    def _limit_missing(self, order: Order) -> Refused:
        key = self._missing[0]
        value = getattr(self._settings, key.removeprefix("limits."))
        actual = float(value) if isinstance(value, int | float) else math.nan
        return Refused(order, Refusal.LIMIT_MISSING, 0.0, actual, key)

    def _case(self, order: Order, view: RiskView) -> Case:
        held = view.position_lots + view.working_entry_lots + order.lots
        return Case(
            order,
            view,
            self._limits,
            self._memory,
            self._groups,
            "*" in self._allow or view.instrument in self._allow,
            _notional(order, view, order.lots),
            _notional(order, view, held),
        )

    def _approve(self, order: Order, view: RiskView) -> Approved:
        self._approvals.add(order, view.now_ns)
        if order.purpose is Purpose.ENTRY:
            self._counts.approved(view.market, order, view.now_ns)
        return Approved(order)

    def _lock_by_refusal(self, refused: Refused, view: RiskView) -> None:
        """L3 and L4."""
        code, market, now_ns = refused.code, view.market, view.now_ns
        if code is Refusal.REPEATED_ENTRIES:  # by R8b, or by the lock itself, which stays as it is
            self._put(Lock(market, code, now_ns, None, refused.limit, refused.actual, refused.key))
        if code not in _CURELESS:
            return
        limit, count = self._limits.reject_burst, self._counts.refused(market, now_ns)
        if count >= min(limit, float(MOST_TIMES)):
            burst, key = Refusal.REJECT_BURST, "limits.reject_burst"
            self._put(Lock(market, burst, now_ns, None, limit, float(count), key))

    def _put(self, lock: Lock) -> None:
        if self._locks.put(lock):
            self._measures.append(lock)


def _notional(order: Order, view: RiskView, lots: int) -> float:
    """In money, at the order's limit; NaN where that is no price: R10 refuses it."""
    if order.limit < 1:
        return math.nan
    return notional_micro(float(order.limit), float(lots), view.value, view.inverse) / MICRO


def _rank(measure: Lock | Pause) -> int:
    """Place among L1 to L5; those of L5 stay in the order in which they were decided."""
    if isinstance(measure, Pause):
        return 1 if measure.cause is StateCause.LOSS_STREAK else 2
    return {Refusal.REPEATED_ENTRIES: 3, Refusal.REJECT_BURST: 4}.get(measure.code, 5)
