"""Old and surplus segments are deleted whole, the oldest first, and nothing else ever is."""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.recording.folder import Kept, retain, superfluous
from db.recording.format import INPUTS, OUTPUTS, started_ns

DAY_NS: Final = 86_400 * 10**9
GB: Final = 10**9
MANY: Final = 1e6


def name(day: int, number: int = 1) -> str:
    return f"2026-01-{day:02}T000000-000001-{number:06}"


NOW_NS: Final = started_ns(name(20))


def kept(*days: int, size: int = GB) -> list[Kept]:
    return [Kept(name(day), size) for day in days]


def days(found: list[Kept]) -> list[int]:
    return [int(each.name[8:10]) for each in found]


def test_a_segment_goes_when_even_its_last_input_is_too_old() -> None:
    # The segment of day 12 ends when that of day 13 begins, which is seven days ago.
    assert days(superfluous(kept(11, 12, 13, 14), 7, MANY, NOW_NS)) == [11]
    assert days(superfluous(kept(11, 12, 13, 14), 7, MANY, NOW_NS + 1)) == [11, 12]


def test_the_oldest_go_until_the_rest_fits() -> None:
    assert days(superfluous(kept(17, 15, 16, 18), MANY, 2.0, NOW_NS)) == [15, 16]
    assert days(superfluous(kept(15, 16, 17, 18), MANY, 1.99, NOW_NS)) == [15, 16, 17]


@pytest.mark.parametrize(("keep_days", "max_gb"), [(0, MANY), (MANY, 0), (0, 0)])
def test_the_newest_stays_whatever_the_limits(keep_days: float, max_gb: float) -> None:
    assert days(superfluous(kept(1, 2, 3), keep_days, max_gb, NOW_NS)) == [1, 2]
    assert superfluous(kept(1), keep_days, max_gb, NOW_NS) == []
    assert superfluous([], keep_days, max_gb, NOW_NS) == []


@given(st.sets(st.integers(1, 28)), st.integers(0, 30), st.integers(0, 30), st.integers(1, 3))
def test_what_is_deleted_is_older_than_all_that_stays(
    all_days: set[int], keep_days: int, max_gb: int, size: int
) -> None:
    given_segments = kept(*all_days, size=size * GB)
    gone = superfluous(given_segments, keep_days, max_gb, NOW_NS)
    stays = [each for each in given_segments if each not in gone]
    assert all(each.name < other.name for each in gone for other in stays)
    assert len(stays) <= 1 or sum(each.size for each in stays) <= max_gb * GB
    assert bool(stays) == bool(given_segments)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_both_files_of_a_segment_are_deleted_and_foreign_ones_are_not(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        (tmp_path / f"{name(day)}{INPUTS}").write_bytes(b"1")
        (tmp_path / f"{name(day)}{OUTPUTS}").write_bytes(b"2")
    foreign = {
        "recording.lock", "notes.txt", "a.inputs", f"{name(1)}.bak", f"{name(1)}.inputs.bak",
        f"x{name(1)}.inputs", f"{name(1)}-copy.inputs", "2026-99-01T000000-000001-000001.inputs",
    }  # fmt: skip
    for each in foreign:
        (tmp_path / each).write_bytes(b"3")
    assert retain(tmp_path, 0, 0, NOW_NS) == [name(1), name(2)]
    assert files(tmp_path) == foreign | {f"{name(3)}{INPUTS}", f"{name(3)}{OUTPUTS}"}


def test_half_a_segment_is_deleted_too(tmp_path: Path) -> None:
    (tmp_path / f"{name(1)}{INPUTS}").write_bytes(b"1")
    (tmp_path / f"{name(2)}{OUTPUTS}").write_bytes(b"1")
    (tmp_path / f"{name(3)}{INPUTS}").write_bytes(b"1")
    assert retain(tmp_path, 0, 0, NOW_NS) == [name(1), name(2)]
    assert files(tmp_path) == {f"{name(3)}{INPUTS}"}


def test_what_cannot_be_deleted_waits_for_the_next_time(tmp_path: Path) -> None:
    (tmp_path / f"{name(1)}{INPUTS}").mkdir()
    for day in (2, 3):
        (tmp_path / f"{name(day)}{INPUTS}").write_bytes(b"1")
    assert retain(tmp_path, 0, 0, NOW_NS) == [name(2)]
    assert files(tmp_path) == {f"{name(1)}{INPUTS}", f"{name(3)}{INPUTS}"}
