"""Drives the core over timelines: ticks in pieces, and between them what happens at its time."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from agent.replay.events import Due
from domain.arrays import Rows
from domain.events import Event

# Told after each piece how many ticks it held.
Folded = Callable[[int], None]


class Folding(Protocol):
    """A core, or what stands before one."""

    def fold(self, ticks: Rows) -> None:
        """Fold ticks, in order."""

    def apply(self, event: Event) -> None:
        """Let an event act."""


def drive(core: Folding, ticks: Rows, events: Sequence[Due], chunk: int, folded: Folded) -> None:
    """Fold the ticks and apply each event before the tick at its index.

    chunk  the most ticks folded at once, at least 1; it changes no decision.
    """
    at = 0
    for due in events:
        for piece in _pieces(ticks[at : due.index], chunk):
            core.fold(piece)
            folded(len(piece))
        at = due.index
        core.apply(due.event)
    for piece in _pieces(ticks[at:], chunk):
        core.fold(piece)
        folded(len(piece))


def _pieces(ticks: Rows, chunk: int) -> Iterator[Rows]:
    for start in range(0, len(ticks), chunk):
        yield ticks[start : start + chunk]
