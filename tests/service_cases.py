"""Ticks, a sequencer on virtual time, and what its batches hold."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from agent.service.event_time import EventTime
from agent.service.ring import Ring
from agent.service.sequencer import Batch, Piece, Route, Routing, Sequencer
from domain.arrays import Rows
from domain.enums import TickKind
from domain.events import Event
from domain.rows.tick import TICK
from virtual_loop import VirtualClock

MS: Final = 1_000_000
ONE_TO_ONE: Final = Routing(
    names=("COIN", "MINT", "GOLD"),
    routes=((Route(0, 0),), (Route(1, 0),), (Route(2, 0),)),
)


def rows(kind: TickKind, *ids: int, market: int = 0, recv_ns: int = 0) -> Rows:
    """Ticks that are told apart by their trade_id."""
    ticks = np.zeros(len(ids), TICK)
    ticks["kind"], ticks["trade_id"], ticks["market"] = kind, ids, market
    ticks["recv_ns"] = recv_ns
    return ticks


def trades(*ids: int, market: int = 0, recv_ns: int = 0) -> Rows:
    return rows(TickKind.TRADE, *ids, market=market, recv_ns=recv_ns)


def quotes(*ids: int, market: int = 0, recv_ns: int = 0) -> Rows:
    return rows(TickKind.QUOTE, *ids, market=market, recv_ns=recv_ns)


class Bench:
    """A sequencer with its ring and clock; make it inside the running loop."""

    def __init__(
        self, routing: Routing = ONE_TO_ONE, capacity: int = 1_000, commands: int = 16
    ) -> None:
        self.clock = VirtualClock()
        self.time = EventTime(self.clock)
        self.ring = Ring(capacity)
        self.sequencer = Sequencer(self.time, self.ring, routing, commands=commands)
        self.start_ns = int(self.time.now_ns())

    async def pass_ms(self, ms: float) -> None:
        await self.clock.sleep_until_monotonic(self.clock.monotonic_ns() + int(ms * MS))

    def now_ns(self) -> int:
        return int(self.time.now_ns())

    def inside(self) -> list[Event | list[int]]:
        """Of the next batch: events, and ids of ticks, without what opens and closes it."""
        return [shown(piece) for piece in self.sequencer.drain().pieces[1:-1]]


def shown(piece: Piece) -> Event | list[int]:
    if piece.ticks is not None:
        ids: list[int] = piece.ticks["trade_id"].tolist()
        return ids
    assert piece.event is not None
    return piece.event


def stamps(batches: Sequence[Batch]) -> list[int]:
    """event_ns of every input, in order."""
    found: list[int] = []
    for piece in (piece for batch in batches for piece in batch.pieces):
        if piece.ticks is not None:
            found.extend(piece.ticks["event_ns"].tolist())
        if piece.event is not None:
            found.append(int(piece.event.event_ns))
    return found


def numbers(batches: Sequence[Batch]) -> list[int]:
    """The number of every input, in order."""
    found: list[int] = []
    for piece in (piece for batch in batches for piece in batch.pieces):
        count = 1 if piece.ticks is None else len(piece.ticks)
        found.extend(range(piece.first_seq, piece.first_seq + count))
    return found
