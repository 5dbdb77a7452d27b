"""`autoscalper recording`: what lies in a recording, and its ticks for `replay`."""

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from agent.cli import main
from db.recording.followed import not_followed
from db.recording.format import Opened
from db.recording.reader import segments
from domain.enums import BookSource, Origin, PriceSource
from domain.events import MarketSet
from domain.units import SECOND_NS, TsNs
from random_playbooks import random_playbook
from random_ticks import START_NS, random_ticks
from recording_samples import HEADER, NAME, following, inline_writer, put
from trading_cases import COIN

DAY_NS = 86_400 * SECOND_NS


def recorded(folder: Path, *events: MarketSet) -> Path:
    """Two markets' ticks in one segment, which a crash cuts short."""
    writer = inline_writer(folder)
    put(writer, 0, [*events, random_ticks(1, 40), random_ticks(1, 40, market=1)])
    writer.flush()
    return folder


def test_segments_are_listed_with_what_they_hold_and_how_they_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recording", "list", str(recorded(tmp_path / "r")), "--json"]) == 0
    (segment,) = json.loads(capsys.readouterr().out)["segments"]
    assert (segment["name"], segment["inputs"], segment["end"]) == (NAME, 80, "torn")
    assert main(["recording", "list", str(tmp_path / "r")]) == 0
    assert f"{NAME}" in capsys.readouterr().out


def cut_off(folder: Path, share: float) -> str:
    """Begin one more segment and cut its inputs off; its name."""
    other, name = recorded(Path(f"{folder}-other")), NAME.replace("-000003-", "-000004-")
    for suffix in (".inputs", ".outputs"):
        content = (other / f"{NAME}{suffix}").read_bytes()
        kept = int(share * 100) if suffix == ".inputs" else len(content)
        (folder / f"{name}{suffix}").write_bytes(content[:kept])
    return name


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5])
def test_a_segment_in_which_nothing_was_recorded_is_passed_over_and_told(
    tmp_path: Path, share: float, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = recorded(tmp_path / "r")
    name = cut_off(folder, share)
    for verb in (("list", str(folder)), ("export", str(folder), str(tmp_path / "ticks"))):
        assert main(["recording", *verb]) == 0
        said = capsys.readouterr()
        assert f"{name}: a crash cut it off before anything was recorded in it" in said.err
        assert NAME in said.out


def test_a_recording_of_nothing_else_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    name = cut_off(folder, 0.0)
    assert main(["recording", "list", str(folder)]) == 1
    assert f"nothing was recorded in it, as a crash cut off {name}" in capsys.readouterr().err


def test_a_folder_without_a_recording_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recording", "list", str(tmp_path)]) == 1
    assert "holds no recording" in capsys.readouterr().err


def test_export_writes_a_file_a_market_but_none_for_orders_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    auto = MarketSet(
        event_ns=TsNs(START_NS),
        market=0,
        instrument=COIN,
        playbook=random_playbook(0),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
        rate=Decimal(1),
    )
    by_hand = msgspec.structs.replace(auto, market=1, origin=Origin.MANUAL)
    folder = recorded(tmp_path / "r", auto, by_hand)
    assert main(["recording", "export", str(folder), str(tmp_path / "ticks")]) == 0
    assert capsys.readouterr().out.count("40 ticks") == 1
    assert [each.name for each in (tmp_path / "ticks").iterdir()] == [f"COIN-{NAME}.parquet"]


def test_a_list_tells_that_what_should_follow_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = inline_writer(tmp_path)
    writer.roll(following(HEADER), b"", 0)
    writer.close()
    assert main(["recording", "list", str(tmp_path)]) == 0
    assert "not there" not in capsys.readouterr().out
    for suffix in (".inputs", ".outputs"):
        (tmp_path / f"{NAME[:-1]}2{suffix}").unlink()
    assert main(["recording", "list", str(tmp_path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{NAME}: another segment of run 3 follows it and is not there" in said
    assert main(["recording", "list", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["segments"][0]["next_missing"] is True


@pytest.mark.parametrize("suffix", [".inputs", ".outputs"])
def test_nothing_follows_a_segment_of_which_a_crash_closed_one_file_only(
    tmp_path: Path, suffix: str
) -> None:
    writer = inline_writer(tmp_path)
    writer.roll(following(HEADER), b"", 0)
    for each in (".inputs", ".outputs"):
        (tmp_path / f"{NAME[:-1]}2{each}").unlink()
    path = tmp_path / f"{NAME}{suffix}"
    path.write_bytes(path.read_bytes()[:-1])
    assert not_followed(tmp_path, segments(tmp_path)) == []


def test_old_segments_go_when_a_new_one_begins_but_never_the_newest(tmp_path: Path) -> None:
    writer = inline_writer(tmp_path / "r")
    for number in (2, 3):
        at_ns = TsNs(START_NS + (number - 1) * DAY_NS)
        later = msgspec.structs.replace(HEADER, number=number, event_ns=at_ns, opened=Opened.DAY)
        writer.roll(later, b"", 0)
        writer.keep(0.5, 1.0, int(at_ns) + DAY_NS)
    writer.close()
    assert [each.suffix for each in sorted((tmp_path / "r").glob("2*"))] == [".inputs", ".outputs"]
