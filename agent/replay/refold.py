"""Folds a recording again: each segment from its snapshot, every input in its order."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from agent.core.snapshot import decode
from agent.replay.paper_core import PaperCore
from config.settings_text import settings_from
from db.recording.format import layout_of
from db.recording.reader import Segment
from domain.arrays import Rows
from domain.errors import BadInput
from domain.events import Event
from domain.ports import OutputSink
from domain.rows.account import ACCOUNT
from domain.rows.market import MARKET
from domain.rows.stop import STOP

STATE_LAYOUT: Final = layout_of(MARKET, ACCOUNT, STOP)
Inputs = Iterator[tuple[int, Rows | Event]]


class Refolded(msgspec.Struct, frozen=True):
    """How far a segment was folded: the number of the next input, and how many ticks there were."""

    following: int
    ticks: int


def core_of(
    segment: Segment, sinks: Sequence[OutputSink] = (), snapshot: bytes | None = None
) -> PaperCore:
    """A paper core as it was before the segment's first input, or at a later `snapshot`.

    BadInput where header or snapshot are not of this build's shape: equal sizes are no equal rows.
    """
    header = segment.header
    if header.state_layout != STATE_LAYOUT:
        raise BadInput(
            f"{segment.name}: its state is laid out as {header.state_layout or 'nobody says'}, "
            f"this build's as {STATE_LAYOUT}; read it with the build that wrote it"
        )
    snapshot = segment.snapshot if snapshot is None else snapshot
    settings = settings_from(header.settings, segment.name)
    places = len(decode(snapshot).rows) // MARKET.itemsize
    names = [*header.markets, *[""] * places][:places]
    paper = PaperCore(settings, names, sinks)
    paper.core.restore(snapshot)
    return paper


def refold(
    paper: PaperCore, inputs: Inputs, first: int, folding: Callable[[int, int], None]
) -> Refolded:
    """Fold every input; `folding` hears the number of the next ones, and how many ticks they are.

    Ticks are folded in the runs in which they were recorded. How long those are changes nothing.
    """
    following, ticks = first, 0
    for seq, value in inputs:
        if isinstance(value, np.ndarray):
            folding(seq, len(value))
            paper.core.fold(value)
            following, ticks = seq + len(value), ticks + len(value)
        else:
            folding(seq, 0)
            paper.core.apply(value)
            following = seq + 1
    return Refolded(following, ticks)
