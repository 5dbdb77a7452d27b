"""A small recording written by hand: COIN by rule and by hand, OTHER, a pause, a new playbook.

Seconds 0 to 4 are one segment, 10 to 12 the next. COIN has ticks in the first only.
"""

from decimal import Decimal
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from config.settings import load_settings
from core_cases import WIDE, another, at, playbook, quote
from domain.enums import BookSource, Origin, PriceSource, Side, TradingState
from domain.events import Command, ManualOrder, MarketSet, ParameterSet
from domain.playbooks import Playbook
from domain.units import Lots
from why_samples import Recorder, Step

NAMES: Final = ("COIN", "OTHER", "COIN@manual")
# Nothing enters by this one; by EAGER everything does.
PATIENT: Final = playbook(
    {"gates.trading_state": {"mode": "on"}, "gates.momentum": {"mode": "on", "streak": 6}}
)


def by_hand(folder: Path, *, lost: int = 0, torn: bool = False) -> Path:
    """Record it. `lost`: so many inputs are missing between the segments; `torn`: a crash."""
    recorder = Recorder(folder, replace(load_settings(None), limits=WIDE), NAMES)
    recorder.begin(at(0))
    for step in _first():
        recorder.put(step)
    recorder.begin(at(10), skipped=lost)
    for step in _second():
        recorder.put(step)
    recorder.writer.close()
    if torn:
        first = min(folder.glob("*.inputs"))
        first.write_bytes(first.read_bytes()[:-30])
    return folder


def _first() -> list[Step]:
    rising = [quote(each, 100.0, 100.1, market=0) for each in (0.5, 1.5, 2.25)]
    order = ManualOrder(
        event_ns=at(2.5), instrument="COIN", side=Side.LONG, lots=Lots(10), limit=None, stop=20,
        target=30,
    )  # fmt: skip
    return [
        _set(0, "COIN"),
        _set(1, "OTHER"),
        _set(2, "COIN", Origin.MANUAL),
        rising[0],
        quote(0.75, 50.0, 50.1, market=1),
        Command(event_ns=at(1), state=TradingState.REDUCING),
        rising[1],
        Command(event_ns=at(2), state=TradingState.ACTIVE),
        quote(2.125, 100.0, 100.1, market=2),
        rising[2],
        order,
        quote(3, 100.0, 100.1, market=2),
        quote(4, 100.2, 100.3, market=2),
    ]


def _second() -> list[Step]:
    return [
        ParameterSet(event_ns=at(10), market="OTHER", playbook=playbook()),
        quote(11, 50.0, 50.1, market=1),  # enters; the order would arrive at 11.05 s
        Command(event_ns=at(11.02), state=TradingState.REDUCING),
        quote(11.04, 50.0, 50.1, market=1),
        quote(12, 100.2, 100.3, market=2),
    ]


def _set(market: int, name: str, origin: Origin = Origin.AUTO) -> MarketSet:
    rules: Playbook = PATIENT
    return MarketSet(
        event_ns=at(0), market=market, instrument=another(name), playbook=rules,
        price_source=PriceSource.TRADES, book_source=BookSource.QUOTES, rate=Decimal(1),
        origin=origin,
    )  # fmt: skip
