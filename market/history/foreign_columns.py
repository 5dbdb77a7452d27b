"""Which column of a foreign file is which: known layouts, names that many sources share, `--map`.

A guess is told with how sure it is; where two columns could be meant, nothing is guessed.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import msgspec

from domain.enums import Word
from domain.errors import BadUsage


class Content(Word):
    """What a foreign file holds."""

    TRADES = 1
    QUOTES = 2
    CANDLES = 3


class Confidence(Word):
    """How a column was found."""

    STATED = 1  # by --map
    CERTAIN = 2  # its name means nothing else
    LIKELY = 3  # its name is a usual one for this
    BY_POSITION = 4  # there is no head; the file has the shape of a known layout


class Layout(msgspec.Struct, frozen=True):
    """Files without a head: what their columns are, in order.

    "" is not read; neither are a TIME and a FLAG, by which the layout is known.
    """

    name: str
    content: Content
    columns: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Where one of our fields comes from."""

    field: str
    column: str
    confidence: Confidence


TIME: Final = "(time)"
FLAG: Final = "(flag)"
NEEDED: Final = {
    Content.TRADES: ("time", "price", "size"),
    Content.QUOTES: ("time", "bid", "ask"),
    Content.CANDLES: ("time", "open", "high", "low", "close"),
}
OPTIONAL: Final = {
    Content.TRADES: ("received", "side", "buyer_is_maker", "id"),
    Content.QUOTES: ("received", "bid_size", "ask_size"),
    Content.CANDLES: ("volume",),
}
# Beside those of the content: a column of dates where `time` is the clock alone, and of names.
_ALWAYS: Final = ("date", "symbol")

# Names are compared in lower case and without anything but letters and digits. The first set means
# the field and nothing else; one of the second is taken where no other could be meant.
_NAMES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "time": (
        frozenset({"tsns", "tsms", "tsus", "timestampns", "timestampms", "timestampus", "opentime",
                   "gmttime", "localtime", "datetime", "transacttime", "transactiontime",
                   "tradetime", "exectime", "createdtime", "unixtime"}),
        frozenset({"timestamp", "time", "ts", "date", "unix", "epoch", "eventtime", "dateutc"}),
    ),
    "received": (
        frozenset({"recvns", "localtimestamp", "receivedtime", "receivetime", "recvtime",
                   "receivedat", "receipttimestamp", "receipttime"}),
        frozenset(),
    ),
    "price": (
        frozenset({"price", "tradeprice", "execprice", "fillprice"}),
        frozenset({"last", "px", "p", "rate"}),
    ),
    "size": (
        frozenset({"size", "qty", "quantity", "amount", "tradesize", "tradeqty", "baseqty"}),
        frozenset({"volume", "vol", "q", "v", "lastsize"}),
    ),
    "side": (
        frozenset({"side", "takerside", "aggressorside", "aggressor"}),
        frozenset({"direction", "tradeside", "takerorderside"}),
    ),
    "buyer_is_maker": (
        frozenset({"isbuyermaker", "buyerismaker", "buyermaker", "wasthebuyerthemaker"}),
        frozenset({"m"}),
    ),
    "id": (
        frozenset({"tradeid", "aggtradeid", "aggregatetradeid"}),
        frozenset({"id", "tid", "a"}),
    ),
    "bid": (
        frozenset({"bid", "bidprice", "bestbid", "bestbidprice", "bidpx"}),
        frozenset({"b", "bid1price", "bidprice1"}),
    ),
    "ask": (
        frozenset({"ask", "askprice", "bestask", "bestaskprice", "askpx", "offer"}),
        frozenset({"a", "ask1price", "askprice1"}),
    ),
    "bid_size": (
        frozenset({"bidsize", "bidqty", "bestbidqty", "bestbidsize", "bidamount", "bidvolume",
                   "bidquantity"}),
        frozenset({"bid1size", "bidsize1", "bidsz"}),
    ),
    "ask_size": (
        frozenset({"asksize", "askqty", "bestaskqty", "bestasksize", "askamount", "askvolume",
                   "askquantity"}),
        frozenset({"ask1size", "asksize1", "asksz"}),
    ),
    "open": (frozenset({"open", "openprice"}), frozenset({"o"})),
    "high": (frozenset({"high", "highprice"}), frozenset({"h"})),
    "low": (frozenset({"low", "lowprice"}), frozenset({"l"})),
    "close": (frozenset({"close", "closeprice"}), frozenset({"c"})),
    "volume": (
        frozenset({"volume", "tickvolume"}), frozenset({"vol", "v", "size", "baseassetvolume"})
    ),
    "date": (frozenset({"date", "tradedate", "day"}), frozenset()),
    "symbol": (
        frozenset({"symbol", "instrument", "ticker", "instrumentname", "instid", "pair"}),
        frozenset({"contract", "market"}),
    ),
}  # fmt: skip

_KLINE: Final = ("time", "open", "high", "low", "close", "volume", TIME, "", "", "", "", "")
LAYOUTS: Final = (
    Layout("Binance klines", Content.CANDLES, _KLINE),
    Layout("Binance spot aggTrades", Content.TRADES,
           ("id", "price", "size", "", "", "time", "buyer_is_maker", FLAG)),
    Layout("Binance futures aggTrades", Content.TRADES,
           ("id", "price", "size", "", "", "time", "buyer_is_maker")),
    Layout("Binance spot trades", Content.TRADES,
           ("id", "price", "size", "", "time", "buyer_is_maker", FLAG)),
    Layout("Binance futures trades", Content.TRADES,
           ("id", "price", "size", "", "time", "buyer_is_maker")),
    Layout("Binance bookTicker", Content.QUOTES,
           ("", "bid", "bid_size", "ask", "ask_size", "time", TIME)),
    Layout("Kraken trades", Content.TRADES, ("time", "price", "size")),
    Layout("Kraken candles", Content.CANDLES,
           ("time", "open", "high", "low", "close", "volume", "")),
    Layout("time and OHLCV", Content.CANDLES, ("time", "open", "high", "low", "close", "volume")),
    Layout("time and OHLC", Content.CANDLES, ("time", "open", "high", "low", "close")),
)  # fmt: skip


def plain(name: str) -> str:
    """A column's name without case, blanks and marks."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def content_of(columns: Sequence[str]) -> Content:
    """What a file with a head holds. BadUsage where its columns fit more than one kind, or none."""
    fitting = []
    for content in Content:
        needed = [field for field in NEEDED[content] if field != "time"]
        if all(
            _candidates(field, columns)[0] or _candidates(field, columns)[1] for field in needed
        ):
            fitting.append(content)
    if len(fitting) == 1:
        return fitting[0]
    held = ", ".join(repr(name) for name in columns)
    if not fitting:
        raise BadUsage(
            f"its columns {held} look like no trades, quotes or candles; say with --as what they "
            "are and with --map FIELD=COLUMN where each field stands"
        )
    words = " or ".join(each.word for each in fitting)
    raise BadUsage(f"its columns {held} fit {words}; say with --as which are wanted")


def find_columns(
    content: Content, columns: Sequence[str], stated: Mapping[str, str]
) -> tuple[Found, ...]:
    """Where each field stands in a file with a head.

    stated  fields that the user has mapped to columns.

    BadUsage names a field that is missing or could be several columns, and how to say which.
    """
    _check_stated(content, columns, stated)
    found: list[Found] = []
    for field in (*NEEDED[content], *OPTIONAL[content], *_ALWAYS):
        if field in stated:
            one = Found(field=field, column=stated[field], confidence=Confidence.STATED)
            found.append(one)
            continue
        taken = {*stated.values(), *(each.column for each in found)}
        free = [name for name in columns if name not in taken]
        chosen = _choose(field, free, optional=field not in NEEDED[content])
        if chosen is not None:
            found.append(chosen)
        elif field in NEEDED[content]:
            held = ", ".join(repr(name) for name in columns)
            raise BadUsage(
                f"no column is {field}; found {held}: say which it is with --map {field}=COLUMN"
            )
    return tuple(_settled(found))


def layout_for(width: int, content: Content | None) -> tuple[Layout, ...]:
    """Known layouts of so many columns; values must tell which it is."""
    return tuple(
        each for each in LAYOUTS if len(each.columns) == width and content in {None, each.content}
    )


def columns_of(layout: Layout, stated: Mapping[str, str]) -> tuple[Found, ...]:
    """The fields of a file without a head, whose columns are called "1", "2" and so on."""
    names = [str(place + 1) for place in range(len(layout.columns))]
    _check_stated(layout.content, names, stated)
    found = {
        field: Found(field=field, column=name, confidence=Confidence.BY_POSITION)
        for name, field in zip(names, layout.columns, strict=True)
        if field not in {"", TIME, FLAG}
    }
    for field, column in stated.items():
        found[field] = Found(field=field, column=column, confidence=Confidence.STATED)
    return tuple(found.values())


def _settled(found: list[Found]) -> list[Found]:
    """A date is for the clock beside it; a side is told once."""
    by_field = {each.field: each for each in found}
    date, time = by_field.get("date"), by_field["time"]
    if (
        date is not None
        and date.confidence is not Confidence.STATED
        and plain(time.column) != "time"
    ):
        found = [each for each in found if each.field != "date"]
    if "side" in by_field and "buyer_is_maker" in by_field:
        less = min(("side", "buyer_is_maker"), key=lambda each: -by_field[each].confidence)
        found = [each for each in found if each.field != less]
    return found


def _choose(field: str, columns: Sequence[str], *, optional: bool) -> Found | None:
    certain, likely = _candidates(field, columns)
    for names, confidence in ((certain, Confidence.CERTAIN), (likely, Confidence.LIKELY)):
        if len(names) == 1:
            return Found(field=field, column=names[0], confidence=confidence)
        if names and field == "time" and _date_and_clock(names):
            clock = next(name for name in names if plain(name) == "time")
            return Found(field=field, column=clock, confidence=confidence)
        if names and not optional:
            told = " or ".join(repr(name) for name in names)
            raise BadUsage(
                f"{field} could be {told}: say which it is with --map {field}={names[0]}"
            )
    return None


def _date_and_clock(names: Sequence[str]) -> bool:
    return {plain(name) for name in names} == {"date", "time"}


def _candidates(field: str, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    certain, likely = _NAMES[field]
    return (
        [name for name in columns if plain(name) in certain],
        [name for name in columns if plain(name) in likely],
    )


def _check_stated(content: Content, columns: Sequence[str], stated: Mapping[str, str]) -> None:
    known = (*NEEDED[content], *OPTIONAL[content], *_ALWAYS)
    for field, column in stated.items():
        if field not in known:
            near = get_close_matches(field, known, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise BadUsage(
                f"--map {field}={column}: {content.word} have no field {field}; {meant}"
                f"they have {', '.join(known)}"
            )
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise BadUsage(
                f"--map {field}={column}: there is no column {column!r}; {meant}"
                f"there are {', '.join(repr(name) for name in columns)}"
            )
