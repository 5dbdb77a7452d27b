"""Orders and what becomes of them.

An order states a wish; only risk can turn it into `Approved`, and brokers accept nothing else.
"""

import msgspec

from domain.enums import ExitReason, OrderKind, Purpose, Refusal, Side
from domain.units import Lots, Ticks, TsNs


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to trade, born at one decision of one market.

    market       index of the market's row.
    client_id    made from market and decision number, so that it is the same in every replay.
    side         side of the position it opens or closes; `direction` is what it trades.
    limit        the worst price it may trade at.
    decided_ns   when the core decided it.
    mid_half     decision's mid in half-ticks; `spread` the decision's spread in ticks.
    stop         distance of the planned stop in ticks; 0 for exits.
    addition     an entry that adds to an open position (A2).
    reason       why it exits; NONE for entries.
    life_ns      how long it may work after it arrived.
    """

    market: int
    client_id: str
    purpose: Purpose
    kind: OrderKind
    side: Side
    limit: Ticks
    lots: Lots
    decided_ns: TsNs
    mid_half: int
    spread: int
    stop: int
    reason: ExitReason
    life_ns: int
    addition: bool = False

    @property
    def direction(self) -> int:
        """+1 buys, -1 sells."""
        return int(self.side) if self.purpose is Purpose.ENTRY else -int(self.side)


class Approved(msgspec.Struct, frozen=True):
    """An order that risk let through. Minted only in risk/engine.py (a test enforces it)."""

    order: Order


class Refused(msgspec.Struct, frozen=True):
    """An order that risk stopped: the rule's code, its limit and what was found.

    `limit` and `actual` are in the rule's own unit (money, seconds, ticks, orders); `key` is the
    setting that holds the limit. `until_ns` is the end of the lock that refused an entry (R21),
    NEVER_NS if only a release ends it; 0 for all other refusals.
    """

    order: Order
    code: Refusal
    limit: float
    actual: float
    key: str
    until_ns: int = 0


class Fill(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an order that traded at one price."""

    order: Order
    time_ns: TsNs
    price: Ticks
    lots: Lots
    maker: bool
