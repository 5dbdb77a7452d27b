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
from market.calendar import account_days, market_events
from market.history.merge import MarkKind, Span, Timeline


class Due(msgspec.Struct, frozen=True):
    """An event that acts before the tick at `index` of the timeline."""

    index: int
    event: Event


# Of events with one place and time: the day rolls before a market starts, a session's hours follow
# its market's start. A market's end never meets a roll: that acts before a tick of its time.
# Funding at the time of a roll belongs to the new day.
_TIMES: Final = ("event_ns", "open_ns", "cut_off_ns", "close_ns")
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
        Due(int(np.searchsorted(event_ns, int(roll.event_ns))), roll)
        for roll in account_days(account, previous_ns or first, last)
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
    shift, name = span.shift_ns, market.instrument.name
    recorded = (span.start_ns - shift, span.end_ns - shift)
    for event in market_events(market.instrument, name, account, recorded, market.funding):
        yield _later(event, shift)


def _later(event: Event, shift: int) -> Event:
    """With all its times moved; hours are times too."""
    moved = {
        name: value + shift
        for name in event.__struct_fields__
        if name in _TIMES and (value := getattr(event, name)) is not None
    }
    return msgspec.structs.replace(event, **moved)
