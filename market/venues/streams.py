"""What a venue's live data looks like to a feed, whichever way it is read."""

from collections.abc import Sequence
from typing import Protocol

from market.venues.sink import MarketSink


class Listening(Protocol):
    """Who hears a connection."""

    @property
    def sink(self) -> MarketSink:
        """Is told what messages say."""

    def arrived(self) -> None:
        """A message is here and will now be told."""

    def unreadable(self, why: str) -> None:
        """It said nothing that could be understood."""


class Streams(Protocol):
    """One connection to a venue: trades and best quotes of some symbols."""

    async def run(self, symbols: Sequence[str], heard: Listening) -> None:
        """Connect, subscribe and tell what comes, until it breaks off.

        symbols  as the venue writes them. Transient when the connection is lost or cannot be made;
        BadConfig for a symbol that the venue does not trade.
        """

    async def close(self) -> None:
        """Let everything go; the object is of no use afterwards."""
