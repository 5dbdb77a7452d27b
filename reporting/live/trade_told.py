"""A closed trade in words: what it did, why it left, and what came of it after costs."""

import json
from decimal import Decimal
from typing import Final

from domain.enums import Side
from domain.ledger import TradeRow
from domain.units import EXACT, SECOND_NS
from reporting.amounts import amount, amounts, price, span
from reporting.why_sentences import of_day
from reporting.why_words import number, why_left

_MOVES: Final = {Side.LONG: ("bought", "up"), Side.SHORT: ("sold", "down")}


def line(trade: TradeRow, currency: str) -> str:
    """One line of a log."""
    did, _ = _MOVES[trade.side]
    held = span((trade.exit_ns - trade.entry_ns) / SECOND_NS)
    gross, costs, net = amounts([trade.gross, _costs(trade), trade.net], signed=True)
    return (
        f"{of_day(trade.exit_ns)}  {trade.market} {did} {price(trade.quantity)} at "
        f"{price(trade.entry_price)}, left at {price(trade.exit_price)} after {held}, as "
        f"{why_left(trade.reason.word)}: gross {gross}, costs {costs.lstrip('+-')}, "
        f"net {net} {currency}"
    )


def explained(trade: TradeRow, currency: str) -> list[str]:
    """A few sentences: the entry's reason, the exit's, and where the money went."""
    did, way = _MOVES[trade.side]
    features = json.loads(trade.features)
    known = [
        f"{features['streak']} moves {way} in a row",
        _told(features["spread_bps"], "a spread of {} bp"),
        _told(features["volatility_bps"], "a volatility of {} bp a second"),
        _told(features["imbalance"], "a surplus of size on the bid of {}"),
    ]
    facts = ", ".join(each for each in known if each)
    money = {
        "of spread": trade.spread_cost,
        "of slippage": trade.slippage,
        "of fees": trade.fees,
        "of funding": trade.funding,
    }
    costs = ", ".join(f"{amount(cost)} {name}" for name, cost in money.items() if cost)
    return [
        (
            f"Every gate of {trade.playbook} passed and risk approved it: it {did} "
            f"{price(trade.quantity)} {trade.market}, filled at {price(trade.entry_price)}, "
            f"first at {of_day(trade.entry_ns)}. Known at the decision: {facts}."
        ),
        (
            f"It left as {why_left(trade.reason.word)}, filled at {price(trade.exit_price)}, "
            f"last at {of_day(trade.exit_ns)}."
        ),
        (
            f"Between the mid prices of its decisions it made {amount(trade.gross, signed=True)} "
            f"{currency}; it paid {costs or 'nothing'}; net "
            f"{amount(trade.net, signed=True)} {currency}."
        ),
    ]


def _costs(trade: TradeRow) -> Decimal:
    return EXACT.subtract(trade.gross, trade.net)


def _told(value: float | None, words: str) -> str:
    return "" if value is None else words.format(number(value, 2))
