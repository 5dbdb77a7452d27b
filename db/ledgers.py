"""The ledgers and telemetry of a mode, open for writing: what the engine is given."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from db.connections import FileSpec, open_file
from db.worker import StepThread
from db.writer import LEDGER, TELEMETRY, FileWriter, Policy
from domain.enums import FileKind
from domain.errors import AutoScalperError, Fatal, NotStored
from domain.ledger import LedgerRow, OrderRow, Row, TelemetryRow
from domain.ports import LedgerWorker

R = TypeVar("R", bound=Row)


class _File(Generic[R]):
    """What the files have in common: calls that a writer stores in their order."""

    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer

    @property
    def acknowledged(self) -> int:
        """The last call that is in the file, of a ledger for good, with all before it."""
        return self._writer.acknowledged

    @property
    def waiting_rows(self) -> int:
        """Rows put that are not in the file yet."""
        return self._writer.waiting_rows

    @property
    def wal_bytes(self) -> int:
        """Length of the write-ahead log."""
        return self._writer.wal_bytes

    def put(self, rows: Sequence[R]) -> int:
        """Keep rows together; the call's number, 0 if telemetry dropped them."""
        return self._writer.put(rows)

    def flush(self) -> None:
        """Wait until all rows put so far are in the file, or dropped."""
        self._writer.flush()

    def close(self) -> None:
        """Store what is left and let the file go."""
        self._writer.close()


class FileLedger(_File[LedgerRow]):
    """`auto.db` or `manual.db`: waits, drops nothing (domain.ports.Ledger)."""

    @property
    def halted_by(self) -> str | None:
        """Why nothing can be stored at present; stop entries until it is None."""
        failed = self._writer.failed
        return str(failed) if failed is not None else self._writer.halted_by

    def commit_intent(self, row: OrderRow) -> Future[int]:
        """Keep an order; the future ends when it is on disk, or says why it never will be."""
        future: Future[int] = Future()
        # Whoever stops waiting (a task that is cancelled) cannot take back a row that is queued.
        future.set_running_or_notify_cancel()
        halted = self._writer.halted_by
        if halted is not None:
            future.set_exception(NotStored(f"{halted}: no order may be sent"))
            return future
        try:
            self._writer.put((row,), future)
        except (NotStored, Fatal) as error:
            future.set_exception(error)
        return future


class FileTelemetry(_File[TelemetryRow]):
    """`telemetry.db`: drops and counts, never waits (domain.ports.Telemetry)."""

    @property
    def dropped(self) -> int:
        """Rows that found no room or could not be written."""
        return self._writer.dropped


def open_ledger(
    spec: FileSpec, worker: LedgerWorker | None = None, policy: Policy = LEDGER
) -> FileLedger:
    """Open `auto.db` or `manual.db` for writing. Errors are those of `open_file`."""
    assert spec.kind is not FileKind.TELEMETRY
    return FileLedger(_writer(spec, worker, policy))


def open_telemetry(
    spec: FileSpec, worker: LedgerWorker | None = None, policy: Policy = TELEMETRY
) -> FileTelemetry:
    """Open `telemetry.db` for writing. Errors are those of `open_file`."""
    assert spec.kind is FileKind.TELEMETRY
    return FileTelemetry(_writer(spec, worker, policy))


def _writer(spec: FileSpec, worker: LedgerWorker | None, policy: Policy) -> FileWriter:
    file = open_file(spec)
    try:
        writer = FileWriter(file, policy, StepThread() if worker is None else worker)
        writer.start()
    except AutoScalperError:
        file.close()
        raise
    return writer
