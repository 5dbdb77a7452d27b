"""Made-up replays for tests of what is printed. The numbers belong together, but mean nothing."""

from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from reporting.replay_summary import (
    FileLine,
    MarketSummary,
    Money,
    ReferenceSummary,
    ReplaySummary,
    TradeLine,
)

MONEY: Final = Money(
    gross=Decimal("184.20"),
    spread_cost=Decimal("42.105"),
    slippage=Decimal("7.35"),
    fees=Decimal("163.9071"),
    funding=Decimal("-1.20"),
    net=Decimal("-27.9621"),
)
NOTHING: Final = Money(
    gross=Decimal(0),
    spread_cost=Decimal(0),
    slippage=Decimal(0),
    fees=Decimal(0),
    funding=Decimal(0),
    net=Decimal(0),
)
REFERENCE: Final = ReferenceSummary(
    instrument="LEAD",
    files=[
        FileLine(
            name="lead.parquet",
            market="LEAD",
            ticks=10,
            first_ns=0,
            last_ns=342 * 10**9,
            dropped={"late": 2},
        )
    ],
    ticks=10,
    delivered={"BTCUSDT-usdm": 8},
)
_MARKET: Final = MarketSummary(
    ticks=2_400_000,
    decisions=84,
    trades=42,
    wins=19,
    open_positions=0,
    money=MONEY,
    rejections={"expected_move": 1_903_111, "candle": 310_402, "momentum": 2_120, "data_age": 88},
    not_ready={"candle": 15_020},
    observed={"spread": 4_411},
    exits={"take_profit": 14, "hard_stop": 20, "time_guard": 8},
    refusals={"stale_quote": 3},
)
_SUMMARY: Final = ReplaySummary(
    ticks=_MARKET.ticks,
    ticks_dropped={"crossed": 3, "late": 12},
    seconds=0.31,
    ticks_per_second=7_741_935.5,
    decisions=_MARKET.decisions,
    trades=_MARKET.trades,
    wins=_MARKET.wins,
    open_positions=_MARKET.open_positions,
    money=_MARKET.money,
    max_drawdown=Decimal("61.5"),
    currency="USDT",
    rejections=_MARKET.rejections,
    not_ready=_MARKET.not_ready,
    observed=_MARKET.observed,
    exits=_MARKET.exits,
    refusals=_MARKET.refusals,
    markets={"BTCUSDT-usdm": _MARKET},
    assumed=["BTCUSDT-usdm has no quotes: a half-spread of 1 tick is assumed on both sides."],
    playbook="baseline",
    parameters_hash="3f9a1c20b7de4f5a8c0193b2d6e7a410",
    kernel_hash="0c4be1f2a9d84e3fb6570a1c9e2d8f36",
    decision_hash="a81e0f77c2b94d16935c4e8d20fb6a53",
)
_UNTRADED: Final = replace(
    _SUMMARY,
    decisions=0,
    trades=0,
    wins=0,
    exits={},
    refusals={},
    money=NOTHING,
    max_drawdown=Decimal(0),
)
_TRADE: Final = TradeLine(
    market="BTCUSDT-usdm",
    side="long",
    quantity=Decimal("0.012"),
    entry_ns=1_700_000_000_123_999_999,
    exit_ns=1_700_000_003_373_999_999,
    entry_price=Decimal("65123.40"),
    exit_price=Decimal("65071.30"),
    reason="hard_stop",
    money=MONEY,
)


def market(**changes: object) -> MarketSummary:
    """A market that lost money in 42 trades, apart from `changes`."""
    return replace(_MARKET, **changes)


def summary(**changes: object) -> ReplaySummary:
    """A replay of one such market, apart from `changes`."""
    return replace(_SUMMARY, **changes)


def untraded(**changes: object) -> ReplaySummary:
    """A replay without any decision, apart from `changes`."""
    return replace(_UNTRADED, **changes)


def trade(**changes: object) -> TradeLine:
    """A LONG of 3.25 s in BTC that lost, apart from `changes`."""
    return replace(_TRADE, **changes)
