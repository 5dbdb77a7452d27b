"""Virtual time: an event loop that never waits, reorders by a seed, and a clock on it that jumps.

Whatever is ready at once is shuffled, timers that are due at once too; what stays in order is what
awaits. asyncio itself promises that callbacks run in the order in which they were made ready: code
that leans on that is not for this loop. Nor are sockets to other processes, as time jumps while
bytes travel, nor threads. The same seed gives the same run in any process: tasks and futures hash
by their number, so that sets of them do not come out in the order of addresses.
"""

import asyncio
import heapq
import random
from asyncio import events
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final, TypeVar

from domain.units import SECOND_NS, TsNs

T = TypeVar("T")

START_NS: Final = 1_000 * SECOND_NS  # of monotonic time; small, so that float seconds hold it
EPOCH_NS: Final = 1_700_000_000 * SECOND_NS  # the wall clock at monotonic zero
WORK_NS: Final = 50_000_000  # work for another thread takes up to this


class DeadlockError(RuntimeError):
    """Everybody waits for somebody, and no timer is set."""


class _Task(asyncio.Task[Any]):
    def __init__(self, coro: Coroutine[Any, Any, Any], *, number: int, **rest: Any) -> None:  # noqa: ANN401
        self.number = number  # first, as the base class already puts it into a set
        super().__init__(coro, **rest)

    def __hash__(self) -> int:
        return self.number


class _Future(asyncio.Future[Any]):
    number = 0

    def __hash__(self) -> int:
        return self.number


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer when nothing is ready; DeadlockError when there is none."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.virtual_ns = START_NS
        self._random = random.Random(seed)  # noqa: S311 an order, no secret
        self._numbers = 0
        self._ready: Any  # of the base class, as the two below
        self._scheduled: list[asyncio.TimerHandle]
        self._timer_cancelled_count: int
        self.set_task_factory(self._make_task)

    def time(self) -> float:
        """Virtual seconds."""
        return self.virtual_ns / SECOND_NS

    def create_future(self) -> _Future:
        """A future that hashes by its number."""
        future = _Future(loop=self)
        future.number = self._next_number()
        return future

    def run_in_executor(  # type: ignore[override]  # typeshed binds the callable's arguments
        self,
        executor: object,
        func: Callable[..., Any],
        *args: Any,  # noqa: ANN401
    ) -> asyncio.Future[Any]:
        """Run `func` on this thread, some virtual time later."""
        future = self.create_future()

        def work() -> None:
            if future.cancelled():
                return
            try:
                future.set_result(func(*args))
            except Exception as error:  # noqa: BLE001 it belongs to whoever awaits
                future.set_exception(error)

        self.call_later(self._random.randrange(WORK_NS) / SECOND_NS, work)
        return future

    def _make_task(
        self,
        loop: asyncio.AbstractEventLoop,
        coro: Any,  # noqa: ANN401
        context: Context | None = None,
    ) -> _Task:
        return _Task(coro, loop=loop, context=context, number=self._next_number())

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _run_once(self) -> None:
        if not self._ready and not self._stopping:  # type: ignore[attr-defined]
            self._look_further()
        while self._scheduled and self._scheduled[0].when() <= self.time():
            self._ready.append(self._pop())
        waiting = list(self._ready)
        self._random.shuffle(waiting)
        self._ready.clear()
        self._ready.extend(waiting)
        super()._run_once()  # type: ignore[misc]

    def _look_further(self) -> None:
        """Nothing is ready: take what the sockets have, else jump to the next timer."""
        self._process_events(self._selector.select(0))  # type: ignore[attr-defined]
        while self._scheduled and self._scheduled[0].cancelled():
            self._pop()
        if self._ready:
            return
        if not self._scheduled:
            raise DeadlockError("nothing is ready and no timer is set: everybody waits for ever")
        self.virtual_ns = max(self.virtual_ns, round(self._scheduled[0].when() * SECOND_NS))
        while self._scheduled[0].when() > self.time():
            self.virtual_ns += 1

    def _pop(self) -> events.TimerHandle:
        handle = heapq.heappop(self._scheduled)
        handle._scheduled = False  # type: ignore[attr-defined]  # as the base class does
        self._timer_cancelled_count -= handle.cancelled()
        return handle


def run_virtual(seed: int, main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` to its end on a loop of its own."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(main())


class VirtualClock:
    """A Clock on the running VirtualLoop, whose wall clock jumps when it is told to."""

    def __init__(self) -> None:
        self._jumped_ns = 0

    def now_ns(self) -> TsNs:
        return TsNs(EPOCH_NS + self.monotonic_ns() + self._jumped_ns)

    def monotonic_ns(self) -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        return loop.virtual_ns

    async def sleep_until_monotonic(self, ns: int) -> None:
        while (left := ns - self.monotonic_ns()) > 0:  # noqa: ASYNC110 nobody sets an event
            await asyncio.sleep(left / SECOND_NS)

    def jump(self, by_ns: int) -> None:
        """The wall clock is set, forward or (by a negative number) backward."""
        self._jumped_ns += by_ns
