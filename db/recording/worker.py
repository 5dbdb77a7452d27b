"""A `Worker` that is one thread."""

import queue
import threading
from collections.abc import Callable


class ThreadWorker:
    """Runs jobs in a thread of its own, in order, until it is stopped.

    A job that raises does not end it; the first such error is raised by `drain` and `stop`.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Hand over a job; it never waits."""
        self._jobs.put(job)

    def drain(self) -> None:
        """Wait until every job so far is done."""
        done = threading.Event()
        self._jobs.put(done.set)
        done.wait()
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
