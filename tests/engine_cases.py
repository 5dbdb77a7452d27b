"""A whole engine in a folder: real ledgers, a real recording, ticks by the clock of a test."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from agent.service.engine import Engine
from agent.service.recovery import recover, specs_of
from agent.service.ring import Ring
from agent.service.served import Account, Keeping, Served
from config.catalog import by_hand_playbook, load_playbook
from config.settings import Settings, load_settings
from db.connections import FileSpec
from db.ledgers import open_ledger, open_telemetry
from db.recording.writer import RecordingWriter
from domain.arrays import Rows
from domain.enums import BookSource, FileKind, Mode, PriceSource, Side, TickKind
from domain.errors import AutoScalperError
from domain.events import ManualOrder
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.ports import Clock, LedgerWorker, Worker
from domain.rows.tick import TICK
from domain.units import SECOND_NS, Lots, TsNs
from ledger_samples import InlineWorker as InlineLedgerWorker
from recording_samples import InlineWorker
from trading_cases import COIN

MINT: Final = msgspec.structs.replace(COIN, name="MINT", symbol="MINT")


def served(
    *instruments: Instrument, playbook: Playbook | None = None, by_hand: bool = True
) -> tuple[Served, ...]:
    """Markets with trades and quotes, by `probe` if nothing else is said."""
    rules = load_playbook("probe") if playbook is None else playbook
    return tuple(
        Served(
            instrument=instrument,
            playbook=rules,
            rate=Decimal(1),
            price_source=PriceSource.TRADES,
            book_source=BookSource.QUOTES,
            by_hand=by_hand_playbook() if by_hand else None,
        )
        for instrument in instruments
    )


def account(*markets: Served, settings: Settings | None = None) -> Account:
    """Of the simulated mode."""
    stated = load_settings() if settings is None else settings
    return Account(settings=stated, mode=Mode.SIMULATED, served=markets)


def spec(home: Path) -> FileSpec:
    """Of the ledgers of a folder."""
    return FileSpec(home=home, mode=Mode.SIMULATED, kind=FileKind.AUTO, account="test")


class Rig:
    """Opens what an engine needs, begins it, and closes it again; one run each."""

    def __init__(
        self,
        home: Path,
        of: Account,
        clock: Clock,
        *,
        ledger_worker: Callable[[], LedgerWorker | None] = InlineLedgerWorker,
        recording_worker: Callable[[], Worker] = InlineWorker,
        ring: Ring | None = None,
    ) -> None:
        self.specs = specs_of(spec(home))
        self.keeping = Keeping(
            auto=open_ledger(self.specs[FileKind.AUTO], ledger_worker()),
            manual=open_ledger(self.specs[FileKind.MANUAL], ledger_worker()),
            telemetry=open_telemetry(self.specs[FileKind.TELEMETRY], ledger_worker()),
            recording=RecordingWriter(recording_worker(), fsync=False),
            folder=spec(home).folder / "recordings",
        )
        self.engine = Engine(of, self.keeping, clock)
        self.engine.ring = self.engine.ring if ring is None else ring
        try:
            self.recovered = recover(self.keeping, self.specs, of.served, int(clock.now_ns()))
            self.engine.begin(self.recovered)
        except AutoScalperError:
            self.engine.close()
            raise

    async def run(self, work: Callable[[Engine], Awaitable[None]]) -> None:
        """Run until `work` is done, then stop and close everything."""
        stop = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                running = group.create_task(self.engine.run(stop), name="engine")
                await work(self.engine)
                stop.set()
                await running
        finally:
            self.engine.close()


async def play(engine: Engine, clock: Clock, ticks: Rows, instruments: Sequence[int]) -> None:
    """Put each tick at its time: `recv_ns` counts from the first one's."""
    assert len(instruments) == len(ticks)
    start_ns, first_ns = clock.monotonic_ns(), int(ticks["recv_ns"][0])
    for place, instrument in enumerate(instruments):
        due_ns = start_ns + int(ticks["recv_ns"][place]) - first_ns
        if due_ns > clock.monotonic_ns():
            await clock.sleep_until_monotonic(due_ns)
        tick = ticks[place : place + 1].copy()
        tick["market"], tick["recv_ns"] = instrument, engine.time.now_ns()
        tick["ts_ns"] = tick["recv_ns"]
        await engine.ring.put_all(tick)


async def quote(engine: Engine, clock: Clock, bid: int, after_s: float = 0.1) -> None:
    """One tick of COIN or whatever is served first, a tick wide, and time to act on it."""
    tick = np.zeros(1, TICK)
    tick["kind"], tick["bid_size"], tick["ask_size"] = TickKind.QUOTE, 50.0, 50.0
    tick["price"] = tick["size"] = np.nan
    tick["bid"], tick["ask"] = bid * 0.1, (bid + 1) * 0.1
    tick["recv_ns"] = tick["ts_ns"] = engine.time.now_ns()
    await engine.ring.put_all(tick)
    await pass_s(clock, after_s)


async def pass_s(clock: Clock, seconds: float) -> None:
    """Let time pass."""
    await clock.sleep_until_monotonic(clock.monotonic_ns() + round(seconds * SECOND_NS))


async def buy(engine: Engine, clock: Clock, bid: int = 1_000, stop: int = 20) -> None:
    """Ten lots by hand at a fresh quote, with a target too far to be reached."""
    await quote(engine, clock, bid)
    name, at = engine.instruments[0], TsNs(0)
    order = ManualOrder(
        event_ns=at, instrument=name, side=Side.LONG, lots=Lots(10), limit=None, stop=stop
    )
    await engine.sequencer.submit(order)
    await quote(engine, clock, bid)


def walk(seed: int, count: int, *, step_ms: int = 100, tick: float = 0.1) -> Rows:
    """Quotes and trades of a market that wanders; one each `step_ms` on average."""
    random = np.random.default_rng(seed)
    ticks = np.zeros(count, TICK)
    ticks["recv_ns"] = np.cumsum(random.exponential(step_ms * SECOND_NS / 1000, count)).astype("i8")
    price = 1_000 + np.cumsum(random.choice([-2, -1, 0, 1, 2], count))
    drift = 6 * np.sin(np.arange(count) / 40)
    mid = np.maximum(50, np.round(price + drift)).astype("i8")
    quotes = random.random(count) < 0.5
    ticks["kind"] = np.where(quotes, TickKind.QUOTE, TickKind.TRADE)
    for name in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        ticks[name] = np.nan
    ticks["bid"][quotes], ticks["ask"][quotes] = mid[quotes] * tick, (mid[quotes] + 1) * tick
    ticks["bid_size"][quotes] = ticks["ask_size"][quotes] = 50.0
    trades = ~quotes
    ticks["price"][trades] = (mid[trades] + random.integers(0, 2, trades.sum())) * tick
    ticks["size"][trades] = random.integers(1, 30, trades.sum()) * 0.1
    ticks["side"][trades] = random.choice([-1, 1], trades.sum())
    ticks["trade_id"][trades] = np.arange(1, trades.sum() + 1)
    return ticks
