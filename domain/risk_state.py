"""What risk remembers of earlier orders and trades, as values: a restart goes on with them.

Mappings are tuples of pairs, in the order in which they were made.
"""

from decimal import Decimal

import msgspec

from domain.enums import Side
from domain.locks import Lock
from domain.orders import Order
from domain.protections import Closed


class ApprovalsState(msgspec.Struct, frozen=True):
    """Approvals of the account's day, and those that a rule can still ask for."""

    today: int
    recent: tuple[tuple[int, Order], ...]


class CountsState(msgspec.Struct, frozen=True):
    """Counts by a market's name; times are those still inside their windows."""

    trades: tuple[tuple[str, int], ...]
    entries: tuple[tuple[str, int], ...]
    with_sessions: tuple[str, ...]
    repeated: tuple[tuple[str, Side, tuple[int, ...]], ...]
    refused: tuple[tuple[str, tuple[int, ...]], ...]


class SlippageState(msgspec.Struct, frozen=True):
    """The latest orders by client id: lots, ticks x lots, and slippage in bp."""

    orders: tuple[tuple[str, int, int, float], ...]


class ClosedTradesState(msgspec.Struct, frozen=True):
    """The trades that protections look back to, and the balance before them."""

    trades: tuple[Closed, ...]
    before: Decimal
    lost_ns: int | None


class RiskState(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Measures are taken after each event, so none is waiting between two."""

    approvals: ApprovalsState
    counts: CountsState
    locks: tuple[Lock, ...]
    losses: int
    slippage: SlippageState
    closed: ClosedTradesState
