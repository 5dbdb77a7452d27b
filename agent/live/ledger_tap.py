"""A ledger that lets others hear what it is given: what a view shows is what is kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from domain.ledger import LedgerRow, OrderRow
from domain.ports import Ledger


class LedgerTap:
    """A Ledger in front of another; `heard` gets the rows of each call that was taken."""

    def __init__(self, ledger: Ledger, heard: Callable[[Sequence[LedgerRow]], None]) -> None:
        self._ledger = ledger
        self._heard = heard

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
        self._heard(rows)
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
