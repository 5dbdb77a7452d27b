"""Stories about a market by hand beside the automatic one, and about runs that begin.

Row 0 is COIN, row 1 COIN@manual. The automatic market never enters by itself unless asked to.
"""

from typing import Any, Final

import msgspec
import numpy as np

from core_cases import WIDE, Case, at, playbook
from core_steps import Changes
from domain.arrays import Rows
from domain.durable import Durable
from domain.enums import Gate, Origin, OutputKind, Purpose, Side
from domain.events import Gap, Leave, ManualOrder, RunStarted
from domain.limits import Limits
from domain.units import Lots

AUTO, HAND = 0, 1
IDLE: Final[Changes] = {"gates.momentum": {"mode": "on", "streak": 50}}


def beside(limits: Limits = WIDE, auto: Changes = IDLE, by_hand: Changes | None = None) -> Case:
    """COIN and the market by hand beside it."""
    case = Case(limits, names=("COIN", "COIN@manual")).market(playbook(auto))
    return case.market(playbook(by_hand), origin=Origin.MANUAL)


def seen(case: Case, *ticks: Rows) -> Case:
    """Ticks that reach both markets, one row after the other."""
    for tick in np.concatenate(ticks):
        both = np.array([tick, tick])
        both["market"] = [AUTO, HAND]
        case.core.fold(both)
    return case


def ordered(case: Case, at_s: float, **changes: Any) -> Case:  # noqa: ANN401
    """A person buys 10 lots at once, stop 20 and target 30 ticks away, unless changes say else."""
    basic: dict[str, Any] = {"side": Side.LONG, "lots": Lots(10), "limit": None, "stop": 20}
    order = {"instrument": "COIN", "target": 30, **basic, **changes}
    case.core.apply(ManualOrder(event_ns=at(at_s), **order))
    return case


def left(
    case: Case, at_s: float, instrument: str | None = None, origin: Origin | None = None
) -> Case:
    """A person leaves."""
    case.core.apply(Leave(event_ns=at(at_s), instrument=instrument, origin=origin))
    return case


def gapped(case: Case, at_s: float, market: str = "COIN", slot: int = 0) -> Case:
    """Ticks were lost."""
    case.core.apply(Gap(event_ns=at(at_s), market=market, slot=slot, lost=7))
    return case


def kept(case: Case) -> Durable:
    """What the run knew, as a ledger gives it back."""
    return msgspec.json.decode(msgspec.json.encode(case.core.durable()), type=Durable)


def restarted(case: Case, at_s: float, epoch: int = 2, limits: Limits | None = None) -> Case:
    """A fresh core goes on with the same markets, set again."""
    fresh = Case(limits or case.limits)
    for market in case.sets:
        fresh.set(msgspec.structs.replace(market, event_ns=at(at_s)))
    fresh.core.apply(RunStarted(event_ns=at(at_s), epoch=epoch, state=kept(case)))
    return fresh


def lots(case: Case) -> list[int]:
    """What each market holds."""
    return [int(row["position_lots"]) for row in case.book.rows]


def words(case: Case, market: int = HAND) -> list[str]:
    """What was said of a market: kinds, and of a rejection run its gate."""
    found = []
    for row in case.kept.rows:
        if row["market"] == market:
            kind = OutputKind(int(row["kind"]))
            run = kind is OutputKind.REJECTION_RUN
            found.append(f"{kind.word} {Gate(int(row['code'])).word}" if run else kind.word)
    return found


def working(case: Case, market: int = HAND) -> list[Purpose]:
    """Orders of a market that work."""
    active = case.book.rows[market]["orders"]["active"]
    return [purpose for purpose in Purpose if active[purpose]]
