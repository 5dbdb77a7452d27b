"""Exact money, sections 7 and 7a: fills and funding into trades, trades into equity."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

import msgspec

from domain.enums import ExitReason, Side
from domain.units import EXACT, MICRO, ROUNDED, micro
from oracle.contract import share, worth
from oracle.state import Market, Order, Piece, Position


class ClosedTrade(msgspec.Struct, frozen=True):
    """Q2: from flat to flat. `lots` are those that were entered."""

    market: int
    side: Side
    lots: int
    entry_ns: int
    exit_ns: int
    reason: ExitReason
    gross: Decimal
    spread_cost: Decimal
    slippage: Decimal
    fees: Decimal
    funding: Decimal
    entry_notional: Decimal

    @property
    def net(self) -> Decimal:
        with localcontext(EXACT):
            return self.gross - self.spread_cost - self.slippage - self.fees - self.funding

    @property
    def on_notional(self) -> float:
        """L5: net / entry notional."""
        return float(ROUNDED.divide(self.net, self.entry_notional))


@dataclass
class OpenTrade:
    """The sums of Q1 so far."""

    entry_ns: int
    side: int
    lots: int = 0
    gross: Decimal = Decimal(0)
    spread_cost: Decimal = Decimal(0)
    slippage: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    funding: Decimal = Decimal(0)
    entry_notional: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)  # Q4: of what is open


class Ledger:
    """The portfolio: realised money of all markets."""

    def __init__(self, start_equity: Decimal) -> None:
        self.start = start_equity
        self.realised = Decimal(0)  # at fill prices, before fees
        self.fees = Decimal(0)
        self.funding = Decimal(0)
        self._at_roll = Decimal(0)  # the total at the last day roll
        self.open: dict[int, OpenTrade] = {}
        self.trades: list[ClosedTrade] = []
        self.max_drawdown = Decimal(0)
        self._peak = start_equity

    @property
    def total(self) -> Decimal:
        """Realised P&L less fees and funding, exactly."""
        with localcontext(EXACT):
            return self.realised - self.fees - self.funding

    @property
    def realised_micro(self) -> int:
        """The account's: the exact sum becomes micro-units once, not fill by fill."""
        return micro(self.total)

    @property
    def day_realised(self) -> Decimal:
        """Since the last day roll, less fees."""
        with localcontext(EXACT):
            return self.total - self._at_roll

    @property
    def day_realised_micro(self) -> int:
        """E2."""
        return micro(self.day_realised)

    def roll_day(self) -> None:
        """T2."""
        self._at_roll = self.total

    def open_costs_micro(self, market: Market) -> int:
        """E3.5: fees and funding that the open trade has paid."""
        trade = self.open.get(market.index)
        return 0 if trade is None else micro(EXACT.add(trade.fees, trade.funding))

    def open_funding(self, market: Market) -> Decimal:
        """V3."""
        trade = self.open.get(market.index)
        return Decimal(0) if trade is None else trade.funding

    def entry_fill(self, market: Market, order: Order, piece: Piece, now: int) -> None:
        """Q1 and Q4, opening or adding."""
        trade = self.open.setdefault(market.index, OpenTrade(now, order.direction))
        trade.lots += piece.lots
        self._count(market, trade, order, piece)
        constants = market.constants
        with localcontext(EXACT):
            if constants.inverse:
                cost = piece.lots * worth(constants, 2 * piece.price)
                trade.cost += cost
                trade.entry_notional -= cost
            else:
                trade.entry_notional += piece.lots * piece.price * constants.tick_value

    def exit_fill(
        self, market: Market, order: Order, piece: Piece, position: Position, taken: int
    ) -> None:
        """Q1 and Q4, after the position was reduced; `taken` is the cost it gave up (E1)."""
        trade = self.open[market.index]
        self._count(market, trade, order, piece)
        constants = market.constants
        with localcontext(EXACT):
            if constants.inverse:
                part = share(trade.cost, piece.lots, position.lots + piece.lots)
                trade.cost -= part
                got = piece.lots * worth(constants, 2 * piece.price)
                self.realised += trade.side * (got - part)
            else:
                ticks = trade.side * (piece.price * piece.lots - taken)
                self.realised += ticks * constants.tick_value

    def pay_funding(self, market: Market, lots: int, mark_half: int, rate: Decimal) -> Decimal:
        """V1: what the open trade pays; negative where it receives."""
        trade, constants = self.open[market.index], market.constants
        with localcontext(EXACT):
            if constants.inverse:
                paid = trade.side * -lots * worth(constants, mark_half) * rate
            else:
                half = Decimal("0.5")
                paid = trade.side * lots * mark_half * half * constants.tick_value * rate
            trade.funding += paid
            self.funding += paid
        return paid

    def close_trade(self, market: Market, reason: ExitReason, now: int) -> ClosedTrade:
        """Q2."""
        trade = self.open.pop(market.index)
        closed = ClosedTrade(
            market=market.index,
            side=Side(trade.side),
            lots=trade.lots,
            entry_ns=trade.entry_ns,
            exit_ns=now,
            reason=reason,
            gross=trade.gross,
            spread_cost=trade.spread_cost,
            slippage=trade.slippage,
            fees=trade.fees,
            funding=trade.funding,
            entry_notional=trade.entry_notional,
        )
        self.trades.append(closed)
        return closed

    def _count(self, market: Market, trade: OpenTrade, order: Order, piece: Piece) -> None:
        """Add a fill to the trade's sums."""
        constants = market.constants
        rate = constants.maker_fee if piece.maker else constants.taker_fee
        with localcontext(EXACT):
            if order.reason is ExitReason.LIQUIDATION and market.margin is not None:
                rate += market.margin.liquidation_fee  # V3
            if constants.inverse:
                fee = self._count_inverse(market, trade, order, piece) * rate
            else:
                fee = self._count_linear(market, trade, order, piece) * rate
            trade.fees += fee
            self.fees += fee

    def _count_linear(
        self, market: Market, trade: OpenTrade, order: Order, piece: Piece
    ) -> Decimal:
        """Q1; gives the notional that pays fees."""
        value, half = market.constants.tick_value, Decimal("0.5")
        signed = order.direction * piece.lots
        at_mid = signed * order.mid * half
        half_spreads = piece.lots * order.spread * half
        trade.gross += -at_mid * value
        trade.spread_cost += half_spreads * value
        trade.slippage += (signed * piece.price - at_mid - half_spreads) * value
        return piece.lots * piece.price * value

    def _count_inverse(
        self, market: Market, trade: OpenTrade, order: Order, piece: Piece
    ) -> Decimal:
        """Q4; gives the notional that pays fees."""
        constants = market.constants
        signed = order.direction * piece.lots
        at_mid = worth(constants, order.mid)
        at_quote = worth(constants, order.mid + order.direction * order.spread)
        at_fill = worth(constants, 2 * piece.price)
        trade.gross += -signed * at_mid
        trade.spread_cost += signed * (at_quote - at_mid)
        trade.slippage += signed * (at_fill - at_quote)
        return -piece.lots * at_fill

    def equity(self, unrealised_micro: int) -> Decimal:
        """Q3."""
        with localcontext(EXACT):
            return self.start + self.total + Decimal(unrealised_micro) / MICRO

    def sample(self, unrealised_micro: int) -> None:
        """Q3: look at equity at a mark."""
        equity = self.equity(unrealised_micro)
        self._peak = max(self._peak, equity)
        with localcontext(EXACT):
            self.max_drawdown = max(self.max_drawdown, self._peak - equity)
