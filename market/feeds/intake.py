"""From what a venue says to ticks: known instruments only, judged, counted, packed.

One intake for each connection: it is the MarketSink of its messages. Nothing it is told can raise;
what it cannot use it counts.
"""

from collections import Counter
from collections.abc import Mapping
from math import inf, nan
from typing import Final

import numpy as np

from domain.arrays import Rows
from domain.enums import BadTick
from market.feeds.tick_judge import TickJudge
from market.feeds.tick_rows import TickRows
from market.venues.sink import BookChange, Level

_MOST_LETTERS: Final = 40


class Intake:
    """Turns calls into rows TICK with the time of arrival `recv_ns` that was stated last.

    places   of the instruments in the ring, by the venue's symbols.
    bad      ticks that were left out, by (symbol, kind); a crossed quote counts and is told as a
             book that nobody knows.
    told     symbols of which a quote came, good or crossed, since somebody cleared it.
    unknown  messages of other symbols; `others` what told nothing of a market, by kind.
    """

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = dict(places)
        self._judges = {symbol: TickJudge() for symbol in places}
        self._rows = TickRows()
        self._pieces: list[Rows] = []
        self.recv_ns = 0
        self.told: set[str] = set()
        self.bad: Counter[tuple[str, BadTick]] = Counter()
        self.unknown: Counter[str] = Counter()
        self.others: Counter[str] = Counter()

    def take(self) -> Rows | None:
        """Rows since the last time, in the order of the calls; None where there are none."""
        if self._pieces:
            self._pieces.append(self._rows.take())
            return _joined(self._pieces)
        return self._rows.take() if len(self._rows) else None

    def trade(self, symbol: str, ts_ns: int, traded: Level, side: int, trade_id: int) -> None:
        """MarketSink."""
        place = self._places.get(symbol)
        if place is None:
            self.unknown[_short(symbol)] += 1
            return
        bad = self._judges[symbol].trade(ts_ns, traded, trade_id)
        if bad is not None:
            self.bad[symbol, bad] += 1
            return
        self._make_room()
        self._rows.trade(place, (self.recv_ns, ts_ns), traded, side, trade_id)

    def quote(self, symbol: str, ts_ns: int, bid: Level, ask: Level) -> None:
        """MarketSink."""
        place = self._places.get(symbol)
        if place is None:
            self.unknown[_short(symbol)] += 1
            return
        sizes = (bid[1], ask[1])
        bad = self._judges[symbol].quote(ts_ns, bid[0], ask[0], sizes)
        if bad is not None:
            self.bad[symbol, bad] += 1
            if bad is not BadTick.CROSSED:
                return
            self.told.add(symbol)
            self._make_room()
            self._rows.invalid_book(place, (self.recv_ns, ts_ns))
            return
        self.told.add(symbol)
        self._make_room()
        known = (_known(sizes[0]), _known(sizes[1]))
        self._rows.quote(place, (self.recv_ns, ts_ns), (bid[0], ask[0]), known)

    def book(self, symbol: str, change: BookChange) -> None:
        """MarketSink: nobody subscribes to books yet."""
        del change
        self.others[_short(f"book of {symbol}")] += 1

    def other(self, what: str) -> None:
        """MarketSink."""
        self.others[_short(what)] += 1

    def _make_room(self) -> None:
        if self._rows.full:
            self._pieces.append(self._rows.take())


def _known(size: float) -> float:
    """A displayed size that is missing, zero or not finite is not known (I2)."""
    return size if 0 < size < inf else nan


def _short(text: str) -> str:
    """Counted under names that a venue chooses: of a bounded length."""
    return text[:_MOST_LETTERS]


def _joined(pieces: list[Rows]) -> Rows:
    rows: Rows = np.concatenate(pieces)
    pieces.clear()
    return rows
