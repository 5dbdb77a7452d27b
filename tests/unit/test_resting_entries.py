"""Entries that rest in the queue of their own quote (docs/rules.md, M6 and M7)."""

from decimal import Decimal
from typing import Final

import numpy as np
import pytest

from core_cases import Case, clock, crossed, playbook, quote, trade
from core_steps import FALLING, entries, fills, flags, flat, limited, works
from domain.arrays import Rows
from domain.enums import PriceSource, Purpose

RESTING: Final = {"entry": {"style": "resting"}}
SELLER: Final = -1
BUYER: Final = 1


def resting(bid_size: float = 1.0) -> Case:
    """A buy of 10 lots rests at 1,000 ticks since second 0.05, until 2.05."""
    return flat(RESTING).fold(quote(0, 100.0, 100.1, bid_size=bid_size), clock(0.05))


def sold(at_s: float, size: float, side: int = SELLER) -> Rows:
    """A trade at the order's limit."""
    return trade(at_s, 100.0, size, side)


def test_what_was_displayed_before_it_trades_first() -> None:
    assert fills(resting().fold(sold(0.1, 1.0))) == []


def test_what_trades_beyond_the_queue_fills_it_at_its_limit_as_maker() -> None:
    case = resting().fold(sold(0.1, 0.7), sold(0.2, 0.6), sold(0.3, 2.0))
    assert fills(case) == [(0.2, 1_000, 3), (0.3, 1_000, 7)]
    assert flags(case) == [1, 5]


def test_parts_of_a_lot_beyond_the_queue_add_up() -> None:
    case = resting(bid_size=0.05).fold(sold(0.1, 0.1))
    assert fills(case) == []
    assert fills(case.fold(sold(0.2, 0.04))) == []
    assert fills(case.fold(sold(0.3, 0.01), sold(0.4, 0.1))) == [(0.3, 1_000, 1), (0.4, 1_000, 1)]


def test_the_part_of_a_lot_left_over_by_a_fill_is_kept() -> None:
    case = resting(bid_size=0.05).fold(sold(0.1, 0.2), sold(0.2, 0.05))
    assert fills(case) == [(0.1, 1_000, 1), (0.2, 1_000, 1)]


def test_a_decimal_that_a_double_cannot_hold_is_still_a_whole_lot() -> None:
    case = resting(bid_size=0.1).fold(sold(0.1, 0.3), sold(0.2, 0.1 + 0.2))
    assert fills(case) == [(0.1, 1_000, 2), (0.2, 1_000, 3)]


def test_an_unknown_aggressor_counts_as_the_other_side() -> None:
    assert fills(resting().fold(sold(0.1, 1.2, side=0))) == [(0.1, 1_000, 2)]


def test_an_aggressor_of_its_own_side_takes_nothing_from_the_queue() -> None:
    case = resting().fold(sold(0.1, 50.0, side=BUYER), sold(0.2, 1.0))
    assert fills(case) == []


def test_a_trade_through_its_limit_fills_all() -> None:
    case = resting().fold(trade(0.1, 99.95, 0.1, BUYER))
    assert (fills(case), flags(case)) == ([(0.1, 1_000, 10)], [5])


def test_a_trade_above_its_limit_fills_nothing() -> None:
    assert fills(resting(0.1).fold(trade(0.1, 100.05, 50.0, SELLER))) == []


def test_a_trade_before_its_arrival_does_not_count() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.1, bid_size=1.0), trade(0.04, 99.0, 50.0))
    assert fills(case.fold(clock(1))) == []


def test_a_short_rests_at_the_ask() -> None:
    case = flat(RESTING).fold(FALLING[:2], quote(0.2, 100.0, 100.1, ask_size=1.0))
    case.fold(trade(0.3, 100.1, 1.3, BUYER), trade(0.4, 100.15, 0.1))
    assert fills(case) == [(0.3, 1_001, 3), (0.4, 1_001, 7)]


def test_the_queue_is_that_of_the_arrival() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.1), quote(0.04, 100.0, 100.1, bid_size=0.5))
    assert fills(case.fold(sold(0.1, 0.7))) == [(0.1, 1_000, 2)]


def test_an_unknown_queue_is_the_assumed_size() -> None:
    assert fills(resting(np.nan).fold(sold(0.1, 1.0), sold(0.2, 0.1))) == [(0.2, 1_000, 1)]


def test_nothing_is_ahead_of_an_order_that_improves_the_quote() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.1), quote(0.04, 99.9, 100.1))
    assert fills(case.fold(sold(0.1, 0.2))) == [(0.1, 1_000, 2)]


@pytest.mark.parametrize("rest_of_the_way", [crossed(0.04), quote(0.0000001, 100.0, 100.1)])
def test_a_resting_entry_that_meets_a_bad_book_is_cancelled(rest_of_the_way: Rows) -> None:
    case = flat(RESTING, limited(stale_quote_s=0.04)).fold(quote(0, 100.0, 100.1))
    case.fold(rest_of_the_way, clock(0.06))
    assert not works(case, Purpose.ENTRY)


def test_a_resting_entry_that_is_marketable_on_arrival_takes_up_to_its_limit() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.0, ask_size=0.4), clock(0.06))
    assert (fills(case), flags(case)) == ([(0.05, 1_000, 4)], [0])
    assert works(case, Purpose.ENTRY)


def test_the_rest_of_a_marketable_resting_entry_has_nothing_ahead() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.0, ask_size=0.4), sold(0.1, 0.6))
    assert fills(case)[1:] == [(0.1, 1_000, 6)]
    assert flags(case)[1:] == [5]


def test_a_worst_quote_beyond_its_limit_leaves_a_marketable_entry_to_rest() -> None:
    case = flat(RESTING).fold(quote(0, 100.0, 100.1), quote(0.04, 99.9, 100.0), clock(0.06))
    assert fills(case) == []
    assert fills(case.fold(sold(0.1, 0.2))) == [(0.1, 1_000, 2)]


def test_a_resting_entry_ends_after_its_life() -> None:
    case = resting().fold(clock(2.049))
    assert works(case, Purpose.ENTRY)
    assert not works(case.fold(clock(2.05)), Purpose.ENTRY)


def test_a_market_whose_resting_entry_ended_is_flat() -> None:
    case = resting().fold(quote(2, 100.0, 100.1), quote(2.05, 100.0, 100.1))
    assert entries(case) == [0.0, 2.05]


def test_a_filled_part_stays_when_the_rest_ends() -> None:
    case = resting().fold(sold(0.1, 1.3), quote(2.1, 100.0, 100.1))
    assert (works(case, Purpose.ENTRY), case.row["position_lots"]) == (False, 3)


def test_without_trades_a_quote_through_its_limit_fills_all() -> None:
    case = Case().market(playbook(RESTING), price_source=PriceSource.MID)
    case.fold(quote(0, 100.0, 100.1), quote(0.1, 99.9, 100.0), quote(0.2, 99.8, 99.9))
    assert (fills(case), flags(case)) == ([(0.2, 1_000, 10)], [5])


def test_with_trades_a_quote_through_its_limit_fills_nothing() -> None:
    assert fills(resting().fold(quote(0.1, 99.8, 99.9))) == []


def test_a_maker_pays_the_makers_fee_and_the_exit_the_takers() -> None:
    case = resting(1_000.0).fold(trade(0.1, 99.9)).end(1)
    assert case.trades[0].fees == Decimal("0.02") + Decimal("0.05")
