"""What the risk engine is told for one review: the order's market and the account, as they are."""

import msgspec

from domain.enums import TradingState
from domain.units import Lots, Ticks, TsNs


class Exposure(msgspec.Struct, frozen=True):
    """Another market with a position or a working entry; micro-units of the account currency.

    notional  of both, at the exit-side quote (R17).
    margin    notional / leverage of its instrument (R17c).
    at_risk   what it loses at its stop from here, leaving included (R18a).
    """

    market: str  # the instrument's name
    notional: int
    margin: int
    at_risk: int


class RiskView(msgspec.Struct, frozen=True, kw_only=True):
    """The state that one order is held against. A NaN in it refuses an entry.

    market              name of the order's market, under which locks and counts are kept.
    instrument          what it trades; several origins can trade one.
    held_elsewhere      another origin has a position in it; works_elsewhere: an order.
    by_hand             a person's order.
    shortable           the instrument may be sold short.
    in_session          its session is open and not cut off, or it has none.
    day_result          of the account's day (E2), micro-units.
    equity              of the account (Q3), micro-units.
    value               of C5, micro-units; `inverse` says that it is an inverse contract's.
    taker               fraction of notional.
    leverage            of the instrument; 1.0 without margin.
    liquidation_ticks   V3 for position and order at the order's limit; 0: none.
    min_notional_micro  smallest notional the venue accepts, micro-units.
    book_age_s          age of the quotes (F16); bid and ask are the last ones, also if invalid.
    position_lots       open lots of the market, >= 0 on either side.
    working_entry_lots  lots of its working entry that are not filled yet.
    last_loss_ns        when its last losing trade closed; 0 means never.
    others              the other markets with a position or a working entry.
    """

    market: str
    instrument: str
    held_elsewhere: bool
    works_elsewhere: bool
    by_hand: bool
    shortable: bool
    in_session: bool
    now_ns: TsNs
    trading_state: TradingState
    day_result: int
    equity: int
    value: float
    inverse: bool
    taker: float
    leverage: float
    liquidation_ticks: int
    min_notional_micro: int
    book_valid: bool
    book_age_s: float
    bid_ticks: Ticks
    ask_ticks: Ticks
    position_lots: Lots
    working_entry_lots: Lots
    last_loss_ns: TsNs
    others: tuple[Exposure, ...]
