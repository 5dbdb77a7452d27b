"""The writer of a file: a bounded queue, and steps that commit what lies in it.

Invariants
- rows are stored in the order of the calls; those of one call are in one batch;
- a call is acknowledged after its commit: with `synchronous = FULL` it then survives power loss;
- nothing is retried after an I/O error that is no lack of room: after a failed fsync nobody knows
  what the disk holds, and a second try may wrongly succeed.
"""

import contextlib
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

import msgspec

from db.batches import BatchWriter
from db.connections import OpenFile
from db.copies import wal_of
from db.room import ROW_ERRORS, Trouble, trouble
from domain.errors import AutoScalperError, Fatal, NotStored
from domain.ledger import Row
from domain.ports import LedgerWorker

_CHECKPOINT_PAGES: Final = 1_000
_PAGE: Final = 4_096
_SLEEP_AFTER_S: Final = 1.0  # without rows


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is written.

    batch_rows    most rows of a batch, unless a single call has more: it is never split.
    batch_s       how long a row may wait for others; an intent waits for none.
    bound         rows that may wait in memory.
    deadline_s    how long a call may wait for room, for a flush, or for the last rows at the end.
    retry_s       time between tries while there is no room.
    idle_s        after so long without rows a long WAL is emptied.
    drops         rows without room are dropped and counted instead of waiting.
    """

    synchronous: str
    batch_rows: int
    batch_s: float
    bound: int
    deadline_s: float
    retry_s: float
    idle_s: float
    drops: bool


LEDGER: Final = Policy(
    synchronous="FULL", batch_rows=1_000, batch_s=0.01, bound=100_000, deadline_s=2.0,
    retry_s=0.5, idle_s=60.0, drops=False,
)  # fmt: skip
TELEMETRY: Final = Policy(
    synchronous="NORMAL", batch_rows=200, batch_s=0.25, bound=50_000, deadline_s=2.0,
    retry_s=0.5, idle_s=60.0, drops=True,
)  # fmt: skip


class Put(msgspec.Struct, frozen=True, gc=False):
    """One call: its number, its rows, and who waits for them. Without rows it ends a batch."""

    number: int
    rows: Sequence[Row]
    waiting: Future[int] | None = None


class FileWriter:
    """Takes calls from any thread and stores them in the steps of one worker."""

    def __init__(self, file: OpenFile, policy: Policy, worker: LedgerWorker) -> None:
        self.acknowledged = 0
        self.dropped = 0
        self.halted_by: str | None = None
        self.failed: Fatal | None = None
        self._file = file
        self._policy = policy
        self._worker = worker
        self._batches = BatchWriter(file.connection, file.path, file.spec.kind)
        # Guards what callers change; the worker takes it to say that something was settled.
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue: deque[Put] = deque()
        # Waking a thread costs a caller more than all the rest, so that calls ring only where
        # someone waits for their rows, a batch is full or the writer sleeps for long; else it
        # looks by itself.
        self._bell = threading.Lock()
        self._bell.acquire()
        self._asleep = False
        self._unrung = 0
        self._number = 0
        self._rows_put = 0
        self._closing = threading.Event()
        self._closed = False
        # The worker's own.
        self._rows_settled = 0
        self._settled = 0  # all calls up to this one are stored, refused or dropped
        self._taken = 0  # the last call that left the queue
        self._pending: deque[Put] = deque()
        self._pages = 0
        self._idle_since = time.monotonic()

    def start(self) -> None:
        """Begin to store."""
        setting = f"PRAGMA synchronous = {self._policy.synchronous}"
        self._file.connection.execute(setting).fetchall()
        self._worker.start(self.step, f"writer of {self._file.path.name}")

    @property
    def waiting_rows(self) -> int:
        """Rows put that are neither stored nor dropped."""
        return self._rows_put - self._rows_settled

    @property
    def wal_bytes(self) -> int:
        """Length of the write-ahead log; more than 64 MB means that a reader does not let go."""
        try:
            return wal_of(self._file.path).stat().st_size
        except FileNotFoundError:
            return 0

    def put(self, rows: Sequence[Row], waiting: Future[int] | None = None) -> int:
        """Queue one call and say its number; 0 if its rows were dropped."""
        count = len(rows)
        with self._lock:
            if self.failed is not None or self._closed:
                return self._refuse(count)
            if self._rows_put - self._rows_settled + count > self._policy.bound and (
                not self._wait_for_room(count)
            ):
                return self._refuse(count)
            self._number = number = self._number + 1
            self._rows_put += count
            self._queue.append(Put(number, rows, waiting))
            self._unrung += count
            if self._asleep or waiting is not None or self._unrung >= self._policy.batch_rows:
                self._ring()
        self._worker.wake()
        return number

    def flush(self) -> None:
        """Wait until all calls so far are settled. NotStored after the deadline, or Fatal."""
        with self._lock:
            number = self._number
            if self._settled < number and self.failed is None:
                self._queue.append(Put(0, ()))
                self._ring()
        self._worker.wake()
        with self._lock:
            done = self._changed.wait_for(
                lambda: self._settled >= number or self.failed is not None, self._policy.deadline_s
            )
        if self._policy.drops:
            return
        if self.failed is not None:
            raise self.failed
        if not done:
            raise NotStored(
                f"{self._file.path}: {self.waiting_rows} rows wait after {self._policy.deadline_s} "
                f"s: {self.halted_by or 'the disk is slow'}"
            )

    def close(self) -> None:
        """Store what waits and let the file go. NotStored or Fatal if something was lost."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._closing.set()
            self._queue.append(Put(0, ()))
            self._ring()
        # The last step gives up by itself; a disk that hangs must not hang the end as well.
        ended = self._worker.join(self._policy.deadline_s + 4 * self._policy.retry_s + 2.0)
        lost = self.waiting_rows
        if ended:
            with contextlib.suppress(sqlite3.Error):
                self._file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            self._file.close()
        if self._policy.drops:
            self.dropped += lost
            return
        if self.failed is not None:
            raise self.failed
        if lost:
            why = self.halted_by or "the disk does not answer"
            raise NotStored(f"{self._file.path}: {lost} rows are lost at the end: {why}")

    def step(self, may_wait: bool) -> bool:
        """Store one batch, at most; False after the last one."""
        # If the end begins during this step, there is one more: what waits gets a last try.
        ending = self._closing.is_set()
        batch = self._collect(may_wait)
        if batch or self.halted_by is not None:
            self._store(batch)
            if self.halted_by is not None and may_wait:
                self._closing.wait(self._policy.retry_s)
        else:
            self._when_idle()
        if not ending:
            return True
        more = bool(self._pending or self._queue)
        return more and self.failed is None and self.halted_by is None

    # What follows up to `_collect` is called with the lock held, by callers.

    def _ring(self) -> None:
        self._unrung = 0
        self._asleep = False
        if self._bell.locked():
            self._bell.release()

    def _refuse(self, count: int) -> int:
        if self._policy.drops:
            self.dropped += count
            return 0
        if self.failed is not None:
            raise self.failed
        if self._closed:
            raise NotStored(f"{self._file.path}: is closed; {count} rows came too late")
        raise NotStored(
            f"{self._file.path}: {self.waiting_rows} rows wait already and none was stored within "
            f"{self._policy.deadline_s} s: {self.halted_by or 'the disk is slow'}"
        )

    def _wait_for_room(self, count: int) -> bool:
        """Whether there is room after at most the deadline; a call beyond the bound goes alone."""
        if self._policy.drops:
            return False
        limit = max(self._policy.bound - count, 0)
        self._changed.wait_for(
            lambda: self.waiting_rows <= limit or self.failed is not None,
            self._policy.deadline_s,
        )
        return self.failed is None and self.waiting_rows <= limit

    # From here on only the worker.

    def _collect(self, may_wait: bool) -> list[Put]:
        """The calls of the next batch, which is empty if none came."""
        policy, batch, count = self._policy, list[Put](), 0
        ready = self._pending or self.waiting_rows >= policy.batch_rows
        if may_wait and not (ready or self.halted_by is not None or self._closing.is_set()):
            quiet = time.monotonic() - self._idle_since > _SLEEP_AFTER_S
            with self._lock:
                self._asleep = quiet and not self._queue
            # Rows that came since the last look have waited no longer than `batch_s`.
            self._bell.acquire(timeout=policy.idle_s if self._asleep else policy.batch_s)
        while self._pending or self._queue:
            if not self._pending:
                self._take(self._queue.popleft())
            put = self._pending[0]
            if batch and count + len(put.rows) > policy.batch_rows:
                break
            self._pending.popleft()
            if put.number == 0:
                break
            batch.append(put)
            count += len(put.rows)
        return batch

    def _take(self, put: Put) -> None:
        self._taken = max(self._taken, put.number)
        self._pending.append(put)

    def _take_all(self) -> None:
        while self._queue:
            self._take(self._queue.popleft())

    def _store(self, batch: list[Put]) -> None:
        rows = [row for put in batch for row in put.rows]
        try:
            # While there is no room, a batch of no rows finds out whether there is some again.
            if rows or self.halted_by is not None:
                self._batches.store(rows)
        except ROW_ERRORS:
            self._store_each(batch)
        except sqlite3.Error as error:
            self._in_trouble(batch, error)
        else:
            self._settle(batch, stored=True)
            self._count_pages(len(rows))

    def _store_each(self, batch: list[Put]) -> None:
        """Some row breaks a rule: find out whether it is only a repetition of one that is there."""
        for place, put in enumerate(batch):
            try:
                rows = self._batches.missing(put.rows)
                if rows:
                    self._batches.store(rows)
            except ROW_ERRORS as error:
                if self._policy.drops:
                    self._drop([put], batch[place + 1 :])
                    continue
                what = f"{self._file.path}: a row cannot be stored: {error}: {put.rows!r:.500}"
                self._fail(batch[place:], what, error)
                return
            except sqlite3.Error as error:
                self._in_trouble(batch[place:], error)
                return
            self._settle([put], stored=True, rest=batch[place + 1 :])

    def _in_trouble(self, batch: list[Put], error: sqlite3.Error) -> None:
        kind = trouble(error, self._file.path)
        if kind is Trouble.BROKEN:
            self._fail(batch, f"{self._file.path}: cannot be trusted any more: {error}", error)
            return
        if self._policy.drops:
            self._drop(batch)
            return
        why = "the disk is full" if kind is Trouble.NO_ROOM else "another process has it locked"
        self.halted_by = f"{self._file.path}: {why}"
        # Whoever waits for an intent will not act on it, so it must not appear later either.
        self._take_all()
        kept = [*batch, *self._pending]
        self._pending = deque(put for put in kept if put.waiting is None)
        refused = [put for put in kept if put.waiting is not None]
        self._settle(refused, stored=False)
        _tell(refused, NotStored(f"{self.halted_by}: no order may be sent"))

    def _fail(self, batch: list[Put], what: str, cause: BaseException) -> None:
        """From here on nothing is stored, and nobody is kept waiting."""
        failed = Fatal(what)
        failed.__cause__ = cause
        with self._lock:
            self.failed = failed
            self._changed.notify_all()
        # No call enters the queue any more.
        self._take_all()
        lost = [*batch, *self._pending]
        self._pending.clear()
        if self._policy.drops:
            self._drop(lost)
        _tell(lost, failed)

    def _drop(self, batch: list[Put], rest: Sequence[Put] = ()) -> None:
        with self._lock:
            self.dropped += sum(len(put.rows) for put in batch)
        self._settle(batch, stored=False, rest=rest)

    def _settle(self, batch: list[Put], *, stored: bool, rest: Sequence[Put] = ()) -> None:
        """Nothing more happens to these calls; `rest` and those pending are still to be stored."""
        with self._lock:
            self._rows_settled += sum(len(put.rows) for put in batch)
            if stored:
                self.halted_by = None
                self.acknowledged = batch[-1].number if batch else self.acknowledged
            open_ = [*rest[:1], *(put for put in self._pending if put.number)][:1]
            self._settled = open_[0].number - 1 if open_ else self._taken
            self._changed.notify_all()
        if stored:
            for put in batch:
                if put.waiting is not None:
                    put.waiting.set_result(put.number)

    def _count_pages(self, rows: int) -> None:
        # SQLite does not tell how long the log is; a batch touches the last pages of its tables
        # and indexes, and a page holds some ten rows.
        self._pages += 6 + rows // 10
        self._idle_since = time.monotonic()
        if self._pages >= _CHECKPOINT_PAGES:
            self._checkpoint("PASSIVE")

    def _when_idle(self) -> None:
        quiet = time.monotonic() - self._idle_since
        if quiet >= self._policy.idle_s and self.wal_bytes >= _CHECKPOINT_PAGES * _PAGE:
            # A reader would keep us waiting, and an intent may come any time.
            connection = self._file.connection
            connection.execute("PRAGMA busy_timeout = 0").fetchall()
            self._checkpoint("TRUNCATE")
            connection.execute("PRAGMA busy_timeout = 2000").fetchall()

    def _checkpoint(self, how: str) -> None:
        """Bring the log into the file. Rows are safe without it: lack of room is no reason here."""
        self._pages = 0
        try:
            self._file.connection.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
        except sqlite3.Error as error:
            if trouble(error, self._file.path) is Trouble.BROKEN:
                what = f"{self._file.path}: cannot be trusted any more: {error}"
                self._fail([], what, error)


def _tell(refused: Sequence[Put], error: AutoScalperError) -> None:
    """Whoever waits for one of these calls hears why it was not stored."""
    for put in refused:
        if put.waiting is not None:
            put.waiting.set_exception(error)
