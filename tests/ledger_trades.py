"""Closed trades by hand, for tests of what is made of them."""

from decimal import Decimal
from typing import Any, Final

import msgspec

from domain.enums import ExitReason, Regime, Side
from domain.ledger import EquityRow, TradeRow
from domain.units import SECOND_NS, Money, Qty, TsNs

NOON_NS: Final = 1_700_049_600 * SECOND_NS  # Wednesday 2023-11-15 12:00 UTC
DAY_S: Final = 86_400

_TRADE: Final = TradeRow(
    trade_id="t",
    market="COIN",
    side=Side.LONG,
    quantity=Qty(Decimal(1)),
    entry_ns=TsNs(NOON_NS),
    exit_ns=TsNs(NOON_NS + 10 * SECOND_NS),
    entry_price=Decimal(100),
    exit_price=Decimal(101),
    reason=ExitReason.TAKE_PROFIT,
    playbook="probe",
    parameters_hash="ab",
    regime=Regime.QUIET,
    features="{}",
    mae=Money(Decimal(-1)),
    mfe=Money(Decimal(2)),
    gross=Money(Decimal(0)),
    spread_cost=Money(Decimal(0)),
    slippage=Money(Decimal(0)),
    fees=Money(Decimal(0)),
    funding=Money(Decimal(0)),
    net=Money(Decimal(0)),
    fills=2,
    entry_client_id="c",
)


def traded(net: str, at_s: float = 0, held_s: float = 10, **changes: Any) -> TradeRow:  # noqa: ANN401  passed on
    """A trade without costs that began so many seconds after NOON_NS."""
    entry_ns = NOON_NS + round(at_s * SECOND_NS)
    amounts = {"gross": Money(Decimal(net)), "net": Money(Decimal(net))}
    times = {"entry_ns": TsNs(entry_ns), "exit_ns": TsNs(entry_ns + round(held_s * SECOND_NS))}
    return msgspec.structs.replace(_TRADE, **{**amounts, **times, **changes})


def a_day_each(*nets: str) -> list[TradeRow]:
    """One trade at noon of each day."""
    return [traded(net, day * DAY_S) for day, net in enumerate(nets)]


def equity(amount: str, at_s: float = 0, open_positions: int = 0) -> EquityRow:
    """The account's equity at a time."""
    nothing = Money(Decimal(0))
    return EquityRow(
        time_ns=TsNs(NOON_NS + round(at_s * SECOND_NS)),
        equity=Money(Decimal(amount)),
        realised=nothing,
        unrealised=nothing,
        drawdown=nothing,
        open_positions=open_positions,
    )
