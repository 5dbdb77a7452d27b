"""What a view knows of trades: bounded for months, and counted for ever."""

from agent.live.photographer import KEPT, Photographer
from agent.live.price_history import PriceHistory
from agent.service.served import Account
from config.settings import load_settings
from domain.enums import Mode
from ledger_trades import traded


def test_more_trades_than_are_kept_are_counted_and_summed_all_the_same() -> None:
    account = Account(settings=load_settings(), mode=Mode.PAPER, served=())
    photographer = Photographer(account, PriceHistory(0))
    one = traded("-1.25")
    photographer.hear([one] * (KEPT + 7))
    assert (len(photographer.trades), photographer.count) == (KEPT, KEPT + 7)
    assert photographer.net == one.net * (KEPT + 7)
