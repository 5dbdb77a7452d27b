"""The book of one instrument, kept from a snapshot and the changes after it.

Whether a change follows is decided by the venue's numbering (Binance, "How to manage a local order
book correctly"): after the snapshot the first change spans its number, each later one names the one
before (futures) or begins behind it (spot). Whatever does not follow breaks the book: it is known
again only after another snapshot, never patched. A book whose bid reaches its ask is broken too.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from domain.enums import Word
from market.venues.sink import BookChange, Level

WAITING: Final = 2_048  # changes kept until the snapshot comes; older ones go


class BookState(Word):
    """What is known of a book."""

    WAITING = 1
    KNOWN = 2
    BROKEN = 3


class Breach(Word):
    """Why a book broke."""

    SEQUENCE = 1
    CROSSED = 2
    DIFFERENT = 3  # from the venue's own, asked for beside the stream


class LocalBook:
    """Prices and sizes as floats, exactly as the venue's text reads."""

    def __init__(self) -> None:
        self.state = BookState.WAITING
        self.breach: Breach | None = None
        self.last_id = 0
        self._bids: dict[float, float] = {}
        self._asks: dict[float, float] = {}
        self._best_bid: float | None = None
        self._best_ask: float | None = None
        self._fresh = False  # no change has followed the snapshot yet
        self._waiting: deque[BookChange] = deque(maxlen=WAITING)

    @property
    def best(self) -> tuple[Level, Level] | None:
        """Bid and ask; None where the book is not known or one side of it is empty."""
        bid, ask = self._best_bid, self._best_ask
        if self.state is not BookState.KNOWN or bid is None or ask is None:
            return None
        return (bid, self._bids[bid]), (ask, self._asks[ask])

    @property
    def depth(self) -> tuple[int, int]:
        """Number of levels of each side."""
        return len(self._bids), len(self._asks)

    def restart(self) -> None:
        """Forget everything and wait for a snapshot, as after a reconnect."""
        self.state, self.breach, self.last_id = BookState.WAITING, None, 0
        self._bids, self._asks = {}, {}
        self._best_bid = self._best_ask = None
        self._waiting.clear()

    def snapshot(self, last_id: int, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Begin with what the venue answered, then apply the changes that came meanwhile."""
        waiting = tuple(self._waiting)
        self.restart()
        self._bids = {price: size for price, size in bids if size > 0}
        self._asks = {price: size for price, size in asks if size > 0}
        self._best_bid = max(self._bids, default=None)
        self._best_ask = min(self._asks, default=None)
        self.last_id, self._fresh = last_id, True
        self.state = BookState.KNOWN
        self._see_crossed()
        for change in waiting:
            self.change(change)

    def change(self, change: BookChange) -> BookState:
        """Apply what follows; what lies before the snapshot is passed over."""
        if self.state is not BookState.KNOWN:
            # The snapshot that is asked for because of a breach may be older than this change.
            self._waiting.append(change)
            return self.state
        if self._fresh and change.last_id < self.last_id:
            return self.state
        if not self._follows(change):
            return self._break(Breach.SEQUENCE, change)
        self._fresh, self.last_id = False, change.last_id
        for price, size in change.bids:
            self._put_bid(price, size)
        for price, size in change.asks:
            self._put_ask(price, size)
        self._see_crossed()
        return self.state

    def compare(self, bid: Level, ask: Level) -> bool:
        """Whether the venue's own best levels are these; the book breaks where they are not."""
        if self.state is BookState.KNOWN and self.best != (bid, ask):
            self._break(Breach.DIFFERENT)
        return self.state is BookState.KNOWN

    def _follows(self, change: BookChange) -> bool:
        if self._fresh:
            spans = change.first_id <= self.last_id + 1 and change.last_id >= self.last_id
            return spans or change.previous_id == self.last_id
        if change.previous_id is not None:
            return change.previous_id == self.last_id
        return change.first_id == self.last_id + 1

    def _put_bid(self, price: float, size: float) -> None:
        if size > 0:
            self._bids[price] = size
            if self._best_bid is None or price > self._best_bid:
                self._best_bid = price
        elif self._bids.pop(price, None) is not None and price == self._best_bid:
            self._best_bid = max(self._bids, default=None)

    def _put_ask(self, price: float, size: float) -> None:
        if size > 0:
            self._asks[price] = size
            if self._best_ask is None or price < self._best_ask:
                self._best_ask = price
        elif self._asks.pop(price, None) is not None and price == self._best_ask:
            self._best_ask = min(self._asks, default=None)

    def _see_crossed(self) -> None:
        bid, ask = self._best_bid, self._best_ask
        if bid is not None and ask is not None and bid >= ask:
            self._break(Breach.CROSSED)

    def _break(self, breach: Breach, change: BookChange | None = None) -> BookState:
        self.restart()
        self.state, self.breach = BookState.BROKEN, breach
        if change is not None:
            self._waiting.append(change)
        return self.state
