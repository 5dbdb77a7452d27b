"""Opening a file: only the right one, only if it is whole, and for writing only by one process.

Refusals (BadConfig) change nothing. A damaged file is renamed, never deleted, and opening it is
Fatal: what the damaged part said is not known.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from config.state_folder import mode_folder
from db.chain import verify_chain
from db.copies import ENDINGS, PRIVATE_FILE, make_folder, move_aside, stamp, wal_of
from db.locks import FileLock
from db.migrations import MIGRATIONS, Migration, apply_step, migrate, schema_of
from domain.enums import FileKind, Mode
from domain.errors import AutoScalperError, BadConfig, Fatal

APPLICATION_ID: Final = 0x4153_4C47  # "ASLG"
BUSY_S: Final = 2.0
# What SQLite says of a file that is not what it wrote.
DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class FileSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Which file is meant: also what must stand in its identity."""

    home: Path
    mode: Mode
    kind: FileKind
    account: str

    @property
    def folder(self) -> Path:
        """The mode's folder."""
        return mode_folder(self.home, self.mode)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f"{self.kind.word}.db"


class OpenFile(msgspec.Struct):
    """A file that this process may write; `close` lets it go."""

    spec: FileSpec
    path: Path
    connection: sqlite3.Connection
    lock: FileLock

    def close(self) -> None:
        """Close the connection, then let others write."""
        self.connection.close()
        self.lock.release()


def open_file(
    spec: FileSpec,
    *,
    migrations: Sequence[Migration] = MIGRATIONS,
    now_ns: Callable[[], int] = time.time_ns,
) -> OpenFile:
    """Open for writing, made or brought to the newest schema where needed.

    BadConfig: another writer, another mode, kind or account, no file of ours, a newer schema, a
    folder that cannot be written. Fatal: damaged, and put aside.
    """
    try:
        make_folder(spec.folder)
    except OSError as error:
        raise BadConfig(
            f"{spec.folder}: cannot be made: {error.strerror}; set AUTOSCALPER_HOME to a folder "
            "that this user can write"
        ) from error
    lock = FileLock(spec.path)
    connection: sqlite3.Connection | None = None
    try:
        if not spec.path.exists():
            _refuse_to_forget(spec)
            spec.path.touch(mode=PRIVATE_FILE)
        connection = connect(f"{spec.path.as_uri()}?mode=rw")
        with quarantine(spec, connection, now_ns):
            _prepare(connection, spec, migrations, now_ns())
    except BaseException as error:
        if connection is not None:
            connection.close()
        lock.release()
        if isinstance(error, OSError | sqlite3.Error):
            raise BadConfig(
                f"{spec.path}: cannot be opened for writing: {error}; "
                "see that this user may write it and that the disk has room"
            ) from error
        raise
    return OpenFile(spec, spec.path, connection, lock)


def connect(uri: str) -> sqlite3.Connection:
    """A connection without hidden transactions; whoever gets it uses it in one thread at a time."""
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )


def check_identity(connection: sqlite3.Connection, spec: FileSpec, newest: int) -> None:
    """BadConfig, with what to do, unless it is the file that `spec` means, of a schema we know."""
    path = spec.path
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise BadConfig(f"{path}: is a database of another program; move it away")
    schema = schema_of(connection)
    if schema > newest:
        raise BadConfig(
            f"{path}: has schema {schema} of a newer version, and this one knows up to {newest}; "
            f"install that version, or restore the copy {path.name}.before-{newest + 1}-*"
        )
    found = _identity(connection)
    wanted = {"mode": spec.mode.word, "kind": spec.kind.word, "account": spec.account}
    for name, is_ in found.items():
        if is_ != wanted[name]:
            raise BadConfig(
                f"{path}: belongs to the {name} {is_!r}, not {wanted[name]!r}; "
                f"move it to where it belongs, or run with that {name}"
            )


def _identity(connection: sqlite3.Connection) -> dict[str, str]:
    """What the file says of itself; sqlite3.DatabaseError if that cannot be made out."""
    names = ("mode", "kind", "account")
    try:
        row = connection.execute("SELECT mode, kind, account FROM identity").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        row = None  # no such table, although the file says that it is ours
    if row is None or not all(isinstance(value, str) for value in row):
        raise sqlite3.DatabaseError("it does not say whose it is")
    return dict(zip(names, row, strict=True))


def check_whole(connection: sqlite3.Connection) -> None:
    """sqlite3.DatabaseError if the file's structure or the chain of its rows is broken."""
    found = [line for (line,) in connection.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError("; ".join(found))
    report = verify_chain(connection)
    if report.broken is not None:
        raise sqlite3.DatabaseError(f"the chain breaks at batch {report.broken}: {report.why}")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file is not what SQLite, or we, wrote to it."""
    code = getattr(error, "sqlite_errorcode", None)
    # Errors without a code are those of `check_whole`.
    return type(error) is sqlite3.DatabaseError and (code is None or code & 0xFF in DAMAGED)


@contextlib.contextmanager
def quarantine(
    spec: FileSpec, connection: sqlite3.Connection, now_ns: Callable[[], int]
) -> Iterator[None]:
    """Put the file aside if what happens inside finds it damaged; then Fatal says where it is."""
    try:
        yield
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        connection.close()
        aside = move_aside(spec.path, f"corrupt-{stamp(now_ns())}")
        raise Fatal(
            f"{spec.path}: is damaged ({error}); it was kept as {aside}. Restore the newest backup "
            "(docs/ledgers.md), compare with the venue, and only then trade again"
        ) from error


def _refuse_to_forget(spec: FileSpec) -> None:
    """An empty ledger in place of one that was put aside would let a restart trade on nothing."""
    left = sorted(
        path.name
        for pattern in ("corrupt-*", "before-restore-*")
        for path in spec.folder.glob(f"{spec.path.name}.{pattern}")
    )
    wal = wal_of(spec.path)
    if spec.kind is FileKind.TELEMETRY:
        if wal.exists():
            move_aside(spec.path, "corrupt-log-alone")
    elif left or wal.exists():
        raise BadConfig(
            f"{spec.path}: is not there, but {', '.join(left) or wal.name} is: restore a backup "
            "(docs/ledgers.md), or move that to another folder to begin with an empty ledger"
        )


def _prepare(
    connection: sqlite3.Connection, spec: FileSpec, migrations: Sequence[Migration], now_ns: int
) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    # A process that was killed while it made the file left it without any table.
    fresh = application == 0 and tables == 0
    if not fresh:
        check_identity(connection, spec, migrations[-1].number)
    (journal,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if journal != "wal":
        raise BadConfig(f"{spec.path}: its disk has no shared memory for a WAL; use a local one")
    # FULL until whoever opened it says otherwise, and no checkpoint inside a commit.
    for pragma in ("synchronous = FULL", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    if fresh:
        _make(connection, spec, migrations, now_ns)
    else:
        check_whole(connection)
        migrate(connection, spec.path, spec.kind, migrations, now_ns)
    connection.execute("PRAGMA foreign_keys = ON")
    for ending in ENDINGS:
        part = spec.path.with_name(spec.path.name + ending)
        if part.exists():
            part.chmod(PRIVATE_FILE)


def _make(
    connection: sqlite3.Connection, spec: FileSpec, migrations: Sequence[Migration], now_ns: int
) -> None:
    """All of an empty file in one transaction, so that it is never half made."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in migrations:
            apply_step(connection, spec.kind, step)
        connection.execute(
            "INSERT INTO identity (id, mode, kind, account, created_ns) VALUES (1, ?, ?, ?, ?)",
            (spec.mode.word, spec.kind.word, spec.account, now_ns),
        )
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
        connection.execute("COMMIT")
    except (sqlite3.Error, AutoScalperError):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
