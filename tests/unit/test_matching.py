"""Paper fills of orders that take: latency, worst quote, ladder, exits that wait (M1 to M5)."""

from decimal import Decimal
from typing import Final

import numpy as np
import pytest

from core_cases import Case, another, at, clock, crossed, playbook, quote, trade
from core_steps import (
    FALLING,
    FIRST,
    commanded,
    entries,
    exits,
    fills,
    flags,
    flat,
    holding,
    limit_prices,
    limited,
    works,
)
from domain.arrays import Rows
from domain.enums import BookSource, OutputKind, Purpose, TradingState

COIN_HALF: Final = Decimal("0.5")
ONE_TICK: Final = {"entry": {"limit_offset": "1tick"}, "exit": {"limit_offset": "1tick"}}


def bid(at_s: float, price: float, bid_size: float = 100.0) -> Rows:
    """A quote of one tick's spread, told by its bid."""
    return quote(at_s, price, price + 0.1, bid_size=bid_size)


def part_left() -> Case:
    """Of an exit at second 2, limit 980, four lots went at 981 and four at 980."""
    return holding(ONE_TICK).fold(bid(2, 98.1, bid_size=0.4), clock(2.2))


def test_an_order_fills_after_its_latency_at_the_opposite_quote() -> None:
    case = flat().fold(FIRST, clock(1))
    assert (fills(case), flags(case)) == ([(0.05, 1_001, 10)], [4])


def test_an_order_without_latency_fills_at_its_decision() -> None:
    instrument = another("COIN", latency_ms=0)
    case = Case().market(playbook(), instrument=instrument).fold(FIRST, clock(1))
    assert fills(case) == [(0.0, 1_001, 10)]


def test_a_sale_fills_at_the_bid() -> None:
    assert fills(flat().fold(FALLING, clock(1))) == [(0.25, 1_000, 10)]


def test_the_worst_quote_on_the_way_counts() -> None:
    case = flat().fold(FIRST, quote(0.02, 100.3, 100.4), quote(0.04, 99.0, 99.1), clock(1))
    assert fills(case) == [(0.05, 1_004, 10)]


def test_a_better_quote_on_the_way_does_not_help() -> None:
    assert fills(flat().fold(FIRST, quote(0.02, 99.0, 99.1), clock(1)))[0][1] == 1_001


def test_trades_and_crossed_quotes_do_not_move_the_worst_quote() -> None:
    on_the_way = [trade(0.02, 105.0), crossed(0.03), quote(0.04, 100.0, 100.1)]
    assert fills(flat().fold(FIRST, *on_the_way, clock(1))) == [(0.05, 1_001, 10)]


def test_each_step_of_the_ladder_is_one_fill_of_the_displayed_size() -> None:
    case = flat().fold(quote(0, 100.0, 100.1, ask_size=0.4), clock(1))
    assert fills(case) == [(0.05, 1_001, 4), (0.05, 1_002, 4), (0.05, 1_003, 2)]
    assert flags(case) == [0, 0, 4]


def test_the_ladder_takes_the_size_displayed_at_its_arrival() -> None:
    case = flat().fold(FIRST, quote(0.02, 100.0, 100.1, ask_size=0.6), clock(1))
    assert fills(case) == [(0.05, 1_001, 6), (0.05, 1_002, 4)]


@pytest.mark.parametrize(
    ("size", "lots"),
    [(0.05, [1] * 10), (0.59, [5, 5]), (0.1 * 3 - 1e-9, [3, 3, 3, 1]), (np.nan, [10])],
)
def test_displayed_sizes_are_whole_lots_and_at_least_one(size: float, lots: list[int]) -> None:
    case = flat().fold(quote(0, 100.0, 100.1, ask_size=size), clock(1))
    assert [fill[2] for fill in fills(case)] == lots


def test_an_unknown_size_is_the_assumed_one() -> None:
    instrument = another("COIN", assumed_size=COIN_HALF)
    case = Case().market(playbook(), instrument=instrument)
    case.fold(quote(0, 100.0, 100.1, ask_size=np.nan), clock(1))
    assert fills(case) == [(0.05, 1_001, 5), (0.05, 1_002, 5)]


def test_the_rest_of_an_entry_beyond_its_limit_is_cancelled() -> None:
    case = flat(ONE_TICK).fold(quote(0, 100.0, 100.1, ask_size=0.4), clock(1))
    assert fills(case) == [(0.05, 1_001, 4), (0.05, 1_002, 4)]
    assert (works(case, Purpose.ENTRY), case.row["position_lots"]) == (False, 8)


def test_an_entry_fills_at_its_limit_and_not_beyond() -> None:
    at_limit = flat(ONE_TICK).fold(FIRST, quote(0.02, 100.1, 100.2), clock(1))
    beyond = flat(ONE_TICK).fold(FIRST, quote(0.02, 100.2, 100.3), clock(1))
    assert (fills(at_limit), fills(beyond)) == ([(0.05, 1_002, 10)], [])


def test_an_entry_without_a_fill_leaves_the_market_flat() -> None:
    case = flat(ONE_TICK).fold(FIRST, quote(0.02, 100.2, 100.3), quote(1, 100.0, 100.1))
    assert entries(case) == [0.0, 1.0]
    assert case.trades == []


def test_a_position_of_a_partly_filled_entry_is_looked_at_from_the_next_tick() -> None:
    case = flat({"exit": {"stop": "1tick"}, "entry": {"limit_offset": "2tick"}})
    case.fold(FIRST, quote(0.02, 100.0, 100.2, ask_size=0.4), quote(1, 100.0, 100.1))
    assert fills(case)[:2] == [(0.05, 1_002, 4), (0.05, 1_003, 4)]
    assert exits(case) == [(1.0, "hard_stop")]


@pytest.mark.parametrize(("stale_s", "count"), [(0.05, 1), (0.049, 0)])
def test_an_entry_that_meets_a_stale_book_is_cancelled(stale_s: float, count: int) -> None:
    case = flat(limits=limited(stale_quote_s=stale_s)).fold(FIRST, clock(1))
    assert (len(fills(case)), works(case, Purpose.ENTRY)) == (count, False)


def test_an_entry_that_meets_an_invalid_book_is_cancelled() -> None:
    case = flat().fold(FIRST, crossed(0.04), quote(0.06, 100.0, 100.1))
    assert (fills(case), entries(case)) == ([], [0.0, 0.06])


def test_an_exit_that_meets_an_invalid_book_waits_for_the_next_quote() -> None:
    case = holding().fold(bid(2, 98.1), crossed(2.02), trade(2.3, 98.1), bid(2.5, 98.0))
    assert fills(case)[1:] == [(2.5, 980, 10)]
    assert (flags(case)[1:], len(exits(case))) == ([6], 1)


def test_an_exit_that_meets_a_stale_book_waits_for_the_next_quote() -> None:
    case = flat(limits=limited(stale_quote_s=0.04)).fold(FIRST, quote(0.03, 100.0, 100.1))
    case.fold(bid(2, 98.1), clock(2.4), bid(2.5, 98.3))
    assert fills(case)[1:] == [(2.5, 981, 10)]


def test_the_rest_of_an_exit_waits_for_the_next_quote() -> None:
    case = part_left()
    assert fills(case)[1:] == [(2.05, 981, 4), (2.05, 980, 4)]
    assert works(case, Purpose.EXIT)
    assert fills(case.fold(trade(2.3, 99.0), bid(2.5, 98.4)))[3:] == [(2.5, 981, 2)]


def test_a_waiting_exit_starts_its_ladder_anew_with_each_quote() -> None:
    case = part_left().fold(bid(2.5, 98.1, bid_size=0.1), clock(2.6))
    assert fills(case)[3:] == [(2.5, 981, 1), (2.5, 980, 1)]


def test_a_waiting_exit_remembers_the_worst_quote_it_has_seen() -> None:
    case = part_left().fold(bid(2.5, 98.0, bid_size=0.1), bid(2.6, 99.0))
    assert fills(case)[3:] == [(2.5, 980, 1), (2.6, 980, 1)]


def test_a_waiting_exit_never_goes_beyond_its_limit() -> None:
    assert fills(part_left().fold(bid(2.5, 97.9), bid(2.6, 99.0)))[3:] == []


def test_the_rest_of_an_exit_is_sent_again_with_a_wider_limit() -> None:
    case = part_left().fold(clock(4))
    assert exits(case)[1:] == [(3.05, "hard_stop")]
    assert limit_prices(case)[1:] == [980, 979]
    intents = case.kept.of(OutputKind.INTENT)["lots"].tolist()
    assert (intents, fills(case)[3:]) == ([0, 10, 2], [(3.1, 981, 2)])


def test_an_exit_whose_book_is_invalid_at_its_end_goes_on_waiting() -> None:
    case = part_left().fold(crossed(2.5), clock(20))
    assert (len(exits(case)), works(case, Purpose.EXIT)) == (1, True)
    assert fills(case.fold(bid(21, 98.1)))[3:] == [(21.0, 981, 2)]


def test_an_exit_whose_book_is_stale_at_its_end_goes_on_waiting() -> None:
    case = holding({"exit": {"resend_s": 6.0}}).fold(bid(2, 98.1), bid(2.02, 97.0), clock(20))
    assert (len(exits(case)), works(case, Purpose.EXIT)) == (1, True)


def test_an_exit_past_its_end_is_sent_again_at_the_next_quote_that_does_not_fill_it() -> None:
    case = part_left().fold(crossed(2.5), bid(21, 97.0), clock(22))
    assert exits(case)[1:] == [(21.0, "hard_stop")]
    assert fills(case)[3:] == [(21.05, 970, 2)]


def test_a_sale_never_goes_below_one_tick() -> None:
    anything = limited(collar_bps=1e6, hard_collar_bps=1e6)
    cheap = another("COIN", min_notional=Decimal(0), latency_ms=0)
    case = Case(anything).market(playbook({"entry": {"limit_offset": "0tick"}}), instrument=cheap)
    case.fold(quote(0, 0.2, 0.3), quote(1, 0.2, 0.3, bid_size=0.4))
    commanded(case, TradingState.HALTED, 1).fold(quote(2, 0.2, 0.3, bid_size=0.4), clock(3))
    assert fills(case)[1:] == [(2.0, 2, 4), (2.0, 1, 4), (2.0, 1, 2)]


def test_an_assumed_book_lies_around_the_last_trade() -> None:
    case = Case().market(playbook(), book_source=BookSource.ASSUMED)
    case.fold(trade(0, 100.05), clock(1))
    assert (case.row["features"][0]["bid_ticks"], limit_prices(case)) == (999, [1_012])
    assert fills(case) == [(0.05, 1_002, 10)]


def test_a_trade_moves_the_worst_quote_of_an_assumed_book() -> None:
    case = Case().market(playbook(), book_source=BookSource.ASSUMED)
    case.fold(trade(0, 100.0), trade(0.02, 100.5), trade(0.03, 100.0), clock(1))
    assert fills(case) == [(0.05, 1_006, 10)]


def test_a_trade_is_the_next_quote_of_an_exit_in_an_assumed_book() -> None:
    case = Case().market(playbook(ONE_TICK), book_source=BookSource.ASSUMED)
    case.fold(trade(0, 100.0), trade(1, 98.1), crossed(1.02), trade(1.5, 98.1))
    assert fills(case)[1:] == [(1.5, 980, 10)]


def test_nothing_else_happens_on_a_tick_with_a_fill() -> None:
    case = part_left().fold(bid(2.5, 98.4), bid(2.6, 98.4))
    said = case.kept.rows
    assert said["kind"][said["event_ns"] == at(2.5)].tolist() == [OutputKind.FILL]
    assert (entries(case), case.blocked) == ([0.0, 2.6], {})
