"""Websocket messages of Binance (spot, USD-M, COIN-M): trade, bookTicker, depthUpdate.

Venue documents: "Trade Streams", "Individual Symbol Book Ticker Streams", "Diff. Book Depth
Streams". Messages come bare or as {"stream": name, "data": message}. Spot's bookTicker has neither
type nor time. A trade whose kind `X` is not MARKET (taken over by the insurance fund, ADL) was no
trade on the market. One structure is decoded a message; anything else is `other`.
"""

from typing import Annotated, Final

import msgspec

from market.venues.sink import Level, MarketSink, Unreadable

_MS_NS: Final = 1_000_000
_LATEST_MS: Final = 7_258_118_400_000  # 2200: beyond, the unit is not milliseconds
_LARGEST: Final = 2**63 - 1

Ms = Annotated[int, msgspec.Meta(ge=1, le=_LATEST_MS)]
Id = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]

_ABSENT: Final = msgspec.Raw()


class _Head(msgspec.Struct, gc=False, rename={"kind": "e", "update_id": "u", "best_bid": "b"}):
    """What tells messages apart. Spot's bookTicker is known by what it has."""

    kind: str | None = None
    data: msgspec.Raw = _ABSENT
    stream: str | None = None
    update_id: msgspec.Raw = _ABSENT
    best_bid: msgspec.Raw = _ABSENT


class Trade(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "symbol": "s",
        "trade_id": "t",
        "price": "p",
        "size": "q",
        "time_ms": "T",
        "buyer_is_maker": "m",
        "kind": "X",
    },
):
    """`trade`."""

    symbol: str
    trade_id: Id
    price: float
    size: float
    time_ms: Ms
    buyer_is_maker: bool
    kind: str = "MARKET"


class BookTicker(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "symbol": "s",
        "bid": "b",
        "bid_size": "B",
        "ask": "a",
        "ask_size": "A",
        "time_ms": "T",
    },
):
    """`bookTicker`; spot does not say when."""

    symbol: str
    bid: float
    bid_size: float
    ask: float
    ask_size: float
    time_ms: Ms | None = None


class DepthUpdate(
    msgspec.Struct,
    frozen=True,
    gc=False,
    rename={
        "symbol": "s",
        "time_ms": "E",
        "first_id": "U",
        "last_id": "u",
        "previous_id": "pu",
        "bids": "b",
        "asks": "a",
    },
):
    """`depthUpdate`; spot does not name the one before."""

    symbol: str
    time_ms: Ms
    first_id: Id
    last_id: Id
    bids: list[Level]
    asks: list[Level]
    previous_id: Id | None = None

    @property
    def ts_ns(self) -> int:
        """The venue's clock."""
        return self.time_ms * _MS_NS


# Numbers come as strings. Not strict reads those, and no more: "1_0", " 1" and "" are refused.
_HEAD: Final = msgspec.json.Decoder(_Head)
_TRADE: Final = msgspec.json.Decoder(Trade, strict=False)
_BOOK_TICKER: Final = msgspec.json.Decoder(BookTicker, strict=False)
_DEPTH: Final = msgspec.json.Decoder(DepthUpdate, strict=False)


def tell(message: bytes | str, sink: MarketSink) -> bool:
    """Decode one message into a call of `sink`; whether it told of a market.

    Unreadable says what was wrong with it.
    """
    try:
        return _told(message, sink)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"no message of Binance: {error}; it was counted and left out") from error
    except UnicodeDecodeError as error:
        raise Unreadable("no message of Binance: it is no UTF-8 text; it was left out") from error


def _told(message: bytes | str, sink: MarketSink) -> bool:
    head = _HEAD.decode(message)
    body: bytes | str | msgspec.Raw = message
    if head.data is not _ABSENT and head.stream is not None:
        body = head.data
        head = _HEAD.decode(body)
    match head.kind:
        case "trade":
            trade = _TRADE.decode(body)
            if trade.kind == "MARKET":
                side = -1 if trade.buyer_is_maker else 1
                time_ns = trade.time_ms * _MS_NS
                traded = (trade.price, trade.size)
                sink.trade(trade.symbol, time_ns, traded, side, trade.trade_id)
            else:
                sink.other(f"trade of kind {trade.kind}")
        case "bookTicker":
            _quoted(_BOOK_TICKER.decode(body), sink)
        case "depthUpdate":
            update = _DEPTH.decode(body)
            sink.book(update.symbol, update)
        case None if head.update_id is not _ABSENT and head.best_bid is not _ABSENT:
            _quoted(_BOOK_TICKER.decode(body), sink)
        case other:
            sink.other("answer" if other is None else other)
            return False
    return True


def _quoted(ticker: BookTicker, sink: MarketSink) -> None:
    ts_ns = 0 if ticker.time_ms is None else ticker.time_ms * _MS_NS
    bid, ask = (ticker.bid, ticker.bid_size), (ticker.ask, ticker.ask_size)
    sink.quote(ticker.symbol, ts_ns, bid, ask)
