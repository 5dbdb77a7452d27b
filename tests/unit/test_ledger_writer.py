"""The writer: what is acknowledged is stored, in order, and what happens when it cannot be."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import msgspec
import pytest

from db.ledgers import FileLedger, FileTelemetry, open_ledger, open_telemetry
from db.read import open_reader
from db.writer import LEDGER, TELEMETRY, FileWriter, Policy
from domain.enums import FileKind, OrderState, Origin
from domain.errors import Fatal, NotStored
from domain.ledger import DecisionRow, FillRow, OrderRow, OrderStateRow, StateRow
from domain.units import Money
from ledger_samples import (
    InlineWorker,
    decision,
    faulty_file,
    fill,
    filled_order,
    order,
    order_state,
    spec_of,
    state,
    stored,
)

SMALL = msgspec.structs.replace(LEDGER, bound=4, deadline_s=0.05, retry_s=0.01)
SMALL_TELEMETRY = msgspec.structs.replace(TELEMETRY, bound=4, batch_rows=3)


def ledger_of(home: Path, worker: InlineWorker, policy: Policy = SMALL) -> FileLedger:
    return open_ledger(spec_of(home), worker, policy)


def telemetry_of(
    home: Path, worker: InlineWorker, policy: Policy = SMALL_TELEMETRY
) -> FileTelemetry:
    return open_telemetry(spec_of(home, FileKind.TELEMETRY), worker, policy)


@pytest.fixture
def threaded(tmp_path: Path) -> Iterator[FileLedger]:
    ledger = open_ledger(spec_of(tmp_path))
    yield ledger
    ledger.close()


def test_rows_are_on_disk_when_their_call_is_acknowledged(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker)
    number = ledger.put(filled_order("p-1"))
    assert (ledger.acknowledged, stored(spec_of(tmp_path).path, "fills")) == (0, 0)
    worker.run()
    assert (ledger.acknowledged, stored(spec_of(tmp_path).path, "fills")) == (number, 1)
    ledger.close()


def test_calls_are_numbered_from_one_and_stored_in_their_order(threaded: FileLedger) -> None:
    numbers = [threaded.put([state("k", str(value))]) for value in range(500)]
    threaded.flush()
    assert numbers == list(range(1, 501))
    with open_reader(threaded._writer._file.spec) as reader:
        assert [int(row.value) for row in reader.rows(StateRow)] == list(range(500))
    assert threaded.acknowledged == 500


def test_the_rows_of_a_call_are_in_one_batch(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    policy = msgspec.structs.replace(SMALL, batch_rows=6, bound=100)
    ledger = ledger_of(tmp_path, worker, policy)
    for name in ("p-1", "p-2", "p-3"):
        ledger.put(filled_order(name))
    worker.run()
    connection = ledger._writer._file.connection
    counts = [rows for (rows,) in connection.execute("SELECT rows FROM batches")]
    assert counts == [4, 4, 4]
    ledger.close()


def test_an_intent_is_on_disk_when_its_future_has_a_result(threaded: FileLedger) -> None:
    assert threaded.commit_intent(order("p-1")).result(5) == 1
    assert stored(threaded._writer._file.path, "orders") == 1


def test_intents_and_flushes_wait_for_no_other_rows(tmp_path: Path) -> None:
    ledger = open_ledger(spec_of(tmp_path), policy=msgspec.structs.replace(LEDGER, batch_s=1_000.0))
    ledger.put([order("p-1")])
    ledger.flush()
    ledger.put([order("p-2")])
    assert ledger.commit_intent(order("p-3")).result(20) == 3
    assert ledger.acknowledged == 3
    ledger.close()


def test_calls_from_many_threads_are_each_stored_once(threaded: FileLedger) -> None:
    names = [f"p-{number}" for number in range(400)]
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda name: threaded.put(filled_order(name)), names))
    threaded.flush()
    with open_reader(threaded._writer._file.spec) as reader:
        stored_in_order = [row.client_id for row in reader.rows(OrderRow)]
    called = [name for _, name in sorted(zip(numbers, names, strict=True))]
    assert stored_in_order == called


@pytest.mark.parametrize(
    ("kind", "synchronous"),
    [(FileKind.AUTO, 2), (FileKind.MANUAL, 2), (FileKind.TELEMETRY, 1)],
)
def test_ledgers_are_synced_at_each_commit_and_telemetry_at_checkpoints(
    tmp_path: Path, kind: FileKind, synchronous: int
) -> None:
    opener = open_telemetry if kind is FileKind.TELEMETRY else open_ledger
    opened = opener(spec_of(tmp_path, kind), InlineWorker())
    connection = opened._writer._file.connection
    found = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
    ]
    assert found == ["wal", synchronous, 1, 0]
    opened.close()


def test_nothing_is_lost_when_a_ledger_is_closed(tmp_path: Path) -> None:
    ledger = open_ledger(spec_of(tmp_path))
    for number in range(2_000):
        ledger.put([state("k", str(number))])
    ledger.close()
    assert stored(spec_of(tmp_path).path, "states") == 2_000


def test_nothing_is_lost_when_telemetry_is_closed(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, FileKind.TELEMETRY)
    telemetry = open_telemetry(spec)
    for number in range(2_050):
        telemetry.put([decision(number)])
    telemetry.close()
    assert (stored(spec.path, "decisions"), telemetry.dropped) == (2_050, 0)


def test_closing_twice_is_no_error_and_later_rows_are_refused(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, InlineWorker())
    ledger.close()
    ledger.close()
    with pytest.raises(NotStored, match="closed"):
        ledger.put(filled_order("p-1"))
    with pytest.raises(NotStored, match="closed"):
        ledger.commit_intent(order("p-1")).result(0)


def test_a_call_beyond_the_bound_waits_and_is_refused_after_the_deadline(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker)
    ledger.put(filled_order("p-1"))
    with pytest.raises(NotStored, match="4 rows wait"):
        ledger.put(filled_order("p-2"))
    worker.run()
    ledger.close()
    assert stored(spec_of(tmp_path).path, "orders") == 1


def test_a_call_beyond_the_bound_is_stored_as_soon_as_there_is_room(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker, msgspec.structs.replace(SMALL, deadline_s=40.0))
    ledger.put(filled_order("p-1"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ledger.put, filled_order("p-2"))
        assert not wait([waiting], timeout=0.05).done
        worker.run()
        assert waiting.result(20) == 2
    ledger.close()
    assert stored(spec_of(tmp_path).path, "orders") == 2


def test_a_call_of_more_rows_than_the_bound_is_stored_alone(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, InlineWorker())
    ledger.put([state("k", str(number)) for number in range(9)])
    ledger.flush()
    ledger.close()
    assert stored(spec_of(tmp_path).path, "states") == 9


def test_a_flush_that_takes_too_long_says_so(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker)
    ledger.put([state("k", "1")])
    with pytest.raises(NotStored, match="1 rows wait"):
        ledger.flush()
    ledger.close()


def test_telemetry_without_room_is_dropped_and_counted(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    telemetry = telemetry_of(tmp_path, worker)
    numbers = [telemetry.put([decision(number)]) for number in range(6)]
    assert (numbers, telemetry.dropped) == ([1, 2, 3, 4, 0, 0], 2)
    worker.run()
    assert telemetry.waiting_rows == 0
    telemetry.close()
    assert stored(spec_of(tmp_path, FileKind.TELEMETRY).path, "decisions") == 4


def test_a_batch_of_telemetry_has_at_most_its_rows_unless_one_call_has_more(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    telemetry = telemetry_of(tmp_path, worker, msgspec.structs.replace(SMALL_TELEMETRY, bound=99))
    for first, count in ((0, 2), (2, 2), (4, 1), (5, 5)):
        telemetry.put([decision(first + each) for each in range(count)])
    worker.run()
    connection = telemetry._writer._file.connection
    assert [rows for (rows,) in connection.execute("SELECT rows FROM batches")] == [2, 3, 5]
    telemetry.close()


def test_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    ledger = ledger_of(tmp_path, InlineWorker())
    ledger.put((order("p-1"), fill("p-1")))
    number = ledger.put((order("p-1"), fill("p-1"), fill("p-1", 2), fill("p-1", 2)))
    assert (ledger.acknowledged, ledger.halted_by) == (number, None)
    with open_reader(spec_of(tmp_path)) as reader:
        assert [row.fill_id for row in reader.rows(FillRow)] == ["p-1#1", "p-1#2"]
        assert reader.verify().broken is None
    ledger.close()


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (order("p-1"), order("p-1", addition=True), "orders.client_id"),
        (fill("p-0"), fill("p-0", fee=Money(order("x").mid)), "fills.fill_id"),
        (order_state("p-0", OrderState.FILLED), order_state("p-0", OrderState.APPROVED), "rank"),
        (order("p-1"), order_state("p-1", OrderState.FILLED, "0.016"), "more is filled"),
        (order("p-1"), fill("p-2"), "FOREIGN KEY"),
        (order("p-1"), order("p-2", origin=Origin.MANUAL), "origin"),
        (order("p-1"), order("p-2", quantity=order("x").mid * 10**70), "cannot be a price"),
        (order("p-1"), decision(1), "does not belong"),
        (order("p-1"), order("p-2", market="\ud800"), "surrogates"),
    ],
)
def test_a_row_that_cannot_be_is_fatal_to_a_ledger(
    tmp_path: Path, first: OrderRow, second: OrderStateRow, why: str
) -> None:
    ledger = ledger_of(tmp_path, InlineWorker())
    ledger.put((order("p-0"),))
    number = ledger.put((first,))
    ledger.put((second,))
    with pytest.raises(Fatal, match=why):
        ledger.put([state("k", "1")])
    assert ledger.acknowledged == number
    with pytest.raises(Fatal, match=why):
        ledger.close()


def test_calls_before_one_that_cannot_be_are_stored_and_none_after_it(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker)
    ledger.put([order("p-1")])
    ledger.put([fill("p-9")])
    late = ledger.commit_intent(order("p-2"))
    worker.run()
    with pytest.raises(Fatal, match="FOREIGN KEY"):
        late.result(0)
    assert stored(spec_of(tmp_path).path, "orders") == 1
    with pytest.raises(Fatal):
        ledger.close()


def test_telemetry_drops_a_call_that_cannot_be_and_keeps_the_others(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    telemetry = telemetry_of(tmp_path, worker)
    wrong: DecisionRow = msgspec.structs.replace(decision(2), market="\ud800")
    for row in (decision(1), wrong, decision(3)):
        telemetry.put([row])
    worker.run()
    telemetry.flush()
    assert (telemetry.dropped, telemetry.acknowledged) == (1, 3)
    telemetry.close()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_WRITE])
def test_an_io_error_that_is_no_lack_of_room_ends_a_ledger(tmp_path: Path, code: int) -> None:
    file, connection = faulty_file(spec_of(tmp_path))
    ledger = FileLedger(FileWriter(file, SMALL, InlineWorker()))
    ledger._writer.start()
    ledger.put([order("p-1")])
    connection.code = code
    intent = ledger.commit_intent(order("p-2"))
    connection.code = 0
    with pytest.raises(Fatal, match="cannot be trusted"):
        intent.result(0)
    with pytest.raises(Fatal, match="cannot be trusted"):
        ledger.put([order("p-3")])
    assert "cannot be trusted" in (ledger.halted_by or "")
    with pytest.raises(Fatal):
        ledger.flush()
    with pytest.raises(Fatal):
        ledger.close()
    assert stored(spec_of(tmp_path).path, "orders") == 1


def test_a_full_disk_halts_a_ledger_until_there_is_room_and_no_row_is_lost(tmp_path: Path) -> None:
    worker = InlineWorker()
    file, connection = faulty_file(spec_of(tmp_path))
    ledger = FileLedger(FileWriter(file, msgspec.structs.replace(SMALL, bound=99), worker))
    ledger._writer.start()
    connection.code = sqlite3.SQLITE_FULL
    ledger.put(filled_order("p-1"))
    ledger.put(filled_order("p-2"))
    assert "full" in (ledger.halted_by or "")
    with pytest.raises(NotStored, match="no order may be sent"):
        ledger.commit_intent(order("p-3")).result(0)
    connection.code = 0
    worker.run()
    assert (ledger.halted_by, ledger.acknowledged, ledger.waiting_rows) == (None, 2, 0)
    ledger.close()
    assert stored(spec_of(tmp_path).path, "orders") == 2


def test_an_intent_that_met_a_full_disk_never_appears(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    file, connection = faulty_file(spec_of(tmp_path))
    ledger = FileLedger(FileWriter(file, SMALL, worker))
    ledger._writer.start()
    ledger.put([order("p-1")])
    intent = ledger.commit_intent(order("p-2"))
    connection.code = sqlite3.SQLITE_FULL
    worker.run()
    connection.code = 0
    worker.run()
    ledger.flush()
    with pytest.raises(NotStored):
        intent.result(0)
    assert ledger.acknowledged == 1
    ledger.close()
    assert stored(spec_of(tmp_path).path, "orders") == 1


def test_an_intent_that_nobody_waits_for_any_more_is_still_stored(tmp_path: Path) -> None:
    worker = InlineWorker(held=True)
    ledger = ledger_of(tmp_path, worker)
    intent = ledger.commit_intent(order("p-1"))
    assert not intent.cancel()
    worker.run()
    assert intent.result(0) == 1
    ledger.close()


def test_a_halt_ends_by_itself_when_nothing_waits(tmp_path: Path) -> None:
    worker = InlineWorker()
    file, connection = faulty_file(spec_of(tmp_path))
    ledger = FileLedger(FileWriter(file, SMALL, worker))
    ledger._writer.start()
    connection.code = sqlite3.SQLITE_FULL
    with pytest.raises(NotStored):
        ledger.commit_intent(order("p-1")).result(0)
    assert ledger.halted_by is not None
    connection.code = 0
    worker.run()
    assert ledger.halted_by is None
    ledger.close()


def test_closing_on_a_full_disk_says_how_many_rows_are_lost(tmp_path: Path) -> None:
    file, connection = faulty_file(spec_of(tmp_path))
    ledger = FileLedger(FileWriter(file, SMALL, InlineWorker()))
    ledger._writer.start()
    connection.code = sqlite3.SQLITE_FULL
    ledger.put([order("p-1"), order("p-2")])
    with pytest.raises(NotStored, match="2 rows are lost"):
        ledger.close()


def test_telemetry_drops_with_a_count_on_a_full_disk_and_goes_on(tmp_path: Path) -> None:
    file, connection = faulty_file(spec_of(tmp_path, FileKind.TELEMETRY))
    telemetry = FileTelemetry(FileWriter(file, SMALL_TELEMETRY, InlineWorker()))
    telemetry._writer.start()
    connection.code = sqlite3.SQLITE_FULL
    telemetry.put([decision(1), decision(2)])
    connection.code = 0
    telemetry.put([decision(3)])
    assert (telemetry.dropped, telemetry.acknowledged) == (2, 2)
    telemetry.close()


def test_telemetry_that_cannot_be_trusted_only_counts(tmp_path: Path) -> None:
    file, connection = faulty_file(spec_of(tmp_path, FileKind.TELEMETRY))
    telemetry = FileTelemetry(FileWriter(file, SMALL_TELEMETRY, InlineWorker()))
    telemetry._writer.start()
    connection.code = sqlite3.SQLITE_IOERR_FSYNC
    telemetry.put([decision(1), decision(2)])
    assert telemetry.put([decision(3)]) == 0
    telemetry.flush()
    assert telemetry.dropped == 3
    telemetry.close()


def test_a_file_locked_by_another_process_halts_the_ledger_until_it_lets_go(tmp_path: Path) -> None:
    worker = InlineWorker()
    ledger = ledger_of(tmp_path, worker)
    ledger._writer._file.connection.execute("PRAGMA busy_timeout = 0").fetchall()
    hostile = sqlite3.connect(spec_of(tmp_path).path, isolation_level=None)
    hostile.execute("BEGIN IMMEDIATE")
    ledger.put([order("p-1")])
    assert "locked" in (ledger.halted_by or "")
    hostile.execute("ROLLBACK")
    hostile.close()
    worker.run()
    assert (ledger.halted_by, ledger.acknowledged) == (None, 1)
    ledger.close()


def test_the_log_is_brought_into_the_file_before_it_grows_long(tmp_path: Path) -> None:
    policy = msgspec.structs.replace(LEDGER, batch_rows=100)
    ledger = open_ledger(spec_of(tmp_path), policy=policy)
    for number in range(20_000):
        ledger.put([state(f"key {number % 50}", "x" * 100)])
    ledger.flush()
    assert spec_of(tmp_path).path.stat().st_size > 2_000_000
    assert ledger.wal_bytes < 16_000_000
    ledger.close()
    assert not spec_of(tmp_path).path.with_name("auto.db-wal").exists()


def test_a_long_log_is_emptied_when_nothing_happens(tmp_path: Path) -> None:
    worker = InlineWorker()
    policy = msgspec.structs.replace(LEDGER, idle_s=0.0)
    ledger = ledger_of(tmp_path, worker, policy)
    ledger.put([state("k", "x" * 5_000_000)])
    worker.run()
    assert ledger.wal_bytes == 0
    ledger.close()
