"""Binance's USD-M futures on loopback, as far as market data goes: real sockets, real messages.

`ccxt.pro.binanceusdm` loads its markets from it and subscribes to it. Tests decide what it sends
and how it fails: silence, garbage, resets, refused connections, bans. What it sends has the form of
the recorded payloads (a test compares them field by field).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import WSMsgType, web

from market.venues.hosts import Hosts

SYMBOLS: Final = ("BTCUSDT", "ETHUSDT")
_LISTED_MS: Final = 1_569_398_400_000


class BinanceUsdm:
    """A venue for one test.

    subscribed  streams that were asked for, in order; `connections` how many sockets were opened.
    refusals    that many of the next sockets are refused with 503.
    refused_subscriptions  that many of the next subscriptions are answered with an error.
    status      of REST answers: 200, or what a ban or maintenance says.
    """

    def __init__(self) -> None:
        self.subscribed: list[str] = []
        self.connections = 0
        self.refusals = 0
        self.refused_subscriptions = 0
        self.status = 200
        self.requests: list[str] = []
        self.url = ""
        self._sockets: list[web.WebSocketResponse] = []
        self._changed = asyncio.Condition()

    @property
    def hosts(self) -> Hosts:
        """Where a client finds it."""
        return Hosts(rest_url=f"http://{self.url}", ws_url=f"ws://{self.url}")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until clients have done something."""
        async with self._changed:
            await self._changed.wait_for(holds)

    async def send(self, messages: Iterable[bytes | str]) -> None:
        """Send to every client that is connected, as fast as the socket takes them."""
        for message in messages:
            text = message if isinstance(message, str) else message.decode()
            for socket in list(self._sockets):
                await socket.send_str(text)

    async def drop(self) -> None:
        """Close every socket."""
        for socket in list(self._sockets):
            await socket.close()

    def abort(self) -> None:
        """Reset every socket without a word."""
        for socket in list(self._sockets):
            writer = socket._writer
            if writer is not None and writer.transport is not None:
                writer.transport.abort()

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Answer what a client asks of the market."""
        self.requests.append(request.path)
        if self.status != 200:
            return web.Response(status=self.status, text="<html>no</html>")
        match request.path:
            case "/fapi/v1/exchangeInfo":
                return web.json_response(exchange_info())
            case "/fapi/v1/time":
                return web.json_response({"serverTime": _LISTED_MS})
        return web.json_response({"code": -1, "msg": f"{request.path} is not served"}, status=404)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """A websocket: answers subscriptions, and sends what the test sends."""
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await self._note(connections=1)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._subscribe(socket, json.loads(message.data))
        finally:
            self._sockets.remove(socket)
        return socket

    async def _subscribe(self, socket: web.WebSocketResponse, asked: Mapping[str, Any]) -> None:
        if self.refused_subscriptions:
            self.refused_subscriptions -= 1
            error = {"code": 2, "msg": "Invalid request: invalid stream"}
            await socket.send_str(json.dumps({"error": error, "id": asked["id"]}))
            return
        await socket.send_str(json.dumps({"result": None, "id": asked["id"]}))
        self.subscribed += asked["params"]
        await self._note()

    async def _note(self, connections: int = 0) -> None:
        async with self._changed:
            self.connections += connections
            self._changed.notify_all()


@asynccontextmanager
async def binance_usdm() -> AsyncIterator[BinanceUsdm]:
    """The venue, as long as a test needs it."""
    venue = BinanceUsdm()
    application = web.Application()
    for kind in ("public", "market"):
        application.router.add_get(f"/{kind}/ws/{{number}}", venue.socket)
    application.router.add_get("/{path:.*}", venue.rest)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    venue.url = f"127.0.0.1:{port}"
    try:
        yield venue
    finally:
        venue.abort()
        await runner.cleanup()


def exchange_info() -> dict[str, object]:
    """What is traded."""
    return {
        "timezone": "UTC",
        "serverTime": _LISTED_MS,
        "futuresType": "U_MARGINED",
        "rateLimits": [],
        "exchangeFilters": [],
        "assets": [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}],
        "symbols": [_symbol(symbol) for symbol in SYMBOLS],
    }


def _symbol(symbol: str) -> dict[str, object]:
    base = symbol.removesuffix("USDT")
    return {
        "symbol": symbol,
        "pair": symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": _LISTED_MS,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "settlePlan": 0,
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": "556.80",
                "maxPrice": "4529764",
                "tickSize": "0.10",
            },
            {"filterType": "LOT_SIZE", "stepSize": "0.001", "maxQty": "1000", "minQty": "0.001"},
            {
                "filterType": "MARKET_LOT_SIZE",
                "stepSize": "0.001",
                "maxQty": "120",
                "minQty": "0.001",
            },
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": "100"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }
