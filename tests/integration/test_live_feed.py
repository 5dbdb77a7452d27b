"""The real ccxt client against a venue on loopback: nothing is lost, nothing waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import numpy as np
import pytest

from agent.service.clock import SystemClock
from domain.arrays import Rows
from domain.errors import BadConfig, Transient
from domain.rows.tick import TICK
from domain.units import SECOND_NS
from fakes.binance_usdm import BinanceUsdm, binance_usdm
from market.feeds.backoff import Backoff
from market.feeds.intake import Intake
from market.feeds.live_feed import FeedState, LiveFeed
from market.history.parquet import read_ticks
from market.venues.binance_streams import BinanceStreams
from market.venues.ccxt_client import CcxtClient
from market.venues.ccxt_streams import CcxtStreams
from market.venues.opener import opener
from recorded import recorded
from venue_streams import messages, same

WITHIN_S = 20
TRADE = (
    '{{"e":"trade","E":1723161256322,"T":1723161256321,"s":"BTCUSDT","t":{0},"p":"61800.30",'
    '"q":"0.006","X":"MARKET","m":true}}'
)
QUOTE = (
    '{"e":"bookTicker","u":1,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30",'
    '"A":"2.510","T":1723161256313,"E":1723161256313}'
)
TOLD = ("ts_ns", "kind", "side", "price", "size", "bid", "ask", "bid_size", "ask_size")


class Fed:
    """A feed that runs, and what it delivered."""

    def __init__(self, venue: BinanceUsdm, silence_s: float) -> None:
        self.pieces: list[Rows] = []
        self.losses = 0
        self.room: int | None = None
        self.intake = Intake({"BTCUSDT": 0})
        self.feed = LiveFeed(
            opener("binanceusdm", venue.hosts),
            {"BTCUSDT": round(silence_s * SECOND_NS)},
            self.intake,
            SystemClock(),
            Backoff(Random(3)),  # noqa: S311 seeded on purpose
        )

    @property
    def rows(self) -> Rows:
        """All that was delivered."""
        return np.concatenate([np.zeros(0, TICK), *self.pieces])

    def put(self, rows: Rows) -> int:
        """Take everything, or as much as there is room for."""
        taken = rows if self.room is None else rows[: self.room]
        self.pieces.append(taken)
        return len(taken)

    def lost(self) -> None:
        """Count it."""
        self.losses += 1

    async def delivered(self, count: int) -> None:
        """Wait until so many ticks are there."""
        while sum(map(len, self.pieces)) < count:  # noqa: ASYNC110 the feed has no event for tests
            await asyncio.sleep(0.005)


@asynccontextmanager
async def fed(silence_s: float = 30.0) -> AsyncIterator[tuple[BinanceUsdm, Fed]]:
    """A venue and a feed that is subscribed to it."""
    async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
        what = Fed(venue, silence_s)
        task = group.create_task(what.feed.run(what.put, what.lost))
        await venue.until(lambda: len(venue.subscribed) == 2)
        yield venue, what
        task.cancel()


def within(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run an asynchronous test."""
    asyncio.run(test())


def test_trades_and_quotes_come_through_one_socket() -> None:
    async def scene() -> None:
        async with fed() as (venue, _):
            assert sorted(venue.subscribed) == ["btcusdt@bookTicker", "btcusdt@trade"]
            assert venue.connections == 1

    within(scene)


def test_a_recorded_stream_arrives_whole_and_in_order_at_full_speed() -> None:
    path = recorded("payloads/binance_usdm_ws_btcusdt_20240808.txt.gz")
    expected = read_ticks(recorded("ticks/crypto/BTCUSDT-usdm-20240808.parquet"), 0).ticks

    async def scene() -> None:
        async with fed() as (venue, what):
            await venue.send(text for _, text in messages(path))
            await what.delivered(18_401)
            assert same(what.rows, expected[:18_401], TOLD)
            assert what.feed.status.unreadable == 0

    within(scene)


def test_a_burst_of_twenty_thousand_trades_loses_none() -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            await venue.send(TRADE.format(number) for number in range(1, 20_001))
            await what.delivered(20_000)
            assert np.array_equal(what.rows["trade_id"], np.arange(1, 20_001))

    within(scene)


@pytest.mark.parametrize("how", ["drop", "abort"])
def test_a_connection_that_breaks_is_made_anew_and_the_loss_is_told(how: str) -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            await venue.send([TRADE.format(1)])
            await what.delivered(1)
            answer: Awaitable[None] | None = getattr(venue, how)()
            if answer is not None:
                await answer
            await venue.until(lambda: len(venue.subscribed) == 4)
            await venue.send([TRADE.format(2)])
            await what.delivered(2)
            assert (what.losses, what.feed.status.connections) == (1, 2)
            assert "binanceusdm" in str(what.feed.status.why)

    within(scene)


def test_trades_do_not_hide_that_quotes_have_stopped() -> None:
    async def scene() -> None:
        async with fed(silence_s=0.5) as (venue, what):
            await venue.send([QUOTE])
            number = 0
            while venue.connections < 2:
                number += 1
                await venue.send([TRADE.format(number)])
                await asyncio.sleep(0.02)
            assert "BTCUSDT has been silent for" in str(what.feed.status.why)

    within(scene)


def test_what_finds_no_room_ends_the_connection_and_nothing_of_it_follows_the_gap() -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            what.room = 1
            await venue.send([TRADE.format(number) for number in range(1, 200)])
            await venue.until(lambda: venue.connections == 2)
            assert (len(what.rows), what.losses) == (1, 1)
            assert "faster than they were taken" in str(what.feed.status.why)

    within(scene)


def test_a_silent_connection_is_given_up() -> None:
    async def scene() -> None:
        async with fed(silence_s=0.5) as (venue, what):
            await venue.send([QUOTE])
            await what.delivered(1)
            await venue.until(lambda: len(venue.subscribed) == 4)
            assert "BTCUSDT has been silent for" in str(what.feed.status.why)

    within(scene)


def test_refused_connections_are_tried_again_until_one_is_taken() -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            venue.refusals = 2
            what = Fed(venue, 30.0)
            task = group.create_task(what.feed.run(what.put, what.lost))
            await venue.until(lambda: len(venue.subscribed) == 2)
            assert (venue.refusals, what.feed.status.connections, what.losses) == (0, 3, 0)
            task.cancel()

    within(scene)


def test_a_refused_subscription_ends_in_another_connection() -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            venue.refused_subscriptions = 1
            what = Fed(venue, 30.0)
            task = group.create_task(what.feed.run(what.put, what.lost))
            await venue.until(lambda: venue.connections == 2 and len(venue.subscribed) >= 2)
            assert "invalid stream" in str(what.feed.status.why)
            task.cancel()

    within(scene)


@pytest.mark.parametrize("status", [418, 503])
def test_a_ban_or_maintenance_at_the_start_is_waited_out(status: int) -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            venue.status = status
            what = Fed(venue, 30.0)
            task = group.create_task(what.feed.run(what.put, what.lost))
            while what.feed.status.connections < 2:  # noqa: ASYNC110 the feed has no event for it
                await asyncio.sleep(0.01)
            venue.status = 200
            await venue.until(lambda: len(venue.subscribed) == 2)
            task.cancel()

    within(scene)


def test_garbage_is_counted_and_what_follows_arrives() -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            broken = TRADE.format(1).replace("61800.30", "six")
            await venue.send(["<html>", broken, '{"e":', TRADE.format(2)])
            await what.delivered(1)
            assert what.rows["trade_id"].tolist() == [2]
            assert what.feed.status.unreadable == 3

    within(scene)


def test_a_connection_that_delivers_ends_the_count_of_failures() -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            await venue.send([TRADE.format(1)])
            while what.feed.status.state is not FeedState.LIVE:  # noqa: ASYNC110 no event for it
                await asyncio.sleep(0.01)
            assert what.feed.status.failures == 0

    within(scene)


def test_a_new_connection_has_longer_to_say_its_first_word_than_silence_may_last() -> None:
    async def scene() -> None:
        async with fed(silence_s=0.3) as (_, what):
            await asyncio.sleep(1.0)
            assert what.feed.status.connections == 1

    within(scene)


def test_a_feed_is_live_when_it_has_delivered() -> None:
    async def scene() -> None:
        async with fed() as (venue, what):
            states = [what.feed.status.state]
            await venue.send([TRADE.format(1)])
            while what.feed.status.state in states:  # noqa: ASYNC110 no event for it
                await asyncio.sleep(0.01)
            states.append(what.feed.status.state)
            assert states == [FeedState.CONNECTING, FeedState.LIVE]

    within(scene)


def test_a_symbol_that_the_venue_does_not_trade_is_refused_for_good() -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S):
            streams = BinanceStreams(CcxtClient("binanceusdm", venue.hosts))
            try:
                with pytest.raises(BadConfig, match="trades no NOUSDT"):
                    await streams.run(["NOUSDT"], Quiet())
            finally:
                await streams.close()

    within(scene)


class Quiet:
    """Listening, of a test that expects to hear nothing."""

    def __init__(self) -> None:
        self.sink = Intake({"BTCUSDT": 0})

    def arrived(self) -> None:
        """Listening."""

    def unreadable(self, why: str) -> None:
        """Listening."""
        raise AssertionError(why)


def test_the_generic_way_tells_the_same_trades() -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
            streams, heard = CcxtStreams(CcxtClient("binanceusdm", venue.hosts)), Quiet()
            task = group.create_task(streams.run(["BTCUSDT"], heard))
            await venue.until(lambda: len(venue.subscribed) == 2)
            await venue.send([TRADE.format(7)])
            while (rows := heard.sink.take()) is None:  # noqa: ASYNC110 no event for it
                await asyncio.sleep(0.01)
            assert rows is not None
            told = rows[["ts_ns", "price", "size", "side", "trade_id"]].tolist()
            assert told == [(1_723_161_256_321_000_000, 61800.3, 0.006, -1, 7)]
            task.cancel()
            await streams.close()

    within(scene)


def test_the_generic_way_says_that_a_connection_is_lost() -> None:
    async def scene() -> None:
        async with binance_usdm() as venue, asyncio.timeout(WITHIN_S):
            streams = CcxtStreams(CcxtClient("binanceusdm", venue.hosts))
            run = asyncio.ensure_future(streams.run(["BTCUSDT"], Quiet()))
            await venue.until(lambda: len(venue.subscribed) == 2)
            await venue.drop()
            with pytest.raises(Transient, match="binanceusdm failed while watching"):
                await run
            await streams.close()

    within(scene)
