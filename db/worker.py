"""The thread that writes a file."""

import threading
from collections.abc import Callable


class StepThread:
    """Makes a writer's steps in a thread of its own. It dies with the process: close first."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def start(self, step: Callable[[bool], bool], name: str) -> None:
        """Begin; the steps are made until one says False."""

        def run() -> None:
            while step(True):
                pass

        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Nothing to do: the writer waits at its queue."""

    def join(self, deadline_s: float) -> bool:
        """Whether the last step was made, after at most this time."""
        if self._thread is None:
            return True
        self._thread.join(deadline_s)
        return not self._thread.is_alive()
