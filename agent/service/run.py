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

    What `recover` raises refuses the run; what a feed, the core or a file raises ends it, in order.
    """
    engine = Engine(run.account, run.keeping, run.clock)
    try:
        now_ns = int(run.clock.now_ns())
        engine.begin(recover(run.keeping, run.specs, run.account.served, now_ns))
        folded = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(engine.run(folded), name="engine")
                watching = group.create_task(_watched(beside, engine), name="beside")
                delivering = [
                    group.create_task(feed.run(engine), name="feed") for feed in run.feeds
                ]
                await stop.wait()
                for task in (watching, *delivering):
                    task.cancel()
                await asyncio.gather(watching, *delivering, return_exceptions=True)
                folded.set()
        except ExceptionGroup as errors:
            if len(errors.exceptions) > 1:
                raise
            raise errors.exceptions[0] from None
    finally:
        engine.close()


async def _watched(beside: Callable[[Engine], Awaitable[None]], engine: Engine) -> None:
    await beside(engine)
