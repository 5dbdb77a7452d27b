"""AutoScalper: folds ticks and events, and answers what the compiled fold stops for.

State after event n is a function of the state before and event n, and of nothing else: no clock,
no randomness, no file. How ticks are cut into pieces does not matter.
"""

from functools import singledispatchmethod
from typing import Final

import numpy as np

from agent.core import answers
from agent.core.advance import advance
from agent.core.durable import account_memory, give_account, give_market, market_memory
from agent.core.market_book import MarketBook
from agent.core.order_desk import OrderDesk
from agent.core.playbook_choice import first_switch
from agent.core.say import say_refused_command
from agent.core.snapshot import Snapshot, check_size, decode, encode
from domain.arrays import Rows
from domain.durable import Durable, MarketMemory
from domain.enums import CommandRefusal, OrderKind, Origin, StateCause, TickKind, TradingState
from domain.errors import Fatal
from domain.events import (
    ClockRead,
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Event,
    Funding,
    Gap,
    Leave,
    LockSet,
    ManualOrder,
    MarketSet,
    ParameterSet,
    Release,
    RunStarted,
    SessionEdge,
    Timer,
    ZoneOffset,
)
from domain.frames import CHOICE_FRAME
from domain.playbooks import Playbook
from domain.portfolio import Portfolio
from domain.ports import Broker, Listeners
from domain.rows.account import NEVER_NS
from domain.rows.output import OUTPUT
from domain.rows.stop import StopReason
from domain.rows.tick import TICK
from risk.engine import RiskEngine

OUTPUT_ROWS: Final = 16_384
_INTENT, _FILL, _CANDLE = (
    int(reason) for reason in (StopReason.INTENT, StopReason.FILL, StopReason.CANDLE)
)


class AutoScalper:
    """The decision core of all markets of one account.

    What it says goes to its sinks in order, in blocks; every block is complete when `fold` or
    `apply` returns. Fatal means an invariant is broken: do not fold further.
    """

    def __init__(
        self,
        book: MarketBook,
        risk: RiskEngine,
        broker: Broker,
        portfolio: Portfolio,
        listeners: Listeners,
    ) -> None:
        self._book = book
        self._risk = risk
        self._portfolio = portfolio
        self._sinks = listeners.sinks
        self._desk = OrderDesk(book, risk, broker, portfolio, listeners.journal)
        self._outputs: Rows = np.zeros(OUTPUT_ROWS, OUTPUT)
        self._clock_tick: Rows = np.zeros(1, TICK)
        self._clock_tick["kind"] = TickKind.CLOCK

    @property
    def next_timer_ns(self) -> int:
        """No timer is due before."""
        return int(self._book.account["next_timer_ns"])

    def fold(self, ticks: Rows) -> None:
        """Fold good ticks in arrival order (docs/rules.md, I1 to I5)."""
        try:
            self._fold(ticks)
        finally:
            self._flush()  # also when an invariant broke: what was said before it is evidence

    def apply(self, event: Event) -> None:
        """Let an event act at its own time, after the timers due by then (I6)."""
        try:
            self._time_passes(int(event.event_ns))
            self._apply(event)
        finally:
            self._flush()

    def snapshot(self) -> bytes:
        """All state between two events: a core that restores it decides as this one will."""
        book = self._book
        return encode(
            Snapshot(
                epoch=book.epoch,
                rows=book.rows.tobytes(),
                accounts=book.accounts.tobytes(),
                stops=book.stops.tobytes(),
                markets=book.markets(),
                portfolio=self._portfolio.state(),
                risk=self._risk.state(),
                working=self._desk.working,
                day_start=self._desk.day_start,
            )
        )

    def restore(self, encoded: bytes) -> None:
        """Become the core that took a snapshot. BadInput if the bytes are none that fits."""
        snapshot = decode(encoded)
        check_size(self._book.rows, snapshot)  # first: what is refused changes nothing
        for market in snapshot.markets:
            event = market.set
            self._portfolio.add_market(event.market, event.name, event.instrument, event.rate)
        self._book.restore(snapshot)
        self._portfolio.restore(snapshot.portfolio)
        self._risk.restore(snapshot.risk)
        self._desk.restore(snapshot.working, snapshot.day_start)

    def durable(self) -> Durable:
        """What the next run must know (docs/rules.md, I8)."""
        book, portfolio = self._book, self._portfolio.state()
        money = {each.market: each for each in portfolio.markets}
        return Durable(
            account=account_memory(book, portfolio.start, self._desk.day_start),
            markets=tuple(
                market_memory(book, market, money[facts.name])
                for market, facts in sorted(book.facts.items())
            ),
            risk=self._risk.state(),
        )

    def _fold(self, ticks: Rows) -> None:
        book, outputs, stop = self._book, self._outputs, self._book.stop
        at, end = 0, len(ticks)
        while True:
            at = advance(book.rows, book.accounts, ticks, at, end, book.stops, outputs)
            reason, market = int(stop["reason"]), int(stop["market"])
            frames = int(stop["frames"])
            if reason & _FILL:
                self._desk.on_fill(market, outputs)
            elif reason & _INTENT:
                self._desk.on_intent(market, outputs)
            elif reason == 0:
                return
            elif reason & StopReason.TIMER_STUCK:
                raise Fatal(f"timers do not end at {int(stop['now_ns'])}: a rule has no effect")
            if reason & _CANDLE and frames >> CHOICE_FRAME & 1:
                self._time_passes(int(stop["now_ns"]))  # the rest of what this tick began
                self._choose(market)
            if reason & StopReason.OUTPUTS_FULL:
                self._flush()

    def _time_passes(self, until_ns: int) -> None:
        """Run the timers due by `until_ns`."""
        self._clock_tick["event_ns"] = until_ns
        self._fold(self._clock_tick)

    def _choose(self, market: int) -> None:
        """W1: at the close of a 15 s candle a flat market may change its playbook."""
        facts = self._book.facts[market]
        if not facts.switches or not self._is_flat(market):
            return
        number = first_switch(facts.switches, self._book.rows[market])
        if number is None:
            return
        playbook = facts.switches[number].playbook
        if playbook.content_hash != facts.playbook.content_hash:
            self._change(market, playbook, number + 1)

    def _is_flat(self, market: int) -> bool:
        row = self._book.rows[market]
        return bool(row["position_lots"] == 0 and not row["orders"]["active"].any())

    def _change(self, market: int, playbook: Playbook, number: int) -> None:
        book = self._book
        book.set_playbook(market, playbook)
        content = int(playbook.content_hash[:15], 16)
        answers.playbook_changed(book.rows, book.stops, self._outputs, market, number, content)

    def _playbook_again(self, market: int, memory: MarketMemory) -> None:
        """I8: the playbook chosen in the run before, unless its owner sets the market anew."""
        chosen, set_with = memory.playbook, self._book.facts[market].parameters_hash
        if chosen is not None and memory.set_hash == set_with:
            self._book.set_playbook(market, chosen)

    def _refuse(self, market: int, refusal: CommandRefusal) -> None:
        """I6: a person's slip must not end the run."""
        book, code = self._book, int(refusal)
        say_refused_command(book.rows, book.stops, self._outputs, market, code)

    def _flush(self) -> None:
        count = int(self._book.stop["outputs"])
        if count:
            for sink in self._sinks:
                sink.hear(self._outputs[:count])
            self._book.stop["outputs"] = 0

    @singledispatchmethod
    def _apply(self, event: Event) -> None:
        raise Fatal(f"the core does not know the event {type(event).__name__}")

    @_apply.register
    def _(self, event: MarketSet) -> None:
        instrument = event.instrument
        # First, as it refuses a market that holds a position: its row must not be wiped.
        self._portfolio.add_market(event.market, event.name, instrument, event.rate)
        self._book.set_market(event)

    @_apply.register
    def _(self, event: ParameterSet) -> None:
        market = self._book.find(event.market)
        if market is None:
            self._refuse(-1, CommandRefusal.UNKNOWN_MARKET)
            return
        if not self._is_flat(market):
            self._refuse(market, CommandRefusal.NOT_FLAT)
            return
        if event.playbook.content_hash != self._book.facts[market].playbook.content_hash:
            self._change(market, event.playbook, 0)

    @_apply.register
    def _(self, event: EndOfData) -> None:
        book = self._book
        market = book.index(event.market)
        if answers.end_market(book.rows, book.stops, self._outputs, market):
            self._desk.on_intent(market, self._outputs, OrderKind.CLOSE_OUT)
            self._time_passes(int(event.event_ns))

    @_apply.register
    def _(self, event: SessionEdge) -> None:
        book = self._book
        self._risk.session_began(event.market)
        hours = (int(event.open_ns), int(event.cut_off_ns), int(event.close_ns))
        market = book.index(event.market)
        answers.open_session(book.rows, book.accounts, book.stops, self._outputs, market, hours)

    @_apply.register
    def _(self, _: DayRoll) -> None:
        self._risk.roll_day()
        self._desk.roll_day()
        book = self._book
        answers.roll_day(book.rows, book.accounts, book.stops, self._outputs)

    @_apply.register
    def _(self, event: ContextSet) -> None:
        row = self._book.rows[self._book.index(event.market)]
        row["context_until_ns"] = int(event.valid_until_ns)
        row["context_smc_bias"] = event.smc_bias
        row["context_plan_side"] = event.plan_side
        row["context_win"][0] = event.win_long
        row["context_win"][1] = event.win_short

    @_apply.register
    def _(self, event: Command) -> None:
        if event.state is TradingState.ACTIVE and event.cause is StateCause.COMMAND:
            self._risk.state_released()
        book, cause, state = self._book, int(event.cause), int(event.state)
        answers.set_state(book.accounts, book.stops, self._outputs, state, cause, NEVER_NS)

    @_apply.register
    def _(self, event: ManualOrder) -> None:
        """H2."""
        book = self._book
        found = book.rows_of(event.instrument, Origin.MANUAL)
        if not found:
            self._refuse(-1, CommandRefusal.UNKNOWN_MARKET)
            return
        order, plan = (int(event.side), int(event.lots)), (event.stop, event.target)
        limit = (event.limit is not None, int(event.limit or 0))
        answers.order_by_hand(book.rows, book.stops, self._outputs, found[0], order, limit, plan)
        kind = OrderKind.RESTING if event.rests else OrderKind.IOC
        self._desk.on_intent(found[0], self._outputs, kind)

    @_apply.register
    def _(self, event: Leave) -> None:
        """H3."""
        book = self._book
        found = book.rows_of(event.instrument, event.origin)
        if not found:
            self._refuse(-1, CommandRefusal.UNKNOWN_MARKET)
        for market in found:
            if answers.leave(book.rows, book.stops, self._outputs, market):
                self._desk.on_intent(market, self._outputs)

    @_apply.register
    def _(self, event: LockSet) -> None:
        if event.market is not None and self._book.find(event.market) is None:
            self._refuse(-1, CommandRefusal.UNKNOWN_MARKET)
            return
        until_ns = None if event.until_ns is None else int(event.until_ns)
        self._risk.lock_by_hand(event.market, int(event.event_ns), until_ns)
        self._desk.act(self._outputs)

    @_apply.register
    def _(self, event: Release) -> None:
        if event.market is not None and self._book.find(event.market) is None:
            self._refuse(-1, CommandRefusal.UNKNOWN_MARKET)
            return
        self._risk.release(event.market)
        book = self._book
        for market in book.facts if event.market is None else [book.index(event.market)]:
            book.end_hold(market, int(event.event_ns))

    @_apply.register
    def _(self, event: RunStarted) -> None:
        """I8."""
        book, state, now_ns = self._book, event.state, int(event.event_ns)
        book.epoch = event.epoch
        if state is None:
            return
        self._portfolio.restore(state.portfolio)
        self._risk.restore(state.risk)
        self._desk.restore((), state.account.day_start)
        known = {facts.name: market for market, facts in book.facts.items()}
        for memory in state.markets:
            if memory.market in known:
                self._playbook_again(known[memory.market], memory)
                give_market(book, known[memory.market], memory, now_ns)
        give_account(book, state.account, self._portfolio.realised)
        answers.run_started(book.rows, book.accounts)

    @_apply.register
    def _(self, event: Gap) -> None:
        """I7."""
        book = self._book
        market = book.index(event.market)
        if event.slot == 0:
            answers.end_run(book.rows, book.stops, self._outputs, market)
        book.forget(market, event.slot)

    @_apply.register
    def _(self, event: Funding) -> None:
        self._desk.on_funding(self._book.index(event.market), event, self._outputs)

    @_apply.register
    def _(self, event: ZoneOffset) -> None:
        self._book.rows[self._book.index(event.market)]["zone_offset_ns"] = event.offset_ns

    @_apply.register
    def _(self, event: ClockRead) -> None:
        self._book.account["clock_ns"] = int(event.now_ns)

    @_apply.register
    def _(self, _: Timer) -> None:
        """Nothing but the passing of time, which `apply` has seen to."""
