"""Several files as one stretch of time: ordered, cut into spans, repeated.

Ticks are merged by (event_ns, source, market, seq). A *span* is a maximal run of one market in
which its row keeps its state; where the market was silent for more than a minute between two files
one span ends and the next starts clean.

The ticks of a reference are delivered to every market whose span covers their time, and begin or
end none. Their sources come after all others: of equal stamps a market's own tick comes first, so
that no decision on it knows a tick of the reference that may have come later.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TickKind, Word
from domain.errors import BadInput
from domain.rows.tick import REFERENCE_SLOT, TICK
from domain.units import SECOND_NS
from market.history.bad_ticks import Ints
from market.history.parquet import LATEST_NS, Clock, SourceTicks

JOIN_NS: Final = 60 * SECOND_NS  # files of one market that are no further apart are one span
_PLAIN: Final = np.dtype((np.void, TICK.itemsize))
_NOBODY: Final = -1
WEEK_NS: Final = 7 * 24 * 3600 * SECOND_NS


class ReferenceData(msgspec.Struct, frozen=True, kw_only=True):
    """What a reference's prices and book come from while one span runs."""

    price_source: PriceSource
    book_source: BookSource


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A run of one market. Its row is set at the start and ended after the last tick.

    shift_ns   by how much its stamps were shifted: session hours follow the recorded time.
    reference  None where no reference was given.
    """

    market: int
    start_ns: int
    end_ns: int
    price_source: PriceSource
    book_source: BookSource
    shift_ns: int = 0
    reference: ReferenceData | None = None


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

    delivered  good ticks of the reference among them, by the market they go to.
    """

    ticks: Rows
    marks: tuple[Mark, ...]
    clock: Clock
    delivered: dict[int, int] = {}

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span, by start."""
        return tuple(mark.span for mark in self.marks if mark.kind is MarkKind.START)


def merge(sources: Sequence[SourceTicks], reference: Sequence[SourceTicks] = ()) -> Timeline:
    """Merge the files of one or more markets. BadInput where their clocks cannot be compared.

    The order in which files of one market are given does not matter, unless they start at once.

    reference  files of the instrument that all markets have as their reference; their `market` is
               not looked at.
    """
    if not sources:
        raise BadInput("no file of ticks was given; expected at least one")
    ordered = sorted(sources, key=lambda source: (source.market, source.start_ns))
    leading = sorted(reference, key=lambda source: source.start_ns)
    clock = ordered[0].clock
    for source in (*ordered[1:], *leading):
        if source.clock is not clock:
            raise BadInput(
                f"{ordered[0].path} is timed by {clock.word}_ns and {source.path} by "
                f"{source.clock.word}_ns: they cannot be ordered; replay them apart"
            )
    groups = _joined(ordered)
    _check_once(leading)
    spans = [_span(group, leading) for group in groups]
    copies = [copy for source in leading for copy in _delivered(source, spans)]
    ticks = _merged([*(source.ticks for source in ordered), *copies])
    owner = ticks["market"]
    if copies:
        owner = np.where(ticks["slot"] == REFERENCE_SLOT, _NOBODY, owner)
    return Timeline(
        ticks=ticks,
        marks=_marks(spans, groups, owner),
        clock=clock,
        delivered=_counted(spans, copies) if leading else {},
    )


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


def _check_once(reference: Sequence[SourceTicks]) -> None:
    for before, source in pairwise(sorted(reference, key=lambda each: each.path.resolve())):
        if source.path.resolve() == before.path.resolve():
            raise BadInput(f"{source.path} is given twice as --reference; give it once")


def _delivered(source: SourceTicks, spans: Sequence[Span]) -> Iterator[Rows]:
    """A copy for each span of what lies between its first tick and its last, markets in order.

    Ticks at the stamp of the last would come after it, when the market has ended.
    """
    event_ns = np.ascontiguousarray(source.ticks["event_ns"])
    for span in spans:
        first, end = np.searchsorted(event_ns, (span.start_ns, span.end_ns))
        copy = source.ticks[first:end].copy()
        copy["market"], copy["slot"] = span.market, REFERENCE_SLOT
        yield copy


def _counted(spans: Sequence[Span], copies: Sequence[Rows]) -> dict[int, int]:
    found = dict.fromkeys((span.market for span in spans), 0)
    for copy in copies:
        if len(copy):
            good = copy["kind"] != TickKind.INVALID_BOOK
            found[int(copy["market"][0])] += int(np.count_nonzero(good))
    return found


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


def _span(group: Sequence[SourceTicks], reference: Sequence[SourceTicks]) -> Span:
    start_ns = min(source.start_ns for source in group)
    end_ns = max(source.end_ns for source in group)
    data = None
    if reference:
        met = [each for each in reference if each.start_ns < end_ns and each.end_ns >= start_ns]
        data = ReferenceData(
            price_source=_price_source(met or reference), book_source=_book_source(met or reference)
        )
    return Span(
        market=group[0].market,
        start_ns=start_ns,
        end_ns=end_ns,
        price_source=_price_source(group),
        book_source=_book_source(group),
        reference=data,
    )


def _marks(
    spans: Sequence[Span], groups: Sequence[Sequence[SourceTicks]], owner: Ints
) -> tuple[Mark, ...]:
    """Where each span starts and ends; `owner` is the market whose own tick each is."""
    marks: list[Mark] = []
    places = {span.market: np.zeros(0, np.int64) for span in spans}
    for number in places:
        places[number] = np.flatnonzero(owner == number)
    for span, group in zip(spans, groups, strict=True):
        length = sum(len(source.ticks) for source in group)
        place, places[span.market] = places[span.market][:length], places[span.market][length:]
        marks.append(Mark(int(place[0]), MarkKind.START, span))
        marks.append(Mark(int(place[-1]) + 1, MarkKind.END, span))
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
    return msgspec.structs.replace(timeline, ticks=ticks, marks=marks)
