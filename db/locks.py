"""One writer a file: whoever holds the lock of `NAME.lock` beside it."""

import contextlib
import fcntl
import os
from pathlib import Path

from db.copies import PRIVATE_FILE
from domain.errors import BadConfig


class FileLock:
    """Held from construction until `release`, or until the process ends in whatever way.

    The file stays: if it were removed, two processes could each lock one of the same name.
    """

    def __init__(self, path: Path) -> None:
        """Take the lock. BadConfig names the process that has it."""
        lock = path.with_name(f"{path.name}.lock")
        try:
            self._descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
        except OSError as error:
            raise BadConfig(
                f"{lock}: cannot be written: {error.strerror}; "
                "make its folder writable for this user or set AUTOSCALPER_HOME"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise BadConfig(
                f"{path}: is being written by process {holder or 'unknown'}; "
                "stop that one, or only read"
            ) from error
        # Who holds it is told for people only; a full disk must not stop anyone here.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others write. Doing so twice is no error."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
