"""A script is followed to the step, draws nothing, and leaves alone what it does not name."""

import os
import subprocess
import sys
from typing import Final

import numpy as np
import pytest
from msgspec.structs import replace

from domain.arrays import Rows
from domain.enums import TickKind
from domain.errors import BadInput
from market.simulated.models import Simulation, Spell, Weather, sim_alt, sim_coin
from market.simulated.rows import MOST_SPELLS
from market.simulated.simulator import SimulatedMarket
from simulated_worlds import ALT, COIN, at, coin, digest, in_pieces, mids, of_kind
from source_tree import ROOT

STORM: Final = (
    Spell(at_ns=at(60), seconds=20, weather=Weather.CRASH, spread_times=20, depth_times=0.01),
    Spell(at_ns=at(80), seconds=20, market=1, weather=Weather.TREND, ticks_times=3),
)


def scripted(*script: Spell, seed: int = 1) -> SimulatedMarket:
    """Two perpetuals that follow a script."""
    markets = (sim_coin(), sim_alt())
    return SimulatedMarket(Simulation(seed=seed, markets=markets, script=script))


def levels(*script: Spell, seconds: float = 120.0) -> list[float]:
    """The mid of the first market at the end of each second."""
    found: list[float] = mids(scripted(*script).seconds(seconds)).tolist()
    return found


def of_spell(rows: Rows) -> Rows:
    quotes = of_kind(rows, TickKind.QUOTE)
    return quotes[(quotes["event_ns"] >= at(62)) & (quotes["event_ns"] < at(80))]


def test_nothing_changes_before_a_spell_begins() -> None:
    assert levels(*STORM)[:59] == levels()[:59]


def test_a_jump_moves_the_price_in_one_step_and_once() -> None:
    before, after = levels()[70], levels(Spell(at_ns=at(60), seconds=10, jump_bps=100))[70]
    assert after / before - 1 == pytest.approx(0.01, abs=1e-4)


def test_a_drift_moves_the_price_for_as_long_as_its_spell() -> None:
    drifting = Spell(at_ns=at(20), seconds=50, drift_bps=2.0)
    ratios = np.array(levels(drifting)) / np.array(levels())
    assert ratios[44] == pytest.approx(1.005, abs=1e-4)
    assert ratios[[69, 110]] == pytest.approx([1.01, 1.01], abs=1e-4)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_held_trend_goes_where_it_is_told_and_does_not_end(direction: int) -> None:
    trend = Spell(at_ns=at(0), seconds=900, weather=Weather.TREND, direction=direction)
    market = scripted(trend)
    found = mids(market.seconds(900))
    assert direction * (found[-1] / found[0] - 1) > 0.02
    assert market.reached(COIN)[Weather.TREND] == 1


def test_a_held_crash_falls_whatever_direction_is_asked_for() -> None:
    crash = Spell(at_ns=at(10), seconds=20, weather=Weather.CRASH, direction=1)
    found = levels(crash, seconds=30)
    assert found[-1] < 0.99 * found[9]


def test_the_weather_goes_on_by_chance_after_a_spell() -> None:
    market = scripted(Spell(at_ns=at(0), seconds=60, weather=Weather.QUIET))
    market.seconds(59)
    assert market.weather(COIN) is Weather.QUIET
    market.until(at(3_600))
    assert sum(market.reached(COIN).values()) > 3


def test_a_spell_widens_the_spread_and_thins_the_book_and_then_no_longer() -> None:
    calm, storm = scripted().seconds(120), scripted(*STORM).seconds(120)
    wide, usual = (of_spell(rows) for rows in (storm, calm))
    assert np.median(wide["ask"] - wide["bid"]) >= 20 * np.median(usual["ask"] - usual["bid"])
    assert np.median(wide["bid_size"]) < 0.05 * np.median(usual["bid_size"])
    after = of_kind(storm, TickKind.QUOTE)[-1]
    assert after["ask"] - after["bid"] < 5
    assert after["bid_size"] > 0.2


def test_more_ticks_come_where_they_are_asked_for() -> None:
    busy = Spell(at_ns=at(0), seconds=60, market=ALT, ticks_times=4)
    asked, plain = (m.seconds(60)["market"] for m in (scripted(busy), scripted()))
    assert np.sum(asked == ALT) > 2 * np.sum(plain == ALT)
    assert np.sum(asked == COIN) == np.sum(plain == COIN)


def test_where_pieces_end_changes_no_tick_of_a_script() -> None:
    whole = scripted(*STORM).take(4_000)
    assert digest(in_pieces(scripted(*STORM), [1, 999, 2_500, 500])) == digest(whole)
    copied = scripted(*STORM)
    copied.take(1_500)
    assert digest(copied.copy().take(2_500)) == digest(whole[1_500:])


def test_interpreted_code_follows_a_script_as_compiled_code_does() -> None:
    ask = (
        "from test_simulated_script import STORM, digest, scripted;"
        "print(digest(scripted(*STORM).take(3_000)))"
    )
    path = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "unit")))
    environment = {**os.environ, "AUTOSCALPER_INTERPRET": "1", "PYTHONPATH": path}
    told = subprocess.check_output([sys.executable, "-c", ask], env=environment, text=True)
    assert told.strip() == digest(scripted(*STORM).take(3_000))


@pytest.mark.parametrize(
    ("spells", "told"),
    [
        ((Spell(at_ns=at(0), seconds=-1),), "lasts -1 s"),
        ((Spell(at_ns=at(0), seconds=1, market=2),), "names market 2; expected 0 to 1"),
        ((Spell(at_ns=at(0), seconds=1, drift_bps=float("nan")),), "drift_bps is nan"),
        ((Spell(at_ns=at(0), seconds=1, spread_times=0.5),), "spread_times is 0.5; expected 1 to"),
        ((Spell(at_ns=at(0), seconds=1, depth_times=0.0),), "depth_times is 0.0"),
        ((Spell(at_ns=at(0), seconds=1, direction=0),), "direction is 0; expected 1 or -1"),
        (
            (Spell(at_ns=at(0), seconds=9), Spell(at_ns=at(8), seconds=1, market=1)),
            "two spells of market 1 overlap",
        ),
        (
            tuple(Spell(at_ns=at(n), seconds=1) for n in range(MOST_SPELLS // 2 + 1)),
            "at most 64 fit",
        ),
    ],
)
def test_a_script_that_cannot_be_followed_is_refused(spells: tuple[Spell, ...], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        scripted(*spells)


def test_a_market_without_a_script_is_the_same_to_the_bit() -> None:
    empty = SimulatedMarket(replace(coin(4).simulation, script=()))
    assert digest(empty.take(2_000)) == digest(coin(4).take(2_000))
