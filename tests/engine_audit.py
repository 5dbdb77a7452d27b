"""Holds what an engine kept against itself, without anything that decided it.

From the recording: who could enter when, and how much was held. From the ledgers: orders, fills and
trades, in decimals. Each check is an assertion whose message is the case.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from agent.replay.refold import core_of
from agent.service.recovery import specs_of
from db.read import open_reader
from db.recording.reader import segments
from domain.arrays import Record, Rows
from domain.enums import (
    FileKind,
    OrderKind,
    OrderState,
    Origin,
    OutputKind,
    Purpose,
    Refusal,
    TradingState,
)
from domain.events import Command, Event, LockSet, Release, RunStarted
from domain.ledger import FillRow, FundingRow, OrderRow, OrderStateRow, TradeRow
from engine_cases import spec
from engine_days import Day
from trading_cases import COIN

EVERYWHERE: Final = "*"
_INTENTS: Final = (OutputKind.INTENT, OutputKind.ADDITION)
_EXIT, _DONE = 2, 4  # flags of a FILL


class Books(NamedTuple):
    """All rows of one ledger, in their order."""

    orders: dict[str, OrderRow]
    states: list[OrderStateRow]
    fills: list[FillRow]
    trades: list[TradeRow]
    funding: list[FundingRow]
    chained: bool


def recordings(home: Path) -> Path:
    """The folder of recordings of a home."""
    return spec(home).folder / "recordings"


def read_books(home: Path) -> dict[Origin, Books]:
    """Both ledgers."""
    specs, found = specs_of(spec(home)), dict[Origin, Books]()
    for origin, kind in ((Origin.AUTO, FileKind.AUTO), (Origin.MANUAL, FileKind.MANUAL)):
        with open_reader(specs[kind]) as reader:
            found[origin] = Books(
                orders={row.client_id: row for row in reader.rows(OrderRow)},
                states=list(reader.rows(OrderStateRow)),
                fills=list(reader.rows(FillRow)),
                trades=list(reader.rows(TradeRow)),
                funding=list(reader.rows(FundingRow)),
                chained=reader.verify().broken is None,
            )
    return found


def held(books: Books) -> dict[str, Decimal]:
    """What is open in each market: signed fills, added up."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for fill in books.fills:
        found[fill.market] += _signed(fill)
    return found


def check_orders(books: Books, origin: Origin) -> None:
    """Every fill is of an approved order, within its quantity and its limit, and told as such."""
    filled: dict[str, Decimal] = defaultdict(Decimal)
    ended: dict[str, OrderState] = {}
    for fill in books.fills:
        order = books.orders[fill.client_id]
        filled[fill.client_id] += fill.quantity
        assert order.refused is None, fill
        assert (order.market, order.side, order.purpose) == (fill.market, fill.side, fill.purpose)
        assert filled[fill.client_id] <= order.quantity, fill
        assert fill.time_ns >= order.decided_ns, fill
        buys = (order.side > 0) == (order.purpose is Purpose.ENTRY)
        within = fill.price <= order.limit if buys else fill.price >= order.limit
        assert within or order.kind is OrderKind.CLOSE_OUT, fill
    for state in books.states:
        assert state.client_id not in ended, state
        if state.state.rank == 3:
            ended[state.client_id] = state.state
            assert state.filled == filled[state.client_id], state
    for name, order in books.orders.items():
        assert order.origin is origin, order
        refused, whole = order.refused is not None, filled[name] == order.quantity
        end = ended.get(name)
        assert (end is OrderState.REFUSED) == refused, order
        if not refused:
            assert (end is OrderState.FILLED) == whole, order
        if refused or whole:
            assert end is not None, order


def check_trades(books: Books) -> None:
    """Each trade is what its fills and payments make, from flat to flat, to the last digit."""
    cash: dict[str, Decimal] = defaultdict(Decimal)
    open_lots: dict[str, Decimal] = defaultdict(Decimal)
    counted: dict[str, int] = defaultdict(int)
    began: dict[str, FillRow] = {}
    told = {market: iter(trades) for market, trades in _by_market(books.trades).items()}
    for fill in books.fills:
        market = fill.market
        if not open_lots[market]:
            began[market] = fill
            assert fill.purpose is Purpose.ENTRY, fill
        signed = _signed(fill)
        open_lots[market] += signed
        cash[market] -= signed * fill.price * COIN.multiplier + fill.fee
        counted[market] += 1
        assert open_lots[market] * fill.side >= 0, fill  # nothing is ever sold beyond flat
        if open_lots[market]:
            continue
        trade, first = next(told[market]), began[market]
        paid = sum(
            (
                each.amount
                for each in books.funding
                if each.market == market and first.time_ns <= each.time_ns < fill.time_ns
            ),
            Decimal(),
        )
        assert trade.net == cash[market] - paid, trade
        assert trade.net == (
            trade.gross - trade.spread_cost - trade.slippage - trade.fees - trade.funding
        )
        assert (trade.entry_ns, trade.exit_ns) == (first.time_ns, fill.time_ns), trade
        assert (trade.entry_client_id, trade.side) == (first.client_id, first.side), trade
        assert trade.fills == counted[market], trade
        cash[market], counted[market] = Decimal(), 0
    assert not [trade for left in told.values() for trade in left]


def check_entries(day: Day, home: Path, books: dict[Origin, Books]) -> set[str]:
    """Who entered could, and no size was above a limit; client ids of the approved entries."""
    walk = _Walk(day, {k: v for each in books.values() for k, v in each.orders.items()})
    for said in _said(recordings(home)):
        walk.take(said)
    entered = {
        name
        for each in books.values()
        for name, order in each.orders.items()
        if order.purpose is Purpose.ENTRY and order.refused is None
    }
    assert walk.entered == entered
    return entered


class _Said(NamedTuple):
    """An output, and the markets' names; or an event once all that it led to was said."""

    names: tuple[str, ...]
    output: Record | None = None
    event: Event | None = None


class _Heard:
    def __init__(self) -> None:
        self.rows: list[Record] = []

    def hear(self, outputs: Rows) -> None:
        self.rows += [row.copy() for row in outputs]


def _said(folder: Path) -> Iterator[_Said]:
    """Outputs and events in one order: what a recording keeps in two files."""
    for segment in segments(folder):
        heard, names = _Heard(), segment.header.markets
        paper = core_of(segment, (heard,))
        for _, value in segment.inputs():
            if isinstance(value, np.ndarray):
                paper.core.fold(value)
            else:
                paper.core.apply(value)
            yield from (_Said(names, output=row) for row in heard.rows)
            heard.rows.clear()
            if isinstance(value, Event):
                yield _Said(names, event=value)


class _Walk:
    """State, locks and positions as outputs and events tell of them, over all runs."""

    def __init__(self, day: Day, orders: dict[str, OrderRow]) -> None:
        self._day = day
        self._orders = orders
        self._limits = day.account.settings.limits
        self._epoch = 0
        self._state = self._asked = int(TradingState.ACTIVE)
        self._locks: dict[tuple[str, int], float] = {}
        self._intent: dict[str, str] = {}
        self._held: dict[str, Decimal] = defaultdict(Decimal)
        self.entered: set[str] = set()

    def take(self, said: _Said) -> None:
        if said.event is not None:
            self._event(said.event)
        elif said.output is not None:
            market = int(said.output["market"])
            self._output(said.output, said.names[market] if market >= 0 else EVERYWHERE)

    def _event(self, event: Event) -> None:
        match event:
            case RunStarted(epoch=epoch):
                self._epoch = epoch
            case Command(state=state):
                self._asked = int(state)
                assert self._state == state
            case Release(market=None):
                self._locks.clear()
            case Release(market=market):
                self._locks = {key: end for key, end in self._locks.items() if key[0] != market}
            case LockSet(market=market, until_ns=until_ns):
                key = (market or EVERYWHERE, int(Refusal.LOCKED_BY_HAND))
                end = math.inf if until_ns is None else float(until_ns)
                before = self._locks.get(key, 0.0)
                self._locks[key] = max(end, before if before > event.event_ns else 0.0)

    def _output(self, out: Record, name: str) -> None:
        kind = int(out["kind"])
        if kind == OutputKind.STATE_CHANGED:
            self._state = int(out["code"])
        elif kind == OutputKind.LOCKED:
            self._locks[name, int(out["code"])] = float(out["first_ns"]) or math.inf
        elif kind in _INTENTS:
            self._intent[name] = f"{name}-{self._epoch}-{int(out['decision_seq'])}"
        elif kind == OutputKind.APPROVED:
            order = self._orders[self._intent[name]]
            if order.purpose is Purpose.ENTRY:
                self._may_enter(order, int(out["event_ns"]))
                self._fits(order)
                self.entered.add(order.client_id)
        elif kind == OutputKind.FILL:
            exits = int(out["first_ns"]) & _EXIT
            lots = COIN.lot * int(out["lots"]) * int(out["side"])
            self._held[name] += -lots if exits else lots
            assert len(self._open()) <= self._limit("max_open_positions")

    def _may_enter(self, order: OrderRow, now_ns: int) -> None:
        assert order.decided_ns == now_ns, order
        assert self._state == self._asked == TradingState.ACTIVE, order
        holding = [
            key
            for key, end in self._locks.items()
            if key[0] in {order.market, EVERYWHERE} and now_ns < end
        ]
        assert not holding, (order, holding)
        name = order.market.partition("@")[0]
        others = {each for each in self._open() if each.partition("@")[0] == name}
        assert others <= {order.market}, order

    def _fits(self, order: OrderRow) -> None:
        held = abs(self._held[order.market])
        worth = order.limit * COIN.multiplier
        assert order.quantity > 0
        assert order.quantity * worth <= self._limit("max_order_notional"), order
        assert (held + order.quantity) * worth <= self._limit("max_position_notional"), order
        assert len(self._open() | {order.market}) <= self._limit("max_open_positions"), order
        assert order.addition == (held > 0), order
        if order.addition:
            rules = self._day.playbooks[order.parameters_hash].values
            multiple = Decimal(str(rules["averaging.max_multiple"]))
            cap = int(multiple * COIN.standard_lots) * COIN.lot
            assert held + order.quantity <= cap, order

    def _open(self) -> set[str]:
        return {name for name, lots in self._held.items() if lots}

    def _limit(self, name: str) -> Decimal:
        return Decimal(str(getattr(self._limits, name)))


def _signed(fill: FillRow) -> Decimal:
    signed = fill.quantity * fill.side
    return Decimal(signed if fill.purpose is Purpose.ENTRY else -signed)


def _by_market(trades: list[TradeRow]) -> dict[str, list[TradeRow]]:
    found: dict[str, list[TradeRow]] = defaultdict(list)
    for trade in trades:
        found[trade.market].append(trade)
    return found


def everything(home: Path) -> list[object]:
    """All rows of all files that are compared between two days, without what is chained to them."""
    books = read_books(home)
    outputs = [rows.tobytes() for each in segments(recordings(home)) for rows in each.outputs()]
    rows = [
        msgspec.to_builtins(row)
        for each in books.values()
        for row in (*each.orders.values(), *each.states, *each.fills, *each.trades, *each.funding)
    ]
    return [b"".join(outputs), rows]
