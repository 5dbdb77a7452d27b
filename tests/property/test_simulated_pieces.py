"""The simulated market in pieces: where they end changes no bit of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.units import SECOND_NS
from market.simulated.faults import BadPrint, CrossedBook, Fault, Gap, Spike, Stall
from market.simulated.models import START_NS, Halt, MarketModel, Simulation, sim_alt, sim_coin
from market.simulated.simulator import SimulatedMarket
from simulated_worlds import digest

TICKS = 1_500  # of two markets about 30 s
MARKETS: tuple[MarketModel, ...] = (sim_coin(), sim_alt())

times = st.integers(START_NS - SECOND_NS, START_NS + 40 * SECOND_NS)
lengths = st.floats(0.0, 10.0)
numbers = st.integers(0, 1)
faults = st.one_of(
    st.builds(Gap, at_ns=times, seconds=lengths, market=st.none() | numbers),
    st.builds(Stall, at_ns=times, seconds=lengths),
    st.builds(Spike, at_ns=times, seconds=lengths, market=numbers, bps=st.floats(-90, 90)),
    st.builds(CrossedBook, at_ns=times, market=numbers),
    st.builds(BadPrint, at_ns=times, market=numbers, factor=st.sampled_from([0.0, 3.0])),
)
halts = st.builds(Halt, market=numbers, at_ns=times, seconds=lengths)


@given(
    st.integers(0, 2**63),
    st.lists(faults, max_size=4),
    st.lists(halts, max_size=2),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_pieces_are_the_whole(
    seed: int, spoiling: list[Fault], halted: list[Halt], sizes: list[int]
) -> None:
    world = Simulation(seed=seed, markets=MARKETS, faults=tuple(spoiling), halts=tuple(halted))
    whole = SimulatedMarket(world).take(TICKS)
    market, left, pieces = SimulatedMarket(world), TICKS, []
    for size in [*sizes, TICKS]:
        pieces.append(market.take(min(size, left)))
        left -= min(size, left)
    assert digest(np.concatenate(pieces)) == digest(whole)


@given(st.integers(0, 1_000), st.lists(st.integers(0, 20 * SECOND_NS), max_size=12))
def test_times_to_stop_at_change_nothing(seed: int, stops: list[int]) -> None:
    world = Simulation(seed=seed, markets=MARKETS)
    end_ns = START_NS + 20 * SECOND_NS
    market = SimulatedMarket(world)
    pieces = [market.until(START_NS + stop) for stop in sorted(stops)]
    pieces.append(market.until(end_ns))
    assert digest(np.concatenate(pieces)) == digest(SimulatedMarket(world).until(end_ns))
    for piece, stop in zip(pieces, sorted(stops), strict=False):
        assert not len(piece) or piece["event_ns"][-1] < START_NS + stop
