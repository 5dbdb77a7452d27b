"""Random events of every kind for random cases."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TradingState
from domain.events import (
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Event,
    Funding,
    ParameterSet,
    Reference,
    Release,
    SessionEdge,
    ZoneOffset,
)
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.units import SECOND_NS, TsNs
from random_playbooks import random_playbook

HOUR_NS: Final = 3_600 * SECOND_NS


class Market(msgspec.Struct, frozen=True):
    """What a market is set with."""

    instrument: Instrument
    playbook: Playbook
    price_source: PriceSource = PriceSource.TRADES
    book_source: BookSource = BookSource.QUOTES
    reference: Reference | None = None
    rate: Decimal = Decimal(1)
    subscribed: int = 0


def events_of(seed: int, ticks: Rows, markets: Sequence[Market], count: int = 60) -> list[Event]:
    """Events of every kind at random times, and the end of all data."""
    rng = np.random.default_rng(seed)
    first, last = int(ticks["event_ns"][0]), int(ticks["event_ns"][-1])
    events: list[Event] = []
    for at in sorted(rng.integers(first, last, count)):
        market = markets[int(rng.integers(len(markets)))]
        events += _some(rng, TsNs(int(at)), market)
    ends = [EndOfData(event_ns=TsNs(last), market=m.instrument.name) for m in markets]
    return events + ends


def _some(rng: np.random.Generator, at: TsNs, market: Market) -> list[Event]:
    name, kind = market.instrument.name, int(rng.integers(7))
    if kind == 0:
        state = TradingState(int(rng.choice([1, 2])))
        later = TsNs(at + int(rng.integers(1, 20)) * SECOND_NS)
        return [
            Command(event_ns=at, state=state),
            Command(event_ns=later, state=TradingState.ACTIVE),
        ]
    if kind == 1:
        return [Release(event_ns=at, market=name if rng.random() < 0.5 else None)]
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
    return ParameterSet(event_ns=at, market=market.instrument.name, playbook=kept)


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
