"""Events other than ticks: values that the core consumes, each at its own time.

They carry resolved values, never a path, a zone or a clock; whoever makes them has looked those up.
"""

import math
from decimal import Decimal

import msgspec

from domain.durable import Durable
from domain.enums import BookSource, Origin, PriceSource, Side, StateCause, TradingState
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.units import Lots, Ticks, TsNs


def market_name(instrument: str, origin: Origin) -> str:
    """What a market is called: orders by hand have a row of their own beside the automatic one."""
    return instrument if origin is Origin.AUTO else f"{instrument}@{origin.word}"


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Something that happened at `event_ns`; recordings know it by its class name."""

    event_ns: TsNs


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """An instrument whose ticks arrive in slot 2 and which is not traded (C8)."""

    instrument: Instrument
    price_source: PriceSource
    book_source: BookSource


class MarketSet(Event, frozen=True, kw_only=True):
    """A market starts clean in row `market`. Its tally and the account go on.

    Its name is the instrument's, of another origin with that behind it (H1); a row keeps the name
    it got first. `rate` converts the settlement
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
    reference: Reference | None = None
    origin: Origin = Origin.AUTO

    @property
    def name(self) -> str:
        """Of the row."""
        return market_name(self.instrument.name, self.origin)


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


class ContextSet(Event, frozen=True, kw_only=True):
    """What others found out about a market, valid until a time (G27); NaN is nothing.

    smc_bias     -1 to 1, of the Smart Money context.
    plan_side    +1, -1 or 0, of a scanned plan.
    win_long     probability of a win, 0 to 1; `win_short` likewise.
    """

    market: str
    valid_until_ns: TsNs
    smc_bias: float = math.nan
    plan_side: float = math.nan
    win_long: float = math.nan
    win_short: float = math.nan


class ZoneOffset(Event, frozen=True, kw_only=True):
    """From now on a market's local time is UTC plus `offset_ns` (C9)."""

    market: str
    offset_ns: int


class Funding(Event, frozen=True, kw_only=True):
    """A venue's funding stamp (V1): longs pay `rate` of the notional at the mark.

    mark  price; None where it is not known: then the book's mid counts.
    """

    market: str
    rate: Decimal
    mark: Decimal | None = None


class Release(Event, frozen=True, kw_only=True):
    """A person has looked: locks of a market, or of all (None), and their counts start anew."""

    market: str | None = None
    reason: str = ""


class ManualOrder(Event, frozen=True, kw_only=True):
    """A person orders an entry of an instrument (H2); risk reviews it like any other.

    limit   ticks; None: marketable, with the offset of the playbook by hand.
    stop    distance in ticks, >= 1; target likewise, 0: none.
    rests   it rests at its limit instead of taking what is there.
    """

    instrument: str
    side: Side
    lots: Lots
    limit: Ticks | None
    stop: int
    target: int = 0
    rests: bool = False


class Leave(Event, frozen=True, kw_only=True):
    """A person leaves positions (H3): those of an instrument, or all; of one origin, or of each."""

    instrument: str | None = None
    origin: Origin | None = None


class Command(Event, frozen=True, kw_only=True):
    """The trading state is set: by an operator, or because nothing can be kept or dated (cause).

    reason  the operator's words.
    """

    state: TradingState
    cause: StateCause = StateCause.COMMAND
    reason: str = ""


class LockSet(Event, frozen=True, kw_only=True):
    """A person locks a market, or all (None), until a time or until a release (None)."""

    market: str | None
    until_ns: TsNs | None
    reason: str


class RunStarted(Event, frozen=True, kw_only=True):
    """A run of the engine begins, after its markets were set.

    epoch  counts the runs of a ledger from 1: no order id of one is used by another.
    state  of the run before, as the ledger kept it; None: there was none.
    """

    epoch: int
    state: Durable | None


class Gap(Event, frozen=True, kw_only=True):
    """Ticks of a market's slot were lost (I7): what they would have said is not known.

    lost  how many, as far as that is known.
    """

    market: str
    slot: int
    lost: int


class ClockRead(Event, frozen=True, kw_only=True):
    """The sequencer's reading of the time, which data ages are measured against (C4).

    `event_ns` is the stamp of the input before and only orders: what waited is yet to be folded.
    """

    now_ns: TsNs


class Timer(Event, frozen=True, kw_only=True):
    """Time has passed up to `event_ns`, although no tick says so: timers due by then run."""
