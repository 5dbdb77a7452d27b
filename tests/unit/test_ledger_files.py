"""Opening: only the right file, only whole, only one writer; everything else is told clearly."""

import os
import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest

from db.connections import FileSpec, open_file
from db.copies import ENDINGS, move_aside
from db.ledgers import open_ledger, open_telemetry
from db.read import open_reader
from domain.enums import FileKind, Mode, Origin
from domain.errors import BadConfig, BadInput, Fatal
from ledger_samples import InlineWorker, decision, filled_order, spec_of, stored

_ORIGINS = {FileKind.AUTO: Origin.AUTO, FileKind.MANUAL: Origin.MANUAL}


def kept(home: Path, kind: FileKind = FileKind.AUTO) -> FileSpec:
    """A file with some rows in it."""
    spec = spec_of(home, kind)
    if kind is FileKind.TELEMETRY:
        telemetry = open_telemetry(spec, InlineWorker())
        telemetry.put([decision(number) for number in range(50)])
        telemetry.close()
    else:
        ledger = open_ledger(spec, InlineWorker())
        for number in range(50):
            ledger.put(filled_order(f"p-{number}", _ORIGINS[kind]))
        ledger.close()
    return spec


def flip(path: Path, text: bytes) -> None:
    """Change one bit where this text stands."""
    content = bytearray(path.read_bytes())
    content[content.index(text)] ^= 1
    path.write_bytes(content)


def put_aside(spec: FileSpec) -> list[str]:
    return sorted(path.name.split("-")[0] for path in spec.folder.glob("*.corrupt-*"))


@pytest.mark.parametrize("kind", FileKind)
def test_files_are_made_for_this_user_only(tmp_path: Path, kind: FileKind) -> None:
    spec = spec_of(tmp_path / "state", kind)
    file = open_file(spec)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in spec.folder.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {f"{kind.word}.db", f"{kind.word}.db-wal"} <= set(modes)
    assert stat.S_IMODE(spec.folder.stat().st_mode) == 0o700
    file.close()


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_has_a_folder_of_its_own(tmp_path: Path, mode: Mode) -> None:
    file = open_file(spec_of(tmp_path, mode=mode))
    assert file.path == tmp_path / mode.word / "auto.db"
    file.close()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (FileSpec(home=Path("h"), mode=Mode.LIVE, kind=FileKind.AUTO, account="demo"), "'paper'"),
        (FileSpec(home=Path("h"), mode=Mode.PAPER, kind=FileKind.MANUAL, account="demo"), "'auto'"),
        (FileSpec(home=Path("h"), mode=Mode.PAPER, kind=FileKind.AUTO, account="x"), "'demo'"),
    ],
)
def test_a_file_of_another_mode_kind_or_account_is_refused_and_left_alone(
    tmp_path: Path, other: FileSpec, why: str
) -> None:
    spec = kept(tmp_path)
    wanted = FileSpec(home=tmp_path / "h", mode=other.mode, kind=other.kind, account=other.account)
    wanted.folder.mkdir(parents=True)
    before = spec.path.read_bytes()
    wanted.path.write_bytes(before)
    for opener in (open_file, open_reader):
        with pytest.raises(BadConfig, match=why):
            opener(wanted)
    assert wanted.path.read_bytes() == before


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    spec.folder.mkdir()
    other = sqlite3.connect(spec.path)
    other.execute("CREATE TABLE notes (text)")
    other.close()
    before = spec.path.read_bytes()
    for opener in (open_file, open_reader):
        with pytest.raises(BadConfig, match="another program"):
            opener(spec)
    assert spec.path.read_bytes() == before


def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    connection = sqlite3.connect(spec.path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = spec.path.read_bytes()
    for opener in (open_file, open_reader):
        with pytest.raises(BadConfig, match="schema 99 of a newer version"):
            opener(spec)
    assert spec.path.read_bytes() == before


def test_a_second_writer_is_refused_with_the_process_of_the_first(tmp_path: Path) -> None:
    file = open_file(spec_of(tmp_path))
    with pytest.raises(BadConfig, match=f"by process {os.getpid()}"):
        open_file(spec_of(tmp_path))
    file.close()
    open_file(spec_of(tmp_path)).close()


def test_two_files_of_a_folder_may_have_two_writers(tmp_path: Path) -> None:
    files = [open_file(spec_of(tmp_path, kind)) for kind in FileKind]
    for file in files:
        file.close()


@pytest.mark.parametrize("kind", FileKind)
def test_a_row_that_was_changed_on_disk_is_found_and_the_file_put_aside(
    tmp_path: Path, kind: FileKind
) -> None:
    spec = kept(tmp_path, kind)
    flip(spec.path, b"BTCUSDT")
    with pytest.raises(Fatal, match="is damaged") as caught:
        open_file(spec)
    assert put_aside(spec) == [f"{kind.word}.db.corrupt"]
    assert str(next(spec.folder.glob("*.corrupt-*"))) in str(caught.value)


def test_a_row_that_breaks_no_rule_of_sqlite_breaks_the_chain(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    flip(spec.path, b"64120.05")
    with pytest.raises(Fatal, match=r"chain breaks at batch \d+: its rows are not those"):
        open_file(spec)


@pytest.mark.parametrize("place", [0, 100, 4096, 8192, 3 * 4096 + 5])
def test_a_broken_page_is_found_and_the_file_put_aside(tmp_path: Path, place: int) -> None:
    spec = kept(tmp_path)
    content = bytearray(spec.path.read_bytes())
    content[place : place + 64] = b"\xff" * 64
    spec.path.write_bytes(content)
    with pytest.raises(Fatal, match="is damaged"):
        open_file(spec)
    assert next(spec.folder.glob("*.corrupt-*")).read_bytes() == content
    assert not spec.path.exists()


def test_a_file_that_lost_its_end_is_put_aside(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    os.truncate(spec.path, spec.path.stat().st_size // 8192 * 4096)
    with pytest.raises(Fatal, match="is damaged"):
        open_file(spec)


def test_a_damaged_file_is_put_aside_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "auto.db"
    for ending in ENDINGS:
        path.with_name(path.name + ending).write_text(f"content{ending}")
    aside = move_aside(path, "corrupt-now")
    found = {each.name: each.read_text() for each in tmp_path.iterdir()}
    assert found == {aside.name + ending: f"content{ending}" for ending in ENDINGS}


def test_nothing_that_was_put_aside_before_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "auto.db"
    for content in ("first", "second"):
        path.write_text(content)
        move_aside(path, "corrupt-now")
    assert (tmp_path / "auto.db.corrupt-now").read_text() == "first"
    assert (tmp_path / "auto.db.corrupt-now-2").read_text() == "second"


def test_no_empty_ledger_takes_the_place_of_a_damaged_one(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    flip(spec.path, b"BTCUSDT")
    with pytest.raises(Fatal):
        open_file(spec)
    with pytest.raises(BadConfig, match="restore a backup"):
        open_file(spec)
    assert not spec.path.exists()


def test_telemetry_begins_anew_after_it_was_damaged(tmp_path: Path) -> None:
    spec = kept(tmp_path, FileKind.TELEMETRY)
    flip(spec.path, b"BTCUSDT")
    with pytest.raises(Fatal):
        open_file(spec)
    open_file(spec).close()
    assert stored(spec.path, "decisions") == 0


def test_a_log_without_its_ledger_is_refused(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    spec.path.rename(tmp_path / "moved")
    spec.path.with_name("auto.db-wal").write_bytes(b"rows")
    with pytest.raises(BadConfig, match=r"auto\.db-wal"):
        open_file(spec)


def test_a_reader_leaves_a_damaged_file_where_it_is(tmp_path: Path) -> None:
    spec = kept(tmp_path)
    spec.path.write_bytes(b"\xff" * 8192)
    with pytest.raises(Fatal, match="is damaged"):
        open_reader(spec)
    assert put_aside(spec) == []


def test_a_file_whose_making_was_cut_short_is_made_again(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    spec.folder.mkdir()
    half = sqlite3.connect(spec.path)
    half.execute("PRAGMA journal_mode = WAL").fetchall()
    half.close()
    open_file(spec).close()
    assert stored(spec.path, "identity") == 1


def test_a_reader_of_nothing_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nothing was kept yet"):
        open_reader(spec_of(tmp_path))


@pytest.fixture
def foreign_folder() -> Path:
    """A folder that others own, reachable for everyone."""
    folder = Path(tempfile.mkdtemp(prefix="autoscalper-test-"))
    folder.chmod(0o555)
    return folder


def test_a_folder_that_cannot_be_written_is_refused(foreign_folder: Path) -> None:
    # Root may write everywhere, so it becomes nobody for a moment.
    is_root = os.geteuid() == 0
    spec = spec_of(foreign_folder)
    try:
        if is_root:
            os.seteuid(65534)
        with pytest.raises(BadConfig, match="AUTOSCALPER_HOME"):
            open_file(spec)
    finally:
        if is_root:
            os.seteuid(0)
        foreign_folder.chmod(0o700)
        foreign_folder.rmdir()


def test_a_mode_folder_that_cannot_be_written_is_refused(foreign_folder: Path) -> None:
    is_root = os.geteuid() == 0
    foreign_folder.chmod(0o755)
    spec = spec_of(foreign_folder)
    spec.folder.mkdir()
    spec.folder.chmod(0o555)
    try:
        if is_root:
            os.seteuid(65534)
        with pytest.raises(BadConfig, match="make its folder writable"):
            open_file(spec)
    finally:
        if is_root:
            os.seteuid(0)
        spec.folder.rmdir()
        foreign_folder.rmdir()


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    spec.path.mkdir(parents=True)
    with pytest.raises(BadConfig, match="cannot be opened"):
        open_file(spec)
