"""A running service in plain lines: trades, changes of state and of feeds, a heartbeat."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from agent.live.photographer import Photographer
from agent.service.engine import Engine
from agent.service.feeds import MadeUpFeed, VenueFeed
from domain.enums import StateCause, TradingState
from market.feeds.live_feed import FeedState, FeedStatus
from reporting.amounts import amount, counted, utc
from reporting.live.lines import label
from reporting.live.picture import Picture
from reporting.live.trade_told import line
from reporting.why_sentences import opening
from reporting.why_words import spoken

LOOK_S: Final = 1.0
HEARTBEAT_S: Final = 60.0


class LogLines:
    """Says what a person who reads the log wants to know, and no more."""

    def __init__(
        self,
        photographer: Photographer,
        feeds: Sequence[VenueFeed | MadeUpFeed],
        currency: str,
        write: Callable[[str], None],
    ) -> None:
        self._photographer = photographer
        self._feeds = [feed for feed in feeds if isinstance(feed, VenueFeed)]
        self._currency = currency
        self._write = write
        self._told: dict[str, FeedStatus] = {}
        self._state = ""

    async def beside(self, engine: Engine) -> None:
        """Watch until cancelled. A fault in watching is told, and never ends what is watched."""
        while True:
            try:
                await self._watch(engine)
            except Exception as error:  # noqa: BLE001 it supervises: trading goes on unwatched
                what = f"{type(error).__name__}: {error}"
                self._write(
                    f"watching failed ({what}); trading goes on, watching again in a minute"
                )
                await asyncio.sleep(HEARTBEAT_S)

    async def _watch(self, engine: Engine) -> None:
        began_ns = int(engine.time.now_ns())
        self._beginning(engine, self._photographer.take(engine, began_ns, 1.0, None))
        beat_s = 0.0
        while True:
            await asyncio.sleep(LOOK_S)
            beat_s += LOOK_S
            for trade in self._photographer.fetch():
                self._write(line(trade, self._currency))
            self._changes(engine)
            if beat_s >= HEARTBEAT_S:
                beat_s = 0.0
                self._beat(self._photographer.take(engine, began_ns, 1.0, None))

    def _beginning(self, engine: Engine, picture: Picture) -> None:
        names = ", ".join(each.name for each in picture.markets)
        self._state = picture.account.trading_state
        mode, run = label(picture.mode), engine.book.epoch
        self._write(
            f"{utc(picture.now_ns)}  {mode}: run {run} serves {names}; account is "
            f"{self._state}, equity {amount(picture.account.equity)} {self._currency}"
        )
        for each in picture.markets:
            if each.why.position is not None:
                self._write(f"{utc(picture.now_ns)}  taken up: {opening(each.why)}")

    def _changes(self, engine: Engine) -> None:
        now_ns, account = int(engine.time.now_ns()), engine.book.account
        trading_state = TradingState(int(account["trading_state"])).word
        if trading_state != self._state:
            self._state = trading_state
            cause = StateCause(int(account["state_cause"])).word
            self._write(f"{utc(now_ns)}  account is {trading_state} ({spoken(cause)})")
        for feed in self._feeds:
            now, before = feed.status, self._told.get(feed.venue)
            if before is None or (now.state, now.connections) != (before.state, before.connections):
                because = f": {now.why}" if now.why and now.state is not FeedState.LIVE else ""
                self._write(f"{utc(now_ns)}  {feed.venue} is {now.state.word}{because}")
            self._told[feed.venue] = now

    def _beat(self, picture: Picture) -> None:
        ticks = sum(each.ticks for each in picture.markets)
        seen = self._photographer
        words = "; ".join(opening(each.why) for each in picture.markets)
        done = f"{counted(ticks, 'tick')}, {counted(seen.count, 'trade')}"
        net = f"net {amount(seen.net, signed=True)} {self._currency}"
        self._write(f"{utc(picture.now_ns)}  {done}, {net}. {words}")
