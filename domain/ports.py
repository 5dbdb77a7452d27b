"""What the core and its shells expect of each other. Adapters inherit nothing."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from decimal import Decimal
from typing import NamedTuple, Protocol

from domain.arrays import Rows
from domain.events import Event, Funding
from domain.ledger import LedgerRow, OrderRow, TelemetryRow
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change
from domain.units import TsNs


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

    @property
    def waiting_rows(self) -> int:
        """Rows put that are not on disk yet."""

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


class Worker(Protocol):
    """Does jobs one after the other, in the order in which they were handed over."""

    def submit(self, job: Callable[[], None]) -> None:
        """Take a job. It never waits; how much lies in the queue is the caller's to bound."""

    def drain(self) -> None:
        """Wait until every job so far is done; raise what one of them raised.

        NotStored if that takes too long.
        """


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
