"""A journal that remembers closed trades: what a replay reports on."""

from decimal import Decimal

from domain.events import Funding
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change, Trade


class TradeJournal:
    """Of one replay; its trades are in the order in which they closed."""

    def __init__(self) -> None:
        self.trades: list[Trade] = []

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:
        """Nothing to remember."""

    def filled(self, fill: Fill, change: Change) -> None:  # noqa: ARG002  a journal's shape
        """Remember the trade that this fill closed."""
        if change.closed is not None:
            self.trades.append(change.closed)

    def funded(self, market: int, event: Funding, amount: Decimal) -> None:
        """Nothing to remember: the trade has it."""
