"""What a view knows of trades: bounded for months, and counted for ever."""

from collections.abc import Sequence
from concurrent.futures import Future

from agent.live.ledger_tap import LedgerTap
from agent.live.photographer import KEPT, Photographer
from agent.live.price_history import PriceHistory
from agent.service.served import Account
from config.settings import load_settings
from domain.enums import Mode
from domain.ledger import LedgerRow, OrderRow
from ledger_trades import traded


class Silent:
    """A Ledger that takes everything and says nothing."""

    acknowledged = 0
    halted_by = None
    waiting_rows = 0

    def put(self, rows: Sequence[LedgerRow]) -> int:
        """Ledger."""
        return len(rows)

    def commit_intent(self, row: OrderRow) -> Future[int]:
        """Ledger."""
        raise NotImplementedError(row)

    def flush(self) -> None:
        """Ledger."""

    def close(self) -> None:
        """Ledger."""


def test_more_trades_than_are_kept_are_counted_and_summed_all_the_same() -> None:
    account = Account(settings=load_settings(), mode=Mode.PAPER, served=())
    tap = LedgerTap(Silent())
    photographer = Photographer(account, [tap], PriceHistory(0))
    one = traded("-1.25")
    for each in ([one] * KEPT, [one] * 7):
        tap.put(each)
        assert photographer.fetch() == each
    assert (len(photographer.trades), photographer.count) == (KEPT, KEPT + 7)
    assert photographer.net == one.net * (KEPT + 7)
