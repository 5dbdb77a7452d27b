"""What an engine meets that it should not: full disks, wrong files, clocks that jump."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from agent.cli import main
from agent.replay.warm_up import warm_up
from agent.service.engine import Engine
from agent.service.recovery import specs_of
from agent.service.served import Account
from config.settings import load_settings
from db.recording.reader import EndKind, segments
from domain.enums import FileKind, StateCause, TradingState
from domain.errors import BadConfig, BadInput, Fatal
from domain.events import DayRoll, Event, LockSet
from domain.units import SECOND_NS, TsNs
from engine_cases import Rig, account, buy, pass_s, quote, served, spec
from engine_checks import Ledger, check_files, check_orders
from engine_disk_children import fill_the_disk, read_only
from source_tree import ROOT
from trading_cases import COIN
from virtual_loop import VirtualClock, run_virtual

DAY_NS: Final = 86_400 * SECOND_NS
LOCKED_S: Final = 120
KINDS: Final = (FileKind.AUTO, FileKind.MANUAL, FileKind.TELEMETRY)


def the_account() -> Account:
    return account(*served(COIN))


def told(job: Callable[[Path], None], home: Path) -> dict[str, Any]:
    """What a process of its own says of an engine."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    script = str(ROOT / "tests" / "engine_disk_children.py")
    found = subprocess.run(
        [sys.executable, script, job.__name__, str(home)],
        env=environment, stdout=subprocess.PIPE, text=True, check=True, timeout=120,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def run_once(home: Path) -> Engine:
    """Buy, and end."""

    async def once() -> Engine:
        clock = VirtualClock()
        rig = Rig(home, the_account(), clock)
        await rig.run(lambda engine: buy(engine, clock))
        return rig.engine

    return run_virtual(1, once)


def state(engine: Engine) -> tuple[TradingState, StateCause]:
    found = engine.book.account
    return TradingState(int(found["trading_state"])), StateCause(int(found["state_cause"]))


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """A disk that was full for ten seconds of an engine's time."""
    home = tmp_path_factory.mktemp("full")
    return told(fill_the_disk, home), home


Full = tuple[dict[str, Any], Path]


def test_a_full_disk_stops_entries_and_a_position_still_leaves_by_its_stop(full: Full) -> None:
    found, _ = full
    assert (found["bought"], found["stop_entries"]) == (10, 10)
    assert found["stopped"]
    assert "the disk is full" in found["halted_by"]
    assert (found["held_after_stop"], found["held_after_entry"]) == (0, 0)


def test_an_engine_goes_on_by_itself_when_there_is_room_again(full: Full) -> None:
    found, _ = full
    assert found["went_on"]
    assert found["bought_again"] == 10


def test_a_full_disk_costs_the_ledgers_nothing(full: Full) -> None:
    _, home = full
    files = [Ledger(specs_of(spec(home))[kind].path) for kind in KINDS]
    check_files(*files)
    check_orders(*files[:2])
    assert files[1].positions() == {"COIN@manual": Decimal(1)}
    assert [each.quantity for each in files[1].trades()] == [Decimal(1)]


def test_a_full_disk_costs_telemetry_rows_that_are_counted(full: Full) -> None:
    assert full[0]["dropped"] > 0


def test_a_full_disk_costs_the_recording_a_gap_and_no_more_than_a_try_a_second(full: Full) -> None:
    found, home = full
    first, second = segments(spec(home).folder / "recordings")
    assert (found["recording"], found["recording_after"]) == ("failed", "recording")
    assert found["segments"] <= 16
    assert first.end.kind is not EndKind.END
    assert second.header.opened.word == "gap"
    assert second.first_seq - first.end.following == found["lost_inputs"] > 0


def test_what_was_recorded_around_a_full_disk_is_verified(full: Full) -> None:
    assert main(["replay", str(spec(full[1]).folder / "recordings"), "--verify"]) == 0


@pytest.mark.parametrize("kind", ["auto", "manual"])
def test_a_ledger_that_fails_stops_entries_and_a_position_still_leaves_by_its_stop(
    tmp_path: Path, kind: str
) -> None:
    held: list[int] = []

    def look(engine: Engine) -> None:
        held.append(int(engine.book.rows["position_lots"].sum()))

    async def work(engine: Engine, clock: VirtualClock, rig: Rig) -> None:
        await buy(engine, clock)
        look(engine)
        assert engine.keeping_failed is None
        getattr(rig.keeping, kind)._writer.failed = Fatal("a sync failed")
        for bid in (1_000, 1_001, 1_000):
            await quote(engine, clock, bid, 61.0)
        assert state(engine) == (TradingState.REDUCING, StateCause.STORAGE)
        assert engine.keeping_failed == "a sync failed"
        look(engine)
        await quote(engine, clock, 975, 0.5)
        await quote(engine, clock, 975, 0.5)
        look(engine)
        await buy(engine, clock)
        look(engine)

    async def once() -> None:
        clock = VirtualClock()
        rig = Rig(tmp_path, the_account(), clock)
        with pytest.raises(Fatal, match="a sync failed"):
            await rig.run(lambda engine: work(engine, clock, rig))

    run_virtual(1, once)
    assert held == [10, 10, 0, 0]


def test_a_folder_that_cannot_be_written_is_refused_with_what_to_do() -> None:
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    found = told(read_only, home)
    shutil.rmtree(home)
    assert found["kind"] == "BadConfig"
    assert "set AUTOSCALPER_HOME to a folder that this user can write" in found["text"]


def test_a_second_engine_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    async def both() -> None:
        clock = VirtualClock()
        rig = Rig(tmp_path, the_account(), clock)
        with pytest.raises(BadConfig, match=f"written by process {os.getpid()};"):
            Rig(tmp_path, the_account(), clock)
        rig.engine.close()
        Rig(tmp_path, the_account(), clock).engine.close()

    run_virtual(1, both)


def test_a_recording_that_another_process_writes_is_refused_and_the_ledgers_are_let_go(
    tmp_path: Path,
) -> None:
    async def both() -> None:
        clock = VirtualClock()
        first = Rig(tmp_path, the_account(), clock)
        for ledger in (first.keeping.telemetry, first.keeping.manual, first.keeping.auto):
            ledger.close()
        with pytest.raises(BadInput, match=f"process {os.getpid()} is recording there"):
            Rig(tmp_path, the_account(), clock)
        first.keeping.recording.close()
        Rig(tmp_path, the_account(), clock).engine.close()

    run_virtual(1, both)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_another_mode_is_refused(tmp_path: Path, kind: FileKind) -> None:
    run_once(tmp_path)
    change(tmp_path, kind, "UPDATE identity SET mode = 'live'")
    with pytest.raises(BadConfig, match="belongs to the mode 'live', not 'simulated'"):
        run_once(tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_a_newer_schema_is_refused(tmp_path: Path, kind: FileKind) -> None:
    run_once(tmp_path)
    change(tmp_path, kind, "PRAGMA user_version = 99")
    with pytest.raises(BadConfig, match="has schema 99 of a newer version"):
        run_once(tmp_path)


def change(home: Path, kind: FileKind, statement: str) -> None:
    """As only someone from outside would."""
    connection = sqlite3.connect(specs_of(spec(home))[kind].path)
    with connection:
        guards = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
        for (name,) in connection.execute(guards).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    connection.close()


def test_a_damaged_ledger_is_put_aside_whole_and_nothing_begins_without_it(tmp_path: Path) -> None:
    run_once(tmp_path)
    path = spec(tmp_path).path
    data = bytearray(path.read_bytes())
    data[4_096 : len(data) // 2] = bytes(len(data) // 2 - 4_096)
    path.write_bytes(data)
    with pytest.raises(Fatal, match=r"it was kept as .*Restore the newest backup"):
        run_once(tmp_path)
    (aside,) = path.parent.glob("auto.db.corrupt-*")
    assert aside.read_bytes()[4_096:] == bytes(data)[4_096:]
    with pytest.raises(BadConfig, match="restore a backup"):
        run_once(tmp_path)


def jumped(home: Path, by_s: int) -> list[tuple[TradingState, StateCause]]:
    """States before, during and after a jump, which an entry was tried in."""
    found: list[tuple[TradingState, StateCause]] = []

    async def work(engine: Engine, clock: VirtualClock) -> None:
        await quote(engine, clock, 1_000)
        until_ns = TsNs(engine.time.now_ns() + LOCKED_S * SECOND_NS)
        lock = LockSet(event_ns=TsNs(0), market="COIN@manual", until_ns=until_ns, reason="news")
        await engine.sequencer.submit(lock)
        found.append(state(engine))
        clock.jump(by_s * SECOND_NS)
        for _ in range(5):
            await quote(engine, clock, 1_000, 1.0)
        found.append(state(engine))
        await buy(engine, clock)
        clock.jump(-by_s * SECOND_NS)
        await quote(engine, clock, 1_000, 1.0)
        await quote(engine, clock, 1_000, 1.0)
        found.append(state(engine))
        await buy(engine, clock)  # no time has passed by the jump: the lock is still set
        assert int(engine.book.rows["position_lots"].sum()) == 0
        await pass_s(clock, LOCKED_S)
        await buy(engine, clock)
        assert int(engine.book.rows["position_lots"].sum()) == 10

    async def once() -> None:
        clock = VirtualClock()
        await Rig(home, the_account(), clock).run(lambda engine: work(engine, clock))

    run_virtual(1, once)
    return found


@pytest.mark.parametrize("by_s", [1, -1, 3_600, -3_600, 86_400, -86_400])
def test_a_clock_that_jumps_stops_entries_until_it_is_back(tmp_path: Path, by_s: int) -> None:
    assert jumped(tmp_path, by_s) == [
        (TradingState.ACTIVE, StateCause.START),
        (TradingState.REDUCING, StateCause.CLOCK),
        (TradingState.ACTIVE, StateCause.CLOCK),
    ]


@pytest.mark.parametrize("by_s", [-86_400, -1, 86_400])
def test_time_never_goes_back_and_no_day_passes_by_a_jump(tmp_path: Path, by_s: int) -> None:
    jumped(tmp_path, by_s)
    (segment,) = segments(spec(tmp_path).folder / "recordings")
    inputs = [found for _, found in segment.inputs()]
    stamps = [
        stamp
        for found in inputs
        for stamp in (
            [int(found.event_ns)] if isinstance(found, Event) else found["event_ns"].tolist()
        )
    ]
    rolls = [found for found in inputs if isinstance(found, DayRoll)]
    assert stamps == sorted(stamps)
    assert stamps[-1] - stamps[0] < 1_000 * SECOND_NS
    assert rolls == []


def test_a_clock_behind_the_last_run_stops_entries_and_time_goes_on(tmp_path: Path) -> None:
    before = run_once(tmp_path)
    at_ns = int(before.book.stop["now_ns"])

    async def again() -> Engine:
        clock = VirtualClock()
        clock.jump(-240 * SECOND_NS)
        rig = Rig(tmp_path, the_account(), clock)
        await rig.run(lambda engine: quote(engine, clock, 1_000, 1.0))
        return rig.engine

    after = run_virtual(1, again)
    assert state(after) == (TradingState.REDUCING, StateCause.CLOCK)
    assert int(after.book.stop["now_ns"]) > at_ns


def test_a_clock_far_behind_the_last_run_is_refused_with_what_to_do(tmp_path: Path) -> None:
    run_once(tmp_path)

    async def again() -> None:
        clock = VirtualClock()
        clock.jump(-DAY_NS)
        with pytest.raises(BadConfig, match=r"the wall clock says .*: set the clock right; if"):
            Rig(tmp_path, the_account(), clock)

    run_virtual(1, again)
    run_once(tmp_path)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("recorded")
    run_once(home)
    warm_up(load_settings())
    return spec(home).folder / "recordings"


def verify_changed(recorded: Path, to: Path, change: Callable[[bytes], bytes], ending: str) -> int:
    """The exit code of verifying a copy, one file of which was changed."""
    shutil.copytree(recorded, to / "copy")
    (path,) = (to / "copy").glob(f"*.{ending}")
    path.write_bytes(change(path.read_bytes()))
    return main(["replay", str(to / "copy"), "--verify"])


def flipped(data: bytes) -> bytes:
    place = len(data) - 200
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("ending", ["inputs", "outputs"])
def test_a_recording_that_was_changed_is_found_and_exits_with_7(
    recorded: Path, tmp_path: Path, ending: str
) -> None:
    assert verify_changed(recorded, tmp_path / "same", bytes, ending) == 0
    assert verify_changed(recorded, tmp_path / "flipped", flipped, ending) == 7
    assert verify_changed(recorded, tmp_path / "longer", lambda data: data + b"more", ending) == 7


@pytest.mark.parametrize("ending", ["inputs", "outputs"])
def test_a_recording_that_was_cut_short_is_compared_as_far_as_it_goes(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    assert verify_changed(recorded, tmp_path, lambda data: data[:-150], ending) == 0
    assert "a crash cut it short" in capsys.readouterr().out
