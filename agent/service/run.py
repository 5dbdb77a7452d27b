"""One run of the service: state recovered, feeds running, until it is told to stop.

Start, restart and restart after a crash are the same way. To stop, feeds end first, then what waits
is folded, then the files are closed, the ledgers last; positions stay, and the next run takes them
up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec

from agent.service.engine import Engine
from agent.service.feeds import Feed
from agent.service.recovery import recover
from agent.service.served import Account, Keeping
from db.connections import FileSpec
from domain.enums import FileKind
from domain.ports import Clock


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is made of; the files of `keeping` are open, and closed by `serve`."""

    account: Account
    keeping: Keeping
    specs: Mapping[FileKind, FileSpec]
    feeds: Sequence[Feed]
    clock: Clock


async def serve(run: Run, stop: asyncio.Event, beside: Callable[[Engine], Awaitable[None]]) -> None:
    """Serve until `stop`; `beside` watches until then, and is cancelled.

    What `recover` raises refuses the run. What a feed or `beside` raises ends it in order: what
    waits is folded and kept first. The core or a file that fails ends it at once.
    """
    engine = Engine(run.account, run.keeping, run.clock)
    try:
        now_ns = int(run.clock.now_ns())
        engine.begin(recover(run.keeping, run.specs, run.account.served, now_ns))
        folded, failures = asyncio.Event(), list[Exception]()

        async def supervised(work: Awaitable[None]) -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 raised again when the engine has ended
                failures.append(error)
                stop.set()

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(engine.run(folded), name="engine")
                works = (beside(engine), *(feed.run(engine) for feed in run.feeds))
                tasks = [group.create_task(supervised(work), name="beside") for work in works]
                await stop.wait()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                folded.set()
        except ExceptionGroup as errors:
            if len(errors.exceptions) > 1:
                raise
            raise errors.exceptions[0] from None
        if failures:
            raise failures[0]
    finally:
        engine.close()
