"""Faults of the simulated market: each where it was asked for, and nowhere else."""

import math

import numpy as np
import pytest

from config.catalog import load_instrument
from domain.arrays import Rows
from domain.enums import BadTick, TickKind
from market.history.bad_ticks import remove_bad
from market.simulated.faults import BadPrint, CrossedBook, Fault, Gap, Spike, Stall
from simulated_worlds import ALT, COIN, at, digest, on_grid, pair

SECONDS = 120


def both(*faults: Fault) -> tuple[Rows, Rows]:
    """The same ticks without faults and with them."""
    return pair().seconds(SECONDS), pair(1, *faults).seconds(SECONDS)


def within(rows: Rows, first: float, last: float) -> np.ndarray:
    return (rows["event_ns"] >= at(first)) & (rows["event_ns"] < at(last))


def test_a_gap_loses_the_ticks_of_its_market_and_their_numbers() -> None:
    fair, found = both(Gap(at_ns=at(50), seconds=10, market=COIN))
    lost = within(fair, 50, 60) & (fair["market"] == COIN)
    assert lost.sum() > 100
    assert digest(found) == digest(fair[~lost])


def test_a_gap_of_all_markets_leaves_nothing() -> None:
    fair, found = both(Gap(at_ns=at(50), seconds=10))
    assert digest(found) == digest(fair[~within(fair, 50, 60)])


def test_a_stall_delivers_late_what_was_sent_in_time() -> None:
    fair, found = both(Stall(at_ns=at(50), seconds=10))
    held = within(fair, 50, 60)
    assert set(found["event_ns"][held].tolist()) == {at(60)}
    assert np.array_equal(found["recv_ns"], found["event_ns"])
    assert np.array_equal(found["ts_ns"], fair["ts_ns"])
    assert np.all(np.diff(found["event_ns"]) >= 0)
    assert digest(found[~held]) == digest(fair[~held])
    assert all(remove_bad(found[found["market"] == each]).bad == {} for each in (COIN, ALT))


def test_a_spike_moves_prices_on_the_grid_and_takes_them_back() -> None:
    fair, found = both(Spike(at_ns=at(50), seconds=2, market=ALT, bps=80))
    moved = within(fair, 50, 52) & (fair["market"] == ALT)
    for name in ("price", "bid", "ask"):
        known = moved & np.isfinite(fair[name])
        away = 1e4 * (found[name][known] / fair[name][known] - 1)
        assert np.all(np.abs(away - 80) < 0.2)
        assert on_grid(found[name], float(load_instrument("SIM-ALT").tick))
    assert np.allclose(
        (found["ask"] - found["bid"])[moved], (fair["ask"] - fair["bid"])[moved], equal_nan=True
    )
    assert digest(found[~moved]) == digest(fair[~moved])


def test_a_crossed_book_is_found_as_one() -> None:
    fair, found = both(CrossedBook(at_ns=at(50), market=COIN))
    changed = np.flatnonzero(found["bid"] > found["ask"])
    assert len(changed) == 1
    assert at(50) <= found["event_ns"][changed[0]] < at(50.3)
    assert (found["bid"][changed[0]], found["ask"][changed[0]]) == (
        fair["ask"][changed[0]],
        fair["bid"][changed[0]],
    )
    assert remove_bad(found[found["market"] == COIN]).bad == {BadTick.CROSSED: 1}


@pytest.mark.parametrize(
    ("factor", "kind"),
    [
        (3.0, BadTick.ABSURD),
        (0.0, BadTick.ZERO),
        (-1.0, BadTick.NEGATIVE),
        (math.nan, BadTick.NON_FINITE),
    ],
)
def test_a_bad_print_is_found_as_what_it_is(factor: float, kind: BadTick) -> None:
    _, found = both(BadPrint(at_ns=at(50), market=ALT, factor=factor))
    assert remove_bad(found[found["market"] == ALT]).bad == {kind: 1}
    assert remove_bad(found[found["market"] == COIN]).bad == {}


def test_faults_move_no_price_behind_the_quotes() -> None:
    spoiled = pair(
        1, Spike(at_ns=at(5), seconds=5, market=COIN, bps=-50), Gap(at_ns=at(7), seconds=1)
    )
    fair = pair()
    spoiled.seconds(60)
    fair.seconds(60)
    assert spoiled.mid(COIN) == fair.mid(COIN)


def test_a_fault_before_the_first_tick_of_its_kind_strikes_that_one() -> None:
    _, found = both(BadPrint(at_ns=0, market=COIN, factor=3.0))
    trades = found[(found["kind"] == TickKind.TRADE) & (found["market"] == COIN)]
    assert trades["price"][0] > 2 * trades["price"][1]
