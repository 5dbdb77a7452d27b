"""The chain of checksums: every transaction of a file is a batch, and each vouches for all before.

checksum(n) = BLAKE2b-256 of checksum(n - 1), n, the schema's number, the count of rows and, by
name, the digest of each table's rows in the batch. A table's digest is of its name, its columns
and its rows in order, as MessagePack. The tables of a schema and their columns are in `layouts`,
so that a migration may add columns and tables without breaking what was chained before.

It finds damage and edits in the middle. It has no secret, so it proves nothing against someone who
recomputes it, and batches cut off at the end leave no trace in the file itself.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import Final

import msgspec

from db.tables import Value, Values

START: Final = bytes(32)
_PAGE: Final = 1_000  # rows fetched at once
_packed: Final = msgspec.msgpack.Encoder().encode


class ChainReport(msgspec.Struct, frozen=True):
    """What was found: `broken` is the first batch that differs, None if none does."""

    batches: int
    rows: int
    broken: int | None = None
    why: str = ""


class TableDigest:
    """The digest of one table's rows in one batch."""

    def __init__(self, name: str, columns: tuple[str, ...]) -> None:
        self.rows = 0
        self._hash = blake2b(_packed((name, columns)), digest_size=32)

    def add(self, rows: list[Values]) -> None:
        """Take more rows, in order."""
        self.rows += len(rows)
        self._hash.update(b"".join(map(_packed, rows)))

    def digest(self) -> bytes:
        """Of all rows so far."""
        return self._hash.digest()


def checksum(before: bytes, number: int, schema: int, tables: Mapping[str, TableDigest]) -> bytes:
    """Of a batch, from its tables that have rows."""
    rows = sum(each.rows for each in tables.values())
    whole = blake2b(before + _packed((number, schema, rows)), digest_size=32)
    for name in sorted(tables):
        whole.update(tables[name].digest())
    return whole.digest()


def layouts(connection: sqlite3.Connection) -> dict[int, dict[str, tuple[str, ...]]]:
    """The chained tables and their columns, by the number of the schema."""
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    query = "SELECT schema, name, columns FROM layouts ORDER BY schema, name"
    for schema, name, columns in connection.execute(query):
        found.setdefault(schema, {})[name] = tuple(columns.split(","))
    return found


def last_batch(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Number and checksum of the newest batch; 0 and START where there is none."""
    query = "SELECT number, checksum FROM batches ORDER BY number DESC LIMIT 1"
    found = connection.execute(query).fetchone()
    return (0, START) if found is None else found


def verify_chain(connection: sqlite3.Connection) -> ChainReport:
    """Recompute every checksum from the rows. Reads the whole file, in the order of its batches."""
    known = layouts(connection)
    columns = known[max(known)] if known else {}
    readers = {name: _Batches(connection, name, columns[name]) for name in columns}
    before, expected, rows = START, 1, 0
    for number, schema, count, stated in connection.execute(
        "SELECT number, schema, rows, checksum FROM batches ORDER BY number"
    ):
        if number != expected:
            return ChainReport(expected - 1, rows, expected, f"batch {expected} is missing")
        digests: dict[str, TableDigest] = {}
        for name, wanted in known.get(schema, {}).items():
            digest = readers[name].digest(number, wanted)
            if digest.rows:
                digests[name] = digest
        found = sum(each.rows for each in digests.values())
        if found != count:
            return ChainReport(
                number - 1, rows, number, f"it has {found} rows, and {count} were written"
            )
        before = checksum(before, number, schema, digests)
        if before != stated:
            return ChainReport(number - 1, rows, number, "its rows are not those that were written")
        expected, rows = number + 1, rows + found
    for name, reader in readers.items():
        if reader.next_batch is not None:
            why = f"{name} has rows of batch {reader.next_batch} out of place"
            return ChainReport(expected - 1, rows, min(expected, reader.next_batch), why)
    return ChainReport(expected - 1, rows)


class _Batches:
    """The rows of one table, batch by batch."""

    def __init__(self, connection: sqlite3.Connection, name: str, columns: tuple[str, ...]) -> None:
        self._name = name
        self._columns = columns
        names = ", ".join(f'"{column}"' for column in columns)
        query = f'SELECT batch, {names} FROM "{name}" ORDER BY seq'  # noqa: S608 - our names
        self._groups = groupby(_pages(connection.execute(query)), key=itemgetter(0))
        self._waiting = next(self._groups, None)

    @property
    def next_batch(self) -> int | None:
        """The batch of the next row; None at the end."""
        return None if self._waiting is None else self._waiting[0]

    def digest(self, batch: int, wanted: tuple[str, ...]) -> TableDigest:
        """Of the rows of this batch, if it is next; `wanted` are the columns of its time."""
        digest = TableDigest(self._name, wanted)
        if self._waiting is None or self._waiting[0] != batch:
            return digest
        if wanted == self._columns:
            digest.add([row[1:] for row in self._waiting[1]])
        else:
            places = [1 + self._columns.index(column) for column in wanted]
            digest.add([tuple(row[place] for place in places) for row in self._waiting[1]])
        self._waiting = next(self._groups, None)
        return digest


def _pages(cursor: sqlite3.Cursor) -> Iterator[tuple[Value, ...]]:
    while page := cursor.fetchmany(_PAGE):
        yield from page


def table_columns(connection: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The chained tables as they are now: those whose rows carry their batch."""
    tables: dict[str, tuple[str, ...]] = {}
    names: Iterable[tuple[str]] = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).fetchall()
    for (name,) in names:
        info = connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        columns = [column for (column,) in info]
        if "batch" in columns and "seq" in columns:
            tables[name] = tuple(each for each in columns if each not in {"seq", "batch"})
    return tables
