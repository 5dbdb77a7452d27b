"""The locks that are set: what keeps a market, or all of them, from entering until it ends."""

import msgspec

from domain.locks import ALL, Lock


class Locks:
    """The locks that are set, in the order in which they were: one for each code and market."""

    def __init__(self) -> None:
        self._set: list[Lock] = []

    def state(self) -> tuple[Lock, ...]:
        """What a restart must not forget."""
        return tuple(self._set)

    def restore(self, locks: tuple[Lock, ...]) -> None:
        """Go on with the locks of `state`."""
        self._set = list(locks)

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
