"""An engine that is killed: `python engine_children.py HOME` forks for each plan that it reads.

Everything is imported and compiled before the first fork, and no thread of Python exists by then: a
run costs what the engine costs. The points at which a run kills itself lie in the ports that it
hands to the engine; production code knows nothing of them.
"""

import asyncio
import itertools
import mmap
import os
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

import agent.service.engine
import db.recording.segment_files
import db.writer
from agent.replay.warm_up import warm_up
from agent.service.engine import Engine
from agent.service.recovery import EPOCH, recover, specs_of
from agent.service.served import Account, Keeping
from config.settings import load_settings
from db.ledgers import FileLedger, FileTelemetry, open_ledger, open_telemetry
from db.recording.blocks import BlockWriter
from db.recording.worker import ThreadWorker
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.enums import FileKind, Side, TradingState
from domain.events import Command, Event, LockSet, ManualOrder, Release
from domain.ledger import (
    CommandRow,
    FillRow,
    LedgerRow,
    OrderRow,
    StateRow,
    TelemetryRow,
    TradeRow,
)
from domain.units import SECOND_NS, Lots, Ticks, TsNs
from engine_cases import MINT, account, served, spec, walk
from trading_cases import COIN

DAY_NS: Final = 86_400 * SECOND_NS
FIRST_NS: Final = 20_000 * DAY_NS - 40 * SECOND_NS  # each run begins shortly before a day's roll
# What a kill cannot reach: whether a position is open, steps made, and telemetry: rows put, rows of
# calls that were acknowledged, rows of the last call.
SHARED: Final = struct.Struct("=5q")
AT_RISK: Final = 200  # rows of telemetry that wait before more are put: as many as a batch has
BACKLOG: Final = 400  # the same of a ledger, so that kills find it near what the engine knows

BEFORE_INTENT = "before an intent is put"
INTENT_PUT = "after an intent was put"
INTENT_STORED = "after an intent was stored"
MID_BATCH = "inside a transaction"
BEFORE_COMMIT = "before a commit"
MID_BOOKING = "a fill by hand is booked, the account not yet"
MANUAL_LAGS = "the account is booked, a fill by hand not yet"
CHECKPOINT = "in a checkpoint"
TORN_BLOCK = "in a block of the recording"
BEFORE_ROLL = "before a segment ends"
BETWEEN_SEGMENTS = "between two segments"
TORN_SEGMENT = "in the beginning of a segment"
EPOCH_PUT = "recovery: the run's number was put"
EPOCH_STORED = "recovery: the run's number was stored"
TORN_START = "recovery: in the first segment's header"
BEGINNING = "recovery: the recording was opened"
BEGUN = "recovery: before the first batch"
CLOSE_RECORDING = "close: before the recording's end"
CLOSE_MANUAL = "close: before the ledger by hand"
CLOSE_AUTO = "close: before the last ledger"
RANDOM = "at random"
GRACEFUL = "not at all"
IN_RECOVERY: Final = (EPOCH_PUT, EPOCH_STORED, TORN_START, BEGINNING, BEGUN)
IN_CLOSE: Final = (CLOSE_RECORDING, CLOSE_MANUAL, CLOSE_AUTO)
WHILE_RUNNING: Final = (
    BEFORE_INTENT, INTENT_PUT, INTENT_STORED, MID_BATCH, BEFORE_COMMIT, MID_BOOKING, MANUAL_LAGS,
    CHECKPOINT, TORN_BLOCK, BEFORE_ROLL, BETWEEN_SEGMENTS, TORN_SEGMENT,
)  # fmt: skip
POINTS: Final = (*WHILE_RUNNING, *IN_RECOVERY, *IN_CLOSE)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run: where it ends, how many steps it makes at least, and what persons do meanwhile."""

    number: int
    point: str
    steps: int
    seed: int = 0
    orders: tuple[str, ...] = ()  # "halt", "resume", "pause", "lock", "release"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A line that a run leaves: names of a ledger's rows on disk, or what it asks for or has."""

    file: str
    names: tuple[str, ...] = ()
    rows: int = 0


def killed() -> None:
    """Nothing of this process runs after this."""
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


def name_of(row: LedgerRow) -> str | None:
    """What a row is found by, of those that the test looks for."""
    match row:
        case OrderRow():
            return f"order {row.client_id}"
        case FillRow():
            return f"fill {row.fill_id}"
        case TradeRow():
            return f"trade {row.trade_id}"
        case CommandRow():
            return f"command {row.time_ns} {row.command} {row.detail}"
        case _:
            return None


class Book:
    """What a run says of itself: lines in a file, and numbers in shared memory: both outlive it."""

    def __init__(self, home: Path, plan: Plan) -> None:
        self.plan = plan
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._lines = os.open(home / f"told-{plan.number}", flags, 0o600)
        with (home / "shared").open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SHARED.size)
        self.numbers = [0, 0, 0, 0, 0]
        self.armed = False

    def say(self, told: Told) -> None:
        os.write(self._lines, msgspec.json.encode(told) + b"\n")

    def share(self) -> None:
        SHARED.pack_into(self._shared, 0, *self.numbers)

    def at(self, *points: str) -> bool:
        """Whether the run is to end here."""
        return self.plan.point in points and (self.armed or self.plan.point in IN_RECOVERY)


class ToldLedger:
    """A ledger that says what of it is on disk for good."""

    def __init__(self, name: str, inner: FileLedger, book: Book) -> None:
        self._name = name
        self._inner = inner
        self._book = book
        self._waiting: list[tuple[int, tuple[str, ...]]] = []
        self.rows_put = 0
        self.held: list[Sequence[LedgerRow]] = []
        inner._writer._file.connection.set_trace_callback(self._statement)

    @property
    def acknowledged(self) -> int:
        return self._inner.acknowledged

    @property
    def halted_by(self) -> str | None:
        return self._inner.halted_by

    @property
    def waiting_rows(self) -> int:
        return self._inner.waiting_rows

    def put(self, rows: Sequence[LedgerRow]) -> int:
        book, auto = self._book, self._name == "auto"
        intent = any(isinstance(row, OrderRow) and row.refused is None for row in rows)
        filled = any(isinstance(row, FillRow) for row in rows)
        numbered = any(isinstance(row, StateRow) and row.key == EPOCH for row in rows)
        while self._inner.waiting_rows > BACKLOG:
            time.sleep(0.0002)
        if intent and book.at(BEFORE_INTENT):
            killed()
        # All that comes after it lags too: a state must not overtake the fill that led to it.
        if self.held or (filled and not auto and book.at(MANUAL_LAGS)):
            self.held.append(rows)
            return 0
        number = self._inner.put(rows)
        self.rows_put += len(rows)
        names = tuple(name for row in rows if (name := name_of(row)) is not None)
        if names:
            self._waiting.append((number, names))
        if intent and book.at(INTENT_STORED):
            self._inner.flush()
            killed()
        if (intent and book.at(INTENT_PUT)) or (numbered and book.at(EPOCH_PUT)):
            killed()
        if filled and not auto and book.at(MID_BOOKING):
            self._inner.flush()
            killed()
        return number

    def commit_intent(self, row: OrderRow) -> Future[int]:
        raise AssertionError("on paper nothing is sent")

    def flush(self) -> None:
        self._inner.flush()
        if self._book.at(EPOCH_STORED):
            killed()

    def close(self) -> None:
        if self._book.at(CLOSE_AUTO if self._name == "auto" else CLOSE_MANUAL):
            killed()
        self._inner.close()

    def tell(self) -> None:
        """Say what was acknowledged since the last time."""
        acknowledged, told = self._inner.acknowledged, list[str]()
        while self._waiting and self._waiting[0][0] <= acknowledged:
            told += self._waiting.pop(0)[1]
        if told:
            self._book.say(Told(file=self._name, names=tuple(told)))

    def _statement(self, text: str) -> None:
        """Every statement of the writer's thread, before it runs."""
        book = self._book
        if self._name != "auto":
            return
        commits = text.startswith("COMMIT") and book.at(BEFORE_COMMIT)
        if commits or (text.startswith('INSERT INTO "states"') and book.at(MID_BATCH)):
            killed()
        if "wal_checkpoint" in text and book.at(CHECKPOINT):
            threading.Timer(0.0005, killed).start()


class ToldTelemetry:
    """Telemetry with a count of what was put and what is in the file; its writer keeps up."""

    def __init__(self, inner: FileTelemetry, book: Book) -> None:
        self._inner = inner
        self._book = book
        self._waiting: list[tuple[int, int]] = []
        self.rows_put = 0

    @property
    def dropped(self) -> int:
        return self._inner.dropped

    def put(self, rows: Sequence[TelemetryRow]) -> int:
        numbers = self._book.numbers
        while self._inner.waiting_rows >= AT_RISK:
            time.sleep(0.0002)
        acknowledged = self._inner.acknowledged
        while self._waiting and self._waiting[0][0] <= acknowledged:
            numbers[3] += self._waiting.pop(0)[1]
        numbers[2] += len(rows)
        numbers[4] = len(rows)
        self._book.share()
        number = self._inner.put(rows)
        self.rows_put += len(rows)
        self._waiting.append((number, len(rows)))
        return number

    def flush(self) -> None:
        self._inner.flush()

    def close(self) -> None:
        self._inner.close()


class KilledWriter(BlockWriter):
    """Stops in the middle of a block."""

    book: Book

    def __init__(self, path: Path) -> None:
        self._first = path.suffix == ".inputs"
        self._inputs = self._first
        super().__init__(path)

    def _put(self, data: bytes) -> None:
        book = self.book
        torn = self._inputs and book.at(TORN_BLOCK) and not self._first
        header = self._first and len(data) > 100 and book.at(TORN_SEGMENT, TORN_START)
        self._first = self._first and len(data) <= 100
        if torn or header:
            os.write(self._file, data[: len(data) // 2])
            killed()
        super()._put(data)


class KilledWorker(ThreadWorker):
    """Stops before a segment ends, or after."""

    def __init__(self, book: Book) -> None:
        self._book = book
        super().__init__("recording")

    def submit(self, job: Callable[[], None]) -> None:
        ends = getattr(getattr(job, "func", job), "__name__", "") == "close"

        def work() -> None:
            if ends and self._book.at(BEFORE_ROLL, CLOSE_RECORDING):
                killed()
            job()
            if ends and self._book.at(BETWEEN_SEGMENTS):
                killed()

        super().submit(work)


class Recording(RecordingWriter):
    """Stops at the first event that it is given."""

    book: Book

    def put_event(self, seq: int, event: Event) -> None:
        if self.book.at(BEGINNING):
            killed()
        super().put_event(seq, event)


class DrivenClock:
    """As fast as it is driven; a microsecond passes at each look, so that no two are the same."""

    def __init__(self, start_ns: int) -> None:
        self._start_ns = start_ns
        self.passed_ns = SECOND_NS

    def now_ns(self) -> TsNs:
        return TsNs(self._start_ns + self.passed_ns)

    def monotonic_ns(self) -> int:
        self.passed_ns += 1_000
        return self.passed_ns

    async def sleep_until_monotonic(self, ns: int) -> None:
        raise AssertionError("nothing in here sleeps")


def the_account() -> Account:
    """Two markets, each by `probe` and by hand; nothing of a day's length stops them."""
    settings = load_settings()
    limits = msgspec.structs.replace(settings.limits, max_daily_loss=1e6, max_drawdown=1e7)
    return account(*served(COIN, MINT), settings=msgspec.structs.replace(settings, limits=limits))


class Run:
    """One engine, from its recovery to its end."""

    def __init__(self, home: Path, plan: Plan, feed: Sequence[Rows]) -> None:
        self._home = home
        self._plan = plan
        self._book = Book(home, plan)
        self._feed = feed
        self._chance = np.random.default_rng((plan.seed, plan.number))
        self._clock = DrivenClock(FIRST_NS + plan.number * DAY_NS)
        self._at = 0

    def begin(self) -> Engine:
        book, specs = self._book, specs_of(spec(self._home))
        KilledWriter.book = Recording.book = book
        recording = Recording(KilledWorker(book), fsync=False)
        self.auto = ToldLedger("auto", open_ledger(specs[FileKind.AUTO]), book)
        self.manual = ToldLedger("manual", open_ledger(specs[FileKind.MANUAL]), book)
        self.telemetry = ToldTelemetry(open_telemetry(specs[FileKind.TELEMETRY]), book)
        folder = spec(self._home).folder / "recordings"
        keeping = Keeping(self.auto, self.manual, self.telemetry, recording, folder)
        of = the_account()
        engine = Engine(of, keeping, self._clock)
        engine.begin(recover(keeping, specs, of.served, int(self._clock.now_ns())))
        if book.at(BEGUN):
            killed()
        return engine

    async def run(self) -> None:
        engine, stop = self.begin(), asyncio.Event()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(engine.run(stop), name="engine")
            for step in itertools.count():
                await self._step(engine, step)
                if self._book.armed and self._plan.point in (GRACEFUL, *IN_CLOSE):
                    break
                if self._book.armed and self.manual.held:
                    self.auto.flush()
                    killed()
            stop.set()
            await running
        engine.close()
        self.auto.tell()
        self.manual.tell()
        for name, file in (("auto", self.auto), ("manual", self.manual)):
            self._book.say(Told(file=f"{name} rows", rows=file.rows_put))
        self._book.say(Told(file="telemetry rows", rows=self.telemetry.rows_put))

    async def _step(self, engine: Engine, step: int) -> None:
        """Some ticks, what persons do, and a word about it all."""
        for _ in range(self._chance.integers(1, 6)):
            self._clock.passed_ns += int(self._chance.exponential(0.1) * SECOND_NS)
            which = int(self._chance.integers(2))
            tick = self._feed[which][self._at : self._at + 1].copy()
            tick["market"], tick["recv_ns"] = which, engine.time.now_ns()
            tick["ts_ns"] = tick["recv_ns"]
            engine.ring.put(tick)
            self._at = (self._at + 1) % len(self._feed[which])
        for event in self._by_persons(engine, step):
            self._book.say(Told(file="asked", names=(type(event).__name__, _json(event))))
            await engine.sequencer.submit(event)
        while engine.sequencer.waiting:  # noqa: ASYNC110 nobody sets an event
            await asyncio.sleep(0)
        book, held = self._book, bool((engine.book.rows["position_lots"] > 0).any())
        book.numbers[0], book.numbers[1] = held, step
        book.share()
        self.auto.tell()
        self.manual.tell()
        book.armed = step >= self._plan.steps and (held or step > self._plan.steps + 2_000)
        if step > self._plan.steps + 6_000:
            killed()  # this run does not come by the point that was planned

    def _by_persons(self, engine: Engine, step: int) -> list[Event]:
        orders, at = self._plan.orders, TsNs(0)
        found: list[Event] = []
        if step == 20 and "resume" in orders:
            found.append(Command(event_ns=at, state=TradingState.ACTIVE, reason="go on"))
        if step == 25 and "release" in orders:
            found.append(Release(event_ns=at, market="MINT", reason="looked at it"))
        if step == 30 and "lock" in orders:
            found.append(LockSet(event_ns=at, market="MINT", until_ns=None, reason="news"))
        if step in (40, 60) and "pause" in orders:
            state = TradingState.REDUCING if step == 40 else TradingState.ACTIVE
            found.append(Command(event_ns=at, state=state, reason="pause"))
        if step == 50 and "halt" in orders:
            found.append(Command(event_ns=at, state=TradingState.HALTED, reason="stop it"))
        name, row = ("COIN", 0) if step % 2 else ("MINT", 2)
        flat = not (engine.book.rows["position_lots"][row : row + 2] > 0).any()
        idle = not engine.book.rows["orders"]["active"][row : row + 2].any()
        if step % 5 == 4 and flat and idle:
            found.append(self._by_hand(engine, name, row))
        return found

    def _by_hand(self, engine: Engine, name: str, row: int) -> ManualOrder:
        side = Side.LONG if self._chance.random() < 0.5 else Side.SHORT
        rests = bool(self._chance.random() < 0.2)
        own = "bid_ticks" if side is Side.LONG else "ask_ticks"
        limit = Ticks(int(engine.book.features[row][own])) if rests else None
        stop, target = int(self._chance.integers(4, 20)), int(self._chance.integers(0, 12))
        return ManualOrder(
            event_ns=TsNs(0), instrument=name, side=side, lots=Lots(10), limit=limit,
            stop=stop, target=target, rests=rests and limit is not None and limit > 0,
        )  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _end(home: Path, plan: Plan, feed: Sequence[Rows]) -> None:
    """The whole life of a forked process."""
    code = 1
    try:
        # A log of some pages is brought into the file in every run, not only in long ones.
        db.writer._CHECKPOINT_PAGES = 100  # type: ignore[misc] # a run is short
        agent.service.engine.SEGMENT_BYTES = 100_000  # type: ignore[misc] # as above
        patched: Any = db.recording.segment_files
        patched.BlockWriter = KilledWriter
        asyncio.run(Run(home, plan, feed).run())
        code = 0
    except BaseException:  # noqa: BLE001 the parent sees it in the code, a person on stderr
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def main(home: Path) -> None:
    """Fork for each line; say the process's number at once, and how it ended when it has."""
    warm_up(load_settings())
    feed = [walk(seed, 4_000) for seed in (1, 2)]
    the_account()
    assert threading.active_count() == 1
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        plan = msgspec.json.decode(line, type=Plan)
        process = os.fork()
        if process == 0:
            _end(home, plan, feed)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
