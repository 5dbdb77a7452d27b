"""A recording opened to ask about single moments: which segments, which inputs, which outputs.

Inputs of one segment are kept, and of one stretch, so that questions near each other read once.
"""

from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from agent.core.snapshot import decode
from agent.replay.paper_core import PaperCore
from agent.replay.refold import core_of
from db.recording.reader import Ending, EndKind, Segment, begun_segments
from domain.arrays import Rows
from domain.enums import TickKind
from domain.errors import BadInput, BadUsage
from domain.events import Event, MarketSet
from domain.rows.market import MARKET
from domain.rows.output import OUTPUT
from reporting.amounts import utc
from reporting.why_summary import Hole

_DECIDED_ON: Final = (int(TickKind.TRADE), int(TickKind.QUOTE))


class Place(NamedTuple):
    """Before which input: `offset` ticks into the run that is number `run` of a stretch."""

    run: int
    offset: int


class Stretch:
    """Inputs of segments that follow each other without a hole, from the first one's snapshot."""

    def __init__(self, first: Segment, number: int, inputs: list[Rows | Event]) -> None:
        self.first = first
        self.number = number
        self.inputs = inputs
        stamps = np.array([_last_ns(each) for each in inputs], np.int64)
        self.last_ns = np.maximum.accumulate(stamps)

    def cut(self, until_ns: int) -> Place:
        """Behind the last input at or before a time."""
        index = int(np.searchsorted(self.last_ns, until_ns, "right"))
        if index == len(self.inputs):
            return Place(index, 0)
        run = self.inputs[index]
        if not isinstance(run, np.ndarray):
            return Place(index, 0)
        return Place(index, int(np.searchsorted(run["event_ns"], until_ns, "right")))

    def last_tick(self, market: int, before: Place) -> Place | None:
        """The market's last tick that was decided on, before a place."""
        for index in range(min(before.run, len(self.inputs) - 1), -1, -1):
            run = self.inputs[index]
            if not isinstance(run, np.ndarray):
                continue
            rows = run[: before.offset] if index == before.run else run
            own = (rows["market"] == market) & (rows["slot"] == 0)
            found = np.flatnonzero(own & np.isin(rows["kind"], _DECIDED_ON))
            if len(found):
                return Place(index, int(found[-1]))
        return None

    def tick(self, place: Place) -> Rows:
        """TICK[1] at a place, writable."""
        run = self.inputs[place.run]
        assert isinstance(run, np.ndarray)
        return run[place.offset : place.offset + 1].copy()

    def fold(self, paper: PaperCore, start: Place, end: Place) -> None:
        """Let a core that stands at `start` consume what lies before `end`."""
        for index in range(start.run, min(end.run + 1, len(self.inputs))):
            value = self.inputs[index]
            if isinstance(value, np.ndarray):
                first = start.offset if index == start.run else 0
                last = end.offset if index == end.run else len(value)
                if first < last:
                    paper.core.fold(value[first:last])
            elif index < end.run:
                paper.core.apply(value)


class Recorded:
    """A recording. BadInput or Corrupt where it cannot be read.

    cut_off  segments that are passed over, as nothing was recorded in them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._segments, self.cut_off = begun_segments(path)
        self._headers = [segment.header for segment in self._segments]
        self._inputs: tuple[int, list[Rows | Event]] = (-1, [])  # of the segment read last
        self._sets: dict[int, dict[str, int]] = {}  # markets set in a segment, and their rows
        self._last: dict[int, int] = {}  # time of a segment's last input
        self._first_seqs: dict[int, int] = {}
        self._ends: dict[int, Ending] = {}
        self._outputs: dict[int, Rows] = {}
        self._stretch: Stretch | None = None
        self._reach = -1  # number of the stretch's last segment
        self._walker: PaperCore | None = None
        self._walked = Place(0, 0)

    @property
    def settings_text(self) -> str:
        """Of the first segment."""
        return self._headers[0].settings

    @property
    def first_ns(self) -> int:
        """Time of the first input."""
        return int(self._headers[0].event_ns)

    @property
    def last_ns(self) -> int:
        """Time of the last input."""
        return self._last_of(len(self._segments) - 1)

    def names(self) -> list[str]:
        """Markets, in the order in which the recording names them."""
        found = {name: None for header in self._headers for name in header.markets if name}
        for sets in self._sets.values():
            found |= dict.fromkeys(sets)
        return list(found)

    def market(self, stated: str) -> str:
        """The market's name as recorded. BadUsage lists what there is.

        Each header names what was set before, so that beside them only the last segment is read.
        """
        for last in (None, len(self._segments) - 1):
            if last is not None:
                self._note(last)
            known = {name.lower(): name for name in self.names()}
            if stated.lower() in known:
                return known[stated.lower()]
        raise BadUsage(f"no market {stated!r} in {self.path}: {_meant(stated, self.names())}")

    def check(self, at_ns: int) -> None:
        """BadInput where the recording does not reach."""
        if not self.first_ns <= at_ns <= self.last_ns:
            raise BadInput(
                f"{self.path}: does not cover {moment(at_ns)}; it goes from "
                f"{moment(self.first_ns)} to {moment(self.last_ns)}: ask for a time within"
            )

    def segment_at(self, at_ns: int) -> int:
        """Number of the last segment that begins at or before a time."""
        starts = [int(header.event_ns) for header in self._headers]
        return int(np.searchsorted(starts, at_ns, "right")) - 1

    def hole_at(self, number: int, at_ns: int) -> Hole | None:
        """What is not known: from a time in it on, or between a segment and the one before."""
        last = len(self._segments) - 1
        if at_ns > self._last_of(number) and number < last:
            return self._hole(number)
        return self._hole(number - 1) if number > 0 else None

    def stretch_at(self, market: str, at_ns: int) -> tuple[Stretch, int | None]:
        """From the nearest snapshot that knows the market's last tick; with the market's row.

        Earlier segments are taken in while no tick is found and nothing lies between them.
        """
        number = last = self.segment_at(at_ns)
        while True:
            stretch = self._stretch_of(number, last)
            row = self._row_of(market, number, last)
            found = None if row is None else stretch.last_tick(row, stretch.cut(at_ns))
            earlier = number > 0 and self._hole(number - 1) is None
            if found is not None or not earlier or not self._had_tick(number, row):
                return stretch, row
            number -= 1

    def core_before(self, stretch: Stretch, place: Place) -> bytes:
        """The state of a core that has folded a stretch up to a place."""
        if stretch is not self._stretch or self._walker is None or self._walked > place:
            self._stretch, self._walker = stretch, core_of(stretch.first)
            self._walked = Place(0, 0)
        stretch.fold(self._walker, self._walked, place)
        self._walked = place
        return self._walker.core.snapshot()

    def outputs(self, first: int, last: int, from_ns: int, until_ns: int) -> tuple[Rows, bool]:
        """Recorded outputs of some segments within two times, and if all of them were kept."""
        parts, whole = [np.zeros(0, OUTPUT)], True
        for number in range(first, last + 1):
            if number not in self._outputs:
                blocks = list(self._segments[number].outputs())
                self._outputs[number] = np.concatenate([parts[0], *blocks])
            rows = self._outputs[number]
            parts.append(rows[(rows["event_ns"] >= from_ns) & (rows["event_ns"] <= until_ns)])
            torn = self._segments[number].outputs_end.kind is not EndKind.END
            whole &= not torn or (len(rows) > 0 and int(rows["event_ns"][-1]) > until_ns)
        return np.concatenate(parts), whole

    def name_of(self, number: int) -> str:
        """Of a segment's files."""
        return self._segments[number].name

    def segment(self, number: int) -> Segment:
        """One of them."""
        return self._segments[number]

    def _stretch_of(self, first: int, last: int) -> Stretch:
        kept = self._stretch
        if kept is not None and (kept.number, self._reach) == (first, last):
            return kept
        if kept is not None and (kept.number - 1, self._reach) == (first, last):
            inputs = [*self._read(first), *kept.inputs]
        else:
            inputs = [each for number in range(first, last + 1) for each in self._read(number)]
        self._reach = last
        self._walker = None
        self._stretch = Stretch(self._segments[first], first, inputs)
        return self._stretch

    def _row_of(self, market: str, first: int, last: int) -> int | None:
        """A market's row; None where it was not set by then."""
        for number in range(first, last + 1):
            names = self._headers[number].markets
            if market in names:
                return names.index(market)
            if market in (sets := self._note(number)):
                return sets[market]
        return None

    def _had_tick(self, number: int, row: int | None) -> bool:
        """A segment's snapshot knows of a tick of this row."""
        if row is None:
            return False
        rows = np.frombuffer(decode(self._segments[number].snapshot).rows, MARKET)
        return row < len(rows) and bool(rows["last_tick_ns"][row] > 0)

    def _read(self, number: int) -> list[Rows | Event]:
        if number != self._inputs[0]:
            inputs = [value for _, value in self._segments[number].inputs()]
            self._inputs = (number, inputs)
            sets = self._sets[number] = dict[str, int]()
            for value in inputs:
                if isinstance(value, MarketSet):
                    sets.setdefault(value.name, value.market)
            begun = int(self._headers[number].event_ns)
            self._last[number] = _last_ns(inputs[-1]) if inputs else begun
        return self._inputs[1]

    def _note(self, number: int) -> dict[str, int]:
        """Markets that a segment sets, and the row of each; reads it for the first time only."""
        if number not in self._sets:
            self._read(number)
        return self._sets[number]

    def _last_of(self, number: int) -> int:
        self._note(number)
        return self._last[number]

    def _hole(self, number: int) -> Hole | None:
        """Between a segment and the next; None where that goes on with the very next input."""
        if number not in self._ends:
            self._ends[number] = self._segments[number].end
            self._first_seqs[number + 1] = self._segments[number + 1].first_seq
        end, before, after = self._ends[number], self._headers[number], self._headers[number + 1]
        joins = end.following == self._first_seqs[number + 1] and before.epoch == after.epoch
        if end.kind is EndKind.END and joins:
            return None
        why = {EndKind.GAP: "lost", EndKind.TORN: "cut_off"}.get(end.kind, "not_running")
        return Hole(from_ns=self._last_of(number), until_ns=int(after.event_ns), why=why)


def moment(at_ns: int) -> str:
    """A moment for people, to the nanosecond where it has some: `2024-08-08 23:55:01.5 UTC`."""
    fraction = f"{at_ns % 1_000_000_000:09}".rstrip("0")
    return f"{utc(at_ns)}{'.' if fraction else ''}{fraction} UTC"


def _last_ns(value: Rows | Event) -> int:
    return int(value["event_ns"][-1] if isinstance(value, np.ndarray) else value.event_ns)


def _meant(stated: str, names: list[str]) -> str:
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(stated.lower(), by_lower, n=1)
    known = f"it holds {', '.join(names) or 'none'}"
    return f"did you mean {by_lower[near[0]]!r}? {known}" if near else known
