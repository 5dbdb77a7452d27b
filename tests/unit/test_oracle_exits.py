"""The oracle's stop movers and reasons to leave, worked out by hand (E3, E5 to E7, S1).

Every position is LONG from 101, 5 lots, entered at 1 s; its hard stop lies at 91.
"""

from collections.abc import Mapping

import pytest

from domain.enums import (
    ExitReason,
    Gate,
    Mover,
    OutputKind,
    Purpose,
    StateCause,
    TickKind,
    TradingState,
)
from oracle.account import ApprovedOrder
from oracle.core import Oracle
from oracle.gates import Look, judge
from oracle_cases import (
    SECOND,
    bids,
    exits_of,
    held,
    limits,
    of_kind,
    oracle,
    playbook,
    prints,
    quote,
    row,
    second_market,
    trade,
)

MOMENTUM: dict[str, object] = {"mode": "off", "min_move": "1tick", "streak": 2}


def opened(exit_: Mapping[str, object], momentum: Mapping[str, object] = MOMENTUM) -> Oracle:
    made = oracle(playbook(exit_=exit_, momentum=momentum))
    return bids(made, 1, 100)


def stop_after(made: Oracle, start: float, *values: float) -> tuple[int, Mover]:
    position = held(bids(made, start, *values))
    return position.stop_level, position.mover


def test_offset_takes_the_stop_beyond_the_average_at_its_trigger() -> None:
    made = opened({"offset_trigger": "4tick", "offset_gain": "2tick"})
    assert stop_after(made, 2, 104) == (91, Mover.HARD)
    assert stop_after(made, 3, 105) == (103, Mover.OFFSET)
    bids(made, 4, 104, 103)
    assert exits_of(made) == [(ExitReason.OFFSET_STOP, 5 * SECOND)]


def test_lock_keeps_a_share_of_the_best_gain() -> None:
    made = opened({"lock_trigger": "5tick", "lock_share": 0.5})
    assert stop_after(made, 2, 105) == (91, Mover.HARD)
    # Best 5 locks 2, best 7 locks 3; a fall leaves the best where it was.
    assert stop_after(made, 3, 106) == (103, Mover.LOCK)
    assert stop_after(made, 4, 108) == (104, Mover.LOCK)
    assert stop_after(made, 5, 106) == (104, Mover.LOCK)
    assert held(made).best_ticks == 108
    bids(made, 6, 104)
    assert exits_of(made) == [(ExitReason.PROFIT_LOCK, 6 * SECOND)]


def test_break_even_comes_after_itself_but_not_after_another_mover() -> None:
    made = opened(
        {"break_even_trigger": "4tick", "offset_trigger": "6tick", "offset_gain": "3tick"}
    )
    assert stop_after(made, 2, 105) == (101, Mover.BREAK_EVEN)
    held(made).stop_level = 99
    assert stop_after(made, 3, 105) == (101, Mover.BREAK_EVEN)
    assert stop_after(made, 4, 107) == (104, Mover.OFFSET)
    held(made).stop_level = 99
    assert stop_after(made, 5, 106) == (99, Mover.OFFSET)


def test_tight_trail_takes_over_from_the_wide_one() -> None:
    wide = {"trail_trigger": "4tick", "trail_distance": "3tick"}
    made = opened({**wide, "tight_trigger": "6tick", "tight_distance": "1tick"})
    assert stop_after(made, 2, 105) == (102, Mover.TRAIL)
    assert stop_after(made, 3, 106) == (103, Mover.TRAIL)
    assert stop_after(made, 4, 107) == (106, Mover.TIGHT)
    bids(made, 5, 106)
    assert exits_of(made) == [(ExitReason.TIGHT_TRAILING, 5 * SECOND)]


def test_tight_trail_needs_no_wide_one() -> None:
    made = opened({"tight_trigger": "6tick", "tight_distance": "2tick"})
    assert stop_after(made, 2, 106, 107) == (105, Mover.TIGHT)


@pytest.mark.parametrize(
    ("last", "stop"), [(104.0, (105, Mover.FAST)), (103.5, (103, Mover.TRAIL))]
)
def test_fast_move_trails_at_its_own_distance(last: float, stop: tuple[int, Mover]) -> None:
    trail = {"trail_trigger": "5tick", "trail_distance": "3tick"}
    fast = {"fast_move": "3tick", "fast_window_s": 2, "fast_distance": "1tick"}
    made = opened({**trail, **fast})
    # The forming bucket is 4; the close of bucket 2 was 101.
    prints(made, 1.5, 1, 100, 101, 103)
    made.tick(trade(4, last))
    assert stop_after(made, 4.1, 105) == (91, Mover.HARD)
    assert stop_after(made, 4.5, 106) == stop


def test_fast_move_is_not_known_without_a_candle_so_long_ago() -> None:
    made = opened({"trail_trigger": "5tick", "fast_move": "1tick", "fast_window_s": 9})
    prints(made, 1.5, 1, 100, 101, 109)
    assert stop_after(made, 4.5, 106) == (96, Mover.TRAIL)


def test_fast_trailing_and_trail_step_and_short_side() -> None:
    shorts: dict[str, object] = {"mode": "on", "min_move": "1tick", "streak": 1}
    fast = {"fast_move": "2tick", "fast_window_s": 1, "fast_distance": "2tick"}
    exit_ = {**fast, "trail_trigger": "3tick", "trail_step": "2tick", "flip_streak": 0}
    made = prints(oracle(playbook(exit_=exit_, momentum=shorts)), 0.1, 0.1, 102, 101)
    bids(made, 1, 100, 98)
    assert held(made).side == -1
    prints(made, 2.5, 1, 100, 97)
    # Sold at 100; ask 97 gains 3: 97 + 2, then 96 would gain one only.
    assert stop_after(made, 3.6, 96) == (99, Mover.FAST)
    assert stop_after(made, 3.7, 95) == (99, Mover.FAST)
    bids(made, 3.8, 98)
    assert exits_of(made) == [(ExitReason.FAST_TRAILING, round(3.8 * SECOND))]


TIGHTEN = {
    "time_guard": "tighten", "max_hold_s": 3.0, "time_guard_extra_s": 4.0,
    "tighten_distance": "2tick",
}  # fmt: skip


def test_tightening_follows_a_loss_from_the_time_on() -> None:
    made = opened(TIGHTEN)
    assert stop_after(made, 2, 99, 99) == (91, Mover.HARD)
    assert stop_after(made, 4, 99) == (97, Mover.TIME)
    assert stop_after(made, 5, 100) == (98, Mover.TIME)
    bids(made, 6, 98)
    assert exits_of(made) == [(ExitReason.TIME_STOP, 6 * SECOND)]


def test_tightening_leaves_at_the_average_and_at_the_end_by_timer() -> None:
    made = bids(opened(TIGHTEN), 4, 101)
    assert exits_of(made) == [(ExitReason.TIME_GUARD, 4 * SECOND)]
    made = bids(opened(TIGHTEN), 4, 100)
    made.tick(row(9, TickKind.CLOCK))
    assert exits_of(made) == [(ExitReason.TIME_GUARD, 8 * SECOND)]
    assert of_kind(made, OutputKind.INTENT)[-1].distances[0] == 4.0


def test_tightening_stays_while_momentum_is_with_it() -> None:
    made = prints(opened(TIGHTEN), 2, 0.1, 101, 102, 103)
    assert (made.markets[0].features.direction, made.markets[0].features.streak) == (1, 2)
    assert stop_after(made, 4, 102) == (100, Mover.TIME)
    weaker = {**MOMENTUM, "streak": 3}
    made = prints(opened(TIGHTEN, weaker), 2, 0.1, 101, 102, 103)
    bids(made, 4, 102)
    assert exits_of(made) == [(ExitReason.TIME_GUARD, 4 * SECOND)]


def test_flip_leaves_when_the_other_side_has_the_momentum_of_an_entry() -> None:
    made = prints(opened({"flip": "on", "min_hold_s": 2.0}), 1.5, 0.5, 101, 100, 99)
    assert exits_of(made) == []
    bids(made, 2.99, 99)
    assert exits_of(made) == []
    bids(made, 3, 99)
    assert exits_of(made) == [(ExitReason.FLIP, 3 * SECOND)]
    assert of_kind(made, OutputKind.INTENT)[1].distances[0] == 0.0


def test_flip_asks_for_the_streak_and_for_a_side_that_may_be_entered() -> None:
    flip = {"flip": "on", "min_hold_s": 0.0}
    made = prints(opened(flip, {**MOMENTUM, "streak": 3}), 1.5, 0.5, 101, 100, 99)
    assert exits_of(made) == []
    long_only = oracle(playbook({"sides": "long"}, flip, momentum=MOMENTUM))
    prints(bids(long_only, 1, 100), 1.5, 0.5, 101, 100, 99)
    assert exits_of(long_only) == []


def test_flip_comes_before_the_older_one_and_has_its_own_pause() -> None:
    cool = {"mode": "on", "after_exit_s": 60.0, "after_loss_s": 60.0, "min_gap_s": 2.0}
    exit_ = {"flip": "on", "flip_streak": 1, "min_hold_s": 1.5, "flip_cool_down_s": 4.0}
    made = oracle(playbook(exit_=exit_, momentum=MOMENTUM, cool_down=cool))
    bids(made, 1, 100)
    prints(made, 1.5, 0.5, 101, 100, 99)
    made.tick(row(2.6, TickKind.CLOCK))
    assert made.trades[0].reason is ExitReason.FLIP
    market = made.markets[0]
    for side, wanted in ((-1, 1.5 - 4.0), (1, 1.5 - 60.0)):
        verdict = judge(Look(market, made.account, 4 * SECOND, side))
        assert verdict.distances[Gate.COOL_DOWN] == wanted


def test_partial_exit_is_tried_once_and_leaves_levels_alone() -> None:
    made = opened({"partial_trigger": "4tick", "partial_share": 0.5, "break_even_trigger": "5tick"})
    bids(made, 2, 104, 105)
    intent = of_kind(made, OutputKind.INTENT)[-1]
    assert (intent.code, intent.lots, intent.price) == (ExitReason.PARTIAL, 2, 100)
    assert intent.distances[0] == 0.0
    bids(made, 4, 105)
    position = held(made)
    assert (position.lots, position.cost, position.stop_level) == (3, 303, 91)
    assert position.reason is ExitReason.NONE
    assert of_kind(made, OutputKind.FILL)[-1].lots == 2
    assert stop_after(made, 5, 106) == (101, Mover.BREAK_EVEN)
    assert len(exits_of(made)) == 1
    made.end_of_data(0, 9 * SECOND)
    assert (made.trades[0].lots, made.trades[0].reason) == (5, ExitReason.END_OF_DATA)


def test_partial_exit_needs_a_part_of_at_least_a_lot() -> None:
    made = opened({"partial_trigger": "4tick", "partial_share": 0.19})
    bids(made, 2, 110)
    assert exits_of(made) == []


def test_partial_exit_that_does_not_fill_is_cancelled_at_its_arrival() -> None:
    partial = {"partial_trigger": "4tick", "partial_share": 0.5, "limit_offset": "1tick"}
    made = oracle(playbook(exit_=partial), latency_ms=500)
    bids(made, 1, 100, 105)
    made.tick(quote(2.4, 102, 103))
    made.tick(quote(3, 105, 106))
    market = made.markets[0]
    assert (held(made).lots, market.exit) == (5, None)
    assert exits_of(made) == [(ExitReason.PARTIAL, 2 * SECOND)]


def test_refused_partial_exit_holds_nothing() -> None:
    partial = {"partial_trigger": "4tick", "partial_share": 0.5, "target": "6tick"}
    made = oracle(playbook(exit_=partial), limits=limits(duplicate_window_ms=5_000.0))
    bids(made, 1, 100, 101)
    made.account.approved.append(approved(3, 2))  # the same, just before
    bids(made, 3.5, 105)
    (refused,) = of_kind(made, OutputKind.REFUSED)
    assert refused.lots == 2
    bids(made, 4, 107)
    assert exits_of(made)[-1] == (ExitReason.TAKE_PROFIT, 4 * SECOND)


def approved(at: int, lots: int) -> ApprovedOrder:
    return ApprovedOrder(at * SECOND, 0, Purpose.EXIT, -1, lots, 100, partial=True)


def test_drawdown_halts_names_its_exit_and_survives_the_day_roll() -> None:
    made = oracle(playbook(), limits=limits(max_drawdown=16.0))
    bids(made, 1, 100, 100, 99)
    assert exits_of(made) == []
    bids(made, 4, 98)
    state, intent = made.outputs[-3:-1]
    assert (state.code, state.lots) == (TradingState.HALTED, StateCause.DRAWDOWN)
    # 15 lost at the bid and the entry's fee of 1.01: below the start, which is the peak.
    assert intent.code == ExitReason.DRAWDOWN
    assert intent.distances[0] == pytest.approx(-0.01)
    made.day_roll(5 * SECOND)
    assert made.account.state is TradingState.HALTED
    made.command(6 * SECOND, TradingState.ACTIVE)
    assert made.account.drawdown == 0


def test_daily_loss_comes_before_drawdown() -> None:
    made = oracle(playbook(), limits=limits(max_drawdown=16.0, max_daily_loss=16.0))
    bids(made, 1, 100, 100, 98)
    assert exits_of(made)[0][0] is ExitReason.DAILY_LOSS
    (state,) = of_kind(made, OutputKind.STATE_CHANGED)
    assert state.lots == StateCause.DAILY_LOSS


def test_drawdown_counts_from_the_highest_equity() -> None:
    made = oracle(playbook(), limits=limits(max_drawdown=50.0))
    bids(made, 1, 100, 120, 111)
    assert made.account.guard_peak == 10_000_000_000 + 95_000_000 - 1_010_000
    assert exits_of(made) == []
    bids(made, 4, 110)
    assert exits_of(made) == [(ExitReason.DRAWDOWN, 4 * SECOND)]


def test_other_markets_leave_by_halt_after_a_drawdown() -> None:
    made = oracle(playbook(), limits=limits(max_drawdown=16.0))
    second_market(made, playbook())
    other = {"bid_size": 100.0, "ask_size": 100.0, "market": 1}
    bids(made, 1, 100)
    made.tick(row(1.5, TickKind.QUOTE, bid=100, ask=101, **other))
    bids(made, 2, 100, 97)
    made.tick(row(3.5, TickKind.QUOTE, bid=100, ask=101, **other))
    assert [reason for reason, _ in exits_of(made)] == [ExitReason.DRAWDOWN, ExitReason.HALT]
