"""Spans of time in whole nanoseconds, and how often something happened lately."""

import math
from collections import deque
from typing import Final

from domain.rows.account import NEVER_NS
from domain.units import SECOND_NS

MOST_TIMES: Final = 65_536  # a count beyond this is not kept: whoever allows more allows this many


def span_ns(seconds: float) -> int:
    """A setting in seconds (C7). NEVER_NS for one that is no number or beyond 64 bits."""
    scaled = seconds * SECOND_NS + 0.5
    return math.floor(scaled) if scaled < NEVER_NS else NEVER_NS


def end_ns(now_ns: int, seconds: float) -> int:
    """When something that lasts so long from now on is over, NEVER_NS at the latest."""
    return min(now_ns + span_ns(seconds), NEVER_NS)


def whole(number: float) -> int:
    """The first whole count that reaches `number`, at least 1 and at most MOST_TIMES."""
    return math.ceil(max(1.0, number)) if number <= MOST_TIMES else MOST_TIMES


class Recently:
    """The latest `most` times of something; who asks never needs to know of more."""

    def __init__(self, window_ns: int, most: int) -> None:
        self._window_ns = window_ns
        self._times: deque[int] = deque(maxlen=most)

    def add(self, now_ns: int) -> None:
        """It happened now."""
        self._times.append(now_ns)

    def times(self) -> tuple[int, ...]:
        """Those that may still be counted, oldest first."""
        return tuple(self._times)

    def count(self, now_ns: int) -> int:
        """How often in (now - window, now], `most` at most."""
        times = self._times
        while times and now_ns - times[0] >= self._window_ns:
            times.popleft()
        return len(times)
