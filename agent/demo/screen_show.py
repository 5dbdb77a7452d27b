"""A session on a terminal that can be drawn on, with keys."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.demo.keys import Keys
from agent.demo.show import Wish
from domain.ledger import TradeRow
from reporting.amounts import span
from reporting.live.drawn import Style
from reporting.live.picture import Picture
from reporting.live.screen import View, screen

_WISHES: Final = {"p": Wish.PAUSE, "f": Wish.FLATTEN, "q": Wish.QUIT, "": Wish.QUIT}
_TOLD: Final = {
    Wish.PAUSE: "p: pause, or go on",
    Wish.FLATTEN: "f: leave every position now",
    Wish.QUIT: "q: the books are closed",
}
_TOLD_FRAMES: Final = 6


class ScreenShow:
    """Draws each picture over the one before, on the terminal's other screen."""

    def __init__(self, console: Console, keys: Keys) -> None:
        self._console = console
        self._keys = keys
        self._style = Style(ascii_only=console.options.ascii_only)
        self._view = View()
        self._told_for = 0  # frames
        self._last: Picture | None = None
        self._live = Live(console=console, screen=True, auto_refresh=False, transient=True)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """The terminal is ours until this ends, and then as it was before."""
        with self._keys.reading(), self._live:
            yield

    def folding(self, done_s: float, total_s: float) -> None:
        """Show."""
        width = max(10, min(60, self._console.width - 2))
        done = round(width * done_s / total_s) if total_s else width
        bar = ("#" if self._style.ascii_only else "█") * done
        words = f"Folding {span(total_s)} of a simulated market at full speed"
        self._live.update(Text(f"\n {words}\n\n {bar}\n"), refresh=True)

    def began(self, picture: Picture) -> None:
        """Show."""
        self.picture(picture)

    def trade(self, trade: TradeRow) -> None:
        """Show: it is among the trades of the next picture."""

    def picture(self, picture: Picture) -> None:
        """Show."""
        self._last = picture
        self._told_for -= 1
        if self._told_for == 0:
            self._view = msgspec.structs.replace(self._view, told="")
        self._draw()

    async def wishes(self, wish: Callable[[Wish], Awaitable[None]]) -> None:
        """Show."""
        while True:
            key = (await self._keys.next()).lower()
            if key in _WISHES:
                self._view = msgspec.structs.replace(self._view, told=_TOLD[_WISHES[key]])
                self._told_for = _TOLD_FRAMES
                await wish(_WISHES[key])
            else:
                self._view = _turned(self._view, key)
            self._draw()

    def _draw(self) -> None:
        if self._last is not None:
            size = (self._console.width, self._console.height)
            self._live.update(screen(self._last, self._view, size, self._style), refresh=True)


def _turned(view: View, key: str) -> View:
    """What is looked at after a key that asks for nothing but that."""
    replace = msgspec.structs.replace
    if key == "\t":
        return replace(view, focus=view.focus + 1, page=0)
    if key == " ":
        return replace(view, page=view.page + 1)
    if key == "w":
        return replace(view, why=not view.why, page=0)
    return view
