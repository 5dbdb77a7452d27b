"""Stories about one market in few words: one gate on, a position held, and what was said of it.

Unless said otherwise the market is COIN, and a position is 10 lots, LONG at 1,001 ticks.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from core_cases import START_NS, WIDE, Case, another, at, playbook, quote, trade
from domain.arrays import Rows
from domain.enums import ExitReason, Gate, OutputKind, Purpose, Refusal, TradingState
from domain.events import ClockRead, Command, DayRoll, SessionEdge
from domain.limits import Limits
from domain.units import SECOND_NS

Changes = Mapping[str, Mapping[str, Any]]

# Mid 2,001 half-ticks, spread one tick: an eager market intends to buy at once.
FIRST: Final = quote(0, 100.0, 100.1)
# A falling price, so that the candidate is SHORT, then a quote to act on.
FALLING: Final = np.concatenate([trade(0, 100.1), trade(0.1, 100.0), quote(0.2, 100.0, 100.1)])


def limited(**changes: Any) -> Limits:  # noqa: ANN401  passed on to the struct
    """The wide limits, some of them changed."""
    return msgspec.structs.replace(WIDE, **changes)


def flat(changes: Changes | None = None, limits: Limits = WIDE, **market: Any) -> Case:  # noqa: ANN401
    """A market that enters on its first valid book unless a change says otherwise."""
    return Case(limits).market(playbook(changes), **market)


def gated(gate: Gate, **values: Any) -> Case:  # noqa: ANN401
    """A market in which this gate alone can block, and a session once one is set."""
    on = {"mode": "on"}
    return flat({"gates.session": on, f"gates.{gate.word}": {**on, **values}})


def holding(changes: Changes | None = None, limits: Limits = WIDE) -> Case:
    """LONG since second 0.05, last seen at second 1 at the quotes of the decision."""
    return flat(changes, limits).fold(FIRST, quote(1, 100.0, 100.1))


def holding_short(changes: Changes | None = None) -> Case:
    """SHORT at 1,000 ticks since second 0.25, last seen at second 1."""
    return flat(changes).fold(FALLING, quote(1, 100.0, 100.1))


def two_holding(limits: Limits = WIDE) -> Case:
    """COIN and MINT, both LONG as in `holding`."""
    case = two_flat(limits).fold(FIRST, quote(0, 100.0, 100.1, market=1))
    return case.fold(quote(1, 100.0, 100.1), quote(1, 100.0, 100.1, market=1))


def two_flat(limits: Limits = WIDE) -> Case:
    """COIN and MINT, both eager."""
    case = Case(limits, names=("COIN", "MINT")).market(playbook())
    return case.market(playbook(), instrument=another("MINT"))


def opened(case: Case, opens_s: float, cut_off_s: float, closes_s: float, at_s: float = 0) -> Case:
    """A session edge."""
    hours = {"open_ns": at(opens_s), "cut_off_ns": at(cut_off_s), "close_ns": at(closes_s)}
    case.core.apply(SessionEdge(event_ns=at(at_s), market="COIN", **hours))
    return case


def commanded(case: Case, state: TradingState, at_s: float) -> Case:
    """An operator's command."""
    case.core.apply(Command(event_ns=at(at_s), state=state))
    return case


def clock_read(case: Case, at_s: float) -> Case:
    """A reading of the wall clock."""
    case.core.apply(ClockRead(event_ns=at(at_s), now_ns=at(at_s)))
    return case


def day_rolled(case: Case, at_s: float) -> Case:
    """A new day of the account."""
    case.core.apply(DayRoll(event_ns=at(at_s)))
    return case


def asked(case: Case, gate: Gate, *rows: Rows) -> tuple[str, Any]:
    """Fold rows; what the last of them did ("enters", "blocks", else ""), the gate's distance.

    The distance of a gate that was NOT_READY is None.
    """
    case.fold(rows[0][:0], *rows[:-1])
    entries, blocked = int(case.row["tally"]["entries"]), case.blocked.get(gate, 0)
    case.fold(rows[-1])
    distance = float(case.row["distances"][gate])
    word = "enters" if case.row["tally"]["entries"] > entries else ""
    word = "blocks" if case.blocked.get(gate, 0) > blocked else word
    return word, None if np.isnan(distance) else distance


def entries(case: Case, market: int = 0) -> list[float]:
    """Seconds of the entry intents."""
    return [seconds(row) for row in _intents(case, market) if row["code"] == ExitReason.NONE]


def exits(case: Case, market: int = 0) -> list[tuple[float, str]]:
    """Second and reason of each exit intent."""
    said = [row for row in _intents(case, market) if row["code"] != ExitReason.NONE]
    return [(seconds(row), ExitReason(int(row["code"])).word) for row in said]


def limit_prices(case: Case, kind: OutputKind = OutputKind.INTENT) -> list[int]:
    """Limit prices of everything of one kind."""
    return [int(row["price_ticks"]) for row in case.kept.of(kind)]


def logged(case: Case) -> float:
    """The distance logged with the latest intent."""
    return float(case.kept.of(OutputKind.INTENT)[-1]["distances"][0])


def fills(case: Case) -> list[tuple[float, int, int]]:
    """Second, price in ticks and lots of each fill."""
    rows = case.kept.of(OutputKind.FILL)
    return [(seconds(row), int(row["price_ticks"]), int(row["lots"])) for row in rows]


def flags(case: Case) -> list[int]:
    """Of each fill: 1 maker, 2 exit, 4 order complete, summed."""
    return [int(row["first_ns"]) for row in case.kept.of(OutputKind.FILL)]


def refusals(case: Case) -> list[tuple[Any, ...]]:
    """Market, code, limit and actual of each refusal."""
    return [
        (
            int(row["market"]),
            Refusal(int(row["code"])).word,
            float(row["distances"][0]),
            float(row["distances"][1]),
        )
        for row in case.kept.of(OutputKind.REFUSED)
    ]


def works(case: Case, purpose: Purpose) -> bool:
    """Whether the first market's order of that purpose still works."""
    return bool(case.row["orders"][purpose]["active"] == 1)


def seconds(row: np.void, field: str = "event_ns") -> float:
    """A time of an output in seconds after START_NS."""
    return (int(row[field]) - START_NS) / SECOND_NS


def stamped(rows: Rows, ts_s: float) -> Rows:
    """The same ticks with another exchange stamp."""
    copy = rows.copy()
    copy["ts_ns"] = at(ts_s)
    return copy


def in_slot(slot: int, rows: Rows) -> Rows:
    """The same ticks in another slot."""
    copy = rows.copy()
    copy["slot"] = slot
    return copy


def _intents(case: Case, market: int) -> Rows:
    rows = case.kept.of(OutputKind.INTENT)
    found: Rows = rows[rows["market"] == market]
    return found
