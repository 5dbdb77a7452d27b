"""The oracle's protections, worked out by hand (L5)."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from domain.enums import ExitReason, OutputKind, Refusal, Side
from oracle.account import Account
from oracle.core import Oracle
from oracle.money import ClosedTrade
from oracle.protections import after_close, largest_fall
from oracle_cases import SECOND, of_kind, oracle, playbook, second_market

HARD, TARGET = ExitReason.HARD_STOP, ExitReason.TAKE_PROFIT


def closed(at: float, net: float, reason: ExitReason = HARD, market: int = 0) -> ClosedTrade:
    """A trade of 1,000 that left so much."""
    nothing = Decimal(0)
    return ClosedTrade(
        market=market, side=Side.LONG, lots=1, entry_ns=0, exit_ns=round(at * SECOND),
        reason=reason, gross=Decimal(str(net)), spread_cost=nothing, slippage=nothing,
        fees=nothing, funding=nothing, entry_notional=Decimal(1000),
    )  # fmt: skip


def guarded(name: str, **section: float) -> Oracle:
    made = oracle(playbook(), protections={name: {"stop_duration_s": 30.0, **section}})
    second_market(made, playbook())
    return made


def close(made: Oracle, *trades: ClosedTrade) -> list[tuple[Any, ...]]:
    """Locks as market, code, end in seconds, limit and actual."""
    account: Account = made.account
    for trade in trades:
        account.ledger.trades.append(trade)
        after_close(account, trade.exit_ns, trade)
    said = of_kind(made, OutputKind.LOCKED)
    return [(s.market, s.code, s.first_ns // SECOND, *s.distances[:2]) for s in said]


def test_cooldown_period_locks_the_market_after_each_trade() -> None:
    made = guarded("cooldown_period")
    ((market, code, end, limit, actual),) = close(made, closed(5, 1), closed(6, 1))
    assert (market, code, end) == (0, Refusal.COOLDOWN_PERIOD, 35)
    assert math.isnan(limit)
    assert math.isnan(actual)
    assert made.account.locks[0].end_ns == 36 * SECOND


GUARD: Mapping[str, float] = {
    "lookback_s": 10.0, "trade_limit": 2, "required_profit": 0.0, "only_per_pair": False,
}  # fmt: skip


def test_stoploss_guard_locks_all_after_so_many_stops() -> None:
    made = guarded("stoploss_guard", **GUARD)
    assert close(made, closed(1, -1), closed(2, -1, market=1)) == [
        (-1, Refusal.STOPLOSS_GUARD, 32, 2.0, 2.0)
    ]


@pytest.mark.parametrize(
    ("first", "locks"),
    [
        (closed(2.001, -1), 1),
        (closed(2.0, -1), 0),  # no longer within 10 s
        (closed(3, 0), 0),  # not below the required profit
        (closed(3, -1, TARGET), 0),
        (closed(3, -1, ExitReason.TIME_STOP), 1),
        (closed(3, -1, ExitReason.LIQUIDATION), 1),
        (closed(3, -1, ExitReason.TIME_GUARD), 0),
    ],
)
def test_stoploss_guard_counts_stops_without_profit(first: ClosedTrade, locks: int) -> None:
    assert len(close(guarded("stoploss_guard", **GUARD), first, closed(12, -1))) == locks


def test_stoploss_guard_may_look_at_the_market_only() -> None:
    made = guarded("stoploss_guard", **{**GUARD, "only_per_pair": True})
    assert close(made, closed(1, -1), closed(2, -1, market=1)) == []
    assert close(made, closed(3, -1, market=1))[0][:2] == (1, Refusal.STOPLOSS_GUARD)


def test_stoploss_guard_is_looked_at_when_any_trade_closes() -> None:
    made = guarded("stoploss_guard", **{**GUARD, "required_profit": 0.01})
    assert len(close(made, closed(1, 9.9), closed(2, 10), closed(3, 9, TARGET))) == 0
    assert len(close(made, closed(4, 9.9))) == 1


def test_max_drawdown_is_the_largest_fall_by_its_peak() -> None:
    # From 10,000: 9,900 before; then 10,100, 9,595 (505 of 10,100), 10,200, 9,700 (500 of 10,200).
    before, trades = [closed(1, -100)], [closed(i, n) for i, n in ((2, 200), (3, -505), (4, 605))]
    found = largest_fall(Decimal(10_000), before, [*trades, closed(5, -500)])
    assert found == pytest.approx(0.05)
    assert largest_fall(Decimal(10_000), [], [closed(1, 1)]) == 0.0


def test_max_drawdown_locks_all_above_what_is_allowed() -> None:
    section = {"lookback_s": 10.0, "trade_limit": 2, "max_allowed_drawdown": 0.02}
    made = guarded("max_drawdown", **section)
    assert close(made, closed(1, -300), closed(2, 100)) == [
        (-1, Refusal.MAX_DRAWDOWN, 32, 0.02, pytest.approx(0.03))
    ]
    assert close(guarded("max_drawdown", **section), closed(1, -200), closed(2, 100)) == []
    assert close(guarded("max_drawdown", **section), closed(1, -300), closed(11, 100)) == []


def test_low_profit_pairs_adds_up_what_trades_of_the_market_left() -> None:
    section = {"lookback_s": 10.0, "trade_limit": 2, "required_profit": 0.005}
    made = guarded("low_profit_pairs", **section)
    assert close(made, closed(1, 3), closed(2, -9, market=1), closed(3, 1.9)) == [
        (0, Refusal.LOW_PROFIT_PAIRS, 33, 0.005, pytest.approx(0.0049))
    ]
    assert close(guarded("low_profit_pairs", **section), closed(1, 3), closed(3, 2.1)) == []


def test_protections_lock_in_the_order_of_the_page() -> None:
    sections: dict[str, dict[str, float]] = {
        "low_profit_pairs": {"lookback_s": 9.0, "trade_limit": 1, "required_profit": 1.0},
        "max_drawdown": {"lookback_s": 9.0, "trade_limit": 1, "max_allowed_drawdown": 0.001},
        "stoploss_guard": {**GUARD, "trade_limit": 1},
        "cooldown_period": {},
    }
    durations = {name: {"stop_duration_s": 5.0, **each} for name, each in sections.items()}
    made = oracle(playbook(), protections=durations)
    codes = [code for _, code, *_ in close(made, closed(1, -100))]
    assert codes == [
        Refusal.COOLDOWN_PERIOD,
        Refusal.STOPLOSS_GUARD,
        Refusal.MAX_DRAWDOWN,
        Refusal.LOW_PROFIT_PAIRS,
    ]
