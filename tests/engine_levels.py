"""Whether the levels of open positions reached the ledgers in time, held against the recording.

A stop that a mover moves is said by no output: the next run knows it only from what is kept.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from agent.replay.refold import core_of
from agent.service.kept import KeptMarket
from agent.service.recovery import specs_of
from db.read import open_reader
from db.recording.reader import segments
from db.state_keys import MARKET
from domain.arrays import Rows
from domain.enums import FileKind
from domain.events import Timer
from domain.ledger import StateRow
from domain.units import SECOND_NS
from engine_cases import spec

Levels = tuple[int, int, int]
_FIELDS: Final = ("stop_level", "target_level", "mover")
_LATE_NS: Final = SECOND_NS  # that a ledger may be behind


class _Stood(NamedTuple):
    """The levels of a market at the end of a batch; None while it is flat."""

    time_ns: int
    levels: Levels | None


def check_levels(home: Path) -> int:
    """At each batch's end a ledger holds levels of a second ago at most; how often they moved."""
    kept, moved = _kept(home), 0
    for market, stood in _stood(spec(home).folder / "recordings").items():
        told = iter(kept[market])
        known, following = None, next(told, None)
        for place, (now_ns, levels) in enumerate(stood):
            while following is not None and following.time_ns <= now_ns:
                known, following = following.levels, next(told, None)
            if levels is None:
                continue
            recent = set(_since(stood, place, now_ns - _LATE_NS))
            moved += len(recent) > 1
            assert known in recent, (market, now_ns, known, levels)
    return moved


def _since(stood: list[_Stood], place: int, since_ns: int) -> Iterator[Levels | None]:
    """Levels from `since_ns` on up to a place, with those that stood then."""
    while place >= 0:
        yield stood[place].levels
        if stood[place].time_ns <= since_ns:
            return
        place -= 1


def _stood(folder: Path) -> dict[str, list[_Stood]]:
    """Of every market, once for each time at which batches ended."""
    found: dict[str, list[_Stood]] = defaultdict(list)
    for segment in segments(folder):
        paper, names = core_of(segment), segment.header.markets
        for _, value in segment.inputs():
            if isinstance(value, np.ndarray):
                paper.core.fold(value)
                continue
            paper.core.apply(value)
            if isinstance(value, Timer):
                for name, row in zip(names, paper.book.rows, strict=True):
                    found[name].append(_Stood(int(value.event_ns), _levels(row)))
    return {
        name: [list(same)[-1] for _, same in groupby(all_of_it, itemgetter(0))]
        for name, all_of_it in found.items()
    }


def _levels(row: Rows) -> Levels | None:
    if row["position_lots"] == 0:
        return None
    stop, target, mover = (int(row[name]) for name in _FIELDS)
    return stop, target, mover


def _kept(home: Path) -> dict[str, list[_Stood]]:
    """What the ledgers were told, in order."""
    found: dict[str, list[_Stood]] = defaultdict(list)
    specs = specs_of(spec(home))
    for kind in (FileKind.AUTO, FileKind.MANUAL):
        with open_reader(specs[kind]) as reader:
            for row in reader.rows(StateRow):
                if row.key.startswith(MARKET):
                    memory = msgspec.json.decode(row.value, type=KeptMarket).memory
                    stop, target, mover = (memory.numbers[name] for name in _FIELDS)
                    found[memory.market].append(_Stood(int(row.time_ns), (stop, target, mover)))
    return found
