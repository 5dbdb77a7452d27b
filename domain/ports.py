"""What the core and its shells expect of each other. Adapters inherit nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Protocol

from domain.arrays import Rows
from domain.ledger import LedgerRow, OrderRow, TelemetryRow
from domain.orders import Approved


class Broker(Protocol):
    """Carries out approved orders inside the fold (paper)."""

    def accept(self, approved: Approved) -> None:
        """Start working the order. It cannot fail: what is wrong with an order, risk has found."""


class OutputSink(Protocol):
    """Hears what the core says, in order, in blocks."""

    def hear(self, outputs: Rows) -> None:
        """Take OUTPUT[n]. The array is reused afterwards: copy what is to be kept."""


class Ledger(Protocol):
    """Keeps what was done; its only writer. Calls are numbered from 1 in the order of their rows.

    Rows are kept in the order of the calls, none is dropped or overtaken. Fatal from any call once
    the file cannot be trusted: nothing is retried, and what was not acknowledged may be missing.
    """

    @property
    def acknowledged(self) -> int:
        """The last call whose rows, and those of all calls before it, are on disk for good."""

    @property
    def halted_by(self) -> str | None:
        """Why nothing can be stored at present (the disk is full); stop entries until it is None.

        Rows wait in memory meanwhile, up to a bound.
        """

    def put(self, rows: Sequence[LedgerRow]) -> int:
        """Keep rows together: all or none of them survive. Returns the call's number at once.

        Do not change `rows` afterwards. Waits only while the bound is reached; NotStored after the
        deadline, and the ledger holds nothing of them.
        """

    def commit_intent(self, row: OrderRow) -> Future[int]:
        """Keep an order; the future has the call's number once the row is on disk for good.

        Its result is awaited before anything is sent (`asyncio.wrap_future`). NotStored if it
        cannot be written: it never will be then; send nothing and put no row about it. It cannot
        be cancelled: whoever stops waiting must look up whether the row is there.
        """

    def flush(self) -> None:
        """Wait until all rows put so far are on disk. NotStored if that takes too long."""

    def close(self) -> None:
        """Store what is left and let the file go; nothing can be put afterwards.

        NotStored, with the number of lost rows, if they cannot be written.
        """


class Telemetry(Protocol):
    """Keeps what was seen and decided, as long as there is room: it never waits and never fails."""

    @property
    def dropped(self) -> int:
        """Rows that found no room or could not be written."""

    def put(self, rows: Sequence[TelemetryRow]) -> int:
        """Keep rows, or drop and count them: then 0, else the call's number.

        Do not change `rows` afterwards.
        """

    def flush(self) -> None:
        """Wait until all rows put so far are in the file or counted as dropped."""

    def close(self) -> None:
        """Store what is left and let the file go."""


class LedgerWorker(Protocol):
    """Runs the steps of a file's writer, in a thread of its own or, in tests, in the caller's."""

    def start(self, step: Callable[[bool], bool], name: str) -> None:
        """Call `step(True)`, which may wait for rows, until it says False."""

    def wake(self) -> None:
        """Rows were put."""

    def join(self, deadline_s: float) -> bool:
        """Whether the last step was made, after at most this time."""
