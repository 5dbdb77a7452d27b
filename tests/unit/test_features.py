"""Book, price and momentum, and what is read off them (docs/rules.md, F1 to F8 and F16)."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core_cases import Case, another, at, clock, crossed, playbook, prices, quote, trade
from core_steps import FIRST, entries, flat, in_slot
from domain.arrays import Rows
from domain.enums import BookSource, OutputKind, PriceSource
from strategies.features.book import data_age_s, imbalance, micro_price_ticks, spread_bps
from strategies.features.momentum import velocity_bps_per_s

NO_STREAK = (0, 0)


def features(case: Case, slot: int = 0) -> Any:  # noqa: ANN401  a record's fields
    """FEATURES of the first market."""
    return case.row["features"][slot]


def book(case: Case) -> tuple[int, int, int]:
    """Bid, ask, and whether they are valid."""
    of = features(case)
    return int(of["bid_ticks"]), int(of["ask_ticks"]), int(of["book_valid"])


def momentum(case: Case) -> tuple[int, int]:
    """Direction and streak."""
    of = features(case)
    return int(of["direction"]), int(of["streak"])


def cents() -> Case:
    """A market with ticks of 0.01."""
    return Case().market(playbook(), instrument=another("COIN", tick=Decimal("0.01")))


def moving(least: str) -> Case:
    """A market whose momentum counts moves of at least this distance."""
    return flat({"gates.momentum": {"min_move": least}})


@pytest.mark.parametrize(
    ("bid", "ask", "ticks"),
    [
        (100.0, 100.1, (1_000, 1_001)),
        (100.05, 100.05, (1_000, 1_001)),
        (100.09, 100.11, (1_000, 1_002)),
        (100.3, 100.3, (1_003, 1_003)),
    ],
)
def test_a_bid_is_rounded_down_and_an_ask_up(
    bid: float, ask: float, ticks: tuple[int, int]
) -> None:
    assert book(flat().fold(quote(0, bid, ask))) == (*ticks, 1)


def test_a_decimal_that_a_double_cannot_hold_stays_on_its_tick() -> None:
    assert (4.35 * 100, 1.1 * 100) == (434.99999999999994, 110.00000000000001)
    assert book(cents().fold(quote(0, 4.35, 4.35))) == (435, 435, 1)
    assert book(cents().fold(quote(0, 1.1, 1.1))) == (110, 110, 1)


def test_a_crossed_quote_makes_the_book_invalid_and_keeps_its_numbers() -> None:
    case = flat().fold(FIRST, crossed(1))
    assert book(case) == (1_000, 1_001, 0)
    assert book(case.fold(quote(2, 100.2, 100.3))) == (1_002, 1_003, 1)


def test_a_trade_does_not_set_the_book_where_there_are_quotes() -> None:
    assert book(flat().fold(FIRST, trade(1, 105.0))) == (1_000, 1_001, 1)


@pytest.mark.parametrize(
    ("price", "ticks"),
    [(100.0, (999, 1_001)), (100.05, (999, 1_002)), (0.1, (1, 2)), (0.05, (1, 2))],
)
def test_an_assumed_book_is_half_a_spread_away_and_at_least_a_tick(
    price: float, ticks: tuple[int, int]
) -> None:
    case = Case().market(playbook(), book_source=BookSource.ASSUMED).fold(trade(0, price))
    assert book(case) == (*ticks, 1)
    assert np.isnan([features(case)["bid_size"], features(case)["ask_size"]]).all()


@pytest.mark.parametrize(
    ("price", "half_ticks"), [(100.02, 2_000), (100.025, 2_001), (100.05, 2_001), (100.08, 2_002)]
)
def test_a_trade_is_held_in_half_ticks_rounded_half_up(price: float, half_ticks: int) -> None:
    case = flat().fold(trade(3, price, size=2.5, side=-1))
    of = features(case)
    assert (of["last"], of["last_size"], of["last_side"]) == (half_ticks, 2.5, -1)
    assert of["last_ns"] == at(3)


def test_with_trades_a_quote_is_no_price() -> None:
    case = flat().fold(trade(0, 100.0), quote(1, 105.0, 105.1))
    assert features(case)["price"] == 2_000


def test_without_trades_a_quotes_mid_is_the_price_and_a_trade_is_none() -> None:
    case = Case().market(playbook(), price_source=PriceSource.MID)
    case.fold(quote(0, 100.0, 100.1), trade(1, 105.0))
    assert features(case)["price"] == 2_001
    assert features(case)["second"]["volume"] == 0.0


def test_the_first_price_is_the_anchor_of_no_direction() -> None:
    case = moving("1tick").fold(trade(3, 100.0))
    of = features(case)
    assert momentum(case) == NO_STREAK
    assert (of["anchor"], of["start"], of["anchor_ns"], of["start_ns"]) == (
        2_000,
        2_000,
        at(3),
        at(3),
    )


def test_slow_drift_adds_up_to_a_move() -> None:
    case = moving("1tick").fold(trade(0, 100.0), trade(1, 100.05))
    assert momentum(case) == NO_STREAK
    assert momentum(case.fold(trade(2, 100.1))) == (1, 1)
    assert (features(case)["anchor"], features(case)["anchor_ns"]) == (2_002, at(2))


def test_moves_in_one_direction_make_a_streak_from_its_start() -> None:
    case = moving("1tick").fold(prices(0, 1, [100.0, 100.1, 100.3]))
    assert momentum(case) == (1, 2)
    assert (features(case)["start"], features(case)["start_ns"]) == (2_000, at(0))


def test_a_turn_starts_a_new_streak_at_the_last_anchor() -> None:
    case = moving("1tick").fold(prices(0, 1, [100.0, 100.1, 100.3, 100.2]))
    assert momentum(case) == (-1, 1)
    assert (features(case)["start"], features(case)["start_ns"]) == (2_006, at(2))


def test_an_equal_price_is_no_move_however_small_the_least_one_is() -> None:
    case = moving("0tick").fold(prices(0, 1, [100.0, 100.0, 100.05]))
    assert momentum(case) == (1, 1)


def test_the_least_move_may_be_a_part_of_the_price() -> None:
    case = moving("10bp").fold(prices(0, 1, [100.0, 100.1]))
    assert momentum(case) == NO_STREAK  # 10 bp of 100.1 are more than the tick
    assert momentum(case.fold(trade(2, 100.15))) == (1, 1)


def test_without_the_average_range_it_needs_nothing_moves() -> None:
    case = moving("0.1atr:1s").fold(prices(0, 1, [100.0, 105.0, 110.0]))
    assert momentum(case) == NO_STREAK
    assert features(case)["anchor"] == 2_000


def test_velocity_is_in_favour_of_a_side() -> None:
    of = features(moving("1tick").fold(prices(0, 1, [100.0, 100.1, 100.2])))
    assert velocity_bps_per_s(of, 1, at(4)) == pytest.approx(20.0 / 4)
    assert velocity_bps_per_s(of, -1, at(4)) == pytest.approx(-20.0 / 4)


def test_velocity_counts_moves_too_small_for_the_streak() -> None:
    of = features(moving("2tick").fold(prices(0, 1, [100.0, 100.2, 100.3])))
    assert velocity_bps_per_s(of, 1, at(3)) == pytest.approx(30.0 / 3)


def test_the_spread_is_told_in_basis_points_of_the_mid() -> None:
    assert spread_bps(features(flat().fold(quote(0, 99.9, 100.1)))) == 20.0
    assert spread_bps(features(flat().fold(quote(0, 100.0, 100.0)))) == 0.0


def test_imbalance_is_the_surplus_of_size_on_the_bid() -> None:
    case = flat().fold(quote(0, 100.0, 100.1, bid_size=1.0, ask_size=3.0))
    assert imbalance(features(case)) == -0.5


def test_the_micro_price_leans_to_the_side_with_less_size() -> None:
    case = flat().fold(quote(0, 100.0, 100.4, bid_size=1.0, ask_size=3.0))
    assert micro_price_ticks(features(case)) == 1_001.0


@pytest.mark.parametrize(
    "rows", [quote(0, 100, 100.1, bid_size=np.nan), quote(0, 100, 100.1, ask_size=np.nan)]
)
def test_an_unknown_size_makes_imbalance_and_micro_price_unknown(rows: Rows) -> None:
    of = features(flat().fold(rows))
    assert np.isnan([imbalance(of), micro_price_ticks(of)]).all()


def test_an_absent_or_invalid_book_makes_all_of_it_unknown() -> None:
    absent, invalid = features(flat()), features(flat().fold(FIRST, crossed(1)))
    readers = (spread_bps, imbalance, micro_price_ticks)
    assert np.isnan([[read(absent), read(invalid)] for read in readers]).all()
    ages = [data_age_s(of, source, at(1)) for of in (absent, invalid) for source in BookSource]
    assert np.isnan(ages).all()


def test_data_age_is_that_of_the_quote_or_of_the_trade_assumed_from() -> None:
    quoted = flat().fold(FIRST, trade(2, 100.0))
    assumed = Case().market(playbook(), book_source=BookSource.ASSUMED).fold(trade(2, 100.0))
    assert data_age_s(features(quoted), int(BookSource.QUOTES), at(5)) == 5.0
    assert data_age_s(features(assumed), int(BookSource.ASSUMED), at(5)) == 3.0


@pytest.mark.parametrize("slot", [1, 2])
def test_ticks_of_another_slot_change_its_features_alone(slot: int) -> None:
    case = flat().fold(in_slot(slot, FIRST), in_slot(slot, prices(0, 1, [100.0, 101.0])))
    assert features(case, slot)["bid_ticks"] == 1_000
    assert (features(case, slot)["price"], features(case, slot)["direction"]) == (2_020, 1)
    untouched = [features(case, other) for other in range(3) if other != slot]
    assert not any(of.tobytes().strip(b"\0") for of in untouched)


@pytest.mark.parametrize("slot", [1, 2])
def test_ticks_of_another_slot_never_decide(slot: int) -> None:
    case = flat().fold(in_slot(slot, prices(0, 1, [100.0] * 90)), in_slot(slot, quote(90, 1, 2)))
    assert (len(case.kept.rows), entries(case)) == (0, [])
    assert case.row["tally"]["ticks"] == 0


def test_ticks_of_another_slot_neither_fill_nor_put_off_a_stall() -> None:
    case = flat().fold(FIRST, in_slot(1, quote(0.02, 105.0, 105.1)), clock(1))
    assert case.kept.of(OutputKind.FILL)["price_ticks"].tolist() == [1_001]
    stalled = case.fold(in_slot(1, quote(20, 1, 2)), clock(30))
    assert stalled.kept.of(OutputKind.INTENT)["event_ns"].tolist() == [at(0), at(30)]
