"""The chain: every change of what was kept is found, and its first batch named."""

import sqlite3
from pathlib import Path

import pytest

from db.batches import BatchWriter
from db.chain import START, ChainReport, checksum, verify_chain
from db.connections import OpenFile, open_file
from db.ledgers import open_ledger
from domain.enums import FileKind, Origin
from ledger_samples import InlineWorker, filled_order, order, spec_of, state


@pytest.fixture
def file(tmp_path: Path) -> OpenFile:
    """Five batches: each an order that fills, and a state."""
    opened = open_file(spec_of(tmp_path))
    writer = BatchWriter(opened.connection, opened.path, FileKind.AUTO)
    for number in range(1, 6):
        writer.store([*filled_order(f"p-{number}"), state("k", str(number))])
    return opened


def change(file: OpenFile, statement: str) -> ChainReport:
    """What the chain says after someone went around the rules."""
    names = file.connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
    for (name,) in names.fetchall():
        file.connection.execute(f"DROP TRIGGER {name}")
    file.connection.execute("PRAGMA foreign_keys = OFF")
    file.connection.execute(statement)
    report = verify_chain(file.connection)
    file.close()
    return report


def test_the_chain_of_what_was_written_holds(file: OpenFile) -> None:
    assert verify_chain(file.connection) == ChainReport(batches=5, rows=25)
    file.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE fills SET price = '64123.6' WHERE seq = 3",
        "UPDATE fills SET fee = '0' WHERE seq = 3",
        "UPDATE fills SET batch = 4 WHERE seq = 3",
        "UPDATE orders SET refusal_limit = 0.5 WHERE seq = 3",
        "UPDATE states SET value = '2' WHERE seq = 3",
        "UPDATE batches SET checksum = zeroblob(32) WHERE number = 3",
        "UPDATE batches SET rows = 6 WHERE number = 3",
        "DELETE FROM states WHERE seq = 3",
        "DELETE FROM batches WHERE number = 3",
        "UPDATE states SET seq = 30 WHERE seq = 3",
        "INSERT INTO states (batch, key, value, time_ns) VALUES (3, 'k', '9', 1)",
    ],
)
def test_a_change_is_found_in_its_batch(file: OpenFile, statement: str) -> None:
    assert change(file, statement).broken == 3


def test_a_checksum_vouches_for_the_batches_before_its_number_and_its_schema() -> None:
    plain = checksum(START, 1, 1, {})
    others = [
        checksum(bytes([1] * 32), 1, 1, {}),
        checksum(START, 2, 1, {}),
        checksum(START, 1, 2, {}),
    ]
    assert len({plain, *others}) == 4


def test_a_change_with_its_own_checksum_made_to_fit_is_found_in_the_next_batch(
    file: OpenFile,
) -> None:
    fake = BatchWriter(file.connection, file.path, FileKind.AUTO)
    fake._number, fake._checksum = 5, bytes([1] * 32)
    fake.store([state("k", "6")])
    assert verify_chain(file.connection).broken == 6
    file.close()


def test_rows_after_the_last_batch_are_found(file: OpenFile) -> None:
    found = change(file, "INSERT INTO states (batch, key, value, time_ns) VALUES (6, 'k', '9', 1)")
    assert (found.broken, found.why) == (6, "states has rows of batch 6 out of place")


def test_rows_whose_batches_were_removed_from_the_end_are_found(file: OpenFile) -> None:
    assert change(file, "DELETE FROM batches WHERE number = 5").broken == 5


@pytest.mark.parametrize("table", ["batches", "orders", "fills", "states", "identity", "layouts"])
@pytest.mark.parametrize("what", ["DELETE FROM {}", "UPDATE {} SET rowid = 99"])
def test_rows_can_only_be_added(file: OpenFile, table: str, what: str) -> None:
    if table == "layouts":
        what = what.replace("rowid = 99", "name = 'x'")
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        file.connection.execute(what.format(table))
    file.close()


def test_the_chain_goes_on_after_a_file_was_opened_again(tmp_path: Path) -> None:
    for name in ("p-1", "p-2"):
        ledger = open_ledger(spec_of(tmp_path), InlineWorker())
        ledger.put(filled_order(name))
        ledger.close()
    opened = open_file(spec_of(tmp_path))
    assert verify_chain(opened.connection) == ChainReport(batches=2, rows=8)
    opened.close()


def test_a_manual_ledger_holds_no_automatic_order(tmp_path: Path) -> None:
    opened = open_file(spec_of(tmp_path, FileKind.MANUAL))
    writer = BatchWriter(opened.connection, opened.path, FileKind.MANUAL)
    for origin in (Origin.MANUAL, Origin.EXTERNAL, Origin.IMPORTED):
        writer.store([order(origin.word, origin=origin)])
    with pytest.raises(sqlite3.IntegrityError, match="origin"):
        writer.store([order("a")])
    opened.close()
