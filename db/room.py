"""What an error of SQLite means to a writer: no room now, a row that cannot be, or the end."""

import errno
import os
import sqlite3
from enum import Enum, auto
from pathlib import Path
from typing import Final

from db.copies import PRIVATE_FILE, wal_of

# Errors of a row, not of the file: a rule of its table, or a value that no column holds.
ROW_ERRORS: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# SQLite says FULL only where the disk is; a quota or a limit of the process is an I/O error to it.
_PERHAPS_FULL: Final = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
_PAGE: Final = bytes(4096)


class Trouble(Enum):
    """What to do about an error."""

    NO_ROOM = auto()  # wait and try again
    LOCKED = auto()  # as above
    BROKEN = auto()  # never again: what is on disk is not known


def trouble(error: sqlite3.Error, path: Path) -> Trouble:
    """What an error of writing `path` calls for."""
    code = error.sqlite_errorcode if hasattr(error, "sqlite_errorcode") else 0
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Trouble.LOCKED
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return Trouble.NO_ROOM
    if code in _PERHAPS_FULL and not _can_grow(path):
        return Trouble.NO_ROOM
    return Trouble.BROKEN


def _can_grow(path: Path) -> bool:
    """Whether a file beside `path`, as long as its WAL or itself, can be written a page further.

    SQLite does not tell the system's error number, so it is provoked again. The database itself
    must not be opened for that: closing it would drop SQLite's locks.
    """
    sizes = [_size(path), _size(wal_of(path)), _size(path.with_name(path.name + "-shm"))]
    probe = path.with_name(f"{path.name}.probe")
    try:
        descriptor = os.open(probe, os.O_RDWR | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
        try:
            written = os.pwrite(descriptor, _PAGE, max(sizes))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink()
    except OSError as error:
        return error.errno not in _FULL
    return written == len(_PAGE)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
