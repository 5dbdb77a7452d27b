"""Bad ticks are removed and counted by kind (rules I2, I3)."""

import numpy as np
import pytest

from domain.enums import BadTick, TickKind
from market.history.bad_ticks import UNSTAMPED, remove_bad
from tick_files import quotes, ticks, trades

TRADE, QUOTE = TickKind.TRADE, TickKind.QUOTE


@pytest.mark.parametrize(
    ("kind", "first", "second", "expected"),
    [
        (TRADE, np.nan, 1.0, BadTick.NON_FINITE),
        (TRADE, np.inf, 1.0, BadTick.NON_FINITE),
        (TRADE, 100.0, np.nan, BadTick.NON_FINITE),
        (QUOTE, np.nan, 101.0, BadTick.NON_FINITE),
        (QUOTE, 99.0, -np.inf, BadTick.NON_FINITE),
        (TRADE, -100.0, 1.0, BadTick.NEGATIVE),
        (TRADE, 100.0, -1.0, BadTick.NEGATIVE),
        (QUOTE, -1.0, 0.0, BadTick.NEGATIVE),
        (TRADE, 0.0, 1.0, BadTick.ZERO),
        (TRADE, 100.0, 0.0, BadTick.ZERO),
        (QUOTE, 99.0, 0.0, BadTick.ZERO),
        (QUOTE, 101.0, 99.0, BadTick.CROSSED),
    ],
)
def test_a_bad_tick_is_counted_by_the_first_test_it_fails(
    kind: TickKind, first: float, second: float, expected: BadTick
) -> None:
    cleaned = remove_bad(ticks((0, TRADE, 100.0, 1.0), (1, kind, first, second)))
    assert cleaned.bad == {expected: 1}


def test_good_ticks_stay_as_they_are() -> None:
    good = ticks((0, TRADE, 100.0, 1.0), (1, QUOTE, 99.0, 99.0), (1, TRADE, 101.0, 2.0))
    assert remove_bad(good).ticks.tobytes() == good.tobytes()


def test_a_crossed_quote_invalidates_the_book_in_its_place() -> None:
    cleaned = remove_bad(quotes((99.0, 101.0), (102.0, 101.0), (99.0, 101.0)))
    assert cleaned.ticks["kind"].tolist() == [QUOTE, TickKind.INVALID_BOOK, QUOTE]
    assert np.isnan(cleaned.ticks["bid"]).tolist() == [False, True, False]


def test_the_input_is_not_changed() -> None:
    crossed = quotes((102.0, 101.0))
    before = crossed.tobytes()
    remove_bad(crossed)
    assert crossed.tobytes() == before


@pytest.mark.parametrize("size", [np.nan, 0.0, np.inf, -np.inf])
def test_a_displayed_size_that_says_nothing_is_unknown_not_bad(size: float) -> None:
    quoted = quotes((99.0, 101.0))
    quoted["bid_size"], quoted["ask_size"] = size, 3.0
    cleaned = remove_bad(quoted)
    assert cleaned.bad == {}
    assert np.isnan(cleaned.ticks["bid_size"][0])
    assert cleaned.ticks["ask_size"][0] == 3.0


def test_a_displayed_size_below_zero_is_negative() -> None:
    quoted = quotes((99.0, 101.0))
    quoted["ask_size"] = -1.0
    assert remove_bad(quoted).bad == {BadTick.NEGATIVE: 1}


def test_a_stamp_one_second_back_is_used_and_one_beyond_is_late() -> None:
    back = ticks((5, TRADE, 100.0, 1.0), (4, TRADE, 100.0, 1.0), (3.999, TRADE, 100.0, 1.0))
    assert remove_bad(back).ticks["seq"].tolist() == [0, 1]
    assert remove_bad(back).bad == {BadTick.LATE: 1}


def test_a_tick_without_exchange_stamp_is_never_late() -> None:
    back = ticks((5, TRADE, 100.0, 1.0), (3, TRADE, 100.0, 1.0))
    back["flags"][1] = UNSTAMPED
    assert remove_bad(back).bad == {}


def late(*seconds: float) -> list[int]:
    """Places of late ones among trades with these stamps."""
    stamped = ticks(*((each, TRADE, 100.0, 1.0) for each in seconds))
    return sorted(set(range(len(seconds))) - set(remove_bad(stamped).ticks["seq"].tolist()))


def test_the_twenty_first_tick_after_a_stamp_from_the_future_is_used() -> None:
    after = [1 + 0.1 * i for i in range(500)]
    assert late(0, 3600, *after) == list(range(2, 22))


def test_a_tick_in_time_starts_the_count_of_late_ones_anew() -> None:
    assert late(3600, *[1] * 19, 3600, *[1] * 20, 1, 3600) == [*range(1, 20), *range(21, 41)]


def test_late_ticks_that_are_late_against_each_other_are_not_believed() -> None:
    assert late(3600, *[5, 3] * 30) == list(range(1, 61))
    assert late(3600, *[5, 4] * 10, 4, 3.9) == [*range(1, 21), 22]


def test_a_stamp_from_the_future_may_come_again() -> None:
    assert late(3600, *[1] * 20, 1, 3600, *[2] * 20, 2) == [*range(1, 21), *range(23, 43)]


def test_late_ticks_far_behind_the_believed_ones_stay_late() -> None:
    assert late(3600, *[100] * 20, 100, 98, 100) == [*range(1, 21), 22]


def test_ticks_without_stamp_or_of_no_price_neither_count_as_late_nor_interrupt() -> None:
    back = ticks(*((each, TRADE, 100.0, 1.0) for each in (3600, *[1] * 23)))
    back["flags"][5] = UNSTAMPED
    back["price"][6] = np.nan
    assert remove_bad(back).bad == {BadTick.NON_FINITE: 1, BadTick.LATE: 20}
    assert remove_bad(back).ticks["seq"].tolist() == [0, 5, 23]


def test_the_lowest_stamp_of_all_is_judged_too() -> None:
    lowest = ticks(*((each, TRADE, 100.0, 1.0) for each in range(30)))
    lowest["ts_ns"][0] = np.iinfo(np.int64).min
    assert remove_bad(lowest).bad == {}


@pytest.mark.parametrize(
    ("price", "bad"),
    [(200.0, {}), (200.1, {BadTick.ABSURD: 1}), (50.0, {}), (49.9, {BadTick.ABSURD: 1})],
)
def test_a_price_is_absurd_beyond_twice_or_half(price: float, bad: dict[BadTick, int]) -> None:
    assert remove_bad(trades(100.0, price, 100.0)).bad == bad


def test_the_twenty_first_tick_of_a_new_level_is_believed() -> None:
    cleaned = remove_bad(trades(100.0, *[300.0] * 21))
    assert cleaned.bad == {BadTick.ABSURD: 20}
    assert cleaned.ticks["price"].tolist() == [100.0, 300.0]


def test_a_good_tick_in_between_starts_the_count_anew() -> None:
    cleaned = remove_bad(trades(100.0, *[300.0] * 19, 100.0, *[300.0] * 20))
    assert cleaned.bad == {BadTick.ABSURD: 39}


def test_absurd_ticks_that_disagree_are_not_believed() -> None:
    assert remove_bad(trades(100.0, *[300.0, 900.0] * 30)).bad == {BadTick.ABSURD: 60}


def test_a_crossed_quote_is_no_good_price() -> None:
    cleaned = remove_bad(quotes((99.0, 101.0), (190.0, 180.0), (240.0, 242.0)))
    assert cleaned.bad == {BadTick.CROSSED: 1, BadTick.ABSURD: 1}


def test_after_a_crossed_quote_the_last_good_price_still_counts() -> None:
    mixed = ticks(
        (0, TRADE, 100.0, 1.0),
        (0, TRADE, 300.0, 1.0),
        (0, QUOTE, 103.0, 101.0),
        (0, TRADE, 300.0, 1.0),
    )
    assert remove_bad(mixed).bad == {BadTick.ABSURD: 2, BadTick.CROSSED: 1}


def test_a_trade_id_counts_once_and_equal_prints_are_real() -> None:
    prints = trades(100.0, 100.0, 100.0, 100.0)
    prints["trade_id"] = [7, 7, 0, 0]
    cleaned = remove_bad(prints)
    assert cleaned.bad == {BadTick.DUPLICATE: 1}
    assert cleaned.ticks["seq"].tolist() == [0, 2, 3]


def test_the_id_of_a_bad_print_may_come_again() -> None:
    prints = trades(np.nan, 100.0)
    prints["trade_id"] = 7
    assert remove_bad(prints).bad == {BadTick.NON_FINITE: 1}


def test_no_ticks_are_no_problem() -> None:
    assert remove_bad(trades()).bad == {}
