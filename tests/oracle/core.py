"""The oracle itself: the order of events and timers (I4 to I6, T1 to T3, M9)."""

import math
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from domain.enums import (
    BookSource,
    ExitReason,
    Gate,
    OrderKind,
    Origin,
    PriceSource,
    StateCause,
    TickKind,
    TradingState,
)
from domain.events import Reference
from domain.instruments import Instrument
from domain.playbooks import Playbook
from oracle import fills, gates, locks, restart, runs, switches, trading_state
from oracle.account import Account, Groups, Protections
from oracle.desk import Desk, OrderByHand
from oracle.features import REFERENCE
from oracle.limits import OracleLimits
from oracle.margin import margin_of
from oracle.money import ClosedTrade, Ledger
from oracle.movers import move_stop
from oracle.new_market import Sources, new_market
from oracle.said import Said, say_closed, say_run
from oracle.state import Context, Market, Session
from oracle.switches import FRAME_15S
from oracle.ticks import Tick, read_tick
from oracle.timers import next_timer

__all__ = ["ClosedTrade", "Oracle", "OracleLimits", "OrderByHand", "Said"]


class Oracle:
    """Folds events and says what the rules say."""

    def __init__(
        self,
        start_equity: Decimal,
        limits: OracleLimits,
        groups: Groups | None = None,
        protections: Protections | None = None,
    ) -> None:
        account = Account(limits, Ledger(start_equity), groups or {}, protections or {})
        self._desk = Desk(account)
        self.first_blocking: list[tuple[int, int, int]] = []
        self.rejections: Counter[tuple[int, Gate]] = Counter()
        self.not_ready: Counter[tuple[int, Gate]] = Counter()
        self.observed: Counter[tuple[int, Gate]] = Counter()

    @property
    def account(self) -> Account:
        return self._desk.account

    @property
    def outputs(self) -> list[Said]:
        return self.account.outputs

    @property
    def decisions(self) -> int:
        """Intents of entries and exits, and additions."""
        return self._desk.decisions

    @property
    def additions(self) -> Counter[int]:
        """Intents of additions by market."""
        return self._desk.additions

    @property
    def markets(self) -> list[Market]:
        return self.account.markets

    @property
    def trades(self) -> list[ClosedTrade]:
        return self.account.ledger.trades

    def equity(self) -> Decimal:
        """Q3."""
        return self.account.equity

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
        subscribed: int = 0,
        start_ns: int = 0,
        origin: Origin = Origin.AUTO,
    ) -> int:
        """Add a market; gives its index."""
        market = new_market(
            len(self.markets),
            name,
            Sources(instrument, price_source, book_source, rate, origin),
            playbook,
            reference,
        )
        market.margin = margin_of(getattr(instrument, "margin", None), start_ns)
        switches.subscribe(market, playbook, subscribed)
        self.markets.append(market)
        return market.index

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
        self._say_closed(market, now)
        if minute_closed:
            self._desk.end_run(market, now)
        market.last_tick_ns = market.touched_ns = now
        self._on_tick(market, tick)
        closed = [frame for frame, _ in market.features.candles.just_closed]
        if FRAME_15S in closed:
            switches.try_switch(self.account, market, now)

    def _on_tick(self, market: Market, tick: Tick) -> None:
        """I5, after the features."""
        account, now = self.account, tick.event_ns
        fills.cancel_entry_unless_active(account, market)
        filled = fills.match(account, market, tick)
        if not filled and fills.ends_on(market, tick):
            return
        if market.features.valid:
            fills.mark(account, market)
        if filled:
            return
        latched_now = trading_state.check_losses(account, market, now)
        if market.position is not None:
            if market.position.reason is not ExitReason.NONE:
                return  # E4: the next attempt follows by timer
            if market.exit is not None:
                return  # E6
            if not self._desk.try_exit(market, now, latched_now=latched_now, on_tick=True):
                move_stop(market, now)
                self._desk.try_addition(market, now)
        elif market.flat and not market.by_hand:
            self._try_entry(market, now)

    def _say_closed(self, market: Market, now: int) -> None:
        """O1: candles of subscribed frames, short to long."""
        for frame, candle in market.features.candles.just_closed:
            if market.subscribed & 1 << frame:
                self.outputs.append(say_closed(market, frame, candle, now))

    def session_edge(
        self, market: int, event_ns: int, open_ns: int, cut_off_ns: int, close_ns: int
    ) -> None:
        """T2 and the last sentence of F9."""
        self._run_timers(event_ns)
        row = self.markets[market]
        if row.session is not None and event_ns >= row.session.close_ns:
            minute_closed = [features.candles.close_session() for features in row.slots]
            self._say_closed(row, event_ns)
            if minute_closed[0]:
                self._desk.end_run(row, event_ns)
        row.touched_ns = event_ns
        row.session = Session(open_ns, cut_off_ns, close_ns)
        row.session_entries = 0
        for features in row.slots:
            features.restart_vwap()

    def day_roll(self, event_ns: int) -> None:
        """T2."""
        self._run_timers(event_ns)
        trading_state.roll_day(self.account, event_ns)

    def zone_offset(self, market: int, event_ns: int, offset_ns: int) -> None:
        """C9."""
        self._run_timers(event_ns)
        self.markets[market].zone_offset_ns = offset_ns

    def funding(
        self, market: int, event_ns: int, rate: Decimal, mark: Decimal | None = None
    ) -> None:
        """V1."""
        self._run_timers(event_ns)
        fills.pay_funding(self.account, self.markets[market], event_ns, rate, mark)

    def release(self, event_ns: int, market: int | None = None) -> None:
        """Locks of a market, or of all."""
        self._run_timers(event_ns)
        row = None if market is None else self.markets[market]
        locks.release(self.account, row, event_ns)

    def flat_at(self, market: int, event_ns: int) -> bool:
        """Whether a parameter change at that time would find the market flat."""
        self._run_timers(event_ns)
        return self.markets[market].flat

    def parameter_set(self, market: int, event_ns: int, playbook: Playbook) -> None:
        """W1, last sentence: a flat market only."""
        self._run_timers(event_ns)
        row = self.markets[market]
        if not row.flat:
            raise ValueError("only a flat market trades by another playbook")
        switches.subscribe(row, playbook, row.subscribed)
        switches.use(self.account, row, event_ns, playbook, 0)

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

    def command(
        self, event_ns: int, state: TradingState, cause: StateCause = StateCause.COMMAND
    ) -> None:
        self._run_timers(event_ns)
        trading_state.command(self.account, event_ns, state, cause)

    def lock_by_hand(self, event_ns: int, market: int | None, until_ns: int | None) -> None:
        """L6."""
        self._run_timers(event_ns)
        locks.lock_by_hand(self.account, event_ns, market, until_ns)

    def order_by_hand(self, event_ns: int, instrument: str, order: OrderByHand) -> None:
        """H2."""
        self._run_timers(event_ns)
        of_it = [m for m in self.markets if m.instrument == instrument and m.by_hand]
        of_it[0].touched_ns = event_ns
        self._desk.order_by_hand(of_it[0], event_ns, order)

    def leave(self, event_ns: int, instrument: str | None, origin: Origin | None) -> None:
        """H3."""
        self._run_timers(event_ns)
        for market in self.markets:
            if instrument in (None, market.instrument) and origin in (None, market.origin):
                market.touched_ns = event_ns
                self._desk.leave(market, event_ns)

    def gap(self, market: int, event_ns: int, slot: int) -> None:
        """I7."""
        self._run_timers(event_ns)
        row = self.markets[market]
        if slot == 0:
            self._desk.end_run(row, event_ns)
        row.slots[slot] = row.slots[slot].after_gap()

    def start_run(self, event_ns: int, before: "Oracle") -> None:
        """I8: the markets are set again; what the run before had done and said is counted on."""
        self._run_timers(event_ns)
        restart.go_on(self.account, before.account, event_ns)
        self._desk.decisions = before.decisions
        self._desk.additions.update(before.additions)
        for mine, theirs in (
            (self.rejections, before.rejections),
            (self.not_ready, before.not_ready),
            (self.observed, before.observed),
        ):
            mine.update(theirs)

    def end_of_data(self, market: int, event_ns: int) -> None:
        """M8 and E3.15."""
        self._run_timers(event_ns)
        row = self.markets[market]
        self._desk.end_run(row, event_ns)
        row.entry = row.exit = None
        if row.position is not None:
            row.position.reason = ExitReason.END_OF_DATA
            self._desk.intend_exit(row, event_ns, 0.0, OrderKind.CLOSE_OUT)
        row.ended = True

    # Timers

    def _run_timers(self, until_ns: int) -> None:
        """I4: found anew after each, as one may set or end another."""
        while (timer := next_timer(self.account)) is not None and timer[0] <= until_ns:
            if timer[1] < 0:
                trading_state.expire(self.account)
                continue
            market = self.markets[timer[1]]
            arrivals = [o for o in (market.entry, market.exit) if o is not None and not o.arrived]
            arrives = any(order.arrival_ns + 1 == timer[0] for order in arrivals)
            self._at_timer(market, timer[0] - arrives)

    def _at_timer(self, market: Market, now: int) -> None:
        """T1: arrivals, entry before exit, then ends, then the exits; a fill stops it (M9)."""
        filled, market.touched_ns = False, now
        fills.cancel_entry_unless_active(self.account, market)
        for order in (market.entry, market.exit):
            if order is not None and not order.arrived and order.arrival_ns <= now:
                filled |= fills.arrive(self.account, market, order, now)
        if filled:
            return
        for order in (market.entry, market.exit):
            if order is not None and order.arrived and order.end_ns <= now:
                fills.end(self.account, market, order, now)
        if market.position is not None:
            self._desk.try_exit(market, now)

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
            self.outputs.append(say_run(market, ended, now))
