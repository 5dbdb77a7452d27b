"""A ledger that keeps what it was given for views to fetch: what they show is what is kept.

Nothing of a view runs while the engine puts rows; a view that fails or stalls costs it nothing.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from domain.ledger import LedgerRow, OrderRow, TradeRow
from domain.ports import Ledger

KEPT: Final = 10_000  # trades that nobody fetched; beyond, the oldest go


class LedgerTap:
    """A Ledger in front of another; `trades` are those closed since somebody took them."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.trades: deque[TradeRow] = deque(maxlen=KEPT)

    @property
    def acknowledged(self) -> int:
        """Ledger."""
        return self._ledger.acknowledged

    @property
    def halted_by(self) -> str | None:
        """Ledger."""
        return self._ledger.halted_by

    @property
    def waiting_rows(self) -> int:
        """Ledger."""
        return self._ledger.waiting_rows

    def put(self, rows: Sequence[LedgerRow]) -> int:
        """Ledger."""
        number = self._ledger.put(rows)
        self.trades.extend(row for row in rows if isinstance(row, TradeRow))
        return number

    def commit_intent(self, row: OrderRow) -> Future[int]:
        """Ledger."""
        return self._ledger.commit_intent(row)

    def flush(self) -> None:
        """Ledger."""
        self._ledger.flush()

    def close(self) -> None:
        """Ledger."""
        self._ledger.close()
