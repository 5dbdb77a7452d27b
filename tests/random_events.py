"""Random events of every kind for random cases."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.enums import BookSource, Origin, PriceSource, Side, StateCause, TickKind, TradingState
from domain.events import (
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Event,
    Funding,
    Gap,
    Leave,
    LockSet,
    ManualOrder,
    ParameterSet,
    Reference,
    Release,
    RunStarted,
    SessionEdge,
    ZoneOffset,
    market_name,
)
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.units import SECOND_NS, Lots, Ticks, TsNs
from random_playbooks import random_playbook

HOUR_NS: Final = 3_600 * SECOND_NS
_CAUSES: Final = (StateCause.COMMAND, StateCause.STORAGE, StateCause.CLOCK)


class Market(msgspec.Struct, frozen=True):
    """What a market is set with."""

    instrument: Instrument
    playbook: Playbook
    price_source: PriceSource = PriceSource.TRADES
    book_source: BookSource = BookSource.QUOTES
    reference: Reference | None = None
    rate: Decimal = Decimal(1)
    subscribed: int = 0
    origin: Origin = Origin.AUTO

    @property
    def name(self) -> str:
        """Of its row."""
        return market_name(self.instrument.name, self.origin)


def events_of(seed: int, ticks: Rows, markets: Sequence[Market], count: int = 60) -> list[Event]:
    """Events of every kind at random times, and the end of all data."""
    rng = np.random.default_rng(seed)
    first, last = int(ticks["event_ns"][0]), int(ticks["event_ns"][-1])
    events: list[Event] = []
    for at in sorted(rng.integers(first, last, count)):
        market = markets[int(rng.integers(len(markets)))]
        events += _some(rng, TsNs(int(at)), market)
    ends = [EndOfData(event_ns=TsNs(last), market=m.name) for m in markets]
    return events + ends


def _locks(at: TsNs, where: str | None) -> list[Event]:
    """Some of the releases lock anew a moment later: for seconds, or until the next release."""
    if int(at) % 3:
        return []
    until_ns = TsNs(at + 2 * SECOND_NS) if int(at) % 4 else None
    return [LockSet(event_ns=TsNs(at + 1), market=where, until_ns=until_ns, reason="to see")]


def _some(rng: np.random.Generator, at: TsNs, market: Market) -> list[Event]:
    name, kind = market.name, int(rng.integers(7))
    if kind == 0:
        state = TradingState(int(rng.choice([1, 2])))
        later = TsNs(at + int(rng.integers(1, 20)) * SECOND_NS)
        return [
            Command(event_ns=at, state=state, cause=_CAUSES[int(at) % len(_CAUSES)]),
            Command(event_ns=later, state=TradingState.ACTIVE, cause=_CAUSES[int(at) % 5 % 3]),
        ]
    if kind == 1:
        where = name if rng.random() < 0.5 else None
        return [*_locks(at, where), Release(event_ns=at, market=where)]
    if kind == 2:
        offset_ns = int(rng.integers(-12, 13)) * HOUR_NS
        return [ZoneOffset(event_ns=at, market=name, offset_ns=offset_ns)]
    if kind == 3:
        return [_funding(rng, at, name)]
    if kind == 4:
        return [_parameters(rng, at, market)]
    if kind == 5:
        return [_context(rng, at, name)]
    return [DayRoll(event_ns=at)] if rng.random() < 0.4 else [_funding(rng, at, name)]


def _funding(rng: np.random.Generator, at: TsNs, name: str) -> Funding:
    mark = Decimal(str(round(float(rng.normal(100, 1)), 3)))
    rate = Decimal(str(round(float(rng.normal(0, 0.002)), 6)))
    return Funding(event_ns=at, market=name, rate=rate, mark=mark if rng.random() < 0.7 else None)


def _parameters(rng: np.random.Generator, at: TsNs, market: Market) -> ParameterSet:
    """Switches, and with them what is subscribed to, stay as they are."""
    other = random_playbook(int(rng.integers(1_000)))
    kept = msgspec.structs.replace(other, switches=market.playbook.switches)
    return ParameterSet(event_ns=at, market=market.name, playbook=kept)


def _context(rng: np.random.Generator, at: TsNs, name: str) -> ContextSet:
    return ContextSet(
        event_ns=at,
        market=name,
        valid_until_ns=TsNs(at + 60 * SECOND_NS),
        smc_bias=float(rng.uniform(-1, 1)),
        plan_side=float(rng.choice([-1.0, 0.0, 1.0])),
        win_long=float(rng.uniform(0.3, 0.7)),
        win_short=float(rng.uniform(0.3, 0.7)),
    )


def sessions(name: str, ticks: Rows, count: int = 4) -> list[Event]:
    """Sessions one after the other, each with a late opening and an early cut-off."""
    first, last = int(ticks["event_ns"][0]), int(ticks["event_ns"][-1])
    edges = np.linspace(first, last + SECOND_NS, count + 1).astype(np.int64)
    found: list[Event] = []
    for opened, closed in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        minute = 60 * SECOND_NS
        found.append(
            SessionEdge(
                event_ns=TsNs(opened),
                market=name,
                open_ns=TsNs(opened + minute // 4),
                cut_off_ns=TsNs(closed - minute // 3),
                close_ns=TsNs(closed),
            )
        )
    return found


def by_hand(seed: int, ticks: Rows, markets: Sequence[Market], count: int = 100) -> list[Event]:
    """What a person does, at random times: orders of every kind, and ways out."""
    rng = np.random.default_rng(seed)
    rows = [row for row, market in enumerate(markets) if market.origin is Origin.MANUAL]
    events: list[Event] = []
    for at in sorted(rng.integers(int(ticks["event_ns"][0]), int(ticks["event_ns"][-1]), count)):
        row = int(rng.choice(rows))
        now, instrument = TsNs(int(at)), markets[row].instrument
        if rng.random() < 0.25:
            events.append(_leave(rng, now, instrument.name))
        else:
            bid = _bid_ticks(ticks, row, now, instrument)
            events.append(_order(rng, now, instrument.name, bid))
    return events


def _bid_ticks(ticks: Rows, row: int, now: int, instrument: Instrument) -> int:
    """Of the market's last quote by then."""
    quotes = ticks[(ticks["market"] == row) & (ticks["kind"] == TickKind.QUOTE)]
    before = max(0, int(np.searchsorted(quotes["event_ns"], now, "right")) - 1)
    return round(float(quotes["bid"][before]) / float(instrument.tick))


def _order(rng: np.random.Generator, now: TsNs, instrument: str, bid: int) -> ManualOrder:
    """Marketable, at a limit or resting; now and then of lots or at a price that cannot be."""
    limit = None if rng.random() < 0.4 else Ticks(bid + int(rng.integers(-4, 6)))
    bad = rng.random()
    return ManualOrder(
        event_ns=now,
        instrument=instrument,
        side=Side(int(rng.choice([1, -1]))),
        lots=Lots(int(rng.choice([0, -2])) if bad < 0.05 else int(rng.integers(5, 14))),
        limit=Ticks(int(rng.choice([0, -3]))) if bad > 0.96 else limit,
        stop=int(rng.integers(2, 12)),
        target=int(rng.choice([0, 2, 5, 9])),
        rests=bool(rng.random() < 0.4),
    )


def _leave(rng: np.random.Generator, now: TsNs, instrument: str) -> Leave:
    """One instrument or all, one origin or each."""
    origin = [None, Origin.AUTO, Origin.MANUAL, Origin.MANUAL][int(rng.integers(4))]
    return Leave(event_ns=now, instrument=instrument if rng.random() < 0.7 else None, origin=origin)


def gaps(seed: int, ticks: Rows, markets: Sequence[Market], count: int = 8) -> list[Event]:
    """Lost ticks of the traded instrument and of the reference."""
    rng = np.random.default_rng(seed)
    first, last = int(ticks["event_ns"][0]), int(ticks["event_ns"][-1])
    found: list[Event] = []
    for at in sorted(rng.integers(first, last, count)):
        market = markets[int(rng.integers(len(markets)))]
        slot = 2 if market.reference is not None and rng.random() < 0.5 else 0
        found.append(Gap(event_ns=TsNs(int(at)), market=market.name, slot=slot, lost=3))
    return found


def restarts(seed: int, ticks: Rows, count: int) -> tuple[Rows, list[Event]]:
    """Runs that begin at random places, and the ticks but for those between two runs.

    Their state is that of the run before, which only the runs themselves know.
    """
    rng = np.random.default_rng(seed)
    first, last = int(ticks["event_ns"][0]), int(ticks["event_ns"][-1])
    kept = np.ones(len(ticks), np.bool_)
    started: list[Event] = []
    for epoch, at in enumerate(sorted(rng.integers(first, last, count)), 2):
        down_ns = int(at) - int(rng.integers(0, 12_000)) * SECOND_NS // 1_000
        kept &= (ticks["event_ns"] <= down_ns) | (ticks["event_ns"] > int(at))
        started.append(RunStarted(event_ns=TsNs(int(at)), epoch=epoch, state=None))
    return ticks[kept], started
