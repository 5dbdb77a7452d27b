"""What a replay found: the numbers that `autoscalper replay` prints, for people and scripts.

Field names are the keys of its JSON. Money is in the account's currency, net of what the line says:
net = gross - spread_cost - slippage - fees - funding, exactly.
"""

from decimal import Decimal

import msgspec


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """The cost waterfall of closed trades."""

    gross: Decimal
    spread_cost: Decimal
    slippage: Decimal
    fees: Decimal
    funding: Decimal
    net: Decimal


class MarketSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One market's part of it. Counts of gates and reasons hold those that occurred."""

    ticks: int
    decisions: int
    trades: int
    wins: int
    open_positions: int
    money: Money
    rejections: dict[str, int]
    not_ready: dict[str, int]
    observed: dict[str, int]
    exits: dict[str, int]
    refusals: dict[str, int]


class TradeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One closed trade, from flat to flat."""

    market: str
    side: str
    quantity: Decimal
    entry_ns: int
    exit_ns: int
    entry_price: Decimal
    exit_price: Decimal
    reason: str
    money: Money


class FileLine(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was replayed, once; stamps are those recorded, whatever `repeat` is.

    ticks  good ones; `dropped` counts the others by kind.
    """

    name: str
    market: str
    ticks: int
    first_ns: int
    last_ns: int
    dropped: dict[str, int] = {}


class ReferenceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The instrument that led every market. Its ticks are no part of any other count.

    ticks      good ones in its files, over all repetitions.
    delivered  by market those of them that fell into its time.
    """

    instrument: str
    files: list[FileLine]
    ticks: int
    delivered: dict[str, int]

    @property
    def folded(self) -> int:
        """Good ticks that the core folded, once for each market."""
        return sum(self.delivered.values())


class HaltLine(msgspec.Struct, frozen=True, kw_only=True):
    """When trading stopped, and why."""

    time_ns: int
    cause: str
    market: str


class ReplaySummary(msgspec.Struct, frozen=True, kw_only=True):
    """The whole run.

    ticks             good ticks of the markets folded; `ticks_dropped` counts the others by kind.
    seconds           time of folding, loading apart.
    ticks_per_second  of all that were folded, those of a reference too.
    rejections        flat ticks by the first gate that blocked; `not_ready` is the part of
                      them whose input was missing; `observed` is what observing gates would
                      have blocked.
    refusals          orders that risk refused, by code.
    max_drawdown      largest fall of marked equity below its earlier peak.
    assumed           sentences about what the data did not say.
    problems          settings for whose sake no entry can pass, with their keys.
    halts             every time trading stopped.
    reference         None where none was given.
    entries           entry intents; `unfilled_entries` were approved and got nothing.
    """

    ticks: int
    ticks_dropped: dict[str, int]
    seconds: float
    ticks_per_second: float
    decisions: int
    trades: int
    wins: int
    open_positions: int
    money: Money
    max_drawdown: Decimal
    currency: str
    rejections: dict[str, int]
    not_ready: dict[str, int]
    observed: dict[str, int]
    exits: dict[str, int]
    refusals: dict[str, int]
    markets: dict[str, MarketSummary]
    assumed: list[str]
    playbook: str
    parameters_hash: str
    kernel_hash: str
    decision_hash: str
    problems: list[str] = []
    halts: list[HaltLine] = []
    files: list[FileLine] = []
    reference: ReferenceSummary | None = None
    repeat: int = 1
    start_equity: Decimal = Decimal(0)
    entries: int = 0
    unfilled_entries: int = 0
