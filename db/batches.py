"""One transaction: the rows of some calls, their batch and its checksum, all or nothing."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from db.chain import TableDigest, checksum, last_batch, table_columns
from db.migrations import schema_of
from db.tables import TABLE_OF, TABLES, Table, Values
from domain.enums import FileKind
from domain.errors import Fatal
from domain.ledger import Row

# Rows of one statement. Each statement lets other threads run: fewer would cost throughput while
# the engine is busy, many more would keep it waiting.
_AT_ONCE: Final = (64, 8, 1)


class BatchWriter:
    """Adds batches to the chain of a file that is open for writing."""

    def __init__(self, connection: sqlite3.Connection, path: Path, kind: FileKind) -> None:
        """Go on where the file ends. Fatal if its tables are not those of the rows."""
        self._connection = connection
        self._tables = TABLES[kind]
        self._schema = schema_of(connection)
        found = table_columns(connection)
        for table in self._tables:
            if found.get(table.name) != table.columns:
                raise Fatal(f"{path}: {table.name} has {found.get(table.name)}: {table.columns}")
        self._number, self._checksum = last_batch(connection)

    def store(self, rows: Iterable[Row]) -> None:
        """Commit rows as one batch. On any error nothing of them is in the file."""
        sorted_rows: dict[type[Row], list[Row]] = {}
        for row in rows:
            sorted_rows.setdefault(type(row), []).append(row)
        for kind in sorted_rows:
            if TABLE_OF.get(kind) not in self._tables:
                raise TypeError(f"a {kind.__name__} does not belong into this file")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._add(sorted_rows)
        except BaseException:
            # SQLite ends the transaction by itself after some errors.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def missing(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that the file does not hold yet; those without a key always count as new."""
        seen: set[tuple[str, Values]] = set()
        fresh: list[Row] = []
        for row in rows:
            table = TABLE_OF[type(row)]
            if table.key:
                (values,) = table.encode((row,))
                if (table.name, values) in seen or self._holds(table, values):
                    continue
                seen.add((table.name, values))
            fresh.append(row)
        return fresh

    def _holds(self, table: Table, values: Values) -> bool:
        named = dict(zip(table.columns, values, strict=True))
        wanted = " AND ".join(f"{column} = ?" for column in table.key)
        columns = ", ".join(f'"{column}"' for column in table.columns)
        query = f"SELECT {columns} FROM {table.name} WHERE {wanted}"  # noqa: S608 - our names
        keys = [named[column] for column in table.key]
        return bool(self._connection.execute(query, keys).fetchone() == values)

    def _add(self, sorted_rows: dict[type[Row], list[Row]]) -> None:
        number = self._number + 1
        digests: dict[str, TableDigest] = {}
        for table in self._tables:
            rows = sorted_rows.get(table.row)
            if rows:
                digests[table.name] = self._insert(table, number, rows)
        now = checksum(self._checksum, number, self._schema, digests)
        count = sum(each.rows for each in digests.values())
        self._connection.execute(
            "INSERT INTO batches (number, schema, rows, checksum) VALUES (?, ?, ?, ?)",
            (number, self._schema, count, now),
        )
        self._connection.execute("COMMIT")
        self._number, self._checksum = number, now

    def _insert(self, table: Table, number: int, rows: list[Row]) -> TableDigest:
        digest = TableDigest(table.name, table.columns)
        start = 0
        for size in _AT_ONCE:
            statement = table.insert(size)
            while len(rows) - start >= size:
                values = table.encode(rows[start : start + size])
                digest.add(values)
                self._connection.execute(
                    statement, [number, *(each for row in values for each in row)]
                )
                start += size
        return digest
