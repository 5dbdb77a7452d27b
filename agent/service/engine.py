"""One account on paper, run as a service: ring, sequencer, recording, core, books and ledgers.

Feeds put ticks into `ring`, commands are submitted to `sequencer`; all that the core then consumes
is handed to the recorder before it acts (a crash loses the last quarter of a second of it), and
every decision is in the ledgers with the state that it led to.
"""

import asyncio
from typing import Final

import msgspec

from agent.core.auto_scalper import AutoScalper
from agent.core.market_book import MarketBook
from agent.service.backlog import Backlog
from agent.service.book_keeper import BookKeeper
from agent.service.commands_told import command_row
from agent.service.event_time import EventTime
from agent.service.loop import RecordedOutputs
from agent.service.loop import run as pump
from agent.service.recovery import Recovered
from agent.service.ring import Ring
from agent.service.sequencer import Batch, Route, Routing, Sequencer, Start
from agent.service.served import Account, Keeping
from agent.service.watch import storage_and_clock
from config.settings_text import settings_text
from db.recording.format import Opened, SegmentHeader, layout_of, this_build
from domain.events import DayRoll, Event, RunStarted
from domain.ledger import CommandRow
from domain.portfolio import Portfolio
from domain.ports import Clock, Listeners
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET
from domain.rows.stop import STOP
from domain.rows.tick import REFERENCE_SLOT
from domain.units import SECOND_NS, TsNs
from execution.paper import PaperBroker
from market.calendar import account_days, market_events
from risk.engine import RiskEngine

DAY_NS: Final = 86_400 * SECOND_NS
AHEAD_NS: Final = 7 * DAY_NS  # of the calendar is scheduled
SEGMENT_BYTES: Final = 1 << 30
FLUSH_NS: Final = SECOND_NS // 4
RETRY_NS: Final = SECOND_NS  # between two tries to record again


class Engine:
    """Of one run. `begin`, then `run` until it is told to stop, then `close`.

    instruments  ticks enter the ring with the place of their instrument here in `market`: the
                 served ones in their order, then the references that are not served.
    """

    def __init__(self, account: Account, keeping: Keeping, clock: Clock) -> None:
        settings = account.settings
        start = settings.account.start_equity
        self._account = account
        self._keeping = keeping
        self._clock = clock
        self._auto, self._manual = Backlog(keeping.auto), Backlog(keeping.manual)
        self.book = MarketBook(start, settings.limits, len(account.names))
        self.portfolio = Portfolio(start)
        self.keeper = BookKeeper(self.book)
        sinks = (RecordedOutputs(keeping.recording), self.keeper)
        self.risk = RiskEngine(settings.limits, settings.groups, settings.protections, start)
        self.core = AutoScalper(
            self.book,
            self.risk,
            PaperBroker(self.book.rows),
            self.portfolio,
            Listeners(sinks, self.keeper),
        )
        self.ring = Ring()
        self.instruments, self._routing = _routes(account)
        self._segment = 0
        self._epoch = 0
        self._seq = 0
        self._until_ns = 0
        self._flushed_ns = 0
        self._tried_ns = 0

    @property
    def keeping_failed(self) -> str | None:
        """Why a ledger stores nothing at present: nobody enters, and exits go on."""
        return self._auto.failed or self._manual.failed

    def begin(self, recovered: Recovered) -> None:
        """Open the recording, set the markets, go on where the run before ended."""
        self.time = EventTime(self._clock, recovered.at_ns + 1)
        now_ns = int(self.time.now_ns())
        self._epoch = recovered.epoch
        self._keeping.recording.open(
            self._keeping.folder, self._header(now_ns, Opened.START), self.core.snapshot(), 0
        )
        self._retain(now_ns)
        for market in self._account.sets(now_ns):
            self._say(market)
        for event in self._calendar(now_ns, now_ns):
            self._say(msgspec.structs.replace(event, event_ns=TsNs(now_ns)))
        kept = recovered.kept
        durable = None if kept is None else kept.durable
        self._say(RunStarted(event_ns=TsNs(now_ns), epoch=self._epoch, state=durable))
        if recovered.at_ns:
            for event in self._calendar(recovered.since_ns, now_ns):
                if recovered.missed(event):  # it happened while nobody was there
                    now_ns += 1  # a market pays funding once a stamp, and a ledger holds it to that
                    self._say(msgspec.structs.replace(event, event_ns=TsNs(now_ns)))
        self.keeper.opened(now_ns, {} if kept is None else kept.began)
        self.sequencer = Sequencer(
            self.time, self.ring, self._routing, Start(event_ns=now_ns, seq=self._seq)
        )
        self._extend(now_ns)
        self._settle(now_ns)
        # Else a kill could leave a fill by hand, and nothing of the account that it belongs to.
        self._keeping.auto.flush()

    async def run(self, stop: asyncio.Event) -> None:
        """Fold what arrives until `stop`; then what waits."""
        await pump(self.sequencer, self.core, self._keeping.recording, self, stop)
        self._settle(int(self.book.stop["now_ns"]), keep=True)

    def after(self, batch: Batch) -> None:
        """Keep what a batch led to (loop.Shell)."""
        last = batch.pieces[-1]
        self._seq = last.first_seq + 1
        now_ns = int(batch.now_ns)
        self._settle(now_ns, batch)
        for command in storage_and_clock(
            self.book.account, self.keeping_failed, jumped=self.time.jumped, now_ns=now_ns
        ):
            self.sequencer.schedule(command)
        if self._until_ns - now_ns < AHEAD_NS // 2:
            self._extend(now_ns)
        self._record(now_ns)

    def close(self) -> None:
        """End the recording, then the ledgers: each waits for its disk.

        NotStored where rows cannot be written; the files after it are closed nevertheless.
        """
        keeping = self._keeping
        try:
            keeping.recording.close()
        finally:
            try:
                keeping.telemetry.close()
            finally:
                try:
                    self._manual.close()
                finally:
                    self._auto.close()

    def _say(self, event: Event) -> None:
        """An input of the beginning: recorded, then applied."""
        self._keeping.recording.put_event(self._seq, event)
        self._seq += 1
        self.core.apply(event)

    def _settle(self, now_ns: int, batch: Batch | None = None, *, keep: bool = False) -> None:
        commands = [] if batch is None else _commands(batch)
        pages = self.keeper.settle(self.core, now_ns, keep=keep or bool(commands))
        self._manual.put(pages.manual)
        self._auto.put([*commands, *pages.auto])
        if pages.telemetry:
            self._keeping.telemetry.put(pages.telemetry)

    def _record(self, now_ns: int) -> None:
        """Begin a new segment where one is due, else see that a crash loses little."""
        recording = self._keeping.recording
        status = recording.status
        why = None
        if recording.needs_snapshot:
            if now_ns - self._tried_ns < RETRY_NS:
                return
            self._tried_ns, why = now_ns, Opened.GAP
        elif now_ns // DAY_NS != self._segment_day:
            why = Opened.DAY
        elif status.segment_bytes >= SEGMENT_BYTES:
            why = Opened.SIZE
        if why is not None:
            recording.roll(self._header(now_ns, why), self.core.snapshot(), self._seq)
            self._retain(now_ns)
        elif now_ns - self._flushed_ns >= FLUSH_NS:
            self._flushed_ns = now_ns
            recording.flush()

    def _retain(self, now_ns: int) -> None:
        self._keeping.recording.keep(self._account.keep_days, self._account.max_gb, now_ns)

    def _header(self, now_ns: int, why: Opened) -> SegmentHeader:
        self._segment += 1
        self._segment_day = now_ns // DAY_NS
        return SegmentHeader(
            build=this_build(),
            mode=self._account.mode.word,
            epoch=self._epoch,
            number=self._segment,
            created_ns=self._clock.now_ns(),
            event_ns=TsNs(now_ns),
            markets=self._account.names,
            state_layout=layout_of(MARKET, ACCOUNT, STOP),
            settings=settings_text(self._account.settings),
            opened=why,
        )

    def _calendar(self, start_ns: int, end_ns: int) -> list[Event]:
        """What the calendar does to the account and to every row in a span, in order."""
        days = self._account.settings.account
        events: list[Event] = list(account_days(days, start_ns, end_ns))
        for market in self._account.sets(start_ns):
            events += market_events(market.instrument, market.name, days, (start_ns, end_ns))
        return sorted(events, key=lambda each: (each.event_ns, not isinstance(each, DayRoll)))

    def _extend(self, now_ns: int) -> None:
        """Schedule the calendar's next days."""
        start_ns = max(now_ns, self._until_ns)
        self._until_ns = now_ns + AHEAD_NS
        for event in self._calendar(start_ns, self._until_ns):
            if event.event_ns > start_ns:  # what counts at the start has been said
                self.sequencer.schedule(event)


def _commands(batch: Batch) -> list[CommandRow]:
    """What persons, or the watch over disk and clock, told the core."""
    told = (command_row(piece.event) for piece in batch.pieces if piece.event is not None)
    return [row for row in told if row is not None]


def _routes(account: Account) -> tuple[tuple[str, ...], Routing]:
    """Ticks of an instrument go to all its rows, and to those that it is the reference of."""
    names = [each.instrument.name for each in account.served]
    for each in account.served:
        if each.reference is not None and each.reference.instrument.name not in names:
            names.append(each.reference.instrument.name)
    routes: dict[str, list[Route]] = {name: [] for name in names}
    row = 0
    for each in account.served:
        for _ in each.origins:
            routes[each.instrument.name].append(Route(row, 0))
            if each.reference is not None:
                routes[each.reference.instrument.name].append(Route(row, REFERENCE_SLOT))
            row += 1
    routing = Routing(names=account.names, routes=tuple(tuple(routes[name]) for name in names))
    return tuple(names), routing
