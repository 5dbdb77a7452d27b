"""Streams of any exchange that ccxt.pro supports: one loop for each, that does nothing but watch.

Rows that arrive while nobody watches wait for the next message, and a burst beyond ccxt's cache is
lost without an error: a venue whose trades matter deserves a fast path (`binance_streams`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import nan
from typing import Any, Final

from market.venues.ccxt_client import CcxtClient, translated
from market.venues.sink import Level
from market.venues.streams import Listening

_MS_NS: Final = 1_000_000
_LARGEST: Final = 2**63 - 1


class CcxtStreams:
    """Trades through `watch_trades_for_symbols`, quotes through `watch_bids_asks`."""

    def __init__(self, client: CcxtClient) -> None:
        self._client = client

    async def run(self, symbols: Sequence[str], heard: Listening) -> None:
        """Streams."""
        client = self._client
        await client.load()
        exchange = client.exchange
        names = {client.unified(symbol): symbol for symbol in symbols}

        async def trades() -> None:
            _tell_trades(await exchange.watch_trades_for_symbols(list(names)), names, heard)

        async def quotes() -> None:
            _tell_quotes(await exchange.watch_bids_asks(list(names)), names, heard)

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(trades, "watching trades"), name="watch-trades")
                group.create_task(self._watch(quotes, "watching quotes"), name="watch-quotes")
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _watch(self, step: Callable[[], Awaitable[None]], doing: str) -> None:
        while True:
            try:
                await step()
            except Exception as error:
                raise translated(self._client.venue, doing, error) from error

    async def close(self) -> None:
        """Streams."""
        await self._client.close()


def _tell_trades(
    trades: Sequence[Mapping[str, Any]], names: Mapping[str, str], heard: Listening
) -> None:
    for trade in trades:
        heard.arrived()
        symbol = names.get(str(trade.get("symbol")))
        ts_ns = _stamp_ns(trade.get("timestamp"))
        if symbol is None or ts_ns is None:
            heard.unreadable("a trade without symbol or time")
            continue
        side = {"buy": 1, "sell": -1}.get(str(trade.get("side")), 0)
        traded = (_number(trade.get("price")), _number(trade.get("amount")))
        heard.sink.trade(symbol, ts_ns, traded, side, _trade_id(trade.get("id")))


def _tell_quotes(
    tickers: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], heard: Listening
) -> None:
    for unified, ticker in tickers.items():
        heard.arrived()
        symbol = names.get(unified)
        if symbol is None:
            heard.unreadable("a quote of a symbol that was not asked for")
            continue
        ts_ns = _stamp_ns(ticker.get("timestamp")) or 0
        bid = _level(ticker, "bid")
        heard.sink.quote(symbol, ts_ns, bid, _level(ticker, "ask"))


def _level(ticker: Mapping[str, Any], side: str) -> Level:
    return _number(ticker.get(side)), _number(ticker.get(f"{side}Volume"))


def _number(value: object) -> float:
    """NaN for what is no number: it is then bad, and counted."""
    return float(value) if isinstance(value, int | float) else nan


def _stamp_ns(value: object) -> int | None:
    if not isinstance(value, int | float) or not 0 < value < _LARGEST // _MS_NS:
        return None
    return int(value) * _MS_NS


def _trade_id(value: object) -> int:
    """0 where the venue's id is no number that fits: such trades cannot be told apart by it."""
    text = str(value)
    number = int(text) if text.isdecimal() and text.isascii() else 0
    return number if number <= _LARGEST else 0
