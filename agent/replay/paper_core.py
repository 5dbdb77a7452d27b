"""A core on paper with all that belongs to it, and its warming-up."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from agent.core.auto_scalper import AutoScalper
from agent.core.decision_hash import DecisionHash
from agent.core.market_book import MarketBook
from agent.replay.summary import Answers, Folded
from agent.replay.trade_journal import TradeJournal
from config.settings import Settings
from domain.enums import BookSource, Contract, Gate, PriceSource, TickKind
from domain.events import EndOfData, MarketSet
from domain.instruments import Fees, Instrument
from domain.parameters import GATE_DEFAULTS
from domain.playbooks import playbook_from
from domain.portfolio import Portfolio, Trade
from domain.ports import Listeners, OutputSink
from domain.rows.tick import TICK
from domain.units import SECOND_NS, TsNs
from execution.paper import PaperBroker
from risk.engine import RiskEngine


class PaperCore:
    """One account on paper, and what listens to its core. Market names are given by row."""

    def __init__(
        self, settings: Settings, names: Sequence[str], sinks: Sequence[OutputSink] = ()
    ) -> None:
        """`sinks` hear what the core says after the sinks of every replay."""
        start_equity = settings.account.start_equity
        self.book = MarketBook(start_equity, settings.limits, len(names))
        self.portfolio = Portfolio(start_equity)
        self.hash = DecisionHash(names)
        self.answers = Answers()
        self.journal = TradeJournal()
        self.risk = RiskEngine(settings.limits, settings.groups, settings.protections, start_equity)
        self.core = AutoScalper(
            self.book,
            self.risk,
            PaperBroker(self.book.rows),
            self.portfolio,
            Listeners((self.hash, self.answers, *sinks), self.journal),
        )

    def folded(self) -> Folded:
        """For a summary, once everything was folded."""
        return Folded(self.book, self.portfolio, self.answers, self.trades)

    @property
    def trades(self) -> list[Trade]:
        """Closed so far, in order."""
        return self.journal.trades


def warm_up(settings: Settings) -> None:
    """Compile, or load from the cache, every kernel that a replay calls.

    A core of its own buys and is closed out on made-up ticks, so that the first real tick does
    not wait for the compiler. Nothing of it remains.
    """
    gates = {gate.word: {"mode": "off"} for gate in Gate if gate in GATE_DEFAULTS}
    head = {"schema": 1, "name": "warm-up", "sentence": "Enters at once."}
    market = MarketSet(
        event_ns=TsNs(SECOND_NS),
        market=0,
        instrument=_instrument(),
        playbook=playbook_from({**head, "gates": gates}, "warm-up"),
        price_source=PriceSource.TRADES,
        book_source=BookSource.QUOTES,
        rate=Decimal(1),
    )
    ticks = np.zeros(4, TICK)
    ticks["event_ns"] = ticks["ts_ns"] = SECOND_NS * np.arange(1, 5)
    ticks["kind"] = (TickKind.TRADE, TickKind.QUOTE, TickKind.QUOTE, TickKind.TRADE)
    ticks["price"], ticks["size"] = 100.0, 1.0
    ticks["bid"], ticks["ask"], ticks["bid_size"], ticks["ask_size"] = 100.0, 100.1, 1.0, 1.0
    paper = PaperCore(settings, [market.instrument.name])
    paper.core.apply(market)
    paper.core.fold(ticks)
    paper.core.apply(EndOfData(event_ns=TsNs(4 * SECOND_NS), market=market.instrument.name))


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
