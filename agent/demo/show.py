"""What a session tells whoever shows it, and what it can be asked to do."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from domain.enums import Word
from domain.ledger import TradeRow
from reporting.live.picture import Picture


class Wish(Word):
    """What a person asks for by a key."""

    PAUSE = 1  # or go on
    FLATTEN = 2
    QUIT = 3


class Show(Protocol):
    """Shows a session. Nothing here may take longer than a frame: the market goes on meanwhile."""

    def folding(self, done_s: float, total_s: float) -> None:
        """So much of the past has been folded."""

    def began(self, picture: Picture) -> None:
        """The past is folded; from here on time is paced."""

    def trade(self, trade: TradeRow) -> None:
        """A trade was closed while time is paced."""

    def picture(self, picture: Picture) -> None:
        """How it stands now, some times a second."""

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Tell wishes as they come, until cancelled. In the past only to quit is granted."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What a demonstration is to be.

    past_s    simulated seconds folded at full speed.
    for_s     seconds of the real clock that it then goes on; None: until somebody quits.
    """

    seed: int
    playbook: str
    past_s: float
    for_s: float | None
    speed: float
