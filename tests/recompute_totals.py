"""Recompute every total of `autoscalper ledger auto stats` from the fills of an auto.db.

    echo /path/to/auto.db | python tests/recompute_totals.py

Nothing of this program is imported, only sqlite3 and decimal. What is read: `fills`, of each its
order's mid and spread (`orders`), `funding`, and what a lot is worth (`instruments`); not `trades`.
The rules are Q1, Q2 and Q4 of docs/rules.md.
"""

import sqlite3
from decimal import ROUND_HALF_EVEN, Decimal, getcontext

getcontext().prec = 120
ZERO = Decimal(0)
EIGHTEEN = Decimal(1).scaleb(-18)
COSTS = ("spread_cost", "slippage", "fees", "funding")
NAMES = ("gross", *COSTS, "net")
Terms = tuple[str, Decimal, Decimal, Decimal]  # contract, lot, multiplier and rate


class Market:
    """Sums of a market's closed trades, and the trade that is open."""

    def __init__(self) -> None:
        self.trades = self.won = self.lost = 0
        self.totals = dict.fromkeys(NAMES, ZERO)
        self.held = ZERO
        self.open = dict.fromkeys(NAMES, ZERO)

    def close(self) -> None:
        """The market is flat: the open sums become a trade's."""
        trade = self.open
        trade["net"] = trade["gross"] - sum((trade[name] for name in COSTS), ZERO)
        self.trades += 1
        self.won += trade["net"] > 0
        self.lost += trade["net"] < 0
        for name in NAMES:
            self.totals[name] += trade[name]
        self.open = dict.fromkeys(NAMES, ZERO)


def worth(terms: Terms, price: Decimal) -> Decimal:
    """What one lot is worth at a price, to 18 decimals if inverse (Q4); differences are gains."""
    contract, lot, multiplier, rate = terms
    if contract != "inverse":
        return price * lot * multiplier * rate
    return (-lot * multiplier * rate / price).quantize(EIGHTEEN, ROUND_HALF_EVEN)


def add_fill(market: Market, terms: Terms, side: str, purpose: str, texts: list[str]) -> None:
    """One fill: gross at the decision's mid, spread, slippage up to the price, fee (Q1, Q4)."""
    price, quantity, fee, mid, spread = map(Decimal, texts)
    entry, sign = purpose == "entry", 1 if side == "long" else -1
    direction = sign if entry else -sign
    lots = quantity / terms[1]
    at_mid = worth(terms, mid)
    at_near = worth(terms, mid + direction * spread / 2)
    market.open["gross"] -= direction * lots * at_mid
    market.open["spread_cost"] += direction * lots * (at_near - at_mid)
    market.open["slippage"] += direction * lots * (worth(terms, price) - at_near)
    market.open["fees"] += fee
    market.held += quantity if entry else -quantity
    if market.held == 0:
        market.close()


def all_terms(ledger: sqlite3.Connection) -> dict[str, list[tuple[int, Terms]]]:
    """What a market's lots are worth, and from which batch on."""
    found: dict[str, list[tuple[int, Terms]]] = {}
    query = "SELECT market, batch, contract, lot, multiplier, rate FROM instruments ORDER BY seq"
    for market, batch, contract, lot, multiplier, rate in ledger.execute(query):
        terms = (contract, Decimal(lot), Decimal(multiplier), Decimal(rate))
        found.setdefault(market, []).append((batch, terms))
    return found


def all_payments(ledger: sqlite3.Connection) -> dict[str, list[tuple[int, Decimal]]]:
    """Funding by market: when, and how much was paid."""
    found: dict[str, list[tuple[int, Decimal]]] = {}
    query = "SELECT market, time_ns, amount FROM funding ORDER BY time_ns"
    for market, time_ns, amount in ledger.execute(query):
        found.setdefault(market, []).append((time_ns, Decimal(amount)))
    return found


def recompute(path: str) -> dict[str, Market]:
    """Every market's sums, by its name."""
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    terms, payments = all_terms(ledger), all_payments(ledger)
    markets: dict[str, Market] = {}
    fills = ledger.execute(
        "SELECT fills.market, fills.batch, fills.time_ns, fills.side, fills.purpose, fills.price,"
        " fills.quantity, fills.fee, orders.mid, orders.spread"
        " FROM fills JOIN orders ON orders.client_id = fills.client_id ORDER BY fills.seq"
    )
    for name, batch, time_ns, side, purpose, *texts in fills:
        market = markets.setdefault(name, Market())
        # A payment is the open trade's: made before this fill, at one stamp before it leaves.
        due = payments.get(name, [])
        while due and (due[0][0] < time_ns or (due[0][0] == time_ns and purpose == "exit")):
            market.open["funding"] += due.pop(0)[1]
        in_force = [each for since, each in terms[name] if since <= batch][-1]
        add_fill(market, in_force, side, purpose, texts)
    ledger.close()
    return markets


def lines(markets: dict[str, Market]) -> list[str]:
    """A line for each market by name, then one for all."""
    total = Market()
    for each in markets.values():
        total.trades += each.trades
        total.won += each.won
        total.lost += each.lost
        for name in NAMES:
            total.totals[name] += each.totals[name]
    return [
        f"{name} trades={each.trades} won={each.won} lost={each.lost} "
        + " ".join(f"{key}={value:f}" for key, value in each.totals.items())
        for name, each in (*sorted(markets.items()), ("total", total))
    ]


if __name__ == "__main__":
    print("\n".join(lines(recompute(input()))))  # noqa: T201 - its output
