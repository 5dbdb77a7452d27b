"""Whatever happens, no lock that is in force lets an entry through, and none stops an exit."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.enums import ExitReason, Side, TradingState
from domain.locks import ALL, Lock, Pause
from domain.orders import Approved, Refused
from domain.protections import (
    CooldownPeriod,
    LowProfitPairs,
    MaxDrawdown,
    Protections,
    StoplossGuard,
)
from domain.rows.account import NEVER_NS
from risk.engine import RiskEngine
from risk.locks import Locks
from trading_cases import NOW, entry, leave, limits, trade, view

MARKETS = st.sampled_from(["COIN", "OTHER"])
REASONS = st.sampled_from([ExitReason.HARD_STOP, ExitReason.TRAILING, ExitReason.TAKE_PROFIT])
PROTECTIONS = st.builds(
    Protections,
    cooldown_period=st.none() | st.just(CooldownPeriod(stop_duration_s=2.0)),
    stoploss_guard=st.none()
    | st.builds(
        StoplossGuard,
        lookback_s=st.just(20.0),
        trade_limit=st.integers(1, 3),
        required_profit=st.just(0.0),
        only_per_pair=st.booleans(),
        stop_duration_s=st.just(5.0),
    ),
    max_drawdown=st.none()
    | st.just(
        MaxDrawdown(lookback_s=30.0, trade_limit=2, max_allowed_drawdown=0.01, stop_duration_s=7.0)
    ),
    low_profit_pairs=st.none()
    | st.just(
        LowProfitPairs(lookback_s=10.0, trade_limit=2, required_profit=0.0, stop_duration_s=3.0)
    ),
)


class Sessions(RuleBasedStateMachine):
    """Trades, orders, releases and time in any order, in two markets."""

    @initialize(asked=PROTECTIONS, repeated=st.integers(1, 4))
    def start(self, asked: Protections, repeated: int) -> None:
        tight = limits(allow=("*",), repeated_entries=float(repeated), repeated_window_s=10.0)
        self.engine = RiskEngine(tight, {}, asked, Decimal(1_000))
        self.now_ns = int(NOW)
        self.told: list[Lock | Pause] = []

    @rule(ns=st.sampled_from([0, 1, 999_999_999, 1_000_000_000, 2_000_000_000, 7_000_000_000]))
    def wait(self, ns: int) -> None:
        self.now_ns += ns

    @rule(net=st.integers(-30, 30), market=MARKETS, reason=REASONS)
    def close(self, net: int, market: str, reason: ExitReason) -> None:
        self.engine.traded(trade(str(net), market, reason=reason), self.now_ns)
        self.told += self.engine.measures()

    @rule(market=MARKETS, side=st.sampled_from(Side), limit=st.sampled_from([0, 1_001, 1_001]))
    def enter(self, market: str, side: Side, limit: int) -> None:
        number = int(market == "OTHER")
        standing = [lock for lock in self.engine.locks(self.now_ns) if lock.market in (ALL, market)]
        seen = view(market=market, now_ns=self.now_ns)
        answer = self.engine.review(entry(market=number, side=side, limit=limit), seen)
        self.told += self.engine.measures()
        if standing:
            assert isinstance(answer, Refused)
            assert answer.code is standing[0].code
            assert answer.until_ns == (standing[0].until_ns or NEVER_NS) > self.now_ns
        else:
            assert isinstance(answer, Approved) or answer.until_ns == 0

    @rule(market=MARKETS, lots=st.integers(1, 10), limit=st.integers(990, 1_010))
    def exit(self, market: str, lots: int, limit: int) -> None:
        # Time moves on, so that no exit repeats another (R6).
        self.now_ns += 1_000_000_000
        halted = TradingState.HALTED
        seen = view(market=market, now_ns=self.now_ns, position_lots=10, trading_state=halted)
        order = leave(market=int(market == "OTHER"), lots=lots, limit=limit)
        assert isinstance(self.engine.review(order, seen), Approved)

    @rule(market=MARKETS | st.none())
    def release(self, market: str | None) -> None:
        self.engine.release(market)
        left = {lock.market for lock in self.engine.locks(self.now_ns)}
        assert left == set() if market is None else market not in left

    @rule(market=MARKETS)
    def begin(self, market: str) -> None:
        self.engine.session_began(market)
        self.engine.roll_day()
        self.engine.state_released()

    def teardown(self) -> None:
        if not hasattr(self, "engine"):
            return
        known = {(each.market, each.code) for each in self.told if isinstance(each, Lock)}
        standing = self.engine.locks(self.now_ns)
        assert {(each.market, each.code) for each in standing} <= known
        assert len(standing) == len({(each.market, each.code) for each in standing})


TestSessions = Sessions.TestCase
TestSessions.settings = settings(max_examples=150, stateful_step_count=40)

ENDS = st.none() | st.integers(1, 20).map(lambda second: NOW + second)
LOCKS = st.builds(
    lambda market, code, since, end: Lock(market, code, NOW + since, end, 1.0, 2.0, "key"),
    st.sampled_from(["COIN", "OTHER", ALL]),
    st.sampled_from([30, 31]),
    st.integers(0, 15),
    ENDS,
)


@given(st.lists(LOCKS, max_size=12), st.integers(15, 21))
def test_a_lock_stands_exactly_until_the_last_end_it_was_given(locks: list[Lock], now: int) -> None:
    known = Locks()
    for each in sorted(locks, key=lambda lock: lock.since_ns):
        known.put(each)
    for market in ("COIN", "OTHER"):
        expected = any(
            each.market in (ALL, market) and (each.until_ns is None or NOW + now < each.until_ns)
            for each in locks
        )
        assert (known.on(market, NOW + now) is not None) == expected
