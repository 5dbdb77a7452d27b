"""A journal that remembers closed trades: what a replay reports on."""

from collections.abc import Callable
from decimal import Decimal

from domain.events import Funding
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Change, Trade

Closed = Callable[[int, Trade], None]


class TradeJournal:
    """Of one replay; its trades are in the order in which they closed."""

    def __init__(self) -> None:
        self.trades: list[Trade] = []
        self._closed: Closed | None = None

    def tell(self, closed: Closed) -> None:
        """From now on `closed` hears of each trade and its market, when it has just closed."""
        self._closed = closed

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:
        """Nothing to remember."""

    def filled(self, fill: Fill, change: Change) -> None:
        """Remember the trade that this fill closed."""
        if change.closed is not None:
            self.trades.append(change.closed)
            if self._closed is not None:
                self._closed(fill.order.market, change.closed)

    def funded(self, market: int, event: Funding, amount: Decimal) -> None:
        """Nothing to remember: the trade has it."""
