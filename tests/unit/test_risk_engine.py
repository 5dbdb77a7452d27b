"""The risk engine: each rule refuses by its code, with its limit and what was found."""

import math

import pytest

from domain.enums import Refusal, Side, TradingState
from domain.limits import NUMBERS
from domain.orders import Order, Refused
from domain.protections import CooldownPeriod, Protections
from domain.units import SECOND_NS
from risk.approvals import KEPT
from risk.engine import RiskEngine
from risk.view import RiskView
from trading_cases import NOW, at, entry, leave, limits, other, review, sent, trade, view, why

COOL = Protections(cooldown_period=CooldownPeriod(stop_duration_s=60.0))


def test_a_plain_entry_passes_as_it_is() -> None:
    order = entry()
    assert sent(review(order)) == order


@pytest.mark.parametrize(
    ("order", "seen", "expected"),
    [
        (entry(), view(market="MINT"), ("not_allowed", math.nan, math.nan, "limits.allow")),
        (entry(), view(trading_state=TradingState.REDUCING), ("trading_state", 0, 1, "account")),
        (entry(), view(trading_state=TradingState.HALTED), ("trading_state", 0, 2, "account")),
        (
            entry(),
            view(day_result=-100_000_000),
            ("daily_loss", -100, -100, "limits.max_daily_loss"),
        ),
        (
            entry(),
            at(0, last_loss_ns=NOW - 29 * SECOND_NS),
            ("cool_down", 30, 29, "limits.cool_down_s"),
        ),
        (entry(), view(book_age_s=2.1), ("stale_quote", 2, 2.1, "limits.stale_quote_s")),
        (entry(), view(book_valid=False), ("stale_quote", 2, math.nan, "limits.stale_quote_s")),
        (entry(limit=0), view(), ("bad_price", 1, 0, "instrument.tick")),
        (entry(lots=0), view(), ("bad_lots", 1, 0, "instrument.lot")),
        (entry(lots=-10), view(), ("bad_lots", 1, -10, "instrument.lot")),
        (
            entry(),
            view(min_notional_micro=100_100_001),
            ("min_notional", 100.100001, 100.1, "instrument.min_notional"),
        ),
        (
            entry(),
            view(value=0.0, min_notional_micro=0),
            ("min_notional", 0, 0, "instrument.min_notional"),
        ),
        (entry(limit=1_004), view(), ("price_collar", 6, 7, "limits.collar_spreads")),
        (
            entry(limit=1_007, lots=1),
            view(bid_ticks=1_001),
            ("price_collar", 4.004, 12, "limits.collar_bps"),
        ),
        (
            entry(limit=1_061),
            view(bid_ticks=900, ask_ticks=1_100),
            ("price_collar", 40, 122, "limits.hard_collar_bps"),
        ),
        (entry(lots=50), view(), ("order_notional", 500, 500.5, "limits.max_order_notional")),
        (
            entry(),
            view(position_lots=50, working_entry_lots=20),
            ("position_notional", 800, 800.8, "limits.max_position_notional"),
        ),
        (
            entry(),
            view(others=(other(),) * 3),
            ("open_positions", 3, 4, "limits.max_open_positions"),
        ),
        (
            entry(),
            view(others=(other(notional=1_900),)),
            ("gross_notional", 2_000, 2_000.1, "limits.max_gross_notional"),
        ),
        (entry(stop=99), view(), ("trade_loss", 10, 10.0001, "limits.max_trade_loss")),
        (entry(stop=0), view(), ("trade_loss", 10, math.inf, "limits.max_trade_loss")),
    ],
)
def test_an_entry_is_refused_by_the_rule_it_breaks(
    order: Order, seen: RiskView, expected: tuple[str, float, float, str]
) -> None:
    answer = review(order, seen)
    assert isinstance(answer, Refused)
    assert answer.order is order
    code, limit, actual, key = expected
    assert (answer.code.word, answer.key) == (code, key)
    assert (answer.limit, answer.actual) == pytest.approx((limit, actual), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(
    ("order", "seen"),
    [
        (entry(), view(day_result=-99_999_999)),
        (entry(), at(0, last_loss_ns=NOW - 30 * SECOND_NS)),
        (entry(), view(book_age_s=2.0)),
        (entry(limit=1_003), view()),
        (entry(limit=1_020, lots=1), view(bid_ticks=980, ask_ticks=1_020)),
        (entry(), view(min_notional_micro=100_100_000)),
        (entry(limit=1_000, lots=50, stop=1), view()),
        (entry(limit=1_000, stop=1), view(position_lots=50, working_entry_lots=20)),
        (entry(), view(others=(other(),) * 2)),
        (entry(), view(others=(other(notional=1_899),))),
        (entry(limit=1_000, stop=99), view()),
    ],
)
def test_an_entry_passes_at_the_edge_of_a_limit(order: Order, seen: RiskView) -> None:
    assert sent(review(order, seen)) == order


def test_a_star_allows_every_market() -> None:
    assert why(review(entry(), view(market="MINT"), allow=("*",))) is None


def test_rules_are_tried_in_the_order_of_the_page() -> None:
    hopeless = view(trading_state=TradingState.HALTED, book_valid=False, others=(other(),) * 9)
    answer = review(entry(limit=0, lots=0), hopeless)
    assert isinstance(answer, Refused)
    assert answer.code is Refusal.TRADING_STATE


def test_a_state_goes_before_a_lock_and_a_lock_before_all_that_follows() -> None:
    engine = RiskEngine(limits(trades_per_session=1.0), {}, COOL)
    engine.traded(trade("-1"), NOW)
    halted = engine.review(entry(), view(trading_state=TradingState.HALTED, day_result=-(10**9)))
    locked = engine.review(entry(), view(day_result=-(10**9), book_valid=False))
    assert isinstance(halted, Refused)
    assert isinstance(locked, Refused)
    assert (halted.code, locked.code) == (Refusal.TRADING_STATE, Refusal.COOLDOWN_PERIOD)


# What the engine remembers (R6 to R8)


@pytest.mark.parametrize("limit", [1_000, 1_001, 1_002])
def test_an_order_that_repeats_a_fresh_one_within_a_tick_is_refused(limit: int) -> None:
    engine = RiskEngine(limits())
    engine.review(entry(), view())
    answer = engine.review(entry(limit=limit), at(0.499))
    assert why(answer) == ("duplicate", 500, 499, "limits.duplicate_window_ms")


@pytest.mark.parametrize(
    ("order", "seconds"),
    [
        (entry(), 0.5),
        (entry(limit=1_003), 0.1),
        (entry(lots=9), 0.1),
        (entry(side=Side.SHORT), 0.1),
        (entry(market=1), 0.1),
    ],
    ids=["later", "price", "lots", "direction", "market"],
)
def test_an_order_that_differs_or_comes_later_is_no_duplicate(order: Order, seconds: float) -> None:
    engine = RiskEngine(limits())
    engine.review(entry(), view())
    assert sent(engine.review(order, at(seconds))) == order


def test_a_refused_order_makes_no_later_one_a_duplicate() -> None:
    engine = RiskEngine(limits())
    engine.review(entry(), view(book_valid=False))
    assert why(engine.review(entry(), at(0.1))) is None


def test_orders_of_all_markets_within_a_second_count_for_the_rate() -> None:
    engine = RiskEngine(limits(orders_per_second=2.0))
    engine.review(entry(market=1), view())
    engine.review(leave(market=2), at(0.5, position_lots=10))
    answer = engine.review(entry(), at(0.999))
    assert why(answer) == ("order_rate", 2, 2, "limits.orders_per_second")
    assert why(engine.review(entry(), at(1.0))) is None


def test_orders_of_the_day_leave_a_reserve_for_exits() -> None:
    engine = RiskEngine(limits(orders_per_day=5.0, exit_reserve=3.0))
    for second in range(2):
        engine.review(leave(), at(second, position_lots=10))
    answer = engine.review(entry(), at(9))
    assert why(answer) == ("orders_per_day", 2, 2, "limits.orders_per_day")


def test_a_new_day_counts_its_orders_anew() -> None:
    engine = RiskEngine(limits(orders_per_day=5.0, exit_reserve=4.0))
    engine.review(entry(), view())
    assert why(engine.review(entry(), at(5))) is not None
    engine.roll_day()
    assert why(engine.review(entry(), at(5))) is None


def test_entries_stop_when_more_is_in_the_window_than_can_be_remembered() -> None:
    engine = RiskEngine(limits(orders_per_second=1e6, orders_per_day=1e6))
    for number in range(KEPT + 1):
        engine.review(leave(market=number), view(position_lots=10))
    answer = engine.review(entry(), at(0.9))
    assert why(answer) == ("order_rate", KEPT, KEPT, "limits.orders_per_second")
    assert why(engine.review(entry(), at(1.0))) is None


# Missing limits (R1)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [None, 0.0, -1.0, math.nan, math.inf])
def test_a_limit_that_limits_nothing_refuses_every_entry_and_is_named(
    name: str, value: float | None
) -> None:
    engine = RiskEngine(limits(**{name: value}))
    answer = engine.review(entry(), view())
    assert isinstance(answer, Refused)
    assert (answer.code, answer.limit, answer.key) == (
        Refusal.LIMIT_MISSING,
        0.0,
        f"limits.{name}",
    )
    assert answer.actual == pytest.approx(math.nan if value is None else value, nan_ok=True)
    assert engine.problems() == [
        f"limits.{name} must be stated, finite and above 0: until then every entry is refused"
    ]


def test_an_empty_list_of_markets_is_a_missing_limit() -> None:
    answer = review(entry(), allow=())
    assert isinstance(answer, Refused)
    assert (answer.code, answer.key) == (Refusal.LIMIT_MISSING, "limits.allow")
    assert math.isnan(answer.actual)


def test_the_first_missing_limit_is_the_one_that_the_limits_name() -> None:
    wrong = limits(max_trade_loss=None, stale_quote_s=0.0)
    answer = RiskEngine(wrong).review(entry(), view())
    assert isinstance(answer, Refused)
    assert answer.key == wrong.missing()[0]


def test_all_missing_limits_are_problems_at_the_start() -> None:
    problems = RiskEngine(limits(allow=(), max_trade_loss=None, cool_down_s=0.0)).problems()
    named = [line.split()[0] for line in problems]
    assert named == ["limits.allow", "limits.max_trade_loss", "limits.cool_down_s"]


def test_a_reserve_that_leaves_no_order_for_entries_is_a_problem() -> None:
    assert RiskEngine(limits()).problems() == []
    problem = RiskEngine(limits(exit_reserve=100.0)).problems()[0]
    assert problem.startswith("limits.exit_reserve must be below limits.orders_per_day")


@pytest.mark.parametrize("name", NUMBERS)
def test_a_missing_limit_stops_no_exit(name: str) -> None:
    order = leave()
    assert sent(review(order, view(position_lots=10), **{name: None})) == order


@pytest.mark.parametrize("name", ["value", "taker", "book_age_s", "leverage"])
def test_a_nan_in_the_view_refuses_an_entry(name: str) -> None:
    assert isinstance(review(entry(), view(**{name: math.nan})), Refused)
