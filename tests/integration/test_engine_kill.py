"""Kill -9 of an engine that folds at speed: what holds of its files afterwards, each time anew.

One folder is killed again and again, so that each run recovers what the one before it left. The
checks are made on a copy, with the log that the kill left: the next run meets it as it was.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Final

import msgspec
import pytest

from agent.replay.warm_up import warm_up
from agent.service.kept import Kept
from agent.service.recovery import EPOCH, Recovered, recover, specs_of
from agent.service.served import Keeping
from config.settings import load_settings
from db.connections import open_file
from db.ledgers import open_ledger, open_telemetry
from db.recording.writer import RecordingWriter
from domain.enums import FileKind, TradingState
from domain.portfolio import MarketMoney
from engine_cases import spec
from engine_checks import (
    Ledger,
    check_began,
    check_files,
    check_money,
    check_orders,
    check_positions,
    check_recording,
    check_refold,
    check_told,
    refold_run,
)
from engine_children import (
    AT_RISK,
    BEGUN,
    DAY_NS,
    FIRST_NS,
    GRACEFUL,
    IN_RECOVERY,
    POINTS,
    RANDOM,
    SHARED,
    TORN_START,
    Plan,
    Told,
    the_account,
)
from ledger_samples import InlineWorker as InlineLedgerWorker
from recording_samples import InlineWorker
from source_tree import ROOT

KINDS: Final = (FileKind.AUTO, FileKind.MANUAL, FileKind.TELEMETRY)


class Engines:
    """Runs engines in forked processes of one process that is warm."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._chance = random.Random(1)  # noqa: S311 - points in time
        (home / "shared").write_bytes(bytes(SHARED.size))
        environment = os.environ | {
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self._parent = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "engine_children.py"), str(home)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def run(self, plan: Plan) -> int:
        """Let one live, and say how it ended."""
        (self.home / "shared").write_bytes(bytes(SHARED.size))
        assert self._parent.stdin is not None
        self._parent.stdin.write(f"{msgspec.json.encode(plan).decode()}\n")
        self._parent.stdin.flush()
        process = int(self._line())
        if plan.point == RANDOM:
            self._kill(process, plan)
        return int(self._line())

    def shared(self) -> tuple[int, ...]:
        return SHARED.unpack((self.home / "shared").read_bytes())

    def end(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(60)
        self._parent.stdout.close()

    def _kill(self, process: int, plan: Plan) -> None:
        """Some steps after it has begun, if possible while a position is open.

        Steps and no time: a busy machine must not kill a run before its orders were given.
        """
        first = 100 if plan.orders else 1
        step = self._chance.randrange(first, first + 300)
        until = time.monotonic() + 60.0
        while self.shared()[1] < step and time.monotonic() < until:
            time.sleep(0.0005)
        while not self.shared()[0] and self.shared()[1] < step + 300 and time.monotonic() < until:
            time.sleep(0.0005)
        os.kill(process, signal.SIGKILL)

    def _line(self) -> str:
        assert self._parent.stdout is not None
        return self._parent.stdout.readline().strip()


class Copy:
    """The ledgers that a kill left, copied with their logs and opened as the next run would."""

    def __init__(self, home: Path, to: Path) -> None:
        self.specs = specs_of(spec(to))
        shutil.rmtree(to, ignore_errors=True)
        spec(to).folder.mkdir(parents=True)
        for kind in KINDS:
            for ending in ("", "-wal"):
                part = spec(home).folder / f"{kind.word}.db{ending}"
                if part.exists():
                    shutil.copy(part, spec(to).folder / part.name)
        for kind in KINDS:
            open_file(self.specs[kind]).close()
        self.auto, self.manual, self.telemetry = (Ledger(self.specs[kind].path) for kind in KINDS)
        self.stored = tuple(each.rows() for each in (self.auto, self.manual, self.telemetry))

    @property
    def epoch(self) -> int:
        found = self.auto.all(f"SELECT max(CAST(value AS INT)) FROM states WHERE key = '{EPOCH}'")  # noqa: S608
        return int(found[0][0] or 0)

    def recover(self) -> Recovered:
        """As a start would."""
        workers = InlineLedgerWorker
        keeping = Keeping(
            auto=open_ledger(self.specs[FileKind.AUTO], workers()),
            manual=open_ledger(self.specs[FileKind.MANUAL], workers()),
            telemetry=open_telemetry(self.specs[FileKind.TELEMETRY], workers()),
            recording=RecordingWriter(InlineWorker(), fsync=False),
            folder=spec(self.specs[FileKind.AUTO].home).folder / "recordings",
        )
        try:
            return recover(keeping, self.specs, the_account().served, FIRST_NS + 10_000 * DAY_NS)
        finally:
            keeping.telemetry.close()
            keeping.manual.close()
            keeping.auto.close()

    def close(self) -> None:
        for each in (self.auto, self.manual, self.telemetry):
            each.close()


class Checks:
    """Remembers what must survive from one run to the next, and counts."""

    def __init__(self, engines: Engines, scratch: Path) -> None:
        self._engines = engines
        self._scratch = scratch
        self._stored: tuple[int, ...] = (0, 0, 0)
        self._epoch = 0
        self._halted: bool | None = False
        self._locked: bool | None = False
        self.kept: Kept | None = None
        self.counts: Counter[str] = Counter()
        self.points: Counter[str] = Counter()

    @property
    def halted(self) -> bool:
        """The account may have to be resumed."""
        return self._halted is not False

    @property
    def locked(self) -> bool:
        return self._locked is not False

    def after(self, plan: Plan, code: int) -> None:
        """Everything that must hold after a run has ended, however it has."""
        assert code == (0 if plan.point == GRACEFUL else -signal.SIGKILL), plan
        copy = Copy(self._engines.home, self._scratch)
        told, epoch = self._told(plan), copy.epoch
        first, again = copy.recover(), copy.recover()
        assert repr(again.kept) == repr(first.kept)  # I26; NaN equals nothing but in words
        assert again.epoch == first.epoch + 1 == epoch + 2
        check_files(copy.auto, copy.manual, copy.telemetry)
        check_orders(copy.auto, copy.manual)
        for name, ledger in (("auto", copy.auto), ("manual", copy.manual)):
            names = [each for line in told if line.file == name for each in line.names]
            check_told(ledger, names)
            self.counts["rows told and found"] += len(names)
        self._check_telemetry(plan, copy, told)
        if first.kept is not None:
            check_positions(copy.auto, copy.manual, first.kept)
            check_money(copy.auto, copy.manual, first.kept)
            self._check_latches(plan, told, first.kept, copy)
            self._check_recovery(plan, first.kept)
            if epoch != self._epoch:
                self._check_recording(plan, copy, first.kept, epoch)
        self._count(plan, first.kept)
        self.kept, self._stored, self._epoch = first.kept, copy.stored, epoch
        copy.close()

    def _told(self, plan: Plan) -> list[Told]:
        lines = (self._engines.home / f"told-{plan.number}").read_text().splitlines()
        return [msgspec.json.decode(line, type=Told) for line in lines]

    def _check_telemetry(self, plan: Plan, copy: Copy, told: list[Told]) -> None:
        """[I23, I24] All is there after an end; after a kill at most one batch is not."""
        new = [now - then for now, then in zip(copy.stored, self._stored, strict=True)]
        if plan.point == GRACEFUL:
            rows = {line.file: line.rows for line in told if line.rows}
            assert rows == dict(
                zip(("auto rows", "manual rows", "telemetry rows"), new, strict=True)
            )
            self.counts["rows of a graceful end"] += sum(new)
        _, _, put, acknowledged, latest = self._engines.shared()
        assert acknowledged <= new[2] <= put
        assert put - new[2] < AT_RISK + latest
        self.counts["rows of telemetry lost"] += put - new[2]

    def _check_latches(self, plan: Plan, told: list[Told], kept: Kept, copy: Copy) -> None:
        """[I19] A halt and a lock stay until they are asked to end."""
        started_halted = self._halted
        for line in told:
            for text in line.names:
                if line.file == "asked":
                    both = '"state":0' in text or '"state":2' in text  # not known until it is told
                    self._halted = None if both else self._halted
                    self._locked = None if text in ("LockSet", "Release") else self._locked
                elif text.startswith("command"):
                    self._halted = True if " halt " in text else self._halted
                    self._locked = True if " lock " in text else self._locked
                    self._halted = False if " resume " in text else self._halted
                    self._locked = False if " release " in text else self._locked
        state = TradingState(kept.durable.account.numbers["trading_state"])
        locks = [each.market for each in kept.durable.risk.locks]
        if self._halted is not None:
            assert (state is TradingState.HALTED) == self._halted
        if self._locked is not None:
            assert ("MINT" in locks) == self._locked
        if started_halted and self._halted:
            since_ns = FIRST_NS + plan.number * DAY_NS
            assert copy.auto.entries_since(since_ns) == copy.manual.entries_since(since_ns) == 0
            self.counts["runs that stayed halted"] += 1
        self.counts["runs with a lock by hand"] += self._locked is True

    def _check_recovery(self, plan: Plan, kept: Kept) -> None:
        """[I26] A recovery that was killed has changed nothing."""
        if plan.point not in IN_RECOVERY or self.kept is None:
            return
        if plan.point == TORN_START:  # of the recording's thread: the run may trade before it comes
            return
        if plan.point == BEGUN:
            assert _money(kept) == _money(self.kept)
        else:
            assert repr(kept) == repr(self.kept)

    def _check_recording(self, plan: Plan, copy: Copy, kept: Kept, epoch: int) -> None:
        folder = spec(self._engines.home).folder / "recordings"
        self.counts["outputs verified"] += check_recording(folder, epoch)
        newest = [copy.auto.newest_state_ns(), copy.manual.newest_state_ns()]
        refold = refold_run(folder, epoch, newest)
        since_ns = FIRST_NS + plan.number * DAY_NS
        if refold.began is not None and self.kept is not None:
            check_began(refold.began, self.kept)
            self.counts["runs that began with what was kept"] += 1
        same = check_refold(copy.auto, copy.manual, kept, refold, since_ns)
        self.counts["states equal to the refolded"] += same
        self.counts["trades refolded"] += len(refold.trades)
        self.counts["segments"] += refold.segments

    def _count(self, plan: Plan, kept: Kept | None) -> None:
        if plan.point == GRACEFUL:
            self.counts["graceful ends"] += 1
            return
        held = kept is not None and any(each.money.open for each in kept.durable.markets)
        self.counts["kills"] += 1
        self.counts["kills with a position open"] += held
        self.points[plan.point] += 1


def _money(kept: Kept) -> dict[str, MarketMoney]:
    return {each.market: each.money for each in kept.durable.markets}


@contextmanager
def engines(home: Path) -> Iterator[Engines]:
    """Running ones."""
    found = Engines(home)
    try:
        yield found
    finally:
        found.end()


def plans(checks: Checks, kills: int, seed: int) -> Iterator[Plan]:
    """Runs one after the other, every seventh with an end of its own."""
    chance, points, number, done = random.Random(seed), list(POINTS), 0, 0  # noqa: S311 - an order
    chance.shuffle(points)
    in_turn = cycle(points)
    while done < kills:
        number += 1
        halts = number % 10 in (3, 4)
        if halts or (done > 25 and done % 3 == 0):
            point = RANDOM
        else:
            point = GRACEFUL if number % 7 == 0 else next(in_turn)
        done += point != GRACEFUL
        orders = ["halt"] if number % 10 == 3 else ["pause"] if number % 10 == 9 else []
        orders += ["resume"] if checks.halted and not halts else []
        orders += ["lock"] if number % 5 == 1 else ["release"] if checks.locked else []
        steps = chance.randrange(100, 300)
        yield Plan(number=number, point=point, steps=steps, seed=seed, orders=tuple(orders))


def kill_often(home: Path, kills: int, seed: int) -> Checks:
    """Kill the engines of a folder, and check its files after each."""
    warm_up(load_settings())
    with engines(home) as running:
        checks = Checks(running, home / "copy")
        for plan in plans(checks, kills, seed):
            checks.after(plan, running.run(plan))
    for name, count in [*checks.counts.items(), *checks.points.items()]:
        sys.stdout.write(f"{count:9,} {name}\n")
    return checks


def test_an_engine_survives_twenty_kills(tmp_path: Path) -> None:
    checks = kill_often(tmp_path, 20, seed=1)
    assert checks.counts["kills"] == 20
    assert checks.counts["kills with a position open"] >= 10
    assert checks.counts["runs that stayed halted"] >= 1
    assert checks.counts["runs with a lock by hand"] >= 1
    assert checks.counts["states equal to the refolded"] >= 5
    assert checks.counts["runs that began with what was kept"] >= 10


@pytest.mark.nightly
@pytest.mark.parametrize("folder", range(2, 6))
def test_an_engine_survives_two_hundred_kills(tmp_path: Path, folder: int) -> None:
    checks = kill_often(tmp_path, 50, seed=folder)
    assert checks.counts["kills with a position open"] >= 25
    assert set(checks.points) >= {*POINTS, RANDOM}
