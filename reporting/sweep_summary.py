"""What a sweep found: many parameter sets over the same ticks.

Money is in the account's currency, net of all costs.
"""

from decimal import Decimal

import msgspec

from reporting.measures import Interval
from reporting.replay_summary import ReferenceSummary


class SetResult(msgspec.Struct, frozen=True, kw_only=True):
    """One set of parameters, and what a plain replay of its playbook finds.

    number              its place in the grid, from 1.
    changes             the varied keys with this set's values, as written.
    net_per_trade       None without a trade.
    interval            95 % by Student's t of the net of a trade; None below 2 trades.
    halted_by           why trading stopped first, as `daily_loss`; "" where it never did.
    seconds             time of folding on one core.
    """

    number: int
    changes: dict[str, str]
    trades: int
    wins: int
    open_positions: int
    net: Decimal
    net_per_trade: Decimal | None
    interval: Interval | None
    max_drawdown: Decimal
    halted_by: str
    seconds: float
    parameters_hash: str
    decision_hash: str


class SweepSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole sweep.

    sets      by net, best first; equal ones in the order of the grid.
    varied    by key its values, as written.
    ticks     good ticks of the markets; `ticks_dropped` counts the others by kind.
    seconds   from the start of the first worker to the last result, loading apart.
    reference  what led the markets in every set; None where none was given.
    """

    base: str
    base_hash: str
    varied: dict[str, list[str]]
    ticks: int
    ticks_dropped: dict[str, int]
    seconds: float
    workers: int
    currency: str
    assumed: list[str]
    kernel_hash: str
    sets: list[SetResult]
    reference: ReferenceSummary | None = None

    @property
    def folded(self) -> int:
        """Good ticks that each set folded, those of the reference too."""
        return self.ticks + (self.reference.folded if self.reference else 0)

    @property
    def core_ns(self) -> float:
        """Nanoseconds of one core per tick and set, in the fold."""
        return 1e9 * sum(each.seconds for each in self.sets) / (self.folded * len(self.sets))

    @property
    def elapsed_ns(self) -> float:
        """Nanoseconds that passed per tick and set, with all workers and their start."""
        return 1e9 * self.seconds / (self.folded * len(self.sets))

    @property
    def ways(self) -> int:
        """How many sets decided differently from each other."""
        return len({each.decision_hash for each in self.sets})
