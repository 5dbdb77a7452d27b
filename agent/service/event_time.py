"""The time that feeds and sequencer stamp with: it goes on evenly whatever the wall clock does.

Durations and ages in the core are differences of stamps. A wall clock that is set back would make
them negative or stop every timer until it has caught up; one that is set forward would make every
quote stale, end holds and pauses, and run the timers of the hours it left out. So the wall clock is
read for its date only once, at the start; from then on time is that date plus monotonic time.

Wall clocks drift and are corrected. While the two differ by no more than 250 ms, event time follows
at 500 ppm of the time that passes, forward or backward: it then runs a little fast or slow, is
never stepped and never goes back. Beyond that one of the two is wrong and nobody here can know
which. Event time then follows neither way: it goes on evenly, so that ages and durations stay
right, and `jumped` is true until the wall clock comes back to within 250 ms. The caller halts
entries meanwhile: session edges, days and a venue's stamps are wall-clock facts. A person repairs
the clock, or starts the service anew, which takes the date from the wall clock again. A machine
that was suspended looks the same, as monotonic time does not count that, and ends the same way.

A service that starts with a wall clock behind its last recorded stamp goes on from that stamp: time
never goes back across a restart either, and a difference of more than 250 ms is a jump. With a wall
clock of more than five minutes behind it does not start at all (recovery).
"""

from typing import Final

from domain.ports import Clock
from domain.units import TsNs

LIMIT_NS: Final = 250_000_000  # a difference that is more is a jump
_EVERY_NS: Final = 1_000_000  # corrected no more often, so that whole nanoseconds are left of ppm
_SLEW: Final = 2_000  # one part of so many: 500 ppm


class EventTime:
    """Never goes back, never jumps.

    jumped         whether the wall clock was more than 250 ms away when it was last read.
    difference_ns  wall clock less event time, when it was last read.
    """

    def __init__(self, clock: Clock, at_least_ns: int = 0) -> None:
        self._clock = clock
        self._corrected_ns = clock.monotonic_ns()
        wall_ns = clock.now_ns()
        start_ns = max(wall_ns, at_least_ns)
        self._offset_ns = start_ns - self._corrected_ns
        self.difference_ns = wall_ns - start_ns
        self.jumped = abs(self.difference_ns) > LIMIT_NS

    def now_ns(self) -> TsNs:
        """Read both clocks. Never less than before."""
        clock = self._clock
        monotonic_ns = clock.monotonic_ns()
        passed_ns = monotonic_ns - self._corrected_ns
        if passed_ns >= _EVERY_NS:
            self._corrected_ns = monotonic_ns
            self._compare(clock.now_ns() - monotonic_ns - self._offset_ns, passed_ns // _SLEW)
        return TsNs(monotonic_ns + self._offset_ns)

    def _compare(self, difference_ns: int, most_ns: int) -> None:
        self.difference_ns = difference_ns
        self.jumped = abs(difference_ns) > LIMIT_NS
        if not self.jumped:
            self._offset_ns += min(max(difference_ns, -most_ns), most_ns)
