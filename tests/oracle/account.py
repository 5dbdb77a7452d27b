"""The account as gates, exits and risk see it: limits, trading state, locks and the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from domain.enums import Purpose, Refusal, StateCause, TradingState
from domain.units import micro
from oracle.limits import OracleLimits
from oracle.money import Ledger
from oracle.said import Said
from oracle.state import Market, Order

Groups = Mapping[str, Sequence[str]]
Protections = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class ApprovedOrder:
    """What R6 to R8 remember."""

    event_ns: int
    market: int
    purpose: Purpose
    direction: int
    lots: int
    price: int
    partial: bool = False


@dataclass
class Lock:
    """On a market, or on all (None); without an end only a release ends it."""

    market: int | None
    code: Refusal
    limit: float
    actual: float
    end_ns: int | None


@dataclass
class Account:
    limits: OracleLimits
    ledger: Ledger
    groups: Groups = field(default_factory=dict)
    protections: Protections = field(default_factory=dict)
    outputs: list[Said] = field(default_factory=list)
    markets: list[Market] = field(default_factory=list)
    state: TradingState = TradingState.ACTIVE
    cause: StateCause = StateCause.START
    state_before: TradingState = TradingState.ACTIVE  # the halt by daily loss (T2)
    until_ns: int | None = None  # end of a REDUCING that was set by a pause (T3)
    started_ns: int = 0  # of the run (I8)
    guard_peak: int = 0  # micro-units (E5)
    approved: list[ApprovedOrder] = field(default_factory=list)
    approved_before_today: int = 0
    day_open: int = 0  # `open_result` at the day's roll
    locks: list[Lock] = field(default_factory=list)
    losses_in_a_row: int = 0  # of all markets (L1)
    slipped: list[tuple[Order, float]] = field(default_factory=list)  # L2, oldest first

    def __post_init__(self) -> None:
        self.guard_peak = self.equity_micro

    @property
    def day(self) -> int:
        """E2, in micro-units."""
        return self.ledger.day_realised_micro + self.open_result - self.day_open

    @property
    def open_result(self) -> int:
        """What open positions are worth, the cost of leaving off, in micro-units."""
        return sum(market.unrealised - market.exit_cost for market in self.markets)

    @property
    def daily_loss_limit(self) -> float:
        """Micro-units."""
        return self.limits.max_daily_loss * 1e6

    @property
    def daily_loss_reached(self) -> bool:
        return self.day <= -self.daily_loss_limit

    @property
    def drawdown(self) -> int:
        """E5, in micro-units."""
        return self.guard_peak - self.equity_micro

    @property
    def drawdown_limit(self) -> float:
        """Micro-units."""
        return self.limits.max_drawdown * 1e6

    @property
    def drawdown_reached(self) -> bool:
        return self.drawdown >= self.drawdown_limit

    @property
    def unrealised(self) -> int:
        """Micro-units, at the last marks."""
        return sum(market.unrealised for market in self.markets)

    @property
    def equity(self) -> Decimal:
        """Q3."""
        return self.ledger.equity(self.unrealised)

    @property
    def equity_micro(self) -> int:
        return micro(self.ledger.start) + self.ledger.realised_micro + self.unrealised
