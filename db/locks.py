"""One writer at a time: whoever holds the lock on a file beside what is written."""

import contextlib
import fcntl
import os
from pathlib import Path

from db.copies import PRIVATE_FILE
from domain.errors import BadConfig


class Busy(Exception):
    """Another process holds the lock; its id, or `unknown`, is the message."""


class HeldLock:
    """Held from construction until `release`, or until the process ends in whatever way.

    The file stays: if it were removed, two processes could each lock one of the same name.
    """

    def __init__(self, lock: Path) -> None:
        """Busy where another process has it; OSError where no file can be there or be locked."""
        self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()
            self.release()
            raise Busy(holder or "unknown") from error
        except OSError:
            self.release()
            raise
        # Who holds it is told for people only; a full disk must not stop anyone here.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others write. Doing so twice is no error."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


class FileLock(HeldLock):
    """Of a ledger: `NAME.lock` beside the file."""

    def __init__(self, path: Path) -> None:
        """Take the lock. BadConfig names the process that has it."""
        lock = path.with_name(f"{path.name}.lock")
        try:
            super().__init__(lock)
        except Busy as holder:
            raise BadConfig(
                f"{path}: is being written by process {holder}; stop that one, or only read"
            ) from holder
        except OSError as error:
            raise BadConfig(
                f"{lock}: cannot be written: {error.strerror}; "
                "make its folder writable for this user or set AUTOSCALPER_HOME"
            ) from error
