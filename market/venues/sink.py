"""What every venue's messages come down to: who decodes them calls these, message by message."""

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from domain.errors import BadInput

Level: TypeAlias = tuple[float, float]  # price, size; size 0: the level is gone


class Unreadable(BadInput):
    """A message that is not what its venue promises: nothing of it was told to the sink."""


class MarketSink(Protocol):
    """Hears what a venue says of its instruments, under the venue's own symbols.

    Numbers are as the venue sent them: finite or not, zero, crossed, repeated. Judging them is the
    work of who listens (`market.feeds`). `ts_ns` is the venue's clock; 0 where it gives none.
    """

    def trade(self, symbol: str, ts_ns: int, traded: Level, side: int, trade_id: int) -> None:
        """A trade at a price, of a size; `side` is +1 where the buyer was the aggressor."""

    def quote(self, symbol: str, ts_ns: int, bid: Level, ask: Level) -> None:
        """The best bid and ask, of which a price and a size each."""

    def book(self, symbol: str, change: "BookChange") -> None:
        """Levels of the book that have changed."""

    def other(self, what: str) -> None:
        """A message that tells nothing of the market: answers, pings, streams not asked for."""


class BookChange(Protocol):
    """Changed levels, and which changes of the venue's numbering they sum up."""

    @property
    def ts_ns(self) -> int:
        """The venue's clock."""

    @property
    def first_id(self) -> int:
        """Number of the first change in it."""

    @property
    def last_id(self) -> int:
        """Number of the last one."""

    @property
    def previous_id(self) -> int | None:
        """`last_id` of the change before; None where the venue does not say."""

    @property
    def bids(self) -> Sequence[Level]:
        """In any order."""

    @property
    def asks(self) -> Sequence[Level]:
        """In any order."""
