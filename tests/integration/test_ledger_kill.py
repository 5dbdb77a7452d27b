"""Kill -9, full disks and lost tails: what was acknowledged is there, and the chain is unbroken."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.batches import BatchWriter
from db.chain import verify_chain
from db.connections import open_file
from db.migrations import MIGRATIONS, Migration
from db.read import Reader, open_reader
from domain.enums import FileKind
from domain.errors import BadConfig
from domain.ledger import DecisionRow, FillRow, OrderRow, OrderStateRow, StateRow
from ledger_children import (
    AT_RISK,
    PROGRESS,
    add_table,
    close_on_a_full_disk,
    fill_the_disk,
    fill_the_disk_of_telemetry,
    hold,
    open_and_die,
    write_at_speed,
)
from ledger_samples import filled_order, spec_of, state, stored
from source_tree import ROOT

Job = Callable[[Path, str], None]


def start(job: Job, home: Path, number: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    arguments = [sys.executable, str(ROOT / "tests" / "ledger_children.py"), job.__name__]
    return subprocess.Popen(
        [*arguments, str(home), number], env=environment, stdout=subprocess.PIPE, text=True
    )


def outcome(job: Job, home: Path, number: str = "") -> tuple[int, str]:
    with start(job, home, number) as child:
        said, _ = child.communicate(timeout=120)
    return child.returncode, said


def told(job: Job, home: Path) -> dict[str, Any]:
    code, said = outcome(job, home)
    assert code == 0
    answer: dict[str, Any] = json.loads(said)
    return answer


def run_and_kill(home: Path, run: str, after_s: float) -> tuple[int, int, int, int]:
    """Let it write for a while; what it had announced and had acknowledged when it was killed."""
    progress = home / "progress"
    progress.write_bytes(bytes(PROGRESS.size))
    with start(write_at_speed, home, run) as child:
        while PROGRESS.unpack(progress.read_bytes())[1] == 0:
            assert child.poll() is None
            time.sleep(0.005)
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
    numbers: tuple[int, int, int, int] = PROGRESS.unpack(progress.read_bytes())
    return numbers


def orders_of(reader: Reader, run: str) -> list[str]:
    """The orders of a run; each must be there with all that was told of it at once."""
    fills = [row.client_id for row in reader.rows(FillRow) if row.client_id.startswith(run)]
    orders = [row.client_id for row in reader.rows(OrderRow) if row.client_id.startswith(run)]
    states = [row.client_id for row in reader.rows(OrderStateRow) if row.client_id.startswith(run)]
    assert fills == orders
    assert states == [each for each in orders for _ in range(2)]
    return orders


def kill_often(home: Path, times: int, seed: int) -> None:
    """Kill the same files again and again; each run goes on where the one before was killed."""
    home.mkdir(exist_ok=True)
    chance = random.Random(seed)  # noqa: S311 - points in time
    for number in range(times):
        run = f"r{number:03}"
        announced, acknowledged, decisions, seen = run_and_kill(home, run, chance.uniform(0, 0.15))
        for kind in (FileKind.AUTO, FileKind.TELEMETRY):
            open_file(spec_of(home, kind)).close()  # whole, and its chain unbroken
        with open_reader(spec_of(home)) as reader:
            orders = orders_of(reader, run)
        assert orders == [f"{run}-{each}" for each in range(1, len(orders) + 1)]
        assert acknowledged <= len(orders) <= announced
        with open_reader(spec_of(home, FileKind.TELEMETRY)) as reader:
            kept = [row.decision_seq for row in reader.rows(DecisionRow) if row.market == run]
        assert kept == list(range(1, len(kept) + 1))
        assert seen <= len(kept) <= decisions
        assert decisions - len(kept) <= AT_RISK


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    kill_often(tmp_path, 10, 0)


@pytest.mark.nightly
def test_what_was_acknowledged_survives_a_hundred_kills(tmp_path: Path) -> None:
    # All rows are looked at after each kill, so that files must not grow without end.
    for seed in range(1, 11):
        kill_often(tmp_path / str(seed), 10, seed)


def test_a_full_disk_halts_the_ledger_and_no_row_is_lost_when_there_is_room(tmp_path: Path) -> None:
    found = told(fill_the_disk, tmp_path)
    assert "full" in found["halted"]
    assert "no order may be sent" in found["refused"]
    assert found["after"] is None
    assert found["waiting"] > 0
    with open_reader(spec_of(tmp_path)) as reader:
        names = [row.client_id for row in reader.rows(OrderRow)]
        assert reader.verify().broken is None
    assert names == [*(f"p-{number}" for number in range(found["put"])), "later"]


def test_telemetry_drops_with_a_count_on_a_full_disk(tmp_path: Path) -> None:
    found = told(fill_the_disk_of_telemetry, tmp_path)
    kept = stored(spec_of(tmp_path, FileKind.TELEMETRY).path, "decisions")
    assert 0 < found["dropped"] < found["put"]
    assert kept == found["put"] - found["dropped"]


def test_closing_on_a_full_disk_says_what_is_lost_and_leaves_a_whole_file(tmp_path: Path) -> None:
    assert "4 rows are lost" in told(close_on_a_full_disk, tmp_path)["lost"]
    file = open_file(spec_of(tmp_path))
    assert verify_chain(file.connection).rows == 4
    file.close()


def test_a_second_process_may_not_write_until_the_first_is_gone(tmp_path: Path) -> None:
    with start(hold, tmp_path) as child:
        assert child.stdout is not None
        pid = child.stdout.readline().strip()
        with pytest.raises(BadConfig, match=f"by process {pid}"):
            open_file(spec_of(tmp_path))
        with open_reader(spec_of(tmp_path)) as reader:
            assert reader.state("k") == state("k", "1")
        child.kill()
    open_file(spec_of(tmp_path)).close()


def open_and_kill(tmp_path: Path, *, fresh: bool, step: int) -> None:
    """Kill openings at every so manyth statement, until one comes to its end."""
    for statement in range(0, 300, step):
        home = tmp_path / str(statement)
        if not fresh:
            make_first(home)
        code, said = outcome(open_and_die, home, str(statement))
        if not fresh and code:
            assert schema_and_rows(home) in {(1, 5), (2, 5)}
        file = open_file(spec_of(home), migrations=(*MIGRATIONS, Migration(2, add_table)))
        assert verify_chain(file.connection).rows == (0 if fresh else 5)
        file.close()
        if "survived" in said:
            return
    raise AssertionError("opening never came to its end")


@pytest.mark.parametrize(("fresh", "step"), [(True, 19), (False, 11)])
def test_opening_that_was_killed_can_be_repeated(tmp_path: Path, fresh: bool, step: int) -> None:
    open_and_kill(tmp_path, fresh=fresh, step=step)


@pytest.mark.nightly
@pytest.mark.parametrize("fresh", [True, False])
def test_opening_killed_at_any_statement_can_be_repeated(tmp_path: Path, fresh: bool) -> None:
    open_and_kill(tmp_path, fresh=fresh, step=1)


def make_first(home: Path) -> None:
    """A file of schema 1 with five rows."""
    file = open_file(spec_of(home))
    writer = BatchWriter(file.connection, file.path, FileKind.AUTO)
    writer.store([*filled_order("p-1"), state("k", "1")])
    file.close()


def schema_and_rows(home: Path) -> tuple[int, int]:
    """What a killed opening left, by the version that knows both schemas."""
    copy = home.with_name(f"{home.name}-copy")
    shutil.copytree(home, copy)
    file = open_file(spec_of(copy), migrations=(*MIGRATIONS, Migration(2, lambda *_: None)))
    (schema,) = file.connection.execute(
        "SELECT count(*) FROM pragma_table_info('venues')"
    ).fetchone()
    found = (2 if schema else 1, verify_chain(file.connection).rows)
    file.close()
    return found


def test_a_log_that_lost_its_tail_loses_whole_batches_from_the_end_only(tmp_path: Path) -> None:
    # What power loss leaves: the log up to some byte. Synced commits lie before it.
    file = open_file(spec_of(tmp_path))
    writer = BatchWriter(file.connection, file.path, FileKind.AUTO)
    for number in range(30):
        writer.store([state("k", str(number)), state("l", str(number))])
    length = file.path.with_name("auto.db-wal").stat().st_size
    found = [values_after_loss(tmp_path, cut) for cut in range(0, length, length // 40)]
    file.close()
    assert found == sorted(found)
    assert found[0] == 0
    assert found[-1] > 20


def values_after_loss(home: Path, cut: int) -> int:
    """How many batches are left if the log ends at this byte; they must be the first ones."""
    copy = home / f"cut-{cut}"
    spec = spec_of(copy)
    spec.folder.mkdir(parents=True)
    for ending in ("", "-wal"):
        part = spec_of(home).path.with_name(f"auto.db{ending}")
        shutil.copy(part, spec.path.with_name(part.name))
    os.truncate(spec.path.with_name("auto.db-wal"), cut)
    open_file(spec).close()
    with open_reader(spec) as reader:
        values = [int(row.value) for row in reader.rows(StateRow)]
        assert reader.verify().broken is None
    assert values == [each // 2 for each in range(len(values))]
    assert len(values) % 2 == 0
    return len(values) // 2
