"""The reference's ticks are delivered to every market in its time, and change no span."""

import numpy as np
import pytest
from msgspec.structs import replace

from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TickKind
from domain.errors import BadInput
from domain.units import SECOND_NS
from market.history.merge import WEEK_NS, ReferenceData, Timeline, merge, repetitions
from market.history.parquet import Clock
from tick_files import at, source


def told(timeline: Timeline) -> list[tuple[float, int, int]]:
    """Second, market and slot of each tick."""
    ticks = timeline.ticks
    seconds = (ticks["event_ns"] - at(0)) / SECOND_NS
    return list(
        zip(seconds.tolist(), ticks["market"].tolist(), ticks["slot"].tolist(), strict=True)
    )


def led(timeline: Timeline) -> Rows:
    found: Rows = timeline.ticks[timeline.ticks["slot"] == 2]
    return found


def test_every_market_gets_the_reference_within_its_own_time() -> None:
    traded = [source("a.parquet", 0, 0, 4), source("b.parquet", 1, 2, 6)]
    timeline = merge(traded, [source("r.parquet", 0, 1, 3, 5)])
    assert told(timeline) == [
        (0, 0, 0),
        (1, 0, 2),
        (2, 1, 0),
        (3, 0, 2),
        (3, 1, 2),
        (4, 0, 0),
        (5, 1, 2),
        (6, 1, 0),
    ]
    assert timeline.delivered == {0: 2, 1: 2}


def test_of_equal_stamps_a_markets_own_tick_comes_before_the_references() -> None:
    timeline = merge([source("a.parquet", 0, 0, 1, 1, 2)], [source("r.parquet", 0, 0, 1, 1)])
    assert told(timeline) == [
        *[(0, 0, 0), (0, 0, 2)],
        *[(1, 0, 0), (1, 0, 0), (1, 0, 2), (1, 0, 2)],
        (2, 0, 0),
    ]


def test_equal_stamps_of_the_reference_go_by_source_then_market_then_seq() -> None:
    traded = [source("b.parquet", 1, 0, 9), source("a.parquet", 0, 0, 9)]
    leading = [source("late.parquet", 0, 3, 3), source("early.parquet", 0, 1, 3)]
    ticks = led(merge(traded, leading))[2:]
    assert ticks["market"].tolist() == [0, 1, 0, 0, 1, 1]
    assert ticks["seq"].tolist() == [1, 1, 0, 1, 0, 1]


def test_spans_are_those_of_the_markets_own_ticks() -> None:
    traded = [source("a.parquet", 0, 10, 20), source("b.parquet", 0, 100, 110)]
    leading = source("r.parquet", 0, *range(5, 130, 5))
    alone, timeline = merge(traded), merge(traded, [leading])
    assert [(s.start_ns, s.end_ns) for s in timeline.spans] == [
        (s.start_ns, s.end_ns) for s in alone.spans
    ]
    seconds = (led(timeline)["event_ns"] - at(0)) // SECOND_NS
    assert seconds.tolist() == [10, 15, 100, 105]  # at the stamp of the last the market has ended
    assert [mark.index for mark in timeline.marks] == [0, 4, 4, 8]


def test_marks_lie_beside_a_markets_own_ticks() -> None:
    traded = [source("a.parquet", 0, 0, 2), source("b.parquet", 1, 2, 4)]
    timeline = merge(traded, [source("r.parquet", 0, 1, 2, 3)])
    assert told(timeline) == [
        (0, 0, 0),
        (1, 0, 2),
        (2, 0, 0),
        (2, 1, 0),
        (2, 1, 2),
        (3, 1, 2),
        (4, 1, 0),
    ]
    assert [(mark.index, mark.span.market) for mark in timeline.marks] == [
        *[(0, 0), (3, 0)],
        *[(3, 1), (7, 1)],
    ]


def test_files_given_are_left_as_they_are() -> None:
    leading = source("r.parquet", 0, 1)
    merge([source("a.parquet", 1, 0, 2)], [leading])
    assert (leading.ticks["market"][0], leading.ticks["slot"][0]) == (0, 0)


def test_a_span_says_what_the_reference_offers_in_its_time() -> None:
    quoted = replace(source("q.parquet", 0, 100, 110), has_trades=False, has_quotes=True)
    traded = [source("a.parquet", 0, 0, 9), source("b.parquet", 0, 100, 109)]
    first, second = merge(traded, [source("r.parquet", 0, 1, 2), quoted]).spans
    assert first.reference == ReferenceData(
        price_source=PriceSource.TRADES, book_source=BookSource.ASSUMED
    )
    assert second.reference == ReferenceData(
        price_source=PriceSource.MID, book_source=BookSource.QUOTES
    )


def test_a_span_without_a_tick_of_the_reference_still_has_one() -> None:
    timeline = merge([source("a.parquet", 0, 0, 9)], [source("r.parquet", 0, 100)])
    assert timeline.spans[0].reference is not None
    assert timeline.delivered == {0: 0}


def test_a_span_without_a_reference_has_none() -> None:
    timeline = merge([source("a.parquet", 0, 0, 9)])
    assert (timeline.spans[0].reference, timeline.delivered) == (None, {})


def test_a_file_may_be_traded_and_lead() -> None:
    btc = source("btc.parquet", 1, 0, 1, 2)
    timeline = merge([source("eth.parquet", 0, 0, 2), btc], [btc])
    assert timeline.delivered == {0: 2, 1: 2}
    assert np.count_nonzero(timeline.ticks["slot"] == 0) == 5


def test_an_invalid_book_is_delivered_and_not_counted() -> None:
    leading = source("r.parquet", 0, 1, 2)
    leading.ticks["kind"][0] = TickKind.INVALID_BOOK
    timeline = merge([source("a.parquet", 0, 0, 9)], [leading])
    assert (len(led(timeline)), timeline.delivered) == (2, {0: 1})


def test_a_repetition_shifts_the_reference_with_the_rest() -> None:
    timeline = merge([source("a.parquet", 0, 0, 5)], [source("r.parquet", 0, 1, 3)])
    _, second = repetitions(timeline, 2)
    assert led(second)["event_ns"].tolist() == [at(1) + WEEK_NS, at(3) + WEEK_NS]
    assert second.spans[0].reference == timeline.spans[0].reference


def test_a_reference_with_another_clock_is_refused_by_name() -> None:
    leading = source("r.parquet", 0, 1, clock=Clock.RECV)
    with pytest.raises(BadInput, match=r"a\.parquet is timed by ts_ns and r\.parquet by recv_ns"):
        merge([source("a.parquet", 0, 0, 5)], [leading])


def test_a_reference_given_twice_is_refused() -> None:
    leading = source("r.parquet", 0, 1)
    with pytest.raises(BadInput, match=r"r\.parquet is given twice as --reference; give it once"):
        merge([source("a.parquet", 0, 0, 5)], [leading, leading])
