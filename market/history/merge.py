"""Several files as one stretch of time: ordered, cut into spans, repeated.

Ticks are merged by (event_ns, source, market, seq). A *span* is a maximal run of one market in
which its row keeps its state; where the market was silent for more than a minute between two files
one span ends and the next starts clean.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, Word
from domain.errors import BadInput
from domain.rows.tick import TICK
from domain.units import SECOND_NS
from market.history.parquet import LATEST_NS, Clock, SourceTicks

JOIN_NS: Final = 60 * SECOND_NS  # files of one market that are no further apart are one span
_PLAIN: Final = np.dtype((np.void, TICK.itemsize))
WEEK_NS: Final = 7 * 24 * 3600 * SECOND_NS


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A run of one market. Its row is set at the start and ended after the last tick.

    shift_ns  by how much its stamps were shifted: session hours follow the recorded time.
    """

    market: int
    start_ns: int
    end_ns: int
    price_source: PriceSource
    book_source: BookSource
    shift_ns: int = 0


class MarkKind(Word):
    """What happens to a market between two ticks."""

    END = 1
    START = 2


class Mark(msgspec.Struct, frozen=True):
    """`span` starts or ends before the tick at `index` of the timeline."""

    index: int
    kind: MarkKind
    span: Span

    @property
    def event_ns(self) -> int:
        """Time of the span's first or last tick."""
        return self.span.start_ns if self.kind is MarkKind.START else self.span.end_ns


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Merged ticks, and the marks between them in the order in which they happen.

    A span starts directly before its first tick and ends directly after its last; at one index
    ends come before starts, then lower markets first.
    """

    ticks: Rows
    marks: tuple[Mark, ...]
    clock: Clock

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span, by start."""
        return tuple(mark.span for mark in self.marks if mark.kind is MarkKind.START)


def merge(sources: Sequence[SourceTicks]) -> Timeline:
    """Merge the files of one or more markets. BadInput where their clocks cannot be compared.

    The order in which files of one market are given does not matter, unless they start at once.
    """
    if not sources:
        raise BadInput("no file of ticks was given; expected at least one")
    ordered = sorted(sources, key=lambda source: (source.market, source.start_ns))
    clock = ordered[0].clock
    for source in ordered[1:]:
        if source.clock is not clock:
            raise BadInput(
                f"{ordered[0].path} is timed by {clock.word}_ns and {source.path} by "
                f"{source.clock.word}_ns: they cannot be ordered; replay them apart"
            )
    groups = _joined(ordered)
    ticks = _merged([source.ticks for source in ordered])
    return Timeline(ticks=ticks, marks=_marks(groups, ticks), clock=clock)


def stretches(sources: Sequence[SourceTicks]) -> list[tuple[int, int, int]]:
    """Market, first and last time of each span that `merge` would make of these files."""
    ordered = sorted(sources, key=lambda source: (source.market, source.start_ns))
    return [
        (group[0].market, group[0].start_ns, max(source.end_ns for source in group))
        for group in _joined(ordered)
    ]


def repetitions(timeline: Timeline, count: int) -> Iterator[Timeline]:
    """The timeline `count` times, one after the other, each a copy but the first.

    Stamps shift by whole weeks, so that days, session hours and candles keep their places, and far
    enough that every repetition starts new spans. BadInput where time would run out.
    """
    if count < 1:
        raise BadInput(f"a replay cannot be repeated {count} times; expected 1 or more")
    start, end = (int(timeline.ticks["event_ns"][at]) for at in (0, -1))
    step = WEEK_NS * ((end - start + JOIN_NS) // WEEK_NS + 1)
    most = (LATEST_NS - end) // step + 1
    if count > most:
        raise BadInput(f"{count} repetitions would end after the year 2200; at most {most} fit")
    yield timeline
    for number in range(1, count):
        yield _shifted(timeline, number * step)


def _joined(ordered: Sequence[SourceTicks]) -> list[list[SourceTicks]]:
    """Sources of one span each: by market, then time."""
    groups = [[ordered[0]]]
    for before, source in pairwise(ordered):
        if source.market != before.market:
            groups.append([source])
            continue
        if source.path.resolve() in {each.path.resolve() for each in groups[-1]}:
            raise BadInput(f"{source.path} is given twice; to play it again, repeat it")
        end = max(each.end_ns for each in groups[-1])
        if source.start_ns - end <= JOIN_NS:
            groups[-1].append(source)
        else:
            groups.append([source])
    return groups


def _merged(arrays: Sequence[Rows]) -> Rows:
    """Sources are sorted and lie in their order, so that a stable sort by time is all it takes."""
    if len(arrays) == 1:
        return arrays[0]
    event_ns = np.concatenate([array["event_ns"] for array in arrays])
    # Rows without fields are moved whole, which is six times faster.
    ticks = np.concatenate([array.view(_PLAIN) for array in arrays])
    if np.any(event_ns[1:] < event_ns[:-1]):
        ticks = ticks[np.argsort(event_ns, kind="stable")]
    return ticks.view(TICK)


def _marks(groups: Sequence[Sequence[SourceTicks]], ticks: Rows) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    places = {group[0].market: np.zeros(0, np.int64) for group in groups}
    for market in places:
        places[market] = np.flatnonzero(ticks["market"] == market)
    for group in groups:
        market = group[0].market
        length = sum(len(source.ticks) for source in group)
        own, places[market] = places[market][:length], places[market][length:]
        span = Span(
            market=market,
            start_ns=int(ticks["event_ns"][own[0]]),
            end_ns=int(ticks["event_ns"][own[-1]]),
            price_source=_price_source(group),
            book_source=_book_source(group),
        )
        marks.append(Mark(int(own[0]), MarkKind.START, span))
        marks.append(Mark(int(own[-1]) + 1, MarkKind.END, span))
    return tuple(sorted(marks, key=lambda mark: (mark.index, mark.kind, mark.span.market)))


def _price_source(group: Sequence[SourceTicks]) -> PriceSource:
    trades = any(source.has_trades for source in group)
    return PriceSource.TRADES if trades else PriceSource.MID


def _book_source(group: Sequence[SourceTicks]) -> BookSource:
    quotes = any(source.has_quotes for source in group)
    return BookSource.QUOTES if quotes else BookSource.ASSUMED


def _shifted(timeline: Timeline, shift_ns: int) -> Timeline:
    ticks = timeline.ticks.copy()
    for name in ("event_ns", "ts_ns"):
        ticks[name] += shift_ns
    if timeline.clock is Clock.RECV:
        ticks["recv_ns"] += shift_ns
    moved = {
        span: msgspec.structs.replace(
            span,
            start_ns=span.start_ns + shift_ns,
            end_ns=span.end_ns + shift_ns,
            shift_ns=span.shift_ns + shift_ns,
        )
        for span in timeline.spans
    }
    marks = tuple(Mark(mark.index, mark.kind, moved[mark.span]) for mark in timeline.marks)
    return Timeline(ticks=ticks, marks=marks, clock=timeline.clock)
