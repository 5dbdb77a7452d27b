"""Sessions short enough for tests, played for real, and ways to spoil what they left."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from msgspec.structs import replace

from agent.gym.course import course_of
from agent.gym.evidence import Evidence
from agent.gym.scenario import NOON_NS, Scenario
from agent.gym.scenarios import scenarios
from agent.gym.session import Played, Wanted, play
from agent.gym.violations import violations
from config.catalog import load_playbook
from config.settings import load_settings
from domain.arrays import Rows
from domain.enums import OutputKind
from domain.rows.output import OUTPUT
from domain.units import SECOND_NS
from market.simulated.faults import CrossedBook, Gap, Stall
from market.simulated.models import Simulation, sim_alt, sim_coin

_HOME: Final = TemporaryDirectory(prefix="gym-")  # of one process, gone with it
_FAULTS: Final = (
    Gap(at_ns=NOON_NS + 60 * SECOND_NS, seconds=8.0),
    Stall(at_ns=NOON_NS + 120 * SECOND_NS, seconds=6.0),
    CrossedBook(at_ns=NOON_NS + 150 * SECOND_NS, market=0),
)
# Two markets for four minutes, with a gap, a stall and a crossed book.
SHORT: Final = Scenario(
    name="short",
    sentence="Four minutes.",
    world=Simulation(seed=0, markets=(sim_coin(), sim_alt()), start_ns=NOON_NS, faults=_FAULTS),
    seconds=240.0,
    moment_ns=NOON_NS + 60 * SECOND_NS,
)


def named(name: str) -> Scenario:
    """One of the twenty."""
    return next(each for each in scenarios() if each.name == name)


def wanted(scenario: Scenario, folder: Path, playbook: str = "probe", seed: int = 1) -> Wanted:
    """With the limits of a replay."""
    return Wanted(
        scenario=scenario,
        seed=seed,
        playbook=load_playbook(playbook),
        settings=load_settings(),
        folder=folder,
    )


def played(name: str = "short", playbook: str = "probe") -> Played:
    """A session, played once for all tests of a process."""
    return _played(name, playbook)


@cache  # apart: it takes `played()` and `played("short")` for two
def _played(name: str, playbook: str) -> Played:
    scenario = SHORT if name == "short" else named(name)
    return play(wanted(scenario, Path(_HOME.name) / f"{name}-{playbook}", playbook))


def short() -> Evidence:
    """Of `SHORT`: whole, and without a violation."""
    return played().evidence


def share_day() -> Evidence:
    """Of the last hour of a share's day."""
    return played("session-end").evidence


def broken(evidence: Evidence) -> set[str]:
    """Which rules."""
    return {each.rule for each in violations(evidence, course_of(evidence))}


def first(evidence: Evidence, kind: OutputKind, where: Callable[[Rows], Rows] | None = None) -> int:
    """Place of the first output of a kind, or of those that are so."""
    outputs = evidence.outputs
    found = outputs["kind"] == kind
    return int(np.flatnonzero(found if where is None else found & where(outputs))[0])


def with_output(evidence: Evidence, place: int, **fields: int) -> Evidence:
    """One more output before the one at a place, at its time."""
    outputs = evidence.outputs
    row = np.zeros(1, OUTPUT)
    row["event_ns"], row["market"] = outputs["event_ns"][place], -1
    for name, value in fields.items():
        row[name] = value
    return replace(evidence, outputs=np.concatenate([outputs[:place], row, outputs[place:]]))


def limited(evidence: Evidence, **limits: float) -> Evidence:
    """Held to other limits than it was played with."""
    settings = evidence.settings
    return replace(evidence, settings=replace(settings, limits=replace(settings.limits, **limits)))
