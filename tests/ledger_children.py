"""Processes that tests start and kill: `python ledger_children.py JOB HOME [NUMBER]`."""

import json
import mmap
import os
import resource
import signal
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

import db.connections
from db.ledgers import FileLedger, FileTelemetry, open_ledger, open_telemetry
from db.migrations import MIGRATIONS, Migration
from db.writer import LEDGER
from domain.enums import FileKind
from domain.errors import NotStored
from ledger_samples import decision, filled_order, order, spec_of, state

# What a killed process said last: orders announced and acknowledged, decisions likewise.
PROGRESS = struct.Struct("=4q")
# Decisions that are put before one is stored: as many as a batch has.
AT_RISK = 200


def say(line: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def write_at_speed(home: Path, run: str) -> None:
    """Put orders and decisions without end, and keep account where a kill cannot reach it."""
    ledger = open_ledger(spec_of(home))
    telemetry = open_telemetry(spec_of(home, FileKind.TELEMETRY))
    with (home / "progress").open("r+b") as file:
        shared = mmap.mmap(file.fileno(), PROGRESS.size)
    number = 0
    while True:
        number += 1
        while telemetry.waiting_rows >= AT_RISK:
            time.sleep(0.0001)
        # What is acknowledged is read before what comes next is announced.
        PROGRESS.pack_into(shared, 0, number, ledger.acknowledged, number, telemetry.acknowledged)
        ledger.put(filled_order(f"{run}-{number}"))
        telemetry.put([decision(number, market=run)])


def fill_the_disk(home: Path, _: str) -> None:
    """Meet a limit of file size with a ledger, get room again, and tell what happened."""
    policy = msgspec.structs.replace(LEDGER, retry_s=0.02, deadline_s=20.0)
    ledger = open_ledger(spec_of(home), policy=policy)
    ledger.put(filled_order("p-0"))
    ledger.flush()
    limit_files(ledger.wal_bytes + 40_000)
    put = 1
    while ledger.halted_by is None:
        ledger.put(filled_order(f"p-{put}"))
        put += 1
        time.sleep(0.0005)
    halted = ledger.halted_by
    refused = _refused(ledger)
    waiting = ledger.waiting_rows
    limit_files(resource.RLIM_INFINITY)
    ledger.flush()
    after = ledger.halted_by
    ledger.commit_intent(order("later")).result(20)
    ledger.close()
    told = {"put": put, "halted": halted, "after": after, "refused": refused, "waiting": waiting}
    say(json.dumps(told))


def _refused(ledger: FileLedger) -> str:
    try:
        ledger.commit_intent(order("never")).result(20)
    except NotStored as error:
        return str(error)
    return ""


def fill_the_disk_of_telemetry(home: Path, _: str) -> None:
    """The same with telemetry, which never waits."""
    telemetry: FileTelemetry = open_telemetry(spec_of(home, FileKind.TELEMETRY))
    limit_files(telemetry.wal_bytes + 40_000)
    put = 0
    while telemetry.dropped == 0:
        telemetry.put([decision(put)])
        put += 1
        time.sleep(0.0001)
    limit_files(resource.RLIM_INFINITY)
    telemetry.flush()
    telemetry.put([decision(put)])
    telemetry.close()
    say(json.dumps({"put": put + 1, "dropped": telemetry.dropped}))


def close_on_a_full_disk(home: Path, _: str) -> None:
    """The end comes while there is no room."""
    ledger = open_ledger(spec_of(home), policy=msgspec.structs.replace(LEDGER, retry_s=0.02))
    ledger.put(filled_order("p-0"))
    ledger.flush()
    limit_files(ledger.wal_bytes)
    ledger.put(filled_order("p-1"))
    try:
        ledger.close()
    except NotStored as error:
        say(json.dumps({"lost": str(error)}))


def limit_files(size: int) -> None:
    """No file of this process may become longer."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def open_and_die(home: Path, statement: str) -> None:
    """Open a ledger, with a migration to take, and be killed before the n-th statement."""
    left = int(statement)

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    connect = db.connections.connect

    def connect_and_count(uri: str) -> sqlite3.Connection:
        connection = connect(uri)
        connection.set_trace_callback(count)
        return connection

    db.connections.connect = connect_and_count
    db.connections.open_file(spec_of(home), migrations=(*MIGRATIONS, Migration(2, add_table)))
    say("survived")


def add_table(connection: sqlite3.Connection, kind: FileKind) -> None:
    """A second schema."""
    connection.execute("ALTER TABLE fills ADD COLUMN venue TEXT NOT NULL DEFAULT ''")
    connection.execute("CREATE TABLE venues (seq INTEGER PRIMARY KEY, batch INTEGER) STRICT")
    connection.execute("UPDATE identity SET account = account WHERE 0")


def hold(home: Path, _: str) -> None:
    """Write a ledger until killed."""
    ledger = open_ledger(spec_of(home))
    ledger.put([state("k", "1")])
    ledger.flush()
    say(str(os.getpid()))
    time.sleep(600)


JOBS: Iterable[Callable[[Path, str], None]] = (
    write_at_speed, fill_the_disk, fill_the_disk_of_telemetry, close_on_a_full_disk, open_and_die,
    hold,
)  # fmt: skip

if __name__ == "__main__":
    jobs = {job.__name__: job for job in JOBS}
    jobs[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
