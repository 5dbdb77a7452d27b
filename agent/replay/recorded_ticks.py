"""A recording as what a replay starts from: its ticks by market, decided on anew.

Only ticks of traded instruments are taken. Sessions, days and funding come from the calendar and
the instrument, as for files; commands, gaps and orders by hand are left out, which is said.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from agent.core.snapshot import decode
from agent.replay.refold import STATE_LAYOUT
from db.recording.format import INPUTS, OUTPUTS
from db.recording.reader import Segment, begun_segments
from domain.arrays import Rows
from domain.enums import BadTick, Origin, TickKind
from domain.errors import BadInput
from domain.events import Command, Event, Gap, MarketSet
from domain.instruments import Instrument
from domain.rows.tick import REFERENCE_SLOT, TICK
from market.history.parquet import Clock, SourceTicks


class RecordedTicks(msgspec.Struct, frozen=True):
    """One market's ticks of one segment, and the instrument as it was recorded."""

    instrument: Instrument
    source: SourceTicks


class RecordedFiles(msgspec.Struct, frozen=True):
    """All of a recording, and what of it is left out, one sentence each."""

    ticks: tuple[RecordedTicks, ...]
    said: tuple[str, ...]


def is_recording(path: Path) -> bool:
    """A folder of segments, or a file of one."""
    return path.suffix in (INPUTS, OUTPUTS) or (path.is_dir() and any(path.glob(f"*{INPUTS}")))


def recorded_files(path: Path) -> RecordedFiles:
    """Read a recording's ticks. BadInput or Corrupt from reading, or where there is none."""
    segments, cut = begun_segments(path)
    said = dict.fromkeys(each.words for each in cut)
    sets = _set_before(segments[0])
    found: list[RecordedTicks] = []
    for segment in segments:
        runs: list[Rows] = []
        for value in _inputs(segment):
            if isinstance(value, MarketSet):
                sets[value.market] = value
            elif isinstance(value, Event):
                said.update(dict.fromkeys(_left_out(path, value)))
            else:
                runs.append(value)
        ticks = np.concatenate([np.zeros(0, TICK), *runs])
        if (ticks["slot"] == REFERENCE_SLOT).any():
            said[f"{path}: its reference is left out; name files of it with --reference"] = None
        found += _by_market(path, segment, ticks, sets)
    if not found:
        raise BadInput(f"{path}: holds no tick of a market that it sets; expected some")
    return RecordedFiles(tuple(found), tuple(said))


def _set_before(segment: Segment) -> dict[int, MarketSet]:
    """Markets by row that an earlier segment set, where this build can read that state."""
    if segment.header.state_layout != STATE_LAYOUT:
        return {}
    return {state.set.market: state.set for state in decode(segment.snapshot).markets}


def _inputs(segment: Segment) -> Iterator[Rows | Event]:
    for _, value in segment.inputs():
        yield value


def _left_out(path: Path, event: Event) -> Iterator[str]:
    if isinstance(event, Command):
        yield f"{path}: commands of persons are left out"
    elif isinstance(event, Gap):
        yield f"WARNING {path}: ticks were lost when it was recorded"


def _by_market(
    path: Path, segment: Segment, ticks: Rows, sets: dict[int, MarketSet]
) -> Iterator[RecordedTicks]:
    own = (ticks["slot"] == 0) & (ticks["kind"] != TickKind.CLOCK)
    for market in np.unique(ticks["market"][own]).tolist():
        event = sets.get(market)
        if event is not None and event.origin is Origin.AUTO:
            chosen = ticks[own & (ticks["market"] == market)]
            yield RecordedTicks(event.instrument, _source(path, segment, chosen))


def _source(path: Path, segment: Segment, ticks: Rows) -> SourceTicks:
    kinds = ticks["kind"]
    crossed = int(np.count_nonzero(kinds == TickKind.INVALID_BOOK))
    folder = path if path.is_dir() else path.parent
    first = int(np.argmax(kinds == TickKind.INVALID_BOOK))
    return SourceTicks(
        path=folder / f"{segment.name}{INPUTS}",
        market=0,
        ticks=ticks,
        clock=Clock.RECV if (ticks["recv_ns"] > 0).all() else Clock.TS,
        has_trades=bool((kinds == TickKind.TRADE).any()),
        has_quotes=bool((kinds == TickKind.QUOTE).any()),
        rows=len(ticks),
        ignored=0,
        bad={BadTick.CROSSED: crossed} if crossed else {},
        first_bad={BadTick.CROSSED: first} if crossed else {},
    )
