"""Schemas, numbered: each step leads from the schema before to its own, in one transaction.

A step may add tables and columns and rebuild tables, keeping `seq` and `batch` of every row; it
never removes or changes what is chained (db/chain.py). Before each step of a file that holds
something, a copy is made beside it. A step that fails, or is killed, leaves the file as it was.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from db.chain import table_columns
from db.copies import copy_whole, stamp
from db.migrations import first
from domain.enums import FileKind
from domain.errors import AutoScalperError, BadConfig


class Migration(msgspec.Struct, frozen=True):
    """The step to schema `number`: it changes the file inside a transaction that is open.

    Steps may use sqlite-utils on the connection, where a table must be rebuilt (`transform`).
    """

    number: int
    apply: Callable[[sqlite3.Connection, FileKind], None]


MIGRATIONS: Final = (Migration(1, first.apply),)


def schema_of(connection: sqlite3.Connection) -> int:
    """The number of the file's schema; 0 of an empty file."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    return int(number)


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    kind: FileKind,
    migrations: Sequence[Migration],
    now_ns: int,
) -> None:
    """Take every step that the file has not taken. BadConfig if one fails: the file is as before.

    The connection must be the file's only writer, hold no transaction and leave foreign keys
    unchecked, so that a table can be rebuilt; they are checked after each step.
    """
    for step in migrations:
        if step.number <= schema_of(connection):
            continue
        try:
            copy_whole(
                connection, path.with_name(f"{path.name}.before-{step.number}-{stamp(now_ns)}")
            )
            connection.execute("BEGIN IMMEDIATE")
            apply_step(connection, kind, step)
            connection.execute("COMMIT")
        except (sqlite3.Error, AutoScalperError) as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise BadConfig(
                f"{path}: could not be brought to schema {step.number}: {error}; the file is as it "
                "was: make room if the disk is full, else go back to the version that wrote it"
            ) from error


def apply_step(connection: sqlite3.Connection, kind: FileKind, step: Migration) -> None:
    """One step and what the chain must know of it, inside the caller's transaction."""
    step.apply(connection, kind)
    for name, columns in table_columns(connection).items():
        connection.execute(
            "INSERT INTO layouts (schema, name, columns) VALUES (?, ?, ?)",
            (step.number, name, ",".join(columns)),
        )
    connection.execute(f"PRAGMA user_version = {step.number:d}")
    lost = connection.execute("PRAGMA foreign_key_check").fetchone()
    if lost is not None:
        raise BadConfig(f"a row of {lost[0]} would refer to no row of {lost[2]}")
