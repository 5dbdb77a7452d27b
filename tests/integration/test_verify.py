"""`autoscalper replay RECORDING --verify`: equal, and what is said of all that is not.

The recording holds timers, a manual order, a pause, a parameter change, a restart and two markets.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pytest

from agent.cli import main
from agent.service import engine as service
from agent.service.engine import Engine
from core_cases import playbook
from db.recording import reader
from db.recording.blocks import Block, BlockReader, BlockWriter
from db.recording.format import INPUTS, OUTPUTS, BlockKind, Lost, Opened, Totals
from db.recording.reader import EndKind, Segment, segments
from domain.enums import ExitReason, OutputKind, Side, TradingState
from domain.events import Command, EndOfData, Event, ManualOrder, ParameterSet
from domain.units import Lots, TsNs
from engine_audit import recordings
from engine_cases import MINT, Rig, account, play, served
from random_ticks import loose_playbook_values, random_ticks
from source_tree import ROOT, shipped_packages
from trading_cases import COIN
from virtual_loop import VirtualClock, run_virtual

LOOSE: Final = playbook(loose_playbook_values())
OTHER: Final = playbook({**loose_playbook_values(), "entry": {"limit_offset": "1tick"}})
AT: Final = TsNs(0)
TICKS: Final = 700
RUN: Final = "import sys; from agent.cli import main; sys.exit(main(sys.argv[1:]))"


async def persons(engine: Engine) -> None:
    submit, row = engine.sequencer.submit, engine.book.rows[engine.book.index("MINT")]
    await asyncio.sleep(8)
    order = ManualOrder(
        event_ns=AT, instrument="COIN", side=Side.LONG, lots=Lots(5), limit=None, stop=5, target=3
    )
    await submit(order)
    await asyncio.sleep(4)
    await submit(Command(event_ns=AT, state=TradingState.REDUCING, reason="lunch"))
    await asyncio.sleep(2)
    await submit(Command(event_ns=AT, state=TradingState.ACTIVE))
    while row["position_lots"] or row["orders"]["active"].any() or engine.sequencer.waiting:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await submit(ParameterSet(event_ns=AT, market="MINT", playbook=OTHER))


async def day(home: Path) -> None:
    clock = VirtualClock()
    for run in range(2):
        rig = Rig(home, account(*served(COIN, MINT, playbook=LOOSE)), clock)

        async def work(engine: Engine, run: int = run) -> None:
            async with asyncio.TaskGroup() as group:
                for market in range(2):
                    ticks = random_ticks(10 * run + market, TICKS)
                    group.create_task(play(engine, clock, ticks, [market] * TICKS))
                group.create_task(persons(engine))

        await rig.run(work)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("day")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "SEGMENT_BYTES", 16_000)  # several segments a run
        run_virtual(1, lambda: day(home))
    return recordings(home)


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(original, tmp_path / "recordings")


def verified(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Exit code, and all that was printed, lines joined."""
    code = main(["replay", str(path), "--verify", *options])
    said = capsys.readouterr()
    return code, " ".join((said.out + said.err).split())


def test_the_recording_holds_every_kind_of_input_and_what_timers_do(original: Path) -> None:
    found = segments(original)
    events: Counter[tuple[int, str]] = Counter()
    by_timers, markets = Counter[str](), set[int]()
    for segment in found:
        for _, value in segment.inputs():
            if isinstance(value, Event):
                events[segment.header.epoch, type(value).__name__] += 1
            else:
                markets |= set(value["market"].tolist())
        for rows in segment.outputs():
            exits = rows[(rows["kind"] == OutputKind.INTENT) & (rows["cause"] == 0)]
            by_timers.update(ExitReason(code).word for code in exits["code"].tolist())
    for name in ("RunStarted", "ManualOrder", "Command", "ParameterSet", "ClockRead", "Timer"):
        assert events[1, name] >= 1, name
        assert events[2, name] >= 1, name
    assert by_timers["time_guard"] >= 1
    assert markets == {0, 1, 2, 3}
    assert found[0].header.markets == ("COIN", "COIN@manual", "MINT", "MINT@manual")
    assert [each.header.opened for each in found].count(Opened.START) == 2
    assert [each.header.epoch for each in found].count(1) >= 4


def test_it_is_equal(original: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verified(original, capsys)
    assert code == 0
    assert said.startswith("Verified: ")
    assert "differs" not in said
    assert "Different build" not in said
    for segment in segments(original):
        assert segment.name in said


def test_json_says_the_same(original: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = verified(original, capsys, "--json")
    found = json.loads(said)
    assert (code, found["verified"], found["same_build"]) == (0, True, True)
    assert (found["difference"], found["missing"], found["runs_without_segments"]) == (None, [], [])
    outputs = sum(len(rows) for each in segments(original) for rows in each.outputs())
    assert found["outputs"] == outputs > 100
    assert [each["name"] for each in found["segments"]] == [e.name for e in segments(original)]


def test_one_segment_is_verified_by_itself(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = segments(original)[2].name
    code, said = verified(original / f"{name}{OUTPUTS}", capsys)
    assert (code, said.count(name)) == (0, 1)


def copied_tree(target: Path, change: tuple[str, str] | None) -> Path:
    """Our sources, one line of the gates changed."""
    for package in shipped_packages():
        shutil.copytree(ROOT / package, target / package, ignore=lambda *_: ["__pycache__"])
    shutil.copy(ROOT / "uv.lock", target)
    gates = target / "strategies" / "rules" / "gates.py"
    if change is not None:
        text = gates.read_text(encoding="utf-8")
        assert text.count(change[0]) == 1
        gates.write_text(text.replace(*change), encoding="utf-8")
    return target


def verified_by(tree: Path, recording: Path, *options: str) -> tuple[int, str]:
    """What another build says; interpreted, because to compile all of it takes half a minute."""
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUN, "replay", str(recording), "--verify", *options],
        cwd=tree,
        env={
            **{k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            "AUTOSCALPER_INTERPRET": "1",
            "COLUMNS": "80",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


NARROWER: Final = (
    "return widest / 2.0 - float(features",
    "return widest / 2.0 - 1.0 - float(features",
)


def test_a_changed_gate_is_found_and_both_tables_are_told(original: Path, tmp_path: Path) -> None:
    code, said = verified_by(copied_tree(tmp_path / "tree", NARROWER), original)
    assert code == 7, said
    lines = [line.split() for line in said.splitlines()]
    assert "Different build" in said
    (spread,) = [line for line in lines if line[:1] == ["spread"]]
    assert float(spread[1]) - float(spread[2]) == 1.0
    assert spread[3] == "differs"
    (momentum,) = [line for line in lines if line[:1] == ["momentum"]]
    assert momentum[1] == momentum[2]
    assert len(momentum) == 3
    assert max(map(len, said.splitlines())) <= 80


def test_the_same_gates_elsewhere_are_equal_without_a_promise(
    original: Path, tmp_path: Path
) -> None:
    tree = copied_tree(tmp_path / "tree", None)
    comment = tree / "strategies" / "rules" / "gates.py"
    comment.write_text(f"{comment.read_text(encoding='utf-8')}# the same\n", encoding="utf-8")
    code, said = verified_by(tree, original, "--json")
    found = json.loads(said)
    assert (code, found["verified"], found["same_build"]) == (0, True, False)


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_byte_is_found_wherever_it_is(
    folder: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(seed)
    files = sorted(path for path in folder.iterdir() if path.suffix in (INPUTS, OUTPUTS))
    path = files[int(random.integers(len(files)))]
    data = bytearray(path.read_bytes())
    # Once in the file's first bytes, which no block covers; once in its last; else anywhere.
    place = {0: 3, 1: 9, 2: len(data) - 1}.get(seed, int(random.integers(len(data))))
    data[place] ^= int(random.integers(1, 256))
    path.write_bytes(data)
    code, said = verified(folder, capsys)
    assert code == 7, (path, place, said)
    assert path.name in said


def test_a_deleted_segment_is_told_with_its_inputs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = segments(folder)
    first, last = found[1].first_seq, found[1].end.following - 1
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{found[1].name}{suffix}").unlink()
    code, said = verified(folder, capsys)
    assert code == 7
    place = f"between {found[0].name} and {found[2].name}"
    assert said.startswith(f"Not verified: inputs {first:,} to {last:,} are missing {place}.")
    _, text = verified(folder, capsys, "--json")
    (missing,) = json.loads(text)["missing"]
    assert (missing["first"], missing["last"]) == (first, last)
    assert json.loads(text)["verified"] is False


def deleted(segment: Segment, folder: Path) -> None:
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{segment.name}{suffix}").unlink()


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_runs_deleted_end_is_told(
    folder: Path, epoch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, before, last = [each for each in segments(folder) if each.run == epoch]
    deleted(last, folder)
    code, said = verified(folder, capsys)
    assert code == 7
    missing = f"segment {last.number} of run {epoch} is missing after {before.name}."
    assert said.startswith(f"Not verified: {missing}")
    _, text = verified(folder, capsys, "--json")
    (told,) = json.loads(text)["missing_at_the_end"]
    assert told == {"after": before.name, "run": epoch, "number": last.number}


def test_one_file_is_not_missed_what_follows_it(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = original / f"{segments(original)[0].name}{INPUTS}"
    assert verified(path, capsys)[0] == 0


def test_a_beginning_that_a_crash_cut_off_is_not_a_deleted_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = segments(folder)[-1]
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{last.name}{suffix}").write_bytes(b"ASREC")
    assert verified(folder, capsys)[0] == 0


def test_a_runs_deleted_beginning_is_told_and_the_folders_is_not(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = segments(folder)
    second = next(each for each in found if each.header.epoch == 2)
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{found[0].name}{suffix}").unlink()  # as retention does
    assert verified(folder, capsys)[0] == 0
    last = second.end.following - 1
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{second.name}{suffix}").unlink()
    code, said = verified(folder, capsys)
    assert code == 7
    assert f"inputs 0 to {last:,} are missing before " in said


def test_a_run_without_any_segment_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reader._read_header

    def renumbered(path: Path) -> Any:  # noqa: ANN401
        header = real(path)
        return msgspec.structs.replace(header, epoch=4) if header.epoch == 2 else header

    monkeypatch.setattr(reader, "_read_header", renumbered)
    code, said = verified(folder, capsys)
    assert code == 7
    assert said.startswith("Not verified: no segment of runs 2 to 3 is there.")


def test_a_run_that_a_crash_ended_before_its_first_input_is_not_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reader._read_header

    def renumbered(path: Path) -> Any:  # noqa: ANN401
        header = real(path)
        return msgspec.structs.replace(header, epoch=3) if header.epoch == 2 else header

    monkeypatch.setattr(reader, "_read_header", renumbered)
    for suffix in (INPUTS, OUTPUTS):
        (folder / f"2023-11-14T221320-000002-000001{suffix}").write_bytes(b"ASREC")
    code, said = verified(folder, capsys)
    assert code == 0, said
    assert "2023-11-14T221320-000002-000001: a crash cut it short" in said


def test_an_input_that_cannot_be_applied_is_the_difference(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = segments(folder)[1]
    real = Segment.inputs

    def inputs(segment: Segment) -> Any:  # noqa: ANN401
        if segment.name == place.name:
            yield place.first_seq, EndOfData(event_ns=AT, market="GOLD")
        else:
            yield from real(segment)

    monkeypatch.setattr(Segment, "inputs", inputs)
    code, said = verified(folder, capsys)
    assert code == 7
    assert said.startswith(f"Not verified: {place.name} cannot be folded as it was.")
    assert f"At input {place.first_seq:,}: the core cannot go on: no market 'GOLD' was set" in said
    _, text = verified(folder, capsys, "--json")
    difference = json.loads(text)["difference"]
    assert (difference["seq"], difference["output"]) == (place.first_seq, None)


def test_a_gap_explains_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = segments(folder)
    real = Segment.__dict__["end"].fget

    def ended(segment: Segment) -> reader.Ending:
        end: reader.Ending = real(segment)
        gap = msgspec.structs.replace(end, kind=EndKind.GAP, lost=None)
        return gap if segment.name == found[0].name else end

    for suffix in (INPUTS, OUTPUTS):
        (folder / f"{found[1].name}{suffix}").unlink()
    monkeypatch.setattr(Segment, "end", property(ended))
    code, said = verified(folder, capsys)
    assert code == 0
    assert f"{found[0].name}: inputs after its end were lost" in said


@pytest.mark.parametrize("suffix", [INPUTS, OUTPUTS])
def test_a_gap_is_compared_as_far_as_both_files_go(
    folder: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = segments(folder)
    most = max(found[1:], key=outputs_of)
    whole = outputs_of(most)
    ends_in_gap(folder / f"{most.name}{OUTPUTS}", less=suffix == OUTPUTS)
    ends_in_gap(folder / f"{most.name}{INPUTS}", less=suffix == INPUTS)
    code, said = verified(folder, capsys, "--json")
    (part,) = [each for each in json.loads(said)["segments"] if each["name"] == most.name]
    assert (code, part["end"], part["difference"]) == (0, "gap", False)
    assert part["not_compared"] > 0
    assert part["outputs"] < whole
    words = f"{part['not_compared']} output"
    assert words in verified(folder, capsys)[1]


def ends_in_gap(path: Path, *, less: bool) -> None:
    """End a file as an overflow does; `less`: without its last block."""
    whole = list(BlockReader(path))
    kept = whole[: -2 if less else -1]
    following = kept[-1].first + kept[-1].count
    totals = Totals(count=0, following=following, lost=None, why=Lost.OVERFLOW)
    gap = Block(BlockKind.GAP, following, 0, msgspec.msgpack.encode(totals))
    path.unlink()
    writer = BlockWriter(path)
    for block in [*kept, gap]:
        writer.append(block)
    writer.close(fsync=False)


@pytest.mark.parametrize("suffix", [INPUTS, OUTPUTS])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_torn_tail_is_compared_as_far_as_it_goes(
    folder: Path, suffix: str, share: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = segments(folder)
    said_most = max(found, key=outputs_of)
    for later in found[found.index(said_most) + 1 :]:
        for each in (INPUTS, OUTPUTS):
            (folder / f"{later.name}{each}").unlink()
    whole, path = outputs_of(said_most), folder / f"{said_most.name}{suffix}"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    code, said = verified(folder, capsys, "--json")
    part = json.loads(said)["segments"][-1]
    assert (code, part["name"], part["end"]) == (0, said_most.name, "torn")
    assert part["difference"] is False
    assert part["ignored_bytes"] > 0
    assert 0 <= part["outputs"] <= whole
    if share >= 0.9:
        assert part["inputs"] > 0
    if suffix == OUTPUTS and share == 0.9:
        assert part["outputs"] + part["not_compared"] == whole
    assert f"{said_most.name}: a crash cut it short" in verified(folder, capsys)[1]


def outputs_of(segment: Segment) -> int:
    return sum(len(rows) for rows in segment.outputs())


def test_another_build_is_told_and_compared_nevertheless(
    original: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build = msgspec.structs.replace(segments(original)[0].header.build, cpu="other")
    monkeypatch.setattr("agent.replay.verify.this_build", lambda: build)
    code, said = verified(original, capsys)
    assert code == 0
    assert "Different build" in said


def test_the_state_of_another_layout_is_refused(
    original: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reader._read_header

    def other(path: Path) -> Any:  # noqa: ANN401
        return msgspec.structs.replace(real(path), state_layout="0" * 16)

    monkeypatch.setattr(reader, "_read_header", other)
    code, said = verified(original, capsys)
    assert code == 1
    assert f"{segments(original)[0].name}: its state is laid out as {'0' * 16}" in said
    assert "read it with the build that wrote it" in said


@pytest.mark.parametrize("one_file", [True, False])
def test_replay_of_a_recording_decides_anew_on_its_ticks(
    original: Path, one_file: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = original / f"{segments(original)[0].name}{INPUTS}" if one_file else original
    assert main(["replay", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert f"{path}: is a recording: its ticks are decided on anew" in found["assumed"]
    assert f"{path}: commands of persons are left out" in found["assumed"]
    assert set(found["markets"]) == {"COIN", "MINT"}
    assert found["ticks"] > 0
