"""Ticks of one source, good and bad, for properties."""

import numpy as np
from hypothesis import strategies as st

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from market.history.bad_ticks import UNSTAMPED
from tick_files import START_NS

# Near 100 most of the time, so that levels are kept, left and believed again.
NUMBERS = st.one_of(
    st.floats(80.0, 120.0),
    st.sampled_from([0.0, -1.0, 30.0, 60.0, 190.0, 250.0, np.nan, np.inf, -np.inf]),
)
STEPS = st.sampled_from([0, 1_000_000, 400_000_000, -300_000_000, -1_500_000_000])


@st.composite
def arrivals(draw: st.DrawFn) -> Rows:
    """Trades and quotes of one source, good and bad."""
    count = draw(st.integers(1, 60))
    array = np.zeros(count, TICK)
    for name in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        array[name] = draw(st.lists(NUMBERS, min_size=count, max_size=count))
    kinds = st.sampled_from([int(TickKind.TRADE), int(TickKind.QUOTE)])
    array["kind"] = draw(st.lists(kinds, min_size=count, max_size=count))
    array["trade_id"] = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    array["ts_ns"] = START_NS + np.cumsum(draw(st.lists(STEPS, min_size=count, max_size=count)))
    array["event_ns"] = np.maximum.accumulate(array["ts_ns"])
    array["seq"] = np.arange(count)
    return array


@st.composite
def levels(draw: st.DrawFn) -> Rows:
    """Trades that jump between levels and stay there for a while."""
    stay = st.tuples(st.sampled_from([40, 100, 250]), st.integers(1, 25))
    runs = draw(st.lists(stay, max_size=6))
    array = np.zeros(sum(length for _, length in runs), TICK)
    array["price"] = [level for level, length in runs for _ in range(length)]
    array["size"], array["kind"] = 1.0, TickKind.TRADE
    return array


@st.composite
def clocks(draw: st.DrawFn) -> Rows:
    """Trades whose stamps jump, stay for a while and come back; some have none, some no price."""
    stay = st.tuples(st.sampled_from([0, 1, 2, 50, 3600]), st.sampled_from([1, 5, 20, 21, 45]))
    runs = draw(st.lists(stay, max_size=8))
    seconds = [second for second, length in runs for _ in range(length)]
    shifts = st.lists(
        st.sampled_from([0, 0, 0, -1, 1, 5]), min_size=len(seconds), max_size=len(seconds)
    )
    array = np.zeros(len(seconds), TICK)
    array["ts_ns"] = START_NS + np.array(seconds, np.int64) * 10**9
    array["ts_ns"] += np.array(draw(shifts), np.int64) * 250_000_000
    array["price"], array["size"], array["kind"] = 100.0, 1.0, TickKind.TRADE
    array["seq"] = np.arange(len(seconds))
    oddities = st.integers(0, max(0, len(seconds) - 1))
    for row in draw(st.sets(oddities, max_size=min(5, len(seconds)))):
        array["price" if row % 2 else "flags"][row] = 0 if row % 2 else UNSTAMPED
    return array
