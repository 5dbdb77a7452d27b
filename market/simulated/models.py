"""What is to be simulated, as values: markets, regimes, halts, a script, an edge to be planted."""

import math
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from config.catalog import load_instrument
from domain.arrays import Rows
from domain.enums import Word
from domain.errors import BadInput
from domain.instruments import Instrument
from domain.units import SECOND_NS
from market.simulated.faults import Fault
from market.simulated.rows import MOST_MARKETS, MOST_SPELLS, REGIME, SPELL, STEP_NS

START_NS: Final = 1_704_067_200 * SECOND_NS  # 2024-01-01 00:00 UTC
_EARLIEST_NS: Final = 315_532_800 * SECOND_NS  # 1980, as for files
_LATEST_NS: Final = 4_102_444_800 * SECOND_NS  # 2100


class Weather(Word):
    """The regimes of a simulated market; the core's own names (F22) are what it makes of them."""

    QUIET = 0
    RANGE = 1
    TREND = 2
    VOLATILE = 3
    CRASH = 4


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """One regime; fields as in REGIME, `following` are chances that add up to 1."""

    level: float
    mean_s: float
    wave_s: float
    following: tuple[float, float, float, float, float]
    drift: float = 0.0
    pull: float = 0.0
    falls: bool = False


# Levels bracket those of Bitcoin, about 1 bp per square root of a second at 55 % a year. Crashes
# are far more frequent than in life, about one in an hour, so that all is soon seen. By Weather.
WEATHER: Final = (
    Terms(  # quiet
        level=0.4, mean_s=240.0, wave_s=10.0, following=(0.0, 0.5, 0.35, 0.13, 0.02)
    ),
    Terms(  # range
        level=1.2, mean_s=240.0, wave_s=10.0, following=(0.25, 0.0, 0.4, 0.3, 0.05), pull=0.02
    ),
    Terms(  # trend
        level=1.4, mean_s=80.0, wave_s=60.0, following=(0.1, 0.5, 0.0, 0.35, 0.05), drift=0.5
    ),
    Terms(  # volatile
        level=3.0, mean_s=120.0, wave_s=20.0, following=(0.15, 0.4, 0.35, 0.0, 0.1)
    ),
    Terms(  # crash
        level=8.0,
        mean_s=5.0,
        wave_s=30.0,
        following=(0.0, 0.0, 0.0, 1.0, 0.0),
        drift=10.0,
        falls=True,
    ),
)


class MarketModel(msgspec.Struct, frozen=True, kw_only=True):
    """One market.

    price        it starts at, in the instrument's quote currency.
    correlation  with the first market's moves, 0 to 1; of the first it means nothing.
    volatility   in multiples of what the regimes state.
    ticks_per_s  when little happens; several times that when much does.
    trades       share of trades among the ticks that follow no move.
    depth        units at the quote.
    trade        units of the smallest usual trade; the largest has 1,024 times as many.
    spread_bps   when nothing happens, and at least one tick.
    spread_per_variance  bp more for each bp^2/s.
    most_spread_bps      half of it lies below the maker's fee of the shipped perpetuals: whoever
                 makes markets on both sides cannot earn his fees either.
    """

    instrument: Instrument
    price: float
    correlation: float = 0.0
    volatility: float = 1.0
    ticks_per_s: float = 12.0
    trades: float = 0.6
    depth: float = 2.0
    trade: float = 0.01
    spread_bps: float = 0.0
    spread_per_variance: float = 0.01
    most_spread_bps: float = 3.5


class Halt(msgspec.Struct, frozen=True, kw_only=True):
    """The venue stops one market: its book is invalid, then nothing is said until it opens."""

    market: int
    at_ns: int
    seconds: float


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a script: what a market, or each of them (None), does for a while.

    Whoever knows the script knows where prices go: a scripted market is no fair game and proves
    nothing about an edge. A spell that lies in closed time does nothing.

    weather       is held for as long; None: as it comes.
    direction     1 or -1: where a held trend goes; a crash falls.
    drift_bps     a second, on top of what the weather does.
    jump_bps      in the spell's first step.
    spread_times  the spread in multiples of what it would be, beyond `most_spread_bps` too.
    depth_times   likewise what stands at the quote; ticks_times: how many ticks there are.
    """

    at_ns: int
    seconds: float
    market: int | None = None
    weather: Weather | None = None
    direction: int = 1
    drift_bps: float = 0.0
    jump_bps: float = 0.0
    spread_times: float = 1.0
    depth_times: float = 1.0
    ticks_times: float = 1.0

    @property
    def end_ns(self) -> int:
        """The first moment after it."""
        return self.at_ns + round(self.seconds * SECOND_NS)


class Planted(msgspec.Struct, frozen=True):
    """An edge for testing learners: prices follow the side that order flow prefers.

    bps_per_s  how fast, for the 10 s to 60 s that a side is kept. At 0.5 and more it pays the costs
               of the shipped perpetuals.
    """

    bps_per_s: float


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A world: equal ones give equal ticks.

    start_ns  a multiple of 100 ms.
    faults    disturb what is delivered, never the prices behind it.
    planted   None: nobody has an edge.
    script    what happens when, whatever the seed; without it the market is a fair game.
    """

    seed: int
    markets: tuple[MarketModel, ...]
    start_ns: int = START_NS
    halts: tuple[Halt, ...] = ()
    faults: tuple[Fault, ...] = ()
    planted: Planted | None = None
    weather: tuple[Terms, ...] = WEATHER
    script: tuple[Spell, ...] = ()


_SPELL_BOUNDS: Final = {
    "drift_bps": (-100.0, 100.0),
    "jump_bps": (-5_000.0, 5_000.0),
    "spread_times": (1.0, 1_000.0),
    "depth_times": (1e-6, 1e3),
    "ticks_times": (1e-3, 1e2),
}


def sim_coin() -> MarketModel:
    """SIM-COIN: a large perpetual."""
    return MarketModel(instrument=load_instrument("SIM-COIN"), price=50_000.0)


def sim_alt(correlation: float = 0.7) -> MarketModel:
    """SIM-ALT: a smaller perpetual that moves with the first market."""
    return MarketModel(
        instrument=load_instrument("SIM-ALT"),
        price=2_500.0,
        correlation=correlation,
        volatility=1.3,
        ticks_per_s=8.0,
        depth=30.0,
        trade=0.1,
    )


def sim_share() -> MarketModel:
    """SIM-SHARE: a share with hours; nights and week-ends move its price without a tick."""
    return MarketModel(
        instrument=load_instrument("SIM-SHARE"),
        price=100.0,
        volatility=0.8,
        ticks_per_s=8.0,
        depth=400.0,
        trade=5.0,
        most_spread_bps=8.0,
    )


def checked(world: Simulation) -> Simulation:
    """The same. BadInput says which value cannot be simulated."""
    count = len(world.markets)
    if not 1 <= count <= MOST_MARKETS:
        raise BadInput(f"simulation: {count} markets; expected 1 to {MOST_MARKETS}")
    if world.start_ns % STEP_NS or not _EARLIEST_NS <= world.start_ns < _LATEST_NS:
        raise BadInput(
            f"simulation: start_ns is {world.start_ns}; expected a multiple of {STEP_NS} "
            "between 1980 and 2100"
        )
    for model in world.markets:
        _check_model(model)
    for each in (*world.halts, *world.faults, *world.script):
        market, seconds = each.market, getattr(each, "seconds", 0.0)
        if market is not None and not 0 <= market < count:
            raise BadInput(f"simulation: {each} names market {market}; expected 0 to {count - 1}")
        if not (math.isfinite(seconds) and seconds >= 0):
            raise BadInput(f"simulation: {each} lasts {seconds} s; expected 0 or more")
    if world.planted is not None and not math.isfinite(world.planted.bps_per_s):
        raise BadInput(f"simulation: planted is {world.planted.bps_per_s} bp/s; expected a number")
    if len(world.weather) != len(Weather):
        raise BadInput(f"simulation: {len(world.weather)} regimes; expected {len(Weather)}")
    for kind in Weather:
        if not math.isclose(sum(world.weather[kind].following), 1.0):
            raise BadInput(f"simulation: what follows {kind.word} needs chances that add up to 1")
    _check_script(world)
    return world


def _check_script(world: Simulation) -> None:
    for spell in world.script:
        for name, (least, most) in _SPELL_BOUNDS.items():
            found = getattr(spell, name)
            if not least <= found <= most:
                raise BadInput(
                    f"simulation: {spell}: {name} is {found}; expected {least:g} to {most:g}"
                )
        if spell.direction not in (1, -1):
            raise BadInput(f"simulation: {spell}: direction is {spell.direction}; expected 1 or -1")
    spans = _spans(world)
    for (market, _, end_ns, _), (other, start_ns, _, _) in pairwise(spans):
        if market == other and start_ns < end_ns:
            raise BadInput(
                f"simulation: two spells of market {market} overlap at {start_ns}; "
                "let one begin where the other ends"
            )
    if len(spans) > MOST_SPELLS:
        raise BadInput(
            f"simulation: a script of {len(spans)} spells, counted for each market; "
            f"at most {MOST_SPELLS} fit"
        )


def _spans(world: Simulation) -> list[tuple[int, int, int, Spell]]:
    """Market, start, end and spell, in order."""
    found = [
        (market, spell.at_ns, spell.end_ns, spell)
        for spell in world.script
        for market in (range(len(world.markets)) if spell.market is None else (spell.market,))
    ]
    return sorted(found, key=lambda span: span[:3])


def spells_of(world: Simulation) -> Rows:
    """SPELL[n] of the script, in the order in which kernels read them."""
    spans = _spans(world)
    rows = np.zeros(len(spans), SPELL)
    for row, (market, start_ns, end_ns, spell) in zip(rows, spans, strict=True):
        row["market"], row["start_ns"], row["end_ns"] = market, start_ns, end_ns
        row["regime"] = -1 if spell.weather is None else int(spell.weather)
        falls = spell.weather is not None and world.weather[spell.weather].falls
        row["direction"] = -1.0 if falls else float(spell.direction)
        row["drift"], row["jump"] = spell.drift_bps, spell.jump_bps
        row["spread"], row["depth"] = spell.spread_times, spell.depth_times
        row["gap"] = 1.0 / spell.ticks_times
    return rows


def _check_model(model: MarketModel) -> None:
    bounds = {
        "price": (0.0, 1e12),
        "volatility": (0.0, 100.0),
        "ticks_per_s": (1e-3, 1e4),
        "depth": (0.0, 1e12),
        "trade": (0.0, 1e12),
        "correlation": (0.0, 1.0),
        "trades": (0.0, 1.0),
        "spread_bps": (0.0, 1e3),
        "spread_per_variance": (0.0, 1e3),
        "most_spread_bps": (0.0, 1e3),
    }
    for name, (least, most) in bounds.items():
        found = getattr(model, name)
        if not least <= found <= most or (name in {"price", "depth", "trade"} and found == 0):
            raise BadInput(
                f"simulation: {model.instrument.name}: {name} is {found}; "
                f"expected {least:g} to {most:g}"
            )


def regimes_of(weather: tuple[Terms, ...]) -> Rows:
    """REGIME[5]."""
    rows = np.zeros(len(Weather), REGIME)
    for kind in Weather:
        terms, row = weather[kind], rows[kind]
        row["level"], row["drift"], row["pull"] = terms.level, terms.drift, terms.pull
        row["mean_s"], row["wave_s"] = terms.mean_s, terms.wave_s
        row["falls"] = terms.falls
        row["next"] = np.cumsum(terms.following)
    return rows
