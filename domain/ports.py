"""What the core and its shells expect of each other. Adapters inherit nothing."""

from collections.abc import Callable
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


class Worker(Protocol):
    """Does jobs one after the other, in the order in which they were handed over."""

    def submit(self, job: Callable[[], None]) -> None:
        """Take a job. It never waits; how much lies in the queue is the caller's to bound."""

    def drain(self) -> None:
        """Wait until every job so far is done; raise what one of them raised."""
