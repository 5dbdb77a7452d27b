"""A running engine at one moment: everything that a view shows, as values.

Whoever draws it needs nothing else; whoever takes it knows nothing of drawing.
"""

from decimal import Decimal

import msgspec

from domain.enums import Mode, Side
from domain.ledger import TradeRow
from reporting.trade_measures import Group
from reporting.why_summary import Account, WhySummary


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """An entry or exit on the line of prices; `bucket` counts from the oldest shown."""

    bucket: int
    entry: bool
    side: Side


class FeatureShown(msgspec.Struct, frozen=True, kw_only=True):
    """One feature; `value` is nan while it is not ready."""

    name: str
    value: float
    unit: str


class MarketPicture(msgspec.Struct, frozen=True, kw_only=True):
    """One market.

    prices       mids, oldest first, one each `bucket_s`; the last is of now.
    quote_age_s  None before the first quote.
    rejections   gates that kept it from entering most often, with their counts.
    why          its state, and every gate or way out as it stands.
    """

    name: str
    bid: Decimal | None
    ask: Decimal | None
    prices: tuple[float, ...]
    bucket_s: float
    marks: tuple[Mark, ...]
    quote_age_s: float | None
    ticks: int
    features: tuple[FeatureShown, ...]
    rejections: tuple[tuple[str, int], ...]
    why: WhySummary


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """All of it.

    now_ns    event time; `began_ns` likewise.
    speed     seconds of the market in one of the clock.
    left_s    of the clock, until it ends by itself; None: it goes on.
    trades    the last closed ones, oldest first; `total` sums up the last 10,000.
    positions_limit  markets that may be open at once; None: no limit, or not known.
    """

    mode: Mode
    now_ns: int
    began_ns: int
    speed: float
    left_s: float | None
    account: Account
    markets: tuple[MarketPicture, ...]
    trades: tuple[TradeRow, ...]
    total: Group
    positions_limit: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def positions_open(self) -> int:
        """Markets that hold something."""
        return sum(each.why.position is not None for each in self.markets)
