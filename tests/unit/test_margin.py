"""Margin tiers and liquidation prices (V2, V3), by numbers worked out by hand and as identities."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.enums import Contract, Side
from domain.errors import BadConfig
from domain.instruments import Instrument, MarginSchedule, MarginTerms, MarginTier
from domain.margin import (
    Holding,
    Liquidation,
    maintenance,
    schedule_at,
)
from domain.portfolio import Portfolio
from domain.units import SECOND_NS, Lots, TsNs
from trading_cases import COIN, entry, fill, leave

D = Decimal
LONG, SHORT = Side.LONG, Side.SHORT


def schedule(*tiers: tuple[str, str], since: date = date(2024, 1, 1)) -> MarginSchedule:
    made = (MarginTier(from_notional=D(start), rate=D(rate)) for start, rate in tiers)
    return MarginSchedule(since=since, tiers=tuple(made))


TIERS: Final = schedule(("0", "0.004"), ("50000", "0.005"), ("600000", "0.0065"))
COIN_TIERS: Final = schedule(("0", "0.004"), ("5", "0.005"))


def linear(leverage: str, tiers: MarginSchedule = TIERS) -> Instrument:
    """A lot is 0.1 of a coin, a tick 0.1."""
    terms = MarginTerms(leverage=D(leverage), liquidation_fee=D("0.01"), schedules=(tiers,))
    return msgspec.structs.replace(COIN, margin=terms)


def inverse(leverage: str, tiers: MarginSchedule = COIN_TIERS) -> Instrument:
    """A lot is 100 of the quote currency."""
    changed = {"contract": Contract.INVERSE, "multiplier": D(100), "lot": D(1)}
    return msgspec.structs.replace(linear(leverage, tiers), **changed)


def held(side: Side, lots: int, average: str, paid: str = "0") -> Holding:
    return Holding(side, Lots(lots), D(average), D(paid))


@pytest.mark.parametrize(
    ("notional", "expected"),
    [
        ("0", "0"),
        ("10000", "40"),
        ("50000", "200"),
        ("100000", "450"),  # 500 less 50
        ("600000", "2950"),
        ("1000000", "5550"),  # 6,500 less 50 less 900
    ],
)
def test_maintenance_is_that_of_each_part_at_its_own_tier(notional: str, expected: str) -> None:
    assert maintenance(TIERS, D(notional)) == D(expected)


@pytest.mark.parametrize(
    ("side", "lots", "average", "paid", "level"),
    [
        (LONG, 1, "60000", "0", 542_169),  # (6000 - 600) / 0.0996 = 54,216.87
        (LONG, 10, "60000", "0", 542_212),  # second tier: (60000 - 6000 - 50) / 0.995 = 54,221.11
        (SHORT, 10, "60000", "0", 657_213),  # 66050 / 1.005 = 65,721.39
        (LONG, 10, "60000", "100", 543_217),  # 54050 / 0.995 = 54,321.61
        (SHORT, 10, "60000", "-100", 658_208),  # received: 66150 / 1.005 = 65,820.90
    ],
)
def test_liquidation_levels_of_linear_contracts(
    side: Side, lots: int, average: str, paid: str, level: int
) -> None:
    assert Liquidation(linear("10"), TIERS).level(held(side, lots, average, paid)) == level


@pytest.mark.parametrize(
    ("side", "lots", "leverage", "paid", "level"),
    [
        (LONG, 10, "5", "0", 418_334),  # 1004 / 0.024 = 41,833.33
        (SHORT, 10, "5", "0", 622_500),  # 996 / 0.016 = 62,250 exactly
        (LONG, 10, "1", "0", 251_000),
        (LONG, 10, "5", "0.0008", 432_759),  # 1004 / 0.0232 = 43,275.86
        # Second tier, amount 0.005: 400000 x 1.005 / (1.6 + 0.005 + 8) = 41,853.201
        (LONG, 4_000, "5", "0", 418_533),
    ],
)
def test_liquidation_levels_of_inverse_contracts(
    side: Side, lots: int, leverage: str, paid: str, level: int
) -> None:
    holding = held(side, lots, "50000", paid)
    assert Liquidation(inverse(leverage), COIN_TIERS).level(holding) == level


@pytest.mark.parametrize(
    ("instrument", "tiers", "side"),
    [(linear("1"), TIERS, LONG), (inverse("1"), COIN_TIERS, SHORT)],
)
def test_what_is_backed_in_full_is_never_liquidated(
    instrument: Instrument, tiers: MarginSchedule, side: Side
) -> None:
    assert Liquidation(instrument, tiers).price(held(side, 10, "60000")) is None
    assert Liquidation(instrument, tiers).level(held(side, 10, "60000")) == 0


def test_without_margin_nothing_is_liquidated() -> None:
    assert Liquidation(COIN, TIERS).level(held(LONG, 10, "60000")) == 0


POSITIVE = st.fractions(Fraction(1, 100), Fraction(10_000), max_denominator=1_000)
SIDES = st.sampled_from(Side)
RATES = st.lists(st.integers(1, 600), min_size=1, max_size=5, unique=True).map(sorted)
BOUNDS = st.lists(st.integers(1, 100_000), min_size=4, max_size=4, unique=True).map(sorted)
MAKERS = st.sampled_from([linear, inverse])


@st.composite
def tiers(draw: st.DrawFn) -> MarginSchedule:
    rates, bounds = draw(RATES), [0, *draw(BOUNDS)]
    pairs = zip(bounds[: len(rates)], rates, strict=True)
    return schedule(*((str(start), f"{rate}e-3") for start, rate in pairs))


def equity_and_maintenance(
    instrument: Instrument, kept: MarginSchedule, holding: Holding, price: Fraction
) -> tuple[Fraction, Fraction]:
    """Margin and gain, and what must be left, at a price: written from V3's first sentence."""
    assert instrument.margin is not None
    units = holding.lots * Fraction(instrument.lot) * Fraction(instrument.multiplier)
    average, leverage = Fraction(holding.average), Fraction(instrument.margin.leverage)
    if instrument.inverse:
        entered, now = units / average, units / price
        gain = holding.side * (entered - now)
    else:
        entered, now = units * average, units * price
        gain = holding.side * (now - entered)
    return entered / leverage - Fraction(holding.paid) + gain, maintenance(kept, now)


@given(MAKERS, tiers(), SIDES, st.integers(1, 1_000), POSITIVE, st.integers(1, 20), st.data())
def test_at_the_liquidation_price_the_margin_and_gain_are_the_maintenance(
    make: type, kept: MarginSchedule, side: Side, lots: int, price: Fraction, lever: int,
    data: st.DataObject,
) -> None:  # fmt: skip
    instrument = make(str(lever), kept)
    paid = data.draw(st.fractions(-10, 10, max_denominator=100))
    holding = Holding(side, Lots(lots), price, paid)
    found = Liquidation(instrument, kept).price(holding)
    assume(found is not None)
    assert found is not None
    left, needed = equity_and_maintenance(instrument, kept, holding, found)
    assert left == needed


@given(MAKERS, tiers(), SIDES, st.integers(1, 1_000), POSITIVE, st.integers(1, 20))
def test_a_level_is_the_last_tick_before_the_margin_is_too_small(
    make: type, kept: MarginSchedule, side: Side, lots: int, price: Fraction, lever: int
) -> None:
    instrument = make(str(lever), kept)
    holding = Holding(side, Lots(lots), price)
    level = Liquidation(instrument, kept).level(holding)
    assume(level > 1)
    tick = Fraction(instrument.tick)
    enough, needed = equity_and_maintenance(instrument, kept, holding, level * tick)
    assert enough >= needed
    short, needed = equity_and_maintenance(instrument, kept, holding, (level - side) * tick)
    assert short < needed


@given(MAKERS, tiers(), SIDES, st.integers(1, 1_000), POSITIVE, st.integers(1, 19))
def test_more_leverage_is_liquidated_nearer(
    make: type, kept: MarginSchedule, side: Side, lots: int, price: Fraction, lever: int
) -> None:
    holding = Holding(side, Lots(lots), price)
    low = Liquidation(make(str(lever), kept), kept).price(holding)
    high = Liquidation(make(str(lever + 1), kept), kept).price(holding)
    assume(low is not None)
    assert low is not None
    assert high is not None
    assert side * high > side * low


@given(tiers())
def test_maintenance_does_not_jump_where_a_tier_begins(kept: MarginSchedule) -> None:
    hair = Fraction(1, 10**12)
    for tier in kept.tiers[1:]:
        bound = Fraction(tier.from_notional)
        step = maintenance(kept, bound) - maintenance(kept, bound - hair)
        assert 0 < step <= hair


OLD = schedule(("0", "0.01"), since=date(2020, 1, 1))
TERMS = MarginTerms(leverage=D(5), liquidation_fee=D(0), schedules=(OLD, TIERS))


def midnight(day: date, shift_ns: int = 0) -> TsNs:
    since = datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return TsNs(since.days * 86_400 * SECOND_NS + shift_ns)


@pytest.mark.parametrize(
    ("day", "shift_ns", "expected"),
    [
        (date(2020, 1, 1), 0, OLD),
        (date(2024, 1, 1), -1, OLD),
        (date(2024, 1, 1), 0, TIERS),
        (date(2031, 1, 1), 0, TIERS),
    ],
)
def test_the_latest_schedule_not_after_a_time_is_in_force(
    day: date, shift_ns: int, expected: MarginSchedule
) -> None:
    assert schedule_at(TERMS, midnight(day, shift_ns)) is expected


def test_a_time_before_every_schedule_is_refused() -> None:
    with pytest.raises(BadConfig, match="none is in force on 2019-12-31, the first is since 2020"):
        schedule_at(TERMS, midnight(date(2020, 1, 1), -1))


@pytest.fixture
def portfolio() -> Portfolio:
    made = Portfolio(D(100_000))
    made.add_market(0, "LINEAR", linear("10"), D(2))
    made.add_market(1, "INVERSE", inverse("5"), D(60_000))
    return made


def test_a_portfolio_knows_the_level_of_what_is_open(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 590_000, 5))
    portfolio.fold(fill(entry(), 610_000, 5))
    assert portfolio.liquidation_level(0, TIERS) == 542_212
    portfolio.fold(fill(leave(), 600_000, 9))
    assert portfolio.liquidation_level(0, TIERS) == 542_169


def test_the_average_of_inverse_contracts_is_harmonic_there_too(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(market=1), 400_000, 10))
    portfolio.fold(fill(entry(market=1), 600_000, 15))  # 50,000 on average
    assert portfolio.liquidation_level(1, COIN_TIERS) == 418_334


def test_funding_is_taken_from_the_margin_in_the_settlement_currency(portfolio: Portfolio) -> None:
    portfolio.fold(fill(entry(), 600_000, 10))
    portfolio.pay_funding(0, D(200))  # at a rate of 2
    assert portfolio.liquidation_level(0, TIERS) == 543_217


def test_a_planned_entry_counts_at_its_limit(portfolio: Portfolio) -> None:
    order = entry(limit=610_000, lots=5)
    portfolio.fold(fill(entry(), 590_000, 5))
    assert portfolio.liquidation_level(0, TIERS, order) == 542_212


def test_a_flat_market_has_the_level_of_the_planned_entry_alone(portfolio: Portfolio) -> None:
    order = entry(side=SHORT, limit=600_000, lots=10)
    assert portfolio.liquidation_level(0, TIERS, order) == 657_213
    assert portfolio.liquidation_level(0, TIERS) == 0
    assert portfolio.liquidation_level(0, None, order) == 0
