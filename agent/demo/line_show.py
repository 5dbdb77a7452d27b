"""A session in plain lines: the first trade explained, every trade on a line, nothing else."""

import asyncio
from collections.abc import Awaitable, Callable

from agent.demo.show import Wish
from domain.ledger import TradeRow
from reporting.amounts import span
from reporting.live.lines import beginning, state
from reporting.live.picture import Picture
from reporting.live.trade_told import explained, line


class LineShow:
    """Writes lines as things happen; a word about each market twice a minute."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._currency = ""
        self._state = ""
        self._explained = False

    def folding(self, done_s: float, total_s: float) -> None:
        """Show: only that it begins, as a log is no place for progress."""
        if done_s == 0.0 and total_s > 0.0:
            self._write(f"Folding {span(total_s)} of a simulated market at full speed.")

    def began(self, picture: Picture) -> None:
        """Show."""
        self._currency = picture.account.currency
        self._state = picture.account.trading_state
        for each in beginning(picture):
            self._write(each)
        if picture.trades:
            self._write("One of its trades, explained:")
            self._explain(picture.trades[-1])

    def trade(self, trade: TradeRow) -> None:
        """Show."""
        self._write(line(trade, self._currency))
        if not self._explained:
            self._explain(trade)

    def picture(self, picture: Picture) -> None:
        """Show: only changes of the trading state."""
        if picture.account.trading_state != self._state:
            self._state = picture.account.trading_state
            self._write(state(picture))

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Show: nobody can ask for anything."""
        del wish
        await asyncio.Event().wait()

    def _explain(self, trade: TradeRow) -> None:
        self._explained = True
        for each in explained(trade, self._currency):
            self._write(f"  {each}")
