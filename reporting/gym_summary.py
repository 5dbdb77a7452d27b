"""What a playbook did in the gym. All of it is SIMULATED; money is in the account's currency."""

from decimal import Decimal

import msgspec

from domain.enums import Word
from reporting.replay_summary import Money


class Rule(Word):
    """What must hold of every session, whatever the playbook."""

    ENTRY_WHILE_STOPPED = 1
    ENTRY_WHILE_LOCKED = 2
    ENTRY_OUTSIDE_SESSION = 3
    ENTRY_WITHOUT_STOP = 4
    SIZE_ABOVE_LIMIT = 5
    LOSS_LIMIT_IGNORED = 6
    FILL_WITHOUT_BOOK = 7
    HELD_AFTER_CLOSE = 8
    HELD_AT_THE_END = 9
    EXIT_TWICE = 10
    BOOKS_DIFFER = 11
    RECORDING_DIFFERS = 12


# What each rule asks, for people.
RULE_WORDS = {
    Rule.ENTRY_WHILE_STOPPED: "Nobody enters while the account is not ACTIVE.",
    Rule.ENTRY_WHILE_LOCKED: "Nobody enters a market while a lock holds it.",
    Rule.ENTRY_OUTSIDE_SESSION: "Nobody enters before a session opens or after its cut-off.",
    Rule.ENTRY_WITHOUT_STOP: "Every entry has a planned stop.",
    Rule.SIZE_ABOVE_LIMIT: "No order, position or planned loss is above its limit.",
    Rule.LOSS_LIMIT_IGNORED: "A day's loss or a drawdown at its limit halts at once, and what is "
    "open is left.",
    Rule.FILL_WITHOUT_BOOK: "Nothing fills on an invalid or stale book.",
    Rule.HELD_AFTER_CLOSE: "Nothing is held over the close of a session that could be left "
    "before it.",
    Rule.HELD_AT_THE_END: "Nothing is held after the last tick.",
    Rule.EXIT_TWICE: "A position is left once: one reason, and no more than is held.",
    Rule.BOOKS_DIFFER: "Trades and equity are what fills, fees and funding make.",
    Rule.RECORDING_DIFFERS: "A second fold of the recording decides the same.",
}


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that was broken. `market` "" concerns the account; `why` is the command to ask."""

    rule: str
    market: str
    time_ns: int
    said: str
    why: str = ""


class LimitUse(msgspec.Struct, frozen=True, kw_only=True):
    """The most that was used of a limit.

    key    of the settings, as `limits.max_daily_loss`; used and limit are in its unit.
    share  used / limit.
    """

    key: str
    used: float
    limit: float
    share: float


class WorstMoment(msgspec.Struct, frozen=True, kw_only=True):
    """When the trade that lost most was left, as it was decided.

    net, side, reason  of the trade. None and "": nothing was traded, and the moment is that of what
                       the session is about.
    why                the command that tells what the market did then.
    """

    market: str
    time_ns: int
    net: Decimal | None
    side: str
    reason: str
    why: str


class SessionResult(msgspec.Struct, frozen=True, kw_only=True):
    """One session.

    scripted     prices went where somebody wrote them down: no word about an edge.
    seconds      of the market's time.
    ticks        good ones; `ticks_dropped` counts the others by kind.
    limits       what was used of each, the most used first.
    drawdown_ns  when it was deepest; None where equity never fell.
    halts        why the account was halted, once for each time.
    recording    the folder that `why` and `replay --verify` read.
    """

    name: str
    sentence: str
    scripted: bool
    markets: list[str]
    seconds: float
    ticks: int
    ticks_dropped: dict[str, int]
    trades: int
    wins: int
    money: Money
    max_drawdown: Decimal
    drawdown_ns: int | None
    exits: dict[str, int]
    halts: list[str]
    limits: list[LimitUse]
    worst: WorstMoment
    violations: list[Violation]
    decision_hash: str
    recording: str


class GymSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole visit.

    seconds     that it took.
    recordings  the folder in which the sessions' folders are.
    problems    why no entry could pass, whatever a market did.
    """

    playbook: str
    parameters_hash: str
    kernel_hash: str
    seed: int
    currency: str
    seconds: float
    recordings: str
    problems: list[str]
    sessions: list[SessionResult]

    @property
    def broken(self) -> int:
        """How often a rule was broken."""
        return sum(len(each.violations) for each in self.sessions)


class ScenarioTold(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is listed."""

    name: str
    sentence: str
    scripted: bool
    markets: list[str]
    seconds: float
