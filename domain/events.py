"""Events other than ticks: values that the core consumes, each at its own time.

They carry resolved values, never a path, a zone or a clock; whoever makes them has looked those up.
"""

from decimal import Decimal

import msgspec

from domain.enums import BookSource, PriceSource, TradingState
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.units import TsNs


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened at `event_ns`."""

    event_ns: TsNs


class MarketSet(Event, frozen=True, kw_only=True):
    """A market starts clean in row `market`. Its tally and the account go on.

    Its name is the instrument's; a row keeps the name it got first. `rate` converts the settlement
    currency to the account's. `subscribed` has bit k set for each candle frame k at whose close the
    core is to stop.
    """

    market: int
    instrument: Instrument
    playbook: Playbook
    price_source: PriceSource
    book_source: BookSource
    rate: Decimal
    subscribed: int = 0


class EndOfData(Event, frozen=True, kw_only=True):
    """The market's last tick has been folded: what it holds is closed out (M8)."""

    market: str


class ParameterSet(Event, frozen=True, kw_only=True):
    """A flat market trades by another playbook from now on."""

    market: str
    playbook: Playbook


class SessionEdge(Event, frozen=True, kw_only=True):
    """The session before is over; these are the hours of the next one (T2)."""

    market: str
    open_ns: TsNs
    cut_off_ns: TsNs
    close_ns: TsNs


class DayRoll(Event, frozen=True, kw_only=True):
    """The account's day begins (T2)."""


class Command(Event, frozen=True, kw_only=True):
    """An operator sets the trading state."""

    state: TradingState


class ClockRead(Event, frozen=True, kw_only=True):
    """The wall clock, read by the sequencer; data ages are measured against it (C4)."""
