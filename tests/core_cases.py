"""A whole core on paper for tests, and ticks written by hand.

Times are seconds after START_NS; prices are in price units of COIN (tick 0.1, lot 0.1).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np

from agent.core.auto_scalper import AutoScalper
from agent.core.decision_hash import DecisionHash
from agent.core.market_book import MarketBook
from agent.replay.trade_journal import TradeJournal
from domain.arrays import Rows
from domain.enums import (
    BookSource,
    ExitReason,
    Gate,
    Origin,
    OutputKind,
    PriceSource,
    TickKind,
)
from domain.events import EndOfData, MarketSet, Reference, market_name
from domain.instruments import Instrument
from domain.limits import Limits
from domain.playbooks import Playbook, playbook_from
from domain.portfolio import Portfolio, Trade
from domain.ports import Listeners
from domain.rows.output import OUTPUT
from domain.rows.tick import TICK
from domain.units import SECOND_NS, TsNs
from execution.paper import PaperBroker
from risk.engine import RiskEngine
from trading_cases import COIN

START_NS: Final = 1_700_000_000 * SECOND_NS
START_EQUITY: Final = Decimal(100_000)

# Wide limits: nothing but the rule under test stands in the way.
WIDE: Final = Limits(
    allow=("*",),
    max_daily_loss=50_000.0,
    max_trade_loss=10_000.0,
    cool_down_s=0.001,
    duplicate_window_ms=0.001,
    orders_per_second=1_000.0,
    orders_per_day=1_000_000.0,
    exit_reserve=1.0,
    stale_quote_s=5.0,
    collar_spreads=1_000.0,
    collar_bps=1_000.0,
    hard_collar_bps=1_000.0,
    max_order_notional=1e7,
    max_position_notional=1e7,
    max_open_positions=100.0,
    max_gross_notional=1e8,
    max_group_notional=1e9,
    max_leverage=1e9,
    max_heat=1e9,
    min_liquidation_stops=1.0,
    max_drawdown=1e9,
    loss_streak=1e9,
    loss_streak_pause_s=1.0,
    slippage_orders=1e9,
    max_slippage_bps=1e9,
    slippage_pause_s=1.0,
    repeated_entries=1e9,
    repeated_window_s=1.0,
    reject_burst=1e9,
    reject_window_s=1.0,
    trades_per_session=1e9,
    review_after_trades=1e9,
)

# Enters LONG on the first tick with a valid book: every gate that can be switched is off.
EAGER: Final[dict[str, Any]] = {
    "schema": 1,
    "name": "eager",
    "sentence": "Enters at once.",
    "entry": {"limit_offset": "10tick"},
    "exit": {
        "stop": "20tick",
        "target": "30tick",
        "break_even_trigger": "off",
        "trail_trigger": "off",
        "max_hold_s": 60.0,
        "flip_streak": 0,
    },
    "gates": {gate.word: {"mode": "off"} for gate in Gate if gate not in (Gate.HOLD, Gate.PLAN)},
}


def playbook(changes: Mapping[str, Mapping[str, Any]] | None = None) -> Playbook:
    """EAGER with some values changed: `{"exit": {"stop": "5tick"}, "gates.spread": {...}}`."""
    data = {key: dict(part) if isinstance(part, dict) else part for key, part in EAGER.items()}
    data["gates"] = {gate: dict(part) for gate, part in EAGER["gates"].items()}
    for section, values in (changes or {}).items():
        head, _, gate = section.partition(".")
        target = data["gates"][gate] if gate else data.get(head, {})
        target.update(values)
        if not gate:
            data[head] = target
    return playbook_from(data, "tests")


class Keep:
    """An output sink that keeps everything."""

    def __init__(self) -> None:
        self._blocks: list[Rows] = [np.zeros(0, OUTPUT)]

    def hear(self, outputs: Rows) -> None:
        self._blocks.append(outputs.copy())

    @property
    def rows(self) -> Rows:
        """OUTPUT[n] heard so far."""
        return np.concatenate(self._blocks)

    def of(self, kind: OutputKind) -> Rows:
        """Those of one kind."""
        rows = self.rows
        return rows[rows["kind"] == kind]


class Case:
    """One account, its markets, and everything the core said."""

    def __init__(
        self, limits: Limits = WIDE, max_markets: int = 2, names: Sequence[str] = ("COIN", "OTHER")
    ) -> None:
        self.limits = limits
        self.sets: list[MarketSet] = []
        self.book = MarketBook(START_EQUITY, limits, max_markets)
        self.portfolio = Portfolio(START_EQUITY)
        self.kept = Keep()
        self.journal = TradeJournal()
        self.hash = DecisionHash(names)
        self.core = AutoScalper(
            self.book,
            RiskEngine(limits),
            PaperBroker(self.book.rows),
            self.portfolio,
            Listeners([self.kept, self.hash], self.journal),
        )

    def market(
        self,
        rules: Playbook,
        *,
        instrument: Instrument = COIN,
        price_source: PriceSource = PriceSource.TRADES,
        book_source: BookSource = BookSource.QUOTES,
        subscribed: int = 0,
        reference: Reference | None = None,
        at_s: float = 0.0,
        origin: Origin = Origin.AUTO,
    ) -> "Case":
        """Start a market."""
        return self.set(
            MarketSet(
                event_ns=at(at_s),
                market=self._number(market_name(instrument.name, origin)),
                instrument=instrument,
                playbook=rules,
                price_source=price_source,
                book_source=book_source,
                rate=Decimal(1),
                subscribed=subscribed,
                reference=reference,
                origin=origin,
            )
        )

    def set(self, market: MarketSet) -> "Case":
        """Start a market by its event."""
        self.sets.append(market)
        self.core.apply(market)
        return self

    def _number(self, name: str) -> int:
        names = [facts.name for facts in self.book.facts.values()]
        return names.index(name) if name in names else len(names)

    def fold(self, *rows: Rows) -> "Case":
        """Fold ticks."""
        self.core.fold(np.concatenate(rows))
        return self

    def end(self, at_s: float, name: str = "COIN") -> "Case":
        """The market's data ends."""
        self.core.apply(EndOfData(event_ns=at(at_s), market=name))
        return self

    @property
    def row(self) -> np.void:
        """The first market's row."""
        row: np.void = self.book.rows[0]
        return row

    @property
    def trades(self) -> list[Trade]:
        """Closed so far, in order."""
        return self.journal.trades

    @property
    def reasons(self) -> list[ExitReason]:
        """Of the closed trades."""
        return [trade.reason for trade in self.trades]

    @property
    def blocked(self) -> dict[Gate, int]:
        """Rejected ticks of the first market by gate."""
        counts = self.row["tally"]["rejections"]
        return {gate: int(counts[gate]) for gate in Gate if counts[gate]}


def at(seconds: float) -> TsNs:
    """Nanoseconds of a test's second."""
    return TsNs(START_NS + round(seconds * SECOND_NS))


def quote(
    at_s: float,
    bid: float,
    ask: float,
    bid_size: float = 100.0,
    ask_size: float = 100.0,
    market: int = 0,
) -> Rows:
    """TICK[1]: a quote."""
    row = _blank(at_s, TickKind.QUOTE, market)
    row["bid"], row["ask"], row["bid_size"], row["ask_size"] = bid, ask, bid_size, ask_size
    return row


def trade(at_s: float, price: float, size: float = 1.0, side: int = 0, market: int = 0) -> Rows:
    """TICK[1]: a trade; `side` is the aggressor's."""
    row = _blank(at_s, TickKind.TRADE, market)
    row["price"], row["size"], row["side"] = price, size, side
    return row


def crossed(at_s: float, market: int = 0) -> Rows:
    """TICK[1]: what is left of a crossed quote."""
    return _blank(at_s, TickKind.INVALID_BOOK, market)


def clock(at_s: float) -> Rows:
    """TICK[1]: time passes."""
    return _blank(at_s, TickKind.CLOCK, 0)


def prices(start_s: float, step_s: float, values: Sequence[float], market: int = 0) -> Rows:
    """Trades at even intervals."""
    rows = [trade(start_s + i * step_s, p, market=market) for i, p in enumerate(values)]
    return np.concatenate(rows)


def another(name: str, **changes: Any) -> Instrument:  # noqa: ANN401  passed on to the struct
    """COIN under another name."""
    return msgspec.structs.replace(COIN, name=name, symbol=name, **changes)


def _blank(at_s: float, kind: TickKind, market: int) -> Rows:
    row = np.zeros(1, TICK)
    for name in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        row[name] = np.nan
    row["event_ns"] = row["ts_ns"] = at(at_s)
    row["kind"], row["market"] = kind, market
    return row
