"""The oracle itself: order of events, timers, decisions and their answers (I4 to I6, T1, M9)."""

import math
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import msgspec
import numpy as np

from domain.enums import (
    BookSource,
    ExitReason,
    Gate,
    OrderKind,
    PriceSource,
    StateCause,
    TickKind,
    TradingState,
)
from domain.events import Reference
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.rows.tick import SLOTS
from oracle import exits, gates, runs
from oracle.account import Account, OracleLimits
from oracle.desk import Desk
from oracle.features import REFERENCE, Features
from oracle.matching import order_timer
from oracle.money import ClosedTrade
from oracle.numbers import Settings, constants_of
from oracle.said import Said, say_run
from oracle.state import Context, Market, Session
from oracle.ticks import read_tick

__all__ = ["ClosedTrade", "Oracle", "OracleLimits", "Said"]


class Oracle:
    """Folds events and says what the rules say."""

    def __init__(self, start_equity: Decimal, limits: OracleLimits) -> None:
        self._desk = Desk(start_equity, limits)
        self.first_blocking: list[tuple[int, int, int]] = []
        self.rejections: Counter[tuple[int, Gate]] = Counter()
        self.not_ready: Counter[tuple[int, Gate]] = Counter()
        self.observed: Counter[tuple[int, Gate]] = Counter()

    @property
    def account(self) -> Account:
        return self._desk.account

    @property
    def outputs(self) -> list[Said]:
        return self._desk.outputs

    @property
    def decisions(self) -> int:
        return self._desk.decisions

    @property
    def markets(self) -> list[Market]:
        return self.account.markets

    @property
    def trades(self) -> list[ClosedTrade]:
        return self.account.ledger.trades

    def equity(self) -> Decimal:
        """Q3."""
        return self.account.ledger.equity(self.account.unrealised)

    @property
    def max_drawdown(self) -> Decimal:
        """Q3."""
        return self.account.ledger.max_drawdown

    def set_market(
        self,
        name: str,
        instrument: Instrument,
        playbook: Playbook,
        price_source: PriceSource,
        book_source: BookSource,
        rate: Decimal = Decimal(1),
        reference: Reference | None = None,
    ) -> int:
        """Add a market; gives its index."""
        constants = constants_of(instrument, rate)
        settings = Settings(playbook, constants)
        slots = [
            Features(constants, settings, price_source, book_source, slot) for slot in range(SLOTS)
        ]
        if reference is not None:  # C8, and the last sentence of F15
            own = msgspec.structs.replace(
                constants_of(reference.instrument, rate),
                lots_per_unit=constants.lots_per_unit,
                assumed_size=constants.assumed_size,
            )
            slots[REFERENCE] = Features(
                own,
                Settings(playbook, own),
                reference.price_source,
                reference.book_source,
                REFERENCE,
            )
        index, has_reference = len(self.markets), reference is not None
        self.markets.append(Market(index, name, constants, settings, slots, has_reference))
        return len(self.markets) - 1

    # Events

    def tick(self, row: np.void | Mapping[str, float]) -> None:
        """I4 and I5."""
        tick = read_tick(row)
        now = tick.event_ns
        self._run_timers(now)
        market = self.markets[tick.market]
        if tick.slot == REFERENCE and not market.has_reference:
            return  # C8: nothing is known of slot 2
        minute_closed = market.slots[tick.slot].fold(tick)
        if tick.slot != 0 or tick.kind not in (TickKind.TRADE, TickKind.QUOTE):
            return
        if minute_closed:
            self._desk.end_run(market, now)
        market.last_tick_ns = market.touched_ns = now
        self._desk.cancel_entry_unless_active(market)
        filled = self._desk.match(market, tick)
        if not filled and self._desk.ends_on(market, tick):
            return
        if market.features.valid:
            self._desk.mark(market)
        if filled:
            return
        latched_now = self._desk.check_daily_loss(market, now)
        if market.position is not None:
            if market.position.reason is not ExitReason.NONE:
                return  # E4: the next attempt follows by timer
            if not self._desk.try_exit(market, now, latched_now):
                exits.move_stop(market)
        elif market.flat:
            self._try_entry(market, now)

    def session_edge(
        self, market: int, event_ns: int, open_ns: int, cut_off_ns: int, close_ns: int
    ) -> None:
        """T2 and the last sentence of F9."""
        self._run_timers(event_ns)
        row = self.markets[market]
        if row.session is not None and event_ns >= row.session.close_ns:
            minute_closed = [features.candles.close_session() for features in row.slots]
            if minute_closed[0]:
                self._desk.end_run(row, event_ns)
        row.touched_ns = event_ns
        row.session = Session(open_ns, cut_off_ns, close_ns)
        for features in row.slots:
            features.restart_vwap()

    def day_roll(self, event_ns: int) -> None:
        """T2."""
        self._run_timers(event_ns)
        account = self.account
        account.ledger.roll_day()
        account.day_open = account.open_result
        account.approved_before_today = len(account.approved)
        for market in self.markets:
            if market.session is None:
                for features in market.slots:
                    features.restart_vwap()
        if account.state is TradingState.HALTED and account.cause is StateCause.DAILY_LOSS:
            self._desk.set_state(None, event_ns, account.state_before, StateCause.DAY_ROLL)

    def context(
        self,
        market: int,
        event_ns: int,
        valid_until_ns: int,
        smc_bias: float,
        plan_side: float,
        win_long: float,
        win_short: float,
    ) -> None:
        """G27."""
        self._run_timers(event_ns)
        said = Context(valid_until_ns, smc_bias, plan_side, win_long, win_short)
        self.markets[market].context = said

    def command(self, event_ns: int, state: TradingState) -> None:
        self._run_timers(event_ns)
        if state is self.account.state:
            self.account.cause = StateCause.COMMAND
        else:
            self._desk.set_state(None, event_ns, state, StateCause.COMMAND)

    def end_of_data(self, market: int, event_ns: int) -> None:
        """M8 and E3.12."""
        self._run_timers(event_ns)
        row = self.markets[market]
        self._desk.end_run(row, event_ns)
        row.entry = row.exit = None
        if row.position is not None:
            row.position.reason = ExitReason.END_OF_DATA
            self._desk.intend_exit(row, event_ns, 0.0, OrderKind.CLOSE_OUT)
        row.ended = True

    # Timers

    def _next_timer(self) -> tuple[int, int] | None:
        """T1: the earliest (time, market) of all."""
        due: list[tuple[int, int]] = []
        for market in self.markets:
            if market.ended:
                continue
            for order_ns in (order_timer(market.entry), order_timer(market.exit)):
                due += (
                    [] if order_ns is None else [(max(market.touched_ns, order_ns), market.index)]
                )
            position_ns = exits.exit_timer(market)
            due += [] if position_ns is None else [(position_ns, market.index)]
        return min(due, default=None)

    def _run_timers(self, until_ns: int) -> None:
        """I4: found anew after each, as one may set or end another."""
        while (timer := self._next_timer()) is not None and timer[0] <= until_ns:
            market = self.markets[timer[1]]
            arrivals = [o for o in (market.entry, market.exit) if o is not None and not o.arrived]
            arrives = any(order.arrival_ns + 1 == timer[0] for order in arrivals)
            self._at_timer(market, timer[0] - arrives)

    def _at_timer(self, market: Market, now: int) -> None:
        """T1: arrivals, entry before exit, then ends, then the exits; a fill stops it (M9)."""
        filled, market.touched_ns = False, now
        self._desk.cancel_entry_unless_active(market)
        for order in (market.entry, market.exit):
            if order is not None and not order.arrived and order.arrival_ns <= now:
                filled |= self._desk.arrive(market, order, now)
        if filled:
            return
        for order in (market.entry, market.exit):
            if order is not None and order.arrived and order.end_ns <= now:
                self._desk.end(market, order, now)
        if market.position is not None:
            self._desk.try_exit(market, now, latched_now=False)

    # Flat ticks

    def _try_entry(self, market: Market, now: int) -> None:
        """Section 3 and G24."""
        side = gates.candidate_side(market.features)
        verdict = gates.judge(gates.Look(market, self.account, now, side))
        for gate in verdict.observed:
            self.observed[market.index, gate] += 1
        blocked_by = verdict.blocked_by
        if blocked_by is None:
            self._desk.intend_entry(market, now, side, verdict.distances)
            return
        distance = verdict.distances[blocked_by]
        self.first_blocking.append((market.index, now, int(blocked_by)))
        self.rejections[market.index, blocked_by] += 1
        if math.isnan(distance):
            self.not_ready[market.index, blocked_by] += 1
        market.run, ended = runs.reject(market.run, blocked_by, distance, now)
        if ended is not None:
            self._desk.outputs.append(say_run(market, ended, now))
