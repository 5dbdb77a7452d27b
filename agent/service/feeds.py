"""The feeds of an engine: one for each venue of its instruments, and what they lose is told.

After a connection that had delivered, every market of the venue is told that ticks are missing:
nobody knows what happened meanwhile (I7).
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final, Protocol

from msgspec.structs import replace

from agent.service.engine import Engine
from agent.service.served import Account
from config.engine_settings import EngineSettings, VenueSettings
from domain.arrays import Rows
from domain.enums import Mode
from domain.errors import BadConfig
from domain.events import Gap
from domain.instruments import Instrument
from domain.ports import Clock
from domain.rows.tick import REFERENCE_SLOT
from domain.units import SECOND_NS, TsNs
from market.feeds.backoff import Backoff
from market.feeds.intake import Intake
from market.feeds.live_feed import FeedStatus, LiveFeed
from market.simulated.feed import SimulatedFeed
from market.simulated.models import MarketModel, Simulation, sim_alt, sim_coin, sim_share
from market.simulated.rows import STEP_NS
from market.simulated.simulator import SimulatedMarket
from market.venues.hosts import Hosts
from market.venues.opener import opener

SILENCE_NS: Final = 10 * SECOND_NS
_NEVER_S: Final = 10.0 * 365 * 86_400
_SIMULATED: Final = "simulated"


class Feed(Protocol):
    """Delivers into an engine's ring until it is cancelled."""

    async def run(self, engine: Engine) -> None:
        """Only what no patience cures leaves as an error."""


class VenueFeed:
    """Live ticks of one venue."""

    def __init__(
        self, venue: str, hosts: Hosts, feed: LiveFeed, lost: list[tuple[str, int]]
    ) -> None:
        self.venue = venue
        self.warnings = tuple(hosts.warnings(venue))
        self._feed = feed
        self._lost = lost

    @property
    def status(self) -> FeedStatus:
        """As it is now."""
        return self._feed.status

    async def run(self, engine: Engine) -> None:
        """Feed."""

        def lost() -> None:
            now_ns = TsNs(int(engine.time.now_ns()))
            for market, slot in self._lost:
                engine.sequencer.schedule(Gap(event_ns=now_ns, market=market, slot=slot, lost=0))

        await self._feed.run(engine.ring.put, lost)


class MadeUpFeed:
    """Ticks of the simulated market, from now on and at its pace.

    Prices go on where a run before left them: a position that is taken up must not meet the jump to
    another world.
    """

    warnings = ()

    def __init__(self, instruments: Sequence[str], clock: Clock, seed: int) -> None:
        """In the order of the ring. BadConfig for what is not of the simulated market."""
        models = {model.instrument.name: model for model in (sim_coin(), sim_alt(), sim_share())}
        for name in instruments:
            if name not in models:
                known = ", ".join(models)
                raise BadConfig(
                    f"markets: {name} is no instrument of the simulated market, which has {known};"
                    ' choose one of them, or engine.mode = "paper"'
                )
        self._clock = clock
        self._seed = seed
        self._models = tuple(models[name] for name in instruments)

    async def run(self, engine: Engine) -> None:
        """Feed."""

        async def put(rows: Rows) -> None:
            await engine.ring.put_all(rows)

        world = Simulation(
            seed=self._seed,
            markets=tuple(_going_on(model, engine) for model in self._models),
            start_ns=int(self._clock.now_ns()) // STEP_NS * STEP_NS,
        )
        await SimulatedFeed(SimulatedMarket(world), self._clock).run(put, _NEVER_S)


def _going_on(model: MarketModel, engine: Engine) -> MarketModel:
    """From the last quote that is known of it."""
    for row, facts in engine.book.facts.items():
        features = engine.book.rows[row]["features"][0]
        if facts.instrument.name == model.instrument.name and features["book_set"] == 1:
            ticks = (int(features["bid_ticks"]) + int(features["ask_ticks"])) / 2
            return replace(model, price=ticks * float(model.instrument.tick))
    return model


def feeds_of(
    settings: EngineSettings, account: Account, clock: Clock, random: Random
) -> list[VenueFeed | MadeUpFeed]:
    """All that an engine of this account needs, in the order of its ring's instruments.

    BadConfig where a venue cannot be read.
    """
    found = dict(_instruments(account))
    places = {name: place for place, name in enumerate(found)}
    if settings.mode is Mode.SIMULATED:
        return [MadeUpFeed(list(found), clock, random.getrandbits(62))]
    by_venue: dict[str, dict[str, Instrument]] = {}
    for name, instrument in found.items():
        by_venue.setdefault(instrument.venue, {})[name] = instrument
    return [
        _venue_feed(
            venue, instruments, (settings.venues.get(venue), account, places), clock, random
        )
        for venue, instruments in by_venue.items()
    ]


def _venue_feed(
    venue: str,
    instruments: Mapping[str, Instrument],
    of: tuple[VenueSettings | None, Account, Mapping[str, int]],
    clock: Clock,
    random: Random,
) -> VenueFeed:
    stated, account, places = of
    if venue == _SIMULATED:
        names = ", ".join(instruments)
        raise BadConfig(
            f"markets: {names} is made up; choose real instruments, or write engine.mode ="
            ' "simulated"'
        )
    hosts = (
        Hosts()
        if stated is None
        else Hosts(rest_url=stated.rest_url, ws_url=stated.ws_url, allow=stated.allow)
    )
    intake = Intake({each.symbol: places[name] for name, each in instruments.items()})
    silence_ns = {each.symbol: SILENCE_NS for each in instruments.values()}
    feed = LiveFeed(opener(venue, hosts), silence_ns, intake, clock, Backoff(random))
    return VenueFeed(venue, hosts, feed, list(_delivered_to(account, instruments)))


def _instruments(account: Account) -> Iterator[tuple[str, Instrument]]:
    """As the engine numbers them: the served ones, then references that are not."""
    for each in account.served:
        yield each.instrument.name, each.instrument
    for each in account.served:
        if each.reference is not None:
            yield each.reference.instrument.name, each.reference.instrument


def _delivered_to(
    account: Account, instruments: Mapping[str, Instrument]
) -> Iterator[tuple[str, int]]:
    """Markets and slots that hear of some instruments."""
    for event in account.sets(0):
        if event.instrument.name in instruments:
            yield event.name, 0
        if event.reference is not None and event.reference.instrument.name in instruments:
            yield event.name, REFERENCE_SLOT
