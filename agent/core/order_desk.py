"""From an intent to an approved order, and from a fill to the position (docs/rules.md, 5 to 7)."""

import numpy as np

from agent.core import answers
from agent.core.market_book import MarketBook
from domain.arrays import Rows
from domain.enums import ExitReason, OrderKind, Purpose, Side, TradingState
from domain.errors import Fatal
from domain.orders import Approved, Fill, Order
from domain.portfolio import Portfolio
from domain.ports import Broker
from domain.units import SECOND_NS, Lots, Ticks, TsNs, micro
from risk.engine import RiskEngine
from risk.view import RiskView


class OrderDesk:
    """Answers the two stops that concern orders. Every order passes risk here, and only here."""

    def __init__(
        self, book: MarketBook, risk: RiskEngine, broker: Broker, portfolio: Portfolio
    ) -> None:
        self._book = book
        self._risk = risk
        self._broker = broker
        self._portfolio = portfolio
        self._working: dict[tuple[int, int], Order] = {}
        self._day_start = portfolio.realised

    def roll_day(self) -> None:
        """The account's day begins: its realised result counts from here."""
        self._day_start = self._portfolio.realised

    def on_intent(self, market: int, outputs: Rows, *, close_out: bool = False) -> None:
        """Size the intent in the market's note, have it reviewed, and answer the core."""
        book = self._book
        order = self._order(market, close_out=close_out)
        verdict = self._risk.review(order, self._view(market, order))
        if isinstance(verdict, Approved):
            approved = verdict.order
            self._working[market, int(approved.purpose)] = approved
            self._broker.accept(verdict)
            terms = (int(approved.limit), int(approved.lots))
            answers.approved(book.rows, book.accounts, book.stops, outputs, market, terms)
            return
        refused = (int(verdict.code), int(order.limit), int(order.lots))
        numbers = (float(verdict.limit), float(verdict.actual))
        hold_ns = book.facts[market].exit_life_ns
        answers.refused(
            book.rows, book.accounts, book.stops, outputs, market, refused, numbers, hold_ns
        )

    def on_fill(self, market: int) -> None:
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
        total = self._portfolio.realised
        realised = (micro(total), micro(total - self._day_start))
        fees = micro(change.fees)
        position = (int(change.side), int(change.lots), change.cost, int(change.entry_ns), fees)
        closed = change.closed
        result = 0 if closed is None else int(closed.won) - int(closed.lost)
        answers.folded(book.rows, book.accounts, book.stops, market, position, realised, result)

    def _order(self, market: int, *, close_out: bool) -> Order:
        facts = self._book.facts[market]
        purpose, side, price, lots, reason, _, mid_half, spread, time_ns = self._book.note[
            market
        ].item()
        row = self._book.rows[market]
        entering = purpose == Purpose.ENTRY
        adding = entering and int(row["position_lots"]) > 0
        kind = facts.entry_kind if entering else OrderKind.IOC
        if reason == ExitReason.PARTIAL:
            kind = OrderKind.PARTIAL
        return Order(
            market=market,
            client_id=f"{facts.name}-{int(row['tally']['decision_seq'])}",
            purpose=Purpose(purpose),
            kind=OrderKind.CLOSE_OUT if close_out else kind,
            side=Side(side),
            limit=Ticks(price),
            lots=facts.entry_lots if entering and not adding else Lots(lots),
            decided_ns=TsNs(time_ns),
            mid_half=mid_half,
            spread=spread,
            stop=int(row["plan_stop"]) if entering else 0,
            reason=ExitReason(reason),
            life_ns=facts.entry_life_ns if entering else facts.exit_life_ns,
            addition=adding,
        )

    def _view(self, market: int, order: Order) -> RiskView:
        book = self._book
        facts, row, features = book.facts[market], book.rows[market], book.features[market]
        account, entry = book.account, book.entry_orders[market]
        day, in_session = answers.standing(book.rows, book.accounts, market, int(order.decided_ns))
        read_ns = max(int(order.decided_ns), int(account["clock_ns"]))
        others, other_notional = self._others(market) if len(book.facts) > 1 else (0, 0)
        return RiskView(
            market=facts.name,
            shortable=facts.instrument.shortable,
            in_session=in_session,
            now_ns=order.decided_ns,
            trading_state=TradingState(int(account["trading_state"])),
            day_result=day,
            value=facts.value,
            taker=facts.taker,
            min_notional_micro=facts.min_notional_micro,
            book_valid=bool(features["book_valid"] == 1),
            book_age_s=(read_ns - int(features["book_ns"])) / SECOND_NS,
            bid_ticks=Ticks(int(features["bid_ticks"])),
            ask_ticks=Ticks(int(features["ask_ticks"])),
            position_lots=Lots(int(row["position_lots"])),
            working_entry_lots=Lots(int(entry["remaining"]) if entry["active"] else 0),
            last_loss_ns=TsNs(int(row["last_loss_ns"])),
            other_positions=others,
            other_notional=other_notional,
        )

    def _others(self, market: int) -> tuple[int, int]:
        """R16, R17: other markets with a position or a working entry, and their notional."""
        rows = self._book.rows
        entries, features = self._book.entry_orders, self._book.features
        held = rows["position_lots"]
        working = entries["remaining"] * (entries["active"] == 1)
        counted = (held > 0) | (working > 0)
        counted[market] = False
        side = np.where(held > 0, rows["position_side"], entries["direction"])
        quote = np.where(side == Side.LONG, features["bid_ticks"], features["ask_ticks"])
        notional = quote * (held + working) * rows["value"]
        total = sum(int(amount) for amount in np.round(notional[counted]))
        return int(np.count_nonzero(counted)), total
