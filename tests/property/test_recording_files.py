"""What is recorded comes back, what is damaged is found, what is cut off is a prefix."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.recording.columns import pack_rows, unpack_rows
from db.recording.format import INPUTS, OUTPUTS
from db.recording.reader import EndKind, Segment, segments
from domain.arrays import Rows
from domain.errors import BadInput, Corrupt
from domain.events import ClockRead, Event
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from domain.units import TsNs
from random_ticks import random_ticks
from recording_samples import (
    NAME,
    SNAPSHOT,
    flat,
    inline_writer,
    put,
    read_flat,
    read_outputs,
    some_inputs,
    some_outputs,
)

DTYPES = st.sampled_from([TICK, OUTPUT])


@st.composite
def inputs(draw: st.DrawFn) -> list[Rows | Event]:
    """Runs of ticks, and events between them."""
    found: list[Rows | Event] = []
    for _ in range(draw(st.integers(0, 8))):
        count = draw(st.sampled_from([0, 0, 1, 3, 40]))
        at = TsNs(draw(st.integers(0, 2**62)))
        event = ClockRead(event_ns=at, now_ns=at)
        found += [random_ticks(draw(st.integers(0, 9)), count)] if count else [event]
    return found


@given(inputs(), st.integers(0, 2**62), st.data())
def test_inputs_come_back_in_order_with_their_numbers(
    given_inputs: list[Rows | Event], first_seq: int, data: st.DataObject
) -> None:
    with TemporaryDirectory() as name:
        writer = inline_writer(Path(name), first_seq)
        seq = first_seq
        for each in given_inputs:
            seq = put(writer, seq, [each])
            if data.draw(st.booleans()):
                writer.flush()
        writer.close()
        (segment,) = segments(Path(name))
        assert read_flat(segment) == flat(given_inputs, first_seq)
        assert (segment.end.kind, segment.end.count) == (EndKind.END, seq - first_seq)


@given(st.lists(st.integers(1, 3_000), max_size=6))
def test_outputs_come_back_bit_for_bit(counts: list[int]) -> None:
    rows = [some_outputs(count, seed) for seed, count in enumerate(counts)]
    with TemporaryDirectory() as name:
        writer = inline_writer(Path(name))
        for each in rows:
            writer.put_outputs(each)
        writer.close()
        (segment,) = segments(Path(name))
        assert read_outputs(segment) == b"".join(each.tobytes() for each in rows)
        assert segment.outputs_end.count == sum(counts)


@given(DTYPES, st.integers(1, 50), st.integers(0, 2**32))
def test_rows_of_any_bits_come_back_from_their_columns(
    dtype: np.dtype[np.void], count: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.frombuffer(rng.bytes(count * dtype.itemsize), dtype)
    assert unpack_rows(pack_rows(rows), dtype).tobytes() == rows.tobytes()


@pytest.fixture
def small(tmp_path: Path) -> Segment:
    """A closed recording of several blocks."""
    writer = inline_writer(tmp_path)
    after = put(writer, 0, some_inputs())
    writer.put_outputs(some_outputs(3))
    writer.flush()
    put(writer, after, some_inputs(1)[:2])
    writer.put_outputs(some_outputs(2, 1))
    writer.close()
    return segments(tmp_path)[0]


def read_all(segment: Segment) -> tuple[object, ...]:
    """Everything that a reader can ask for."""
    return (
        segment.header,
        segment.snapshot,
        read_flat(segment),
        segment.end,
        read_outputs(segment),
        segment.outputs_end,
    )


def recorded(segment: Segment) -> list[object]:
    """The inputs that the fixture recorded."""
    assert segment.snapshot == SNAPSHOT
    first = flat(some_inputs())
    return first + flat(some_inputs(1)[:2], len(first))


@pytest.mark.parametrize("suffix", [INPUTS, OUTPUTS])
@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_a_flipped_byte_is_found_wherever_it_is(
    small: Segment, tmp_path: Path, suffix: str, flip: int
) -> None:
    path = tmp_path / f"{NAME}{suffix}"
    whole = path.read_bytes()
    unseen = [at for at in range(len(whole)) if not _is_found(small, path, whole, at, flip)]
    assert unseen == []


def _is_found(segment: Segment, path: Path, whole: bytes, at: int, flip: int) -> bool:
    path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
    try:
        read_all(segment)
    except BadInput as error:
        return isinstance(error, Corrupt) or at < 12  # magic and format come before any block
    return False


def test_inputs_cut_off_anywhere_are_a_prefix_of_what_was_recorded(
    small: Segment, tmp_path: Path
) -> None:
    path = tmp_path / f"{NAME}{INPUTS}"
    whole, everything = path.read_bytes(), recorded(small)
    read: list[int] = []
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        read.append(_read_prefix(small, everything))
    assert read == sorted(read)
    assert {*read} == {-1, 0, len(flat(some_inputs())), len(everything)}


def _read_prefix(segment: Segment, everything: list[object]) -> int:
    """How many inputs of a torn file can be read; -1 where it has no header or no snapshot."""
    try:
        _ = segment.snapshot
    except BadInput as error:
        assert "is cut off before its" in str(error)  # noqa: PT017  which refusal it is
        return -1
    found = read_flat(segment)
    assert found == everything[: len(found)]
    end = segment.end
    assert (end.kind, end.count, end.following) == (EndKind.TORN, len(found), len(found))
    return len(found)


def test_a_torn_end_says_how_many_bytes_were_ignored(small: Segment, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}{INPUTS}"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    (torn,) = segments(path)
    assert 0 < torn.end.ignored_bytes < 200
    path.write_bytes(whole[: -1 - torn.end.ignored_bytes])
    assert torn.end.ignored_bytes == 0


def test_a_tail_of_zeros_that_a_power_cut_leaves_is_a_torn_end(
    small: Segment, tmp_path: Path
) -> None:
    path = tmp_path / f"{NAME}{INPUTS}"
    whole, everything = path.read_bytes(), recorded(small)
    for length in range(len(whole) - 1 - small.end.ignored_bytes - 150, len(whole) - 16):
        path.write_bytes(whole[:length].ljust(len(whole) + 4_096, b"\0"))
        found = read_flat(small)
        assert found == everything[: len(found)]
        assert small.end.kind is EndKind.TORN


def test_a_block_that_was_cut_out_is_found(small: Segment, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}{OUTPUTS}"
    whole = path.read_bytes()
    starts = _block_starts(whole)
    for start, end in pairwise(starts):
        path.write_bytes(whole[:start] + whole[end:])
        with pytest.raises(Corrupt, match=rf"{NAME}\.outputs: block \d+ at byte {start} "):
            read_all(small)


def _block_starts(whole: bytes) -> list[int]:
    at, starts = 12, []
    while at < len(whole):
        starts.append(at)
        at += 28 + int.from_bytes(whole[at : at + 4], "little") + 16
    return starts


def test_what_stands_behind_the_end_is_found(small: Segment, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}{INPUTS}"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(Corrupt, match="1 bytes stand after its end"):
        read_all(small)
