"""Simulated worlds for tests, and what is measured on their ticks."""

import hashlib

import numpy as np
import numpy.typing as npt

from domain.arrays import Rows
from domain.enums import TickKind
from domain.units import SECOND_NS
from market.simulated.faults import Fault
from market.simulated.models import (
    START_NS,
    Halt,
    Planted,
    Simulation,
    sim_alt,
    sim_coin,
    sim_share,
)
from market.simulated.simulator import SimulatedMarket

Series = npt.NDArray[np.float64]
COIN, ALT = 0, 1


def at(seconds: float) -> int:
    """A stamp so many seconds after the start."""
    return START_NS + round(seconds * SECOND_NS)


def coin(
    seed: int = 1, *faults: Fault, planted: Planted | None = None, halts: tuple[Halt, ...] = ()
) -> SimulatedMarket:
    """One perpetual."""
    world = Simulation(
        seed=seed, markets=(sim_coin(),), faults=faults, planted=planted, halts=halts
    )
    return SimulatedMarket(world)


def pair(seed: int = 1, *faults: Fault, correlation: float = 0.7) -> SimulatedMarket:
    """Two perpetuals, the second with a correlation."""
    markets = (sim_coin(), sim_alt(correlation))
    return SimulatedMarket(Simulation(seed=seed, markets=markets, faults=faults))


def share(seed: int = 1) -> SimulatedMarket:
    """One share with hours."""
    return SimulatedMarket(Simulation(seed=seed, markets=(sim_share(),)))


def of_kind(rows: Rows, kind: TickKind, market: int = COIN) -> Rows:
    """The rows of one kind and market."""
    chosen: Rows = rows[(rows["market"] == market) & (rows["kind"] == kind)]
    return chosen


def mids(rows: Rows, market: int = COIN, step_s: float = 1.0) -> Series:
    """The mid at the end of every step, from the first on."""
    quotes = of_kind(rows, TickKind.QUOTE, market)
    stamps = quotes["event_ns"]
    grid = np.arange(at(step_s), int(stamps[-1]), round(step_s * SECOND_NS))
    shown = quotes[np.searchsorted(stamps, grid) - 1]
    middle: Series = 0.5 * (shown["bid"] + shown["ask"])
    return middle


def returns(rows: Rows, market: int = COIN, step_s: float = 1.0) -> Series:
    """Relative changes of the mid, bp."""
    levels = mids(rows, market, step_s)
    changes: Series = 1e4 * np.diff(levels) / levels[:-1]
    return changes


def kurtosis(values: Series) -> float:
    """3 for a normal distribution."""
    centred = values - values.mean()
    return float(np.mean(centred**4) / np.mean(centred**2) ** 2)


def autocorrelation(values: Series, lag: int) -> float:
    """Of a series with itself so many steps later."""
    return correlation(values[:-lag], values[lag:])


def correlation(some: Series, others: Series) -> float:
    """Pearson's."""
    return float(np.corrcoef(some, others)[0, 1])


def flow(rows: Rows, step_s: float) -> Series:
    """Buyers less sellers among the trades of every step, over their number; 0 without any."""
    trades = of_kind(rows, TickKind.TRADE)
    steps = (trades["event_ns"] - START_NS) // round(step_s * SECOND_NS)
    signed = np.bincount(steps, trades["side"])
    found: Series = signed / np.maximum(np.bincount(steps), 1)
    return found


def in_pieces(market: SimulatedMarket, sizes: list[int]) -> Rows:
    """The ticks, asked for in pieces."""
    return np.concatenate([market.take(size) for size in sizes])


def on_grid(values: Series, step: float) -> bool:
    """Whole multiples of a step, as near as decimals can be written."""
    known = values[np.isfinite(values)] / step
    return bool(np.all(np.abs(known - np.rint(known)) < 1e-9 * known))


def digest(rows: Rows) -> str:
    """Of every bit."""
    return hashlib.blake2b(rows.tobytes(), digest_size=16).hexdigest()
