"""What a playbook trades, in sentences derived from its values alone.

Every parameter of the table in domain/parameters.py has a say: those that a sentence here knows in
it, any other by its name, value and meaning. Only what cannot act is left out: the parameters of a
gate or a mover that is off, unless something else asks for them, and of a style or a mode that is
not used.
"""

import msgspec

from domain.enums import AllowedSides, EntryStyle, Gate, GateMode
from domain.parameters import BY_PATH, PARAMETERS
from domain.playbooks import Playbook
from reporting.playbook_exits import adding, leaving, size, stop
from reporting.playbook_gates import gates
from reporting.playbook_told import Told


class Topic(msgspec.Struct, frozen=True):
    """What a playbook says of one subject."""

    name: str
    sentences: list[str]


def describe(playbook: Playbook) -> list[Topic]:
    """What it trades; of one with switches until its first switch."""
    told = Told(playbook)
    topics = [
        Topic("Entry", [_entry(told), _streak(told)]),
        Topic("Gates", [*gates(told), *_regime(told)]),
        Topic("Stop", stop(told)),
        Topic("Exit", leaving(told)),
        Topic("Size", [*size(told), *adding(told)]),
    ]
    others = _others(told)
    return [*topics, Topic("Also", others)] if others else topics


def _entry(told: Told) -> str:
    sides = AllowedSides(int(told.number("entry.sides")))
    side = {AllowedSides.BOTH: "LONG and SHORT"}.get(sides, f"{sides.name} only")
    told.idle("entry.sides", "entry.style", "entry.resting_life_s", "entry.limit_offset")
    style = EntryStyle(int(told.number("entry.style")))
    if style is EntryStyle.RESTING:
        life = told.words("entry.resting_life_s")
        return f"Enters {side}, resting at the own side's quote for at most {life}."
    if style is EntryStyle.MARKETABLE:
        offset = told.words("entry.limit_offset")
        return (
            f"Enters {side} by crossing the spread at once, and pays at most {offset} beyond the "
            "opposite quote."
        )
    life, offset = told.words("entry.resting_life_s"), told.words("entry.limit_offset")
    how = f"limit offset {offset}, resting life {life}"
    return f"Enters {side} with {told.words('entry.style')} orders ({how})."


def _streak(told: Told) -> str:
    move = told.words("gates.momentum.min_move")
    moves = told.words("gates.momentum.streak")
    speed = told.words("gates.velocity.min_bps_per_s")
    asked = {
        GateMode.ON: f"asks for {moves} in a row that way",
        GateMode.OBSERVE: f"only counts where there were not {moves} in a row that way",
        GateMode.OFF: "asks for no streak",
    }[told.mode(Gate.MOMENTUM)]
    pace = {
        GateMode.ON: f"at {speed} or faster",
        GateMode.OBSERVE: f"only counts where they were slower than {speed}",
        GateMode.OFF: "at any speed",
    }[told.mode(Gate.VELOCITY)]
    joint = " and " if told.mode(Gate.VELOCITY) is GateMode.OBSERVE else ", "
    return f"Takes the side of the last move of at least {move}, and {asked}{joint}{pace}."


def _regime(told: Told) -> list[str]:
    """What the regimes are, where anything asks for them."""
    paths = [f"regime.{key}" for key in ("quiet_bps", "trend_directionality", "volatile_bps")]
    asked = told.mode(Gate.REGIME) is not GateMode.OFF
    asked |= any(switch.regimes for switch in told.playbook.switches)
    if told.number("gates.momentum.ranging_penalty") > 0:
        asked |= told.mode(Gate.MOMENTUM) is not GateMode.OFF or not told.off("exit.flip")
    if not asked:
        told.idle(*paths, "regime.confirm")
        return []
    quiet, volatile = told.words(paths[0]), told.words(paths[2])
    surplus = told.share(paths[1])
    candles = f"{told.number('regime.confirm'):g}"
    told.idle("regime.confirm")
    said = (
        f"A market is quiet while it moves less than {quiet} in a minute, else trending from a "
        f"surplus of {surplus} of seconds one way on, else volatile from {volatile} on, else "
        f"ranging; it takes {candles} seconds in a row to change."
    )
    return [said]


def _others(told: Told) -> list[str]:
    """What no sentence above knows, by section: a parameter that is new is still told."""
    said = []
    for section in dict.fromkeys(parameter.section for parameter in PARAMETERS):
        paths = told.left(section)
        if paths:
            values = [
                f"{told.named(path)} ({BY_PATH[path].sentence.rstrip('.')})" for path in paths
            ]
            name = section.removeprefix("gates.").replace("_", " ")
            said.append(f"{name.capitalize()}: {'; '.join(values)}.")
    return said
