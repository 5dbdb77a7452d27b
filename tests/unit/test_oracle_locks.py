"""The oracle's locks, pauses and releases, worked out by hand (R3a to R8b, L1 to L4, T3).

A round trip enters LONG at 101 on a quote of 100 and leaves at the bid of the next quote.
"""

import math

import numpy as np
import pytest

from domain.enums import (
    BookSource,
    Gate,
    Origin,
    OutputKind,
    PriceSource,
    Refusal,
    StateCause,
    TickKind,
    TradingState,
)
from domain.rows.account import NEVER_NS
from oracle.account import Lock
from oracle.core import Oracle, OracleLimits
from oracle.desk import OrderByHand
from oracle.locks import lock_on, release, set_lock
from oracle.pauses import median
from oracle_cases import (
    SECOND,
    bids,
    exits_of,
    fold,
    instrument,
    limits,
    of_kind,
    oracle,
    playbook,
    quote,
    row,
    second_market,
)

LEAVES = {"stop": "5tick", "target": "5tick"}
REDUCING = TradingState.REDUCING


def trading(bound: OracleLimits) -> Oracle:
    return oracle(playbook(exit_=LEAVES), limits=bound)


def round_trip(made: Oracle, start: float, left_at: float) -> None:
    """In at `start`, out a second later."""
    made.tick(quote(start, 100, 101))
    made.tick(quote(start + 1, left_at, left_at + 1))
    made.tick(row(start + 1.5, TickKind.CLOCK))


def beside_by_hand() -> Oracle:
    """The automatic market, and LONG 5 lots by hand since second 1."""
    made = trading(limits())
    sources = (PriceSource.TRADES, BookSource.QUOTES)
    made.set_market("one", instrument(), playbook(), *sources, origin=Origin.MANUAL)
    made.tick(by_hand(1))
    made.order_by_hand(SECOND, "one", OrderByHand(1, 5, None, 50, 0, rests=False))
    made.tick(row(1, TickKind.CLOCK))
    return made


def by_hand(at: float) -> np.void:
    """A quote of the market by hand."""
    found = quote(at, 100, 101)
    found["market"] = 1
    return found


def test_another_origin_with_a_position_keeps_out_for_a_minute() -> None:
    made = beside_by_hand()
    bids(made, 2, *[100] * 62)
    asked = of_kind(made, OutputKind.REFUSED)
    assert [(each.code, each.event_ns // SECOND) for each in asked] == [
        (Refusal.OTHER_ORIGIN, 2),
        (Refusal.OTHER_ORIGIN, 62),
    ]


def test_its_end_lets_in_at_once() -> None:
    made = beside_by_hand()
    bids(made, 2, 100, 100)
    made.leave(4 * SECOND, "one", Origin.MANUAL)
    made.tick(by_hand(4))
    fold(made, quote(5, 100, 101), row(5.5, TickKind.CLOCK))
    assert [market.position is None for market in made.markets] == [False, True]


def states(made: Oracle) -> list[tuple[int, int, int, int, float]]:
    """State, cause, market, end and time in seconds of every change."""
    changes = of_kind(made, OutputKind.STATE_CHANGED)
    return [(s.code, s.lots, s.market, s.first_ns // SECOND, s.event_ns / SECOND) for s in changes]


def refusals(made: Oracle) -> list[tuple[float, ...]]:
    return [(r.code, *r.distances[:2]) for r in of_kind(made, OutputKind.REFUSED)]


def locks(made: Oracle) -> list[tuple[float, ...]]:
    """Code, market, end in seconds, limit and actual."""
    found = of_kind(made, OutputKind.LOCKED)
    return [(s.code, s.market, s.first_ns // SECOND, *s.distances[:2]) for s in found]


def test_losses_in_a_row_pause_all_markets_until_the_end() -> None:
    made = trading(limits(loss_streak=2, loss_streak_pause_s=10.0, cool_down_s=0.1))
    round_trip(made, 1, 90)
    assert states(made) == []
    round_trip(made, 5, 90)
    assert states(made) == [(REDUCING, StateCause.LOSS_STREAK, -1, 16, 6.0)]
    fill, state = made.outputs[-2:]
    assert (fill.kind, state.decision_seq) == (OutputKind.FILL, 0)
    made.tick(row(15.99, TickKind.CLOCK))
    assert made.account.state is REDUCING
    made.tick(quote(16, 100, 101))
    assert states(made)[1:] == [(TradingState.ACTIVE, StateCause.EXPIRED, -1, 0, 16.0)]
    assert made.outputs[-1].kind is OutputKind.APPROVED


def test_a_win_or_a_pause_starts_the_streak_anew() -> None:
    made = trading(limits(loss_streak=2, loss_streak_pause_s=1.0, cool_down_s=0.1))
    for start, left_at in ((1, 90), (5, 110), (9, 90)):
        round_trip(made, start, left_at)
    assert (states(made), made.account.losses_in_a_row) == ([], 1)
    round_trip(made, 13, 90)
    assert made.account.losses_in_a_row == 0
    round_trip(made, 20, 90)
    assert made.account.losses_in_a_row == 1


def test_command_takes_the_end_away_and_forgets_the_streak_if_it_sets_active() -> None:
    made = trading(limits(loss_streak=2, loss_streak_pause_s=10.0, cool_down_s=0.1))
    round_trip(made, 1, 90)
    made.command(3 * SECOND, TradingState.ACTIVE)
    assert (made.account.losses_in_a_row, states(made)) == (0, [])
    round_trip(made, 4, 90)
    round_trip(made, 7, 90)
    made.command(9 * SECOND, REDUCING)
    made.tick(quote(60, 100, 101))
    assert made.account.state is REDUCING
    assert len(states(made)) == 1


def test_pause_does_nothing_unless_the_state_is_active() -> None:
    made = trading(limits(loss_streak=1, loss_streak_pause_s=10.0))
    made.tick(quote(1, 100, 101))
    made.tick(quote(1.5, 100, 101))
    made.command(round(1.6 * SECOND), REDUCING)
    made.tick(quote(2, 90, 91))
    made.tick(quote(60, 90, 91))
    assert [cause for _, cause, *_ in states(made)] == [StateCause.COMMAND]
    assert made.account.losses_in_a_row == 0


def other(made: Oracle, seconds: float, bid: float) -> None:
    values = {"bid": bid, "ask": bid + 1, "bid_size": 100.0, "ask_size": 100.0}
    made.tick(row(seconds, TickKind.QUOTE, market=1, **values))


@pytest.mark.parametrize(
    ("roll_s", "wanted"), [(5, (REDUCING, 12)), (12, (TradingState.ACTIVE, 0))]
)
def test_day_roll_goes_back_to_a_pause_or_to_what_followed_it(
    roll_s: int, wanted: tuple[int, int]
) -> None:
    made = trading(limits(loss_streak=1, loss_streak_pause_s=10.0, max_daily_loss=100.0))
    second_market(made, playbook(exit_={"stop": "50tick"}))
    other(made, 0.5, 100)
    round_trip(made, 1, 95)
    other(made, 4, 86)
    assert states(made)[0][3] == 12
    assert states(made)[1][:3] == (TradingState.HALTED, StateCause.DAILY_LOSS, 1)
    made.day_roll(roll_s * SECOND)
    last = states(made)[-1]
    assert (last[0], last[1], last[3]) == (wanted[0], StateCause.DAY_ROLL, wanted[1])
    assert len(states(made)) == 3


def test_median_slip_beyond_the_limit_pauses_and_is_forgotten() -> None:
    bound = limits(slippage_orders=2, max_slippage_bps=99.0, slippage_pause_s=7.0)
    made = trading(bound)
    # Decided at a mid of 201 half-ticks with a spread of 1; filled 5 at 101: no slip.
    made.tick(quote(1, 100, 101))
    made.tick(quote(1.1, 100, 101))
    assert [slip for _, slip in made.account.slipped] == [0.0]
    # The exit at 110 is filled at 110, 109, 108 and so on: 2 lots at each.
    made.tick(quote(2, 110, 111, size=2))
    made.tick(row(2.1, TickKind.CLOCK))
    # 4 at 109.5 on average: 1e4 x (221 - 219 - 1) / 221 = 45.2; 5 at 109.2: 72.4.
    assert states(made) == []
    slips = [slip for _, slip in made.account.slipped]
    assert slips == pytest.approx([0.0, 1e4 * (-218.4 + 221 - 1) / 221])
    made = trading(limits(slippage_orders=2, max_slippage_bps=22.0, slippage_pause_s=7.0))
    made.tick(quote(1, 100, 101))
    made.tick(quote(1.1, 100, 101))
    made.tick(quote(2, 110, 111, size=2))
    made.tick(row(2.1, TickKind.CLOCK))
    # After the second of its three fills the median is 45.2 / 2.
    assert states(made) == [(REDUCING, StateCause.SLIPPAGE, -1, 9, 2.0)]
    kinds = [said.kind for said in made.outputs[-4:]]
    assert kinds == [OutputKind.FILL, OutputKind.FILL, OutputKind.STATE_CHANGED, OutputKind.FILL]
    assert len(made.account.slipped) == 1


def test_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    assert [median([3.0, 1.0, 2.0]), median([4.0, 1.0, 2.0, 3.0])] == [2.0, 2.5]


def test_close_outs_do_not_slip() -> None:
    made = trading(limits())
    made.tick(quote(1, 100, 101, size=1))
    made.end_of_data(0, 2 * SECOND)
    assert len(made.account.slipped) == 1


def test_repeated_entries_of_a_side_lock_the_market_until_a_release() -> None:
    made = trading(limits(repeated_entries=2, repeated_window_s=10.0))
    for start in (1, 4):
        round_trip(made, start, 110)
    made.tick(quote(7, 100, 101))
    assert refusals(made) == [(Refusal.REPEATED_ENTRIES, 2.0, 3.0)]
    assert locks(made) == [(Refusal.REPEATED_ENTRIES, 0, 0, 2.0, 3.0)]
    assert made.markets[0].hold_until == 8 * SECOND
    made.tick(quote(8, 100, 101))
    assert refusals(made)[1:] == [(Refusal.REPEATED_ENTRIES, 2.0, 3.0)]
    assert made.markets[0].hold_until == NEVER_NS
    made.tick(quote(5000, 100, 101))
    assert made.first_blocking[-1][2] == Gate.HOLD
    made.release(5001 * SECOND, 0)
    assert made.markets[0].hold_until == 5001 * SECOND
    made.tick(quote(5001, 100, 101))
    assert made.outputs[-1].kind is OutputKind.APPROVED
    assert len(locks(made)) == 1


def test_repeated_entries_count_the_side_inside_the_window() -> None:
    made = trading(limits(repeated_entries=2, repeated_window_s=10.0))
    market = made.markets[0]
    market.repeated = [(SECOND, 1), (2 * SECOND, -1), (3 * SECOND, 1)]
    made.tick(quote(11, 100, 101))
    assert made.outputs[-1].kind is OutputKind.APPROVED
    made = trading(limits(repeated_entries=2, repeated_window_s=10.0))
    made.markets[0].repeated = [(SECOND + 1, 1), (2 * SECOND, -1), (3 * SECOND, 1)]
    made.tick(quote(11, 100, 101))
    assert made.outputs[-1].kind is OutputKind.LOCKED


def test_reject_burst_locks_after_so_many_in_its_window() -> None:
    made = trading(limits(reject_burst=3, reject_window_s=5.0, max_order_notional=500.0))
    bids(made, 1, 100, 100)
    assert locks(made) == []
    bids(made, 3, 100)
    assert [r[0] for r in refusals(made)] == [Refusal.ORDER_NOTIONAL] * 3
    assert locks(made) == [(Refusal.REJECT_BURST, 0, 0, 3.0, 3.0)]
    bids(made, 4, 100)
    assert refusals(made)[-1] == (Refusal.REJECT_BURST, 3.0, 3.0)
    made = trading(limits(reject_burst=2, reject_window_s=3.0, max_order_notional=500.0))
    bids(made, 1, 100)
    bids(made, 4, 100)
    assert locks(made) == []


def test_reject_burst_does_not_count_what_waiting_cures_and_starts_anew_by_a_release() -> None:
    made = trading(limits(reject_burst=2, reject_window_s=50.0, max_gross_notional=500.0))
    bids(made, 1, 100, 100, 100)
    assert (len(refusals(made)), locks(made)) == (3, [])
    made = trading(limits(reject_burst=2, reject_window_s=50.0, max_order_notional=500.0))
    bids(made, 1, 100)
    made.release(2 * SECOND)
    bids(made, 2, 100)
    assert locks(made) == []
    bids(made, 3, 100)
    assert len(locks(made)) == 1


def test_unreviewed_trades_stop_entries_until_a_release_of_the_market() -> None:
    made = trading(limits(review_after_trades=2))
    round_trip(made, 1, 110)
    round_trip(made, 4, 110)
    bids(made, 7, 100)
    assert refusals(made) == [(Refusal.UNREVIEWED, 2.0, 2.0)]
    assert locks(made) == []
    made.release(8 * SECOND, 0)
    bids(made, 8, 100)
    assert made.outputs[-1].kind is OutputKind.APPROVED


def test_release_of_one_market_leaves_the_other_and_the_lock_on_all() -> None:
    made = trading(limits())
    second_market(made, playbook())
    for market in (0, 1, None):
        set_lock(made.account, SECOND, Lock(market, Refusal.REJECT_BURST, 1.0, 2.0, None))
    one, two = made.markets
    release(made.account, one, 2 * SECOND)
    assert [lock.market for lock in made.account.locks] == [1, None]
    assert lock_on(made.account, one, 3 * SECOND) is made.account.locks[1]
    release(made.account, None, 2 * SECOND)
    assert lock_on(made.account, two, 3 * SECOND) is None
    assert [(s.market, s.decision_seq) for s in made.outputs] == [(0, 1), (1, 1), (-1, 0)]


def test_lock_that_is_set_already_only_gets_the_later_end() -> None:
    made = trading(limits())

    def lock(end_s: int | None, actual: float) -> None:
        end_ns = None if end_s is None else end_s * SECOND
        set_lock(made.account, SECOND, Lock(0, Refusal.COOLDOWN_PERIOD, 1.0, actual, end_ns))

    for end_s, actual in ((10, 1.0), (9, 2.0), (12, 3.0)):
        lock(end_s, actual)
    (only,) = made.account.locks
    assert (only.end_ns, only.actual, len(made.outputs)) == (12 * SECOND, 1.0, 1)
    lock(None, 4.0)
    lock(20, 5.0)
    assert (only.end_ns, len(made.outputs)) == (None, 1)


def test_lock_with_an_end_holds_until_then_and_is_over_at_it() -> None:
    made = trading(limits())
    end = round(5.5 * SECOND)
    set_lock(made.account, 0, Lock(0, Refusal.COOLDOWN_PERIOD, math.nan, math.nan, end))
    bids(made, 1, 100, 100)
    ((code, limit, actual),) = refusals(made)
    assert (code, math.isnan(limit), math.isnan(actual)) == (Refusal.COOLDOWN_PERIOD, True, True)
    assert made.markets[0].hold_until == end
    made.tick(quote(5.499, 100, 101))
    said = len(made.outputs)
    assert made.outputs[-1].kind == OutputKind.REFUSED
    made.tick(quote(5.5, 100, 101))
    assert [each.kind for each in made.outputs[said:]][-1] == OutputKind.APPROVED


def test_a_release_ends_the_hold_of_a_lock_but_not_that_of_a_plain_refusal() -> None:
    made = trading(limits())
    made.markets[0].hold_until = 9 * SECOND
    made.release(3 * SECOND)
    assert made.markets[0].hold_until == 3 * SECOND
    made.markets[0].hold_until = 4 * SECOND
    made.release(3 * SECOND)
    assert made.markets[0].hold_until == 4 * SECOND


def test_trades_per_session_count_from_the_edge_or_the_day_roll() -> None:
    made = trading(limits(trades_per_session=1))
    round_trip(made, 1, 110)
    bids(made, 4, 100)
    assert refusals(made) == [(Refusal.TRADES_PER_SESSION, 1.0, 1.0)]
    made.day_roll(5 * SECOND)
    round_trip(made, 6, 110)
    assert len(made.trades) == 2
    made.session_edge(0, 9 * SECOND, 0, 900 * SECOND, 990 * SECOND)
    round_trip(made, 9, 110)
    made.day_roll(12 * SECOND)
    bids(made, 12, 100)
    assert len(made.trades) == 3
    assert len(refusals(made)) == 2


def test_locks_do_not_stop_exits() -> None:
    made = trading(limits())
    bids(made, 1, 100, 100)
    set_lock(made.account, 2 * SECOND, Lock(None, Refusal.MAX_DRAWDOWN, 0.1, 0.2, None))
    bids(made, 3, 90)
    assert len(exits_of(made)) == 1
    assert refusals(made) == []
