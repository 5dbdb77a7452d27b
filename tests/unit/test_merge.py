"""Files become spans, in time order; repetitions are new spans."""

import pytest

from domain.enums import BookSource, PriceSource
from domain.errors import BadInput
from domain.units import SECOND_NS
from market.history.merge import WEEK_NS, MarkKind, merge, repetitions
from market.history.parquet import Clock
from tick_files import at, source

START, END = MarkKind.START, MarkKind.END


def test_a_single_file_is_one_span_and_is_not_copied() -> None:
    only = source("a.parquet", 0, 0, 1, 2)
    timeline = merge([only])
    assert timeline.ticks is only.ticks
    assert [(mark.index, mark.kind, mark.event_ns) for mark in timeline.marks] == [
        (0, START, at(0)),
        (3, END, at(2)),
    ]


def test_a_span_starts_before_its_first_tick_and_ends_after_its_last() -> None:
    timeline = merge([source("a.parquet", 0, 0, 2), source("b.parquet", 1, 1, 2, 3)])
    assert timeline.ticks["market"].tolist() == [0, 1, 0, 1, 1]
    assert [(mark.index, mark.kind, mark.span.market) for mark in timeline.marks] == [
        (0, START, 0),
        (1, START, 1),
        (3, END, 0),
        (5, END, 1),
    ]


def test_an_end_comes_before_a_start_at_the_same_place() -> None:
    timeline = merge([source("a.parquet", 1, 0), source("b.parquet", 0, 1)])
    assert [(mark.index, mark.kind) for mark in timeline.marks] == [
        (0, START),
        (1, END),
        (1, START),
        (2, END),
    ]


@pytest.mark.parametrize(("later", "spans"), [(60, 1), (60.000_001, 2)])
def test_files_join_when_the_gap_is_at_most_a_minute(later: float, spans: int) -> None:
    timeline = merge([source("a.parquet", 0, 0), source("b.parquet", 0, later)])
    assert len(timeline.spans) == spans


def test_files_of_one_market_are_taken_in_time_order() -> None:
    late, early = source("a.parquet", 0, 100, 101), source("b.parquet", 0, 0, 1)
    assert merge([late, early]).ticks["event_ns"].tolist() == [at(0), at(1), at(100), at(101)]


def test_files_that_overlap_are_one_span() -> None:
    timeline = merge([source("trades.parquet", 0, 0, 500), source("quotes.parquet", 0, 100, 300)])
    assert [(span.start_ns, span.end_ns) for span in timeline.spans] == [(at(0), at(500))]


def test_equal_stamps_are_ordered_by_market() -> None:
    timeline = merge([source("b.parquet", 1, 0, 0), source("a.parquet", 0, 0, 0)])
    assert timeline.ticks["market"].tolist() == [0, 0, 1, 1]


def test_a_span_says_what_its_prices_and_its_book_come_from() -> None:
    (span,) = merge([source("a.parquet", 0, 0)]).spans
    assert (span.price_source, span.book_source) == (PriceSource.TRADES, BookSource.ASSUMED)


def test_mixed_clocks_are_refused_by_name() -> None:
    sent, got = source("a.parquet", 0, 0), source("b.parquet", 1, 0, clock=Clock.RECV)
    with pytest.raises(BadInput, match=r"a\.parquet is timed by ts_ns and b\.parquet by recv_ns"):
        merge([sent, got])


def test_a_file_given_twice_is_refused() -> None:
    with pytest.raises(BadInput, match=r"a\.parquet is given twice"):
        merge([source("a.parquet", 0, 0, 1), source("a.parquet", 0, 0, 1)])


def test_no_file_is_refused() -> None:
    with pytest.raises(BadInput, match="no file of ticks"):
        merge([])


def test_a_repetition_is_a_week_later_and_a_span_of_its_own() -> None:
    first, second = repetitions(merge([source("a.parquet", 0, 0, 5)]), 2)
    assert second.ticks["event_ns"].tolist() == [at(0) + WEEK_NS, at(5) + WEEK_NS]
    assert second.ticks["ts_ns"].tolist() == [at(0) + WEEK_NS, at(5) + WEEK_NS]
    assert second.ticks["recv_ns"].tolist() == [0, 0]
    assert (first.spans[0].shift_ns, second.spans[0].shift_ns) == (0, WEEK_NS)
    assert second.marks[1].event_ns == at(5) + WEEK_NS


def test_receive_times_are_shifted_where_they_are_the_clock() -> None:
    _, second = repetitions(merge([source("a.parquet", 0, 0, clock=Clock.RECV)]), 2)
    assert second.ticks["recv_ns"].tolist() == [at(0) + WEEK_NS]


def test_a_repetition_keeps_more_than_a_minute_from_the_one_before() -> None:
    week = WEEK_NS // SECOND_NS
    long = merge([source("a.parquet", 0, 0, week - 60)])
    assert next(iter(list(repetitions(long, 2))[1].spans)).shift_ns == 2 * WEEK_NS


@pytest.mark.parametrize(("count", "text"), [(0, "1 or more"), (20_000, "at most")])
def test_an_impossible_number_of_repetitions_is_refused(count: int, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        next(repetitions(merge([source("a.parquet", 0, 0)]), count))
