"""From an intent to an approved order, and from a fill to the position (docs/rules.md, 5 to 7)."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec
import numpy as np

from agent.core import answers
from agent.core.market_book import MarketBook, MarketFacts
from domain.arrays import Rows
from domain.costs import gain_micro, notional_micro
from domain.enums import (
    ExitReason,
    OrderKind,
    Origin,
    Purpose,
    Side,
    SizeMode,
    StateCause,
    TradingState,
)
from domain.errors import Fatal
from domain.events import Funding
from domain.locks import ALL, Lock, Pause
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change, Portfolio
from domain.ports import Broker, Journal
from domain.units import SECOND_NS, Lots, Money, Ticks, TsNs, micro
from risk.engine import RiskEngine
from risk.sizing import Measured, entry_lots, loss_of_one_lot, sized_lots
from risk.view import Exposure, RiskView
from strategies.features.indicators import volatility_bps


class OrderDesk:
    """Answers the two stops that concern orders. Every order passes risk here, and only here."""

    def __init__(
        self,
        book: MarketBook,
        risk: RiskEngine,
        broker: Broker,
        portfolio: Portfolio,
        journal: Journal,
    ) -> None:
        self._book = book
        self._risk = risk
        self._broker = broker
        self._portfolio = portfolio
        self._journal = journal
        self._working: dict[tuple[int, int], Order] = {}
        self._day_start = portfolio.realised

    @property
    def day_start(self) -> Money:
        """Realised result at the day's roll."""
        return self._day_start

    @property
    def working(self) -> tuple[Order, ...]:
        """The latest order of each market and purpose: fills are of these."""
        return tuple(self._working.values())

    def restore(self, working: Sequence[Order], day_start: Decimal) -> None:
        """Go on with these orders and this start of the day."""
        self._working = {(order.market, int(order.purpose)): order for order in working}
        self._day_start = Money(day_start)

    def roll_day(self) -> None:
        """The account's day begins: its realised result counts from here."""
        self._day_start = self._portfolio.realised

    def on_intent(self, market: int, outputs: Rows, kind: OrderKind | None = None) -> None:
        """Size the intent in the market's note, have it reviewed, and answer the core.

        kind  of the order; None: that of the playbook, or of its exits.
        """
        order = self._sized(market, self._order(market, kind))
        verdict = self._risk.review(order, self._view(market, order))
        self._journal.reviewed(order, verdict)
        self._answer(market, order, verdict, outputs)
        self.act(outputs)

    def _answer(
        self, market: int, order: Order, verdict: Approved | Refused, outputs: Rows
    ) -> None:
        book = self._book
        if isinstance(verdict, Approved):
            approved = verdict.order
            self._working[market, int(approved.purpose)] = approved
            self._broker.accept(verdict)
            terms = (int(approved.limit), int(approved.lots))
            answers.approved(book.rows, book.accounts, book.stops, outputs, market, terms)
            return
        refused = (int(verdict.code), int(order.limit), int(order.lots))
        numbers = (float(verdict.limit), float(verdict.actual))
        holds = (verdict.until_ns, book.facts[market].exit_life_ns)
        answers.refused(
            book.rows, book.accounts, book.stops, outputs, market, refused, numbers, holds
        )

    def act(self, outputs: Rows) -> None:
        """L1 to L5: what risk decided besides the order; pauses are said before locks."""
        book = self._book
        measures = self._risk.measures()
        for pause in (each for each in measures if isinstance(each, Pause)):
            if self._may_pause():
                state, cause = int(TradingState.REDUCING), int(pause.cause)
                until_ns = int(pause.until_ns)
                answers.set_state(book.accounts, book.stops, outputs, state, cause, until_ns)
        for lock in (each for each in measures if isinstance(each, Lock)):
            market = -1 if lock.market == ALL else book.index(lock.market)
            said = (int(lock.code), lock.until_ns or 0)
            answers.locked(book.rows, book.stops, outputs, market, said, lock.numbers)

    def _may_pause(self) -> bool:
        """L: a stop for want of a disk or a clock ends by itself, and a pause must outlast it."""
        account = self._book.account
        passing = int(account["state_cause"]) in (StateCause.STORAGE, StateCause.CLOCK)
        state = int(account["trading_state"])
        return state == TradingState.ACTIVE or (state == TradingState.REDUCING and passing)

    def on_fill(self, market: int, outputs: Rows) -> None:
        """Fold the fill in the market's note into the portfolio, and the result into the row."""
        book = self._book
        purpose, _, price, lots, _, maker, _, _, time_ns = book.note[market].item()
        order = self._working.get((market, purpose))
        if order is None:
            raise Fatal(f"{book.facts[market].name}: a fill without an order at {time_ns}")
        fill = Fill(
            order=order,
            time_ns=TsNs(time_ns),
            price=Ticks(price),
            lots=Lots(lots),
            maker=maker == 1,
        )
        change = self._portfolio.fold(fill)
        paid, level = self._paid(change), self._liquidation_level(market)
        position = (
            int(change.side), int(change.lots), change.cost, int(change.entry_ns), paid, level
        )  # fmt: skip
        closed = change.closed
        result = 0 if closed is None else int(closed.won) - int(closed.lost)
        records = (book.rows, book.accounts, book.stops)
        realised = self._realised()
        answers.folded(*records, market, position, change.worth, realised, result)
        self._journal.filled(fill, change)
        if closed is not None:
            book.end_holds_elsewhere(market, time_ns)
            self._risk.traded(closed, time_ns)
        self._risk.filled(fill)
        self.act(outputs)

    def on_funding(self, market: int, event: Funding, outputs: Rows) -> None:
        """V1: an open position pays, or receives, at its venue's stamp."""
        book = self._book
        row, features = book.rows[market], book.features[market]
        if row["position_lots"] == 0:
            return
        instrument = book.facts[market].instrument
        mid_half = int(features["bid_ticks"]) + int(features["ask_ticks"])
        mark_half = mid_half if event.mark is None else instrument.half_ticks(event.mark)
        due = self._portfolio.funding_due(market, mark_half, event.rate)
        change = self._portfolio.pay_funding(market, due)
        paid = (self._paid(change), self._liquidation_level(market), mark_half)
        records = (book.rows, book.accounts, book.stops, outputs)
        said = (float(event.rate), float(due))
        answers.funded(*records, market, paid, self._realised(), said)
        self._journal.funded(market, event, due)

    @staticmethod
    def _paid(change: Change) -> int:
        """Fees and funding of the open trade, micro-units."""
        return micro(change.fees + change.funding)

    def _realised(self) -> tuple[int, int]:
        """Since the start and since the day's roll, micro-units."""
        total = self._portfolio.realised
        return micro(total), micro(total - self._day_start)

    def _liquidation_level(self, market: int, order: Order | None = None) -> int:
        """V3: of the position, and of an entry at its limit."""
        schedule = self._book.facts[market].schedule
        if schedule is None:
            return 0
        return self._portfolio.liquidation_level(market, schedule, order)

    def _sized(self, market: int, order: Order) -> Order:
        """R20: an entry gets its lots; additions and exits have theirs."""
        facts = self._book.facts[market]
        if order.purpose is Purpose.EXIT or order.addition or facts.origin is Origin.MANUAL:
            return order
        sizing = facts.sizing
        if sizing.mode is SizeMode.FIXED:
            lots = entry_lots(sizing.multiple, sizing.standard_lots)
        else:
            measured = Measured(
                equity=self._equity(),
                loss_of_one_lot=loss_of_one_lot(order, self._view(market, order)),
                volatility_bps=float(volatility_bps(self._book.features[market])),
            )
            lots = sized_lots(sizing, measured)
        return msgspec.structs.replace(order, lots=lots)

    def _order(self, market: int, asked: OrderKind | None) -> Order:
        facts = self._book.facts[market]
        purpose, side, price, lots, reason, _, mid_half, spread, time_ns = self._book.note[
            market
        ].item()
        row = self._book.rows[market]
        entering = purpose == Purpose.ENTRY
        adding = entering and int(row["position_lots"]) > 0 and int(row["by_hand"]) == 0
        kind = facts.entry_kind if entering else OrderKind.IOC
        if reason == ExitReason.PARTIAL:
            kind = OrderKind.PARTIAL
        return Order(
            market=market,
            client_id=self._client_id(facts.name, int(row["tally"]["decision_seq"])),
            purpose=Purpose(purpose),
            kind=kind if asked is None else asked,
            side=Side(side),
            limit=Ticks(price),
            lots=Lots(lots),
            decided_ns=TsNs(time_ns),
            mid_half=mid_half,
            spread=spread,
            stop=int(row["plan_stop"]) if entering else 0,
            reason=ExitReason(reason),
            life_ns=facts.entry_life_ns if entering else facts.exit_life_ns,
            addition=adding,
        )

    def _client_id(self, name: str, decision_seq: int) -> str:
        """The same in every replay, and in no two runs of a ledger."""
        epoch = self._book.epoch
        return f"{name}-{epoch}-{decision_seq}" if epoch else f"{name}-{decision_seq}"

    def _view(self, market: int, order: Order) -> RiskView:
        book, entering = self._book, order.purpose is Purpose.ENTRY
        facts, row, features = book.facts[market], book.rows[market], book.features[market]
        account, entry = book.account, book.entry_orders[market]
        day, in_session = answers.standing(book.rows, book.accounts, market, int(order.decided_ns))
        read_ns = max(int(order.decided_ns), int(account["clock_ns"]))
        return RiskView(
            market=facts.name,
            instrument=facts.instrument.name,
            held_elsewhere=entering and book.held_elsewhere(market),
            works_elsewhere=entering and book.works_elsewhere(market),
            by_hand=facts.origin is Origin.MANUAL,
            shortable=facts.instrument.shortable,
            in_session=in_session,
            now_ns=order.decided_ns,
            trading_state=TradingState(int(account["trading_state"])),
            day_result=day,
            equity=self._equity(),
            value=facts.value,
            inverse=facts.inverse,
            leverage=facts.leverage,
            liquidation_ticks=self._liquidation_level(market, order) if entering else 0,
            taker=facts.taker,
            min_notional_micro=self._min_notional(facts, int(order.limit)),
            book_valid=bool(features["book_valid"] == 1),
            book_age_s=(read_ns - int(features["book_ns"])) / SECOND_NS,
            bid_ticks=Ticks(int(features["bid_ticks"])),
            ask_ticks=Ticks(int(features["ask_ticks"])),
            position_lots=Lots(int(row["position_lots"])),
            working_entry_lots=Lots(int(entry["remaining"]) if entry["active"] else 0),
            last_loss_ns=TsNs(int(row["last_loss_ns"])),
            others=self._exposures(market) if len(book.facts) > 1 else (),
        )

    @staticmethod
    def _min_notional(facts: MarketFacts, limit: int) -> int:
        """R12: an inverse contract's smallest order is a number of lots."""
        if not facts.inverse or limit < 1:
            return facts.min_notional_micro
        return int(notional_micro(limit, facts.min_lots, facts.value, True))

    def _equity(self) -> int:
        """Q3, micro-units."""
        account = self._book.account
        return sum(int(account[part]) for part in ("start_equity", "realised", "unrealised"))

    def _exposures(self, market: int) -> tuple[Exposure, ...]:
        """R16 to R18a: the other markets with a position or a working entry."""
        rows, entries = self._book.rows, self._book.entry_orders
        counted = (rows["position_lots"] > 0) | (entries["active"] == 1)
        counted[market] = False
        return tuple(self._exposure(int(other)) for other in np.flatnonzero(counted))

    def _exposure(self, market: int) -> Exposure:
        facts, row = self._book.facts[market], self._book.rows[market]
        features, entry = self._book.features[market], self._book.entry_orders[market]
        held, value, inverse = int(row["position_lots"]), facts.value, facts.inverse
        working = int(entry["remaining"]) if entry["active"] else 0
        side = int(row["position_side"] if held else entry["direction"])
        quote = int(features["bid_ticks"] if side == Side.LONG else features["ask_ticks"])
        notional = round(notional_micro(quote, held + working, value, inverse))
        at_risk = 0.0
        if held:
            level = int(row["stop_level"])
            loss = -side * gain_micro(quote, level, held, value, inverse)
            at_risk += max(0.0, loss) + int(row["exit_cost"])
        if working:
            limit, stop = int(entry["limit"]), int(row["plan_stop"])
            loss = -side * gain_micro(limit, limit - side * stop, working, value, inverse)
            fees = 2 * facts.taker * notional_micro(limit, working, value, inverse)
            at_risk += loss + fees
        margin = round(notional / facts.leverage)
        return Exposure(facts.instrument.name, notional, margin, round(at_risk))
