"""The writer never waits and never raises; what it could not take is counted and marked."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from db.recording import writer as module
from db.recording.format import Ended, Lost, Opened
from db.recording.reader import EndKind, Segment, segments
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter, State
from domain.errors import BadInput, BadUsage
from domain.events import ClockRead
from domain.units import TsNs
from random_ticks import START_NS, random_ticks
from recording_samples import (
    HEADER,
    SNAPSHOT,
    HeldWorker,
    flat,
    following,
    inline_writer,
    put,
    read_flat,
    read_outputs,
    some_inputs,
    some_outputs,
)

TICKS = random_ticks(0, 40)
QUEUE = 10 * TICKS.itemsize
READ = ClockRead(event_ns=TsNs(START_NS), now_ns=TsNs(START_NS))


def held_writer(folder: Path) -> tuple[RecordingWriter, HeldWorker]:
    """A writer with room for ten ticks, whose segment is open; its snapshot needs a third."""
    worker = HeldWorker()
    writer = RecordingWriter(worker, queue_bytes=QUEUE, fsync=False)
    writer.open(folder, HEADER, bytes(QUEUE // 3), 0)
    worker.drain()
    return writer, worker


def overflown(folder: Path) -> tuple[RecordingWriter, HeldWorker]:
    """Eight ticks wait for the disk, and four more were too many."""
    writer, worker = held_writer(folder)
    for start, end in ((0, 8), (8, 12)):
        writer.put_ticks(start, TICKS[start:end])
        writer.flush()
    return writer, worker


def first(folder: Path) -> Segment:
    return segments(folder)[0]


def test_nothing_is_written_by_the_thread_that_hands_in(tmp_path: Path) -> None:
    writer, worker = held_writer(tmp_path)
    before = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    writer.put_ticks(0, TICKS[:8])
    writer.put_outputs(some_outputs(1))
    writer.flush()
    assert {path.name: path.stat().st_size for path in tmp_path.iterdir()} == before
    worker.drain()
    assert first(tmp_path).end.count == 8


def test_ticks_are_copied_when_they_are_handed_in(tmp_path: Path) -> None:
    writer, rows = inline_writer(tmp_path), TICKS.copy()
    writer.put_ticks(0, rows)
    rows["price"] = -1.0
    writer.close()
    assert read_flat(first(tmp_path)) == flat([TICKS])


def test_a_flush_is_all_a_crash_can_cost(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    put(writer, 0, some_inputs())
    writer.put_outputs(some_outputs(3))
    writer.flush()
    put(writer, len(flat(some_inputs())), [TICKS])
    assert read_flat(first(tmp_path)) == flat(some_inputs())
    assert first(tmp_path).end.kind is EndKind.TORN
    assert read_outputs(first(tmp_path)) == some_outputs(3).tobytes()


def test_full_blocks_go_to_the_worker_without_a_flush(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, random_ticks(0, 2 * module.BLOCK_INPUTS + 5))
    assert first(tmp_path).end.count == 2 * module.BLOCK_INPUTS
    for seq in range(2 * module.BLOCK_INPUTS + 5, 3 * module.BLOCK_INPUTS):
        writer.put_event(seq, READ)
    assert first(tmp_path).end.count == 3 * module.BLOCK_INPUTS
    writer.put_outputs(some_outputs(module.BLOCK_OUTPUTS))
    assert first(tmp_path).outputs_end.count == module.BLOCK_OUTPUTS


def test_a_roll_ends_a_segment_cleanly_and_begins_the_next(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, TICKS[:30])
    writer.put_outputs(some_outputs(3))
    writer.roll(following(HEADER), b"later", 30)
    writer.put_ticks(30, TICKS[30:])
    writer.put_outputs(some_outputs(2, 1))
    writer.close()
    one, two = segments(tmp_path)
    assert (one.end.kind, one.end.following, two.first_seq) == (EndKind.END, 30, 30)
    assert (one.end.ended, one.outputs_end.ended) == (Ended.ROLLED, Ended.ROLLED)
    assert (two.end.ended, two.outputs_end.ended) == (Ended.CLOSED, Ended.CLOSED)
    assert (two.header.opened, two.snapshot) == (Opened.DAY, b"later")
    assert read_flat(two) == flat([TICKS[30:]], 30)
    assert (one.outputs_end.following, two.outputs_end.following) == (3, 5)


def test_outputs_are_numbered_on_through_a_segment_without_any(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    writer.put_outputs(some_outputs(3))
    writer.roll(following(HEADER), b"", 0)
    writer.close()
    end = segments(tmp_path)[1].outputs_end
    assert (end.count, end.following) == (0, 3)


def test_the_header_comes_back_with_the_layouts_of_its_rows(tmp_path: Path) -> None:
    inline_writer(tmp_path).close()
    header = first(tmp_path).header
    assert len(header.tick_layout) == len(header.output_layout) == 16
    assert replace(header, tick_layout="", output_layout="") == HEADER
    assert header.name == first(tmp_path).name == "2023-11-14T221320-000003-000001"


def test_a_full_queue_ends_the_segment_and_waits_for_nobody(tmp_path: Path) -> None:
    writer, worker = overflown(tmp_path)
    status = writer.status
    assert (status.state, status.lost_inputs, status.error) == (State.LOST, 4, "")
    assert not writer.needs_snapshot
    worker.drain()
    end = first(tmp_path).end
    assert (end.kind, end.why, end.count, end.lost) == (EndKind.GAP, Lost.OVERFLOW, 8, None)
    assert read_flat(first(tmp_path)) == flat([TICKS[:8]])


def test_what_comes_after_an_overflow_is_counted_until_a_roll(tmp_path: Path) -> None:
    writer, worker = overflown(tmp_path)
    writer.put_ticks(12, TICKS[12:20])
    writer.put_event(20, READ)
    writer.put_outputs(some_outputs(3))
    assert (writer.status.lost_inputs, writer.status.lost_outputs) == (13, 3)
    worker.drain()
    assert writer.needs_snapshot
    writer.roll(following(HEADER, Opened.GAP), SNAPSHOT, 21)
    assert not writer.needs_snapshot
    writer.put_ticks(21, TICKS[21:25])
    writer.close()
    one, two = segments(tmp_path)
    assert two.first_seq - one.end.following == 13
    assert (two.header.opened, two.end.kind) == (Opened.GAP, EndKind.END)
    assert read_flat(two) == flat([TICKS[21:25]], 21)
    assert writer.status.lost_inputs == 13


def test_a_roll_without_room_for_its_snapshot_is_no_roll(tmp_path: Path) -> None:
    writer, worker = held_writer(tmp_path)
    writer.put_ticks(0, TICKS[:8])
    writer.roll(following(HEADER), bytes(QUEUE), 8)
    assert (writer.status.state, writer.needs_snapshot) == (State.LOST, False)
    worker.drain()
    assert writer.needs_snapshot
    assert [each.end.kind for each in segments(tmp_path)] == [EndKind.GAP]
    writer.roll(following(HEADER, Opened.GAP), bytes(QUEUE), 8)
    writer.close()
    assert [each.end.kind for each in segments(tmp_path)] == [EndKind.GAP, EndKind.END]


def test_a_block_larger_than_the_queue_goes_in_alone(tmp_path: Path) -> None:
    writer, worker = held_writer(tmp_path)
    writer.put_ticks(0, TICKS)
    writer.flush()
    worker.drain()
    assert (first(tmp_path).end.count, writer.status.lost_inputs) == (40, 0)


def test_outputs_that_do_not_fit_end_the_segment_too(tmp_path: Path) -> None:
    writer, worker = held_writer(tmp_path)
    writer.put_ticks(0, TICKS[:8])
    writer.put_outputs(some_outputs(4))
    writer.flush()
    assert (writer.status.state, writer.status.lost_outputs) == (State.LOST, 4)
    worker.drain()
    assert first(tmp_path).outputs_end.kind is EndKind.GAP
    assert first(tmp_path).end.count == 8


@pytest.mark.parametrize("seq", [4, 11, 2_000])
def test_numbers_that_jump_are_a_gap(tmp_path: Path, seq: int) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, TICKS[:10])
    writer.put_ticks(seq, TICKS[:5])
    end = first(tmp_path).end
    assert (end.kind, end.why, end.count) == (EndKind.GAP, Lost.SKIPPED, 10)
    assert writer.status.lost_inputs == max(seq + 5 - 10, 0)
    assert writer.needs_snapshot


def test_a_roll_beyond_the_next_number_knows_how_many_are_missing(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, TICKS[:10])
    writer.roll(following(HEADER), SNAPSHOT, 17)
    end = first(tmp_path).end
    assert (end.kind, end.lost, end.following) == (EndKind.GAP, 7, 10)
    assert writer.status.lost_inputs == 7
    assert writer.status.state is State.RECORDING


def test_an_event_that_cannot_be_written_is_a_gap(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    writer.put_ticks(0, TICKS[:10])
    writer.put_event(10, ClockRead(event_ns=TsNs(2**70), now_ns=TsNs(0)))
    end = first(tmp_path).end
    assert (end.kind, end.why, end.count) == (EndKind.GAP, Lost.UNWRITABLE, 10)
    assert (writer.status.lost_inputs, writer.needs_snapshot) == (1, True)


def test_a_second_writer_is_refused_and_told_who_writes(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    own = (tmp_path / "recording.lock").read_text().strip()
    with pytest.raises(BadInput, match=f"process {own} is recording there"):
        inline_writer(tmp_path)
    writer.close()
    other = RecordingWriter(HeldWorker())
    other.open(tmp_path, following(HEADER), b"", 0)
    other.close()


def test_a_writer_is_opened_once_and_closed_as_often_as_one_likes(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    with pytest.raises(BadUsage):
        writer.open(tmp_path / "other", HEADER, b"", 0)
    writer.close()
    writer.close()
    writer.put_ticks(0, TICKS)
    writer.put_outputs(some_outputs(1))
    assert (writer.status.state, writer.status.lost_inputs) == (State.CLOSED, 0)
    with pytest.raises(BadUsage):
        writer.roll(HEADER, b"", 0)


def test_the_thread_writes_what_was_handed_in_before_it_stops(tmp_path: Path) -> None:
    worker = ThreadWorker("recorder")
    writer = RecordingWriter(worker)
    writer.open(tmp_path, HEADER, SNAPSHOT, 0)
    after = put(writer, 0, some_inputs())
    put(writer, after, [random_ticks(1, 20_000)])
    writer.close()
    worker.stop()
    assert read_flat(first(tmp_path)) == flat([*some_inputs(), random_ticks(1, 20_000)])
    assert writer.status.queued_bytes == 0


def test_the_thread_goes_on_after_a_job_that_raises_and_tells_its_owner() -> None:
    worker, done = ThreadWorker("recorder"), []
    worker.submit(lambda: done.append(1 / 0))
    worker.submit(lambda: done.append(2.0))
    with pytest.raises(ZeroDivisionError):
        worker.drain()
    assert done == [2.0]
    worker.drain()
    worker.stop()
