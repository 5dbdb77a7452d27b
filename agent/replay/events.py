"""The events between the ticks of a timeline: markets, sessions, days and ends, in their order."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from agent.replay.loading import Market
from domain.account import AccountSettings
from domain.errors import BadConfig
from domain.events import (
    DayRoll,
    EndOfData,
    Event,
    Funding,
    MarketSet,
    Reference,
    SessionEdge,
    ZoneOffset,
)
from domain.instruments import Instrument
from domain.margin import schedule_at
from domain.playbooks import Playbook
from domain.units import TsNs
from market.history.funding import Stamp, assumed_stamps
from market.history.merge import MarkKind, Span, Timeline
from market.sessions import day_rolls, session_edges, zone_offsets


class Due(msgspec.Struct, frozen=True):
    """An event that acts before the tick at `index` of the timeline."""

    index: int
    event: Event


# Of events with one place and time: the day rolls before a market starts, a session's hours follow
# its market's start. A market's end never meets a roll: that acts before a tick of its time.
# Funding at the time of a roll belongs to the new day.
_ORDER: Final = (EndOfData, DayRoll, MarketSet, ZoneOffset, SessionEdge, Funding)


def events_of(
    timeline: Timeline,
    markets: Sequence[Market],
    playbook: Playbook,
    account: AccountSettings,
    previous_ns: int,
) -> list[Due]:
    """Everything that happens in a timeline besides ticks, ordered by place and time.

    previous_ns  the last time the account saw; its day rolls from then on. 0: none.
    """
    event_ns = np.ascontiguousarray(timeline.ticks["event_ns"])
    due = [
        Due(mark.index, _mark(mark.kind, mark.span, markets[mark.span.market], playbook))
        for mark in timeline.marks
    ]
    first, last = int(event_ns[0]), int(event_ns[-1])
    due += [
        Due(int(np.searchsorted(event_ns, at)), DayRoll(event_ns=TsNs(at)))
        for at in day_rolls(account.zone, account.day_roll, previous_ns or first, last)
    ]
    for mark in timeline.marks:
        if mark.kind is MarkKind.START:
            for event in _within(mark.span, markets[mark.span.market], account):
                place = int(np.searchsorted(event_ns, int(event.event_ns)))
                due.append(Due(max(place, mark.index), event))
    return sorted(due, key=lambda each: (each.index, each.event.event_ns, _rank(each.event)))


def _rank(event: Event) -> int:
    return [isinstance(event, kind) for kind in _ORDER].index(True)


def _mark(kind: MarkKind, span: Span, market: Market, playbook: Playbook) -> Event:
    if kind is MarkKind.END:
        return EndOfData(event_ns=TsNs(span.end_ns), market=market.instrument.name)
    return MarketSet(
        event_ns=TsNs(span.start_ns),
        market=span.market,
        instrument=_in_force(market.instrument, span),
        playbook=playbook,
        price_source=span.price_source,
        book_source=span.book_source,
        rate=market.rate,
        reference=_reference(span, market),
    )


def _reference(span: Span, market: Market) -> Reference | None:
    if span.reference is None or market.reference is None:
        return None
    return Reference(
        instrument=market.reference,
        price_source=span.reference.price_source,
        book_source=span.reference.book_source,
    )


def _in_force(instrument: Instrument, span: Span) -> Instrument:
    """With the one margin schedule of the recorded time: a shift must not change it (V2)."""
    margin = instrument.margin
    if margin is None:
        return instrument
    try:
        schedule = schedule_at(margin, TsNs(span.start_ns - span.shift_ns))
    except BadConfig as error:
        raise BadConfig(f"{instrument.name}: {error}") from error
    fixed = msgspec.structs.replace(margin, schedules=(schedule,))
    return msgspec.structs.replace(instrument, margin=fixed)


def _within(span: Span, market: Market, account: AccountSettings) -> Iterator[Event]:
    """What happens in a span of its market; looked up at the recorded time, said at the span's."""
    yield from _edges(span, market.instrument)
    name, shift = market.instrument.name, span.shift_ns
    start_ns, end_ns = span.start_ns - shift, span.end_ns - shift
    session = market.instrument.session
    zone = account.zone if session is None else session.zone
    for at_ns, offset_ns in zone_offsets(zone, start_ns, end_ns):
        yield ZoneOffset(event_ns=TsNs(at_ns + shift), market=name, offset_ns=offset_ns)
    for stamp in _stamps(market, start_ns, end_ns):
        yield Funding(
            event_ns=TsNs(stamp.at_ns + shift), market=name, rate=stamp.rate, mark=stamp.mark
        )


def _stamps(market: Market, start_ns: int, end_ns: int) -> Iterator[Stamp]:
    """V1: the recorded stamps of a span, else those that its instrument assumes."""
    if market.funding is not None:
        yield from (stamp for stamp in market.funding if start_ns <= stamp.at_ns <= end_ns)
    elif market.instrument.funding is not None:
        yield from assumed_stamps(market.instrument.funding, start_ns, end_ns)


def _edges(span: Span, instrument: Instrument) -> Iterator[SessionEdge]:
    if instrument.session is None:
        return
    shift = span.shift_ns
    for edge in session_edges(instrument.session, span.start_ns - shift, span.end_ns - shift):
        yield SessionEdge(
            event_ns=TsNs(edge.event_ns + shift),
            market=instrument.name,
            open_ns=TsNs(edge.open_ns + shift),
            cut_off_ns=TsNs(edge.cut_off_ns + shift),
            close_ns=TsNs(edge.close_ns + shift),
        )
