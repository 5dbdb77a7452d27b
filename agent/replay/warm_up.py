"""Compiles before it matters: a core on made-up ticks calls every kernel once."""

from decimal import Decimal
from typing import Final

import numpy as np

from agent.replay.paper_core import PaperCore
from config.settings import Settings
from domain.arrays import Rows
from domain.enums import (
    BookSource,
    Contract,
    Gate,
    Origin,
    PriceSource,
    Side,
    TickKind,
    TradingState,
)
from domain.events import (
    ClockRead,
    Command,
    DayRoll,
    EndOfData,
    Event,
    Funding,
    Gap,
    Leave,
    LockSet,
    ManualOrder,
    MarketSet,
    Release,
    RunStarted,
    SessionEdge,
    Timer,
    ZoneOffset,
)
from domain.instruments import Fees, Instrument
from domain.parameters import GATE_DEFAULTS
from domain.playbooks import playbook_from
from domain.rows.tick import TICK
from domain.units import SECOND_NS, Lots, TsNs

_AT: Final = TsNs(SECOND_NS)
_LATE: Final = TsNs(86_400 * SECOND_NS)


def warm_up(settings: Settings) -> None:
    """Compile, or load from the cache, every kernel that a replay or an engine calls.

    A core of its own buys, sells and hears of every event, on made-up ticks, so that the first real
    tick does not wait for the compiler. Nothing of it remains.
    """
    market = _market(Origin.AUTO)
    by_hand = _market(Origin.MANUAL)
    paper = PaperCore(settings, [market.name, by_hand.name])
    core = paper.core
    for each in (market, by_hand):
        core.apply(each)
    core.fold(_ticks(0, 1))
    for event in _events(market):
        core.apply(event)
        core.fold(_ticks(1, 2))
    core.apply(EndOfData(event_ns=_AT, market=market.name))
    core.apply(RunStarted(event_ns=_AT, epoch=1, state=core.durable()))


def _events(market: MarketSet) -> list[Event]:
    """One of each, in an order in which all of them mean something."""
    name, instrument = market.name, market.instrument.name
    buy = ManualOrder(
        event_ns=_AT, instrument=instrument, side=Side.LONG, lots=Lots(1), limit=None, stop=9
    )
    return [
        ClockRead(event_ns=_AT, now_ns=_AT),
        ZoneOffset(event_ns=_AT, market=name, offset_ns=0),
        SessionEdge(event_ns=_AT, market=name, open_ns=_AT, cut_off_ns=_LATE, close_ns=_LATE),
        DayRoll(event_ns=_AT),
        Funding(event_ns=_AT, market=name, rate=Decimal(0)),
        Leave(event_ns=_AT),
        buy,
        Timer(event_ns=_AT),
        LockSet(event_ns=_AT, market=name, until_ns=None, reason=""),
        Release(event_ns=_AT),
        Command(event_ns=_AT, state=TradingState.REDUCING),
        Command(event_ns=_AT, state=TradingState.ACTIVE),
        Gap(event_ns=_AT, market=name, slot=0, lost=1),
    ]


def _market(origin: Origin) -> MarketSet:
    gates = {gate.word: {"mode": "off"} for gate in Gate if gate in GATE_DEFAULTS}
    head = {"schema": 1, "name": "warm-up", "sentence": "Enters at once."}
    return MarketSet(
        event_ns=_AT,
        market=0 if origin is Origin.AUTO else 1,
        instrument=_instrument(),
        playbook=playbook_from({**head, "gates": gates}, "warm-up"),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
        rate=Decimal(1),
        origin=origin,
    )


def _ticks(first: int, rounds: int) -> Rows:
    """Quotes and trades in turn, for both markets."""
    ticks = np.zeros(4 * rounds, TICK)
    ticks["event_ns"] = ticks["ts_ns"] = _AT + SECOND_NS * (4 * first + np.arange(len(ticks)))
    ticks["kind"] = np.resize((TickKind.TRADE, TickKind.QUOTE), len(ticks))
    ticks["market"] = np.resize((0, 0, 1, 1), len(ticks))
    ticks["price"], ticks["size"] = 100.0, 1.0
    ticks["bid"], ticks["ask"], ticks["bid_size"], ticks["ask_size"] = 100.0, 100.1, 1.0, 1.0
    return ticks


def _instrument() -> Instrument:
    nothing = Decimal(0)
    return Instrument(
        name="WARM-UP",
        venue="none",
        symbol="WARM-UP",
        quote="USD",
        settle="USD",
        contract=Contract.SPOT,
        multiplier=Decimal(1),
        tick=Decimal("0.1"),
        lot=Decimal("0.1"),
        min_notional=nothing,
        standard_lots=1,
        shortable=False,
        latency_ms=1,
        assumed_half_spread=Decimal("0.1"),
        assumed_size=Decimal(1),
        fees=Fees(maker=nothing, taker=nothing),
    )
