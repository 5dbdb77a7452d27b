"""Whatever is wished, no approved order breaks a limit or exceeds its position."""

import math
from fractions import Fraction
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import ExitReason, OrderKind, Purpose, Side, TradingState
from domain.limits import NUMBERS, Limits
from domain.orders import Approved, Order, Refused
from domain.units import SECOND_NS, Lots, Ticks, TsNs
from risk.engine import RiskEngine
from risk.view import Exposure, RiskView
from trading_cases import NOW, entry, leave, view

BAD = st.sampled_from([None, 0.0, -1.0, math.nan, math.inf, -math.inf])
T = TypeVar("T")

# Powers of two: the engine's doubles are then exact, and so is the comparison with fractions.
VALUES = st.sampled_from([2.0**k for k in range(8, 20)])
PURPOSES = st.sampled_from(Purpose)


def limits_around(lowest: int, highest: int) -> st.SearchStrategy[Limits]:
    """Whole numbers, so that limits are met exactly as well as missed."""
    drawn = {name: st.integers(lowest, highest).map(float) for name in NUMBERS}
    reserve = st.integers(1, 5).map(float)
    return st.builds(Limits, allow=st.just(("*",)), **{**drawn, "exit_reserve": reserve})


def mostly(usual: T, *others: T) -> st.SearchStrategy[T]:
    return st.sampled_from([usual] * 12 + list(others))


OTHERS = st.builds(
    Exposure,
    st.sampled_from(["NEAR", "FAR"]),
    *(st.integers(0, 20).map(lambda money: money * 1_000_000) for _ in range(3)),
)
GROUPS = {"near": ("COIN", "N*")}
LIMITS = limits_around(1, 60) | limits_around(30, 2_000)
VIEWS = st.builds(
    RiskView,
    market=st.just("COIN"),
    instrument=st.just("COIN"),
    held_elsewhere=mostly(False, True),
    works_elsewhere=mostly(False, True),
    by_hand=mostly(False, True),
    shortable=mostly(True, False),
    in_session=mostly(True, False),
    now_ns=st.integers(NOW, NOW + 2 * SECOND_NS).map(TsNs),
    trading_state=mostly(*TradingState),
    day_result=st.integers(-60, 60).map(lambda money: money * 1_000_000),
    equity=mostly(10**15, 0, -1, 10_000_000, 100_000_000),
    value=VALUES,
    inverse=st.just(False),
    leverage=mostly(1.0, 2.0, 16.0, 0.0, math.nan),
    liquidation_ticks=mostly(0, 900, 960, 990),
    taker=mostly(2.0**-10, 0.0, 2.0**-6, math.nan),
    min_notional_micro=mostly(0, 1_000_000, 10_000_000),
    book_valid=mostly(True, False),
    book_age_s=mostly(1.0, 50.0, math.nan),
    bid_ticks=st.integers(995, 1_000).map(Ticks),
    ask_ticks=st.integers(1_000, 1_005).map(Ticks),
    position_lots=mostly(0, *range(1, 13)).map(Lots),
    working_entry_lots=mostly(0, 1, 5).map(Lots),
    last_loss_ns=mostly(0, 1, NOW - 40 * SECOND_NS).map(TsNs),
    others=st.lists(OTHERS, max_size=3).map(tuple) | mostly((Exposure("FAR", 0, 0, 0),) * 50),
)


def orders(purpose: st.SearchStrategy[Purpose] = PURPOSES) -> st.SearchStrategy[Order]:
    return st.builds(
        Order,
        market=st.integers(0, 1),
        client_id=st.just("x"),
        purpose=purpose,
        kind=st.sampled_from(OrderKind),
        side=st.sampled_from(Side),
        limit=(st.integers(990, 1_010) | mostly(1_000, -1, 0, 1, 2_000)).map(Ticks),
        lots=st.integers(0, 12).map(Lots),
        decided_ns=st.just(NOW),
        mid_half=st.integers(2, 120),
        spread=st.integers(0, 9),
        stop=st.integers(0, 9),
        reason=st.sampled_from(ExitReason),
        life_ns=st.just(SECOND_NS),
    )


def limit(limits: Limits, name: str) -> Fraction:
    return Fraction(getattr(limits, name))


def holds_every_limit(order: Order, seen: RiskView, limits: Limits) -> bool:
    """R2c to R5 and R9 to R18b anew, in fractions; R13 for books that are not crossed.

    The market is in GROUPS with the others that are near; contracts are linear.
    """
    own = seen.by_hand and seen.position_lots + seen.working_entry_lots > 0
    if seen.held_elsewhere or seen.works_elsewhere or own:
        return False
    unknown = (seen.taker, seen.book_age_s, seen.leverage)
    if any(math.isnan(each) for each in unknown) or seen.leverage <= 0:
        return False
    tick = Fraction(seen.value) / 1_000_000
    notional = order.limit * order.lots * tick
    lots = order.lots + seen.position_lots + seen.working_entry_lots
    position = order.limit * lots * tick
    mid, spread = seen.bid_ticks + seen.ask_ticks, seen.ask_ticks - seen.bid_ticks
    soft = max(
        limit(limits, "collar_spreads") * 2 * spread, limit(limits, "collar_bps") * mid / 10_000
    )
    hard = limit(limits, "hard_collar_bps") * mid / 10_000
    near = sum(each.notional for each in seen.others if each.market == "NEAR")
    gross = position + Fraction(sum(each.notional for each in seen.others), 1_000_000)
    margin = position / Fraction(seen.leverage)
    margin += Fraction(sum(each.margin for each in seen.others), 1_000_000)
    equity = Fraction(seen.equity, 1_000_000)
    loss = order.stop * lots * tick + 2 * Fraction(seen.taker) * position
    heat = loss + Fraction(sum(each.at_risk for each in seen.others), 1_000_000)
    to_liquidation = abs(order.limit - seen.liquidation_ticks)
    since_loss = Fraction(seen.now_ns - seen.last_loss_ns, SECOND_NS)
    return all(
        (
            order.side is Side.LONG or seen.shortable,
            seen.in_session,
            seen.trading_state is TradingState.ACTIVE,
            Fraction(seen.day_result, 1_000_000) > -limit(limits, "max_daily_loss"),
            seen.last_loss_ns == 0 or since_loss >= limit(limits, "cool_down_s"),
            seen.book_valid and Fraction(seen.book_age_s) <= limit(limits, "stale_quote_s"),
            order.limit >= 1,
            order.lots >= 1,
            order.stop >= 1,
            notional >= Fraction(seen.min_notional_micro, 1_000_000),
            abs(2 * order.limit - mid) <= min(soft, hard),
            notional <= limit(limits, "max_order_notional"),
            position <= limit(limits, "max_position_notional"),
            len(seen.others) + 1 <= limit(limits, "max_open_positions"),
            gross <= limit(limits, "max_gross_notional"),
            position + Fraction(near, 1_000_000) <= limit(limits, "max_group_notional"),
            equity > 0 and gross <= limit(limits, "max_leverage") * equity,
            margin <= equity,
            loss <= limit(limits, "max_trade_loss"),
            heat <= limit(limits, "max_heat"),
            seen.liquidation_ticks == 0
            or to_liquidation >= limit(limits, "min_liquidation_stops") * order.stop,
        )
    )


@settings(max_examples=400)  # one in ten passes
@given(orders(st.just(Purpose.ENTRY)), VIEWS, LIMITS)
def test_an_entry_passes_a_fresh_engine_exactly_when_it_holds_every_limit(
    order: Order, seen: RiskView, limits: Limits
) -> None:
    answer = RiskEngine(limits, GROUPS).review(order, seen)
    fits_the_day = limit(limits, "orders_per_day") > limit(limits, "exit_reserve")
    expected = holds_every_limit(order, seen, limits) and fits_the_day
    assert isinstance(answer, Approved) == expected


@given(st.lists(st.tuples(orders(), VIEWS), max_size=30), LIMITS)
def test_no_approved_order_of_a_session_breaks_a_limit(
    session: list[tuple[Order, RiskView]], limits: Limits
) -> None:
    engine, approved = RiskEngine(limits, GROUPS), list[tuple[int, Order]]()
    for order, seen in sorted(session, key=lambda pair: pair[1].now_ns):
        answer = engine.review(order, seen)
        if isinstance(answer, Approved):
            assert order.kind is OrderKind.CLOSE_OUT or not repeats(
                order, seen.now_ns, approved, limits
            )
            if order.purpose is Purpose.ENTRY:
                recent = [t for t, _ in approved if t > seen.now_ns - SECOND_NS]
                assert len(recent) < limit(limits, "orders_per_second")
                left = limit(limits, "orders_per_day") - limit(limits, "exit_reserve")
                assert len(approved) < left
                assert holds_every_limit(order, seen, limits)
            approved.append((seen.now_ns, answer.order))


def repeats(order: Order, now_ns: int, approved: list[tuple[int, Order]], limits: Limits) -> bool:
    """R6: the order repeats one that was sent inside the window."""
    window_ns = limit(limits, "duplicate_window_ms") * 1_000_000
    return any(
        now_ns - before_ns < window_ns
        and (before.market, before.purpose, before.direction, before.lots)
        == (order.market, order.purpose, order.direction, order.lots)
        and abs(before.limit - order.limit) <= 1
        for before_ns, before in approved
    )


@given(orders(st.just(Purpose.EXIT)), VIEWS, LIMITS)
def test_an_approved_exit_changes_its_limit_at_most_and_fits_the_position(
    order: Order, seen: RiskView, limits: Limits
) -> None:
    answer = RiskEngine(limits).review(order, seen)
    fits = order.limit >= 1 and 1 <= order.lots <= seen.position_lots
    assert isinstance(answer, Approved) == fits
    if isinstance(answer, Approved):
        assert 1 <= answer.order.lots <= seen.position_lots
        changed = [
            n for n in Order.__struct_fields__ if getattr(answer.order, n) != getattr(order, n)
        ]
        assert changed in ([], ["limit"])


@given(
    st.integers(1, 10**7), st.integers(0, 10**5), st.integers(1, 10**7), st.floats(0.01, 20_000.0)
)
def test_an_exit_is_sent_as_wished_or_at_the_edge_of_the_hard_collar_but_never_short_of_the_quote(
    bid: int, spread: int, wished: int, hard_bps: float
) -> None:
    seen = view(bid_ticks=bid, ask_ticks=bid + spread, position_lots=10)
    answer = RiskEngine(Limits(hard_collar_bps=hard_bps)).review(leave(limit=wished), seen)
    assert isinstance(answer, Approved)
    sent, mid = answer.order.limit, 2 * bid + spread
    reach = hard_bps / 1e4 * mid
    if abs(2 * wished - mid) <= reach:
        assert sent == wished
        return
    outward, quote = (1, bid + spread) if 2 * wished > mid else (-1, bid)
    assert abs(2 * (sent + outward) - mid) > reach
    assert abs(2 * sent - mid) <= reach or sent == quote


@given(st.sampled_from(NUMBERS), BAD, st.sampled_from([Side.LONG, Side.SHORT]))
def test_any_limit_that_limits_nothing_refuses_entries_by_its_key_and_stops_no_exit(
    name: str, value: float | None, side: Side
) -> None:
    stated = dict.fromkeys(NUMBERS, 1e6)
    engine = RiskEngine(Limits(allow=("*",), **{**stated, "exit_reserve": 1.0, name: value}))
    refused = engine.review(entry(side=side), view())
    assert isinstance(refused, Refused)
    assert refused.key == f"limits.{name}"
    assert isinstance(engine.review(leave(side=side), view(position_lots=10)), Approved)
