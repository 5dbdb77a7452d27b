"""What holds for any ticks: none is lost uncounted, none is out of order, no bad one passes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.arrays import Rows
from domain.enums import BadTick
from market.history.bad_ticks import remove_bad
from market.history.merge import MarkKind, merge, repetitions
from market.history.parquet import SourceTicks
from plain_bad_ticks import verdicts
from tick_arrivals import arrivals, clocks, levels
from tick_files import source


@st.composite
def several_sources(draw: st.DrawFn) -> list[SourceTicks]:
    """Files of up to three markets, at times that often coincide and sometimes lie apart."""
    times = st.lists(st.integers(0, 6), min_size=1, max_size=8).map(sorted)
    starts = st.sampled_from([0, 3, 50, 200])
    made = []
    for number in range(draw(st.integers(1, 5))):
        start, market = draw(starts), draw(st.integers(0, 2))
        made.append(source(f"{number}.parquet", market, *(start + each for each in draw(times))))
    return made


@given(arrivals())
def test_every_tick_is_judged_as_if_it_came_alone(ticks: Rows) -> None:
    expected = [code for code in verdicts(ticks) if code]
    assert remove_bad(ticks).bad == {kind: expected.count(kind) for kind in sorted(set(expected))}


@given(arrivals())
def test_what_remains_is_what_was_judged_good_or_crossed(ticks: Rows) -> None:
    remaining = [i for i, code in enumerate(verdicts(ticks)) if code in {0, BadTick.CROSSED}]
    assert remove_bad(ticks).ticks["seq"].tolist() == remaining


@given(levels())
def test_a_level_is_believed_when_the_rule_says(ticks: Rows) -> None:
    assert remove_bad(ticks).bad.get(BadTick.ABSURD, 0) == verdicts(ticks).count(BadTick.ABSURD)


@given(clocks())
def test_a_clock_is_believed_when_the_rule_says(ticks: Rows) -> None:
    remaining = [i for i, code in enumerate(verdicts(ticks)) if not code]
    assert remove_bad(ticks).ticks["seq"].tolist() == remaining


@given(arrivals())
def test_kept_and_dropped_ticks_add_up(ticks: Rows) -> None:
    cleaned = remove_bad(ticks)
    assert len(cleaned.ticks) - cleaned.bad.get(BadTick.CROSSED, 0) + sum(
        cleaned.bad.values()
    ) == len(ticks)


@given(arrivals())
def test_no_bad_tick_survives_a_second_cleaning(ticks: Rows) -> None:
    once = remove_bad(ticks).ticks
    assert not set(remove_bad(once).bad) - {BadTick.LATE, BadTick.ABSURD}


@given(arrivals())
def test_time_never_decreases_among_what_remains(ticks: Rows) -> None:
    assert np.all(np.diff(remove_bad(ticks).ticks["event_ns"]) >= 0)


@given(several_sources())
def test_merged_ticks_are_ordered_and_complete(sources: list[SourceTicks]) -> None:
    merged = merge(sources).ticks
    assert np.all(np.diff(merged["event_ns"]) >= 0)
    assert len(merged) == sum(len(each.ticks) for each in sources)


@given(several_sources())
def test_equal_stamps_keep_the_order_of_their_sources(sources: list[SourceTicks]) -> None:
    ordered = sorted(sources, key=lambda each: (each.market, each.start_ns))
    expected = sorted(
        (int(tick["event_ns"]), number, int(tick["market"]), int(tick["seq"]))
        for number, each in enumerate(ordered)
        for tick in each.ticks
    )
    merged = merge(sources).ticks
    assert merged[["event_ns", "market", "seq"]].tolist() == [(t, m, s) for t, _, m, s in expected]


@given(several_sources())
def test_every_tick_lies_in_exactly_one_span_of_its_market(sources: list[SourceTicks]) -> None:
    timeline = merge(sources)
    running: set[int] = set()
    marks = list(timeline.marks)
    for index, market in enumerate(timeline.ticks["market"].tolist()):
        while marks and marks[0].index <= index:
            mark = marks.pop(0)
            change = running.add if mark.kind is MarkKind.START else running.remove
            change(mark.span.market)
        assert market in running
    assert [mark.kind for mark in marks] == [MarkKind.END] * len(running)


@given(several_sources(), st.integers(1, 4))
def test_repetitions_follow_each_other_and_differ_in_time_only(
    sources: list[SourceTicks], count: int
) -> None:
    played = list(repetitions(merge(sources), count))
    stamps = np.concatenate([each.ticks["event_ns"] for each in played])
    assert np.all(np.diff(stamps) >= 0)
    assert len(played) == count
    assert all(np.array_equal(each.ticks["seq"], played[0].ticks["seq"]) for each in played)
