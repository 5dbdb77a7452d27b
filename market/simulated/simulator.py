"""A simulated market: ticks for as long as somebody asks, and the funding of its perpetuals."""

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from itertools import pairwise
from typing import Final

import numpy as np

from domain.arrays import Record, Rows
from domain.events import Funding
from domain.rows.tick import TICK
from domain.units import SECOND_NS, TsNs
from market.history.funding import assumed_stamps
from market.sessions import session_edges
from market.simulated.draws import seeded
from market.simulated.faults import Disturber
from market.simulated.models import (
    MarketModel,
    Simulation,
    Weather,
    checked,
    regimes_of,
    spells_of,
)
from market.simulated.rows import CLOSED, GENERATOR, STEP_NS
from market.simulated.ticks import NEVER_NS, advance

_AHEAD_NS: Final = 100 * 24 * 3600 * SECOND_NS  # for so long hours are looked up at once
_PIECE: Final = 65_536
_SHORT: Final = 256
_RATE_UNIT: Final = Decimal("0.00000001")
_MOST_RATE: Final = 20_000  # units that a funding rate may lie beside the one of the terms: 2 bp


class SimulatedMarket:
    """Equal simulations give equal ticks, in whatever pieces they are asked for.

    Rows are TICK as a feed would deliver them: raw, so that what a fault spoiled is for
    `market.history.bad_ticks` to find. `event_ns` rises strictly unless a stall is asked for.
    """

    def __init__(self, simulation: Simulation) -> None:
        """BadInput says which value cannot be simulated."""
        self.simulation = checked(simulation)
        models = simulation.markets
        self._regimes = regimes_of(simulation.weather)
        self._states = _initial(simulation)
        ratios = [model.instrument.tick.as_integer_ratio() for model in models]
        self._faults = Disturber(simulation.faults, ratios) if simulation.faults else None
        self._known_ns = simulation.start_ns
        self._closed: Rows = np.zeros(0, CLOSED)

    def fill(self, out: Rows, until_ns: int = NEVER_NS) -> int:
        """Write the next ticks before `until_ns` into TICK[n], before any fault; returns how many.

        Only for whoever has asked for no faults: they are applied by `take` and `until`.
        """
        count = 0
        while True:
            bound_ns = min(until_ns, self._known_ns)
            count += advance(self._states, self._regimes, self._closed, bound_ns, out[count:])
            if count == len(out) or bound_ns == until_ns:
                return count
            self._look_ahead()

    def take(self, count: int) -> Rows:
        """The next so many ticks of the market, without those that a gap has lost."""
        return self._delivered(count, NEVER_NS)

    def until(self, until_ns: int) -> Rows:
        """The ticks from where the last call ended to those before a time."""
        pieces, size = [], _SHORT  # a feed asks for a few ticks at a time
        while True:
            pieces.append(self._delivered(size, until_ns))
            if self._filled < size:
                return np.concatenate(pieces)
            size = _PIECE

    def seconds(self, count: float) -> Rows:
        """The ticks of the first so many seconds."""
        return self.until(self.simulation.start_ns + round(count * SECOND_NS))

    def copy(self) -> "SimulatedMarket":
        """Another one that goes on from here by itself."""
        return deepcopy(self)

    def direction(self, market: int) -> float:
        """+1 or -1: where the regime of a market's own factor leads until it ends."""
        return float(self._states[0]["factors"][market]["direction"])

    def reached(self, market: int) -> dict[Weather, int]:
        """How often each regime of a market's own factor has begun."""
        factor = self._states[0]["factors"][market]
        return {kind: int(factor["reached"][kind]) for kind in Weather}

    def weather(self, market: int) -> Weather:
        """The regime of a market's own factor now: nothing that a trader could know."""
        return Weather(int(self._states[0]["factors"][market]["regime"]))

    def mid(self, market: int) -> float:
        """The price behind a market's quotes now, off the grid; no fault touches it."""
        book = self._states[0]["books"][market]
        return float(book["mid"] * book["tick_over"] / book["tick_under"])

    def funding(self, start_ns: int, end_ns: int) -> Iterator[Funding]:
        """The stamps of all perpetuals in a span, both ends included, market by market.

        Rates are drawn around that of the terms, up and down alike and each by itself, so that
        neither side is paid on average and no rate tells the next.
        """
        for model in self.simulation.markets:
            instrument = model.instrument
            if instrument.funding is None:
                continue
            for stamp in assumed_stamps(instrument.funding, start_ns, end_ns):
                purpose = f"funding\0{instrument.name}\0{stamp.at_ns}"
                drawn = seeded(self.simulation.seed, purpose) % (2 * _MOST_RATE + 1) - _MOST_RATE
                rate = stamp.rate + drawn * _RATE_UNIT
                yield Funding(event_ns=TsNs(stamp.at_ns), market=instrument.name, rate=rate)

    def _delivered(self, count: int, until_ns: int) -> Rows:
        out: Rows = np.zeros(count, TICK)
        self._filled = self.fill(out, until_ns)
        rows = out[: self._filled]
        return rows if self._faults is None else self._faults.applied(rows)

    def _look_ahead(self) -> None:
        """Look up when markets are closed some time further on; what was known stays."""
        self._known_ns += _AHEAD_NS
        world = self.simulation
        spans = [
            (number, start_ns, end_ns)
            for number in range(len(world.markets))
            for start_ns, end_ns in _closed_spans(world, number, self._known_ns)
        ]
        self._closed = np.array(spans, CLOSED)
        self._states["books"]["closed_at"] = 0


def _closed_spans(world: Simulation, number: int, until_ns: int) -> list[tuple[int, int]]:
    """Whole steps of the grid in which a market says nothing, in order and apart."""
    spans = [
        (halt.at_ns, halt.at_ns + round(halt.seconds * SECOND_NS))
        for halt in world.halts
        if halt.market == number
    ]
    hours = world.markets[number].instrument.session
    if hours is not None:
        edges = session_edges(hours, world.start_ns, until_ns)
        spans.append((world.start_ns, edges[0].open_ns))
        spans += [(before.close_ns, after.open_ns) for before, after in pairwise(edges)]
    found: list[tuple[int, int]] = []
    for start_ns, end_ns in sorted(spans):
        first, last = start_ns // STEP_NS * STEP_NS, -(-end_ns // STEP_NS) * STEP_NS
        if found and first <= found[-1][1]:
            first, last = found[-1][0], max(found.pop()[1], last)
        if last > first:
            found.append((first, last))
    return found


def _initial(world: Simulation) -> Rows:
    """GENERATOR[1] one step before the start: then every market opens."""
    states: Rows = np.zeros(1, GENERATOR)
    state = states[0]
    state["markets"] = len(world.markets)
    state["cell_ns"] = world.start_ns - STEP_NS
    state["last_ns"] = state["last_ts_ns"] = world.start_ns - 1
    state["planted"] = 0.0 if world.planted is None else world.planted.bps_per_s
    spells = spells_of(world)
    state["spell_count"] = len(spells)
    state["spells"][: len(spells)] = spells
    for number, model in enumerate(world.markets):
        factor, book = state["factors"][number], state["books"][number]
        factor["random"] = seeded(world.seed, f"factor\0{number}")
        factor["regime"] = Weather.RANGE
        factor["direction"] = 1.0
        factor["heat"] = 1.0
        factor["level"] = factor["volatility"] = world.weather[Weather.RANGE].level
        factor["reached"][Weather.RANGE] = 1
        book["random"] = seeded(world.seed, f"book\0{number}")
        _set_terms(book, model, number)
    return states


def _set_terms(book: Record, model: MarketModel, number: int) -> None:
    instrument = model.instrument
    book["share"] = model.correlation if number else 1.0
    book["own"] = np.sqrt(1.0 - model.correlation**2) if number else 0.0
    book["scale"] = model.volatility
    book["tick_over"], book["tick_under"] = instrument.tick.as_integer_ratio()
    book["lot_over"], book["lot_under"] = instrument.lot.as_integer_ratio()
    tick_bps = 1e4 * float(instrument.tick) / model.price
    book["spread"] = max(1.0, model.spread_bps / tick_bps)
    book["spread_per_variance"] = model.spread_per_variance / tick_bps
    book["most_spread"] = max(1.0, model.most_spread_bps / tick_bps)
    book["depth"] = model.depth / float(instrument.lot)
    book["trade"] = model.trade / float(instrument.lot)
    book["gap_ns"] = SECOND_NS / model.ticks_per_s
    book["trades"] = model.trades
    book["mid"] = model.price / float(instrument.tick)
    book["volatility"] = model.volatility
    book["wave"] = book["sweep"] = 1
    book["closed"] = 1
    book["ordinary_ns"] = NEVER_NS
    book["spell_spread"] = book["spell_depth"] = book["spell_gap"] = 1.0
