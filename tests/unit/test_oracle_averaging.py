"""The oracle's additions to a position, worked out by hand (A1 to A3).

The position is LONG from 101, 5 lots, entered at 1 s; from 1.7 s on momentum is upward.
"""

from collections.abc import Mapping

import pytest

from domain.enums import Gate, Mover, OutputKind, Purpose, Refusal, TickKind
from oracle.core import Oracle, OracleLimits
from oracle_cases import (
    LIMITS,
    SECOND,
    bids,
    held,
    limits,
    of_kind,
    oracle,
    playbook,
    prints,
    quote,
    row,
    trade,
)

# 2 lots at a time, up to 9.
ADDS: dict[str, object] = {
    "mode": "profit", "window_s": 10.0, "interval_s": 2.0, "multiple": 0.5, "max_multiple": 1.9,
    "max_additions": 2, "loss_budget": "2tick",
}  # fmt: skip
MOVE: dict[str, object] = {"mode": "off", "min_move": "1tick"}


def opened(
    changes: Mapping[str, object] | None = None,
    exit_: Mapping[str, object] | None = None,
    bound: OracleLimits = LIMITS,
    **gates: Mapping[str, object],
) -> Oracle:
    adds = {**ADDS, **(changes or {})}
    made = oracle(playbook(exit_=exit_, averaging=adds, momentum=MOVE, **gates), limits=bound)
    bids(made, 1, 100)
    return prints(made, 1.5, 0.1, 101, 102, 103)


def times(made: Oracle) -> list[float]:
    return [said.event_ns / SECOND for said in of_kind(made, OutputKind.ADDITION)]


def test_addition_is_intended_approved_and_folded_without_loosening_the_stop() -> None:
    made = opened(exit_={"target": "20tick"})
    bids(made, 3, 102)
    intent, answer = made.outputs[-2:]
    assert (intent.kind, intent.code, intent.side, intent.price, intent.lots) == (
        OutputKind.ADDITION, 0, 1, 104, 2,
    )  # fmt: skip
    assert (answer.kind, answer.lots) == (OutputKind.APPROVED, 2)
    bids(made, 4, 102)
    position = held(made)
    # 505 + 2 x 103 = 711 for 7 lots: 101.57, rounded 102.
    assert (position.lots, position.cost, position.average) == (7, 711, 102)
    assert (position.stop_level, position.mover, position.target_level) == (92, Mover.HARD, 122)
    assert (position.additions, position.best_ticks) == (1, 102)
    assert (made.decisions, made.additions) == (2, {0: 1})


def test_addition_leaves_a_stop_that_is_better() -> None:
    made = opened(exit_={"trail_trigger": "3tick", "trail_distance": "2tick"})
    bids(made, 2, 104)
    assert (held(made).stop_level, held(made).mover) == (102, Mover.TRAIL)
    bids(made, 3.5, 103.0, 103)
    assert (held(made).lots, held(made).stop_level, held(made).mover) == (7, 102, Mover.TRAIL)


@pytest.mark.parametrize(
    ("mode", "bid", "adds"),
    [("off", 105, False), ("profit", 102, True), ("profit", 101, False), ("loss_budget", 99, True),
     ("loss_budget", 98, False)],
)  # fmt: skip
def test_mode_says_at_which_gain(mode: str, bid: float, adds: bool) -> None:
    made = opened({"mode": mode})
    bids(made, 3, bid)
    assert bool(times(made)) is adds


def test_addition_waits_for_its_interval_and_the_next_again() -> None:
    made = opened()
    for at in (2.999, 3.0, 4.999, 5.0):
        made.tick(quote(at, 103, 104))
    assert times(made) == [3.0, 5.0]


def test_addition_is_not_made_after_the_window() -> None:
    made = opened({"window_s": 5.0})
    bids(made, 6.001, 103)
    assert times(made) == []
    made = opened({"window_s": 5.0})
    bids(made, 6.0, 103)
    assert times(made) == [6.0]


@pytest.mark.parametrize(
    ("changes", "count"),
    [({}, 2), ({"max_additions": 1}, 1), ({"max_multiple": 1.79}, 1), ({"max_multiple": 1.8}, 2),
     ({"max_multiple": 1.39}, 0)],
)  # fmt: skip
def test_additions_end_at_their_number_or_at_the_cap(
    changes: dict[str, object], count: int
) -> None:
    made = opened(changes)
    bids(made, 3, 103, 103, 103, 103, 103, 103)
    assert len(times(made)) == count


def test_addition_needs_direction_with_it_and_the_gates_but_two() -> None:
    made = opened()
    made.tick(trade(2, 101))
    bids(made, 3, 103)
    assert times(made) == []
    wide = {"mode": "on", "max": "1tick"}
    far: dict[str, object] = {"mode": "on", "min": "1000tick"}
    slow: dict[str, object] = {"mode": "on", "min_gap_s": 3600.0}
    made = opened(spread=wide, min_move=far, cool_down=slow)
    made.tick(quote(3, 103, 105))
    assert times(made) == []
    assert (made.observed, made.rejections, made.markets[0].run) == ({}, {}, None)
    made.tick(quote(3.5, 103, 104))
    assert times(made) == [3.5]
    distances = of_kind(made, OutputKind.ADDITION)[0].distances
    assert distances[Gate.SPREAD] == 0.0
    assert distances[Gate.MIN_MOVE] != distances[Gate.MIN_MOVE]
    assert distances[Gate.COOL_DOWN] != distances[Gate.COOL_DOWN]


def test_addition_is_refused_like_an_entry_and_then_held() -> None:
    # 7 lots at 105 are 735; the entry's 5 at 102 were 510.
    made = opened(bound=limits(max_position_notional=734.0))
    for at in (3.0, 3.5, 4.0):
        made.tick(quote(at, 103, 104))
    assert times(made) == [3.0, 4.0]
    refused = of_kind(made, OutputKind.REFUSED)[0]
    assert (refused.code, refused.distances[:2]) == (Refusal.POSITION_NOTIONAL, [734.0, 735.0])
    assert (made.markets[0].hold_until, held(made).last_addition_ns) == (5 * SECOND, None)


def test_approval_counts_as_an_entry_for_pauses_but_not_for_the_session() -> None:
    made = opened()
    bids(made, 3, 103)
    market = made.markets[0]
    assert market.accepted == [SECOND, 3 * SECOND]
    assert market.session_entries == 1
    assert [side for _, side in market.repeated] == [1, 1]


def test_addition_that_fills_in_two_parts_counts_once() -> None:
    made = opened()
    for at in (3, 4):
        made.tick(quote(at, 103, 104, size=1))
    assert [fill.lots for fill in of_kind(made, OutputKind.FILL)] == [5, 1, 1]
    assert held(made).additions == 1


def test_addition_without_a_fill_is_no_addition_but_starts_the_interval() -> None:
    made = oracle(playbook(averaging=ADDS, momentum=MOVE), latency_ms=500)
    bids(made, 1, 100, 100)
    prints(made, 2.1, 0.1, 101, 102, 103)
    made.tick(quote(4, 103, 104))
    made.tick(quote(4.1, 109, 110))
    made.tick(quote(5.9, 109, 110))
    assert (times(made), held(made).additions) == ([4.0], 0)
    made.tick(quote(6, 109, 110))
    assert times(made) == [4.0, 6.0]


def test_addition_waits_while_another_order_works_and_an_exit_cancels_it() -> None:
    resting = {"style": "resting", "resting_life_s": 60.0}
    made = oracle(playbook(resting, {"max_hold_s": 9.0}, averaging=ADDS, momentum=MOVE))
    bids(made, 1, 101)
    made.tick(trade(1.5, 100, size=200, side=-1))
    assert held(made).average == 101
    prints(made, 1.6, 0.1, 101, 102, 103)
    bids(made, 4, 102, 103, 104)
    assert times(made) == [4.0]
    assert made.markets[0].entry is not None
    made.tick(row(10.5, TickKind.CLOCK))
    assert made.markets[0].entry is None
    assert made.account.approved[-1].purpose is Purpose.EXIT
