"""A tick that comes alone is judged as in a file: live and replay see the same ticks."""

import numpy as np
from hypothesis import given

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from market.feeds.tick_judge import TickJudge
from market.history.bad_ticks import Columns, classify
from tick_arrivals import arrivals, clocks, levels
from tick_files import START_NS


def judged(ticks: Rows) -> list[int]:
    """Verdicts of a judge, 0 for a good tick."""
    judge = TickJudge()
    found: list[int] = []
    for tick in ticks:
        ts_ns = 0 if tick["flags"] else int(tick["ts_ns"])
        if tick["kind"] == TickKind.TRADE:
            traded = (float(tick["price"]), float(tick["size"]))
            bad = judge.trade(ts_ns, traded, int(tick["trade_id"]))
        else:
            sizes = (float(tick["bid_size"]), float(tick["ask_size"]))
            bad = judge.quote(ts_ns, float(tick["bid"]), float(tick["ask"]), sizes)
        found.append(0 if bad is None else int(bad))
    return found


def by_column(ticks: Rows) -> list[int]:
    """The same by whole columns."""
    codes = classify(Columns(*(ticks[name].copy() for name in Columns.__struct_fields__)))
    return [int(code) for code in codes]


@given(arrivals())
def test_ticks_are_judged_one_by_one_as_in_a_file(ticks: Rows) -> None:
    assert judged(ticks) == by_column(ticks)


@given(levels())
def test_a_level_is_believed_live_when_it_is_in_a_file(ticks: Rows) -> None:
    assert judged(ticks) == by_column(ticks)


@given(clocks())
def test_a_clock_is_believed_live_when_it_is_in_a_file(ticks: Rows) -> None:
    assert judged(ticks) == by_column(ticks)


def test_late_stamps_agree_with_the_largest_of_theirs_and_not_with_the_last() -> None:
    seconds = [60.0, *([50.0, 49.2, 48.7] * 7), 49.5]
    ticks = np.zeros(len(seconds), TICK)
    ticks["ts_ns"] = START_NS + np.array([round(each * 1e9) for each in seconds])
    ticks["price"], ticks["size"], ticks["kind"] = 100.0, 1.0, TickKind.TRADE
    assert judged(ticks) == by_column(ticks)
