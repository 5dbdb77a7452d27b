"""The ring: ticks of all feeds in arrival order, until the sequencer takes them.

It never conflates. When it is full, whatever tells of a book goes first, oldest first, those in the
ring before those being put; a trade never goes. With nothing but trades left it takes no more, and
the feed waits for `room`. What was lost is reported by market and slot, at the place of the first
that was lost: before every tick that follows.

One event loop; not for threads.
"""

import asyncio
from collections import Counter
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import SLOTS, TICK

CAPACITY: Final = 65_536
_PLAIN: Final = np.dtype((np.void, TICK.itemsize))  # without fields rows are moved whole
_GONE: Final = -1  # the kind of a row that was dropped and still takes its place
_TRADE: Final = int(TickKind.TRADE)
_LOOK: Final = 256
_NEAR: Final = 32


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """Ticks of one market and slot that were lost before row `before` of those taken.

    Others of that market may lie between the first and the last lost: trades, and nothing else.
    """

    before: int
    market: int
    slot: int
    lost: int
    first_recv_ns: int
    last_recv_ns: int


class Taken(msgspec.Struct, frozen=True):
    """`rows` is the taker's for ever: a copy that nobody writes again. `dropped` is in order."""

    rows: Rows
    dropped: tuple[Dropped, ...]


class Ring:
    """Holds up to `capacity` rows TICK.

    arrived  set by every put; whoever takes clears it.
    drops    rows lost so far, by (market, slot).

    Rows lie between head and tail of a buffer of twice the capacity and move to its front when the
    tail is at its end, at most once in `capacity` rows. Before `_seen` there is no book left, only
    trades and gone rows.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._rows: Rows = np.zeros(2 * capacity, TICK)
        self._plain = self._rows.view(_PLAIN)
        self._kind = self._rows["kind"]
        self._head = self._tail = self._seen = 0
        self._gone = 0
        self._pending: dict[tuple[int, int], Dropped] = {}
        self._room = asyncio.Event()
        self.arrived = asyncio.Event()
        self.drops: Counter[tuple[int, int]] = Counter()

    def __len__(self) -> int:
        return self._tail - self._head - self._gone

    def put(self, rows: Rows) -> int:
        """Copy in TICK[n] and return how many were dealt with, from the front.

        Less than n means that there is nothing but trades: await `room` and put the rest.
        """
        count = len(rows)
        if self._tail - self._head - self._gone + count > self._capacity:
            return self._put_crowded(rows)
        if self._tail + count > len(self._rows):
            self._move()
        tail = self._tail
        if count == 1:
            self._rows[tail] = rows[0]  # half the time of a slice
        else:
            self._plain[tail : tail + count] = rows.view(_PLAIN)
        self._tail = tail + count
        self.arrived.set()
        return count

    async def room(self) -> None:
        """Return when something was taken since a put was refused."""
        await self._room.wait()

    async def put_all(self, rows: Rows) -> None:
        """Put, waiting for room as long as it takes."""
        done = self.put(rows)
        while done < len(rows):
            await self.room()
            done += self.put(rows[done:])

    def take(self, limit: int = CAPACITY) -> Taken:
        """The oldest rows, up to `limit`, and what was lost before, among and behind them."""
        head = self._head
        if self._gone:
            places = head + np.flatnonzero(self._kind[head : self._tail] != _GONE)[:limit]
            rows = self._plain[places]
            all_of_them = len(places) == len(self)
            self._head = self._tail if all_of_them else int(places[-1]) + 1 if limit else head
            self._gone -= self._head - head - len(places)
        else:
            self._head = min(head + limit, self._tail)
            rows = self._plain[head : self._head].copy()
        if self._head == self._tail:
            self._head = self._tail = self._seen = 0
        self._seen = max(self._seen, self._head)
        self._room.set()
        dropped = self._report(len(rows)) if self._pending else ()
        return Taken(rows.view(TICK), dropped)

    def _report(self, taken: int) -> tuple[Dropped, ...]:
        """What was lost up to there; the rest is so much nearer to the head."""
        due = [each for each in self._pending.values() if each.before <= taken]
        self._pending = {
            key: msgspec.structs.replace(each, before=each.before - taken)
            for key, each in self._pending.items()
            if each.before > taken
        }
        return tuple(sorted(due, key=lambda each: (each.before, each.market, each.slot)))

    def _put_crowded(self, rows: Rows) -> int:
        """Make room by dropping books, as many as it takes and no more."""
        if len(rows) == 1 and self._drop_one():
            return self.put(rows)
        is_trade = rows["kind"] == _TRADE
        excess = len(self) + len(rows) - self._capacity
        places = self._oldest_books(excess)
        free = self._capacity - len(self) + len(places)
        trades = np.flatnonzero(is_trade)
        done = int(trades[free]) if len(trades) > free else len(rows)
        excess = len(self) + done - self._capacity
        self._drop(places)
        # What the ring's own books could not make up for is dropped among the new ones.
        unseen = np.flatnonzero(~is_trade[:done])[: max(0, excess - len(places))]
        part = rows[:done]
        if len(unseen):
            kept = np.ones(done, np.bool_)
            kept[unseen] = False
            self._tell(rows[unseen], len(self) + unseen - np.arange(len(unseen)))
            part = rows.view(_PLAIN)[:done][kept].view(TICK)
        if len(part):
            self.put(part)
        if done < len(rows):
            self._room.clear()
        return done

    def _drop_one(self) -> bool:
        """Drop the oldest book if it lies near: what a flood of single rows costs."""
        at, end = self._seen, min(self._seen + _NEAR, self._tail)
        while at < end and self._kind[at] == _TRADE:
            at += 1
        self._seen = at
        if at == end:
            return False
        row = self._rows[at]
        recv_ns = int(row["recv_ns"])
        key = int(row["market"]), int(row["slot"])
        self._count(key, 1, at - self._head - self._gone, (recv_ns, recv_ns))
        self._kind[at] = _GONE
        self._gone += 1
        self._seen = at + 1
        return True

    def _oldest_books(self, wanted: int) -> npt.NDArray[np.int64]:
        """Places of up to so many, found in steps: each row is looked at once or twice."""
        found: list[npt.NDArray[np.int64]] = []
        at = self._seen
        while wanted > 0 and at < self._tail:
            end = min(at + max(_LOOK, wanted), self._tail)
            books = at + np.flatnonzero(self._kind[at:end] != _TRADE)[:wanted]
            if len(books):
                found.append(books)
            elif not found:
                self._seen = end
            wanted -= len(books)
            at = end
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def _drop(self, places: npt.NDArray[np.int64]) -> None:
        if not len(places):
            return
        # Behind `_seen` nothing is gone yet; before it, all that is.
        self._tell(self._rows[places], places - self._head - self._gone - np.arange(len(places)))
        self._kind[places] = _GONE
        self._gone += len(places)
        self._seen = int(places[-1]) + 1

    def _tell(self, lost: Rows, before: npt.NDArray[np.int64]) -> None:
        keys = lost["market"] * SLOTS + lost["slot"]
        for key in np.unique(keys).tolist():
            these = np.flatnonzero(keys == key)
            first, last = lost["recv_ns"][these[[0, -1]]].tolist()
            self._count(divmod(key, SLOTS), len(these), int(before[these[0]]), (first, last))

    def _count(
        self, key: tuple[int, int], lost: int, before: int, recv_ns: tuple[int, int]
    ) -> None:
        known = self._pending.get(key)
        self.drops[key] += lost
        self._pending[key] = Dropped(
            before=known.before if known else before,
            market=key[0],
            slot=key[1],
            lost=lost + known.lost if known else lost,
            first_recv_ns=known.first_recv_ns if known else recv_ns[0],
            last_recv_ns=recv_ns[1],
        )

    def _move(self) -> None:
        """Bring what is left to the front of the buffer."""
        kept = np.flatnonzero(self._kind[self._head : self._tail] != _GONE)
        before_seen = int(np.searchsorted(kept, self._seen - self._head))
        self._plain[: len(kept)] = self._plain[self._head : self._tail][kept]
        self._head, self._tail, self._seen = 0, len(kept), before_seen
        self._gone = 0
