"""Locks: what keeps a market, or all of them, from entering until an end or a release.

Pauses are told here too; they act through the trading state, which is not risk's to set.
"""

import msgspec

from domain.enums import Refusal, StateCause
from domain.rows.account import NEVER_NS

ALL = "*"  # the market of a lock on all markets


class Lock(msgspec.Struct, frozen=True):
    """No entries in a market before `until_ns` (docs/rules.md, "Locks and pauses").

    market         its name, ALL for every market.
    until_ns       the first nanosecond without it; None: a release ends it.
    limit, actual  of the rule that set it, in its unit; `key` is the setting that holds the limit.
    """

    market: str
    code: Refusal
    since_ns: int
    until_ns: int | None
    limit: float
    actual: float
    key: str

    @property
    def end_ns(self) -> int:
        """As R21 holds an entry: NEVER_NS for a lock without an end."""
        return NEVER_NS if self.until_ns is None else self.until_ns

    def holds(self, now_ns: int) -> bool:
        """It is in force."""
        return self.until_ns is None or now_ns < self.until_ns


class Pause(msgspec.Struct, frozen=True):
    """REDUCING from now on until `until_ns`, if the state is ACTIVE."""

    cause: StateCause
    until_ns: int
    limit: float
    actual: float
    key: str


class Locks:
    """The locks that are set, in the order in which they were: one for each code and market."""

    def __init__(self) -> None:
        self._set: list[Lock] = []

    def put(self, lock: Lock) -> bool:
        """Set a lock; False if its like is still set, which then ends at the later of both ends."""
        now_ns = lock.since_ns
        self._set = [each for each in self._set if each.holds(now_ns)]
        for place, each in enumerate(self._set):
            if (each.market, each.code) == (lock.market, lock.code):
                if lock.end_ns > each.end_ns or lock.until_ns is None:
                    later = msgspec.structs.replace(each, until_ns=lock.until_ns)
                    self._set[place] = later
                return False
        self._set.append(lock)
        return True

    def on(self, market: str, now_ns: int) -> Lock | None:
        """The lock that stops an entry of this market: of several the one that was set first."""
        for lock in self._set:
            if lock.market in (market, ALL) and lock.holds(now_ns):
                return lock
        return None

    def release(self, market: str | None) -> None:
        """End the locks of a market, of every market and of all together with None."""
        self._set = [] if market is None else [lock for lock in self._set if lock.market != market]

    def in_force(self, now_ns: int) -> tuple[Lock, ...]:
        """Those that stop entries now."""
        return tuple(lock for lock in self._set if lock.holds(now_ns))
