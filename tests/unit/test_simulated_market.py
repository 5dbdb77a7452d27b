"""The simulated market: the same from its seed, on its grids, open when it is said to be."""

import os
import subprocess
import sys
from decimal import Decimal
from typing import Final

import numpy as np
import pytest
from msgspec.structs import replace

from config.catalog import load_instrument
from domain.enums import TickKind
from domain.errors import BadInput
from domain.units import SECOND_NS
from market.history.bad_ticks import remove_bad
from market.sessions import session_edges
from market.simulated import simulator
from market.simulated.faults import Gap
from market.simulated.models import (
    START_NS,
    WEATHER,
    Halt,
    MarketModel,
    Planted,
    Simulation,
    Weather,
    sim_coin,
    sim_share,
)
from market.simulated.simulator import SimulatedMarket
from simulated_worlds import ALT, COIN, at, coin, digest, of_kind, on_grid, pair, share
from source_tree import ROOT

DIGEST: Final = "717f1a587ab88b8fe2dab51e9aedf42a"


def test_a_seed_gives_the_same_ticks_each_time() -> None:
    assert digest(pair(3).take(20_000)) == digest(pair(3).take(20_000))


def test_a_seed_gives_these_ticks_on_every_machine() -> None:
    assert digest(pair(3).take(3_000)) == DIGEST


def test_interpreted_code_draws_what_compiled_code_draws() -> None:
    ask = "from simulated_worlds import digest, pair; print(digest(pair(3).take(3_000)))"
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests'}"
    environment = {**os.environ, "AUTOSCALPER_INTERPRET": "1", "PYTHONPATH": path}
    told = subprocess.check_output([sys.executable, "-c", ask], env=environment, text=True)
    assert told.strip() == DIGEST


def test_another_seed_gives_other_ticks() -> None:
    one, other = coin(1), coin(2)
    assert not np.any(one.take(5_000)["event_ns"] == other.take(5_000)["event_ns"])
    one.seconds(600)
    other.seconds(600)
    assert one.mid(COIN) != other.mid(COIN)


def test_a_copy_goes_on_by_itself_from_where_it_was_made() -> None:
    market = pair()
    market.take(777)
    copied = market.copy()
    rest = market.take(5_000)
    assert digest(copied.take(5_000)) == digest(rest)


def test_a_second_market_changes_no_price_of_the_first() -> None:
    alone = of_kind(coin().seconds(600), TickKind.QUOTE)
    beside = of_kind(pair().seconds(600), TickKind.QUOTE)
    assert alone["bid"].tolist() == beside["bid"].tolist()


def test_no_tick_is_bad() -> None:
    rows = coin().take(200_000)
    assert remove_bad(rows).bad == {}


def test_stamps_rise_strictly_and_so_do_the_numbers_of_each_market() -> None:
    rows = pair().take(100_000)
    assert np.all(np.diff(rows["event_ns"]) > 0)
    assert np.all(np.diff(rows["ts_ns"]) >= 0)
    assert np.all(rows["ts_ns"] < rows["event_ns"])
    for market in (COIN, ALT):
        assert np.all(np.diff(rows["seq"][rows["market"] == market]) == 1)


@pytest.mark.parametrize(("market", "name"), [(COIN, "SIM-COIN"), (ALT, "SIM-ALT")])
def test_prices_and_sizes_lie_on_the_grids_of_the_instrument(market: int, name: str) -> None:
    rows, instrument = pair().take(50_000), load_instrument(name)
    own = rows[rows["market"] == market]
    assert all(on_grid(own[column], float(instrument.tick)) for column in ("price", "bid", "ask"))
    assert all(
        on_grid(own[column], float(instrument.lot)) for column in ("size", "bid_size", "ask_size")
    )


def test_prices_are_the_doubles_that_their_decimals_are_read_as() -> None:
    bids = of_kind(pair().take(20_000), TickKind.QUOTE, ALT)["bid"]
    assert bids.tolist() == [float(round(Decimal(bid), 2)) for bid in bids.tolist()]


def test_trades_lie_at_the_quote_that_was_shown() -> None:
    rows = coin().take(50_000)
    quotes = np.maximum.accumulate(np.where(rows["kind"] == TickKind.QUOTE, np.arange(50_000), 0))
    trades = rows["kind"] == TickKind.TRADE
    shown = rows[quotes[trades]]
    expected = np.where(rows["side"][trades] > 0, shown["ask"], shown["bid"])
    assert np.array_equal(rows["price"][trades], expected)


def test_quotes_and_trades_are_mixed_and_come_in_bursts() -> None:
    rows = coin().seconds(1_800)
    assert 0.3 < np.mean(rows["kind"] == TickKind.TRADE) < 0.6
    gaps = np.diff(rows["event_ns"])
    assert np.mean(gaps < 0.05 * np.mean(gaps)) > 0.3  # 0.05 without bursts


def test_a_market_shows_its_news_within_two_milliseconds_of_the_other() -> None:
    rows = pair().seconds(300)
    steps = (rows["event_ns"] - START_NS) // 100_000_000
    for market in (COIN, ALT):
        quotes = of_kind(rows, TickKind.QUOTE, market)
        moved = quotes[1:][np.diff(quotes["bid"] + quotes["ask"]) != 0]
        late = (moved["event_ns"] - START_NS) % 100_000_000
        assert np.quantile(late, 0.99) < 2_000_000
    assert len(np.unique(steps)) > 2_900


def test_a_halt_ends_with_the_book_and_then_nothing_is_said() -> None:
    halt = Halt(market=0, at_ns=at(60), seconds=30)
    rows = coin(halts=(halt,)).seconds(120)
    inside = rows[(rows["event_ns"] >= at(60)) & (rows["event_ns"] < at(90))]
    assert inside["kind"].tolist() == [TickKind.INVALID_BOOK]
    assert inside["event_ns"].tolist() == [at(60)]
    after = rows[rows["event_ns"] >= at(90)]
    assert after["kind"][0] == TickKind.QUOTE
    assert after["event_ns"][0] < at(90.01)


@pytest.mark.parametrize(("first", "second"), [(10, 10), (10, 2)])
def test_two_halts_that_overlap_are_one(first: int, second: int) -> None:
    halts = (
        Halt(market=0, at_ns=at(10), seconds=first),
        Halt(market=0, at_ns=at(15), seconds=second),
    )
    rows = coin(halts=halts).seconds(40)
    inside = rows[(rows["event_ns"] >= at(10)) & (rows["event_ns"] < at(max(20, 15 + second)))]
    assert inside["kind"].tolist() == [TickKind.INVALID_BOOK]


def test_a_halt_stops_only_its_own_market() -> None:
    markets = pair().simulation.markets
    halts = (Halt(market=1, at_ns=at(10), seconds=20),)
    rows = SimulatedMarket(Simulation(seed=1, markets=markets, halts=halts)).seconds(40)
    inside = rows[(rows["event_ns"] > at(10)) & (rows["event_ns"] < at(30))]
    assert set(inside["market"].tolist()) == {COIN}


def test_a_share_trades_in_its_hours_and_not_outside() -> None:
    rows = share().until(at(4 * 24 * 3600))
    hours = load_instrument("SIM-SHARE").session
    assert hours is not None
    edges = session_edges(hours, START_NS, at(4 * 24 * 3600))
    spans = [(edge.open_ns, edge.close_ns) for edge in edges if edge.close_ns <= at(4 * 24 * 3600)]
    inside = sum(
        (rows["event_ns"] >= opens) & (rows["event_ns"] <= closes) for opens, closes in spans
    )
    assert len(spans) == 4  # from Monday on: 1 January is no holiday here
    assert np.all(inside == 1)


def test_the_night_moves_a_share_s_price() -> None:
    quotes = of_kind(share().until(at(3 * 24 * 3600)), TickKind.QUOTE)
    night = int(np.argmax(np.diff(quotes["event_ns"])))
    assert abs(quotes["bid"][night + 1] / quotes["bid"][night] - 1) > 1e-3


def test_hours_are_looked_up_anew_however_long_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    known = digest(share().until(at(3 * 24 * 3600)))
    monkeypatch.setattr(simulator, "_AHEAD_NS", 5 * 3600 * SECOND_NS)
    assert digest(share().until(at(3 * 24 * 3600))) == known


def test_funding_falls_due_by_the_terms_and_pays_neither_side_on_average() -> None:
    stamps = list(pair(7).funding(START_NS, at(400 * 24 * 3600)))
    assert len(stamps) == 2 * (400 * 3 + 1)
    rates = np.array([float(stamp.rate) for stamp in stamps])
    assert abs(rates.mean()) < 3 * rates.std() / np.sqrt(len(rates))
    assert 0.5e-4 < rates.std() < 2e-4
    assert next(pair(7).funding(START_NS, at(24 * 3600))) == stamps[0]
    assert list(share().funding(START_NS, at(24 * 3600))) == []


def test_regimes_are_all_reached_within_hours() -> None:
    market = coin(5)
    market.seconds(3 * 3600)
    assert all(count > 0 for count in market.reached(COIN).values())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"markets": ()}, "0 markets; expected 1 to 8"),
        ({"start_ns": START_NS + 1}, "a multiple of 100000000"),
        ({"halts": (Halt(market=1, at_ns=0, seconds=1),)}, "names market 1; expected 0 to 0"),
        ({"halts": (Halt(market=0, at_ns=0, seconds=-1),)}, "lasts -1 s"),
        ({"faults": (Gap(at_ns=0, seconds=float("nan")),)}, "lasts nan s"),
        ({"planted": Planted(float("inf"))}, "planted is inf"),
        ({"weather": WEATHER[:4]}, "4 regimes; expected 5"),
        (
            {"weather": (*WEATHER[:4], replace(WEATHER[4], following=(0.5, 0, 0, 0, 0)))},
            "what follows crash",
        ),
        ({"markets": (replace(sim_coin(), correlation=1.5),)}, "correlation is 1.5"),
        ({"markets": (replace(sim_coin(), price=0.0),)}, "SIM-COIN: price is 0.0"),
        ({"markets": (replace(sim_share(), depth=float("nan")),)}, "depth is nan"),
    ],
)
def test_what_cannot_be_simulated_is_refused(change: dict[str, object], told: str) -> None:
    world = Simulation(seed=1, markets=(sim_coin(),))
    with pytest.raises(BadInput, match=told):
        SimulatedMarket(replace(world, **change))


def test_simulated_instruments_say_that_they_are() -> None:
    models: list[MarketModel] = [*pair().simulation.markets, sim_share()]
    assert all(model.instrument.simulated for model in models)
    assert not load_instrument("BTCUSDT-usdm").simulated


def test_the_weather_is_one_of_five() -> None:
    assert coin().weather(COIN) in Weather


def test_nights_may_be_cut_anywhere() -> None:
    whole, market = share().until(at(3 * 24 * 3600)), share()
    pieces = [market.until(at(hour * 3600.5)) for hour in range(1, 72)]
    pieces.append(market.until(at(3 * 24 * 3600)))
    assert digest(np.concatenate(pieces)) == digest(whole)
