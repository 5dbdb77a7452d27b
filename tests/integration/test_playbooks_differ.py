"""Every shipped playbook takes some trade, on generated markets, that no other takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest

from agent.app import run_replay
from agent.replay.request import ReplayRequest
from config.catalog import list_playbooks
from tick_files import START_NS

# A tick is a tenth of a basis point and fees are small, so that expected_move lets trades through.
INSTRUMENT: Final = """
venue = "made-up"
symbol = "MOODY"
quote = "USD"
settle = "USD"
contract = "cfd"
multiplier = "1"
tick = "0.001"
lot = "0.01"
min_notional = "1"
standard_lots = 1000
shortable = true
latency_ms = 50
assumed_half_spread = "0.001"
assumed_size = "100"
fees = { maker = "0.00001", taker = "0.00002" }
"""
SEEDS: Final = (3, 5)
PHASE_S, TICKS_PER_S = 200, 5
# Drift in bp a second (its sign is drawn), noise in bp a tick, pull to the middle, spread in ticks.
MOODS: Final = (
    (0.15, 0.20, 0.000, 1),  # a trend
    (0.80, 0.25, 0.000, 1),  # a run
    (0.00, 0.60, 0.010, 1),  # a range
    (0.00, 2.00, 0.005, 2),  # bursts
    (0.00, 0.05, 0.020, 1),  # quiet
    (0.10, 0.60, 0.000, 30),  # a wide spread
)

Trade = tuple[str, str, int]


def market(seed: int) -> pl.DataFrame:
    """Quotes and trades in turn, five a second, whose mood changes every 200 seconds."""
    rng = np.random.default_rng(seed)
    moods = [MOODS[i] for i in [*rng.permutation(len(MOODS)), *rng.integers(0, len(MOODS), 24)]]
    path, spreads = [], []
    level = 0.0
    for drift, noise, pull, spread in moods:
        middle, sign = level, rng.choice([-1, 1])
        for step in rng.normal(sign * drift / TICKS_PER_S, noise, PHASE_S * TICKS_PER_S):
            level += step - pull * (level - middle)
            path.append(level)
        spreads += [spread] * (PHASE_S * TICKS_PER_S)
    count = len(path)
    bid = np.floor(100_000 * (1 + np.array(path) / 1e4))
    ask = bid + np.array(spreads)
    stamps = START_NS + np.cumsum(rng.integers(1, 2 * 10**9 // TICKS_PER_S, count))
    quote, buyer = rng.random(count) < 0.5, rng.random(count) < 0.5
    nothing = np.full(count, np.nan)
    return pl.DataFrame(
        {
            "ts_ns": stamps,
            "kind": np.where(quote, "quote", "trade"),
            "price": np.where(quote, nothing, np.where(buyer, ask, bid) / 1000),
            "size": np.where(quote, nothing, np.round(rng.exponential(20.0, count) + 0.01, 2)),
            "side": np.where(quote, 0, np.where(buyer, 1, -1)).astype(np.int8),
            "bid": np.where(quote, bid / 1000, nothing),
            "ask": np.where(quote, ask / 1000, nothing),
            "bid_size": np.where(quote, np.round(rng.exponential(60.0, count) + 1, 2), nothing),
            "ask_size": np.where(quote, np.round(rng.exponential(60.0, count) + 1, 2), nothing),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[Trade]]:
    """The trades of every shipped playbook, each by market, side and time of entry."""
    folder = tmp_path_factory.mktemp("moods")
    instrument = folder / "MOODY.toml"
    instrument.write_text(INSTRUMENT)
    paths = [folder / f"{seed}.parquet" for seed in SEEDS]
    for seed, path in zip(SEEDS, paths, strict=True):
        market(seed).write_parquet(path)
    return {
        name: {trade for path in paths for trade in trades(path, instrument, name)}
        for name in list_playbooks()
    }


def trades(path: Path, instrument: Path, playbook: str) -> Iterator[Trade]:
    request = ReplayRequest(paths=(path,), playbook=playbook, instrument=str(instrument))
    for each in run_replay(request, lambda *_: None).trades:
        yield path.stem, each.side, each.entry_ns


@pytest.mark.parametrize("name", list_playbooks())
def test_playbook_takes_a_trade_that_no_other_takes(
    name: str, taken: dict[str, set[Trade]]
) -> None:
    others = set().union(*(found for other, found in taken.items() if other != name))
    assert taken[name] - others
