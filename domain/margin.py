"""Margin of a leveraged position, and the price at which its venue takes it away (V2, V3).

Everything is exact: a level in ticks must not depend on how a quotient was rounded.
Amounts are in the settlement currency, that is in the base currency of an inverse contract.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import lcm

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


class Liquidation:
    """Where positions of an instrument are liquidated under one schedule (V3).

    With E the entry's notional and s the side (of an inverse contract the opposite one: in its base
    currency a LONG gains what a SHORT does in the quote's), the notional at the price sought is
    `N = ((s - 1 / leverage) E - amount + paid) / (s - rate)` for both kinds; the price is N over
    the size, or the size over N. Asked at each review of an entry and after each fill: so the
    tiers are prepared as whole numbers, which are as exact as fractions and far cheaper.
    """

    __slots__ = ("_inverse", "_lot", "_tick", "_tiers", "schedule")

    def __init__(self, instrument: Instrument, schedule: MarginSchedule) -> None:
        self.schedule = schedule
        self._inverse = instrument.inverse
        self._lot = (Fraction(instrument.lot) * Fraction(instrument.multiplier)).as_integer_ratio()
        self._tick = instrument.tick.as_integer_ratio()
        margin, tiers = instrument.margin, _tiers(schedule)
        leverage = None if margin is None else Fraction(margin.leverage)
        self._tiers = {
            side: () if leverage is None else tuple(_line(each, sign, leverage) for each in tiers)
            for side in Side
            for sign in (-int(side) if instrument.inverse else int(side),)
        }

    def price(self, held: Holding) -> Fraction | None:
        """At which margin and gain are just the maintenance; None: at no price > 0."""
        found = self._price(held)
        return None if found is None else Fraction(*found)

    def level(self, held: Holding) -> int:
        """`price` in ticks, never later than the venue: up for LONG, down for SHORT; 0: none."""
        found = self._price(held)
        if found is None:
            return 0
        above, below = found[0] * self._tick[1], found[1] * self._tick[0]
        return -(-above // below) if held.side is Side.LONG else above // below

    def _price(self, held: Holding) -> tuple[int, int] | None:
        """As numerator and denominator, both > 0."""
        size, of = held.lots * self._lot[0], self._lot[1]
        above, below = held.average.as_integer_ratio()
        entry, per = (size * below, of * above) if self._inverse else (size * above, of * below)
        paid, part = held.paid.as_integer_ratio()
        for tier in self._tiers[held.side]:
            notional = (tier.entry * entry - tier.amount * per) * part + tier.paid * paid * per
            whole = tier.whole * per * part
            if notional <= 0 or notional * tier.start[1] < tier.start[0] * whole:
                continue
            if tier.end is None or notional * tier.end[1] <= tier.end[0] * whole:
                over = (size * whole, of * notional)
                return over if self._inverse else (over[1], over[0])
        return None


class _Tier(msgspec.Struct, frozen=True):
    """A tier with its end (None: has none) and the amount that makes it continuous."""

    start: Fraction
    end: Fraction | None
    rate: Fraction
    amount: Fraction


class _Line(msgspec.Struct, frozen=True):
    """A tier's N as `(entry x E - amount + paid x funding) / whole`, in whole numbers."""

    start: tuple[int, int]
    end: tuple[int, int] | None
    entry: int
    amount: int
    paid: int
    whole: int


def _line(tier: _Tier, sign: int, leverage: Fraction) -> _Line:
    below = sign - tier.rate
    parts = ((sign - 1 / leverage) / below, tier.amount / below, 1 / below)
    whole = lcm(*(part.denominator for part in parts))
    entry, amount, paid = (int(part * whole) for part in parts)
    end = None if tier.end is None else tier.end.as_integer_ratio()
    return _Line(tier.start.as_integer_ratio(), end, entry, amount, paid, whole)


def _tiers(schedule: MarginSchedule) -> tuple[_Tier, ...]:
    found: list[_Tier] = []
    amount = rate = Fraction(0)
    ends = [Fraction(tier.from_notional) for tier in schedule.tiers[1:]]
    for tier, end in zip(schedule.tiers, [*ends, None], strict=True):
        start, before, rate = Fraction(tier.from_notional), rate, Fraction(tier.rate)
        amount += start * (rate - before)
        found.append(_Tier(start, end, rate, amount))
    return tuple(found)
