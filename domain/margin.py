"""Margin of a leveraged position, and the price at which its venue takes it away (V2, V3).

Everything is exact, in fractions: a level in ticks must not depend on how a quotient was rounded.
Amounts are in the settlement currency, that is in the base currency of an inverse contract.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import msgspec

from domain.enums import Side
from domain.errors import BadConfig
from domain.instruments import Instrument, MarginSchedule, MarginTerms
from domain.units import SECOND_NS, Lots, TsNs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Holding(msgspec.Struct, frozen=True):
    """A position as its liquidation price sees it.

    average  exact entry price of what is open, in quote currency; of an inverse contract the
             harmonic one.
    paid     funding paid so far, in settlement currency; below 0 where it received.
    """

    side: Side
    lots: Lots
    average: Fraction | Decimal
    paid: Fraction | Decimal = Decimal(0)


class _Tier(msgspec.Struct, frozen=True):
    """A tier with its end (None: has none) and the amount that makes it continuous."""

    start: Fraction
    end: Fraction | None
    rate: Fraction
    amount: Fraction


def schedule_at(terms: MarginTerms, at_ns: TsNs) -> MarginSchedule:
    """The schedule in force: the latest that is not after a time. BadConfig where none is."""
    day = (_EPOCH + timedelta(seconds=int(at_ns) // SECOND_NS)).date()
    known = [schedule for schedule in terms.schedules if schedule.since <= day]
    if not known:
        first = min(schedule.since for schedule in terms.schedules)
        raise BadConfig(
            f"margin.schedules: none is in force on {day}, the first is since {first}; state the "
            "tiers of that time too"
        )
    return max(known, key=lambda schedule: schedule.since)


def maintenance(schedule: MarginSchedule, notional: Fraction | Decimal) -> Fraction:
    """What must be left of the margin of a position: notional x rate - amount (V2)."""
    whole = Fraction(notional)
    tier = [each for each in _tiers(schedule) if each.start <= whole][-1]
    return whole * tier.rate - tier.amount


def liquidation_price(
    instrument: Instrument, schedule: MarginSchedule, held: Holding
) -> Fraction | None:
    """The price at which margin and gain are just the maintenance (V3). None: at no price > 0.

    schedule  of the instrument's margin. Without margin a position is never liquidated: None.
    """
    if instrument.margin is None:
        return None
    units = held.lots * _lot_size(instrument.lot, instrument.multiplier)
    at = _inverse if instrument.inverse else _linear
    entry = units / Fraction(held.average) if instrument.inverse else units * Fraction(held.average)
    margin = entry / Fraction(instrument.margin.leverage) - Fraction(held.paid)
    for tier in _tiers(schedule):
        price = at(held.side, units, entry, margin, tier)
        if price is None:
            continue
        notional = units / price if instrument.inverse else units * price
        if tier.start <= notional and (tier.end is None or notional <= tier.end):
            return price
    return None


def liquidation_level(instrument: Instrument, schedule: MarginSchedule, held: Holding) -> int:
    """`liquidation_price` in ticks, never later than the venue: up for LONG, down for SHORT.

    0: there is none.
    """
    price = liquidation_price(instrument, schedule, held)
    if price is None:
        return 0
    ticks = price / Fraction(instrument.tick)
    return ceil(ticks) if held.side is Side.LONG else floor(ticks)


def _linear(
    side: Side, units: Fraction, entry: Fraction, margin: Fraction, tier: _Tier
) -> Fraction | None:
    price = (side * entry - margin - tier.amount) / (units * (side - tier.rate))
    return price if price > 0 else None


def _inverse(
    side: Side, units: Fraction, entry: Fraction, margin: Fraction, tier: _Tier
) -> Fraction | None:
    left = margin + tier.amount + side * entry  # has the sign of the side where there is a price
    return units * (side + tier.rate) / left if left * side > 0 else None


@lru_cache(maxsize=64)
def _lot_size(lot: Decimal, multiplier: Decimal) -> Fraction:
    return Fraction(lot) * Fraction(multiplier)


@lru_cache(maxsize=64)
def _tiers(schedule: MarginSchedule) -> tuple[_Tier, ...]:
    """Looked up at each review of an entry and after each fill, so they are kept."""
    found: list[_Tier] = []
    amount = rate = Fraction(0)
    ends = [Fraction(tier.from_notional) for tier in schedule.tiers[1:]]
    for tier, end in zip(schedule.tiers, [*ends, None], strict=True):
        start, before, rate = Fraction(tier.from_notional), rate, Fraction(tier.rate)
        amount += start * (rate - before)
        found.append(_Tier(start, end, rate, amount))
    return tuple(found)
