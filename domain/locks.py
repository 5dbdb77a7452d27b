"""Locks and pauses, as values: what keeps a market, or all of them, from entering.

Pauses are told here too; they act through the trading state, which is not risk's to set.
"""

import math

import msgspec

from domain.enums import Refusal, StateCause
from domain.rows.account import NEVER_NS

ALL = "*"  # the market of a lock on all markets


class Lock(msgspec.Struct, frozen=True):
    """No entries in a market before `until_ns` (docs/rules.md, "Locks and pauses").

    market         its name, ALL for every market.
    until_ns       the first nanosecond without it; None: a release ends it.
    limit, actual  of the rule that set it, in its unit; `key` is the setting that holds the limit.
                   None: it is held against no limit. (A NaN would not survive JSON.)
    """

    market: str
    code: Refusal
    since_ns: int
    until_ns: int | None
    limit: float | None
    actual: float | None
    key: str

    @property
    def numbers(self) -> tuple[float, float]:
        """R22: limit and actual, NaN where there are none."""
        nothing = math.nan
        return (
            nothing if self.limit is None else self.limit,
            nothing if self.actual is None else self.actual,
        )

    @property
    def end_ns(self) -> int:
        """As R21 holds an entry: NEVER_NS for a lock without an end."""
        return NEVER_NS if self.until_ns is None else self.until_ns

    def holds(self, now_ns: int) -> bool:
        """It is in force."""
        return self.until_ns is None or now_ns < self.until_ns


class Pause(msgspec.Struct, frozen=True):
    """REDUCING from now on until `until_ns`, if the state is ACTIVE."""

    cause: StateCause
    until_ns: int
    limit: float
    actual: float
    key: str
