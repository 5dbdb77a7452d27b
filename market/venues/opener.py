"""Which way a venue is read: its fast path where it has one, else ccxt's own."""

from collections.abc import Callable
from typing import TypeAlias

from market.venues.binance_streams import VENUES, BinanceStreams
from market.venues.ccxt_client import CcxtClient
from market.venues.ccxt_streams import CcxtStreams
from market.venues.hosts import Hosts
from market.venues.streams import Streams

OpenStreams: TypeAlias = Callable[[], Streams]


def opener(venue: str, hosts: Hosts) -> OpenStreams:
    """How to make a connection to a venue, as often as one is needed.

    Each is an object of its own: what broke one is not carried into the next. Making one raises
    BadConfig or BadInput where venue or hosts cannot be used.
    """
    made = BinanceStreams if venue in VENUES else CcxtStreams
    return lambda: made(CcxtClient(venue, hosts))
