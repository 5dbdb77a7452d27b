"""Sessions that are about feeds, venues, hours and funding. Prices go by chance but where told."""

from typing import Final

from agent.gym.scenario import NOON_NS, Scenario
from domain.units import SECOND_NS
from market.simulated.faults import BadPrint, CrossedBook, Fault, Gap, Spike, Stall
from market.simulated.models import (
    START_NS,
    Halt,
    Simulation,
    Spell,
    Weather,
    sim_alt,
    sim_coin,
    sim_share,
)

_SECONDS: Final = 2_700.0
_HOUR_S: Final = 3600.0
_OPEN_NS: Final = START_NS + round(38.5 * _HOUR_S * SECOND_NS)  # 09:30 in New York, that Tuesday
_CLOSE_NS: Final = _OPEN_NS + round(6.5 * _HOUR_S * SECOND_NS)
_NIGHT_S: Final = 17.5 * _HOUR_S
_FUNDED_NS: Final = START_NS + round(40 * _HOUR_S * SECOND_NS)  # a stamp: 16:00 UTC


def _at(seconds: float) -> int:
    return NOON_NS + round(seconds * SECOND_NS)


def _coin(name: str, sentence: str, moment_s: float, *faults: Fault) -> Scenario:
    """SIM-COIN alone, with what goes wrong between it and us."""
    world = Simulation(seed=0, markets=(sim_coin(),), start_ns=NOON_NS, faults=faults)
    return Scenario(
        name=name, sentence=sentence, world=world, seconds=_SECONDS, moment_ns=_at(moment_s)
    )


def venue_scenarios() -> tuple[Scenario, ...]:
    """In the order in which they are listed."""
    return (
        *_feeds(),
        _bad_prints(),
        _exchange_halt(),
        _gap_open(),
        _session_end(),
        _funding_stamp(),
    )


def _feeds() -> tuple[Scenario, ...]:
    lengths = (2.0, 5.0, 12.0, 20.0, 45.0, 90.0)
    stalls = [Stall(at_ns=_at(300 + 360 * n), seconds=each) for n, each in enumerate(lengths)]
    gaps = [Gap(at_ns=_at(300 + 360 * n), seconds=each) for n, each in enumerate(lengths)]
    crossed = [CrossedBook(at_ns=_at(120 + 20 * n), market=0) for n in range(60)]
    storm = [CrossedBook(at_ns=_at(1_500 + 0.2 * n), market=0) for n in range(150)]
    return (
        _coin(
            "feed-stall",
            "Six times the feed stands still, for 2 to 90 seconds, then delivers all at once.",
            1_410,
            *stalls,
        ),
        _coin(
            "feed-gap",
            "Six times ticks are lost, for 2 to 90 seconds.",
            1_420,
            *gaps,
        ),
        _coin(
            "crossed-books",
            "Every 20 seconds a bid lies above its ask; for half a minute every third quote.",
            1_510,
            *crossed,
            *storm,
        ),
    )


def _bad_prints() -> Scenario:
    factors = (3.0, 0.0, -1.0, float("nan"), 1.01, 0.99)
    prints = [
        BadPrint(at_ns=_at(120 + 40 * n), market=0, factor=factors[n % len(factors)])
        for n in range(60)
    ]
    spikes = [
        Spike(at_ns=_at(600 + 300 * n), seconds=0.5, market=0, bps=-60.0 + 120.0 * (n % 2))
        for n in range(6)
    ]
    return _coin(
        "bad-prints",
        "Prints at absurd prices or 1 % off; six times all prices lie 60 bp away for 0.5 s.",
        900,
        *prints,
        *spikes,
    )


def _exchange_halt() -> Scenario:
    """Prices move behind a halt, without a tick."""
    halt = Halt(market=0, at_ns=_at(1_200), seconds=600.0)
    behind = Spell(at_ns=_at(1_700), seconds=10.0, jump_bps=-100.0)
    world = Simulation(
        seed=0, markets=(sim_coin(),), start_ns=NOON_NS, halts=(halt,), script=(behind,)
    )
    return Scenario(
        name="exchange-halt",
        sentence="The venue stops for ten minutes and opens again about 100 bp lower.",
        world=world,
        seconds=_SECONDS,
        moment_ns=_at(1_801),
    )


def _gap_open() -> Scenario:
    """The last half hour of a day and the first of the next."""
    start_ns = _CLOSE_NS - 1_800 * SECOND_NS
    opens_ns = _CLOSE_NS + round(_NIGHT_S * SECOND_NS)
    opening = Spell(
        at_ns=opens_ns, seconds=300.0, weather=Weather.VOLATILE, jump_bps=-300.0, spread_times=3.0
    )
    world = Simulation(seed=0, markets=(sim_share(),), start_ns=start_ns, script=(opening,))
    return Scenario(
        name="gap-open",
        sentence="SIM-SHARE closes for the night and opens about 300 bp lower.",
        world=world,
        seconds=1_800.0 + _NIGHT_S + 2_400.0,
        moment_ns=opens_ns + SECOND_NS,
    )


def _session_end() -> Scenario:
    """The last hour of a day: no entries after 15:45, flat before 16:00."""
    start_ns = _CLOSE_NS - 3_600 * SECOND_NS
    rising = Spell(
        at_ns=start_ns, seconds=3_600.0, weather=Weather.TREND, direction=1, drift_bps=-0.3
    )
    world = Simulation(seed=0, markets=(sim_share(),), start_ns=start_ns, script=(rising,))
    return Scenario(
        name="session-end",
        sentence="The last hour of SIM-SHARE's day, rising into the close.",
        world=world,
        seconds=3_700.0,
        moment_ns=_CLOSE_NS - 300 * SECOND_NS,
    )


def _funding_stamp() -> Scenario:
    """Two perpetuals around a stamp, whatever the weather."""
    start_ns = _FUNDED_NS - 1_800 * SECOND_NS
    world = Simulation(seed=0, markets=(sim_coin(), sim_alt()), start_ns=start_ns)
    return Scenario(
        name="funding-stamp",
        sentence="SIM-COIN and SIM-ALT over a funding stamp, in whatever weather comes.",
        world=world,
        seconds=_SECONDS,
        moment_ns=_FUNDED_NS,
    )
