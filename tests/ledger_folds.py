"""A ledger as the engine makes it: markets folded on paper, the books settled piece by piece."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from agent.core.auto_scalper import AutoScalper
from agent.core.market_book import MarketBook
from agent.service.book_keeper import BookKeeper, Pages
from core_cases import START_EQUITY, WIDE, at, playbook
from db.ledgers import open_ledger, open_telemetry
from domain.arrays import Rows
from domain.enums import BookSource, Contract, FileKind, PriceSource
from domain.events import Event, Funding, MarketSet, RunStarted
from domain.instruments import Instrument
from domain.limits import Limits
from domain.playbooks import Playbook
from domain.portfolio import Portfolio
from domain.ports import Listeners
from domain.units import TsNs
from execution.paper import PaperBroker
from ledger_samples import InlineWorker, spec_of
from random_ticks import loose_playbook_values, random_ticks
from risk.engine import RiskEngine
from trading_cases import COIN

# Prices of about 100, worth 100 USD a contract: a lot is about 1 coin.
INVERSE: Final[Instrument] = msgspec.structs.replace(
    COIN,
    name="COIN_PERP",
    symbol="COIN_PERP",
    settle="COIN",
    contract=Contract.INVERSE,
    multiplier=Decimal(100),
    lot=Decimal(1),
    min_notional=Decimal(100),
)
RATE: Final = Decimal("99.75")


class Ledgers:
    """An account whose books end up in the files of the mode paper below `home`."""

    def __init__(self, home: Path, limits: Limits = WIDE, markets: int = 2) -> None:
        self.book = MarketBook(START_EQUITY, limits, markets)
        self.portfolio = Portfolio(START_EQUITY)
        self.keeper = BookKeeper(self.book)
        self.core = AutoScalper(
            self.book,
            RiskEngine(limits),
            PaperBroker(self.book.rows),
            self.portfolio,
            Listeners((self.keeper,), self.keeper),
        )
        self.auto = open_ledger(spec_of(home), InlineWorker())
        self.manual = open_ledger(spec_of(home, FileKind.MANUAL), InlineWorker())
        self.telemetry = open_telemetry(spec_of(home, FileKind.TELEMETRY), InlineWorker())

    def begin(self, *markets: tuple[Instrument, Playbook, Decimal]) -> None:
        """Set the markets and say that the run began."""
        for number, (instrument, rules, rate) in enumerate(markets):
            self.core.apply(
                MarketSet(
                    event_ns=at(0),
                    market=number,
                    instrument=instrument,
                    playbook=rules,
                    price_source=PriceSource.TRADES,
                    book_source=BookSource.QUOTES,
                    rate=rate,
                )
            )
        self.core.apply(RunStarted(event_ns=at(0), epoch=1, state=None))
        self.keeper.opened(int(at(0)), {})

    def play(self, pieces: Iterable[Rows | Event]) -> None:
        """Fold each piece and store what it led to."""
        for piece in pieces:
            if isinstance(piece, Event):
                self.core.apply(piece)
                self.settle(int(piece.event_ns))
            else:
                self.core.fold(piece)
                self.settle(int(piece["event_ns"][-1]))

    def settle(self, now_ns: int) -> Pages:
        """Store what there is."""
        pages = self.keeper.settle(self.core, now_ns)
        self.auto.put(pages.auto)
        self.manual.put(pages.manual)
        self.telemetry.put(pages.telemetry)
        return pages

    def close(self) -> None:
        """Let the files go."""
        for file in (self.auto, self.manual, self.telemetry):
            file.close()


def lively() -> Playbook:
    """Trades often on random ticks, adds to positions and leaves them in parts."""
    values = loose_playbook_values()
    values["exit"] |= {"partial_trigger": "1tick", "partial_share": 0.4}
    values["averaging"] = {
        "mode": "profit", "window_s": 3.0, "interval_s": 0.2, "multiple": 0.5, "max_multiple": 2.0,
    }  # fmt: skip
    return playbook(values)


def lively_ledgers(home: Path, seed: int = 4, count: int = 4_000) -> Ledgers:
    """A linear and an inverse market with funding; what is open in the end stays open."""
    ledgers = Ledgers(home)
    ledgers.begin((COIN, lively(), Decimal(1)), (INVERSE, lively(), RATE))
    linear, inverse = (random_ticks(seed + m, count, market=m) for m in (0, 1))
    ticks = np.concatenate([linear, inverse])
    ticks = ticks[np.argsort(ticks["event_ns"], kind="stable")]
    ledgers.play(pieces_of(ticks))
    return ledgers


def pieces_of(ticks: Rows, piece: int = 300) -> Iterator[Rows | Event]:
    """Ticks in pieces; after each, both markets pay funding and a rate has five digits."""
    for begin in range(0, len(ticks), piece):
        part = ticks[begin : begin + piece]
        yield part
        stamp = TsNs(int(part["event_ns"][-1]))
        for market in (COIN.name, INVERSE.name):
            yield Funding(event_ns=stamp, market=market, rate=Decimal("0.00013"))
