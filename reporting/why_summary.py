"""Why a market did what it did at one moment: the numbers that `autoscalper why` prints.

Field names are the keys of its JSON. Times are nanoseconds UTC, money is in the account's currency,
words are those of files and reports. NaN and infinity are null there.
"""

from decimal import Decimal

import msgspec


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """Between these times nothing is known. `why`: `lost`, `cut_off` or `not_running`."""

    from_ns: int
    until_ns: int
    why: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the core said (docs/rules.md, O1), apart from candles and rejections.

    code    exit reason, refusal, trading state, by the kind; "" where the kind says it all.
    price   limit or fill; None where there is none. `limit` and `actual` are a refusal's.
    """

    kind: str
    time_ns: int
    code: str
    side: str
    price: Decimal | None
    quantity: Decimal | None
    limit: float
    actual: float
    exits: bool


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """State of the account. A limit that is not set is None, and so is what is left of it.

    day_result   net of leaving what is open; `*_left` is what may still be lost.
    orders_left  entries that risk may still approve today.
    """

    currency: str
    trading_state: str
    cause: str
    until_ns: int | None
    equity: Decimal
    day_result: Decimal
    daily_loss_limit: Decimal | None
    daily_loss_left: Decimal | None
    drawdown: Decimal
    drawdown_limit: Decimal | None
    drawdown_left: Decimal | None
    orders_left: int | None


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """What the market holds. `net` is what leaving now would bring, all costs paid."""

    side: str
    quantity: Decimal
    entry_ns: int
    entry_price: Decimal
    stop: Decimal
    target: Decimal | None
    mover: str
    leaving: str
    net: Decimal


class WorkingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that is on its way or waits."""

    purpose: str
    buys: bool
    limit: Decimal
    quantity: Decimal
    arrived: bool
    arrival_ns: int
    end_ns: int


class LockTold(msgspec.Struct, frozen=True, kw_only=True):
    """A lock that keeps the market from entering; `until_ns` None: until a person releases it."""

    market: str
    code: str
    until_ns: int | None
    limit: float
    actual: float


class GateTold(msgspec.Struct, frozen=True, kw_only=True):
    """One gate as it stood (docs/rules.md, section 3).

    verdict      `passes`, `blocks`, `observed` (would have blocked), `not_ready` (its input is
                 missing, and it blocks), `missing_passes`, `missing_observed`, or `off`.
    at_least     the value must reach the threshold; else it must not exceed it.
    distance     how far it passes, below 0 how far it misses.
    shown, asked words for value and threshold where numbers say nothing, else "".
    """

    gate: str
    mode: str
    verdict: str
    unit: str
    at_least: bool
    value: float
    threshold: float
    distance: float
    shown: str
    asked: str


class ExitTold(msgspec.Struct, frozen=True, kw_only=True):
    """One way out of a position: how far it is. Not above 0: it is reached."""

    reason: str
    distance: float
    unit: str
    level: Decimal | None


class PlanPart(msgspec.Struct, frozen=True, kw_only=True):
    """A distance of the plan; `level` only of stop and target."""

    name: str
    ticks: int
    price: Decimal
    bps: float
    level: Decimal | None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The plan; `in_force` of a position or order, else what an entry would have had."""

    in_force: bool
    side: str
    parts: list[PlanPart]


class RiskTold(msgspec.Struct, frozen=True, kw_only=True):
    """Risk's answer: to the order that was there, or to the one that would have been.

    hypothetical  no order was there: what risk would have said had every gate passed.
    key           the setting that holds the limit, "" where that is not known.
    """

    hypothetical: bool
    approved: bool
    code: str
    limit: float
    actual: float
    key: str
    price: Decimal
    quantity: Decimal


class WhySummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and everything that answers it.

    answered_ns   the market's last tick that was decided on, at or before the moment; None: none.
    assumed_zone  the moment was given without a zone and read as UTC.
    answers       whose words `said` are: `recorded`, `folded` where the recording's own end
                  earlier, `differ` where the two do not agree.
    activity      what the market was doing at that tick: `flat`, `working`, `held`, `by_hand`, or
                  `none` without a tick.
    leaving       why it was leaving its position at that tick already, else "".
    said, since   on that tick, and from then until the moment asked for.
    gates         as they stood at that tick, in their order; empty where none was asked.
    first_failing the gate that kept it from entering; "" where it entered or was not flat.
    exits         as they stand at the moment asked for, where a position is open then.
    """

    market: str
    recording: str
    segment: str
    asked_ns: int
    assumed_zone: bool
    answered_ns: int | None
    known_ns: int
    hole: Hole | None
    same_build: bool
    answers: str
    activity: str
    leaving: str
    side: str
    said: list[Said]
    since: list[Said]
    playbook: str
    account: Account
    position: Position | None
    orders: list[WorkingOrder]
    held_until_ns: int | None
    locks: list[LockTold]
    gates: list[GateTold]
    first_failing: str
    exits: list[ExitTold]
    plan: Plan | None
    risk: RiskTold | None
