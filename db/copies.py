"""A copy of a whole file as it was at one moment, complete or not there at all."""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.errors import BadInput

PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
ENDINGS: Final = ("", "-wal", "-shm")  # what a file consists of


def copy_whole(connection: sqlite3.Connection, target: Path) -> None:
    """Write what `connection` sees to a new file, on disk for good when this returns.

    BadInput if the target exists or cannot be written; then nothing is left of it.
    """
    if target.exists():
        raise BadInput(f"{target}: exists already; name a file that does not")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)  # of a copy that was killed
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_FILE)
        os.close(descriptor)
        connection.execute("VACUUM INTO ?", (str(part),))
        _to_disk(part)
        os.link(part, target)  # fails, unlike a rename, if someone was faster
        part.unlink()
        _to_disk(target.parent)
    except (OSError, sqlite3.OperationalError) as error:
        part.unlink(missing_ok=True)
        raise BadInput(f"{target}: cannot be written: {error}") from error


def stamp(now_ns: int) -> str:
    """A time for names of files, in UTC: 20261124T202216.123456Z."""
    seconds, rest = divmod(now_ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{rest // 1_000:06}Z"


def move_aside(path: Path, mark: str) -> Path:
    """Rename a file with its -wal and -shm to NAME.`mark`, and say what it is called now.

    The file goes first: without it its log is of no use, but it would pass without its log.
    """
    aside, count = path.with_name(f"{path.name}.{mark}"), 1
    while aside.exists():
        count += 1
        aside = path.with_name(f"{path.name}.{mark}-{count}")
    for ending in ENDINGS:
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    _to_disk(path.parent)
    return aside


def wal_of(path: Path) -> Path:
    """The write-ahead log of a file."""
    return path.with_name(f"{path.name}-wal")


def make_folder(folder: Path) -> None:
    """The folder and those above it, for this user only. OSError where that cannot be."""
    if not folder.is_dir():
        if not folder.parent.is_dir():
            make_folder(folder.parent)
        folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(PRIVATE_FOLDER)
        _to_disk(folder.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
