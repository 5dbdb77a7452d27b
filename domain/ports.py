"""What the core and its shells expect of each other. Adapters inherit nothing."""

from typing import Protocol

from domain.arrays import Rows
from domain.events import Event
from domain.orders import Approved
from domain.units import TsNs


class Broker(Protocol):
    """Carries out approved orders inside the fold (paper)."""

    def accept(self, approved: Approved) -> None:
        """Start working the order. It cannot fail: what is wrong with an order, risk has found."""


class OutputSink(Protocol):
    """Hears what the core says, in order, in blocks."""

    def hear(self, outputs: Rows) -> None:
        """Take OUTPUT[n]. The array is reused afterwards: copy what is to be kept."""


class Clock(Protocol):
    """Tells the time. Nothing here fails; the wall clock may jump, the other never does."""

    def now_ns(self) -> TsNs:
        """Wall clock. It is set by others: forward, backward and by any amount."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since some start, never less than before."""

    async def sleep_until_monotonic(self, ns: int) -> None:
        """Return when `monotonic_ns` is at or after `ns`; at once if it is already."""


class Recorder(Protocol):
    """Keeps what the core consumed and what it said. None of these blocks or fails.

    Inputs are numbered without gaps; each is given before the core folds it.
    """

    def put_ticks(self, first_seq: int, rows: Rows) -> None:
        """Take TICK[n], numbered from `first_seq`. The array is never written again: keep it."""

    def put_event(self, seq: int, event: Event) -> None:
        """Take one event."""

    def put_outputs(self, rows: Rows) -> None:
        """Take OUTPUT[n]. The array is reused afterwards: copy what is to be kept."""
