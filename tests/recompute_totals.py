"""Recompute every total of `autoscalper ledger auto stats` from the fills: python FILE auto.db.

Nothing of this program is imported, only sqlite3 and decimal. What is read: `fills`, of each its
order's mid and spread (`orders`), `funding`, and what a lot is worth (`instruments`). The rules are
Q1, Q2 and Q4 of docs/rules.md.
"""

import decimal
import sqlite3

decimal.getcontext().prec = 120
decimal.getcontext().traps[decimal.Inexact] = False
ZERO = decimal.Decimal(0)
HALF = decimal.Decimal("0.5")
EIGHTEEN = decimal.Decimal(1).scaleb(-18)
NAMES = ("gross", "spread_cost", "slippage", "fees", "funding", "net")


class Market:
    """Sums of a market's closed trades, and the trade that is open."""

    def __init__(self):
        self.trades = self.won = self.lost = 0
        self.totals = dict.fromkeys(NAMES, ZERO)
        self.held = ZERO
        self.open = dict.fromkeys(NAMES, ZERO)

    def close(self):
        """The market is flat: the open sums become a trade's."""
        trade = self.open
        trade["net"] = trade["gross"] - sum(trade[name] for name in NAMES[1:5])
        self.trades += 1
        self.won += trade["net"] > 0
        self.lost += trade["net"] < 0
        for name in NAMES:
            self.totals[name] += trade[name]
        self.open = dict.fromkeys(NAMES, ZERO)


def worth(instrument, price):
    """What one lot is worth at a price, to 18 decimals if inverse (Q4); differences are gains."""
    contract, lot, multiplier, rate = instrument
    if contract != "inverse":
        return price * lot * multiplier * rate
    return (-lot * multiplier * rate / price).quantize(EIGHTEEN, decimal.ROUND_HALF_EVEN)


def numbers(row):
    """Its texts as decimals."""
    return [decimal.Decimal(value) for value in row]


def add_fill(market, instrument, side, entry, texts):
    """One fill: gross at the decision's mid, spread, slippage up to the price, fee (Q1, Q4)."""
    price, quantity, fee, mid, spread = numbers(texts)
    sign = 1 if side == "long" else -1
    direction = sign if entry else -sign
    lots = quantity / instrument[1]
    at_mid, at_near, at_price = (
        worth(instrument, level)
        for level in (mid, mid + direction * spread * HALF, price)
    )
    market.open["gross"] -= direction * lots * at_mid
    market.open["spread_cost"] += direction * lots * (at_near - at_mid)
    market.open["slippage"] += direction * lots * (at_price - at_near)
    market.open["fees"] += fee
    market.held += quantity if entry else -quantity
    if market.held == 0:
        market.close()


def recompute(path):
    """Totals by market, as texts, from the fills of a ledger."""
    ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    instruments = ledger.execute(
        "SELECT market, batch, contract, lot, multiplier, rate FROM instruments ORDER BY seq"
    ).fetchall()
    payments = {}
    for name, time_ns, paid in ledger.execute(
        "SELECT market, time_ns, amount FROM funding ORDER BY time_ns"
    ):
        payments.setdefault(name, []).append((time_ns, decimal.Decimal(paid)))
    markets = {}
    fills = ledger.execute(
        "SELECT fills.market, fills.batch, fills.time_ns, fills.side, fills.purpose, fills.price,"
        " fills.quantity, fills.fee, orders.mid, orders.spread"
        " FROM fills JOIN orders ON orders.client_id = fills.client_id ORDER BY fills.seq"
    )
    for name, batch, time_ns, side, purpose, *texts in fills:
        market = markets.setdefault(name, Market())
        # A payment belongs to the trade that was open: not after its last fill, so before this
        # one if this leaves, and of the trade before if this enters.
        due, entry = payments.get(name, []), purpose == "entry"
        while due and (due[0][0] < time_ns or (due[0][0] == time_ns and not entry)):
            market.open["funding"] += due.pop(0)[1]
        known = [row[2:] for row in instruments if row[0] == name and row[1] <= batch][-1]
        instrument = (known[0], *numbers(known[1:]))
        add_fill(market, instrument, side, entry, texts)
    ledger.close()
    return {
        name: {
            "trades": market.trades,
            "won": market.won,
            "lost": market.lost,
            **market.totals,
        }
        for name, market in markets.items()
    }


def main():
    """Print all of them, and their sum."""
    import sys  # only for the name of the file

    found = recompute(sys.argv[1])
    total = {name: sum(part[name] for part in found.values()) for name in ("trades", "won", "lost")}
    total |= {name: sum((part[name] for part in found.values()), ZERO) for name in NAMES}
    for market, sums in (*sorted(found.items()), ("total", total)):
        print(market, *(f"{name}={value:f}" if name in NAMES else f"{name}={value}" for name, value in sums.items()))


if __name__ == "__main__":
    main()
