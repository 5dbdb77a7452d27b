"""Money adds up to the last digit, whatever the fills and contracts were."""

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enums import Contract, Side
from domain.errors import Fatal
from domain.instruments import Fees
from domain.orders import Fill, Order
from domain.portfolio import Portfolio, Totals, Trade
from domain.units import EXACT
from trading_cases import COIN, entry, fill, leave

SIDES = st.sampled_from(Side)
PRICES = st.integers(1, 3_000_000)
SPREADS = st.integers(0, 500)
CONTRACTS = st.sampled_from([Contract.LINEAR_PERPETUAL, Contract.INVERSE])
AMOUNTS = st.decimals(-1_000, 1_000, places=8)
FRACTIONS = st.decimals(Decimal("-0.001"), Decimal("0.01"), places=7)
RATES = st.decimals(Decimal("0.0001"), Decimal(1_000), places=10)
START = Decimal("12345.678901234")
MARKETS = 3


class Books:
    """Plain bookkeeping beside the portfolio: what went out and in, in fractions."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.portfolio = Portfolio(START)
        self.trades: list[Trade] = []
        self.cash = Fraction(START)
        self.open_cash = [Fraction()] * MARKETS  # of the trade that is open
        self.rates: list[Fraction] = []
        self.contracts: list[Contract] = []
        self.fees: list[Fees] = []
        self.held = [0] * MARKETS
        self.side = [Side.LONG] * MARKETS
        self.parts = dict.fromkeys(
            ("gross", "spread_cost", "slippage", "fees", "funding"), Fraction()
        )
        for market in range(MARKETS):
            self._add(market)

    def _add(self, market: int) -> None:
        fees = Fees(maker=self.data.draw(FRACTIONS), taker=self.data.draw(FRACTIONS))
        contract, rate = self.data.draw(CONTRACTS), self.data.draw(RATES)
        instrument = msgspec.structs.replace(COIN, fees=fees, contract=contract)
        self.portfolio.add_market(market, f"M{market}", instrument, rate)
        self.rates.append(Fraction(rate))
        self.contracts.append(contract)
        self.fees.append(fees)

    def step(self) -> None:
        """One random fill that fits, or a funding payment."""
        market = self.data.draw(st.integers(0, MARKETS - 1))
        held = self.held[market]
        action = self.data.draw(
            st.sampled_from(["entry", "exit", "part", "funding"] if held else ["entry"])
        )
        if action == "funding":
            self._fund(market)
        elif action == "entry":
            self._enter(market)
        else:
            self._leave(market, held if action == "exit" else self.data.draw(st.integers(1, held)))

    def close_all(self) -> None:
        for market in range(MARKETS):
            if self.held[market]:
                self._leave(market, self.held[market])

    def marks(self) -> dict[int, int]:
        return {market: self.data.draw(PRICES) for market in range(MARKETS)}

    def _fund(self, market: int) -> None:
        amount = self.data.draw(AMOUNTS)
        self.portfolio.pay_funding(market, amount)
        self._pay(market, Fraction(amount))
        self.parts["funding"] += Fraction(amount)

    def _enter(self, market: int) -> None:
        lots = self.data.draw(st.integers(1, 10_000))
        if not self.held[market]:
            self.side[market] = self.data.draw(SIDES)
        self._take(entry, market, lots)
        self.held[market] += lots

    def _leave(self, market: int, lots: int) -> None:
        self._take(leave, market, lots)
        self.held[market] -= lots
        if not self.held[market]:
            self.open_cash[market] = Fraction()

    def _pay(self, market: int, amount: Fraction) -> None:
        self.cash -= amount
        self.open_cash[market] -= amount

    def worth(self, marks: dict[int, int]) -> Fraction:
        """What the open lots would bring at these marks, or cost if they are short."""
        each = zip(self.side, self.held, strict=True)
        return sum((s * n * self.lot(m, 2 * marks[m]) for m, (s, n) in enumerate(each)), Fraction())

    def lot(self, market: int, half_ticks: int) -> Fraction:
        """C5 and Q4: what a lot of a market is worth at a price."""
        units = Fraction(COIN.lot) * Fraction(COIN.multiplier) * self.rates[market]
        price = Fraction(COIN.tick) * half_ticks / 2
        if self.contracts[market] is Contract.INVERSE:
            return Fraction(round(-units / price * 10**18), 10**18)
        return units * price

    def _take(self, make: object, market: int, lots: int) -> None:
        assert callable(make)
        spread = self.data.draw(SPREADS)
        order: Order = make(
            market=market,
            side=self.side[market],
            mid_half=self.data.draw(st.integers(spread + 1, 6_000_000)),
            spread=spread,
        )
        done = fill(order, self.data.draw(PRICES), lots, maker=self.data.draw(st.booleans()))
        change = self.portfolio.fold(done)
        if change.closed is not None:
            self.trades.append(change.closed)
        self._count(done, self.fees[market])
        assert change.lots == self.held[market] + (lots if make is entry else -lots)

    def _count(self, done: Fill, fees: Fees) -> None:
        order, n, d = done.order, done.lots, done.order.direction
        at_fill, mid, near = (
            self.lot(order.market, half)
            for half in (2 * done.price, order.mid_half, order.mid_half + d * order.spread)
        )
        fee = n * abs(at_fill) * Fraction(fees.maker if done.maker else fees.taker)
        self._pay(order.market, d * n * at_fill + fee)
        self.parts["gross"] -= d * n * mid
        self.parts["spread_cost"] += d * n * (near - mid)
        self.parts["slippage"] += d * n * (at_fill - near)
        self.parts["fees"] += fee


@given(st.data(), st.integers(1, 25))
def test_equity_is_the_cash_and_what_the_open_lots_are_worth(
    data: st.DataObject, steps: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    marks = books.marks()
    assert Fraction(books.portfolio.equity(marks)) == books.cash + books.worth(marks)


@given(st.data(), st.integers(1, 25))
def test_equity_is_the_start_the_net_of_trades_and_the_open_part(
    data: st.DataObject, steps: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    portfolio, marks = books.portfolio, books.marks()
    net = sum((Fraction(trade.net) for trade in books.trades), Fraction())
    open_part = sum(books.open_cash) + books.worth(marks)
    assert Fraction(portfolio.equity(marks)) == Fraction(START) + net + open_part


@given(st.data(), st.integers(1, 25))
def test_equity_of_a_flat_account_is_the_start_and_the_net_of_trades(
    data: st.DataObject, steps: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    books.close_all()
    assert books.portfolio.equity({}) == EXACT.add(START, books.portfolio.totals.net)


@given(st.data(), st.integers(1, 25))
def test_the_net_of_every_trade_and_total_is_gross_less_all_costs(
    data: st.DataObject, steps: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    books.close_all()
    portfolio = books.portfolio
    totals = [portfolio.totals, *portfolio.subtotals().values()]
    sums: list[Trade | Totals] = [*books.trades, *totals]
    for each in sums:
        costs = (each.spread_cost, each.slippage, each.fees, each.funding)
        assert each.net == _less(each.gross, *costs)


@given(st.data(), st.integers(1, 25))
def test_totals_are_the_sums_that_the_rules_take_of_each_fill(
    data: st.DataObject, steps: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    books.close_all()
    totals = books.portfolio.totals
    assert {name: Fraction(getattr(totals, name)) for name in books.parts} == books.parts


@given(st.data(), st.integers(1, 25))
def test_subtotals_of_the_markets_add_up_to_the_totals(data: st.DataObject, steps: int) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    parts = books.portfolio.subtotals().values()
    for name in Totals.__struct_fields__:
        assert sum(Fraction(getattr(part, name)) for part in parts) == getattr(
            books.portfolio.totals, name
        )


@given(st.data(), st.integers(1, 25), st.integers(1, 10_000))
def test_a_fill_never_takes_more_than_the_position_holds(
    data: st.DataObject, steps: int, excess: int
) -> None:
    books = Books(data)
    for _ in range(steps):
        books.step()
    order = leave(market=0, side=books.side[0])
    marks = books.marks()
    before = books.portfolio.equity(marks)
    with pytest.raises(Fatal):
        books.portfolio.fold(fill(order, 1_000, books.held[0] + excess))
    assert books.portfolio.equity(marks) == before


def _less(amount: Decimal, *costs: Decimal) -> Decimal:
    for cost in costs:
        amount = EXACT.subtract(amount, cost)
    return amount
