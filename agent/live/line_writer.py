"""Lines to a stream that may stall: a thread of its own writes them, and nobody waits for it.

Whoever trades must not stand still because a terminal, a pipe or the journal does.
"""

import queue
import threading
from typing import Final, TextIO

WAITING: Final = 1_000  # lines; beyond, the newest are dropped and counted
CLOSE_S: Final = 2.0


class LineWriter:
    """`dropped` lines found no room, or a stream that takes none any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self.dropped = 0
        self._thread = threading.Thread(target=self._write, name="lines", daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """Write a line, some time soon. Never waits and never fails."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self.dropped += 1

    def close(self) -> None:
        """Write what waits, for at most two seconds."""
        try:
            self._lines.put(None, timeout=CLOSE_S)
        except queue.Full:
            return
        self._thread.join(CLOSE_S)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._stream.write(f"{line}\n")
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more, or the disk is full
                self.dropped += 1
