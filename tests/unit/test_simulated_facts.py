"""Stylised facts of the simulated market, and that it drifts nowhere.

Cont (2001), "Empirical properties of asset returns", lists the facts. Seeds are fixed, so that a
tolerance fails by a change and never by chance.
"""

from typing import Final

import numpy as np
import pytest

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from market.simulated.models import Planted, Weather
from simulated_worlds import (
    ALT,
    COIN,
    Series,
    at,
    autocorrelation,
    coin,
    correlation,
    flow,
    kurtosis,
    of_kind,
    pair,
    returns,
)

HOURS: Final = 3
SEEDS: Final = range(8)


@pytest.fixture(scope="module")
def worlds() -> list[Rows]:
    """Three hours of two markets for each seed."""
    return [pair(seed).seconds(HOURS * 3600) for seed in SEEDS]


@pytest.fixture(scope="module")
def by_second(worlds: list[Rows]) -> list[Series]:
    """Returns of the first market over a second, bp."""
    return [returns(rows) for rows in worlds]


def test_tails_are_fat_and_grow_thinner_over_a_minute(
    worlds: list[Rows], by_second: list[Series]
) -> None:
    by_minute = [kurtosis(returns(rows, step_s=60.0)) for rows in worlds]
    assert all(kurtosis(each) > 20 for each in by_second)
    assert 3 < np.median(by_minute) < np.median([kurtosis(each) for each in by_second]) / 4


def test_volatility_comes_in_clusters(by_second: list[Series]) -> None:
    # Sizes without their few largest: jumps are single seconds and hide how long the rest goes on.
    sizes = [np.minimum(np.abs(each), 10.0) for each in by_second]
    for lag, least in ((1, 0.15), (10, 0.15), (60, 0.05), (180, 0.01)):
        assert np.mean([autocorrelation(each, lag) for each in sizes]) > least


def test_returns_do_not_tell_the_next_ones(by_second: list[Series]) -> None:
    for lag in (1, 2, 5, 30):
        found = np.array([autocorrelation(each, lag) for each in by_second])
        assert abs(found.mean()) < 3 * found.std() / np.sqrt(len(found)) + 0.005


def test_prices_drift_nowhere() -> None:
    out = np.zeros(60_000, TICK)
    changes = []
    for seed in range(400):
        market = coin(seed)
        assert market.fill(out, at(600)) < len(out)
        changes.append(market.mid(COIN) / 50_000.0 - 1.0)
    assert abs(np.mean(changes)) < 3 * np.std(changes) / np.sqrt(len(changes))


@pytest.mark.parametrize("regime", [Weather.RANGE, Weather.TREND, Weather.VOLATILE])
def test_not_even_who_knows_the_regime_knows_the_next_move(regime: Weather) -> None:
    moves: list[float] = []
    backs: list[float] = []
    out = np.zeros(1_000, TICK)
    for seed in range(300, 312):
        market = coin(seed)
        before, back = market.mid(COIN), market.mid(COIN)
        for second in range(1, 1_800):
            here = market.weather(COIN)
            market.fill(out, at(second))
            now = market.mid(COIN)
            if here is regime:
                moves.append(now / before - 1.0)
                backs.append(before / back - 1.0)
            back, before = before, now
    assert abs(np.mean(moves)) < 3 * np.std(moves) / np.sqrt(len(moves))
    product = np.array(moves) * np.sign(backs)
    assert abs(product.mean()) < 3 * product.std() / np.sqrt(len(product))


def test_trends_go_on_until_they_end_and_end_with_what_they_had_to_give_back() -> None:
    going: list[float] = []
    last: list[float] = []
    out = np.zeros(1_000, TICK)
    for seed in range(400, 420):
        market = coin(seed)
        before = market.mid(COIN)
        for second in range(1, 1_800):
            here, direction = market.weather(COIN), market.direction(COIN)
            market.fill(out, at(second))
            now = market.mid(COIN)
            if here is Weather.TREND:
                way = 1e4 * (now / before - 1.0) * direction
                (going if market.weather(COIN) is here else last).append(way)
            before = now
    assert 0.3 < np.mean(going) < 0.7  # bp/s; the regime states 0.5
    assert np.mean(last) < -10
    every = np.array([*going, *last])
    assert abs(every.mean()) < 3 * every.std() / np.sqrt(len(every))


def test_crashes_fall_fast_and_rebound() -> None:
    moves = np.concatenate([returns(coin(seed).seconds(3 * 3600)) for seed in range(30, 36)])
    assert moves.min() < -15
    assert moves.max() > 40


def test_a_crash_only_leads_down() -> None:
    market, out = coin(30), np.zeros(1_000, TICK)
    directions = set()
    for second in range(1, 4 * 3600):
        market.fill(out, at(second))
        if market.weather(COIN) is Weather.CRASH:
            directions.add(market.direction(COIN))
    assert directions == {-1.0}


def test_two_markets_move_together_as_asked(worlds: list[Rows]) -> None:
    found = [correlation(returns(rows), returns(rows, ALT)) for rows in worlds]
    assert np.mean(found) == pytest.approx(0.7, abs=0.06)


@pytest.mark.parametrize("asked", [0.0, 0.4, 1.0])
def test_correlation_is_what_is_asked_for(asked: float) -> None:
    worlds = [pair(seed, correlation=asked).seconds(3600) for seed in range(20, 26)]
    found = [correlation(returns(rows), returns(rows, ALT)) for rows in worlds]
    assert np.mean(found) == pytest.approx(asked, abs=0.12)


def test_trades_have_heavy_tails(worlds: list[Rows]) -> None:
    sizes = np.sort(of_kind(worlds[0], TickKind.TRADE)["size"])
    largest = sizes[-len(sizes) // 100 :]
    hill = 1.0 / np.mean(np.log(largest / largest[0]))
    assert 1.2 < hill < 2.0  # Hill's exponent; 1.6 by construction
    assert largest[-1] > 100 * np.median(sizes)


def test_spreads_widen_and_depth_thins_when_prices_move(worlds: list[Rows]) -> None:
    quotes = np.concatenate([of_kind(rows, TickKind.QUOTE) for rows in worlds])
    wide = (quotes["ask"] - quotes["bid"]) / quotes["bid"] * 1e4
    depth = quotes["bid_size"] + quotes["ask_size"]
    assert np.median(wide) < 0.15
    assert wide.max() > 1.0
    assert wide.max() < 4.0  # half of it is below the maker's fee
    assert np.median(depth[wide > 0.5]) < 0.7 * np.median(depth[wide < 0.15])


def test_order_flow_goes_with_past_moves_and_goes_on(
    worlds: list[Rows], by_second: list[Series]
) -> None:
    for rows, moves in zip(worlds, by_second, strict=True):
        flows = flow(rows, 1.0)
        count = min(len(flows) - 1, len(moves))
        assert correlation(flows[1 : count + 1], moves[:count]) > 0.12
        assert autocorrelation(flows, 1) > 0.05


def _told(market_returns: Series, flows: Series) -> float:
    """How far order flow of the last seconds tells the next ones' return."""
    count = min(len(market_returns), len(flows) - 1)
    past = np.convolve(flows, np.ones(5), "valid")[: count - 10]
    ahead = np.convolve(market_returns, np.ones(5), "valid")[4 : 4 + len(past)]
    return correlation(past, np.clip(ahead, -15, 15))


def test_order_flow_tells_nothing_unless_an_edge_is_planted() -> None:
    fair = [coin(seed).seconds(3600) for seed in range(50, 62)]
    told = np.array([_told(returns(rows), flow(rows, 1.0)) for rows in fair])
    assert abs(told.mean()) < 3 * told.std() / np.sqrt(len(told))


def test_a_planted_edge_is_told_by_order_flow() -> None:
    planted = [coin(seed, planted=Planted(1.0)).seconds(3600) for seed in range(50, 56)]
    told = [_told(returns(rows), flow(rows, 1.0)) for rows in planted]
    assert min(told) > 0.1
