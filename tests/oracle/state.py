"""What a market holds beside its features: orders, position, plan, and times that gates ask for."""

from dataclasses import dataclass, field
from fractions import Fraction

from domain.enums import ExitReason, Gate, Mover, OrderKind, Origin, Purpose
from domain.playbooks import PlaybookSwitch
from oracle.features import REFERENCE, Features
from oracle.margin import Margin
from oracle.numbers import NAN, Constants, Settings


@dataclass(frozen=True)
class Plan:
    """P1, in ticks; None where off."""

    stop: int
    target: int | None
    break_even_trigger: int | None
    break_even_offset: int
    offset_trigger: int | None
    offset_gain: int
    lock_trigger: int | None
    trail_trigger: int | None
    trail_distance: int
    tight_trigger: int | None
    tight_distance: int
    fast_move: int | None
    fast_distance: int
    trail_step: int
    tighten_distance: int
    partial_trigger: int | None
    loss_budget: int


@dataclass(frozen=True)
class Piece:
    """One fill that the market gives."""

    price: int
    lots: int
    maker: bool


@dataclass
class Order:
    """M1: a working order."""

    purpose: Purpose
    kind: OrderKind
    direction: int  # +1 buys, -1 sells
    price: int
    remaining: int
    worst: int
    arrival_ns: int
    end_ns: int
    mid: int  # half-ticks at the decision (Q1)
    spread: int  # ticks at the decision (Q1)
    reason: ExitReason = ExitReason.NONE
    addition: bool = False
    arrived: bool = False
    filled_lots: int = 0
    filled_cost: int = 0  # price ticks x lots
    overdue: bool = False  # its end came on an unusable book: it waits for the next (M5)
    ahead: float = 0.0


@dataclass
class Position:
    """E1, and what E4 latches until flat."""

    side: int
    plan: Plan
    entry_ns: int
    constants: Constants
    lots: int = 0
    cost: int = 0
    worth: float = 0.0  # inverse: sum of n * value / x of what is open (Q4)
    stop_level: int = 0
    target_level: int | None = None
    liquidation_level: int = 0  # V3; 0 is none
    best_ticks: int = 0
    low_ticks: int = 0  # E8
    high_ticks: int = 0
    mover: Mover = Mover.HARD
    reason: ExitReason = ExitReason.NONE
    attempt: int = 0
    hold_until: int = 0
    partial_tried: bool = False
    additions: int = 0
    last_addition_ns: int | None = None

    @property
    def parts(self) -> Fraction:
        """Sum of n / x of what is open (V3, inverse)."""
        return Fraction(self.worth) / Fraction(self.constants.value)

    @property
    def average(self) -> int:
        return (2 * self.cost + self.lots) // (2 * self.lots)

    def add(self, price: int, lots: int) -> None:
        """An entry fill (E1)."""
        first = self.lots == 0
        self.cost += price * lots
        self.worth += lots * self.constants.value / price
        self.lots += lots
        level = self.average - self.side * self.plan.stop
        if first or self.side * (self.stop_level - level) < 0:
            self.stop_level, self.mover = level, Mover.HARD
        target = self.plan.target
        self.target_level = None if target is None else self.average + self.side * target
        if first:
            self.best_ticks = self.average

    def reduce(self, lots: int) -> int:
        """An exit fill; gives the cost it takes (E1)."""
        taken = self.cost * lots // self.lots
        self.cost -= taken
        self.worth -= self.worth * lots / self.lots
        self.lots -= lots
        return taken


@dataclass
class Run:
    """G25."""

    gate: Gate
    first_ns: int
    last_ns: int
    count: int = 1
    nearest: float = NAN
    others_since: int | None = None


@dataclass(frozen=True)
class Session:
    open_ns: int
    cut_off_ns: int
    close_ns: int


@dataclass(frozen=True)
class Context:
    """G27: what others said of a market; NaN is nothing."""

    valid_until_ns: int
    smc_bias: float = NAN
    plan_side: float = NAN
    win_long: float = NAN
    win_short: float = NAN


@dataclass
class Market:
    """All that the oracle knows of one market."""

    index: int
    name: str
    constants: Constants
    settings: Settings
    slots: list[Features]
    instrument: str = ""  # its name; the market's may say the origin behind it (H1)
    origin: Origin = Origin.AUTO
    has_reference: bool = False
    switches: tuple[PlaybookSwitch, ...] = ()
    subscribed: int = 0  # bit k: closes of frame k are said (O1)
    margin: Margin | None = None
    zone_offset_ns: int = 0  # C9
    session: Session | None = None
    position: Position | None = None
    plan: Plan | None = None  # of the working entry
    entry: Order | None = None
    exit: Order | None = None
    run: Run | None = None
    hold_until: int | None = None  # of entries (G0)
    last_tick_ns: int = 0
    touched_ns: int = 0  # of the last tick, timer or session edge (T1)
    last_exit_half: int | None = None  # price of the last exit fill (G14)
    flat_ns: int | None = None
    loss_ns: int | None = None
    last_won: bool = False
    last_reason: ExitReason = ExitReason.NONE  # of the last trade, and its side (G20)
    last_side: int = 0
    losses_in_a_row: int = 0
    wins_in_a_row: int = 0
    won: list[bool] = field(default_factory=list)  # every trade since the start (W1)
    unreviewed: int = 0  # trades since the start or a release (R3b)
    session_entries: int = 0  # R8a
    repeated: list[tuple[int, int]] = field(default_factory=list)  # R8b: time and side
    burst: list[int] = field(default_factory=list)  # L4: times of refusals
    context: Context | None = None
    accepted: list[int] = field(default_factory=list)  # times of accepted entries
    said: int = 0
    ended: bool = False
    unrealised: int = 0  # micro-units (E2)
    exit_cost: int = 0  # micro-units (E2)

    @property
    def features(self) -> Features:
        """Those of the traded instrument."""
        return self.slots[0]

    @property
    def by_hand(self) -> bool:
        """H1."""
        return self.origin is Origin.MANUAL

    @property
    def reference(self) -> Features | None:
        """Those of the reference (C8)."""
        return self.slots[REFERENCE] if self.has_reference else None

    def context_at(self, now: int) -> Context:
        """G27: nothing where none was given, or it is no longer valid."""
        if self.context is None or now > self.context.valid_until_ns:
            return Context(now)
        return self.context

    @property
    def loss_streak_holds(self) -> bool:
        """G7."""
        least = self.settings.whole("gates.momentum.loss_streak")
        return least > 0 and self.losses_in_a_row >= least

    @property
    def flat(self) -> bool:
        """No position, no working order."""
        return self.position is None and self.entry is None and self.exit is None

    def exit_ticks(self, side: int) -> int:
        """E1."""
        return self.features.bid_ticks if side > 0 else self.features.ask_ticks

    def gain(self, position: Position) -> int:
        """S1: ticks from the average to the exit-side quote."""
        return position.side * (self.exit_ticks(position.side) - position.average)

    def set_working(self, purpose: Purpose, order: Order | None) -> None:
        if purpose is Purpose.ENTRY:
            self.entry = order
        else:
            self.exit = order
