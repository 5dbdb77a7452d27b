"""The pump: recorded, folded, carried out; and what waits at the end is not lost."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from agent.service.loop import RecordedOutputs, run
from agent.service.sequencer import Batch
from domain.arrays import Rows
from domain.enums import TradingState
from domain.errors import Fatal, NotTaken
from domain.events import Command, Event, Timer
from domain.rows.account import NEVER_NS
from domain.units import TsNs
from service_cases import MS, Bench, trades
from virtual_loop import run_virtual

HALT = Command(event_ns=TsNs(0), state=TradingState.HALTED)


class Log:
    """Core, recorder and shell that write down what they are given."""

    def __init__(self, shell_s: float | None = None) -> None:
        self.said: list[Any] = []
        self.next_timer_ns = NEVER_NS
        self._shell_s = shell_s

    def fold(self, ticks: Rows) -> None:
        self.said.append(("fold", ticks["trade_id"].tolist()))

    def apply(self, event: Event) -> None:
        self.said.append(("apply", type(event).__name__))
        if isinstance(event, Timer) and event.event_ns >= self.next_timer_ns:
            self.next_timer_ns = NEVER_NS

    def put_ticks(self, first_seq: int, rows: Rows) -> None:
        self.said.append(("record", first_seq))

    def put_event(self, seq: int, event: Event) -> None:
        self.said.append(("record", seq))

    def put_outputs(self, rows: Rows) -> None:
        self.said.append(("outputs", len(rows)))

    def after(self, batch: Batch) -> Awaitable[None] | None:
        self.said.append(("shell", int(batch.now_ns)))
        return None if self._shell_s is None else asyncio.sleep(self._shell_s)


async def pumped(log: Log, bench: Bench, work: Any) -> None:  # noqa: ANN401
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(run(bench.sequencer, log, log, log, stop))
        await bench.pass_ms(1)
        await work()
        stop.set()


def test_a_piece_is_recorded_then_folded_and_the_shell_comes_last() -> None:
    async def main() -> list[Any]:
        log, bench = Log(), Bench()

        async def work() -> None:
            bench.ring.put(trades(7))
            await bench.pass_ms(1)
            log.said.append("stopped")

        await pumped(log, bench, work)
        return log.said[: log.said.index("stopped")]

    *said, (shell, _) = run_virtual(1, main)
    assert said == [
        ("record", 0),
        ("apply", "ClockRead"),
        ("record", 1),
        ("fold", [7]),
        ("record", 2),
        ("apply", "Timer"),
    ]
    assert shell == "shell"


def test_the_cores_timer_runs_when_its_time_has_come_and_no_tick_says_so() -> None:
    async def main() -> tuple[int, list[int]]:
        log, bench = Log(), Bench()
        log.next_timer_ns = due_ns = bench.start_ns + 50 * MS
        await pumped(log, bench, lambda: bench.pass_ms(100))
        return due_ns, [each[1] for each in log.said if each[0] == "shell"]

    due_ns, batches = run_virtual(1, main)
    assert batches[0] == due_ns
    assert len(batches) <= 3


@pytest.mark.parametrize("seed", range(10))
def test_what_waits_at_the_stop_is_folded(seed: int) -> None:
    async def main() -> list[Any]:
        log, bench = Log(), Bench()

        async def work() -> None:
            await bench.sequencer.submit(HALT)
            bench.ring.put(trades(7))

        await pumped(log, bench, work)
        return log.said

    said = run_virtual(seed, main)
    assert ("fold", [7]) in said
    assert ("apply", "Command") in said


def test_nothing_is_submitted_after_the_end() -> None:
    async def main() -> None:
        log, bench = Log(), Bench()
        await pumped(log, bench, lambda: bench.pass_ms(1))
        with pytest.raises(NotTaken, match="ending"):
            await bench.sequencer.submit(HALT)

    run_virtual(1, main)


def test_a_shell_that_hangs_at_the_end_is_fatal_after_its_deadline() -> None:
    async def main() -> None:
        log, bench = Log(shell_s=60), Bench()
        with pytest.raises(ExceptionGroup) as caught:
            await pumped(log, bench, lambda: bench.pass_ms(1))
        assert [type(error) for error in caught.value.exceptions] == [Fatal]

    run_virtual(1, main)


def test_what_the_core_raises_leaves_as_it_is() -> None:
    class Broken(Log):
        def fold(self, ticks: Rows) -> None:
            raise Fatal("an invariant is broken") from ValueError("the cause")

    async def main() -> None:
        log, bench = Broken(), Bench()
        bench.ring.put(trades(1))
        with pytest.raises(Fatal, match="an invariant") as caught:
            await run(bench.sequencer, log, log, log, asyncio.Event())
        assert isinstance(caught.value.__cause__, ValueError)

    run_virtual(1, main)


class Refilling(Log):
    """A shell after whose work there is always more, until `stop`."""

    def __init__(self, bench: Bench, stop: asyncio.Event) -> None:
        super().__init__()
        self._bench, self._stop = bench, stop

    def after(self, batch: Batch) -> Awaitable[None] | None:
        assert len(self.said) < 10_000
        if not self._stop.is_set():
            self._bench.ring.put(trades(1))
        return super().after(batch)


def test_others_have_their_turn_although_the_ring_is_never_empty() -> None:
    async def main() -> None:
        bench, stop = Bench(), asyncio.Event()
        log = Refilling(bench, stop)
        bench.ring.put(trades(1))
        async with asyncio.TaskGroup() as group:
            group.create_task(run(bench.sequencer, log, log, log, stop))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            stop.set()

    run_virtual(1, main)


def test_what_the_core_says_reaches_the_recorder() -> None:
    log = Log()
    RecordedOutputs(log).hear(trades(1, 2))
    assert log.said == [("outputs", 2)]
