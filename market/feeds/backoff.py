"""How long to wait before the next try, and that it never gives up.

Exponential with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"), the first
try at once, and no more than `PER_MINUTE` tries in any minute, whatever the venue does.
"""

from collections import deque
from random import Random
from typing import Final

from domain.units import SECOND_NS

FIRST_S: Final = 0.5
MOST_S: Final = 60.0
PER_MINUTE: Final = 10
_MINUTE_NS: Final = 60 * SECOND_NS


class Backoff:
    """Of one venue. `random` is handed in: two daemons must not wait alike, and tests must."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._failures = 0
        self._tries_ns: deque[int] = deque(maxlen=PER_MINUTE)

    @property
    def failures(self) -> int:
        """In a row."""
        return self._failures

    def succeeded(self) -> None:
        """A connection has delivered: the next failure is the first again."""
        self._failures = 0

    def next_ns(self, now_ns: int) -> int:
        """When to try next; the try is counted."""
        wait_s = 0.0
        if self._failures:
            ceiling_s = min(MOST_S, FIRST_S * 2.0 ** min(self._failures - 1, 16))
            wait_s = self._random.uniform(0.0, ceiling_s)
        self._failures += 1
        at_ns = now_ns + round(wait_s * SECOND_NS)
        if len(self._tries_ns) == PER_MINUTE:
            at_ns = max(at_ns, self._tries_ns[0] + _MINUTE_NS)
        self._tries_ns.append(at_ns)
        return at_ns
