"""Backups: a whole file as it was at one moment, and the way back.

Restoring moves the present file aside and deletes nothing.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from db.connections import FileSpec, check_identity, check_whole, connect
from db.copies import ENDINGS, copy_whole, make_folder, move_aside, stamp
from db.locks import FileLock
from db.migrations import MIGRATIONS
from domain.errors import BadConfig, BadInput


def backup(source: FileSpec, target: Path) -> None:
    """Copy a file, also while it is written, to a new one that only this user can read.

    BadInput if there is no such file or the target exists or cannot be written; BadConfig if it is
    not the file that is meant.
    """
    if not source.path.is_file():
        raise BadInput(f"{source.path}: there is nothing to back up")
    connection = connect(f"{source.path.as_uri()}?mode=ro")
    try:
        check_identity(connection, source, MIGRATIONS[-1].number)
        copy_whole(connection, target)
    except sqlite3.Error as error:
        raise BadInput(f"{source.path}: cannot be read: {error}") from error
    finally:
        connection.close()


def restore(saved: Path, target: FileSpec, now_ns: Callable[[], int] = time.time_ns) -> Path | None:
    """Put a backup where `target` is, and say where the file that was there is now.

    BadInput if the backup is missing or damaged, BadConfig if it is of another mode, kind or
    account or the file is being written: nothing was changed then.
    """
    if not saved.is_file():
        raise BadInput(f"{saved}: there is no such file")
    make_folder(target.folder)
    lock = FileLock(target.path)
    # Read as it is: a backup has no log, and nothing may be written beside it.
    connection = connect(f"{saved.resolve().as_uri()}?mode=ro&immutable=1")
    try:
        _check(connection, saved, target)
        mark = stamp(now_ns())
        fresh = target.path.with_name(f"{target.path.name}.restored-{mark}")
        copy_whole(connection, fresh)
        parts = [target.path.with_name(target.path.name + ending) for ending in ENDINGS]
        there = any(part.exists() for part in parts)
        aside = move_aside(target.path, f"before-restore-{mark}") if there else None
        move_to(fresh, target.path)
    finally:
        connection.close()
        lock.release()
    return aside


def move_to(fresh: Path, path: Path) -> None:
    """Give a complete file its name. The log of the one before must have been moved away."""
    if path.exists():
        raise BadConfig(f"{path}: someone made it meanwhile; {fresh} is the backup, unused")
    fresh.rename(path)


def _check(connection: sqlite3.Connection, saved: Path, target: FileSpec) -> None:
    try:
        check_identity(connection, target, MIGRATIONS[-1].number)
        check_whole(connection)
    except BadConfig as error:
        raise BadConfig(f"the backup {saved} is not for {error}") from error
    except sqlite3.Error as error:
        raise BadInput(f"{saved}: is damaged ({error}); take an older backup") from error
