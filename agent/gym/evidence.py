"""What a played session left: its recording read back, and its books. Checks know nothing else."""

from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from agent.replay.trade_journal import TradeJournal
from config.settings import Settings
from domain.arrays import Rows
from domain.enums import TickKind
from domain.events import DayRoll, Event, Funding, Gap, SessionEdge
from domain.instruments import Instrument
from domain.orders import Approved, Fill, Order, Refused
from domain.playbooks import Playbook
from domain.portfolio import Change, Trade

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_BOOK = (int(TickKind.QUOTE), int(TickKind.INVALID_BOOK))


class Payment(msgspec.Struct, frozen=True):
    """Funding of an open position; an amount below 0 was received."""

    market: int
    time_ns: int
    amount: Decimal


class SessionJournal(TradeJournal):
    """Keeps every approved order, and fills and payments in their one order."""

    def __init__(self) -> None:
        super().__init__()
        self.approved: list[Order] = []
        self.flows: list[Fill | Payment] = []

    def reviewed(self, order: Order, verdict: Approved | Refused) -> None:  # noqa: ARG002  a shape
        """Remember what was approved, as it was approved."""
        if isinstance(verdict, Approved):
            self.approved.append(verdict.order)

    def filled(self, fill: Fill, change: Change) -> None:
        """Remember the fill, and the trade that it closed."""
        super().filled(fill, change)
        self.flows.append(fill)

    def funded(self, market: int, event: Funding, amount: Decimal) -> None:
        """Remember the payment."""
        self.flows.append(Payment(market, int(event.event_ns), amount))


class Traded(msgspec.Struct, frozen=True):
    """An instrument as a market, and what its settlement currency is worth in the account's."""

    instrument: Instrument
    rate: Decimal

    @property
    def name(self) -> str:
        """Of the market."""
        return self.instrument.name

    @property
    def lot_worth(self) -> float:
        """Account currency that a lot gains when the price rises by 1."""
        one = self.instrument
        return float(one.lot * one.multiplier * self.rate)


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One session.

    ticks, events, outputs  as recorded, in order.
    approved, flows, trades  the books: orders, fills with payments, closed trades.
    equity                  of the portfolio in the end; `max_drawdown` is the core's.
    difference              of the recording from a second fold; "" where there is none.
    """

    recording: Path
    markets: tuple[Traded, ...]
    settings: Settings
    playbook: Playbook
    ticks: Rows
    events: tuple[Event, ...]
    outputs: Rows
    approved: tuple[Order, ...]
    flows: tuple[Fill | Payment, ...]
    trades: tuple[Trade, ...]
    equity: Decimal
    max_drawdown: Decimal
    difference: str

    @property
    def fills(self) -> list[Fill]:
        """Without payments."""
        return [flow for flow in self.flows if isinstance(flow, Fill)]

    @property
    def day_rolls_ns(self) -> list[int]:
        """When days of the account begin."""
        return [int(event.event_ns) for event in self.events if isinstance(event, DayRoll)]

    def hours(self, market: int) -> list[SessionEdge]:
        """Sessions of a market, by the time from which they are known."""
        name = self.markets[market].name
        edges = (event for event in self.events if isinstance(event, SessionEdge))
        return [edge for edge in edges if edge.market == name]

    def gaps_ns(self, market: int) -> list[int]:
        """When ticks of a market were found to be lost."""
        name = self.markets[market].name
        gaps = (event for event in self.events if isinstance(event, Gap))
        return [int(gap.event_ns) for gap in gaps if gap.market == name]


class Books:
    """What a market's quotes said at any time; of ticks with one stamp the last counts."""

    def __init__(self, evidence: Evidence, market: int) -> None:
        ticks = evidence.ticks
        own = ticks[(ticks["market"] == market) & (ticks["slot"] == 0)]
        said = own[np.isin(own["kind"], _BOOK)]
        gaps = np.array(evidence.gaps_ns(market), np.int64)
        # A gap comes before the ticks of its stamp; a stable sort keeps it there.
        times: Ints = np.concatenate([gaps, said["event_ns"]])
        valid = np.concatenate([np.zeros(len(gaps), np.bool_), said["kind"] == TickKind.QUOTE])
        order = np.argsort(times, kind="stable")
        self._times: Ints = times[order]
        self._valid: npt.NDArray[np.bool_] = valid[order]
        quotes = said[said["kind"] == TickKind.QUOTE]
        self.quoted_ns: Ints = np.ascontiguousarray(quotes["event_ns"])
        self._bid: Floats = np.ascontiguousarray(quotes["bid"])
        self._ask: Floats = np.ascontiguousarray(quotes["ask"])
        decided = own[np.isin(own["kind"], (int(TickKind.TRADE), int(TickKind.QUOTE)))]
        self.decided_ns: Ints = np.ascontiguousarray(decided["event_ns"])

    def fillable(self, at_ns: int, stale_ns: float) -> bool:
        """A valid book stood at a time and was not stale, or a quote came at that very stamp."""
        place = int(np.searchsorted(self._times, at_ns, "right")) - 1
        newest = int(np.searchsorted(self.quoted_ns, at_ns, "right")) - 1
        if newest < 0 or place < 0:
            return False
        quoted_ns = int(self.quoted_ns[newest])
        return quoted_ns == at_ns or (bool(self._valid[place]) and at_ns - quoted_ns <= stale_ns)

    def exit_price(self, at_ns: int, side: int) -> float:
        """The quote at which a position of a side is left; NaN before the first."""
        newest = int(np.searchsorted(self.quoted_ns, at_ns, "right")) - 1
        if newest < 0:
            return float("nan")
        return float((self._bid if side > 0 else self._ask)[newest])

    def quoted_within(self, first_ns: int, last_ns: int) -> bool:
        """A valid quote came between two times, both included."""
        first, end = np.searchsorted(self.quoted_ns, (first_ns, last_ns + 1))
        return bool(end > first)

    def next_decided_ns(self, after_ns: int) -> int | None:
        """The stamp of the market's next trade or quote."""
        place = int(np.searchsorted(self.decided_ns, after_ns, "right"))
        return int(self.decided_ns[place]) if place < len(self.decided_ns) else None
