"""What the core and its shells expect of each other. Adapters inherit nothing."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from domain.arrays import Rows
from domain.events import Funding
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change


class Broker(Protocol):
    """Carries out approved orders inside the fold (paper)."""

    def accept(self, approved: Approved) -> None:
        """Start working the order. It cannot fail: what is wrong with an order, risk has found."""


class Journal(Protocol):
    """Hears, inside the fold and in order, what became of orders and money."""

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:
        """Risk's answer to an order; an approved one may carry another limit."""

    def filled(self, fill: Fill, change: Change) -> None:
        """The portfolio took a fill, and the market's row knows of it."""

    def funded(self, market: int, event: Funding, amount: Decimal) -> None:
        """The open trade of a market paid `amount` at a funding stamp; below 0 it received."""


class OutputSink(Protocol):
    """Hears what the core says, in order, in blocks."""

    def hear(self, outputs: Rows) -> None:
        """Take OUTPUT[n]. The array is reused afterwards: copy what is to be kept."""


class Listeners(NamedTuple):
    """Who hears a core: its outputs, in this order of sinks, and what became of its orders."""

    sinks: Sequence[OutputSink]
    journal: Journal
