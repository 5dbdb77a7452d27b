"""What a ledger cannot take at present waits here: the loop that manages positions never does."""

from collections.abc import Sequence
from typing import Final

from domain.errors import Fatal, NotStored
from domain.ledger import EquityRow, LedgerRow, StateRow
from domain.ports import Ledger

MOST_WAITING: Final = 10_000  # rows of a ledger's own; beyond, its disk does not keep up


class Backlog:
    """Before one ledger, and its only caller.

    While that is halted, fails or does not keep up, all orders, fills, trades and commands wait,
    of each state the newest, and equity not at all: as much memory as is traded, however long it
    lasts. All goes in one call as soon as it can, so that fills and their position stay together.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows: list[LedgerRow] = []
        self._states: dict[str, StateRow] = {}
        self._refused: str | None = None

    @property
    def waiting(self) -> int:
        """Rows that the ledger was not given yet."""
        return len(self._rows) + len(self._states)

    @property
    def failed(self) -> str | None:
        """Why nothing is stored at present; stop entries until it is None."""
        slow = f"{self.waiting} rows wait: the disk does not keep up" if self.waiting else None
        return self._ledger.halted_by or self._refused or slow

    def put(self, rows: Sequence[LedgerRow]) -> None:
        """Pass on what waits and these, or keep them here. Never waits, never fails."""
        late = self.waiting > 0
        if late:
            self._hold(rows)
        count = self.waiting if late else len(rows)
        if count and self._takes(count):
            try:
                self._ledger.put([*self._rows, *self._states.values()] if late else rows)
            except (NotStored, Fatal) as error:
                self._refused = str(error)
            else:
                self._forget()
                return
        if not late:
            self._hold(rows)

    def close(self) -> None:
        """Give the ledger a last chance and close it. NotStored or Fatal if something is lost."""
        try:
            if self.waiting:
                self._ledger.put([*self._rows, *self._states.values()])
                self._forget()
        finally:
            self._ledger.close()

    def _takes(self, count: int) -> bool:
        ledger = self._ledger
        waiting = ledger.waiting_rows
        return ledger.halted_by is None and (waiting == 0 or waiting + count <= MOST_WAITING)

    def _hold(self, rows: Sequence[LedgerRow]) -> None:
        for row in rows:
            if isinstance(row, StateRow):
                self._states[row.key] = row
            elif not isinstance(row, EquityRow):
                self._rows.append(row)

    def _forget(self) -> None:
        self._rows.clear()
        self._states.clear()
        self._refused = None
