"""Keys of a terminal, one at a time, without waiting for a line to end."""

import asyncio
import os
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MOST: Final = 64  # keys that wait; a held key must not fill the memory


class Keys:
    """Reads them as they come; the oldest are forgotten beyond 64."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: asyncio.Queue[str] = asyncio.Queue(_MOST)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The terminal gives single keys, unechoed, until this ends; Ctrl-C stays what it is."""
        before = termios.tcgetattr(self._descriptor)
        loop = asyncio.get_running_loop()
        try:
            tty.setcbreak(self._descriptor)
            loop.add_reader(self._descriptor, self._read)
            yield
        finally:
            loop.remove_reader(self._descriptor)
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, before)

    async def next(self) -> str:
        """The next key; "" when the terminal has gone."""
        return await self._queue.get()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 32)
        except OSError:
            data = b""
        if not data:  # the terminal was closed
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._put("")
        for key in data.decode(errors="replace"):
            self._put(key)

    def _put(self, key: str) -> None:
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(key)
