"""What survives a restart: positions, money, risk's memory, and what each market did so far.

The ledger keeps it beside the orders and fills of the same transaction; the next run begins with
it. Features are not in it: they start clean and warm up again. Nor are working orders: on paper
they end with the run.
"""

from decimal import Decimal

import msgspec

from domain.portfolio import PortfolioState
from domain.risk_state import RiskState


class MarketMemory(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a market's row, by name; which ones, `agent/core/durable.py` says.

    numbers  whole ones, of the record itself; tally: of its counts, a list for each that is one.
    worth    Q4's sum over what is open, micro-units.
    quote    last bid and ask in ticks: the numbers of a book that is invalid until the next quote.
    """

    market: str
    numbers: dict[str, int]
    tally: dict[str, tuple[int, ...]]
    worth: float
    entry_times_ns: tuple[int, ...]
    quote: tuple[int, int]


class Durable(msgspec.Struct, frozen=True, kw_only=True):
    """State after an event, without what warms up again.

    at_ns      time of that event.
    account    fields of the account's record by name, limits apart: those are settings.
    day_start  realised result at the day's roll.
    """

    at_ns: int
    account: dict[str, int]
    markets: tuple[MarketMemory, ...]
    portfolio: PortfolioState
    risk: RiskState
    day_start: Decimal
