"""Random days of an engine: two markets and a reference, persons, jumps of the clock, a restart.

A seed says all: instruments, playbooks, limits, ticks, and the order in which tasks run.
"""

import asyncio
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np

from agent.service.engine import Engine
from agent.service.ring import Ring
from agent.service.served import Account, Served
from config.catalog import by_hand_playbook
from config.settings import Settings, load_settings
from domain.arrays import Rows
from domain.durable import Durable
from domain.enums import BookSource, Mode, Origin, PriceSource, Side, TradingState
from domain.events import (
    Command,
    ContextSet,
    Event,
    Leave,
    LockSet,
    ManualOrder,
    ParameterSet,
    Reference,
    Release,
)
from domain.instruments import (
    FundingTerms,
    Instrument,
    MarginSchedule,
    MarginTerms,
    MarginTier,
    SessionHours,
)
from domain.playbooks import Playbook
from domain.protections import CooldownPeriod, LowProfitPairs, Protections, StoplossGuard
from domain.units import SECOND_NS, Lots, Ticks, TsNs
from engine_cases import MINT, Rig
from random_playbooks import Table, random_playbook, with_switches
from random_ticks import random_ticks
from trading_cases import COIN
from virtual_loop import VirtualClock, run_virtual

T = TypeVar("T")

LEAD: Final = msgspec.structs.replace(COIN, name="LEAD", symbol="LEAD")
ALL_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TO_MIDNIGHT_NS: Final = 5_370 * SECOND_NS  # the clock of these tests starts at 22:30
FUNDED: Final = FundingTerms(interval_hours=1, stamp="00:31", assumed_rate=Decimal("0.0003"))
BACKED: Final = MarginTerms(
    leverage=Decimal(5),
    liquidation_fee=Decimal("0.001"),
    schedules=(
        MarginSchedule(
            since=date(2020, 1, 1),
            tiers=(MarginTier(from_notional=Decimal(0), rate=Decimal("0.01")),),
        ),
    ),
)
HOURS: Final = SessionHours(zone="UTC", days=ALL_DAYS, open="22:00", cut_off="22:31", close="22:32")
WIDE: Final = {
    "max_daily_loss": 1e6, "max_trade_loss": 1e6, "max_drawdown": 1e7, "max_heat": 1e7,
    "max_order_notional": 1e6, "max_position_notional": 1e6, "max_gross_notional": 1e7,
    "repeated_entries": 1e5, "review_after_trades": 1e6, "duplicate_window_ms": 1.0,
}  # fmt: skip
# Additions are asked for whenever they can be; by turns the first or the second is one too many.
ADDING: Final[dict[str, Table]] = {
    "averaging": {
        "mode": "loss_budget", "multiple": 0.5, "max_additions": 3, "interval_s": 0.2,
        "loss_budget": "5tick",
    },
    "exit": {"stop": "7tick", "target": "9tick", "stall_s": 8.0, "max_hold_s": 20.0},
    "size": {"mode": "fixed", "multiple": 1.0},
}  # fmt: skip
CAPS: Final = (1.5, 1.2)
# Positions that last, and stops that follow while nothing is said.
TRAILING: Final[dict[str, Table]] = {
    "averaging": {"mode": "off"},
    "exit": {
        "stop": "9tick", "target": "off", "trail_trigger": "1tick", "trail_distance": "6tick",
        "trail_step": "1tick", "tight_trigger": "off", "partial_trigger": "off", "flip": "off",
        "flip_streak": 0, "stall_s": 600.0, "max_hold_s": 900.0, "lock_trigger": "off",
    },
    "gates.cool_down": {"mode": "on", "after_exit_s": 3.0},
}  # fmt: skip
ORIGINS: Final = (None, Origin.AUTO, Origin.MANUAL)


class Kind(Enum):
    """What a day is about."""

    ANY = "anything"
    ADDING = "positions that are added to whenever they can be"
    TRAILING = "positions that are left alone while their stops move"


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine is set with, and what it will get. `late` days begin before midnight."""

    seed: int
    account: Account
    feeds: tuple[Rows, ...]
    capacity: int
    late: bool
    kind: Kind
    playbooks: dict[str, Playbook]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """State of one run: what it was given, what it made of that, and what it left."""

    given: Durable | None
    began: Durable
    ended: Durable


def random_day(seed: int, count: int = 800, kind: Kind = Kind.ANY) -> Day:
    """`count` ticks of each of three feeds."""
    rng = np.random.default_rng(seed)
    coin = msgspec.structs.replace(
        COIN, funding=_of(rng, None, FUNDED), margin=_of(rng, None, BACKED)
    )
    mint = msgspec.structs.replace(MINT, session=_of(rng, None, HOURS))
    rules = [_playbook(seed, number, kind) for number in range(12)]
    lead = Reference(
        instrument=LEAD, price_source=PriceSource.TRADES, book_source=BookSource.QUOTES
    )
    markets = (_served(coin, rules[0], lead), _served(mint, rules[1], None))
    found = (*rules, *(switch.playbook for each in rules for switch in each.switches))
    return Day(
        seed=seed,
        account=Account(settings=_settings(rng, kind), mode=Mode.SIMULATED, served=markets),
        feeds=tuple(random_ticks(3 * seed + number, count) for number in range(3)),
        capacity=_of(rng, 12, 60, 1_000),
        late=bool(rng.random() < 0.3),
        kind=kind,
        playbooks={each.content_hash: each for each in (*found, by_hand_playbook())},
    )


def live(day: Day, home: Path) -> list[Run]:
    """Two runs in one folder, the second one goes on where the first one ended."""

    async def main() -> list[Run]:
        clock = VirtualClock()
        clock.jump(TO_MIDNIGHT_NS if day.late else 0)
        half = len(day.feeds[0]) // 2
        runs: list[Run] = []
        for number, part in enumerate((slice(None, half), slice(half, None))):
            rig = Rig(home, day.account, clock, ring=Ring(day.capacity))
            kept = rig.recovered.kept
            began = rig.engine.core.durable()
            hands = _Hands(day, rig.engine, clock, number)
            await rig.run(lambda _, hands=hands, part=part: hands.work(part))  # type: ignore[misc]
            runs.append(
                Run(
                    given=None if kept is None else kept.durable,
                    began=began,
                    ended=rig.engine.core.durable(),
                )
            )
            await asyncio.sleep(_of(np.random.default_rng(day.seed), 0.0, 0.5, 40.0))
        return runs

    return run_virtual(day.seed, main)


class _Hands:
    """All that acts on an engine from outside: a task each."""

    def __init__(self, day: Day, engine: Engine, clock: VirtualClock, run: int) -> None:
        self._day = day
        self._engine = engine
        self._clock = clock
        self._run = run
        self._done = asyncio.Event()

    async def work(self, part: slice) -> None:
        """Until the feeds have put all their ticks."""
        async with asyncio.TaskGroup() as group:
            count = 0 if self._day.kind is Kind.TRAILING else 3
            persons = [group.create_task(self._person(number)) for number in range(count)]
            persons.append(group.create_task(self._set_clock()))
            async with asyncio.TaskGroup() as feeds:
                for number, ticks in enumerate(self._day.feeds):
                    feeds.create_task(self._feed(number, ticks[part]))
            for person in persons:
                person.cancel()
        if self._random(9).random() < 0.5:
            await self._pass(1.0)  # what works comes to an end; else it is cut off

    def _random(self, number: int) -> np.random.Generator:
        return np.random.default_rng((self._day.seed, self._run, number))

    async def _pass(self, seconds: float) -> None:
        due_ns = self._clock.monotonic_ns() + round(seconds * SECOND_NS)
        await self._clock.sleep_until_monotonic(due_ns)

    async def _feed(self, instrument: int, ticks: Rows) -> None:
        """Ticks one by one and in bursts, some of which no small ring holds."""
        rng, at = self._random(instrument), 0
        last_ns = int(ticks["event_ns"][0])
        while at < len(ticks):
            count = _of(rng, 1, 1, 1, 2, 2, 5, 5, 30)
            part = ticks[at : at + count].copy()
            at += len(part)
            waited_ns, last_ns = int(part["event_ns"][-1]) - last_ns, int(part["event_ns"][-1])
            await self._pass(min(waited_ns / SECOND_NS, 4.0))
            now_ns = int(self._engine.time.now_ns())
            part["ts_ns"] += now_ns - part["event_ns"]
            part["recv_ns"] = now_ns - np.arange(len(part))[::-1] * 1_000
            if rng.random() < 0.02:
                part["recv_ns"] += int(rng.normal(0, 5)) * SECOND_NS  # a clock that is wrong
            part["market"] = instrument
            await self._engine.ring.put_all(part)

    async def _person(self, number: int) -> None:
        rng = self._random(10 + number)
        while True:
            await self._pass(float(rng.exponential(8.0)))
            for event in self._wish(rng):
                await self._engine.sequencer.submit(event, within_s=1_000)
            if rng.random() < 0.9:  # most of what was stopped goes on soon
                await self._pass(float(rng.exponential(1.5)))
                await self._submit(Command(event_ns=TsNs(0), state=TradingState.ACTIVE))
                await self._submit(Release(event_ns=TsNs(0), market=None))

    async def _submit(self, event: Event) -> None:
        await self._engine.sequencer.submit(event, within_s=1_000)

    async def _set_clock(self) -> None:
        rng = self._random(20)
        while True:
            await self._pass(float(rng.exponential(30.0)))
            # A run may end before it is set right: no further back than the next may begin at.
            by_s = _of(rng, -240, -1, 0.2, 1, 1, 3_600)
            self._clock.jump(round(by_s * SECOND_NS))
            await self._pass(3.0)
            self._clock.jump(-round(by_s * SECOND_NS))

    def _wish(self, rng: np.random.Generator) -> list[Event]:
        """What a person wants now; nothing where that cannot be."""
        names, at = self._day.account.names, TsNs(0)
        name = _of(rng, *names)
        until = _of(rng, None, TsNs(int(self._engine.time.now_ns()) + 3 * SECOND_NS))
        match int(rng.integers(9)):
            case 0:
                return [Command(event_ns=at, state=TradingState(int(rng.integers(1, 3))))]
            case 1:
                market = _of(rng, None, name)
                return [LockSet(event_ns=at, market=market, until_ns=until, reason="by chance")]
            case 2:
                return [Leave(event_ns=at, instrument=_of(rng, None, "COIN"), origin=_origin(rng))]
            case 3:
                return self._other_rules(rng, name)
            case 4:
                return [_context(rng, name, TsNs(int(self._engine.time.now_ns())))]
            case 5:
                slip = Release(event_ns=at, market="CION")  # a slip of a person changes nothing
                return [slip, Release(event_ns=at, market=_of(rng, None, name))]
            case _:
                return [self._order(rng)]

    def _order(self, rng: np.random.Generator) -> ManualOrder:
        side, features = Side(_of(rng, 1, -1)), self._engine.book.features[0]
        near = int(features["bid_ticks"]) + int(rng.integers(-3, 5))
        return ManualOrder(
            event_ns=TsNs(0),
            instrument=_of(rng, "COIN", "MINT"),
            side=side,
            lots=Lots(int(rng.integers(1, 25))),
            limit=_of(rng, None, Ticks(max(1, near))),
            stop=int(rng.integers(1, 10)),
            target=int(rng.integers(0, 10)),
            rests=bool(rng.random() < 0.3),
        )

    def _other_rules(self, rng: np.random.Generator, name: str) -> list[Event]:
        """Parameters change, which a market that is not flat refuses."""
        engine = self._engine
        row = engine.book.rows[engine.book.index(name)]
        busy = row["position_lots"] != 0 or row["orders"]["active"].any()
        if "@" in name:
            return []
        number = 2 if busy or engine.sequencer.waiting else int(rng.integers(2, 12))
        playbook = _playbook(self._day.seed, number, self._day.kind)
        return [ParameterSet(event_ns=TsNs(0), market=name, playbook=playbook)]


def _of(rng: np.random.Generator, *values: T) -> T:
    return values[int(rng.integers(len(values)))]


def _origin(rng: np.random.Generator) -> Origin | None:
    return ORIGINS[int(rng.integers(3))]


def _context(rng: np.random.Generator, name: str, now_ns: TsNs) -> ContextSet:
    return ContextSet(
        event_ns=TsNs(0),
        market=name,
        valid_until_ns=TsNs(now_ns + 10 * SECOND_NS),
        smc_bias=float(rng.uniform(-1, 1)),
        plan_side=float(rng.choice([-1.0, 0.0, 1.0])),
        win_long=float(rng.uniform(0.3, 0.7)),
        win_short=float(rng.uniform(0.3, 0.7)),
    )


def _playbook(seed: int, number: int, kind: Kind) -> Playbook:
    """The first two are what markets start with, and may switch by themselves."""
    chosen, changes = 100 * seed + 10 * number, TRAILING if kind is Kind.TRAILING else None
    if kind is Kind.ADDING:
        cap = {"max_multiple": CAPS[(seed + number) % 2]}
        changes = {**ADDING, "averaging": {**ADDING["averaging"], **cap}}
    return with_switches(chosen, changes) if number == 0 else random_playbook(chosen, changes)


def _served(instrument: Instrument, playbook: Playbook, reference: Reference | None) -> Served:
    return Served(
        instrument=instrument,
        playbook=playbook,
        rate=Decimal(1),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
        reference=reference,
        by_hand=by_hand_playbook(),
    )


def _settings(rng: np.random.Generator, kind: Kind) -> Settings:
    """Limits so tight that each refuses something in some seed, and rarely all of it.

    In days of a kind only the playbooks' own bounds stop anything.
    """
    stated = load_settings()
    limits = msgspec.structs.replace(
        stated.limits,
        max_daily_loss=_of(rng, 2.0, 2_000.0),
        max_trade_loss=_of(rng, 0.5, 2.0, 300.0, 300.0),
        max_drawdown=_of(rng, 3.0, 20_000.0),
        max_order_notional=_of(rng, 80.0, 105.0, 150.0, 10_000.0, 10_000.0),
        max_position_notional=_of(rng, 105.0, 150.0, 250.0, 10_000.0),
        max_open_positions=_of(rng, 1.0, 2.0, 3.0),
        max_gross_notional=_of(rng, 160.0, 300.0, 30_000.0),
        max_heat=_of(rng, 2.0, 900.0),
        orders_per_second=_of(rng, 2.0, 5.0),
        orders_per_day=_of(rng, 40.0, 20_000.0),
        exit_reserve=20.0,
        stale_quote_s=_of(rng, 1.0, 3.0, 3.0),
        loss_streak=_of(rng, 2.0, 4.0, 1_000.0),
        loss_streak_pause_s=5.0,
        slippage_orders=3.0,
        max_slippage_bps=_of(rng, 5.0, 20.0),
        slippage_pause_s=5.0,
        repeated_entries=_of(rng, 4.0, 60.0),
        reject_burst=_of(rng, 3.0, 50.0),
        reject_window_s=10.0,
        trades_per_session=_of(rng, 5.0, 20_000.0),
        review_after_trades=_of(rng, 4.0, 1_000.0),
    )
    if kind is not Kind.ANY:
        limits = msgspec.structs.replace(stated.limits, **WIDE)
    protections = Protections(
        cooldown_period=_of(rng, None, CooldownPeriod(stop_duration_s=1.0)),
        stoploss_guard=_of(
            rng,
            None,
            StoplossGuard(
                lookback_s=60.0,
                trade_limit=2,
                required_profit=0.0,
                only_per_pair=bool(rng.random() < 0.5),
                stop_duration_s=5.0,
            ),
        ),
        low_profit_pairs=_of(
            rng,
            None,
            LowProfitPairs(
                lookback_s=60.0, trade_limit=2, required_profit=0.0, stop_duration_s=5.0
            ),
        ),
    )
    account = msgspec.structs.replace(
        stated.account, start_equity=_of(rng, Decimal(300), Decimal(100_000)), day_roll="22:31"
    )
    return msgspec.structs.replace(stated, limits=limits, protections=protections, account=account)
