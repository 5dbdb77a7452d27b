"""The sequencer: the only place that orders sources and says what time it is.

Each `drain` makes one Batch of everything that waits, in one order: by event_ns, then by source
(scheduled events, then submitted ones, then ticks), then by market. Within a source nothing
overtakes: ticks keep the ring's order, submitted events the order in which they were taken.

event_ns never decreases, over batches too. A tick's is its recv_ns where that is later than the
stamp before; a recv_ns ahead of the clock counts as now, lest one bad stamp carry all time away.
Every input has a number, without gaps: each tick (each delivery of it) and each event.

A batch opens with a ClockRead, whose now_ns is no earlier than anything that the batch holds, and
closes with a Timer of the same time, so that what is due by now runs although no tick says so.

One event loop; not for threads. `drain` awaits nothing, so that nothing arrives while it orders.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agent.service.event_time import EventTime
from agent.service.ring import Dropped, Ring
from domain.arrays import Rows
from domain.errors import Fatal, NotTaken
from domain.events import ClockRead, Event, Gap, Timer
from domain.rows.account import NEVER_NS
from domain.rows.tick import TICK
from domain.units import SECOND_NS, TsNs

COMMANDS: Final = 256
SCHEDULED: Final = 65_536
WITHIN_S: Final = 5.0
_SCHEDULED, _SUBMITTED, _LOST = range(3)  # the rank of a source; ticks come after them all
_ACCOUNT: Final = -1  # the market of what concerns all
_NO_STAMPS: Final = np.zeros(0, np.int64)
_PLAIN: Final = np.dtype((np.void, TICK.itemsize))

Ints = npt.NDArray[np.int64]
# Before the tick at index: (index, event_ns, rank, market, number, event)
_Placed = tuple[int, int, int, int, int, Event]


class Route(msgspec.Struct, frozen=True):
    """Where an instrument's ticks go."""

    market: int
    slot: int


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """Who listens to what.

    names   of the markets, by row; Gap events are addressed with them.
    routes  of each instrument, by the number that its ticks have in `market` in the ring: every
            row and slot that it is delivered to, in config order. None is empty.
    """

    names: tuple[str, ...]
    routes: tuple[tuple[Route, ...], ...]


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Where the run before ended: the stamp of its last input, and the next input's number."""

    event_ns: int = 0
    seq: int = 0


_FRESH: Final = Start()


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Ticks that follow each other, or one event; the first has the number `first_seq`.

    `ticks` is never written again: whoever likes may keep it.
    """

    first_seq: int
    ticks: Rows | None = None
    event: Event | None = None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """All that waited when the time was `now_ns`."""

    now_ns: TsNs
    pieces: tuple[Piece, ...]


class Sequencer:
    """Takes from a ring, from a queue of submitted events and from a schedule.

    start     where to go on.
    commands  how many submitted events may wait.
    """

    def __init__(
        self,
        time: EventTime,
        ring: Ring,
        routing: Routing,
        start: Start = _FRESH,
        commands: int = COMMANDS,
    ) -> None:
        self._time = time
        self._ring = ring
        self._names = routing.names
        self._rows = {name: row for row, name in enumerate(routing.names)}
        self._routes = _Routes(routing.routes)
        self._last_ns = max(start.event_ns, time.now_ns())
        self._seq = start.seq
        self._wake = ring.arrived
        self._submitted: deque[Event] = deque()
        self._commands = commands
        self._turn = asyncio.Lock()  # fair: who waits longest is taken first
        self._taken = asyncio.Event()
        self._closed = False
        self._schedule: list[tuple[int, int, int, Event]] = []
        self._scheduled = 0

    async def submit(self, event: Event, within_s: float = WITHIN_S) -> None:
        """Queue an event; its time is now, whatever it says. Nothing submitted is ever dropped.

        Waits while the queue is full. NotTaken when that lasts too long or the service ends: then
        nothing came of it.
        """
        name = type(event).__name__
        try:
            async with asyncio.timeout(within_s), self._turn:
                while len(self._submitted) >= self._commands and not self._closed:
                    self._taken.clear()
                    await self._taken.wait()
        except TimeoutError as error:
            raise NotTaken(
                f"{name}: {self._commands} events wait already and none was taken for {within_s} s;"
                " nothing came of it: submit it again, or look why the core does not fold"
            ) from error
        if self._closed:
            raise NotTaken(f"{name}: the service is ending; submit it after the next start")
        self._submitted.append(msgspec.structs.replace(event, event_ns=self._time.now_ns()))
        self._wake.set()

    def schedule(self, event: Event) -> None:
        """Let an event come at its own time, among the ticks: before the first that is not earlier.

        One whose time has passed comes with the next batch. Fatal when too many are waiting.
        """
        if len(self._schedule) >= SCHEDULED:
            raise Fatal(f"{SCHEDULED} events are scheduled: schedule days, not years")
        entry = (int(event.event_ns), self._market(event), self._scheduled, event)
        heapq.heappush(self._schedule, entry)
        self._scheduled += 1
        self._wake.set()

    def close(self) -> None:
        """Submit nothing more. What waits for a place in the queue is refused; the rest remains."""
        self._closed = True
        self._taken.set()
        self._wake.set()

    @property
    def waiting(self) -> int:
        """Ticks and submitted events that the next batch would hold."""
        return len(self._ring) + len(self._submitted)

    def next_due_ns(self, core_next_timer_ns: int) -> int:
        """Until when nothing happens by itself."""
        scheduled_ns = self._schedule[0][0] if self._schedule else NEVER_NS
        return min(core_next_timer_ns, scheduled_ns)

    async def wait(self, due_ns: int) -> None:
        """Return when something has arrived, `wake` was called, or the time is `due_ns`."""
        while not self._wake.is_set():
            left_ns = due_ns - self._time.now_ns()
            if left_ns <= 0:
                return
            left_s = None if due_ns >= NEVER_NS else left_ns / SECOND_NS
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._wake.wait()

    def wake(self) -> None:
        """Let `wait` return."""
        self._wake.set()

    def drain(self) -> Batch:
        """Everything that waits, in order, stamped and numbered."""
        self._wake.clear()
        last_ns = self._last_ns
        taken = self._ring.take(len(self._ring))
        now_ns = TsNs(max(last_ns, self._time.now_ns()))  # after the ticks: none is from later
        rows, stamps = taken.rows, _NO_STAMPS
        if len(rows):
            clipped = np.minimum(np.maximum(rows["recv_ns"], last_ns), now_ns)
            rows["event_ns"] = stamps = np.maximum.accumulate(clipped)
        placed = self._placed(stamps, taken.dropped, now_ns)
        rows, starts = self._routes.deliver(rows)
        pieces: list[Piece] = []
        self._add(pieces, ClockRead(event_ns=TsNs(last_ns), now_ns=now_ns))
        at = 0
        for index, event_ns, _, _, _, event in placed:
            end = index if starts is None else int(starts[index])
            self._add_ticks(pieces, rows[at:end])
            self._add(pieces, msgspec.structs.replace(event, event_ns=event_ns))
            at = end
        self._add_ticks(pieces, rows[at:])
        self._add(pieces, Timer(event_ns=now_ns))
        self._last_ns = now_ns
        return Batch(now_ns=now_ns, pieces=tuple(pieces))

    def _add(self, pieces: list[Piece], event: Event) -> None:
        pieces.append(Piece(first_seq=self._seq, event=event))
        self._seq += 1

    def _add_ticks(self, pieces: list[Piece], rows: Rows) -> None:
        count = len(rows)
        if count:
            rows["seq"] = np.arange(self._seq, self._seq + count)
            pieces.append(Piece(first_seq=self._seq, ticks=rows))
            self._seq += count

    def _placed(self, stamps: Ints, dropped: Sequence[Dropped], now_ns: int) -> list[_Placed]:
        """Every event of the batch with its place among the ticks, in order."""
        placed: list[_Placed] = []
        last_ns, schedule = self._last_ns, self._schedule
        while schedule and schedule[0][0] <= now_ns:
            due_ns, _, _, event = heapq.heappop(schedule)  # by time, then market
            event_ns = max(due_ns, last_ns)
            index = int(np.searchsorted(stamps, event_ns))
            placed.append((index, event_ns, _SCHEDULED, _ACCOUNT, len(placed), event))
        for number, event in enumerate(self._submitted):
            event_ns = min(max(int(event.event_ns), last_ns), now_ns)
            index = int(np.searchsorted(stamps, event_ns))
            placed.append((index, event_ns, _SUBMITTED, _ACCOUNT, number, event))
        if self._submitted:
            self._submitted.clear()
            self._taken.set()
        for number, lost in enumerate(dropped):
            index = lost.before
            earliest = int(stamps[index - 1]) if index else last_ns
            latest = int(stamps[index]) if index < len(stamps) else now_ns
            event_ns = min(max(lost.first_recv_ns, earliest), latest)
            for route in self._routes.of(lost.market):
                gap = Gap(
                    event_ns=TsNs(event_ns),
                    market=self._names[route.market],
                    slot=route.slot,
                    lost=lost.lost,
                )
                placed.append((index, event_ns, _LOST, route.market, number, gap))
        placed.sort(key=itemgetter(0, 1, 2, 3, 4))
        return placed

    def _market(self, event: Event) -> int:
        match getattr(event, "market", None):
            case int(row):
                return row
            case str(name):
                return self._rows.get(name, _ACCOUNT)
            case _:
                return _ACCOUNT


class _Routes:
    """Delivers ticks of instruments to markets."""

    def __init__(self, routes: Sequence[Sequence[Route]]) -> None:
        self._routes = routes
        flat = [route for each in routes for route in each]
        self._counts = np.array([len(each) for each in routes], np.int64)
        self._first = np.cumsum(self._counts) - self._counts
        self._market = np.array([route.market for route in flat], np.int64)
        self._slot = np.array([route.slot for route in flat], np.int64)
        self._single = len(flat) == len(routes)

    def of(self, instrument: int) -> Sequence[Route]:
        return self._routes[instrument]

    def deliver(self, rows: Rows) -> tuple[Rows, Ints | None]:
        """A copy of each row for each of its routes, side by side, and where each row's begin.

        Nothing moves, and None is returned, where all have one route.
        """
        if not len(rows):
            return rows, None
        instrument = rows["market"]
        if instrument.min() < 0 or instrument.max() >= len(self._routes):
            raise Fatal(f"ticks of instruments {np.unique(instrument)}: no route leads from there")
        route = self._first[instrument]
        starts: Ints | None = None
        if not self._single:
            counts = self._counts[instrument]
            starts = np.append(0, np.cumsum(counts))
            source = np.repeat(np.arange(len(rows)), counts)
            route = route[source] + np.arange(len(source)) - starts[source]
            rows = rows.view(_PLAIN)[source].view(TICK)
        rows["market"], rows["slot"] = self._market[route], self._slot[route]
        return rows, starts
