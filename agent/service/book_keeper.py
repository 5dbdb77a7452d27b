"""Keeps the books: hears orders, fills and outputs, and makes the ledgers' rows of them.

Rows are gathered while a batch is folded and taken at its end, together with the state that they
lead to: each ledger then holds, after every transaction, fills and the position that they make.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from agent.core.auto_scalper import AutoScalper
from agent.core.market_book import MarketBook, MarketFacts
from agent.service.entries import (
    features_json,
    fill_row,
    funding_row,
    instrument_row,
    is_entry,
    order_row,
    told,
)
from agent.service.kept import KeptMarket, TradeBegan, text_of
from db.state_keys import ACCOUNT, MARKET, RISK
from domain.arrays import Rows
from domain.durable import AccountMemory, Durable
from domain.enums import OrderKind, OrderState, Origin, OutputKind, Regime
from domain.events import Funding
from domain.ledger import (
    EquityRow,
    LedgerRow,
    OrderStateRow,
    StateRow,
    TelemetryRow,
    TradeRow,
)
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change, Trade
from domain.risk_state import RiskState
from domain.units import MICRO, ROUNDED, SECOND_NS, Lots, Money, TsNs
from reporting.excursions import excursions

EQUITY_EVERY_NS: Final = 60 * SECOND_NS
HELD_EVERY_NS: Final = 60 * SECOND_NS  # what every tick changes, of markets with a position
# What says nothing that a restart would have to know.
_PASSING: Final = (OutputKind.REJECTION_RUN, OutputKind.CANDLE_CLOSED)


class Pages(msgspec.Struct, frozen=True):
    """What one batch adds to each file."""

    auto: list[LedgerRow]
    manual: list[LedgerRow]
    telemetry: list[TelemetryRow]


class _Working:
    """An approved order: what of it was filled, and how often."""

    __slots__ = ("fills", "lots", "order")

    def __init__(self, order: Order) -> None:
        self.order = order
        self.lots = 0
        self.fills = 0


class BookKeeper:
    """A core's journal and one of its sinks. Call `open` once with the core, `settle` per batch."""

    def __init__(self, book: MarketBook) -> None:
        self._book = book
        self._rows: dict[int, list[LedgerRow]] = {}
        self._telemetry: list[TelemetryRow] = []
        self._working: dict[tuple[int, int], _Working] = {}
        self._entered: dict[int, TradeBegan] = {}
        self._decided: dict[int, TradeBegan] = {}
        self._fees: dict[int, Decimal] = {}
        self._kept: dict[tuple[Origin, str], tuple[str, object]] = {}
        self._levels: dict[int, tuple[int, int, int]] = {}
        self._changed = False
        self._equity_ns = 0
        self._moved_ns = 0
        self._held_ns = 0

    def opened(self, now_ns: int, began: Mapping[str, TradeBegan]) -> None:
        """The run began: say what its markets are, and go on with the trades that are open."""
        for market, facts in sorted(self._book.facts.items()):
            self._of(market).append(instrument_row(facts, now_ns))
            if facts.name in began:
                self._entered[market] = began[facts.name]
                self._fees[market] = began[facts.name].fees
        self._changed = True

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:
        """An order was decided; the one before it in its slot has ended."""
        market, facts = order.market, self._book.facts[order.market]
        if isinstance(verdict, Refused):
            self._of(market).append(order_row(facts, order, verdict))
            self._of(market).append(_state(facts, order, OrderState.REFUSED, 0, order.decided_ns))
            return
        approved = verdict.order
        self._end(market, int(approved.purpose))
        self._of(market).append(order_row(facts, approved, None))
        self._of(market).append(_state(facts, approved, OrderState.APPROVED, 0, order.decided_ns))
        self._working[market, int(approved.purpose)] = _Working(approved)
        if is_entry(approved):
            row = self._book.rows[market]
            self._decided[market] = TradeBegan(
                client_id=approved.client_id,
                playbook=facts.playbook.name,
                parameters_hash=facts.parameters_hash,
                regime=Regime(int(row["features"][0]["regime"])),
                features=features_json(row),
            )

    def filled(self, fill: Fill, change: Change) -> None:
        """A fill, and with the last one of a trade the trade."""
        order, market = fill.order, fill.order.market
        facts = self._book.facts[market]
        working = self._working[market, int(order.purpose)]
        working.lots += fill.lots
        working.fills += 1
        if is_entry(order) and market not in self._entered:
            self._entered[market] = self._decided[market]
            self._fees[market] = Decimal(0)
        closed = change.closed
        paid = change.fees if closed is None else closed.fees
        fee, self._fees[market] = paid - self._fees[market], paid
        self._of(market).append(fill_row(facts, fill, working.fills, fee))
        done = working.lots == order.lots
        state = OrderState.FILLED if done else OrderState.PARTLY_FILLED
        self._of(market).append(_state(facts, order, state, working.lots, fill.time_ns))
        if done:
            del self._working[market, int(order.purpose)]
        if closed is not None:
            self._of(market).append(self._trade(market, closed))

    def funded(self, market: int, event: Funding, amount: Decimal) -> None:
        """Funding was paid or received."""
        features = self._book.features[market]
        mid_half = int(features["bid_ticks"]) + int(features["ask_ticks"])
        facts = self._book.facts[market]
        self._of(market).append(funding_row(facts, event, mid_half, amount))

    def hear(self, outputs: Rows) -> None:
        """Telemetry of a block of outputs."""
        self._telemetry += told(self._book, outputs)
        self._changed |= not bool(np.isin(outputs["kind"], _PASSING).all())

    def settle(self, core: AutoScalper, now_ns: int, *, keep: bool = False) -> Pages:
        """Everything since the last call, with the state that it led to.

        keep  the state has changed although nothing was said of it: a release, the end. Then the
              counts and quotes of all markets are kept too, which every tick changes; else only
              of those that something happened to, and once a minute of those with a position.
        """
        for market, purpose in list(self._working):
            if self._book.rows[market]["orders"][purpose]["active"] == 0:
                self._end(market, purpose)
        touched = {market for market, rows in self._rows.items() if rows}
        auto, manual = self._gathered(auto=True), self._gathered(auto=False)
        moved = self._levels_moved() if now_ns - self._moved_ns >= SECOND_NS else set[int]()
        self._moved_ns = now_ns if moved else self._moved_ns
        silent = now_ns - self._equity_ns >= EQUITY_EVERY_NS  # peaks rise without a word
        if touched or self._changed or moved or silent or keep:
            touched |= moved
            if keep:
                touched |= set(self._book.facts)
            elif now_ns - self._held_ns >= HELD_EVERY_NS:
                self._held_ns = now_ns
                touched |= set(np.flatnonzero(self._book.rows["position_lots"]).tolist())
            durable, whole = core.durable(), {self._book.facts[each].name for each in touched}
            auto += self._state_rows(durable, now_ns, whole, auto=True)
            manual += self._state_rows(durable, now_ns, whole, auto=False)
            self._equity_ns = 0 if auto or manual else self._equity_ns
        if now_ns - self._equity_ns >= EQUITY_EVERY_NS:
            self._equity_ns = now_ns
            auto.append(self._equity(now_ns))
        telemetry, self._telemetry = self._telemetry, []
        self._changed = False
        return Pages(auto, manual, telemetry)

    def _of(self, market: int) -> list[LedgerRow]:
        return self._rows.setdefault(market, [])

    def _gathered(self, *, auto: bool) -> list[LedgerRow]:
        facts = self._book.facts
        wanted = [each for each in sorted(self._rows) if _is_auto(facts[each].origin) == auto]
        return [row for market in wanted for row in self._rows.pop(market)]

    def _end(self, market: int, purpose: int) -> None:
        """The order of a slot works no longer and was not filled whole."""
        working = self._working.pop((market, purpose), None)
        if working is None:
            return
        order, now_ns = working.order, TsNs(int(self._book.stop["now_ns"]))
        slot = self._book.rows[market]["orders"][purpose]
        expired = order.kind is OrderKind.RESTING and int(slot["end_ns"]) <= now_ns
        state = OrderState.EXPIRED if expired else OrderState.CANCELLED
        facts = self._book.facts[market]
        self._of(market).append(_state(facts, order, state, working.lots, now_ns))

    def _trade(self, market: int, trade: Trade) -> TradeRow:
        facts, row = self._book.facts[market], self._book.rows[market]
        entered, levels = self._entered.pop(market), (int(row["low_ticks"]), int(row["high_ticks"]))
        on_the_way = excursions(facts.instrument, facts.rate, trade, *levels)
        return TradeRow(
            trade_id=f"{entered.client_id}/trade",
            market=trade.market,
            side=trade.side,
            quantity=facts.instrument.qty(trade.lots),
            entry_ns=trade.entry_ns,
            exit_ns=trade.exit_ns,
            entry_price=trade.entry_price,
            exit_price=trade.exit_price,
            reason=trade.reason,
            playbook=entered.playbook,
            parameters_hash=entered.parameters_hash,
            regime=entered.regime,
            features=entered.features,
            mae=on_the_way.worst,
            mfe=on_the_way.best,
            gross=trade.gross,
            spread_cost=trade.spread_cost,
            slippage=trade.slippage,
            fees=trade.fees,
            funding=trade.funding,
            net=trade.net,
            fills=trade.fills,
            entry_client_id=entered.client_id,
        )

    def _levels_moved(self) -> set[int]:
        """Markets whose stop moved without a word: the next run must know where it stands.

        Looked at once a second: a crash costs longer, and each look that finds one keeps a state.
        """
        book, moved = self._book, set[int]()
        for market in book.facts:
            row = book.rows[market]
            if row["position_lots"] == 0:
                self._levels.pop(market, None)
                continue
            levels = (int(row["stop_level"]), int(row["target_level"]), int(row["mover"]))
            if self._levels.get(market) != levels:
                moved.add(market)
            self._levels[market] = levels
        return moved

    def _state_rows(
        self, durable: Durable, now_ns: int, whole: Collection[str], *, auto: bool
    ) -> list[StateRow]:
        """The parts that differ from what their file holds.

        whole  markets of which counts and quote are kept too, where they alone differ.
        """
        at_ns = durable.account.at_ns
        values: dict[str, AccountMemory | RiskState | KeptMarket] = {
            f"{MARKET}{each.market}": KeptMarket(
                memory=each, began=self._began(each.market), at_ns=at_ns
            )
            for each in durable.markets
            if _is_auto(each.origin) == auto
        }
        if auto:
            values |= {ACCOUNT: durable.account, RISK: durable.risk}
        rows: list[StateRow] = []
        for key, value in values.items():
            where = (Origin.AUTO if auto else Origin.MANUAL, key)
            lasting, moving = _compared(value)
            kept = self._kept.get(where)
            every = not isinstance(value, KeptMarket) or value.memory.market in whole
            if kept is None or kept[0] != lasting or (every and kept[1] != moving):
                self._kept[where] = lasting, moving
                rows.append(StateRow(key=key, value=text_of(value), time_ns=TsNs(now_ns)))
        return rows

    def _began(self, name: str) -> TradeBegan | None:
        market = self._book.index(name)
        began = self._entered.get(market)
        if began is None:
            return None
        return msgspec.structs.replace(began, fees=self._fees[market])

    def _equity(self, now_ns: int) -> EquityRow:
        account = self._book.account

        def money(name: str) -> Money:
            return Money(ROUNDED.divide(Decimal(int(account[name])), Decimal(MICRO)))

        return EquityRow(
            time_ns=TsNs(now_ns),
            equity=Money(money("start_equity") + money("realised") + money("unrealised")),
            realised=money("realised"),
            unrealised=money("unrealised"),
            drawdown=money("drawdown"),
            open_positions=int((self._book.rows["position_lots"] > 0).sum()),
        )


def _is_auto(origin: Origin) -> bool:
    return origin is Origin.AUTO


def _compared(part: AccountMemory | RiskState | KeptMarket) -> tuple[str, object]:
    """Of a part what lasts, and what every tick changes.

    Only the time is in neither: a market of which nothing else differs has missed nothing.
    """
    if not isinstance(part, KeptMarket):
        return text_of(part), None
    memory = part.memory
    lasting = msgspec.structs.replace(memory, tally={}, quote=(0, 0))
    moving = memory.tally, memory.quote
    return text_of(msgspec.structs.replace(part, memory=lasting, at_ns=0)), moving


def _state(
    facts: MarketFacts, order: Order, state: OrderState, filled: int, time_ns: int
) -> OrderStateRow:
    return OrderStateRow(
        client_id=order.client_id,
        time_ns=TsNs(time_ns),
        state=state,
        filled=facts.instrument.qty(Lots(filled)),
    )
