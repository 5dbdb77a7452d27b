"""Exact money, section 7: fills into trades, trades into equity and its largest fall."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

import msgspec

from domain.enums import ExitReason, Side
from domain.units import EXACT, MICRO, micro
from oracle.state import Market, Order, Piece


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

    @property
    def net(self) -> Decimal:
        with localcontext(EXACT):
            return self.gross - self.spread_cost - self.slippage - self.fees


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


class Ledger:
    """The portfolio: realised money of all markets."""

    def __init__(self, start_equity: Decimal) -> None:
        self.start = start_equity
        self.realised = Decimal(0)  # at fill prices, before fees
        self.fees = Decimal(0)
        self._at_roll = Decimal(0)  # the total at the last day roll
        self.open: dict[int, OpenTrade] = {}
        self.trades: list[ClosedTrade] = []
        self.max_drawdown = Decimal(0)
        self._peak = start_equity

    @property
    def total(self) -> Decimal:
        """Realised P&L less fees, exactly."""
        with localcontext(EXACT):
            return self.realised - self.fees

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

    def open_fees_micro(self, market: Market) -> int:
        """E3.3: what the fills of the open trade have paid."""
        trade = self.open.get(market.index)
        return 0 if trade is None else micro(trade.fees)

    def entry_fill(self, market: Market, order: Order, piece: Piece, now: int) -> None:
        """Q1, opening or adding."""
        trade = self.open.setdefault(market.index, OpenTrade(now, order.direction))
        trade.lots += piece.lots
        self._count(market, trade, order, piece)

    def exit_fill(self, market: Market, order: Order, piece: Piece, taken: int) -> None:
        """Q1, reducing; `taken` is the cost that leaves the position (E1)."""
        trade = self.open[market.index]
        self._count(market, trade, order, piece)
        with localcontext(EXACT):
            ticks = trade.side * (piece.price * piece.lots - taken)
            self.realised += ticks * market.constants.tick_value

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
        )
        self.trades.append(closed)
        return closed

    def _count(self, market: Market, trade: OpenTrade, order: Order, piece: Piece) -> None:
        """Add a fill to the trade's sums."""
        constants = market.constants
        with localcontext(EXACT):
            value, half = constants.tick_value, Decimal("0.5")
            signed = order.direction * piece.lots
            at_mid = signed * order.mid * half
            half_spreads = piece.lots * order.spread * half
            trade.gross += -at_mid * value
            trade.spread_cost += half_spreads * value
            trade.slippage += (signed * piece.price - at_mid - half_spreads) * value
            rate = constants.maker_fee if piece.maker else constants.taker_fee
            fee = piece.lots * piece.price * value * rate
            trade.fees += fee
            self.fees += fee

    def equity(self, unrealised_micro: int) -> Decimal:
        """Q3."""
        with localcontext(EXACT):
            return self.start + self.realised - self.fees + Decimal(unrealised_micro) / MICRO

    def sample(self, unrealised_micro: int) -> None:
        """Q3: look at equity at a mark."""
        equity = self.equity(unrealised_micro)
        self._peak = max(self._peak, equity)
        with localcontext(EXACT):
            self.max_drawdown = max(self.max_drawdown, self._peak - equity)
