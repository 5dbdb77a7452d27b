"""The portfolio: folds fills into positions, trades and money. Nothing else changes a position.

Amounts of an open trade are whole numbers of units of its contract's `Worth`, so that no order of
fills can matter; they become money only where money is needed, and then without any rounding.

Invariants (docs/rules.md, Q2 to Q4), to the last digit, for linear and inverse contracts:
- `net == gross - spread_cost - slippage - fees - funding` of every trade and of every total;
- `equity == start + net of all trades + what the open trades are worth less what they paid`.
"""

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Final

import msgspec

from domain.enums import ExitReason, Purpose, Side
from domain.errors import BadConfig, Fatal
from domain.instruments import Instrument, MarginSchedule
from domain.margin import Holding, Liquidation
from domain.open_trade import OpenTrade, OpenTradeState
from domain.orders import Fill, Order
from domain.units import EXACT, Lots, Money, TsNs
from domain.worth import worth_of

_add, _subtract, _multiply = EXACT.add, EXACT.subtract, EXACT.multiply
_NOTHING: Final = Money(Decimal(0))
# Of EXACT's 60 digits so many may lie behind the point: 24 remain before it for any sum of money.
_DECIMALS: Final = 36
_FINEST: Final = Decimal(1).scaleb(-_DECIMALS)
_WIDE: Final = Context(prec=EXACT.prec)


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """One way from flat to flat (Q2). Money is exact, prices are averages rounded for people.

    An average of inverse contracts is the harmonic one: the price that gives the same result.

    lots      all lots entered. fills counts entries and exits.
    reason    of the order whose fill left the market flat.
    entry_notional  of all entries at their fill prices.
    gross     result at the mids of the decisions; costs are > 0 where they cost.
    """

    market: str
    side: Side
    lots: Lots
    entry_ns: TsNs
    exit_ns: TsNs
    entry_price: Decimal
    exit_price: Decimal
    reason: ExitReason
    fills: int
    entry_notional: Money
    gross: Money
    spread_cost: Money
    slippage: Money
    fees: Money
    funding: Money
    net: Money

    @property
    def won(self) -> bool:
        """Something is left after all costs."""
        return self.net > 0

    @property
    def lost(self) -> bool:
        """Less than nothing is left; a net of exactly 0 is neither won nor lost."""
        return self.net < 0


class Change(msgspec.Struct, frozen=True):
    """A market's position after a fill or payment (E1), and what happened to money by it.

    side             of the open trade, or of the one that just closed: then `lots`, `cost`,
                     `entry_ns`, `fees`, `worth` and `funding` are 0.
    cost             ticks x lots of what is open.
    fees             paid so far by the open trade, funding apart.
    realised_change  at fill prices, less the fee or funding paid.
    closed           the trade that ended here.
    worth            Q4's `c`: sum of n x value / x over what is open, in micro-units, rounded to a
                     double once; 0.0 for linear contracts.
    funding          paid so far by the open trade; below 0 where it received.
    """

    side: Side
    lots: Lots
    cost: int
    entry_ns: TsNs
    fees: Money
    realised_change: Money
    closed: Trade | None
    worth: float
    funding: Money


class Totals(msgspec.Struct, frozen=True):
    """Sums over closed trades."""

    trades: int = 0
    won: int = 0
    lost: int = 0
    gross: Money = _NOTHING
    spread_cost: Money = _NOTHING
    slippage: Money = _NOTHING
    fees: Money = _NOTHING
    funding: Money = _NOTHING
    net: Money = _NOTHING

    def with_(self, others: "Totals") -> "Totals":
        """These sums and those of other trades."""
        return Totals(
            self.trades + others.trades,
            self.won + others.won,
            self.lost + others.lost,
            Money(_add(self.gross, others.gross)),
            Money(_add(self.spread_cost, others.spread_cost)),
            Money(_add(self.slippage, others.slippage)),
            Money(_add(self.fees, others.fees)),
            Money(_add(self.funding, others.funding)),
            Money(_add(self.net, others.net)),
        )

    def plus(self, trade: Trade) -> "Totals":
        """These sums and one more trade."""
        one = Totals(
            1,
            int(trade.won),
            int(trade.lost),
            trade.gross,
            trade.spread_cost,
            trade.slippage,
            trade.fees,
            trade.funding,
            trade.net,
        )
        return self.with_(one)


class MarketMoney(msgspec.Struct, frozen=True, kw_only=True):
    """A market's sums and its open trade, by its name; realised as in `Portfolio.realised`."""

    market: str
    totals: Totals
    realised: Decimal
    open: OpenTradeState | None


class PortfolioState(msgspec.Struct, frozen=True, kw_only=True):
    """What a restart must not forget. Closed trades are in the ledger, not here."""

    start: Decimal
    realised: Decimal
    totals: Totals
    markets: tuple[MarketMoney, ...]

    @classmethod
    def of(cls, start: Decimal, markets: Iterable[MarketMoney]) -> "PortfolioState":
        """Of an account that is nothing but these markets."""
        parts = tuple(markets)
        realised, totals = _NOTHING, Totals()
        for part in parts:
            realised, totals = Money(_add(realised, part.realised)), totals.with_(part.totals)
        return cls(start=start, realised=realised, totals=totals, markets=parts)


class _Market:
    """What lots are worth, what a fill costs by who made it, and the open trade."""

    __slots__ = (
        "instrument", "levels", "liquidation", "maker", "name", "open", "rate", "realised",
        "taker", "totals", "worth",
    )  # fmt: skip

    def __init__(self, name: str, instrument: Instrument, rate: Decimal) -> None:
        self.name = name
        self.instrument = instrument
        self.rate = rate
        self.worth = worth_of(instrument, rate)
        fees, margin = instrument.fees, instrument.margin
        self.maker, self.taker = fees.maker, fees.taker
        extra = _NOTHING if margin is None else margin.liquidation_fee
        self.liquidation = _add(fees.taker, extra)
        self.levels: Liquidation | None = None
        self.open: OpenTrade | None = None
        self.totals = Totals()
        self.realised: Decimal = _NOTHING

    def fee_rate(self, fill: Fill) -> Decimal:
        """V3: a liquidation costs its own fee on top of the taker's."""
        if fill.order.reason is ExitReason.LIQUIDATION:
            return self.liquidation
        return self.maker if fill.maker else self.taker

    def levels_of(self, schedule: MarginSchedule) -> Liquidation:
        """Prepared for the schedule that is in force, which seldom changes."""
        if self.levels is None or self.levels.schedule is not schedule:
            self.levels = Liquidation(self.instrument, schedule)
        return self.levels


class Portfolio:
    """Positions per market, the trades they became, and the account's equity."""

    def __init__(self, start_equity: Decimal) -> None:
        self.totals = Totals()
        self._start = _checked("account.start_equity", start_equity)
        self._realised: Decimal = _NOTHING
        self._markets: dict[int, _Market] = {}

    def add_market(self, market: int, name: str, instrument: Instrument, rate: Decimal) -> None:
        """Trade `instrument` as market number `market`; `rate` converts its settlement currency.

        The same market may be set again while it is flat. Fatal if it is not, or if the number or
        the name belongs to another. BadConfig if its money could not be kept exact.
        """
        _checked(f"rate of {name}", rate)
        try:
            fresh = _Market(name, instrument, rate)
            worth = fresh.worth
            finest = (
                ("worth", worth.money(1)),
                ("maker fee", worth.fee(1, 1, fresh.maker)),
                ("taker fee", worth.fee(1, 1, fresh.taker)),
                ("liquidation fee", worth.fee(1, 1, fresh.liquidation)),
            )
        except Inexact as error:
            raise BadConfig(f"{name}: the rate {rate} has too many digits") from error
        for number, known in self._markets.items():
            if (number == market) != (known.name == name):
                raise Fatal(f"market {market} cannot be {name}: {number} is {known.name}")
            if number == market:
                if known.open is not None:
                    raise Fatal(f"{name} is set again while it holds {known.open}")
                fresh.totals, fresh.realised = known.totals, known.realised
        for key, amount in finest:
            _checked(f"{key} of {name} at the rate {rate}", amount)
        self._markets[market] = fresh

    def state(self) -> PortfolioState:
        """The account and all markets, in the order in which they were added."""
        return PortfolioState(
            start=self._start,
            realised=self._realised,
            totals=self.totals,
            markets=tuple(
                MarketMoney(
                    market=each.name,
                    totals=each.totals,
                    realised=each.realised,
                    open=None if each.open is None else each.open.state(),
                )
                for each in self._markets.values()
            ),
        )

    def restore(self, state: PortfolioState) -> None:
        """Go on with what `state` said. Fatal if an open trade's market has not been added."""
        known = {each.name: each for each in self._markets.values()}
        for money in state.markets:
            market = known.get(money.market)
            if market is None:
                if money.open is not None:
                    raise Fatal(f"{money.market} holds a position and is not traded any more")
                continue
            market.totals, market.realised, market.open = money.totals, money.realised, None
            if money.open is not None:
                market.open = OpenTrade.restored(money.open, market.worth)
        self._start, self._realised, self.totals = state.start, state.realised, state.totals

    def fold(self, fill: Fill) -> Change:
        """Take one fill into its market's position.

        Fatal, and nothing changed, if the market is unknown or the fill cannot belong to the
        position: another side, more lots than are open, no whole lot or tick, or an order of an
        inverse contract that was decided at no price.
        """
        order = fill.order
        market = self._market(order.market)
        if fill.lots < 1 or fill.price < 1:
            raise Fatal(f"{market.name}: a fill of {fill.lots} lots at {fill.price} ticks")
        trade = market.open
        if order.purpose is Purpose.ENTRY:
            if trade is None:
                trade = OpenTrade(order.side, fill.time_ns, market.worth)
            elif trade.side is not order.side:
                raise Fatal(f"{market.name}: an entry {order.side.word} against {trade}")
        elif trade is None or trade.side is not order.side or fill.lots > trade.lots:
            wrong = f"an exit of {fill.lots} lots {order.side.word}"
            raise Fatal(f"{market.name}: {wrong} against {trade or 'no position'}")
        return self._apply(market, trade, fill)

    def funding_due(self, market: int, mark_half: int, rate: Decimal) -> Decimal:
        """What the open trade of a market pays at a funding stamp (V1); below 0 it receives.

        mark_half  the mark in half-ticks (`Instrument.half_ticks` makes them of a price), >= 1.

        Exact up to 36 decimals; only a rate of very many digits goes beyond. A flat market owes
        nothing.
        """
        known = self._market(market)
        trade = known.open
        if trade is None:
            return _NOTHING
        notional = known.worth.money(trade.lots * abs(known.worth.lot(mark_half)))
        due = _multiply(_multiply(notional, rate), Decimal(int(trade.side)))
        return due.quantize(_FINEST, context=_WIDE) if (_decimals(due) or 0) > _DECIMALS else due

    def pay_funding(self, market: int, amount: Decimal) -> Change:
        """Charge funding to the open trade of a market; a negative amount is received.

        Fatal if the market is flat: whoever sends it has another position in mind.
        """
        known = self._market(market)
        trade = known.open
        if trade is None:
            raise Fatal(f"{known.name}: funding of {amount} for a flat market")
        paid = _checked(f"funding of {known.name}", amount)
        trade.funding = _add(trade.funding, paid)
        return self._change(known, trade, EXACT.minus(paid), None)

    def liquidation_level(
        self, market: int, schedule: MarginSchedule | None, order: Order | None = None
    ) -> int:
        """V3 in ticks: of what is open and, if given, of an entry's lots at its limit (R18b).

        schedule  the one in force for the market (`domain.margin.schedule_at`); None: no margin.

        0 where there is none, as for a flat market without an order.
        """
        known = self._market(market)
        trade, worth = known.open, known.worth
        if schedule is None or (trade is None and order is None):
            return 0
        lots = units = 0
        side, paid = Side.LONG, Decimal(0)
        if order is not None:
            side, lots = order.side, int(order.lots)
            units = lots * worth.lot(2 * int(order.limit))
        if trade is not None:
            side, lots, units = trade.side, lots + trade.lots, units + trade.worth
            paid = trade.funding
        if lots == 0:
            return 0
        whole = Fraction(paid) / Fraction(known.rate) if paid else paid
        held = Holding(side, Lots(lots), worth.average(units, lots), whole)
        return known.levels_of(schedule).level(held)

    @property
    def open_positions(self) -> tuple[int, ...]:
        """Numbers of the markets that are not flat, in the order in which they were added."""
        return tuple(number for number, each in self._markets.items() if each.open is not None)

    @property
    def realised(self) -> Money:
        """At fill prices, of closed and open trades, less all fees and funding paid so far."""
        return Money(self._realised)

    def unrealised(self, marks: Mapping[int, int]) -> Money:
        """What the open positions would change by if they closed at `marks`, costs not counted.

        marks  ticks of the exit-side quote, for at least every open market (else Fatal).
        """
        total: Decimal = _NOTHING
        for number, market in self._markets.items():
            trade = market.open
            if trade is None:
                continue
            if number not in marks:
                raise Fatal(f"{market.name}: no mark for {trade}")
            worth = market.worth.lot(2 * marks[number])
            gain = int(trade.side) * (trade.lots * worth - trade.worth)
            total = _add(total, market.worth.money(gain))
        return Money(total)

    def equity(self, marks: Mapping[int, int]) -> Money:
        """Q3. `marks` as in `unrealised`."""
        return Money(_add(_add(self._start, self._realised), self.unrealised(marks)))

    def subtotals(self) -> dict[str, Totals]:
        """Sums over the closed trades of each market, by its name."""
        return {market.name: market.totals for market in self._markets.values()}

    def _market(self, number: int) -> _Market:
        market = self._markets.get(number)
        if market is None:
            raise Fatal(f"market {number} is not known to the portfolio")
        return market

    def _apply(self, market: _Market, trade: OpenTrade, fill: Fill) -> Change:
        """A fill that fits the position: its sums, its fee, and whether the market is flat."""
        realised = trade.take(fill)
        market.open = trade
        fee = market.worth.fee(fill.price, fill.lots, market.fee_rate(fill))
        trade.fees = _add(trade.fees, fee)
        closed = self._close(market, trade, fill) if trade.lots == 0 else None
        return self._change(market, trade, _subtract(market.worth.money(realised), fee), closed)

    def _close(self, market: _Market, trade: OpenTrade, fill: Fill) -> Trade:
        """Q2: the market is flat again."""
        worth, lots = market.worth, trade.entered
        result = worth.money(trade.result)
        closed = Trade(
            market=market.name,
            side=trade.side,
            lots=Lots(lots),
            entry_ns=trade.entry_ns,
            exit_ns=fill.time_ns,
            entry_price=worth.shown(trade.entry_worth, lots),
            exit_price=worth.shown(trade.exit_worth, lots),
            reason=fill.order.reason,
            fills=trade.fills,
            entry_notional=Money(worth.money(abs(trade.entry_worth))),
            gross=Money(worth.money(trade.gross)),
            spread_cost=Money(worth.money(trade.spread_cost)),
            slippage=Money(worth.money(trade.slippage)),
            fees=Money(trade.fees),
            funding=Money(trade.funding),
            net=Money(_subtract(_subtract(result, trade.fees), trade.funding)),
        )
        market.open = None
        market.totals = market.totals.plus(closed)
        self.totals = self.totals.plus(closed)
        return closed

    def _change(
        self, market: _Market, trade: OpenTrade, realised: Decimal, closed: Trade | None
    ) -> Change:
        self._realised = _add(self._realised, realised)
        market.realised = _add(market.realised, realised)
        money = Money(realised)
        if closed is not None:
            return Change(trade.side, Lots(0), 0, TsNs(0), _NOTHING, money, closed, 0.0, _NOTHING)
        return Change(
            trade.side,
            Lots(trade.lots),
            trade.cost,
            trade.entry_ns,
            Money(trade.fees),
            money,
            None,
            market.worth.core_worth(trade.worth),
            Money(trade.funding),
        )


def _decimals(amount: Decimal) -> int | None:
    """Digits behind the point; None of what is no number."""
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else None


def _checked(what: str, amount: Decimal) -> Decimal:
    """Money that sums of money stay exact with. BadConfig says why another amount is none."""
    decimals = _decimals(amount)
    if decimals is None or decimals > _DECIMALS:
        raise BadConfig(f"{what} must have at most {_DECIMALS} decimals, not {amount}")
    return amount
