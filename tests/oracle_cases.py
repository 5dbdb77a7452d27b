"""A small oracle for tests of the oracle: one plain instrument, gates off but those named."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec
import numpy as np

from domain.enums import (
    BookSource,
    Contract,
    ExitReason,
    OutputKind,
    PriceSource,
    TickKind,
)
from domain.instruments import Fees, Instrument, MarginSchedule, MarginTerms, MarginTier
from domain.parameters import GATE_DEFAULTS
from domain.playbooks import Playbook, playbook_from
from domain.rows.tick import TICK
from oracle.account import Groups, Protections
from oracle.core import Oracle, OracleLimits, Said
from oracle.state import Position

SECOND = 1_000_000_000
LIMITS = OracleLimits(
    allow=("*",),
    max_daily_loss=1e6,
    max_trade_loss=1e6,
    cool_down_s=1.0,
    duplicate_window_ms=1.0,
    orders_per_second=100,
    orders_per_day=1000,
    exit_reserve=1,
    stale_quote_s=1000.0,
    collar_spreads=100.0,
    collar_bps=1000.0,
    hard_collar_bps=1000.0,
    max_order_notional=1e9,
    max_position_notional=1e9,
    max_open_positions=5,
    max_gross_notional=1e9,
    max_group_notional=1e9,
    max_leverage=1e6,
    max_heat=1e9,
    min_liquidation_stops=0.001,
    max_drawdown=1e6,
    loss_streak=1000,
    loss_streak_pause_s=10.0,
    slippage_orders=1000,
    max_slippage_bps=1e4,
    slippage_pause_s=10.0,
    repeated_entries=1000,
    repeated_window_s=60.0,
    reject_burst=1000,
    reject_window_s=60.0,
    trades_per_session=1e6,
    review_after_trades=1e6,
)
EXIT = {
    "stop": "10tick",
    "target": "off",
    "break_even_trigger": "off",
    "trail_trigger": "off",
    "trail_distance": "10tick",
    "limit_offset": "5tick",
    "flip_streak": 0,
    "max_hold_s": 600.0,
    "stall_s": 600.0,
}
Table = Mapping[str, object]


def margin(
    leverage: str, *tiers: tuple[str, str], fee: str = "0.01", since: date = date(1970, 1, 1)
) -> MarginTerms:
    """Tiers of (from, rate)."""
    made = tuple(
        MarginTier(from_notional=Decimal(start), rate=Decimal(rate)) for start, rate in tiers
    )
    schedule = MarginSchedule(since=since, tiers=made)
    return MarginTerms(
        leverage=Decimal(leverage), liquidation_fee=Decimal(fee), schedules=(schedule,)
    )


def margined(base: Instrument, terms: MarginTerms, **changes: object) -> Instrument:
    return msgspec.structs.replace(base, margin=terms, **changes)


def instrument(latency_ms: int = 0, tick: str = "1") -> Instrument:
    return Instrument(
        name="one",
        venue="paper",
        symbol="ONE",
        quote="USD",
        settle="USD",
        contract=Contract.SPOT,
        multiplier=Decimal(1),
        tick=Decimal(tick),
        lot=Decimal(1),
        min_notional=Decimal(1),
        standard_lots=5,
        shortable=True,
        latency_ms=latency_ms,
        assumed_half_spread=Decimal(1),
        assumed_size=Decimal(100),
        fees=Fees(maker=Decimal("0.001"), taker=Decimal("0.002")),
    )


def playbook(
    entry: Table | None = None,
    exit_: Table | None = None,
    regime_of: Table | None = None,
    averaging: Table | None = None,
    size: Table | None = None,
    **gates: Table,
) -> Playbook:
    """All gates are off but those that are named; `regime_of` is the section `[regime]`."""
    off: dict[str, Table] = {gate.word: {"mode": "off"} for gate in GATE_DEFAULTS}
    written = {
        "schema": 1,
        "name": "test",
        "sentence": "For the oracle.",
        "entry": {"limit_offset": "1tick", **(entry or {})},
        "exit": {**EXIT, **(exit_ or {})},
        "regime": dict(regime_of or {}),
        "averaging": dict(averaging or {}),
        "size": dict(size or {}),
        "gates": {**off, **gates},
    }
    return playbook_from(written, "test")


def limits(**changes: object) -> OracleLimits:
    return msgspec.structs.replace(LIMITS, **changes)


def oracle(
    book: Playbook,
    *,
    latency_ms: int = 0,
    limits: OracleLimits = LIMITS,
    groups: Groups | None = None,
    protections: Protections | None = None,
    traded: Instrument | None = None,
) -> Oracle:
    made = Oracle(Decimal(10_000), limits, groups, protections)
    traded = traded or instrument(latency_ms)
    made.set_market("one", traded, book, PriceSource.TRADES, BookSource.QUOTES)
    return made


def held(made: Oracle, market: int = 0) -> Position:
    """The position that is open."""
    position = made.markets[market].position
    assert position is not None
    return position


def row(seconds: float, kind: TickKind, **values: float) -> np.void:
    made = np.zeros(1, TICK)
    made["event_ns"] = made["ts_ns"] = round(seconds * SECOND)
    made["kind"] = kind
    for name, value in values.items():
        made[name] = value
    first: np.void = made[0]
    return first


def quote(seconds: float, bid: float, ask: float, size: float = 100.0) -> np.void:
    return row(seconds, TickKind.QUOTE, bid=bid, ask=ask, bid_size=size, ask_size=size)


def trade(seconds: float, price: float, size: float = 1.0, side: int = 0) -> np.void:
    return row(seconds, TickKind.TRADE, price=price, size=size, side=side)


def of_kind(made: Oracle, kind: OutputKind) -> list[Said]:
    return [said for said in made.outputs if said.kind is kind]


def exits_of(made: Oracle) -> list[tuple[ExitReason, int]]:
    intents = of_kind(made, OutputKind.INTENT)
    return [(ExitReason(said.code), said.event_ns) for said in intents if said.code]


def second_market(made: Oracle, book: Playbook) -> None:
    made.set_market("two", instrument(), book, PriceSource.TRADES, BookSource.QUOTES)


def fold(made: Oracle, *ticks: np.void) -> Oracle:
    for tick in ticks:
        made.tick(tick)
    return made


def bids(made: Oracle, start: float, *values: float) -> Oracle:
    """A quote a second, one tick wide."""
    return fold(made, *(quote(start + i, bid, bid + 1) for i, bid in enumerate(values)))


def prints(made: Oracle, start: float, step: float, *prices: float) -> Oracle:
    """Trades at even intervals."""
    return fold(made, *(trade(start + i * step, price) for i, price in enumerate(prices)))
