"""What survives a restart: positions, money, risk's memory, and what each market did so far.

The ledgers keep it, in parts, each beside the orders and fills that it stands on: a market's in the
file of its origin. What is of the account as a whole follows from the parts. Features are not in
it: they start clean and warm up again. Nor are working orders: on paper they end with the run.
"""

from decimal import Decimal

import msgspec

from domain.enums import Origin
from domain.playbooks import Playbook
from domain.portfolio import MarketMoney, PortfolioState
from domain.risk_state import RiskState


class MarketMemory(msgspec.Struct, frozen=True, kw_only=True):
    """Fields of a market's row, by name; which ones, `agent/core/durable.py` says.

    numbers  whole ones, of the record itself; tally: of its counts, a list for each that is one.
    worth    Q4's sum over what is open, micro-units.
    playbook   what it trades by where that is another than it was set with (None), and the content
               hash of the one that it was set with.
    quote    last bid and ask in ticks: the numbers of a book that is invalid until the next quote.
    """

    market: str
    origin: Origin
    playbook: Playbook | None
    set_hash: str
    numbers: dict[str, int]
    tally: dict[str, tuple[int, ...]]
    worth: float
    entry_times_ns: tuple[int, ...]
    quote: tuple[int, int]
    money: MarketMoney


class AccountMemory(msgspec.Struct, frozen=True, kw_only=True):
    """The account's record by field, without limits (settings) and without sums over markets.

    at_ns      time of the latest event.
    day_start  realised result at the day's roll.
    """

    at_ns: int
    numbers: dict[str, int]
    start: Decimal
    day_start: Decimal


class Durable(msgspec.Struct, frozen=True, kw_only=True):
    """State after an event, without what warms up again."""

    account: AccountMemory
    markets: tuple[MarketMemory, ...]
    risk: RiskState

    @property
    def portfolio(self) -> PortfolioState:
        """What the markets make together."""
        return PortfolioState.of(self.account.start, (each.money for each in self.markets))
