"""From the state of a folded core to the numbers that a replay prints."""

from collections import Counter
from decimal import Decimal

import msgspec
import numpy as np

from agent.core.market_book import MarketBook
from domain.arrays import Record, Rows
from domain.enums import ExitReason, Gate, OutputKind, Refusal, StateCause, TradingState
from domain.portfolio import Portfolio, Totals, Trade
from domain.units import MICRO, ROUNDED
from reporting.replay_summary import (
    FileLine,
    HaltLine,
    MarketSummary,
    Money,
    ReferenceSummary,
    ReplaySummary,
    TradeLine,
)


class Answers:
    """An output sink that counts risk's answers by market, and remembers every halt."""

    def __init__(self) -> None:
        self.refusals: Counter[tuple[int, Refusal]] = Counter()
        self.approved_entries: Counter[int] = Counter()
        self.halts: list[tuple[int, int, StateCause]] = []  # time, market, cause

    def hear(self, outputs: Rows) -> None:
        """Look through a block. An answer directly follows its intent (O1)."""
        kinds = outputs["kind"]
        for place in np.flatnonzero(kinds == OutputKind.REFUSED):
            said = outputs[place]
            self.refusals[int(said["market"]), Refusal(int(said["code"]))] += 1
        for place in np.flatnonzero(kinds == OutputKind.APPROVED):
            if outputs["code"][place - 1] == ExitReason.NONE:
                self.approved_entries[int(outputs["market"][place])] += 1
        halted = (kinds == OutputKind.STATE_CHANGED) & (outputs["code"] == TradingState.HALTED)
        for said in outputs[halted]:
            cause = StateCause(int(said["lots"]))
            self.halts.append((int(said["event_ns"]), int(said["market"]), cause))


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a summary needs that the core does not know."""

    ticks: int
    ticks_dropped: dict[str, int]
    seconds: float
    currency: str
    assumed: tuple[str, ...]
    playbook: str
    parameters_hash: str
    kernel_hash: str
    decision_hash: str
    problems: tuple[str, ...] = ()
    files: tuple[FileLine, ...] = ()
    repeat: int = 1
    start_equity: Decimal = Decimal(0)
    reference: ReferenceSummary | None = None

    @property
    def ticks_per_second(self) -> float:
        """Of all ticks that were folded."""
        folded = self.ticks + (self.reference.folded if self.reference else 0)
        return folded / self.seconds if self.seconds > 0 else 0.0


class Folded(msgspec.Struct, frozen=True):
    """What a core is made of and what was heard of it, after everything was folded."""

    book: MarketBook
    portfolio: Portfolio
    answers: Answers
    trades: list[Trade]


def replay_summary(folded: Folded, facts: RunFacts) -> ReplaySummary:
    """The whole run: totals over markets, and each market."""
    book, portfolio, answers = folded.book, folded.portfolio, folded.answers
    markets = {
        market.name: market_summary(folded, number) for number, market in sorted(book.facts.items())
    }
    parts = list(markets.values())
    gates, codes = [gate.word for gate in Gate], [code.word for code in Refusal]
    return ReplaySummary(
        ticks=facts.ticks,
        ticks_dropped=facts.ticks_dropped,
        seconds=facts.seconds,
        ticks_per_second=facts.ticks_per_second,
        decisions=sum(part.decisions for part in parts),
        trades=portfolio.totals.trades,
        wins=portfolio.totals.won,
        open_positions=len(portfolio.open_positions),
        money=money_of(portfolio.totals),
        max_drawdown=_money(int(book.account["max_drawdown"])),
        currency=facts.currency,
        rejections=_added([part.rejections for part in parts], gates),
        not_ready=_added([part.not_ready for part in parts], gates),
        observed=_added([part.observed for part in parts], gates),
        exits=exits_by_reason(folded.trades),
        refusals=_added([part.refusals for part in parts], codes),
        markets=markets,
        assumed=list(facts.assumed),
        playbook=facts.playbook,
        parameters_hash=facts.parameters_hash,
        kernel_hash=facts.kernel_hash,
        decision_hash=facts.decision_hash,
        problems=list(facts.problems),
        halts=[
            HaltLine(time_ns=at, cause=cause.word, market=_name(book, market))
            for at, market, cause in answers.halts
        ],
        files=list(facts.files),
        repeat=facts.repeat,
        start_equity=facts.start_equity,
        reference=facts.reference,
        entries=sum(int(book.rows[market]["tally"]["entries"]) for market in book.facts),
        unfilled_entries=sum(answers.approved_entries.values())
        - portfolio.totals.trades
        - len(portfolio.open_positions),
    )


def _name(book: MarketBook, market: int) -> str:
    return book.facts[market].name if market in book.facts else ""


def market_summary(folded: Folded, market: int) -> MarketSummary:
    """One market's part, from its tally, its trades and its refusals."""
    book, answers = folded.book, folded.answers
    row = book.rows[market]
    tally = row["tally"]
    name = book.facts[market].name
    totals = folded.portfolio.subtotals()[name]
    trades = [trade for trade in folded.trades if trade.market == name]
    return MarketSummary(
        ticks=int(tally["ticks"]),
        decisions=int(tally["entries"] + tally["exits"]),
        trades=totals.trades,
        wins=totals.won,
        open_positions=int(row["position_lots"] > 0),
        money=money_of(totals),
        rejections=_by_gate(tally, "rejections"),
        not_ready=_by_gate(tally, "not_ready"),
        observed=_by_gate(tally, "observed"),
        exits=exits_by_reason(trades),
        refusals={
            code.word: count for (where, code), count in answers.refusals.items() if where == market
        },
    )


def money_of(source: Totals | Trade) -> Money:
    """The cost waterfall of a trade or of totals."""
    return Money(
        gross=source.gross,
        spread_cost=source.spread_cost,
        slippage=source.slippage,
        fees=source.fees,
        funding=source.funding,
        net=source.net,
    )


def exits_by_reason(trades: list[Trade]) -> dict[str, int]:
    """Closed trades by the reason that ended them, in the order in which reasons are tried."""
    counts = Counter(trade.reason for trade in trades)
    return {reason.word: counts[reason] for reason in sorted(counts)}


def _added(parts: list[dict[str, int]], order: list[str]) -> dict[str, int]:
    """Counts of several markets in one, in the given order of names."""
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return {name: total[name] for name in order if total[name]}


def _money(micro_units: int) -> Decimal:
    return ROUNDED.divide(Decimal(micro_units), Decimal(MICRO))


def trade_line(book: MarketBook, trade: Trade) -> TradeLine:
    """A trade as it is listed."""
    instrument = book.facts[book.index(trade.market)].instrument
    return TradeLine(
        market=trade.market,
        side=trade.side.word,
        quantity=instrument.qty(trade.lots),
        entry_ns=int(trade.entry_ns),
        exit_ns=int(trade.exit_ns),
        entry_price=trade.entry_price,
        exit_price=trade.exit_price,
        reason=trade.reason.word,
        money=money_of(trade),
    )


def _by_gate(tally: Record, name: str) -> dict[str, int]:
    counts = np.asarray(tally[name])
    return {gate.word: int(counts[gate]) for gate in Gate if counts[gate]}
