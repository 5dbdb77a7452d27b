"""A named session, as a value."""

from typing import Final

import msgspec

from domain.units import SECOND_NS
from market.simulated.draws import seeded
from market.simulated.models import START_NS, Simulation

NOON_NS: Final = START_NS + 36 * 3600 * SECOND_NS  # a Tuesday at 12:00 UTC


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A session of which one knows what happens, and not how it goes.

    sentence   what happens, for people.
    world      its seed is not used, see `world_of`.
    seconds    how long it lasts.
    moment_ns  when it happens: what `why` is asked about where nothing was traded.
    """

    name: str
    sentence: str
    world: Simulation
    seconds: float
    moment_ns: int

    @property
    def scripted(self) -> bool:
        """Somebody wrote down where prices go: it proves nothing about an edge."""
        return bool(self.world.script)

    @property
    def markets(self) -> tuple[str, ...]:
        """Names by number."""
        return tuple(model.instrument.name for model in self.world.markets)

    def world_of(self, seed: int) -> Simulation:
        """What is simulated for a seed: no two sessions of one have a draw in common."""
        own = seeded(seed, f"gym\0{self.name}")
        return msgspec.structs.replace(self.world, seed=own)
