"""Engines of their own process, whose disk is full for a while: `python ... JOB HOME`."""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from agent.replay.warm_up import warm_up
from agent.service.engine import Engine
from config.settings import load_settings
from db.recording.worker import ThreadWorker
from domain.enums import StateCause, TradingState
from domain.errors import AutoScalperError
from engine_cases import Rig, account, buy, quote, served
from engine_children import FIRST_NS, DrivenClock
from ledger_children import limit_files, say
from trading_cases import COIN

PATIENCE_S = 20.0


class SteppedClock(DrivenClock):
    """Whoever sleeps lets the time pass, and the others have their turn."""

    engine: Engine | None = None

    async def sleep_until_monotonic(self, ns: int) -> None:
        self.passed_ns = max(self.passed_ns, ns)
        time.sleep(0.002)  # noqa: ASYNC251 the ledgers' threads are real
        engine = self.engine
        while engine is not None and engine.sequencer.waiting:  # noqa: ASYNC110 nobody sets one
            await asyncio.sleep(0)


def state(engine: Engine) -> str:
    account = engine.book.account
    words = TradingState(int(account["trading_state"])), StateCause(int(account["state_cause"]))
    return " ".join(each.word for each in words)


async def until(engine: Engine, clock: SteppedClock, bid: int, wanted: str) -> bool:
    """Quotes a second apart until the state is this."""
    end = time.monotonic() + PATIENCE_S
    while state(engine) != wanted and time.monotonic() < end:
        await quote(engine, clock, bid, 1.0)
    return state(engine) == wanted


def fill_the_disk(home: Path) -> None:
    """Meet a full disk with a position open, leave by its stop, and go on when there is room."""
    clock, told = SteppedClock(FIRST_NS - 3_600 * 1_000_000_000), dict[str, object]()
    rig = Rig(
        home, account(*served(COIN)), clock,
        ledger_worker=lambda: None, recording_worker=lambda: ThreadWorker("recording"),
    )  # fmt: skip
    keeping = rig.keeping

    def lots() -> int:
        return int(rig.engine.book.rows["position_lots"].sum())

    async def work(engine: Engine) -> None:
        clock.engine = engine
        await buy(engine, clock)
        told["bought"] = lots()
        limit_files(100)
        told["stopped"] = await until(engine, clock, 1_000, "reducing storage")
        told["stop_entries"] = lots()
        await quote(engine, clock, 975, 0.5)
        await quote(engine, clock, 975, 0.5)
        told["held_after_stop"] = lots()
        await buy(engine, clock)
        told["held_after_entry"] = lots()
        for _ in range(100):
            await quote(engine, clock, 1_000, 0.1)
        keeping.telemetry.flush()
        told["recording"] = keeping.recording.status.state.word
        told["halted_by"] = keeping.auto.halted_by
        told["segments"] = engine._segment
        limit_files(resource.RLIM_INFINITY)
        told["went_on"] = await until(engine, clock, 1_000, "active storage")
        for _ in range(30):
            await quote(engine, clock, 1_000, 0.1)
        await buy(engine, clock)
        told["bought_again"] = lots()
        told["dropped"] = keeping.telemetry.dropped
        told["recording_after"] = keeping.recording.status.state.word
        told["lost_inputs"] = keeping.recording.status.lost_inputs

    asyncio.run(rig.run(work))
    say(json.dumps(told))


def read_only(home: Path) -> None:
    """Begin in a folder that this user may not write."""
    home.chmod(0o555)
    if os.geteuid() == 0:
        os.setuid(65_534)
    try:
        Rig(home, account(*served(COIN)), DrivenClock(FIRST_NS))
    except AutoScalperError as error:
        say(json.dumps({"kind": type(error).__name__, "text": str(error)}))


JOBS: Iterable[Callable[[Path], None]] = (fill_the_disk, read_only)

if __name__ == "__main__":
    warm_up(load_settings())  # to compile takes longer than a full disk lasts
    jobs = {job.__name__: job for job in JOBS}
    jobs[sys.argv[1]](Path(sys.argv[2]))
