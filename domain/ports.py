"""What the core and its shells expect of each other. Adapters inherit nothing."""

from typing import Protocol

from domain.arrays import Rows
from domain.orders import Approved


class Broker(Protocol):
    """Carries out approved orders inside the fold (paper)."""

    def accept(self, approved: Approved) -> None:
        """Start working the order. It cannot fail: what is wrong with an order, risk has found."""


class OutputSink(Protocol):
    """Hears what the core says, in order, in blocks."""

    def hear(self, outputs: Rows) -> None:
        """Take OUTPUT[n]. The array is reused afterwards: copy what is to be kept."""
