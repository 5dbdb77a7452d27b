"""What is no recording, or not one for this version, is refused with cause, place and fix."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from db.recording import blocks, reader
from db.recording.blocks import Block, BlockWriter
from db.recording.columns import pack_inputs
from db.recording.followed import not_followed
from db.recording.format import (
    INPUTS,
    NAME,
    OUTPUTS,
    TICK_LAYOUT,
    BlockKind,
    Ended,
    Totals,
    build_here,
    layout_of,
)
from db.recording.reader import EndKind, Segment, segments
from domain.errors import BadInput, Corrupt
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from random_ticks import START_NS, random_ticks
from recording_samples import (
    BUILD,
    HEADER,
    SNAPSHOT,
    flat,
    following,
    inline_writer,
    put,
    read_flat,
    read_outputs,
    some_inputs,
    some_outputs,
)
from recording_samples import NAME as FIRST


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two whole segments."""
    writer = inline_writer(tmp_path)
    after = put(writer, 0, some_inputs())
    writer.put_outputs(some_outputs(3))
    writer.roll(following(HEADER), SNAPSHOT, after)
    put(writer, after, some_inputs(1))
    writer.close()
    return tmp_path


def test_segments_come_in_the_order_of_their_times(folder: Path) -> None:
    assert [each.header.number for each in segments(folder)] == [1, 2]
    assert [each.name for each in segments(folder)] == [FIRST, FIRST[:-1] + "2"]


def test_names_sort_by_time_then_run_then_number() -> None:
    later = replace(HEADER, event_ns=HEADER.event_ns + 10**9, epoch=1)
    names = [each.name for each in (HEADER, following(HEADER), replace(HEADER, epoch=20), later)]
    assert names == sorted(names)
    assert all(NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize("suffix", [INPUTS, OUTPUTS])
def test_one_file_stands_for_its_segment(folder: Path, suffix: str) -> None:
    (segment,) = segments(folder / f"{FIRST}{suffix}")
    assert read_flat(segment) == flat(some_inputs())
    assert read_outputs(segment) == some_outputs(3).tobytes()


def test_a_segment_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path)
    (segment,) = segments(tmp_path)
    assert read_flat(segment) == []
    writer.put_ticks(0, random_ticks(0, 5))
    writer.flush()
    assert read_flat(segment) == flat([random_ticks(0, 5)])
    assert segment.end.kind is EndKind.TORN


def test_a_folder_without_a_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.inputs").write_text("no segment")
    with pytest.raises(BadInput, match="holds no recording; expected files such as"):
        segments(tmp_path)


def test_what_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no such file or folder"):
        segments(tmp_path / "nowhere")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ticks.parquet").write_bytes(b"PAR1")
    with pytest.raises(BadInput, match="is no recording; expected a file that ends in"):
        segments(tmp_path / "ticks.parquet")
    (tmp_path / "a.inputs").write_bytes(b"PAR1" * 20)
    with pytest.raises(BadInput, match="is no segment of a recording"):
        segments(tmp_path / "a.inputs")


def test_inputs_are_not_taken_for_outputs(folder: Path) -> None:
    (folder / f"{FIRST}{OUTPUTS}").write_bytes((folder / f"{FIRST}{INPUTS}").read_bytes())
    with pytest.raises(BadInput, match="is no segment of a recording"):
        read_outputs(segments(folder)[0])


@pytest.mark.parametrize("length", [0, 5, 11, 12, 100])
def test_a_file_without_a_whole_header_is_refused(folder: Path, length: int) -> None:
    path = folder / f"{FIRST}{INPUTS}"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BadInput, match=r"is cut off before its header.* remove it"):
        segments(path)
    assert read_flat(segments(folder)[1]) != []


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as newer:
        newer.setattr(blocks, "FORMAT", 2)
        inline_writer(tmp_path).close()
    path = tmp_path / f"{FIRST}{INPUTS}"
    with pytest.raises(BadInput, match="has format 2, this version reads 1; read it with") as found:
        segments(path)
    assert not isinstance(found.value, Corrupt)


@pytest.mark.parametrize("place", range(12))
def test_a_changed_beginning_is_no_other_format_but_damage(folder: Path, place: int) -> None:
    path = folder / f"{FIRST}{INPUTS}"
    data = bytearray(path.read_bytes())
    data[place] ^= 2
    path.write_bytes(data)
    with pytest.raises(Corrupt, match="block 0 at byte 0 was changed after it was written"):
        segments(path)


@pytest.mark.parametrize("suffix", [INPUTS, OUTPUTS])
@pytest.mark.parametrize("length", [0, 5, 12, 100])
def test_a_segment_that_a_crash_cut_at_its_start_says_so(
    folder: Path, suffix: str, length: int
) -> None:
    path = folder / f"{FIRST}{suffix}"
    path.write_bytes(path.read_bytes()[:length])
    cut, whole = segments(folder)
    assert cut.cut_at_start == sum(each.stat().st_size for each in folder.glob(f"{FIRST}.*"))
    assert whole.cut_at_start is None


def test_another_layout_of_ticks_is_refused_and_the_outputs_still_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "TICK_LAYOUT", "another")
    with pytest.raises(BadInput, match="its ticks are laid out as"):
        read_flat(segments(folder)[0])
    assert read_outputs(segments(folder)[0]) == some_outputs(3).tobytes()


def test_another_layout_of_outputs_is_refused_and_the_inputs_still_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "OUTPUT_LAYOUT", "another")
    with pytest.raises(BadInput, match="its outputs are laid out as"):
        read_outputs(segments(folder)[0])
    assert read_flat(segments(folder)[0]) == flat(some_inputs())


def test_outputs_of_another_segment_are_refused(folder: Path) -> None:
    (folder / f"{FIRST}{OUTPUTS}").write_bytes((folder / f"{FIRST[:-1]}2{OUTPUTS}").read_bytes())
    with pytest.raises(BadInput, match="is not of the segment whose inputs lie beside it"):
        read_outputs(segments(folder)[0])


def test_missing_outputs_are_refused(folder: Path) -> None:
    (folder / f"{FIRST}{OUTPUTS}").unlink()
    with pytest.raises(BadInput, match=f"{FIRST}{OUTPUTS}: cannot be read"):
        read_outputs(segments(folder)[0])


def test_what_lies_before_the_damage_is_read_first(tmp_path: Path) -> None:
    writer, ticks = inline_writer(tmp_path), random_ticks(0, 10)
    for start in (0, 5):
        writer.put_ticks(start, ticks[start : start + 5])
        writer.flush()
    path = tmp_path / f"{FIRST}{INPUTS}"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + b"?" + whole[-19:])
    found: Iterator[tuple[int, object]] = segments(path)[0].inputs()
    assert next(found)[0] == 0
    with pytest.raises(Corrupt, match="what comes before it is whole"):
        next(found)


def written(folder: Path, *blocks: Block) -> Segment:
    """Inputs of these blocks after header and snapshot, all with right checksums."""
    writer = BlockWriter(folder / f"{FIRST}{INPUTS}")
    header = msgspec.msgpack.encode(replace(HEADER, tick_layout=TICK_LAYOUT))
    snapshot = Block(BlockKind.SNAPSHOT, 0, 0, SNAPSHOT)
    for block in (Block(BlockKind.HEADER, 0, 0, header), snapshot, *blocks):
        writer.append(block)
    writer.close(fsync=False)
    return segments(folder)[0]


def block_of(first: int, count: int) -> Block:
    ticks = random_ticks(0, count)
    return Block(BlockKind.INPUTS, first, count, pack_inputs(ticks, []))


def test_numbers_that_do_not_go_on_are_found(tmp_path: Path) -> None:
    segment = written(tmp_path, block_of(0, 5), block_of(6, 5))
    with pytest.raises(Corrupt, match="continues at number 6, expected 5"):
        read_flat(segment)


def test_a_block_behind_the_end_is_found(tmp_path: Path) -> None:
    totals = msgspec.msgpack.encode(Totals(count=5, following=5))
    segment = written(tmp_path, block_of(0, 5), Block(BlockKind.END, 5, 0, totals), block_of(5, 5))
    with pytest.raises(Corrupt, match="goes on after its end"):
        read_flat(segment)


def test_an_end_that_tells_nothing_of_what_follows_is_read(tmp_path: Path) -> None:
    told = msgspec.to_builtins(Totals(count=5, following=5))
    totals = msgspec.msgpack.encode({k: v for k, v in told.items() if k != "ended"})
    segment = written(tmp_path, block_of(0, 5), Block(BlockKind.END, 5, 0, totals))
    assert (segment.end.following, segment.end.ended) == (5, Ended.UNKNOWN)
    assert not_followed(tmp_path, [segment]) == []


def test_a_build_is_the_same_only_with_kernels_lock_versions_and_processor_alike() -> None:
    assert BUILD.same(BUILD)
    for name in BUILD.__struct_fields__:
        assert not BUILD.same(replace(BUILD, **{name: "another"}))
    unlocked = replace(BUILD, lock_hash="")
    assert not unlocked.same(unlocked)


def test_the_build_here_names_all_it_depends_on(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("versions")
    build = build_here(tmp_path / "uv.lock")
    assert all(getattr(build, name) for name in build.__struct_fields__)
    assert build == build_here(tmp_path / "uv.lock")
    (tmp_path / "uv.lock").write_text("other versions")
    assert build != build_here(tmp_path / "uv.lock")
    assert build_here(None).lock_hash == ""


def test_layouts_of_different_rows_differ() -> None:
    assert len({layout_of(TICK), layout_of(OUTPUT), layout_of(TICK, OUTPUT)}) == 3
    assert HEADER.event_ns == START_NS
