"""The pump: what waits goes to the recorder, then to the core, then to the shell, in that order."""

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

from agent.service.sequencer import Batch, Sequencer
from domain.arrays import Rows
from domain.errors import Fatal
from domain.events import Event
from domain.ports import Recorder

CLOSE_S: Final = 5.0


class Core(Protocol):
    """The decision core, as the pump sees it."""

    @property
    def next_timer_ns(self) -> int:
        """No timer is due before."""

    def fold(self, ticks: Rows) -> None:
        """Fold ticks, in order."""

    def apply(self, event: Event) -> None:
        """Let an event act."""


class Shell(Protocol):
    """Carries out what a batch led to: ledger rows, orders."""

    def after(self, batch: Batch) -> Awaitable[None] | None:
        """Something to await only where the next batch must not be folded before it is done."""


class RecordedOutputs:
    """A sink of the core that hands what it says to the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def hear(self, outputs: Rows) -> None:
        """Pass on a block."""
        self._recorder.put_outputs(outputs)


async def run(
    sequencer: Sequencer, core: Core, recorder: Recorder, shell: Shell, stop: asyncio.Event
) -> None:
    """Fold until `stop`, then refuse what is new and fold what waits.

    Feeds are closed before `stop` is set, recorder and ledgers after this has returned. Fatal when
    the shell does not take the last batches within 5 s each. What core or shell raise leaves as it
    is, and in no group.
    """
    failed: Exception | None = None
    try:
        async with asyncio.TaskGroup() as group:
            alarm = group.create_task(_wake_at(stop, sequencer), name="wake-at-stop")
            while not stop.is_set():
                await sequencer.wait(sequencer.next_due_ns(core.next_timer_ns))
                await _turn(sequencer, core, recorder, shell)
            alarm.cancel()
    except ExceptionGroup as errors:
        if len(errors.exceptions) > 1:
            raise
        failed = errors.exceptions[0]
    if failed is not None:
        raise failed
    sequencer.close()
    while True:
        await _last_turn(sequencer, core, recorder, shell)
        if not sequencer.waiting:
            return


async def _turn(sequencer: Sequencer, core: Core, recorder: Recorder, shell: Shell) -> None:
    batch = sequencer.drain()
    for piece in batch.pieces:
        if piece.ticks is not None:
            recorder.put_ticks(piece.first_seq, piece.ticks)
            core.fold(piece.ticks)
        elif piece.event is not None:
            recorder.put_event(piece.first_seq, piece.event)
            core.apply(piece.event)
    done = shell.after(batch)
    if done is not None:
        await done
    await asyncio.sleep(0)  # feeds and commands have their turn, however much lies in the ring


async def _last_turn(sequencer: Sequencer, core: Core, recorder: Recorder, shell: Shell) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await _turn(sequencer, core, recorder, shell)
    except TimeoutError as error:
        raise Fatal(
            f"the shell did not take its last batch within {CLOSE_S} s: ledgers may lack rows;"
            " compare them with the recording"
        ) from error


async def _wake_at(stop: asyncio.Event, sequencer: Sequencer) -> None:
    await stop.wait()
    sequencer.wake()
