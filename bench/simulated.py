"""Row: how fast the simulated market makes ticks."""

import time
from typing import Final

import numpy as np

from domain.rows.tick import TICK
from market.simulated.models import MarketModel, Simulation, sim_alt, sim_coin, sim_share
from market.simulated.simulator import SimulatedMarket

TICKS: Final = 20_000_000
_PIECE: Final = 1_000_000
_REPEATS: Final = 3


def measure_simulated() -> None:
    """Print the time of 20 M ticks of one market, of two and of a share with hours."""
    print("\n| simulated | ticks | hours of it | best of 3, s | M ticks/s |")
    print("|---|---|---|---|---|")
    for name, markets in (
        ("SIM-COIN", (sim_coin(),)),
        ("SIM-COIN, SIM-ALT", (sim_coin(), sim_alt())),
        ("SIM-SHARE", (sim_share(),)),
    ):
        runs = [_run(markets) for _ in range(_REPEATS)]
        best, hours = min(runs)
        print(f"| {name} | {TICKS:,} | {hours:,.0f} | {best:.2f} | {TICKS / best / 1e6:.1f} |")


def _run(markets: tuple[MarketModel, ...]) -> tuple[float, float]:
    """Seconds for all ticks, a piece at a time into one array, and the hours they hold."""
    market, out = SimulatedMarket(Simulation(seed=1, markets=markets)), np.zeros(_PIECE, TICK)
    market.fill(out[:1])  # compiles
    started = time.perf_counter()
    for _ in range(TICKS // _PIECE):
        market.fill(out)
    seconds = time.perf_counter() - started
    held_ns = int(out["event_ns"][-1]) - market.simulation.start_ns
    return seconds, held_ns / 3.6e12
