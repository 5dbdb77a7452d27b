"""What the risk engine is told for one review: the order's market and the account, as they are."""

import msgspec

from domain.enums import TradingState
from domain.units import Lots, Ticks, TsNs


class RiskView(msgspec.Struct, frozen=True, kw_only=True):
    """The state that one order is held against. A NaN in it refuses an entry.

    market              name of the order's market.
    shortable           the instrument may be sold short.
    in_session          its session is open and not cut off, or it has none.
    day_result          of the account's day (E2), micro-units.
    value               micro-units of one tick on one lot; `taker` is a fraction of notional.
    min_notional_micro  smallest notional the venue accepts, micro-units.
    book_age_s          age of the quotes (F16); bid and ask are the last ones, also if invalid.
    position_lots       open lots of the market, >= 0 on either side.
    working_entry_lots  lots of its working entry that are not filled yet.
    last_loss_ns        when its last losing trade closed; 0 means never.
    other_positions     other markets with a position or a working entry.
    other_notional      their notional at their own marks (R17), micro-units.
    """

    market: str
    shortable: bool
    in_session: bool
    now_ns: TsNs
    trading_state: TradingState
    day_result: int
    value: float
    taker: float
    min_notional_micro: int
    book_valid: bool
    book_age_s: float
    bid_ticks: Ticks
    ask_ticks: Ticks
    position_lots: Lots
    working_entry_lots: Lots
    last_loss_ns: TsNs
    other_positions: int
    other_notional: int
