"""The sessions by name, in the order in which they are played and listed."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

from agent.gym.price_scenarios import price_scenarios
from agent.gym.scenario import Scenario
from agent.gym.venue_scenarios import venue_scenarios
from domain.errors import BadUsage


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All of them."""
    return (*price_scenarios(), *venue_scenarios())


def chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    """Those of these names, in the order of the list; all without a name.

    BadUsage suggests what was meant.
    """
    known = {each.name: each for each in scenarios()}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]!r}? " if near else ""
            raise BadUsage(f"no scenario {name!r}: {meant}autoscalper gym --list names them all")
    return tuple(each for each in known.values() if not names or each.name in names)
