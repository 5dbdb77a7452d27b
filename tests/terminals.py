"""A demo on a terminal: what it draws, and keys for it."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping

from source_tree import ROOT

START = "from agent.cli import main; import sys; sys.exit(main())"
WITHIN_S = 120.0


class Terminal:
    """Of some columns and rows."""

    def __init__(
        self, *options: str, size: tuple[int, int] = (80, 24), set_as: Mapping[str, str] = {}
    ) -> None:
        environment = {**os.environ, "TERM": "xterm-256color", **set_as}
        for name in ("COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process, self.descriptor = pty.fork()
        if self.process == 0:  # the child is the demo
            os.chdir(ROOT)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            command = [sys.executable, "-c", START, "demo", *options]
            os.execve(sys.executable, command, environment)  # noqa: S606 our own program
        self.seen = ""

    def until(self, words: str) -> str:
        """Read until something is drawn that was not read before."""
        ends_s = time.monotonic() + WITHIN_S
        self.seen = ""
        while words not in self.seen:
            assert time.monotonic() < ends_s, self.seen[-2_000:]
            if select.select([self.descriptor], [], [], 1.0)[0]:
                self.seen += os.read(self.descriptor, 65_536).decode(errors="replace")
        return self.seen

    def press(self, key: str) -> None:
        """One key."""
        os.write(self.descriptor, key.encode())

    def ended(self) -> int:
        """Its exit code; all that it still wrote is in `seen`."""
        try:
            while data := os.read(self.descriptor, 65_536):
                self.seen += data.decode(errors="replace")
        except OSError:
            pass  # the other end is closed
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
