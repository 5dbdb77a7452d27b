"""Locks: what sets them (L3, L4), what they stop (R3a, R21), and what ends them."""

import math

import pytest

from domain.enums import Refusal, Side
from domain.locks import ALL, Lock
from domain.orders import Approved, Order, Refused
from domain.protections import CooldownPeriod, Protections
from domain.rows.account import NEVER_NS
from risk.engine import RiskEngine
from risk.locks import Locks
from risk.view import RiskView
from trading_cases import NOW, after, at, entry, leave, limits, sent, trade, view, why

COOL = Protections(cooldown_period=CooldownPeriod(stop_duration_s=60.0))
BURST = ("reject_burst", 3, 3, "limits.reject_burst")


def repeating() -> RiskEngine:
    """An engine that was asked for one entry too many at second 4."""
    engine = RiskEngine(limits())
    for second in range(5):
        engine.review(entry(), at(second))
    return engine


def asked(*seconds: float) -> RiskEngine:
    """An engine that was asked for a senseless order at these seconds."""
    engine = RiskEngine(limits())
    for second in seconds:
        assert isinstance(engine.review(entry(limit=0), at(second)), Refused)
    return engine


def until(answer: Approved | Refused) -> int | None:
    return answer.until_ns if isinstance(answer, Refused) else None


# L3


def test_repeated_entries_lock_the_market_until_a_release() -> None:
    engine = repeating()
    key = "limits.repeated_entries"
    lock = Lock("COIN", Refusal.REPEATED_ENTRIES, after(4), None, 4.0, 5.0, key)
    assert engine.measures() == (lock,)
    assert engine.measures() == ()
    assert engine.locks(after(10**6)) == (lock,)
    answer = engine.review(entry(), at(10**6))
    assert why(answer) == ("repeated_entries", 4, 5, key)
    assert until(answer) == NEVER_NS
    assert engine.measures() == ()


def test_the_refusal_that_sets_a_lock_is_held_like_any_other() -> None:
    engine = RiskEngine(limits(repeated_entries=1.0))
    engine.review(entry(), at(0))
    assert until(engine.review(entry(), at(1))) == 0


def test_a_lock_on_a_market_stops_both_sides_and_no_other_market() -> None:
    engine = RiskEngine(limits(allow=("*",), repeated_entries=1.0))
    engine.review(entry(), at(0))
    engine.review(entry(), at(1))
    assert why(engine.review(entry(side=Side.SHORT), at(2))) is not None
    assert why(engine.review(entry(market=1), at(2, market="OTHER"))) is None


# L4


def test_senseless_orders_in_a_burst_lock_the_market() -> None:
    engine = asked(0, 1, 59.999_999_999)
    (lock,) = engine.measures()
    assert lock == Lock(
        "COIN", Refusal.REJECT_BURST, after(59.999_999_999), None, 3.0, 3.0, "limits.reject_burst"
    )
    answer = engine.review(entry(), at(10**6))
    assert (why(answer), until(answer)) == (BURST, NEVER_NS)


@pytest.mark.parametrize("seconds", [(0, 1), (0, 1, 60)])
def test_fewer_or_slower_senseless_orders_lock_nothing(seconds: tuple[float, ...]) -> None:
    engine = asked(*seconds)
    assert engine.measures() == ()
    assert why(engine.review(entry(), at(61))) is None


@pytest.mark.parametrize(
    ("order", "seen", "code"),
    [
        (entry(limit=0), view(), Refusal.BAD_PRICE),
        (entry(), view(min_notional_micro=10**12), Refusal.MIN_NOTIONAL),
        (entry(limit=1_900), view(), Refusal.PRICE_COLLAR),
        (entry(lots=60, stop=1), view(), Refusal.ORDER_NOTIONAL),
        (entry(stop=1), view(position_lots=90), Refusal.POSITION_NOTIONAL),
        (entry(stop=0), view(), Refusal.TRADE_LOSS),
        (entry(), view(liquidation_ticks=1_000), Refusal.LIQUIDATION),
        (leave(lots=11), view(position_lots=10), Refusal.EXCEEDS_POSITION),
    ],
)
def test_what_no_waiting_cures_counts_as_senseless(
    order: Order, seen: RiskView, code: Refusal
) -> None:
    engine = RiskEngine(limits())
    answers = [engine.review(order, seen) for _ in range(3)]
    assert {each.code for each in answers if isinstance(each, Refused)} == {code}
    assert [lock.code for lock in engine.locks(NOW)] == [Refusal.REJECT_BURST]


def test_duplicates_count_as_senseless() -> None:
    engine = RiskEngine(limits())
    for _ in range(3):
        engine.review(leave(), view(position_lots=10))
    assert engine.locks(NOW) == ()
    engine.review(leave(), view(position_lots=10))
    assert [lock.code for lock in engine.locks(NOW)] == [Refusal.REJECT_BURST]


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (view(market="MINT"), Refusal.NOT_ALLOWED),
        (view(in_session=False), Refusal.OUTSIDE_SESSION),
        (view(day_result=-(10**9)), Refusal.DAILY_LOSS),
        (view(last_loss_ns=NOW), Refusal.COOL_DOWN),
        (view(book_valid=False), Refusal.STALE_QUOTE),
        (view(equity=1), Refusal.LEVERAGE),
        (view(equity=10**8, leverage=0.5), Refusal.MARGIN),
    ],
)
def test_what_time_may_cure_does_not(seen: RiskView, code: Refusal) -> None:
    engine = RiskEngine(limits())
    for _ in range(9):
        answer = engine.review(entry(), seen)
        assert isinstance(answer, Refused)
        assert answer.code is code
    assert engine.locks(NOW) == ()


def test_a_missing_limit_is_no_reason_for_a_lock_and_no_crash() -> None:
    engine = RiskEngine(limits(reject_burst=None, reject_window_s=math.nan))
    for _ in range(9):
        engine.review(leave(limit=0), view(position_lots=10))
    assert engine.locks(NOW) == ()


# Ends


def test_a_lock_ends_at_its_last_nanosecond() -> None:
    engine = RiskEngine(limits(), {}, COOL)
    engine.traded(trade("1"), NOW)
    last = view(now_ns=after(60) - 1)
    assert until(engine.review(entry(), last)) == after(60)
    assert why(engine.review(entry(), at(60))) is None
    assert (len(engine.locks(after(60) - 1)), engine.locks(after(60))) == (1, ())


def test_a_lock_that_is_still_set_only_ends_later() -> None:
    engine = RiskEngine(limits(), {}, COOL)
    engine.traded(trade("1"), NOW)
    (first,) = engine.measures()
    engine.traded(trade("1"), after(30))
    assert engine.measures() == ()
    (lock,) = engine.locks(after(30))
    assert (lock.since_ns, lock.until_ns) == (NOW, after(90))
    assert first.until_ns == after(60)
    assert until(engine.review(entry(), at(89))) == after(90)
    assert why(engine.review(entry(), at(90))) is None


def test_a_lock_that_has_ended_is_set_anew() -> None:
    engine = RiskEngine(limits(), {}, COOL)
    engine.traded(trade("1"), NOW)
    engine.traded(trade("1"), after(60))
    assert [lock.until_ns for lock in engine.measures()] == [after(60), after(120)]


def lock(until_ns: int | None, market: str = "COIN", code: Refusal = Refusal.MAX_DRAWDOWN) -> Lock:
    return Lock(market, code, NOW, until_ns, 1.0, 2.0, "key")


@pytest.mark.parametrize(
    ("first", "second", "end"),
    [
        (after(9), after(5), after(9)),
        (after(5), after(9), after(9)),
        (None, after(5), None),
        (after(5), None, None),
        (NEVER_NS, None, None),
        (None, NEVER_NS, None),
    ],
)
def test_of_two_ends_the_later_one_counts(
    first: int | None, second: int | None, end: int | None
) -> None:
    locks = Locks()
    assert locks.put(lock(first))
    assert not locks.put(lock(second))
    assert [each.until_ns for each in locks.in_force(NOW)] == [end]


def test_locks_of_other_codes_and_markets_stand_beside_each_other() -> None:
    locks = Locks()
    three = (lock(after(5)), lock(after(5), ALL), lock(after(5), code=Refusal.REJECT_BURST))
    assert all(locks.put(each) for each in three)
    assert locks.in_force(NOW) == three


def test_of_several_locks_the_first_that_was_set_is_told() -> None:
    locks = Locks()
    first = lock(after(5), ALL)
    locks.put(first)
    locks.put(lock(None))
    assert locks.on("COIN", NOW) == first
    assert locks.on("COIN", after(5)) == lock(None)


# Releases


def test_a_release_ends_a_lock_and_counts_repeats_anew() -> None:
    engine = repeating()
    engine.release("COIN")
    for second in (5, 6, 7, 8):
        assert why(engine.review(entry(), at(second))) is None
    assert why(engine.review(entry(), at(9))) is not None
    assert len(engine.measures()) == 2


def test_a_release_counts_both_sides_anew() -> None:
    engine = RiskEngine(limits())
    for second in range(4):
        engine.review(entry(side=Side.SHORT), at(second))
    engine.release("COIN")
    assert why(engine.review(entry(side=Side.SHORT), at(5))) is None


def test_a_release_counts_senseless_orders_anew() -> None:
    engine = asked(0, 1, 2)
    engine.release("COIN")
    for second in (3, 4):
        engine.review(entry(limit=0), at(second))
    assert engine.locks(after(4)) == ()
    engine.review(entry(limit=0), at(5))
    assert len(engine.locks(after(5))) == 1


def test_a_release_before_a_lock_counts_anew_too() -> None:
    engine = asked(0, 1)
    engine.release(None)
    engine.review(entry(limit=0), at(2))
    assert engine.locks(after(2)) == ()


@pytest.mark.parametrize(
    ("released", "left"), [("COIN", [ALL, "OTHER"]), (ALL, ["COIN", "OTHER"]), (None, [])]
)
def test_a_release_of_a_market_leaves_the_locks_on_others_and_on_all(
    released: str | None, left: list[str]
) -> None:
    locks = Locks()
    for market in ("COIN", ALL, "OTHER"):
        locks.put(lock(None, market))
    locks.release(released)
    assert [each.market for each in locks.in_force(NOW)] == left


def test_a_lock_on_all_stops_every_market() -> None:
    engine = RiskEngine(limits(allow=("*",)))
    engine._locks.put(lock(after(5), ALL))
    for market in ("COIN", "OTHER"):
        assert until(engine.review(entry(), view(market=market))) == after(5)


def test_no_lock_stops_an_exit() -> None:
    engine = RiskEngine(limits())
    engine._locks.put(lock(None, ALL))
    engine._locks.put(lock(None))
    order = leave()
    assert sent(engine.review(order, view(position_lots=10))) == order
