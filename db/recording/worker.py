"""A `Worker` that is one thread."""

import queue
import threading
from collections.abc import Callable
from typing import Final

from domain.errors import NotStored

DEADLINE_S: Final = 10.0


class ThreadWorker:
    """Runs jobs in a thread of its own, in order, until it is stopped.

    A job that raises does not end it; the first such error is raised by `drain` and `stop`.
    """

    def __init__(self, name: str, deadline_s: float = DEADLINE_S) -> None:
        """`deadline_s` is for `drain`: whoever ends must not wait for ever."""
        self._deadline_s = deadline_s
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Hand over a job; it never waits."""
        self._jobs.put(job)

    def drain(self) -> None:
        """Wait until every job so far is done. NotStored if the disk hangs."""
        done = threading.Event()
        self._jobs.put(done.set)
        if not done.wait(self._deadline_s):
            raise NotStored(
                f"{self._thread.name}: the disk took nothing for {self._deadline_s:g} s; what "
                "waits for it is lost: look at the disk before the next start"
            )
        self._raise()

    def stop(self) -> None:
        """Do what was handed over, then end the thread. Stopped again, nothing happens."""
        self._jobs.put(None)
        self._thread.join()
        self._raise()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except BaseException as error:  # noqa: BLE001  the owner hears it from `drain`
                self._error = self._error or error

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error
