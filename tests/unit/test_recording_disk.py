"""A disk that refuses: the fold goes on, the file ends where it is whole, and it is told."""

import errno
import os
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from db.recording.folder import FolderLock
from db.recording.format import Lost, Opened
from db.recording.reader import EndKind, segments
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter, State
from domain.errors import BadInput, NotStored
from random_ticks import random_ticks
from recording_samples import (
    HEADER,
    SNAPSHOT,
    HeldWorker,
    flat,
    following,
    inline_writer,
    read_flat,
    some_outputs,
)
from source_tree import ROOT

TICKS = random_ticks(0, 4_000)
PIECE = 100
_LIMITED = dedent(
    """
    import resource, signal, sys
    from pathlib import Path
    from recording_samples import HEADER, SNAPSHOT, following, inline_writer
    from db.recording.format import Opened
    from random_ticks import random_ticks
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    ticks = random_ticks(0, 4_000)
    writer = inline_writer(Path(sys.argv[1]))
    for start in range(0, 4_000, 100):
        writer.put_ticks(start, ticks[start : start + 100])
        writer.flush()
    status = writer.status
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    writer.roll(following(HEADER, Opened.GAP), SNAPSHOT, 4_000)
    writer.put_ticks(4_000, ticks[:100])
    after = writer.status.state.word
    writer.close()
    print(status.state.word, status.lost_inputs, after, status.error)
    """
)


def limited(folder: Path, size: int) -> list[str]:
    """What a writer says that may write files of `size` bytes, and goes on when it may again."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    command = [sys.executable, "-c", _LIMITED, str(folder), str(size)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return ran.stdout.strip().split(" ", 3)


@pytest.mark.parametrize("size", [2_000, 20_000, 20_001, 20_013])
def test_a_file_that_may_not_grow_ends_at_its_last_whole_block(tmp_path: Path, size: int) -> None:
    state, lost, after, error = limited(tmp_path, size)
    one, two = segments(tmp_path)
    kept = read_flat(one)
    assert (state, after, int(lost)) == ("failed", "recording", 4_000 - len(kept))
    assert os.strerror(errno.EFBIG) in error
    assert str(tmp_path) in error
    assert kept == flat([TICKS])[: len(kept)]
    assert one.end.kind in {EndKind.GAP, EndKind.TORN}
    assert one.end.ignored_bytes == 0
    assert (two.header.opened, two.end.count) == (Opened.GAP, 100)


@pytest.mark.parametrize("size", [0, 5, 200])
def test_a_segment_that_could_not_be_opened_leaves_no_files_behind(
    tmp_path: Path, size: int
) -> None:
    state, lost, after, _ = limited(tmp_path, size)
    (two,) = segments(tmp_path)
    assert (state, lost, after) == ("failed", "4000", "recording")
    assert two.end.count == 100
    assert len(list(tmp_path.iterdir())) == 3  # two files and the lock


@pytest.mark.parametrize("allowed", range(24))
def test_a_disk_that_fills_up_while_a_segment_is_opened_leaves_no_files_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    monkeypatch.setattr("os.write", Full(allowed, errno.ENOSPC).write)
    writer = inline_writer(tmp_path)
    assert writer.status.state is State.FAILED
    assert [path.name for path in tmp_path.iterdir()] == ["recording.lock"]
    writer.close()


class Full:
    """A disk whose writes fail from the n-th on, with ENOSPC or EIO."""

    def __init__(self, allowed: int, code: int) -> None:
        self.allowed = allowed
        self._code = code
        self._write = os.write

    def write(self, file: int, data: memoryview) -> int:
        self.allowed -= 1
        if self.allowed < 0:
            self._write(file, data[: len(data) // 2])
            raise OSError(self._code, os.strerror(self._code))
        return self._write(file, data[: max(len(data) // 2, 1)])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("allowed", range(60, 220, 8))
def test_a_full_disk_never_reaches_the_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, allowed: int
) -> None:
    monkeypatch.setattr("os.write", Full(allowed, code).write)
    writer = inline_writer(tmp_path)
    for start in range(0, 2_000, PIECE):
        writer.put_ticks(start, TICKS[start : start + PIECE])
        writer.put_outputs(some_outputs(1))
        writer.flush()
    kept = [each for segment in segments(tmp_path) for each in read_flat(segment)]
    status = writer.status
    assert (status.state, os.strerror(code) in status.error) == (State.FAILED, True)
    assert kept == flat([TICKS])[: len(kept)]
    assert len(kept) + status.lost_inputs == 2_000
    writer.close()


def test_a_full_disk_marks_a_gap_where_that_still_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, TICKS[:PIECE])
    writer.flush()
    _refuse_next_append(monkeypatch)
    writer.put_ticks(PIECE, TICKS[PIECE : 2 * PIECE])
    writer.flush()
    (segment,) = segments(tmp_path)
    end = segment.end
    assert (end.kind, end.why, end.count) == (EndKind.GAP, Lost.DISK, PIECE)
    assert os.strerror(errno.ENOSPC) in end.detail
    assert segment.outputs_end.kind is EndKind.GAP


def _refuse_next_append(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def once(file: int, data: memoryview) -> int:
        monkeypatch.setattr("os.write", write)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.write", once)


def test_a_roll_is_another_try_while_the_disk_stays_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, header = inline_writer(tmp_path), HEADER
    with monkeypatch.context() as full:
        full.setattr("os.write", Full(0, errno.ENOSPC).write)
        for _ in range(3):
            header = following(header, Opened.GAP)
            writer.roll(header, SNAPSHOT, 0)
            assert writer.needs_snapshot
    header = following(header, Opened.GAP)
    writer.roll(header, SNAPSHOT, 0)
    writer.put_ticks(0, TICKS)
    writer.close()
    assert [each.header.number for each in segments(tmp_path)] == [1, header.number]
    assert segments(tmp_path)[-1].end.count == len(TICKS)


def test_a_sync_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    writer = inline_writer(tmp_path)
    writer._fsync = True
    writer.roll(following(HEADER), SNAPSHOT, 0)
    monkeypatch.setattr("os.fsync", refuse)
    writer.close()
    assert os.strerror(errno.EIO) in writer.status.error


def test_a_segment_of_the_same_name_is_not_written_over(tmp_path: Path) -> None:
    inline_writer(tmp_path).close()
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    writer = inline_writer(tmp_path)
    assert writer.status.state is State.FAILED
    writer.close()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_mistake_of_ours_ends_the_segment_and_is_heard_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistake(*_: object) -> bytes:
        raise ValueError("mistaken")

    worker = HeldWorker()
    writer = RecordingWriter(worker)
    writer.open(tmp_path, HEADER, SNAPSHOT, 0)
    monkeypatch.setattr("db.recording.segment_files.pack_inputs", mistake)
    writer.put_ticks(0, TICKS[:PIECE])
    writer.flush()
    with pytest.raises(ValueError, match="mistaken"):
        worker.drain()
    assert (writer.status.state, writer.status.lost_inputs) == (State.FAILED, PIECE)
    assert segments(tmp_path)[0].end.kind is EndKind.GAP
    writer.close()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written to"):
        inline_writer(tmp_path / "file" / "recordings")


def test_a_disk_that_hangs_does_not_keep_an_engine_from_ending(tmp_path: Path) -> None:
    worker, goes_on = ThreadWorker("recording", deadline_s=0.05), threading.Event()
    writer = RecordingWriter(worker)
    writer.open(tmp_path, HEADER, b"", 0)

    def hang() -> None:
        goes_on.wait(20.0)

    worker.submit(hang)
    with pytest.raises(NotStored, match="look at the disk"):
        writer.close()
    FolderLock(tmp_path).release()  # the next start is not refused
    goes_on.set()
    worker.stop()
