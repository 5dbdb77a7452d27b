"""Which way a venue is read: its fast path where it has one, else ccxt's own."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from market.venues.binance_streams import VENUES, BinanceStreams
from market.venues.ccxt_client import CcxtClient
from market.venues.ccxt_streams import CcxtStreams
from market.venues.hosts import Hosts
from market.venues.streams import Streams

OpenStreams: TypeAlias = Callable[[], Streams]

# Venues as instruments name them, where ccxt has another name.
CCXT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "binance-spot": "binance",
        "binance-usdm": "binanceusdm",
        "binance-coinm": "binancecoinm",
    }
)


def opener(venue: str, hosts: Hosts) -> OpenStreams:
    """How to make a connection to a venue, as often as one is needed.

    Each is an object of its own: what broke one is not carried into the next. BadConfig or
    BadInput, at once, where venue or hosts cannot be used.
    """
    name = CCXT_NAMES.get(venue, venue)
    made = BinanceStreams if name in VENUES else CcxtStreams
    CcxtClient(name, hosts)  # refuses what no later one could do either; it opens nothing
    return lambda: made(CcxtClient(name, hosts))
