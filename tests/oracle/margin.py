"""Margin and liquidation of perpetuals: V2 and V3, in exact fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from oracle.numbers import Constants


@dataclass(frozen=True)
class Tier:
    """V2: from a notional on a rate and an amount deducted; `until` is where the next begins."""

    start: Fraction
    until: Fraction | None
    rate: Fraction
    amount: Fraction


@dataclass(frozen=True)
class Margin:
    """What an instrument says of its margin, with the schedule that is in force."""

    leverage: Decimal
    tiers: tuple[Tier, ...]
    liquidation_fee: Decimal


def margin_of(terms: Any, start_ns: int) -> Margin | None:  # noqa: ANN401  read by attribute
    """V2: the schedule with the latest `since` not after the market's start (UTC)."""
    if terms is None:
        return None
    day = datetime.fromtimestamp(start_ns // 1_000_000_000, UTC).date()
    in_force = [schedule for schedule in terms.schedules if schedule.since <= day]
    latest = max(in_force, key=lambda schedule: schedule.since, default=None)
    steps = [] if latest is None else [(t.from_notional, t.rate) for t in latest.tiers]
    return Margin(terms.leverage, tuple(_tiers(steps)), terms.liquidation_fee)


def _tiers(steps: list[tuple[Decimal, Decimal]]) -> Iterable[Tier]:
    """V2: the amount that makes the maintenance continuous."""
    amount, rate_before = Fraction(0), None
    for number, (start, rate) in enumerate(steps):
        if rate_before is not None:
            amount += Fraction(start) * (Fraction(rate) - rate_before)
        rate_before = Fraction(rate)
        more = number + 1 < len(steps)
        until = Fraction(steps[number + 1][0]) if more else None
        yield Tier(Fraction(start), until, Fraction(rate), amount)


@dataclass(frozen=True)
class Held:
    """A position, real or thought of: its cost is ticks x lots, its funding account currency."""

    side: int
    lots: int
    cost: int
    funding: Decimal = Decimal(0)
    parts: Fraction = Fraction(0)  # sum of n / x of its fills, for inverse contracts


def liquidation_level(margin: Margin | None, constants: Constants, held: Held) -> int:
    """V3 in ticks: up for LONG, down for SHORT; 0 is none."""
    if margin is None or held.lots == 0:
        return 0
    for tier in margin.tiers:
        price = _price_in(tier, margin, constants, held)
        if price is None or price <= 0:
            continue
        size = _size(constants, held.lots)
        notional = size / price if constants.inverse else size * price
        if tier.start <= notional and (tier.until is None or notional < tier.until):
            ticks = price / Fraction(constants.tick_size)
            return ceil(ticks) if held.side > 0 else floor(ticks)
    return 0


def _size(constants: Constants, lots: int) -> Fraction:
    """Q of V3, and its N."""
    return lots * Fraction(constants.lot_value)


def _price_in(tier: Tier, margin: Margin, constants: Constants, held: Held) -> Fraction | None:
    """V3's formula with one tier's rate and amount."""
    side, size = held.side, _size(constants, held.lots)
    entry = Fraction(held.cost, held.lots) * Fraction(constants.tick_size)
    funding = Fraction(held.funding) / Fraction(constants.rate)
    if constants.inverse:
        coins = Fraction(constants.lot_value) / Fraction(constants.tick_size) * held.parts
        own = coins / Fraction(margin.leverage) - funding
        divisor = own + tier.amount + side * coins
        return None if divisor == 0 else size * (side + tier.rate) / divisor
    own = entry * size / Fraction(margin.leverage) - funding
    return (side * entry * size - own - tier.amount) / (size * (side - tier.rate))
