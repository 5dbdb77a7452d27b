"""Nobody wins in the simulated market: every playbook loses about what it pays, on every seed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from agent.app import run_replay
from agent.replay.outcome import ReplayOutcome
from agent.replay.request import ReplayRequest
from config.catalog import list_playbooks
from domain.events import Funding
from market.history.funding import read_funding
from market.history.parquet import read_ticks
from market.simulated.frames import funding_frame, tick_frame
from market.simulated.models import START_NS, Planted
from simulated_worlds import Series, at, coin, digest

SEEDS: Final = 100
SECONDS: Final = 4_500
FEW_SEEDS: Final = 10
FEW_SECONDS: Final = 900
BUSY: Final = ("probe", "baseline", "momentum")


def files(folder: Path, seeds: int, seconds: int, planted: Planted | None = None) -> Iterator[Path]:
    """A file of ticks for each seed, there while it is looked at."""
    for seed in range(seeds):
        path = folder / f"SIM-COIN-{seed}.parquet"
        tick_frame(coin(seed, planted=planted).seconds(seconds)).write_parquet(path)
        yield path
        path.unlink()


def replayed(path: Path, playbook: str) -> ReplayOutcome:
    return run_replay(ReplayRequest(paths=(path,), playbook=playbook), lambda *_: None)


def nets(paths: Iterator[Path], playbooks: Sequence[str]) -> dict[str, Series]:
    """Net of every trade by playbook, bp of what was traded."""
    found: dict[str, list[float]] = {name: [] for name in playbooks}
    for path in paths:
        for name in playbooks:
            for trade in replayed(path, name).trades:
                worth = float(trade.quantity * trade.entry_price)
                found[name].append(1e4 * float(trade.money.net) / worth)
    return {name: np.array(each) for name, each in found.items()}


def half_width(values: Series) -> float:
    """Of the 95 % interval of the mean."""
    return float(1.96 * values.std() / np.sqrt(len(values)))


def test_busy_playbooks_lose_about_their_costs_on_a_few_seeds(tmp_path: Path) -> None:
    found = nets(files(tmp_path, FEW_SEEDS, FEW_SECONDS), BUSY)
    for each in found.values():
        assert len(each) >= 20
        assert each.mean() + half_width(each) < 0
        assert abs(each.mean() + 10.4) < 4  # two taker's fees of 5 bp, the spread and slippage


@pytest.mark.nightly
def test_every_playbook_trades_and_none_wins_over_a_hundred_seeds(tmp_path: Path) -> None:
    found = nets(files(tmp_path, SEEDS, SECONDS), list_playbooks())
    assert {name: len(each) for name, each in found.items() if len(each) < 100} == {}
    assert {name: each.mean() for name, each in found.items() if each.mean() > 0} == {}


@pytest.mark.nightly
def test_a_planted_edge_is_won_by_who_follows_order_flow(tmp_path: Path) -> None:
    fair = nets(files(tmp_path, 5, SECONDS), ("momentum",))["momentum"]
    planted = nets(files(tmp_path, 5, SECONDS, Planted(2.0)), ("momentum",))["momentum"]
    assert planted.mean() - half_width(planted) > fair.mean() + half_width(fair)


def test_a_replay_of_simulated_ticks_says_that_they_are(tmp_path: Path) -> None:
    path = tmp_path / "SIM-COIN.parquet"
    tick_frame(coin().seconds(60)).write_parquet(path)
    assert "SIM-COIN: SIMULATED: no such market exists" in replayed(path, "probe").summary.assumed


def test_a_file_holds_the_ticks_that_were_written(tmp_path: Path) -> None:
    path = tmp_path / "SIM-COIN.parquet"
    rows = coin().seconds(60)
    tick_frame(rows).write_parquet(path)
    assert digest(read_ticks(path, 0).ticks) == digest(rows)


def test_funding_is_read_back_as_it_was_drawn(tmp_path: Path) -> None:
    path = tmp_path / "SIM-COIN-funding.parquet"
    stamps: list[Funding] = list(coin().funding(START_NS, at(3 * 24 * 3600)))
    funding_frame(stamps).write_parquet(path)
    found = read_funding(path)
    assert found.bad == {}
    assert [(each.at_ns, each.rate) for each in found.stamps] == [
        (each.event_ns, each.rate) for each in stamps
    ]
