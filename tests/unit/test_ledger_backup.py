"""Backups: complete, private, taken while the ledger is written, and the way back loses nothing."""

import sqlite3
import stat
from pathlib import Path

import pytest

from db.backup import backup, restore
from db.chain import verify_chain
from db.connections import FileSpec, open_file
from db.copies import copy_whole
from db.ledgers import FileLedger, open_ledger
from domain.enums import FileKind, Mode
from domain.errors import BadConfig, BadInput, Fatal
from ledger_samples import InlineWorker, filled_order, spec_of, stored


def clock() -> int:
    return 0


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    opened = open_ledger(spec_of(tmp_path), InlineWorker())
    opened.put(filled_order("p-1"))
    return opened


@pytest.fixture
def saved(tmp_path: Path, ledger: FileLedger) -> Path:
    """A backup of one order; the ledger has two by now."""
    target = tmp_path / "saved.db"
    backup(spec_of(tmp_path), target)
    ledger.put(filled_order("p-2"))
    ledger.close()
    return target


def test_a_backup_is_taken_while_the_ledger_is_written(saved: Path) -> None:
    assert stored(saved, "orders") == 1
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert not saved.with_name("saved.db.part").exists()


def test_a_backup_never_overwrites(tmp_path: Path, saved: Path) -> None:
    before = saved.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        backup(spec_of(tmp_path), saved)
    assert saved.read_bytes() == before


def test_a_backup_overwrites_no_file_that_came_meanwhile(tmp_path: Path, saved: Path) -> None:
    target = tmp_path / "second.db"

    class Slow(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            target.write_text("someone was faster")
            return super().execute(sql, *values)  # type: ignore[arg-type] # handed on as they came

    connection = sqlite3.connect(spec_of(tmp_path).path, factory=Slow)
    with pytest.raises(BadInput, match="cannot be written"):
        copy_whole(connection, target)
    connection.close()
    assert target.read_text() == "someone was faster"


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        backup(spec_of(tmp_path), tmp_path / "nowhere" / "saved.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing to back up"):
        backup(spec_of(tmp_path), tmp_path / "saved.db")


def test_what_was_left_of_a_killed_backup_is_no_hindrance(tmp_path: Path, saved: Path) -> None:
    target = tmp_path / "second.db"
    target.with_name("second.db.part").write_text("half")
    backup(spec_of(tmp_path), target)
    assert stored(target, "orders") == 2


def test_a_restored_ledger_is_the_backup_and_the_present_one_is_kept(
    tmp_path: Path, saved: Path
) -> None:
    aside = restore(saved, spec_of(tmp_path), clock)
    assert aside == tmp_path / "paper" / "auto.db.before-restore-19700101T000000.000000Z"
    assert (stored(aside, "orders"), stored(saved, "orders")) == (2, 1)
    file = open_file(spec_of(tmp_path))
    assert verify_chain(file.connection).batches == 1
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    file.close()


def test_a_ledger_is_restored_after_it_was_damaged(tmp_path: Path, saved: Path) -> None:
    spec = spec_of(tmp_path)
    spec.path.write_bytes(b"\xff" * 9_000)
    with pytest.raises(Fatal):
        open_file(spec)
    assert restore(saved, spec) is None
    open_file(spec).close()
    assert stored(spec.path, "orders") == 1


def test_the_log_of_a_ledger_that_is_gone_is_not_given_to_the_restored_one(
    tmp_path: Path, saved: Path
) -> None:
    spec = spec_of(tmp_path)
    spec.path.unlink()
    log = spec.path.with_name("auto.db-wal")
    log.write_bytes(b"old")
    restore(saved, spec)
    assert not log.exists()
    assert next(spec.folder.glob("*.before-restore-*-wal")).read_bytes() == b"old"


def test_a_damaged_backup_is_refused_and_changes_nothing(tmp_path: Path, saved: Path) -> None:
    content = bytearray(saved.read_bytes())
    content[content.index(b"64120.05")] ^= 1
    saved.write_bytes(content)
    with pytest.raises(BadInput, match="take an older backup"):
        restore(saved, spec_of(tmp_path))
    assert stored(spec_of(tmp_path).path, "orders") == 2


def test_no_file_and_no_database_are_refused(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        restore(tmp_path / "other.db", spec_of(tmp_path))
    saved.write_bytes(b"text" * 1_000)
    with pytest.raises(BadInput, match="take an older backup"):
        restore(saved, spec_of(tmp_path))


@pytest.mark.parametrize(
    "other",
    [
        FileSpec(home=Path(), mode=Mode.LIVE, kind=FileKind.AUTO, account="demo"),
        FileSpec(home=Path(), mode=Mode.PAPER, kind=FileKind.MANUAL, account="demo"),
        FileSpec(home=Path(), mode=Mode.PAPER, kind=FileKind.AUTO, account="other"),
    ],
)
def test_a_backup_of_another_mode_kind_or_account_is_refused(
    tmp_path: Path, saved: Path, other: FileSpec
) -> None:
    target = FileSpec(home=tmp_path / "h", mode=other.mode, kind=other.kind, account=other.account)
    with pytest.raises(BadConfig, match="is not for"):
        restore(saved, target)
    assert not target.path.exists()


def test_a_ledger_that_is_being_written_is_not_restored(tmp_path: Path, saved: Path) -> None:
    file = open_file(spec_of(tmp_path))
    with pytest.raises(BadConfig, match="being written by process"):
        restore(saved, spec_of(tmp_path))
    file.close()
