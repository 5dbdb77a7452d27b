"""The oracle agrees with sentences of docs/rules.md that were worked out by hand."""

from decimal import Decimal

import msgspec
import pytest

from domain.enums import (
    ExitReason,
    Gate,
    OutputKind,
    Refusal,
    StateCause,
    TickKind,
    TradingState,
)
from oracle.candle import Candle
from oracle.indicators import Atr, Ema
from oracle_cases import (
    LIMITS,
    SECOND,
    exits_of,
    of_kind,
    oracle,
    playbook,
    quote,
    row,
    trade,
)


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
