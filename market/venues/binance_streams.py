"""The fast path of Binance: ccxt connects and subscribes, messages are read by `binance`.

ccxt's own way keeps the last rows of a burst and loses the rest without a word, and takes ten times
as long a message. Every subscription goes through one socket, so that trades and quotes arrive in
the order in which the venue sent them.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from market.venues import binance
from market.venues.ccxt_client import CcxtClient, Exchange, Socket, translated
from market.venues.sink import Unreadable
from market.venues.streams import Listening

VENUES: Final = ("binance", "binanceusdm", "binancecoinm")
_ONE_SOCKET: Final = "0"


class BinanceStreams:
    """Trades and bookTicker of some symbols."""

    def __init__(self, client: CcxtClient) -> None:
        self._client = client

    async def run(self, symbols: Sequence[str], heard: Listening) -> None:
        """Streams."""
        client = self._client
        await client.load()
        exchange = client.exchange
        names = [client.unified(symbol) for symbol in symbols]
        exchange.stream = _one_stream
        _listen(exchange, heard)
        try:
            async with asyncio.TaskGroup() as group:
                # Neither ever returns: what would wake them is read before ccxt sees it.
                group.create_task(exchange.watch_trades_for_symbols(names), name="trades")
                group.create_task(exchange.watch_bids_asks(names), name="quotes")
        except ExceptionGroup as errors:
            error = errors.exceptions[0]
            raise translated(client.venue, "streaming trades and quotes", error) from error

    async def close(self) -> None:
        """Streams."""
        await self._client.close()


def _one_stream(*_: object) -> str:
    """Sockets are numbered by subscription; here all have one."""
    return _ONE_SOCKET


def _listen(exchange: Exchange, heard: Listening) -> None:
    """Read what every socket of an exchange receives; what is no market data is left to ccxt."""
    made = exchange.client

    def client(url: str) -> Socket:
        socket = made(url)
        if "handle_text_or_binary_message" not in vars(socket):
            answered = socket.handle_text_or_binary_message

            def received(message: bytes | str) -> None:
                heard.arrived()
                try:
                    told = binance.tell(message, heard.sink)
                except Unreadable as error:
                    heard.unreadable(str(error))
                    return
                if not told:
                    answered(message)

            socket.handle_text_or_binary_message = received
        return socket

    exchange.client = client
