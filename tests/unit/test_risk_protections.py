"""L5: what the trades that closed lately lock, each protection as in freqtrade."""

import math
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from domain.enums import ExitReason, OrderKind, Purpose, Refusal, StateCause
from domain.locks import ALL, Lock, Pause
from domain.protections import (
    CooldownPeriod,
    LowProfitPairs,
    MaxDrawdown,
    Protections,
    StoplossGuard,
)
from risk import protections
from risk.engine import RiskEngine
from risk.protections import STOPS, drawdown
from trading_cases import after, at, entry, fill, limits, trade, why

HOUR = 3_600.0
NUMBERS = {"COIN": 0, "OTHER": 1}
GUARD = StoplossGuard(
    lookback_s=HOUR, trade_limit=3, required_profit=0.0, only_per_pair=False, stop_duration_s=600.0
)
FALL = MaxDrawdown(lookback_s=HOUR, trade_limit=2, max_allowed_drawdown=0.1, stop_duration_s=600.0)
LOW = LowProfitPairs(lookback_s=HOUR, trade_limit=2, required_profit=0.01, stop_duration_s=600.0)


def engine_with(**asked: Any) -> RiskEngine:  # noqa: ANN401  passed on to the struct
    """An engine with 1,000 and these protections, whose limits stand in no trade's way."""
    wide = limits(
        allow=("*",),
        loss_streak=1e6,
        review_after_trades=1e6,
        repeated_entries=1e3,
        trades_per_session=1e6,
    )
    return RiskEngine(wide, {}, Protections(**asked), Decimal(1_000))


def closes(
    engine: RiskEngine,
    net: str,
    seconds: float,
    market: str = "COIN",
    reason: ExitReason = ExitReason.HARD_STOP,
    notional: str = "100",
) -> list[Lock]:
    """A trade of that entry notional closes; the locks that were set by it."""
    engine.traded(trade(net, market, reason=reason, notional=notional), after(seconds))
    return [each for each in engine.measures() if isinstance(each, Lock)]


def locked(engine: RiskEngine, seconds: float, market: str = "COIN") -> str | None:
    """The code by which an entry is refused then."""
    found = why(engine.review(entry(market=NUMBERS[market]), at(seconds, market=market)))
    return None if found is None else found[0]


def test_without_protections_no_trade_locks() -> None:
    engine = engine_with()
    for second in range(50):
        assert closes(engine, "-9", second) == []


# CooldownPeriod


def test_a_cooldown_locks_the_market_of_each_trade_won_or_lost() -> None:
    engine = engine_with(cooldown_period=CooldownPeriod(stop_duration_s=60.0))
    (lock,) = closes(engine, "5", 0, reason=ExitReason.TAKE_PROFIT)
    assert (lock.key, lock.limit is None, lock.actual is None) == (
        "protections.cooldown_period",
        True,
        True,
    )
    assert locked(engine, 59.9) == "cooldown_period"
    assert locked(engine, 59.9, "OTHER") is None
    assert locked(engine, 60) is None


# StoplossGuard


def test_three_stops_within_an_hour_lock_every_market() -> None:
    engine = engine_with(stoploss_guard=GUARD)
    assert closes(engine, "-1", 0) == []
    assert closes(engine, "-1", 1_200, "OTHER") == []
    key = "protections.stoploss_guard.trade_limit"
    lock = Lock(ALL, Refusal.STOPLOSS_GUARD, after(2_400), after(3_000), 3.0, 3.0, key)
    assert closes(engine, "-1", 2_400) == [lock]
    assert locked(engine, 2_999.9, "OTHER") == "stoploss_guard"
    assert locked(engine, 3_000, "OTHER") is None


@pytest.mark.parametrize(("last", "count"), [(3_599.999_999_999, 1), (3_600, 0)])
def test_a_stop_leaves_the_lookback_at_its_end(last: float, count: int) -> None:
    engine = engine_with(stoploss_guard=GUARD)
    closes(engine, "-1", 0)
    closes(engine, "-1", 1)
    assert len(closes(engine, "-1", last)) == count


def test_a_stop_in_profit_does_not_count_unless_more_was_required() -> None:
    wanting = StoplossGuard(
        lookback_s=HOUR, trade_limit=1, required_profit=0.02, only_per_pair=False,
        stop_duration_s=600.0,
    )  # fmt: skip
    trailed = ExitReason.TRAILING
    engine = engine_with(stoploss_guard=GUARD)
    assert [closes(engine, "1", second, reason=trailed) for second in range(5)] == [[]] * 5
    assert closes(engine_with(stoploss_guard=wanting), "2", 0, reason=trailed) == []
    assert len(closes(engine_with(stoploss_guard=wanting), "1.99", 0, reason=trailed)) == 1


def test_a_stop_that_leaves_nothing_is_not_below_a_required_profit_of_nothing() -> None:
    engine = engine_with(stoploss_guard=GUARD)
    assert [closes(engine, "0", second) for second in range(5)] == [[]] * 5


@pytest.mark.parametrize("reason", list(ExitReason))
def test_only_ways_out_by_a_stop_count(reason: ExitReason) -> None:
    stops = {
        "liquidation", "trade_loss", "hard_stop", "break_even", "offset_stop", "profit_lock",
        "trailing", "tight_trailing", "fast_trailing", "time_stop",
    }  # fmt: skip
    assert (reason in STOPS) == (reason.word in stops)
    engine = engine_with(stoploss_guard=GUARD)
    locks = [each for second in range(3) for each in closes(engine, "-1", second, reason=reason)]
    assert len(locks) == (reason.word in stops)


def test_a_guard_per_pair_counts_and_locks_one_market() -> None:
    own = StoplossGuard(
        lookback_s=HOUR, trade_limit=2, required_profit=0.0, only_per_pair=True,
        stop_duration_s=600.0,
    )  # fmt: skip
    engine = engine_with(stoploss_guard=own)
    assert closes(engine, "-1", 0) == []
    assert closes(engine, "-1", 1, "OTHER") == []
    assert [lock.market for lock in closes(engine, "-1", 2)] == ["COIN"]
    assert locked(engine, 3) == "stoploss_guard"
    assert locked(engine, 3, "OTHER") is None


def test_a_stop_more_makes_the_lock_longer_and_is_not_told_again() -> None:
    engine = engine_with(stoploss_guard=GUARD)
    for second in (0, 1, 2):
        closes(engine, "-1", second)
    assert closes(engine, "-1", 100) == []
    assert locked(engine, 699.9) == "stoploss_guard"
    assert locked(engine, 700) is None


# MaxDrawdown


def test_a_fall_of_the_balance_beyond_its_share_locks_every_market() -> None:
    # 1,000, 1,100, 990: the fall of 110 is a tenth of 1,100; of 110.01 it is more.
    engine = engine_with(max_drawdown=FALL)
    assert closes(engine, "100", 0) == []
    assert closes(engine, "-110", 1, "OTHER") == []
    engine = engine_with(max_drawdown=FALL)
    assert closes(engine, "100", 0) == []
    (lock,) = closes(engine, "-110.01", 1, "OTHER")
    assert (lock.market, lock.code) == (ALL, Refusal.MAX_DRAWDOWN)
    assert lock.limit == 0.1
    assert lock.actual == pytest.approx(110.01 / 1_100)
    assert lock.key == "protections.max_drawdown.max_allowed_drawdown"
    assert locked(engine, 600) == "max_drawdown"
    assert locked(engine, 601) is None


def test_a_fall_within_too_few_trades_is_not_looked_at() -> None:
    engine = engine_with(max_drawdown=FALL)
    assert closes(engine, "-500", 0) == []
    assert len(closes(engine, "1", 1)) == 1


def test_the_balance_before_the_lookback_is_the_first_peak() -> None:
    # 1,000 + 1,000 an hour before: then 190 of 2,000 are 9.5 %, without them 19 % of 1,000.
    engine = engine_with(max_drawdown=FALL)
    closes(engine, "1000", 0)
    assert closes(engine, "-100", HOUR) == []
    assert closes(engine, "-90", HOUR + 1) == []
    assert len(closes(engine, "-10.01", HOUR + 2)) == 1


def test_a_fall_before_the_lookback_is_over() -> None:
    engine = engine_with(max_drawdown=FALL)
    closes(engine, "-50", 0)
    closes(engine, "-45", 1)
    assert closes(engine, "-10", HOUR + 1) == []
    assert closes(engine, "-10", HOUR + 2) == []


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ((), 0.0),
        ((10, 20, 30), 0.0),
        ((-10, 5, -20), 25 / 100),
        ((100, -50, 250, -60), 60 / 400),  # the larger fall, though 50 were a quarter of 200
        ((-50, 150, -50), 50 / 100),  # of equal falls the first
    ],
)
def test_the_largest_fall_is_measured_in_parts_of_its_own_peak(
    nets: tuple[int, ...], expected: float
) -> None:
    assert drawdown(Decimal(100), [Decimal(net) for net in nets]) == expected


@pytest.mark.parametrize("start", ["0", "-5"])
def test_a_fall_from_nothing_has_no_bound(start: str) -> None:
    assert drawdown(Decimal(start), [Decimal(-1)]) == math.inf


# LowProfitPairs


def test_too_little_profit_of_a_market_locks_it() -> None:
    # 0.4 % and 0.6 % of 100 are the 1 % required; 0.59 % is too little.
    engine = engine_with(low_profit_pairs=LOW)
    assert closes(engine, "0.4", 0) == []
    assert closes(engine, "0.6", 1) == []
    engine = engine_with(low_profit_pairs=LOW)
    assert closes(engine, "0.4", 0) == []
    (lock,) = closes(engine, "0.59", 1)
    assert (lock.market, lock.code) == ("COIN", Refusal.LOW_PROFIT_PAIRS)
    assert lock.limit == 0.01
    assert lock.actual == pytest.approx(0.0099)
    assert lock.key == "protections.low_profit_pairs.required_profit"
    assert locked(engine, 2, "OTHER") is None
    assert locked(engine, 2) == "low_profit_pairs"


def test_too_few_trades_of_a_market_say_nothing_of_its_profit() -> None:
    engine = engine_with(low_profit_pairs=LOW)
    assert closes(engine, "-5", 0) == []
    assert closes(engine, "-5", 1, "OTHER") == []


def test_what_a_market_earned_before_the_lookback_does_not_count() -> None:
    engine = engine_with(low_profit_pairs=LOW)
    closes(engine, "50", 0)
    closes(engine, "0.1", HOUR - 1)
    assert len(closes(engine, "0.1", HOUR)) == 1


# Together


def test_locks_and_pauses_of_one_trade_come_in_the_order_of_the_page() -> None:
    engine = RiskEngine(
        limits(allow=("*",), loss_streak=2.0, slippage_orders=1.0),
        {},
        Protections(
            cooldown_period=CooldownPeriod(stop_duration_s=60.0),
            stoploss_guard=StoplossGuard(
                lookback_s=HOUR, trade_limit=2, required_profit=0.0, only_per_pair=False,
                stop_duration_s=600.0,
            ),
            max_drawdown=FALL,
            low_profit_pairs=LOW,
        ),
        Decimal(1_000),
    )  # fmt: skip
    closes(engine, "-1", 0)
    order = entry(client_id="slipped", purpose=Purpose.EXIT, kind=OrderKind.IOC)
    engine.filled(fill(order, 900, 10))
    engine.traded(trade("-200"), after(60))
    told = [each.cause if isinstance(each, Pause) else each.code for each in engine.measures()]
    assert told == [
        StateCause.LOSS_STREAK,
        StateCause.SLIPPAGE,
        Refusal.COOLDOWN_PERIOD,
        Refusal.STOPLOSS_GUARD,
        Refusal.MAX_DRAWDOWN,
        Refusal.LOW_PROFIT_PAIRS,
    ]


def test_each_protection_looks_back_as_far_as_it_says() -> None:
    # Two trades are too few for the drawdown of the last minute; the guard still sees all three.
    short = msgspec.structs.replace(FALL, lookback_s=60.0, trade_limit=3)
    engine = engine_with(stoploss_guard=GUARD, max_drawdown=short)
    assert closes(engine, "-90", 0) == []
    assert closes(engine, "-90", 1) == []
    assert [lock.code for lock in closes(engine, "-90", 60)] == [Refusal.STOPLOSS_GUARD]


def test_a_short_lookback_starts_from_the_balance_that_longer_ones_remember() -> None:
    # 1,000 + 1,000 two minutes before: 190 of 2,000 are 9.5 %, of 1,000 they would be 19 %.
    short = msgspec.structs.replace(FALL, lookback_s=60.0)
    engine = engine_with(stoploss_guard=GUARD, max_drawdown=short)
    won = ExitReason.TAKE_PROFIT
    closes(engine, "1000", 0, reason=won)
    assert closes(engine, "-100", 120, reason=won) == []
    assert closes(engine, "-90", 121, reason=won) == []
    assert len(closes(engine, "-10.01", 122, reason=won)) == 1


def test_a_trade_without_an_entry_notional_counts_as_the_worst() -> None:
    engine = engine_with(
        stoploss_guard=StoplossGuard(
            lookback_s=HOUR, trade_limit=1, required_profit=-0.5, only_per_pair=True,
            stop_duration_s=600.0,
        )
    )  # fmt: skip
    assert [lock.code for lock in closes(engine, "7", 0, notional="0")] == [Refusal.STOPLOSS_GUARD]


def test_each_trade_is_measured_by_its_own_entries() -> None:
    # 0.5 is the half percent required of 100; of 100.01 it is less.
    low = LowProfitPairs(
        lookback_s=1.0, trade_limit=1, required_profit=0.005, stop_duration_s=600.0
    )
    engine = engine_with(low_profit_pairs=low)
    assert closes(engine, "0.5", 0) == []
    assert len(closes(engine, "0.5", 5, notional="100.01")) == 1


def test_more_trades_than_can_be_remembered_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protections, "MOST_TRADES", 3)
    engine = engine_with(stoploss_guard=GUARD, max_drawdown=FALL)
    wins = [closes(engine, "1", second, reason=ExitReason.TAKE_PROFIT) for second in range(3)]
    assert wins == [[]] * 3
    locks = closes(engine, "1", 3, reason=ExitReason.TAKE_PROFIT)
    assert [(lock.code, lock.limit, lock.actual) for lock in locks] == [
        (Refusal.STOPLOSS_GUARD, 3, 4),
        (Refusal.MAX_DRAWDOWN, 3, 4),
    ]


def test_forgotten_trades_matter_no_more_once_no_protection_looks_back_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protections, "MOST_TRADES", 3)
    engine = engine_with(stoploss_guard=GUARD)
    for second in range(4):
        closes(engine, "1", second)
    assert closes(engine, "1", HOUR + 1) == []


def test_a_release_ends_the_locks_of_protections() -> None:
    engine = engine_with(stoploss_guard=GUARD)
    for second in range(3):
        closes(engine, "-1", second)
    engine.release("COIN")
    assert locked(engine, 4) == "stoploss_guard"
    engine.release(None)
    assert locked(engine, 5) is None
