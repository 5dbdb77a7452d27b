"""Migrations: a copy first, all or nothing, and the chain of what was there still holds."""

import re
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from db.batches import BatchWriter
from db.chain import verify_chain
from db.connections import FileSpec, open_file
from db.migrations import MIGRATIONS, Migration
from db.tables import TABLES
from domain.enums import FileKind
from domain.errors import BadConfig
from ledger_samples import filled_order, spec_of, state, stored, words_of


def add_venue(connection: sqlite3.Connection, kind: FileKind) -> None:
    """Orders say where they went; a new table comes along."""
    Database(connection).table("orders").add_column("venue", str, not_null_default="unknown")
    connection.execute(
        "CREATE TABLE venues (seq INTEGER PRIMARY KEY, batch INTEGER NOT NULL, name TEXT) STRICT"
    )


def rebuild_states(connection: sqlite3.Connection, kind: FileKind) -> None:
    """A table that must be made anew, as for another CHECK."""
    Database(connection).table("states").transform(not_null={"seq"})


def fail(connection: sqlite3.Connection, kind: FileKind) -> None:
    connection.execute("DROP TABLE equity")
    raise sqlite3.OperationalError("no such function: f")


SECOND = (*MIGRATIONS, Migration(2, add_venue))


@pytest.fixture
def spec(tmp_path: Path) -> FileSpec:
    """A file of schema 1 with rows in it."""
    meant = spec_of(tmp_path)
    file = open_file(meant)
    writer = BatchWriter(file.connection, file.path, meant.kind)
    writer.store([*filled_order("p-1"), state("k", "1")])
    writer.store([*filled_order("p-2")])
    file.close()
    return meant


def test_a_file_is_brought_to_the_newest_schema_and_its_chain_still_holds(spec: FileSpec) -> None:
    file = open_file(spec, migrations=SECOND)
    assert file.connection.execute("SELECT DISTINCT venue FROM orders").fetchall() == [("unknown",)]
    assert file.connection.execute("PRAGMA user_version").fetchone() == (2,)
    report = verify_chain(file.connection)
    assert (report.batches, report.broken) == (2, None)
    file.close()
    open_file(spec, migrations=SECOND).close()


def test_what_was_kept_before_a_migration_is_still_vouched_for(spec: FileSpec) -> None:
    file = open_file(spec, migrations=SECOND)
    file.connection.execute("DROP TRIGGER fills_no_update")
    file.connection.execute("UPDATE fills SET fee = '0' WHERE seq = 2")
    assert verify_chain(file.connection).broken == 2
    file.close()


def test_a_rebuilt_table_keeps_its_rows_and_their_chain(spec: FileSpec) -> None:
    file = open_file(spec, migrations=(*MIGRATIONS, Migration(2, rebuild_states)))
    assert verify_chain(file.connection).broken is None
    file.close()


def test_a_copy_is_made_before_each_step(spec: FileSpec) -> None:
    open_file(spec, migrations=SECOND, now_ns=lambda: 0).close()
    copy = spec.path.with_name("auto.db.before-2-19700101T000000.000000Z")
    assert (stored(copy, "orders"), copy.stat().st_mode & 0o777) == (2, 0o600)


def test_a_step_that_fails_leaves_the_file_as_it_was(spec: FileSpec) -> None:
    with pytest.raises(BadConfig, match="schema 2: no such function"):
        open_file(spec, migrations=(*MIGRATIONS, Migration(2, fail)))
    file = open_file(spec)
    assert file.connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert stored(spec.path, "equity") == 0
    assert verify_chain(file.connection).broken is None
    file.close()


def test_a_version_before_refuses_what_a_newer_one_wrote(spec: FileSpec) -> None:
    open_file(spec, migrations=SECOND).close()
    with pytest.raises(BadConfig, match=r"schema 2 of a newer version.*before-2-\*"):
        open_file(spec)


def test_a_fresh_file_has_the_newest_schema_and_no_copies(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    file = open_file(spec, migrations=SECOND)
    assert file.connection.execute("PRAGMA user_version").fetchone() == (2,)
    file.close()
    assert list(spec.folder.glob("*.before-*")) == []


@pytest.mark.parametrize("kind", FileKind)
def test_tables_have_the_columns_of_the_rows_and_know_every_word(
    tmp_path: Path, kind: FileKind
) -> None:
    # A word that is added to an enum wants a migration that lets it in.
    file = open_file(spec_of(tmp_path, kind))
    BatchWriter(file.connection, file.path, kind)
    for table in TABLES[kind]:
        query = "SELECT sql FROM sqlite_schema WHERE name = ?"
        (sql,) = file.connection.execute(query, (table.name,)).fetchone()
        assert "STRICT" in sql
        for column, words in words_of(table.row).items():
            found = re.search(rf"CHECK \({column} IN \(([^)]*)\)", sql)
            assert found is not None, column
            stated = set(re.findall(r"'(\w+)'", found.group(1)))
            assert stated == words or (column == "origin" and stated < words)
    file.close()
