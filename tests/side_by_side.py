"""The compiled core and the oracle on the same ticks, compared output by output."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from core_cases import START_EQUITY, WIDE, Case
from domain.arrays import Rows
from domain.enums import BookSource, Gate, PriceSource, TradingState
from domain.events import (
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Reference,
    SessionEdge,
)
from domain.instruments import Instrument
from domain.limits import Limits
from domain.playbooks import Playbook
from domain.units import TsNs
from oracle.core import Oracle
from oracle.limits import OracleLimits

EXACT: Final = (
    "event_ns", "market", "decision_seq", "kind", "code", "side", "price", "lots", "mid_half",
    "last_half", "first_ns",
)  # fmt: skip


class Market(msgspec.Struct, frozen=True):
    """What a market is set with."""

    instrument: Instrument
    playbook: Playbook
    price_source: PriceSource = PriceSource.TRADES
    book_source: BookSource = BookSource.QUOTES
    reference: Reference | None = None


class Both:
    """Two cores that are told the same."""

    def __init__(self, markets: Sequence[Market], limits: Limits = WIDE) -> None:
        names = [market.instrument.name for market in markets]
        self.case = Case(limits, len(markets), names)
        self.oracle = Oracle(START_EQUITY, OracleLimits(**msgspec.structs.asdict(limits)))
        self._names = names
        self._blocked: list[tuple[int, int, int]] = []
        for market in markets:
            self.case.market(
                market.playbook,
                instrument=market.instrument,
                price_source=market.price_source,
                book_source=market.book_source,
                reference=market.reference,
            )
            self.oracle.set_market(
                market.instrument.name,
                market.instrument,
                market.playbook,
                market.price_source,
                market.book_source,
                reference=market.reference,
            )

    def context(self, market: int, event_ns: int, until_ns: int, values: list[float]) -> "Both":
        """Context of others: bias, plan side, win of LONG and of SHORT."""
        self.case.core.apply(
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
        self.oracle.context(market, event_ns, until_ns, *values)
        return self

    def fold(self, ticks: Rows) -> "Both":
        """One tick at a time, so that each rejection is seen."""
        tally = self.case.book.rows["tally"]
        for i in range(len(ticks)):
            market = int(ticks["market"][i])
            before = tally["rejections"][market].copy()
            self.case.core.fold(ticks[i : i + 1])
            self.oracle.tick(ticks[i])
            for gate in np.flatnonzero(tally["rejections"][market] - before):
                self._blocked.append((market, int(ticks["event_ns"][i]), int(gate)))
        return self

    def session(self, market: int, event_ns: int, hours: tuple[int, int, int]) -> "Both":
        """A session edge."""
        open_ns, cut_off_ns, close_ns = (TsNs(at) for at in hours)
        self.case.core.apply(
            SessionEdge(
                event_ns=TsNs(event_ns),
                market=self._names[market],
                open_ns=open_ns,
                cut_off_ns=cut_off_ns,
                close_ns=close_ns,
            )
        )
        self.oracle.session_edge(market, event_ns, *hours)
        return self

    def day_roll(self, event_ns: int) -> "Both":
        """The account's day begins."""
        self.case.core.apply(DayRoll(event_ns=TsNs(event_ns)))
        self.oracle.day_roll(event_ns)
        return self

    def command(self, event_ns: int, state: TradingState) -> "Both":
        """An operator sets the state."""
        self.case.core.apply(Command(event_ns=TsNs(event_ns), state=state))
        self.oracle.command(event_ns, state)
        return self

    def end(self, event_ns: int) -> "Both":
        """The data of every market ends."""
        for market, name in enumerate(self._names):
            self.case.core.apply(EndOfData(event_ns=TsNs(event_ns), market=name))
            self.oracle.end_of_data(market, event_ns)
        return self

    def assert_equal(self) -> None:
        """Outputs, gates, counts, trades and money of both are the same."""
        said, meant = self.case.kept.rows, self.oracle.outputs
        for place, (mine, theirs) in enumerate(zip(said, meant, strict=False)):
            _assert_same(place, mine, theirs)
        assert len(said) == len(meant)
        assert self._blocked == self.oracle.first_blocking
        self._assert_counts()
        mine_trades, theirs_trades = self.case.portfolio.trades, self.oracle.trades
        for one, other in zip(mine_trades, theirs_trades, strict=True):
            assert (one.reason, one.lots, one.net) == (other.reason, other.lots, other.net)
            assert (one.gross, one.spread_cost, one.slippage, one.fees) == (
                other.gross, other.spread_cost, other.slippage, other.fees,
            )  # fmt: skip
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


def _assert_same(place: int, mine: np.void, theirs: object) -> None:
    names = {"price": "price_ticks"}
    found = {name: int(mine[names.get(name, name)]) for name in EXACT}
    meant = {name: int(getattr(theirs, name)) for name in EXACT}
    assert found == meant, f"output {place}"
    distances: Iterable[float] = getattr(theirs, "distances")  # noqa: B009  typed as object
    np.testing.assert_allclose(
        mine["distances"], np.array(list(distances)), rtol=1e-9, atol=1e-9, err_msg=f"{place}"
    )
