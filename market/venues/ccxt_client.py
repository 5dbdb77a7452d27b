"""One exchange object of ccxt with its connections: used for one connection, then thrown away.

What ccxt raises leaves here as our own errors. Its traps that concern market data are dealt with
here: hosts, a keep-alive that notices a dead peer, caches that lose a burst, signed calls that
nobody asked for.
"""

import asyncio
from typing import Any, Final, TypeAlias

import ccxt
import msgspec
from ccxt import pro

from domain.errors import BadConfig, BadInput, Transient
from market.venues.hosts import Hosts, pointed

Exchange: TypeAlias = Any  # ccxt ships no types
Socket: TypeAlias = Any

LOAD_S: Final = 30.0
CLOSE_S: Final = 5.0
KEEP_ALIVE_MS: Final = 5_000  # Binance's default is 180 s with two misses: minutes of a dead peer
_BURST: Final = 20_000  # rows a cache holds; the default of 1,000 loses most of a burst


class CcxtClient:
    """Markets and connections of one venue.

    venue  ccxt's name of it, as `binanceusdm`.
    """

    def __init__(self, venue: str, hosts: Hosts) -> None:
        self.venue = venue
        self.exchange = _exchange(venue, hosts)

    async def load(self) -> None:
        """Load what the venue trades. Transient if it does not answer."""
        try:
            async with asyncio.timeout(LOAD_S):
                await self.exchange.load_markets()
        except TimeoutError as error:
            raise Transient(
                f"{self.venue} did not list its markets within {LOAD_S:.0f} s"
            ) from error
        except Exception as error:
            raise translated(self.venue, "listing its markets", error) from error

    def unified(self, symbol: str) -> str:
        """The name by which ccxt knows a symbol of the venue; BadConfig if it is not traded."""
        found = self.exchange.markets_by_id.get(symbol)
        if not found:
            raise BadConfig(
                f"{self.venue} trades no {symbol}; write `symbol` of the instrument as the venue"
                " does, or remove the market"
            )
        return str(found[0]["symbol"])

    async def close(self) -> None:
        """Let all connections go, however they stand."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.exchange.close()
        except TimeoutError:
            return  # the sockets go with the object
        except Exception as error:
            raise translated(self.venue, "closing its connections", error) from error


def translated(venue: str, doing: str, error: Exception) -> Exception:
    """Our word for an error of ccxt or of its transport. What is no error of theirs stays."""
    if isinstance(error, ccxt.NetworkError | ccxt.OperationFailed | OSError):
        return Transient(f"{venue} failed while {doing}: {_told(error)}")
    if isinstance(error, ccxt.BadSymbol | ccxt.NotSupported):
        return BadConfig(f"{venue} refuses {doing}: {_told(error)}")
    if isinstance(error, ccxt.BaseError):
        return Transient(f"{venue} failed while {doing}: {_told(error)}")
    if isinstance(error, msgspec.MsgspecError | ValueError | LookupError | TypeError):
        return Transient(f"{venue} answered what nobody can read while {doing}: {_told(error)}")
    return error


def _told(error: Exception) -> str:
    """On one line and of a bounded length: venues answer whole pages."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _exchange(venue: str, hosts: Hosts) -> Exchange:
    if venue not in pro.exchanges:
        raise BadInput(f"venue {venue!r} is not known to ccxt; see docs/venues.md for the names")
    exchange = getattr(pro, venue)(
        {
            "enableRateLimit": True,
            "newUpdates": True,
            "options": {
                "fetchCurrencies": False,  # would sign a call where a key is known
                "tradesLimit": _BURST,
                "OHLCVLimit": _BURST,
            },
        }
    )
    options = exchange.options
    options["ws"] = {**options.get("ws", {}), "keepAlive": KEEP_ALIVE_MS}
    exchange.urls["api"] = pointed(venue, exchange.urls["api"], hosts)
    return exchange
