"""A live feed that never gives up: connection, staleness, reconnection, ticks into the ring.

Whether data is fresh is our own measurement (monotonic clock, quotes of each instrument), not a
word of the connection's. A connection that is silent, or whose ticks nobody takes, is thrown away
as an object, not repaired.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import msgspec

from domain.arrays import Rows
from domain.enums import Word
from domain.errors import Transient
from domain.ports import Clock
from domain.units import SECOND_NS
from market.feeds.backoff import Backoff
from market.feeds.intake import Intake
from market.venues.sink import BookChange, Level, MarketSink
from market.venues.streams import Streams

CHECK_NS: Final = SECOND_NS // 4  # how often silence is looked for
CONNECT_NS: Final = 60 * SECOND_NS  # from nothing to the first tick


class FeedState(Word):
    """What a feed is doing."""

    WAITING = 1
    CONNECTING = 2
    LIVE = 3


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True):
    """For views. `why` is what ended the last connection; None before one has."""

    state: FeedState
    connections: int
    failures: int
    why: str | None
    unreadable: int


class LiveFeed:
    """Of the instruments of one venue.

    silence_ns  by symbol: how long an instrument may say nothing before the connection is given
                up. Quotes are what is expected: trades may be rare.
    put         takes TICK[n] and returns how many it dealt with (Ring.put).
    lost        told after each connection that had delivered: ticks may be missing from there on.
    """

    def __init__(
        self,
        open_streams: Callable[[], Streams],
        silence_ns: Mapping[str, int],
        intake: Intake,
        clock: Clock,
        backoff: Backoff,
    ) -> None:
        self._open = open_streams
        self._silence_ns = dict(silence_ns)
        self._intake = intake
        self._clock = clock
        self._backoff = backoff
        self._state = FeedState.WAITING
        self._connections = 0
        self._why: str | None = None
        self._unreadable: Counter[str] = Counter()

    @property
    def status(self) -> FeedStatus:
        """As it is now."""
        return FeedStatus(
            state=self._state,
            connections=self._connections,
            failures=self._backoff.failures,
            why=self._why,
            unreadable=self._unreadable.total(),
        )

    async def run(self, put: Callable[[Rows], int], lost: Callable[[], None]) -> None:
        """Deliver until cancelled. Only what no reconnection can cure leaves as an error."""
        while True:
            self._state = FeedState.WAITING
            await self._clock.sleep_until_monotonic(
                self._backoff.next_ns(self._clock.monotonic_ns())
            )
            self._state = FeedState.CONNECTING
            self._connections += 1
            streams = self._open()
            heard = _Connection(self._intake, self._clock, (put, lost), self._unreadable)
            try:
                await self._deliver(streams, heard)
            except Transient as error:
                self._why = str(error)
                heard.close()
                heard.tell_lost()
            finally:
                heard.close()
                with suppress(Transient):  # it is given up in any case
                    await streams.close()

    async def _deliver(self, streams: Streams, heard: "_Connection") -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(streams.run(tuple(self._silence_ns), heard), name="streams")
                group.create_task(self._watch(heard), name="silence")
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _watch(self, heard: "_Connection") -> None:
        """Raise Transient when something expected is overdue."""
        began_ns = self._clock.monotonic_ns()
        while True:
            now_ns = self._clock.monotonic_ns()
            if heard.overrun:
                raise Transient("ticks came faster than they were taken: the connection is dropped")
            if heard.delivered and self._state is not FeedState.LIVE:
                self._state = FeedState.LIVE
                self._backoff.succeeded()
            for symbol, limit_ns in self._silence_ns.items():
                last_ns = heard.last_ns.get(symbol)
                # An instrument that has said nothing yet has the time that connecting takes.
                allowed_ns = limit_ns if last_ns is not None else max(limit_ns, CONNECT_NS)
                silent_ns = now_ns - (began_ns if last_ns is None else last_ns)
                if silent_ns > allowed_ns:
                    raise Transient(f"{symbol} has been silent for {silent_ns / SECOND_NS:.2f} s")
            await self._clock.sleep_until_monotonic(now_ns + CHECK_NS)


class _Connection:
    """Listening: stamps, judges, packs, and hands over once for each burst that was read."""

    def __init__(
        self,
        intake: Intake,
        clock: Clock,
        told: tuple[Callable[[Rows], int], Callable[[], None]],
        unreadable: Counter[str],
    ) -> None:
        self._intake = intake
        self._clock = clock
        self._put, self._lost = told
        self._closed = False
        self._unreadable = unreadable
        self._scheduled: asyncio.Handle | None = None
        self.last_ns: dict[str, int] = {}
        self.delivered = False
        self.overrun = False

    @property
    def sink(self) -> MarketSink:
        """The intake; nobody once the connection was given up, whatever its socket still says."""
        return _NOBODY if self._closed or self.overrun else self._intake

    def arrived(self) -> None:
        """Stamp it; what else is read before the loop turns goes into the ring with it."""
        if self._closed or self.overrun:
            return
        self._intake.recv_ns = self._clock.now_ns()
        if self._scheduled is None:
            self._scheduled = asyncio.get_running_loop().call_soon(self._hand_over)

    def unreadable(self, why: str) -> None:
        """Count it, under a text of bounded length."""
        self._unreadable[why[:80]] += 1
        if len(self._unreadable) > 100:
            total = self._unreadable.total()
            self._unreadable.clear()
            self._unreadable["of many kinds"] = total

    def close(self) -> None:
        """What was read goes into the ring still; no more is heard. It can be called again."""
        if self._scheduled is not None:
            self._scheduled.cancel()
            self._hand_over()
        self._closed = True

    def tell_lost(self) -> None:
        """Ticks are missing from here on, unless there were none or it was told already."""
        if self.delivered and not self.overrun:
            self._lost()

    def _hand_over(self) -> None:
        self._scheduled = None
        now_ns = self._clock.monotonic_ns()
        for symbol in self._intake.told:
            self.last_ns[symbol] = now_ns
        self._intake.told.clear()
        rows = self._intake.take()
        if rows is None:
            return
        self.delivered = True
        if self._put(rows) < len(rows):
            self.overrun = True  # what follows is not heard: it would come before the gap
            self._lost()


class _Nobody:
    """A MarketSink that hears nothing."""

    def trade(self, symbol: str, ts_ns: int, traded: Level, side: int, trade_id: int) -> None:
        """Nothing."""

    def quote(self, symbol: str, ts_ns: int, bid: Level, ask: Level) -> None:
        """Nothing."""

    def book(self, symbol: str, change: BookChange) -> None:
        """Nothing."""

    def other(self, what: str) -> None:
        """Nothing."""


_NOBODY: Final = _Nobody()
