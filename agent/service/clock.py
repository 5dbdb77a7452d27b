"""The machine's clocks: the only module of the engine that reads them for decisions."""

import asyncio
import time

from domain.units import SECOND_NS, TsNs


class SystemClock:
    """The Clock of this machine."""

    def now_ns(self) -> TsNs:
        """UTC, as the machine believes it to be."""
        return TsNs(time.time_ns())

    def monotonic_ns(self) -> int:
        """Since the machine's start; what it slept does not count."""
        return time.monotonic_ns()

    async def sleep_until_monotonic(self, ns: int) -> None:
        """Return at or after `ns`."""
        # The loop may wake up a little early.
        while (left_ns := ns - time.monotonic_ns()) > 0:  # noqa: ASYNC110 no one sets an event
            await asyncio.sleep(left_ns / SECOND_NS)
