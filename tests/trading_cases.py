"""Instruments, orders, fills, limits and views for tests: plain ones, changed where asked."""

from decimal import Decimal
from typing import Any, Final

import msgspec

from domain.enums import Contract, ExitReason, OrderKind, Purpose, Side, TradingState
from domain.instruments import Fees, Instrument
from domain.limits import Limits
from domain.orders import Approved, Fill, Order, Refused
from domain.portfolio import Trade
from domain.units import SECOND_NS, Lots, Money, Ticks, TsNs
from risk.engine import RiskEngine
from risk.view import Exposure, RiskView

NOW: Final = TsNs(1_000 * SECOND_NS)

# One tick on one lot is worth 0.01; a lot at 1,000 ticks is worth 10.
COIN: Final = Instrument(
    name="COIN",
    venue="nowhere",
    symbol="COINUSD",
    quote="USD",
    settle="USD",
    contract=Contract.LINEAR_PERPETUAL,
    multiplier=Decimal(1),
    tick=Decimal("0.1"),
    lot=Decimal("0.1"),
    min_notional=Decimal(5),
    standard_lots=10,
    shortable=True,
    latency_ms=50,
    assumed_half_spread=Decimal("0.1"),
    assumed_size=Decimal(1),
    fees=Fees(maker=Decimal("0.0002"), taker=Decimal("0.0005")),
)

_ENTRY: Final = Order(
    market=0,
    client_id="COIN-1",
    purpose=Purpose.ENTRY,
    kind=OrderKind.IOC,
    side=Side.LONG,
    limit=Ticks(1_001),
    lots=Lots(10),
    decided_ns=NOW,
    mid_half=2_001,
    spread=1,
    stop=20,
    reason=ExitReason.NONE,
    life_ns=SECOND_NS,
)

_LIMITS: Final = Limits(
    allow=("COIN",),
    max_daily_loss=100.0,
    max_trade_loss=10.0,
    cool_down_s=30.0,
    duplicate_window_ms=500.0,
    orders_per_second=5.0,
    orders_per_day=100.0,
    exit_reserve=20.0,
    stale_quote_s=2.0,
    collar_spreads=3.0,
    collar_bps=20.0,
    hard_collar_bps=200.0,
    max_order_notional=500.0,
    max_position_notional=800.0,
    max_open_positions=3.0,
    max_gross_notional=2_000.0,
    max_group_notional=1_500.0,
    max_leverage=3.0,
    max_heat=15.0,
    min_liquidation_stops=4.0,
    max_drawdown=1_000.0,
    loss_streak=3.0,
    loss_streak_pause_s=600.0,
    slippage_orders=3.0,
    max_slippage_bps=10.0,
    slippage_pause_s=300.0,
    repeated_entries=4.0,
    repeated_window_s=60.0,
    reject_burst=3.0,
    reject_window_s=60.0,
    trades_per_session=10.0,
    review_after_trades=20.0,
)

_VIEW: Final = RiskView(
    market="COIN",
    instrument="COIN",
    held_elsewhere=False,
    works_elsewhere=False,
    by_hand=False,
    shortable=True,
    in_session=True,
    now_ns=NOW,
    trading_state=TradingState.ACTIVE,
    day_result=0,
    equity=10_000_000_000,
    value=10_000.0,
    inverse=False,
    taker=0.0005,
    leverage=1.0,
    liquidation_ticks=0,
    min_notional_micro=5_000_000,
    book_valid=True,
    book_age_s=0.1,
    bid_ticks=Ticks(1_000),
    ask_ticks=Ticks(1_001),
    position_lots=Lots(0),
    working_entry_lots=Lots(0),
    last_loss_ns=TsNs(0),
    others=(),
)


def entry(**changes: Any) -> Order:  # noqa: ANN401  passed on to the struct
    """A long entry of 10 lots at 1,001 ticks: a notional of 100.1."""
    return msgspec.structs.replace(_ENTRY, **changes)


def leave(**changes: Any) -> Order:  # noqa: ANN401
    """An exit of a long position of 10 lots, at 999 ticks."""
    basic = {"purpose": Purpose.EXIT, "limit": Ticks(999), "reason": ExitReason.HARD_STOP}
    return msgspec.structs.replace(_ENTRY, **{**basic, "stop": 0, **changes})


def fill(order: Order, price: int, lots: int, *, maker: bool = False, at_ns: int = NOW) -> Fill:
    """Some lots of an order traded at a price in ticks."""
    return Fill(order=order, time_ns=TsNs(at_ns), price=Ticks(price), lots=Lots(lots), maker=maker)


def limits(**changes: Any) -> Limits:  # noqa: ANN401
    """Limits that let `entry()` through."""
    return msgspec.structs.replace(_LIMITS, **changes)


def view(**changes: Any) -> RiskView:  # noqa: ANN401
    """A flat market at 1,000 to 1,001 ticks in an account without other positions."""
    named = {"instrument": changes["market"]} if "market" in changes else {}
    return msgspec.structs.replace(_VIEW, **{**named, **changes})


def review(order: Order, seen: RiskView | None = None, **changes: Any) -> Approved | Refused:  # noqa: ANN401
    """The answer of a fresh engine, whose limits are changed where asked."""
    return RiskEngine(limits(**changes)).review(order, seen or view())


def why(answer: Approved | Refused) -> tuple[str, float, float, str] | None:
    """Code, limit, actual and key of a refusal; None if the order passed."""
    if isinstance(answer, Approved):
        return None
    return answer.code.word, answer.limit, answer.actual, answer.key


def at(seconds: float, **changes: Any) -> RiskView:  # noqa: ANN401
    """The plain view, so much later."""
    return view(now_ns=NOW + round(seconds * SECOND_NS), **changes)


def sent(answer: Approved | Refused) -> Order | None:
    """The order that was approved; None if it was refused."""
    return answer.order if isinstance(answer, Approved) else None


def other(market: str = "OTHER", *, notional: int = 0, margin: int = 0, risk: int = 0) -> Exposure:
    """Another market's exposure, in money."""
    return Exposure(market, notional * 1_000_000, margin * 1_000_000, risk * 1_000_000)


def trade(
    net: str,
    market: str = "COIN",
    *,
    reason: ExitReason = ExitReason.HARD_STOP,
    at_ns: int = NOW,
    notional: str = "1000",
) -> Trade:
    """A closed trade of 10 lots that left so much of its entry notional after all costs."""
    zero = Money(Decimal(0))
    return Trade(
        market=market,
        side=Side.LONG,
        lots=Lots(10),
        entry_ns=NOW,
        exit_ns=TsNs(at_ns),
        entry_price=Decimal(100),
        entry_notional=Money(Decimal(notional)),
        exit_price=Decimal(100),
        reason=reason,
        fills=2,
        gross=Money(Decimal(net)),
        spread_cost=zero,
        slippage=zero,
        fees=zero,
        funding=zero,
        net=Money(Decimal(net)),
    )


def after(seconds: float) -> int:
    """So much later, in nanoseconds."""
    return NOW + round(seconds * SECOND_NS)
