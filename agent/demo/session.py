"""One session: simulated markets through feed, ring, sequencer, recording, core, books and ledgers.

It is the engine of the service, with a clock that the simulated market moves.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Final

from agent.demo.clock import SimulatedClock
from agent.demo.show import Session, Show, Wish
from agent.live.ledger_tap import LedgerTap
from agent.live.photographer import Photographer
from agent.live.price_history import PriceHistory
from agent.service.engine import Engine
from agent.service.opened import open_keeping
from agent.service.recovery import recover
from agent.service.served import Account, Served
from config.catalog import load_playbook
from config.settings import Settings
from db.connections import FileSpec
from domain.arrays import Rows
from domain.enums import BookSource, FileKind, Mode, PriceSource, TradingState
from domain.errors import NotTaken
from domain.events import Command, Leave
from domain.ports import Clock
from domain.units import SECOND_NS, TsNs
from market.simulated.feed import PIECE_NS, SimulatedFeed
from market.simulated.models import START_NS, MarketModel, Simulation, sim_alt, sim_coin
from market.simulated.simulator import SimulatedMarket
from reporting.live.picture import Picture

FRAME_S: Final = 0.25
# Data may be as old when it is folded: small enough that no gate finds it stale.
PAST_PIECE_NS: Final = SECOND_NS // 10
PART_S: Final = 60.0  # of the past, between two words of how far it is
_NEVER_S: Final = 10.0 * 365 * 86_400
_REASON: Final = "a key in the demo"


def demo_account(settings: Settings, playbook: str) -> Account:
    """SIM-COIN and SIM-ALT by one playbook, in the simulated mode."""
    rules = load_playbook(playbook)
    served = tuple(
        Served(
            instrument=model.instrument,
            playbook=rules,
            rate=Decimal(1),
            price_source=PriceSource.TRADES,
            book_source=BookSource.QUOTES,
        )
        for model in _models()
    )
    return Account(settings=settings, mode=Mode.SIMULATED, served=served)


async def run_session(
    session: Session, settings: Settings, folder: Path, show: Show, real: Clock
) -> Picture:
    """Run it and return how it ended.

    The recording lies in `folder`, the ledgers in the folder of the mode in it. What `recover` and
    `open_keeping` raise leaves nothing running.
    """
    account = demo_account(settings, session.playbook)
    clock = SimulatedClock(START_NS, real)
    spec = FileSpec(home=folder, mode=Mode.SIMULATED, kind=FileKind.AUTO, account="demo")
    prices = PriceHistory(len(account.served))
    keeping, specs = open_keeping(spec, folder)
    tap = LedgerTap(keeping.auto)
    tapped = keeping._replace(auto=tap)
    stage = _Stage(session, show, Photographer(account, [tap], prices))
    engine = Engine(account, tapped, clock)
    try:
        engine.begin(recover(tapped, specs, account.served, START_NS))
        return await stage.run(engine, clock, prices)
    finally:
        engine.close()


class _Stage:
    """The parts of a session while it runs."""

    def __init__(self, session: Session, show: Show, photographer: Photographer) -> None:
        self._session = session
        self._show = show
        self._photographer = photographer
        self._quit = asyncio.Event()
        self._paced = False

    async def run(self, engine: Engine, clock: SimulatedClock, prices: PriceHistory) -> Picture:
        """The past, then the paced part; then the engine stops as a service does."""
        stop = asyncio.Event()
        with _interrupts(self._quit.set), _told_alone():
            async with asyncio.TaskGroup() as group:
                running = group.create_task(engine.run(stop), name="engine")
                wishes = group.create_task(self._show.wishes(self._wish(engine)), name="wishes")
                feed = _Delivery(self._session.seed, engine, clock, prices)
                try:
                    await self._past(feed)
                    # Taken while time stands still: the first picture is the slowest.
                    self._show.began(self._picture(engine, self._session.for_s))
                    clock.pace(self._session.speed)
                    self._paced = True
                    await self._present(feed, engine)
                finally:
                    wishes.cancel()
                    stop.set()
                await running
        return self._picture(engine, 0.0)

    def _picture(self, engine: Engine, left_s: float | None) -> Picture:
        for trade in self._photographer.fetch():
            if self._paced:
                self._show.trade(trade)
        return self._photographer.take(engine, START_NS, self._session.speed, left_s)

    async def _past(self, feed: "_Delivery") -> None:
        total_s, done_s = self._session.past_s, 0.0
        self._show.folding(done_s, total_s)
        while done_s < total_s and not self._quit.is_set():
            part_s = min(PART_S, total_s - done_s)
            await feed.run(part_s, PAST_PIECE_NS)
            done_s += part_s
            self._show.folding(done_s, total_s)

    async def _present(self, feed: "_Delivery", engine: Engine) -> None:
        """Frames and ticks, until its time is over, or somebody quits."""
        loop = asyncio.get_running_loop()
        for_s = self._session.for_s
        ends_s = None if for_s is None else loop.time() + for_s

        async def frames() -> None:
            while True:
                await asyncio.sleep(FRAME_S)
                left_s = None if ends_s is None else max(0.0, ends_s - loop.time())
                self._show.picture(self._picture(engine, left_s))

        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(feed.run(_NEVER_S, PIECE_NS), name="feed"),
                group.create_task(frames(), name="frames"),
            ]
            with suppress(TimeoutError):
                async with asyncio.timeout(for_s):
                    await self._quit.wait()
            for task in tasks:
                task.cancel()

    def _wish(self, engine: Engine) -> Callable[[Wish], Awaitable[None]]:
        async def wish(what: Wish) -> None:
            if what is Wish.QUIT:
                self._quit.set()
            elif self._paced:  # the past is the same for everybody
                await self._grant(engine, what)

        return wish

    async def _grant(self, engine: Engine, wish: Wish) -> None:
        """Commands take the way that the service's take."""
        at = TsNs(0)  # the sequencer's
        now = TradingState(int(engine.book.account["trading_state"]))
        with suppress(NotTaken):  # it is ending: what was asked for no longer means anything
            if wish is Wish.FLATTEN:
                await engine.sequencer.submit(Leave(event_ns=at))
            elif now is not TradingState.HALTED:  # a halt is not lifted by the key that pauses
                paused = now is TradingState.REDUCING
                state = TradingState.ACTIVE if paused else TradingState.REDUCING
                await engine.sequencer.submit(Command(event_ns=at, state=state, reason=_REASON))


class _Delivery:
    """From the simulated market into the ring."""

    def __init__(
        self, seed: int, engine: Engine, clock: SimulatedClock, prices: PriceHistory
    ) -> None:
        market = SimulatedMarket(Simulation(seed=seed, markets=_models()))
        self._feed = SimulatedFeed(market, clock)
        self._engine = engine
        self._clock = clock
        self._prices = prices
        clock.idle = self._idle

    async def run(self, seconds: float, piece_ns: int) -> None:
        """Deliver so many seconds of the market."""
        await self._feed.run(self._put, seconds, piece_ns)

    async def _put(self, rows: Rows) -> None:
        self._prices.turn(self._clock.monotonic_ns())  # what ended keeps the mid from before
        self._prices.see(rows)
        await self._engine.ring.put_all(rows)

    async def _idle(self) -> None:
        """All that was put has been folded."""
        while self._engine.sequencer.waiting:  # noqa: ASYNC110 folding is what the loop does next
            await asyncio.sleep(0)


@contextmanager
def _interrupts(quit_now: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and a polite kill end a session as `q` does: with its books closed and its summary."""
    loop = asyncio.get_running_loop()
    heard = []
    for signal in (SIGINT, SIGTERM):
        with suppress(ValueError, RuntimeError):  # only the main thread hears signals
            loop.add_signal_handler(signal, quit_now)
            heard.append(signal)
    try:
        yield
    finally:
        for signal in heard:
            loop.remove_signal_handler(signal)


@contextmanager
def _told_alone() -> Iterator[None]:
    """An error leaves its group, so that it is told in its own words, and a closed pipe is one."""
    failed: Exception | None = None
    try:
        yield
    except* Exception as errors:  # noqa: BLE001 it is raised again
        failed = _first_of(errors)
    if failed is not None:
        raise failed


def _first_of(errors: ExceptionGroup[Exception]) -> Exception:
    """The first error in a group of groups."""
    found = errors.exceptions[0]
    return _first_of(found) if isinstance(found, ExceptionGroup) else found


def _models() -> tuple[MarketModel, ...]:
    return sim_coin(), sim_alt()
