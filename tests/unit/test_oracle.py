"""The oracle agrees with sentences of docs/rules.md that were worked out by hand."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec
import numpy as np
import pytest

from domain.distances import parse_distance
from domain.enums import (
    BookSource,
    Contract,
    ExitReason,
    Gate,
    OutputKind,
    PriceSource,
    Purpose,
    Refusal,
    StateCause,
    TickKind,
    TradingState,
)
from domain.instruments import Fees, Instrument
from domain.parameters import GATE_DEFAULTS
from domain.playbooks import Playbook, playbook_from
from domain.rows.tick import TICK
from oracle.account import Account
from oracle.candle import Candle
from oracle.core import Oracle, OracleLimits, Said
from oracle.gates import make_plan
from oracle.indicators import Atr, Ema, Variance
from oracle.money import Ledger
from oracle.numbers import nanoseconds, reach_of
from oracle.risk import Proposal, remember, review_entry

SECOND = 1_000_000_000
LIMITS = OracleLimits(
    allow=("*",),
    max_daily_loss=1e6,
    max_trade_loss=1e6,
    cool_down_s=1.0,
    duplicate_window_ms=1.0,
    orders_per_second=100,
    orders_per_day=1000,
    exit_reserve=1,
    stale_quote_s=1000.0,
    collar_spreads=100.0,
    collar_bps=1000.0,
    hard_collar_bps=1000.0,
    max_order_notional=1e9,
    max_position_notional=1e9,
    max_open_positions=5,
    max_gross_notional=1e9,
)
EXIT = {
    "stop": "10tick",
    "target": "off",
    "break_even_trigger": "off",
    "trail_trigger": "off",
    "trail_distance": "10tick",
    "limit_offset": "5tick",
    "flip_streak": 0,
    "max_hold_s": 600.0,
    "stall_s": 600.0,
}
Table = Mapping[str, object]


def instrument(latency_ms: int = 0) -> Instrument:
    return Instrument(
        name="one",
        venue="paper",
        symbol="ONE",
        quote="USD",
        settle="USD",
        contract=Contract.SPOT,
        multiplier=Decimal(1),
        tick=Decimal(1),
        lot=Decimal(1),
        min_notional=Decimal(1),
        standard_lots=5,
        shortable=True,
        latency_ms=latency_ms,
        assumed_half_spread=Decimal(1),
        assumed_size=Decimal(100),
        fees=Fees(maker=Decimal("0.001"), taker=Decimal("0.002")),
    )


def playbook(entry: Table | None = None, exit_: Table | None = None, **gates: Table) -> Playbook:
    """All gates are off but those that are named."""
    off: dict[str, Table] = {gate.word: {"mode": "off"} for gate in GATE_DEFAULTS}
    written = {
        "schema": 1,
        "name": "test",
        "sentence": "For the oracle.",
        "entry": {"limit_offset": "1tick", **(entry or {})},
        "exit": {**EXIT, **(exit_ or {})},
        "gates": {**off, **gates},
    }
    return playbook_from(written, "test")


def oracle(book: Playbook, *, latency_ms: int = 0, limits: OracleLimits = LIMITS) -> Oracle:
    made = Oracle(Decimal(10_000), limits)
    made.set_market("one", instrument(latency_ms), book, PriceSource.TRADES, BookSource.QUOTES)
    return made


def row(seconds: float, kind: TickKind, **values: float) -> np.void:
    made = np.zeros(1, TICK)
    made["event_ns"] = made["ts_ns"] = round(seconds * SECOND)
    made["kind"] = kind
    for name, value in values.items():
        made[name] = value
    first: np.void = made[0]
    return first


def quote(seconds: float, bid: float, ask: float, size: float = 100.0) -> np.void:
    return row(seconds, TickKind.QUOTE, bid=bid, ask=ask, bid_size=size, ask_size=size)


def trade(seconds: float, price: float, size: float = 1.0, side: int = 0) -> np.void:
    return row(seconds, TickKind.TRADE, price=price, size=size, side=side)


def of_kind(made: Oracle, kind: OutputKind) -> list[Said]:
    return [said for said in made.outputs if said.kind is kind]


def exits_of(made: Oracle) -> list[tuple[ExitReason, int]]:
    intents = of_kind(made, OutputKind.INTENT)
    return [(ExitReason(said.code), said.event_ns) for said in intents if said.code]


def test_streak_counts_slow_drift_because_small_moves_leave_the_anchor() -> None:
    made = oracle(playbook(momentum={"mode": "on", "min_move": "2tick", "streak": 50}))
    for second, price in enumerate((100, 101, 102, 103, 104)):
        made.tick(trade(second, price))
    features = made.markets[0].features
    assert (features.direction, features.streak) == (1, 2)
    assert (features.start, features.anchor) == (200, 208)
    assert features.velocity(1, 4 * SECOND) == pytest.approx(8 / 200 * 1e4 / 4)


def test_ema_starts_at_the_mean_of_the_first_closes() -> None:
    ema = Ema(9)
    for close in range(1, 10):
        ema.add(close)
    assert ema.value == 5.0
    ema.add(10)
    assert ema.value == pytest.approx(6.0)


def test_atr_is_the_mean_of_fourteen_ranges_and_then_smoothed() -> None:
    atr = Atr()
    calm = Candle(0, 10, 12, 8, 10, 0, 0, 0, 1)
    for _ in range(14):
        atr.add(calm, calm)
    assert atr.value == 4.0
    atr.add(calm, Candle(0, 20, 28, 20, 20, 0, 0, 0, 1))
    assert atr.value == pytest.approx((4 * 13 + 18) / 14)


def test_candle_takes_a_late_stamp_into_the_forming_second() -> None:
    made = oracle(playbook())
    made.tick(trade(1.0, 100))
    made.tick(trade(2.0, 101))
    late = trade(2.5, 99)
    late["ts_ns"] = round(1.9 * SECOND)
    made.tick(late)
    made.tick(trade(5.0, 100))
    seconds, fives = made.markets[0].features.candles.frames[:2]
    assert [(c.bucket, c.low, c.close) for c in seconds.closed] == [(1, 200, 200), (2, 198, 198)]
    assert [(c.bucket, c.open, c.high, c.low) for c in fives.closed] == [(0, 200, 202, 198)]


def test_session_close_closes_every_forming_candle() -> None:
    made = oracle(playbook())
    made.session_edge(0, 0, 0, 10 * SECOND, 20 * SECOND)
    made.tick(trade(1.0, 100))
    made.session_edge(0, 20 * SECOND, 90 * SECOND, 95 * SECOND, 99 * SECOND)
    assert [len(f.closed) for f in made.markets[0].features.candles.frames] == [1] * 7
    run = of_kind(made, OutputKind.REJECTION_RUN)[0]
    assert (run.event_ns, run.code, run.lots) == (20 * SECOND, Gate.PLAN, 1)


def test_entry_climbs_the_ladder_to_its_limit_and_the_rest_is_cancelled() -> None:
    made = oracle(playbook())
    made.tick(quote(1, 100, 101, size=2))
    made.tick(quote(2, 100, 101, size=2))
    fills = [(f.price, f.lots, f.first_ns) for f in of_kind(made, OutputKind.FILL)]
    assert fills == [(101, 2, 0), (102, 2, 0)]
    position = made.markets[0].position
    assert position is not None
    assert (position.lots, position.cost, position.average) == (4, 406, 102)
    assert made.markets[0].entry is None


def test_ladder_starts_at_the_worst_quote_between_decision_and_arrival() -> None:
    made = oracle(playbook({"limit_offset": "9tick"}), latency_ms=1500)
    for second, ask in ((1, 101), (2, 104), (2.4, 102), (3, 102)):
        made.tick(quote(second, 100, ask))
    fill = of_kind(made, OutputKind.FILL)[0]
    assert (fill.event_ns, fill.price, fill.first_ns) == (round(2.5 * SECOND), 104, 4)


def test_resting_entry_waits_for_the_queue_ahead() -> None:
    made = oracle(playbook({"style": "resting", "resting_life_s": 60.0}))
    made.tick(quote(1, 100, 101, size=3))
    made.tick(trade(2, 100, size=2, side=-1))
    made.tick(trade(3, 100, size=50, side=1))
    assert of_kind(made, OutputKind.FILL) == []
    made.tick(trade(4, 100, size=2.5, side=-1))
    made.tick(trade(5, 99, size=1, side=-1))
    fills = [(f.price, f.lots, f.first_ns) for f in of_kind(made, OutputKind.FILL)]
    assert fills == [(100, 1, 1), (100, 4, 5)]


def test_break_even_names_the_exit_after_it_moved_the_stop() -> None:
    moves = {"break_even_trigger": "4tick", "break_even_offset": "1tick"}
    made = oracle(playbook(exit_=moves))
    for second, bid in ((1, 100), (2, 101), (3, 105), (4, 103), (5, 102)):
        made.tick(quote(second, bid, bid + 1))
    # Filled at 101; at 105 the gain of 4 moves the stop to 102.
    assert exits_of(made) == [(ExitReason.BREAK_EVEN, 5 * SECOND)]
    intent = of_kind(made, OutputKind.INTENT)[-1]
    assert (intent.price, intent.lots, intent.distances[0]) == (102 - 5, 5, 0.0)


def test_trailing_stop_needs_its_step_and_acts_from_the_next_tick() -> None:
    moves = {"trail_trigger": "4tick", "trail_distance": "2tick", "trail_step": "2tick"}
    made = oracle(playbook(exit_=moves))
    for second, bid in ((1, 100), (2, 101), (3, 105), (4, 106), (5, 104), (6, 103)):
        made.tick(quote(second, bid, bid + 1))
    # At 105 the stop goes to 103; 106 would improve it by one only.
    assert exits_of(made) == [(ExitReason.TRAILING, 6 * SECOND)]


def test_time_guard_fires_by_timer_between_two_ticks() -> None:
    made = oracle(playbook(exit_={"max_hold_s": 2.5}), latency_ms=500)
    made.tick(quote(1, 100, 101))
    made.tick(quote(9, 100, 101))
    assert exits_of(made) == [(ExitReason.TIME_GUARD, 4 * SECOND)]
    (closed,) = made.trades
    assert (closed.entry_ns, closed.exit_ns) == (round(1.5 * SECOND), round(4.5 * SECOND))


def test_timer_that_had_passed_when_it_was_set_runs_at_the_event_that_set_it() -> None:
    made = oracle(playbook(exit_={"stall_s": 0.5}), latency_ms=800)
    made.tick(quote(1, 100, 101))
    made.tick(quote(9, 100, 101))
    fill, intent = made.outputs[2:4]
    assert (fill.event_ns, intent.event_ns) == (round(1.8 * SECOND), round(1.8 * SECOND))
    assert intent.code == ExitReason.DATA_STALL
    assert intent.distances[0] == pytest.approx(0.3)


def test_exit_without_a_book_waits_for_one_and_is_not_sent_again_meanwhile() -> None:
    made = oracle(playbook(exit_={"resend_s": 2.0, "max_hold_s": 3.0}))
    made.tick(quote(1, 1000, 1001))
    made.tick(row(2, TickKind.INVALID_BOOK))
    made.tick(quote(7, 1000, 1001))
    intents = [(i.event_ns // SECOND, i.price) for i in of_kind(made, OutputKind.INTENT)[1:]]
    assert intents == [(4, 995)]
    assert made.trades[0].reason is ExitReason.TIME_GUARD


def test_rejection_run_ends_when_other_gates_blocked_for_a_second() -> None:
    sizes = {"mode": "on", "min": 0.0}
    made = oracle(playbook(imbalance=sizes, spread={"mode": "on", "max": "2tick"}))
    for second, ask in ((1, 105), (1.5, 104), (2, 102), (2.5, 102), (3, 102)):
        wide = quote(second, 100, ask)
        wide["bid_size"] = 50.0
        made.tick(wide)
    (run,) = of_kind(made, OutputKind.REJECTION_RUN)
    assert (run.event_ns, run.code, run.lots) == (3 * SECOND, Gate.SPREAD, 2)
    assert (run.first_ns, run.distances[:2]) == (SECOND, [-2.0, 0.5])
    assert made.rejections == {(0, Gate.SPREAD): 2, (0, Gate.IMBALANCE): 3}


def test_observing_gate_is_counted_and_does_not_block() -> None:
    made = oracle(playbook(spread={"mode": "observe", "max": "2tick"}))
    made.tick(quote(1, 100, 105))
    assert made.observed == {(0, Gate.SPREAD): 1}
    assert of_kind(made, OutputKind.INTENT)[0].distances[Gate.SPREAD] == -3.0


def test_refused_entry_holds_the_market_for_a_second() -> None:
    made = oracle(playbook(), limits=msgspec.structs.replace(LIMITS, max_order_notional=400.0))
    for second in (1, 1.5, 2):
        made.tick(quote(second, 100, 101))
    refused = of_kind(made, OutputKind.REFUSED)
    assert [(r.event_ns // SECOND, r.code) for r in refused] == [
        (1, Refusal.ORDER_NOTIONAL),
        (2, Refusal.ORDER_NOTIONAL),
    ]
    assert refused[0].distances[:2] == [400.0, 510.0]
    assert made.first_blocking == [(0, round(1.5 * SECOND), Gate.HOLD)]


def test_daily_loss_latches_halted_and_names_the_exit_of_its_own_market() -> None:
    made = oracle(playbook(), limits=msgspec.structs.replace(LIMITS, max_daily_loss=16.0))
    for second, bid in ((1, 100), (2, 100), (3, 98)):
        made.tick(quote(second, bid, bid + 1))
    state, intent = made.outputs[-3:-1]
    assert (state.kind, state.code, state.lots) == (
        OutputKind.STATE_CHANGED,
        TradingState.HALTED,
        StateCause.DAILY_LOSS,
    )
    # 5 lots from 101 to 98, fees in of 1.01 and out of 0.98.
    assert intent.code == ExitReason.DAILY_LOSS
    assert intent.distances[0] == pytest.approx(16 - 15 - 1.01 - 0.98)


def test_halt_by_command_closes_at_the_next_tick_and_survives_the_day_roll() -> None:
    made = oracle(playbook())
    made.tick(quote(1, 100, 101))
    made.command(2 * SECOND, TradingState.HALTED)
    made.tick(quote(3, 100, 101))
    made.day_roll(4 * SECOND)
    assert exits_of(made) == [(ExitReason.HALT, 3 * SECOND)]
    assert made.account.state is TradingState.HALTED


def test_exit_limit_is_moved_to_the_edge_of_the_hard_collar() -> None:
    tight = msgspec.structs.replace(LIMITS, hard_collar_bps=100.0)
    made = oracle(playbook(exit_={"max_hold_s": 1.0, "limit_offset": "50tick"}), limits=tight)
    made.tick(quote(1, 1000, 1001))
    made.tick(quote(2, 1000, 1001))
    # Mid 2001 half-ticks, 1 % of it 20.01: the last whole tick inside is 991.
    assert [a.price for a in of_kind(made, OutputKind.APPROVED)] == [1002, 991]


def test_end_of_data_closes_at_once_and_the_money_adds_up() -> None:
    made = oracle(playbook())
    made.tick(quote(1, 100, 102, size=3))
    made.tick(quote(2, 103, 104, size=3))
    made.end_of_data(0, 3 * SECOND)
    # Worst is the quote at the decision: 3 at 102, 2 at 103; out 3 at 103, 2 at 102.
    (closed,) = made.trades
    assert closed.reason is ExitReason.END_OF_DATA
    assert (closed.gross, closed.spread_cost) == (Decimal("12.5"), Decimal("7.5"))
    assert closed.slippage == Decimal(4)
    assert closed.fees == Decimal("0.002") * (512 + 513)
    assert made.equity() == 10_000 + closed.net == 10_000 + 513 - 512 - closed.fees
    # Deepest after both entry fills: 12 below at the bid of 100, and the entry's fees.
    assert made.max_drawdown == 12 + Decimal("1.024")


def second_market(made: Oracle, book: Playbook) -> None:
    made.set_market("two", instrument(), book, PriceSource.TRADES, BookSource.QUOTES)


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
    plan, later = make_plan(market), Proposal(Purpose.ENTRY, 1, 101, 5)
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
