"""Sessions that are about prices, spreads and depth. All of them are scripted."""

from typing import Final

from msgspec.structs import replace

from agent.gym.scenario import NOON_NS, Scenario
from domain.units import SECOND_NS
from market.simulated.models import Simulation, Spell, Weather, sim_alt, sim_coin

_SECONDS: Final = 2_700.0
_QUIET, _RANGE, _TREND, _VOLATILE, _CRASH = Weather


def _at(seconds: float) -> int:
    return NOON_NS + round(seconds * SECOND_NS)


def _spell(start_s: float, end_s: float, weather: Weather | None = None) -> Spell:
    return Spell(at_ns=_at(start_s), seconds=end_s - start_s, weather=weather)


def _coin(
    name: str, sentence: str, moment_s: float, *script: Spell, seconds: float = _SECONDS
) -> Scenario:
    """SIM-COIN alone."""
    world = Simulation(seed=0, markets=(sim_coin(),), start_ns=NOON_NS, script=script)
    return Scenario(
        name=name, sentence=sentence, world=world, seconds=seconds, moment_ns=_at(moment_s)
    )


def price_scenarios() -> tuple[Scenario, ...]:
    """In the order in which they are listed."""
    return (*_slow(), *_fast(), *_shocks(), *_books(), _correlated_fall())


def _slow() -> tuple[Scenario, ...]:
    return (
        _coin(
            "quiet",
            "Hardly anything moves for 45 minutes.",
            1_500,
            _spell(0, _SECONDS, _QUIET),
        ),
        _coin(
            "chop",
            "Prices swing around one level and always come back.",
            1_500,
            _spell(0, _SECONDS, _RANGE),
        ),
        _coin(
            "trend-day",
            "After ten minutes prices rise for an hour, about 12 bp a minute.",
            2_000,
            _spell(0, 600, _RANGE),
            replace(_spell(600, 4_200, _TREND), drift_bps=-0.3),
            seconds=4_200.0,
        ),
        _coin(
            "slow-bleed",
            "Prices sink by about 3 bp a minute for an hour, with hardly a swing.",
            2_000,
            replace(_spell(0, 3_600, _QUIET), drift_bps=-0.05),
            seconds=3_600.0,
        ),
    )


def _fast() -> tuple[Scenario, ...]:
    turns = [
        replace(_spell(45.0 * turn, 45.0 * (turn + 1), _TREND), direction=1 - 2 * (turn % 2))
        for turn in range(60)
    ]
    clusters = [
        _spell(240.0 * number, 240.0 * (number + 1), _VOLATILE if number % 2 else _QUIET)
        for number in range(12)
    ]
    return (
        _coin(
            "whipsaw",
            "A trend turns every 45 seconds, just when it is seen.",
            1_200,
            *turns,
        ),
        _coin(
            "melt-up",
            "Prices rise faster and faster for half an hour, then lose 200 bp at once.",
            2_101,
            _spell(0, 300, _RANGE),
            replace(_spell(300, 1_500, _TREND), drift_bps=-0.4),
            replace(_spell(1_500, 1_920, _TREND), drift_bps=-0.1),
            replace(_spell(1_920, 2_100, _TREND), drift_bps=0.5),
            replace(
                _spell(2_100, 2_160, _VOLATILE), jump_bps=-200.0, spread_times=5.0, depth_times=0.2
            ),
        ),
        _coin(
            "volatility-cluster",
            "Four quiet minutes and four wild ones take turns.",
            1_300,
            *clusters,
            seconds=2_880.0,
        ),
    )


def _shocks() -> tuple[Scenario, ...]:
    return (
        _coin(
            "flash-crash",
            "Prices lose about 200 bp within 25 seconds, in an empty book, and soon come back.",
            1_510,
            _spell(0, 1_500, _RANGE),
            replace(
                _spell(1_500, 1_525, _CRASH), spread_times=6.0, depth_times=0.05, ticks_times=2.0
            ),
            replace(
                _spell(1_525, 1_565, _VOLATILE), drift_bps=5.0, spread_times=3.0, depth_times=0.2
            ),
            _spell(1_565, 1_900, _VOLATILE),
        ),
        _coin(
            "news-spike",
            "News moves prices by 80 bp at once; five wild minutes follow.",
            1_201,
            _spell(0, 1_200, _QUIET),
            replace(
                _spell(1_200, 1_220, _VOLATILE), jump_bps=80.0, spread_times=6.0, depth_times=0.1
            ),
            replace(_spell(1_220, 1_500, _VOLATILE), spread_times=1.5),
        ),
    )


def _books() -> tuple[Scenario, ...]:
    return (
        _coin(
            "wide-spreads",
            "From minute ten to 40 the spread is at least forty times the usual one.",
            1_500,
            replace(_spell(600, 2_400), spread_times=40.0),
        ),
        _coin(
            "liquidity-drought",
            "From minute ten to 40 next to nothing stands at the quote, and fewer ticks come.",
            1_500,
            replace(_spell(600, 2_400), spread_times=2.0, depth_times=0.002, ticks_times=0.2),
        ),
    )


def _correlated_fall() -> Scenario:
    """Both perpetuals; a position in each loses at the same time."""
    script = (
        replace(_spell(1_200, 1_380, _TREND), direction=-1, drift_bps=-0.5),
        replace(_spell(1_380, 1_440, _CRASH), drift_bps=8.0, spread_times=2.0, depth_times=0.2),
        _spell(1_440, 2_000, _VOLATILE),
    )
    markets = (sim_coin(), sim_alt(0.9))
    return Scenario(
        name="correlated-fall",
        sentence="SIM-COIN and SIM-ALT fall together for four minutes, at last faster.",
        world=Simulation(seed=0, markets=markets, start_ns=NOON_NS, script=script),
        seconds=_SECONDS,
        moment_ns=_at(1_390),
    )
