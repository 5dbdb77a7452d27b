"""Ticks of one message packed to rows TICK, a few hundred nanoseconds each.

Assigning to a structured row costs ten times as much as packing its bytes.
"""

from math import nan
from struct import Struct
from typing import Final, TypeAlias

import numpy as np

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from market.history.bad_ticks import UNSTAMPED
from market.venues.sink import Level

_ROW: Final = Struct("<10q6d")
_SIZE: Final = _ROW.size
_TRADE, _QUOTE = int(TickKind.TRADE), int(TickKind.QUOTE)
_INVALID_BOOK: Final = int(TickKind.INVALID_BOOK)
_NOTHING: Final = (nan,) * 6

Stamps: TypeAlias = tuple[int, int]


class TickRows:
    """Holds up to `capacity` rows until they are taken.

    `event_ns` and `seq` are the sequencer's and stay 0; `market` is the place of the instrument.
    Stamps are those of arrival and of the venue, the latter 0 where it gives none: then arrival
    buckets candles.
    """

    def __init__(self, capacity: int = 1_024) -> None:
        self._bytes = bytearray(capacity * _SIZE)
        self._capacity = capacity
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def full(self) -> bool:
        """Whether nothing more fits."""
        return self._count == self._capacity

    def trade(self, market: int, stamps: Stamps, traded: Level, side: int, trade_id: int) -> None:
        """A good one."""
        says = (_TRADE, side, trade_id)
        self._put(market, stamps, says, (*traded, nan, nan, nan, nan))

    def quote(self, market: int, stamps: Stamps, prices: Level, sizes: Level) -> None:
        """A good one: of bid and ask the prices and the sizes, NaN for what is not known."""
        self._put(market, stamps, (_QUOTE, 0, 0), (nan, nan, *prices, *sizes))

    def invalid_book(self, market: int, stamps: Stamps) -> None:
        """From here on nobody knows the book."""
        self._put(market, stamps, (_INVALID_BOOK, 0, 0), _NOTHING)

    def _put(
        self, market: int, stamps: Stamps, says: tuple[int, int, int], numbers: tuple[float, ...]
    ) -> None:
        recv_ns, ts_ns = stamps
        flags = 0 if ts_ns else UNSTAMPED
        at = self._count * _SIZE
        fields = (0, ts_ns or recv_ns, recv_ns, 0, market, 0, *says, flags, *numbers)
        _ROW.pack_into(self._bytes, at, *fields)
        self._count += 1

    def take(self) -> Rows:
        """What is there, as an array of its own; nothing is left."""
        rows = np.frombuffer(bytes(memoryview(self._bytes)[: self._count * _SIZE]), TICK)
        self._count = 0
        return rows
