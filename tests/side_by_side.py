"""The compiled core and the oracle on the same ticks and events, compared output by output."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np

import random_cases
from agent.core.auto_scalper import AutoScalper
from agent.core.decision_hash import DecisionHash
from agent.core.market_book import MarketBook
from agent.replay.trade_journal import TradeJournal
from core_cases import START_EQUITY, START_NS, WIDE, Keep
from domain.arrays import Rows
from domain.durable import Durable
from domain.enums import Gate, TradingState
from domain.events import (
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Event,
    MarketSet,
    RunStarted,
    SessionEdge,
)
from domain.limits import Limits
from domain.portfolio import Portfolio
from domain.ports import Listeners
from domain.rows.tick import TICK
from domain.units import TsNs
from execution.paper import PaperBroker
from oracle.events import can_be_told
from random_cases import Case, new_oracle, told
from random_events import Market
from risk.engine import RiskEngine

__all__ = ["Both", "Market"]

EXACT: Final = (
    "event_ns", "market", "decision_seq", "kind", "code", "side", "price", "lots", "mid_half",
    "last_half", "first_ns",
)  # fmt: skip
MONEY: Final = ("gross", "spread_cost", "slippage", "fees", "funding", "net")


def protections_of(sections: Mapping[str, Mapping[str, float]]) -> Any:  # noqa: ANN401
    """The core's own struct; imported here, so that cases without one do not need it."""
    from domain.protections import Protections  # noqa: PLC0415

    return msgspec.convert(sections, Protections)


class Core:
    """The compiled core on paper, and everything it said in all of its runs."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.kept = Keep()
        self.journal = TradeJournal()
        self.new()
        self.set_markets(START_NS)

    def new(self) -> None:
        """A core that knows of nothing."""
        case = self._case
        names = [market.name for market in case.markets]
        self.book = MarketBook(case.start_equity, case.limits, len(names))
        self.portfolio = Portfolio(case.start_equity)
        protections = protections_of(case.protections)
        self.core = AutoScalper(
            self.book,
            RiskEngine(case.limits, case.groups, protections, case.start_equity),
            PaperBroker(self.book.rows),
            self.portfolio,
            Listeners([self.kept, DecisionHash(names)], self.journal),
        )

    def set_markets(self, at_ns: int) -> None:
        """Those of the case."""
        for index, market in enumerate(self._case.markets):
            self.core.apply(
                MarketSet(
                    event_ns=TsNs(at_ns),
                    market=index,
                    instrument=market.instrument,
                    playbook=market.playbook,
                    price_source=market.price_source,
                    book_source=market.book_source,
                    rate=market.rate,
                    subscribed=market.subscribed,
                    reference=market.reference,
                    origin=market.origin,
                )
            )

    def start_run(self, event: RunStarted) -> None:
        """I8: a core that knows no more than what the one before kept, as JSON."""
        kept = msgspec.json.encode(self.core.durable())
        self.new()
        self.set_markets(int(event.event_ns))
        state = msgspec.json.decode(kept, type=Durable)
        self.core.apply(msgspec.structs.replace(event, state=state))

    @property
    def row(self) -> np.void:
        """The first market's row."""
        row: np.void = self.book.rows[0]
        return row


def full(limits: Limits) -> Limits:
    """Limits that were not stated are wide: so that older cases need not name the newer ones."""
    stated = {k: v for k, v in msgspec.structs.asdict(limits).items() if v is not None}
    return msgspec.structs.replace(random_cases.OPEN, **stated)


class Both:
    """Two cores that are told the same."""

    def __init__(self, markets: Sequence[Market], limits: Limits = WIDE) -> None:
        nothing = np.zeros(0, TICK)
        self._start(Case(markets, nothing, (), full(limits), start_equity=START_EQUITY))

    @classmethod
    def of(cls, case: Case) -> "Both":
        """Those of a random case, not yet told anything."""
        made = cls.__new__(cls)
        made._start(case)
        return made

    def _start(self, case: Case) -> None:
        self._told = case
        self.case = Core(case)
        self.oracle = new_oracle(case)
        self._names = [market.name for market in case.markets]
        self._blocked: list[tuple[int, int, int]] = []

    def play(self, case: Case) -> "Both":
        """All ticks and events of a random case."""
        for step in random_cases.steps(case):
            if isinstance(step, Event):
                self.apply(step)
            else:
                self._tick(step)
        return self

    def apply(self, event: Event) -> "Both":
        """An event; a parameter change only where the market is flat by then."""
        if isinstance(event, RunStarted):
            self.case.start_run(event)
        elif can_be_told(self.oracle, event):
            self.case.core.apply(event)
        self.oracle = told(self._told, self.oracle, event)
        return self

    def context(self, market: int, event_ns: int, until_ns: int, values: list[float]) -> "Both":
        """Context of others: bias, plan side, win of LONG and of SHORT."""
        return self.apply(
            ContextSet(
                event_ns=TsNs(event_ns),
                market=self._names[market],
                valid_until_ns=TsNs(until_ns),
                smc_bias=values[0],
                plan_side=values[1],
                win_long=values[2],
                win_short=values[3],
            )
        )

    def fold(self, ticks: Rows) -> "Both":
        """One tick at a time, so that each rejection is seen."""
        for tick in ticks:
            self._tick(tick)
        return self

    def _tick(self, tick: np.void) -> None:
        tally, market = self.case.book.rows["tally"], int(tick["market"])
        before = tally["rejections"][market].copy()
        self.case.core.fold(np.array([tick]))
        self.oracle.tick(tick)
        for gate in np.flatnonzero(tally["rejections"][market] - before):
            self._blocked.append((market, int(tick["event_ns"]), int(gate)))
        self._assert_extremes(market)

    def _assert_extremes(self, market: int) -> None:
        """E8: nothing said shows them."""
        position = self.oracle.markets[market].position
        if position is not None:
            row = self.case.book.rows[market]
            found = int(row["low_ticks"]), int(row["high_ticks"])
            assert found == (position.low_ticks, position.high_ticks)

    def session(self, market: int, event_ns: int, hours: tuple[int, int, int]) -> "Both":
        """A session edge."""
        open_ns, cut_off_ns, close_ns = (TsNs(at) for at in hours)
        return self.apply(
            SessionEdge(
                event_ns=TsNs(event_ns),
                market=self._names[market],
                open_ns=open_ns,
                cut_off_ns=cut_off_ns,
                close_ns=close_ns,
            )
        )

    def day_roll(self, event_ns: int) -> "Both":
        """The account's day begins."""
        return self.apply(DayRoll(event_ns=TsNs(event_ns)))

    def command(self, event_ns: int, state: TradingState) -> "Both":
        """An operator sets the state."""
        return self.apply(Command(event_ns=TsNs(event_ns), state=state))

    def end(self, event_ns: int) -> "Both":
        """The data of every market ends."""
        for name in self._names:
            self.apply(EndOfData(event_ns=TsNs(event_ns), market=name))
        return self

    def assert_equal(self) -> None:
        """Outputs, gates, counts, trades and money of both are the same."""
        said, meant = self.case.kept.rows, self.oracle.outputs
        for place, (mine, theirs) in enumerate(zip(said, meant, strict=False)):
            _assert_same(place, mine, theirs)
        assert len(said) == len(meant)
        assert self._blocked == self.oracle.first_blocking
        self._assert_counts()
        mine_trades, theirs_trades = self.case.journal.trades, self.oracle.trades
        for one, other in zip(mine_trades, theirs_trades, strict=True):
            assert (one.reason, one.side, one.lots) == (other.reason, other.side, other.lots)
            found = {name: getattr(one, name) for name in MONEY}
            assert found == {name: getattr(other, name) for name in MONEY}
        drawdown = Decimal(int(self.case.book.account["max_drawdown"])) / 1_000_000
        # The core rounds realised money to micro-units at every look, the oracle does not.
        assert abs(drawdown - self.oracle.max_drawdown) <= Decimal("0.000002")

    def _assert_counts(self) -> None:
        for market in range(len(self._names)):
            tally = self.case.book.rows[market]["tally"]
            for name in ("rejections", "not_ready", "observed"):
                theirs = getattr(self.oracle, name)
                found = {gate: int(tally[name][gate]) for gate in Gate if tally[name][gate]}
                counted = {
                    gate: count for (m, gate), count in theirs.items() if m == market and count
                }
                assert found == counted, (market, name)
            assert int(tally["additions"]) == self.oracle.additions[market]


def _assert_same(place: int, mine: np.void, theirs: object) -> None:
    names = {"price": "price_ticks"}
    found = {name: int(mine[names.get(name, name)]) for name in EXACT}
    meant = {name: int(getattr(theirs, name)) for name in EXACT}
    assert found == meant, f"output {place}"
    distances: Iterable[float] = getattr(theirs, "distances")  # noqa: B009  typed as object
    np.testing.assert_allclose(
        mine["distances"], np.array(list(distances)), rtol=1e-9, atol=1e-9, err_msg=f"{place}"
    )
