"""The oracle agrees with the fine print of docs/rules.md, worked out by hand."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import numpy as np
import pytest

from domain.distances import parse_distance
from domain.enums import (
    ExitReason,
    Gate,
    OutputKind,
    Purpose,
    Refusal,
    StateCause,
    TickKind,
    TradingState,
)
from oracle.account import Account
from oracle.candle import Candle
from oracle.core import Oracle, OracleLimits
from oracle.indicators import Variance
from oracle.money import Ledger
from oracle.numbers import nanoseconds, reach_of
from oracle.plan import make_plan
from oracle.risk import Proposal, remember, review_entry
from oracle_cases import (
    LIMITS,
    SECOND,
    exits_of,
    of_kind,
    oracle,
    playbook,
    quote,
    row,
    second_market,
    trade,
)


def test_distance_is_computed_in_decimals_and_rounded_once() -> None:
    reach = reach_of(parse_distance("max(0.7bp, 0.3pt, 1tick)"), Decimal("0.1"))
    assert (reach.half_ticks, reach.fraction) == (6.0, 0.00007)
    assert [nanoseconds(s) for s in (0.1, 0.05, 2.3)] == [100_000_000, 50_000_000, 2_300_000_000]


def test_late_stamp_after_a_session_close_uses_the_closed_bucket_again() -> None:
    made = oracle(playbook())
    made.session_edge(0, 0, 0, 10 * SECOND, 20 * SECOND)
    made.tick(trade(19.0, 100))
    made.session_edge(0, 20 * SECOND, 20 * SECOND, 95 * SECOND, 99 * SECOND)
    candles = made.markets[0].features.candles
    assert np.isnan(candles.price_range(1))
    assert np.isnan(candles.trade_flow())
    late = trade(20.0, 101, side=1)
    late["ts_ns"] = round(18.5 * SECOND)
    made.tick(late)
    forming = candles.frames[0].forming
    assert forming is not None
    assert forming.bucket == 19
    assert candles.trade_flow() == 1.0
    made.tick(trade(21.0, 101))
    assert [c.bucket for c in candles.frames[0].closed] == [19, 19]


def test_variance_counts_a_bucket_that_came_again_as_one_second() -> None:
    variance = Variance()
    before, after = (Candle(7, p, p, p, p, 0, 0, 0, 1) for p in (100, 101))
    variance.add(Candle(6, 0, 0, 0, 0, 0, 0, 0, 1), before)
    for _ in range(9):
        variance.add(before, after)
    assert np.isnan(variance.volatility_bps)
    variance.add(before, after)
    assert variance.volatility_bps == pytest.approx(100.0)


def test_vwap_restarts_at_a_session_edge_or_at_the_day_roll() -> None:
    made = oracle(playbook())
    second_market(made, playbook())
    made.session_edge(0, 0, 0, 10 * SECOND, 20 * SECOND)
    for market in (0, 1):
        made.tick(row(1.0, TickKind.TRADE, price=100, size=1, market=market))
    made.day_roll(2 * SECOND)
    assert [m.features.vwap for m in made.markets] == [200.0, pytest.approx(np.nan, nan_ok=True)]
    made.session_edge(0, 20 * SECOND, 30 * SECOND, 40 * SECOND, 50 * SECOND)
    assert np.isnan(made.markets[0].features.vwap)


def test_hold_is_infinitely_far_before_the_first_refusal() -> None:
    made = oracle(playbook())
    made.tick(quote(1, 100, 101))
    assert of_kind(made, OutputKind.INTENT)[0].distances[Gate.HOLD] == np.inf


@pytest.mark.parametrize(
    ("limits", "code", "numbers"),
    [
        ({"collar_bps": -1.0, "max_order_notional": 0.0}, Refusal.LIMIT_MISSING, [0.0, -1.0]),
        ({"allow": ("two",)}, Refusal.NOT_ALLOWED, [np.nan, np.nan]),
        ({"exit_reserve": 1000.0}, Refusal.ORDERS_PER_DAY, [0.0, 0.0]),
        (
            {"collar_spreads": 0.1, "collar_bps": 1.0, "hard_collar_bps": 150.0},
            Refusal.PRICE_COLLAR,
            [0.2, 3.0],
        ),
        ({"max_position_notional": 509.0}, Refusal.POSITION_NOTIONAL, [509.0, 510.0]),
        ({"max_open_positions": 0.5}, Refusal.OPEN_POSITIONS, [0.5, 1.0]),
        ({"max_gross_notional": 509.0}, Refusal.GROSS_NOTIONAL, [509.0, 510.0]),
        ({"max_trade_loss": 52.0}, Refusal.TRADE_LOSS, [52.0, 50 + 2 * 1.02]),
    ],
)
def test_refusal_says_its_limit_and_what_it_met(
    limits: Mapping[str, object], code: Refusal, numbers: list[float]
) -> None:
    made = oracle(playbook(), limits=msgspec.structs.replace(LIMITS, **limits))
    made.tick(quote(1, 100, 101))
    (said,) = of_kind(made, OutputKind.REFUSED)
    assert said.code == code
    assert said.distances[:2] == pytest.approx(numbers, nan_ok=True)
    assert made.markets[0].flat
    assert made.markets[0].hold_until == 2 * SECOND


def test_duplicate_asks_for_the_purpose_too() -> None:
    # Bought and sold are other directions; a short's exit and a long's entry are the same one.
    limits = msgspec.structs.replace(LIMITS, duplicate_window_ms=500.0, max_order_notional=1.0)
    account = Account(limits, Ledger(Decimal(10_000)))
    made = oracle(playbook())
    market = made.markets[0]
    made.tick(quote(1, 100, 101))
    plan, later = make_plan(market, SECOND), Proposal(Purpose.ENTRY, 1, 101, 5)
    codes = []
    for purpose in (Purpose.EXIT, Purpose.ENTRY):
        remember(account, market, Proposal(purpose, 1, 100, 5), SECOND)
        refused = review_entry(account, market, later, plan, SECOND + 400_000_000)
        assert refused is not None
        codes.append((refused.code, refused.limit, refused.actual))
    assert codes[0][0] is Refusal.ORDER_NOTIONAL
    assert codes[1] == (Refusal.DUPLICATE, 500.0, 400.0)


def test_gross_notional_takes_others_at_their_exit_side_quote() -> None:
    limits = msgspec.structs.replace(LIMITS, max_gross_notional=999.0)
    made = oracle(playbook(), limits=limits)
    second_market(made, playbook())
    made.tick(quote(1, 100, 101))
    made.tick(row(2, TickKind.QUOTE, bid=98, ask=99, bid_size=9, ask_size=9, market=1))
    refused = of_kind(made, OutputKind.REFUSED)
    # The first holds 5 at a bid of 100; the second would buy 5 at 100.
    assert [(r.code, *r.distances[:2]) for r in refused] == [
        (Refusal.GROSS_NOTIONAL, 999.0, 1000.0)
    ]


def test_exit_limit_is_never_moved_short_of_the_quote() -> None:
    tight = msgspec.structs.replace(LIMITS, hard_collar_bps=100.0)
    made = oracle(playbook(exit_={"max_hold_s": 1.0, "limit_offset": "50tick"}), limits=tight)
    made.tick(quote(1, 1000, 1001))
    made.tick(quote(1.5, 900, 1001))  # the bid is outside 1 % of the mid
    made.tick(quote(3, 900, 1001))
    assert of_kind(made, OutputKind.APPROVED)[-1].price == 900
    assert made.trades[0].lots == 5


def test_displayed_size_a_hair_below_a_whole_lot_counts_as_one() -> None:
    made = oracle(playbook())
    made.tick(quote(1, 100, 101, size=3 - 1e-9))
    made.tick(quote(2, 100, 101, size=3 - 1e-9))
    assert [f.lots for f in of_kind(made, OutputKind.FILL)] == [3, 2]


def test_queue_ahead_keeps_its_fraction() -> None:
    made = oracle(playbook({"style": "resting", "resting_life_s": 60.0}))
    made.tick(quote(1, 100, 101, size=1))
    for second, size in ((2, 1.6), (3, 0.6), (4, 0.8 - 1e-9)):
        made.tick(trade(second, 100, size=size, side=-1))
    # 0.6 are due to nobody; then 1.2 give one lot and leave 0.2; then a whole lot but for a hair.
    fills = [(f.event_ns // SECOND, f.lots) for f in of_kind(made, OutputKind.FILL)]
    assert fills == [(3, 1), (4, 1)]
    assert made.markets[0].entry is not None
    assert made.markets[0].entry.ahead == pytest.approx(0.0, abs=1e-8)


def overdue(*later: np.void, limits: OracleLimits = LIMITS) -> Oracle:
    """An exit sent at 2 s with limit 995 that finds no book until after its end."""
    made = oracle(playbook(exit_={"max_hold_s": 1.0}), limits=limits)
    made.tick(quote(1, 1000, 1001))
    made.tick(row(1.5, TickKind.INVALID_BOOK))
    for tick in later:
        made.tick(tick)
    return made


def test_overdue_exit_ends_at_the_first_book_that_does_not_fill_it() -> None:
    clock = row(7, TickKind.CLOCK)
    made = overdue(trade(5, 1000), quote(6, 990, 991), clock)
    intents = [(i.event_ns // SECOND, i.price) for i in of_kind(made, OutputKind.INTENT)[1:]]
    # Nothing at 3 s; the trade sets no book; the quote is below 995. Then twice the offset.
    assert intents == [(2, 995), (6, 980)]
    assert [(f.event_ns // SECOND, f.price) for f in of_kind(made, OutputKind.FILL)[1:]] == [
        (6, 990)
    ]


def test_overdue_exit_filled_in_part_is_followed_at_once() -> None:
    made = overdue(quote(6, 995, 996, size=2), row(7, TickKind.CLOCK))
    said = [(s.kind, s.event_ns // SECOND, s.price, s.lots) for s in made.outputs[5:8]]
    assert said[:2] == [
        (OutputKind.FILL, 6, 995, 2),
        (OutputKind.INTENT, 6, 985, 3),
    ]


def test_exit_at_its_end_on_a_stale_book_goes_on_waiting() -> None:
    limits = msgspec.structs.replace(LIMITS, stale_quote_s=0.5)
    made = oracle(playbook(exit_={"max_hold_s": 1.0}), limits=limits)
    made.tick(quote(1, 1000, 1001))
    made.tick(quote(5, 1000, 1001))
    assert len(exits_of(made)) == 1
    assert made.trades[0].exit_ns == 5 * SECOND


def test_end_of_data_sends_the_next_attempt_past_the_duplicate_check() -> None:
    limits = msgspec.structs.replace(LIMITS, duplicate_window_ms=60_000.0)
    made = overdue(row(2.5, TickKind.CLOCK), limits=limits)
    made.end_of_data(0, 4 * SECOND)
    intents = [(i.price, i.code) for i in of_kind(made, OutputKind.INTENT)[1:]]
    assert intents == [(995, ExitReason.TIME_GUARD), (990, ExitReason.END_OF_DATA)]
    assert of_kind(made, OutputKind.FILL)[-1].price == 1000
    assert of_kind(made, OutputKind.REFUSED) == []


def test_refused_exit_counts_as_an_attempt() -> None:
    limits = msgspec.structs.replace(LIMITS, duplicate_window_ms=1500.0)
    made = oracle(playbook(exit_={"max_hold_s": 1.0, "limit_offset": "1tick"}), limits=limits)
    made.tick(quote(1, 1000, 1001))
    made.tick(row(1.5, TickKind.INVALID_BOOK))
    made.tick(quote(2.2, 990, 991))  # the worst: the first attempt will not fill any more
    made.tick(quote(2.4, 1001, 1002))
    made.tick(row(9, TickKind.CLOCK))
    intents = [(i.event_ns // SECOND, i.price) for i in of_kind(made, OutputKind.INTENT)[1:]]
    assert intents == [(2, 999), (3, 999), (4, 997)]
    (refused,) = of_kind(made, OutputKind.REFUSED)
    assert (refused.code, refused.distances[:2]) == (Refusal.DUPLICATE, [1500.0, 1000.0])
    assert of_kind(made, OutputKind.FILL)[-1].price == 1001


def test_daily_loss_found_by_a_timer_latches_halted_in_the_same_step() -> None:
    limits = msgspec.structs.replace(LIMITS, max_daily_loss=5.0)
    made = oracle(playbook(exit_={"stall_s": 0.5}), latency_ms=800, limits=limits)
    made.tick(quote(1, 100, 101))
    made.tick(row(2, TickKind.CLOCK))
    kinds = [(s.kind, s.event_ns, s.code) for s in made.outputs[2:5]]
    at = round(1.8 * SECOND)
    assert kinds == [
        (OutputKind.FILL, at, 0),
        (OutputKind.STATE_CHANGED, at, TradingState.HALTED),
        (OutputKind.INTENT, at, ExitReason.DAILY_LOSS),
    ]
    assert made.outputs[3].market == 0


def test_day_roll_gives_back_the_state_before_the_halt() -> None:
    made = oracle(playbook(), limits=msgspec.structs.replace(LIMITS, max_daily_loss=16.0))
    made.tick(quote(1, 100, 101))
    made.tick(quote(2, 100, 101))
    made.command(2 * SECOND, TradingState.REDUCING)
    made.command(2 * SECOND, TradingState.REDUCING)
    made.tick(quote(3, 98, 99))
    made.tick(quote(4, 98, 99))
    made.day_roll(5 * SECOND)
    changes = [(s.code, s.lots, s.market) for s in of_kind(made, OutputKind.STATE_CHANGED)]
    assert changes == [
        (TradingState.REDUCING, StateCause.COMMAND, -1),
        (TradingState.HALTED, StateCause.DAILY_LOSS, 0),
        (TradingState.REDUCING, StateCause.DAY_ROLL, -1),
    ]
    assert made.account.ledger.day_realised_micro == 0


def test_realised_money_is_converted_from_the_exact_sum() -> None:
    ledger = Ledger(Decimal(0))
    ledger.realised = Decimal("0.0000004")
    assert ledger.realised_micro == 0
    ledger.roll_day()
    ledger.realised += Decimal("0.0000004")
    # Converted one by one both would vanish; the total does not, the day's share does.
    assert (ledger.realised_micro, ledger.day_realised_micro) == (1, 0)
