"""A core on paper with all that belongs to it."""

from collections.abc import Sequence

from agent.core.auto_scalper import AutoScalper
from agent.core.decision_hash import DecisionHash
from agent.core.market_book import MarketBook
from agent.replay.summary import Answers, Folded
from agent.replay.trade_journal import TradeJournal
from config.settings import Settings
from domain.portfolio import Portfolio, Trade
from domain.ports import Listeners, OutputSink
from execution.paper import PaperBroker
from risk.engine import RiskEngine


class PaperCore:
    """One account on paper, and what listens to its core. Market names are given by row."""

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        sinks: Sequence[OutputSink] = (),
        journal: TradeJournal | None = None,
    ) -> None:
        """`sinks` hear what the core says after the sinks of every replay.

        journal  one that remembers more than closed trades.
        """
        start_equity = settings.account.start_equity
        self.book = MarketBook(start_equity, settings.limits, len(names))
        self.portfolio = Portfolio(start_equity)
        self.hash = DecisionHash(names)
        self.answers = Answers()
        self.journal = TradeJournal() if journal is None else journal
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
