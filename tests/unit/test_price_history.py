"""The line of prices of a live view: the last mid of each second, and where a moment lies on it."""

from math import isnan

import numpy as np
import pytest

from agent.live.price_history import KEPT, PriceHistory
from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from domain.units import SECOND_NS


def quoted(instrument: int, *mids: float) -> Rows:
    """Quotes of one instrument, and a trade that says nothing of the book."""
    rows = np.zeros(len(mids) + 1, TICK)
    rows["market"], rows["kind"] = instrument, TickKind.QUOTE
    rows["bid"][:-1] = rows["ask"][:-1] = mids
    rows["kind"][-1], rows["price"][-1] = TickKind.TRADE, 999.0
    return rows


def test_the_last_mid_of_a_second_is_kept_and_the_newest_is_at_the_end() -> None:
    history = PriceHistory(2)
    for second, mids in enumerate([(1.0, 2.0), (3.0,), (4.0, 5.0)]):
        history.see(quoted(1, *mids))
        history.turn((10 + second) * SECOND_NS)
    assert history.of(1) == (2.0, 3.0, 5.0, 5.0)
    assert history.of(0) == ()


def test_a_second_without_a_quote_repeats_the_mid_before() -> None:
    history = PriceHistory(1)
    history.see(quoted(0, 7.0))
    history.turn(10 * SECOND_NS)
    history.turn(13 * SECOND_NS)
    assert history.of(0) == (7.0,) * 5


def test_no_more_is_kept_than_is_shown() -> None:
    history = PriceHistory(1)
    history.see(quoted(0, 7.0))
    for second in (10, 20, 10_000):
        history.turn(second * SECOND_NS)
    assert len(history.of(0)) == KEPT + 1
    assert not any(isnan(each) for each in history.of(0))


@pytest.mark.parametrize(("ago_s", "place"), [(0, 3), (2, 1), (3, 0), (4, None)])
def test_a_moment_has_its_place_as_long_as_it_is_shown(ago_s: int, place: int | None) -> None:
    history = PriceHistory(1)
    history.see(quoted(0, 7.0))
    for second in (10, 11, 12):
        history.turn(second * SECOND_NS)
    assert history.bucket_of(0, (12 - ago_s) * SECOND_NS) == place
