"""The oracle's switches, changes of playbook and times of day, worked out by hand (C9, P1, W1)."""

from typing import Any

import msgspec
import pytest

from domain.enums import OutputKind, Regime, TickKind
from domain.playbooks import Playbook, PlaybookSwitch
from oracle.core import Oracle
from oracle.numbers import time_of_day
from oracle.plan import make_plan, stop_and_target
from oracle.switches import holds
from oracle_cases import (
    SECOND,
    bids,
    held,
    of_kind,
    oracle,
    playbook,
    prints,
    quote,
    row,
    trade,
)

NEVER = {"mode": "on", "max": "0tick"}
IDLE = playbook(exit_={"stop": "7tick"}, spread=NEVER)
OTHER = playbook(exit_={"stop": "8tick"}, spread=NEVER)
MINUTE = 60 * SECOND


def switching(*switches: PlaybookSwitch, start: Playbook = IDLE) -> Oracle:
    return oracle(msgspec.structs.replace(start, switches=switches))


def changes(made: Oracle) -> list[tuple[float, int, int]]:
    found = of_kind(made, OutputKind.PLAYBOOK_CHANGED)
    return [(s.event_ns / SECOND, s.code, s.lots) for s in found]


def mark_of(book: Playbook) -> int:
    return int(book.content_hash, 16) >> 4


def test_switch_is_looked_at_when_15_seconds_close_and_acts_from_the_next_tick() -> None:
    made = switching(PlaybookSwitch(playbook=OTHER))
    made.tick(quote(0.5, 100, 101))
    prints(made, 1, 13, 100, 100)
    assert changes(made) == []
    made.tick(trade(15, 101))
    assert changes(made) == [(15.0, 1, mark_of(OTHER))]
    kinds = [said.kind for said in made.outputs if said.event_ns == 15 * SECOND]
    assert kinds == [OutputKind.CANDLE_CLOSED, OutputKind.PLAYBOOK_CHANGED]
    assert make_plan(made.markets[0], 0).stop == 8
    # The one in use is not said again.
    prints(made, 31, 15, 101, 101)
    assert len(changes(made)) == 1


def test_market_with_switches_says_its_15_second_candles() -> None:
    made = switching(PlaybookSwitch(playbook=OTHER, wins_in_a_row=1))
    fold = [(1, 100, 2.0), (7, 103, 1.0), (14, 99, 0.5), (16, 101, 4.0)]
    for seconds, price, size in fold:
        made.tick(trade(seconds, price, size))
    (said,) = of_kind(made, OutputKind.CANDLE_CLOSED)
    assert (said.code, said.lots, said.first_ns, said.event_ns) == (2, 3, 0, 16 * SECOND)
    assert said.distances[:5] == [200.0, 206.0, 198.0, 198.0, 3.5]
    assert said.last_half == 202
    plain = oracle(IDLE)
    for seconds, price, size in fold:
        plain.tick(trade(seconds, price, size))
    assert of_kind(plain, OutputKind.CANDLE_CLOSED) == []


def test_candles_close_at_the_session_without_a_look_at_the_switches() -> None:
    made = switching(PlaybookSwitch(playbook=OTHER))
    made.session_edge(0, 0, 0, 10 * SECOND, 20 * SECOND)
    made.tick(trade(1.0, 100))
    made.session_edge(0, 20 * SECOND, 90 * SECOND, 95 * SECOND, 99 * SECOND)
    kinds = [said.kind for said in made.outputs]
    assert kinds == [OutputKind.CANDLE_CLOSED, OutputKind.REJECTION_RUN]


def test_switch_waits_until_the_market_is_flat() -> None:
    eager = playbook()
    made = switching(PlaybookSwitch(playbook=OTHER), start=eager)
    made.tick(trade(1, 100))
    bids(made, 2, 100)
    made.tick(trade(16, 100))
    assert (changes(made), held(made).lots) == ([], 5)
    made.tick(quote(20, 80, 81))
    made.tick(row(21, TickKind.CLOCK))
    made.tick(quote(22, 80, 81))
    assert len(made.trades) == 1


def test_first_switch_that_holds_chooses_and_none_leaves_it_as_it_is() -> None:
    third = playbook(exit_={"stop": "9tick"}, spread=NEVER)
    made = switching(
        PlaybookSwitch(playbook=third, losses_in_a_row=2),
        PlaybookSwitch(playbook=OTHER, wins_in_a_row=1),
    )
    market = made.markets[0]
    for at, (losses, wins) in ((1, (0, 0)), (16, (0, 1)), (31, (2, 1)), (46, (0, 0)), (61, (0, 1))):
        market.losses_in_a_row, market.wins_in_a_row = losses, wins
        made.tick(trade(at, 100))
    assert changes(made) == [
        (16.0, 2, mark_of(OTHER)), (31.0, 1, mark_of(third)), (61.0, 2, mark_of(OTHER)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "held_then"),
    [
        ({"losses_in_a_row": 2}, True),
        ({"losses_in_a_row": 3}, False),
        ({"wins_in_a_row": 1}, False),
        ({"regimes": (Regime.UNKNOWN,)}, True),
        ({"regimes": (Regime.QUIET, Regime.TRENDING)}, False),
        ({"losses_in_a_row": 2, "regimes": (Regime.QUIET,)}, False),
        ({"win_rate_at_least": 0.3}, True),
        ({"win_rate_at_least": 0.31}, False),
        ({"win_rate_at_most": 0.3}, True),
        ({"win_rate_at_most": 0.29}, False),
        ({"win_rate_at_least": 0.2, "win_rate_at_most": 0.4}, True),
        ({}, True),
    ],
)
def test_all_stated_conditions_must_hold(stated: dict[str, Any], held_then: bool) -> None:
    market = oracle(IDLE).markets[0]
    market.losses_in_a_row = 2
    # Of the last ten three were won; the first, which was, is the eleventh.
    market.won = [True, True, False, True, False, True, *[False] * 5]
    assert holds(PlaybookSwitch(playbook=OTHER, **stated), market) is held_then
    market.won = market.won[2:]
    rates = "win_rate_at_least" in stated or "win_rate_at_most" in stated
    assert holds(PlaybookSwitch(playbook=OTHER, **stated), market) is (held_then and not rates)


def test_runs_and_wins_are_counted_from_trades() -> None:
    made = oracle(playbook(exit_={"stop": "5tick", "target": "5tick"}))
    seen = []
    for start, left_at in ((1, 110), (4, 110), (7, 90), (10, 90)):
        made.tick(quote(start, 100, 101))
        made.tick(quote(start + 1, left_at, left_at + 1))
        made.tick(row(start + 1.5, TickKind.CLOCK))
        market = made.markets[0]
        seen.append((market.wins_in_a_row, market.losses_in_a_row))
    assert seen == [(1, 0), (2, 0), (0, 1), (0, 2)]
    assert made.markets[0].won == [True, True, False, False]


def test_parameter_change_by_an_event_is_said_once_and_needs_a_flat_market() -> None:
    made = oracle(IDLE)
    for at in (1, 2):
        made.parameter_set(0, at * SECOND, OTHER)
    assert changes(made) == [(1.0, 0, mark_of(OTHER))]
    made.parameter_set(0, 3 * SECOND, playbook())
    bids(made, 4, 100)
    with pytest.raises(ValueError, match="flat"):
        made.parameter_set(0, 5 * SECOND, IDLE)


def test_change_of_playbook_reaches_features_and_reference() -> None:
    made = oracle(playbook(momentum={"mode": "on", "min_move": "5tick", "streak": 9}))
    prints(made, 1, 1, 100, 102)
    assert made.markets[0].features.direction == 0
    finer = playbook(momentum={"mode": "on", "min_move": "1tick", "streak": 9})
    made.parameter_set(0, 3 * SECOND, finer)
    made.tick(trade(4, 103))
    assert made.markets[0].features.direction == 1


def test_time_of_day_is_counted_in_minutes_of_the_local_day() -> None:
    hour = 60 * MINUTE
    assert time_of_day(14 * hour + 30 * MINUTE - 1, 0) == 14 * 60 + 29
    assert time_of_day(14 * hour, -15 * hour) == 23 * 60
    assert time_of_day(23 * hour, 2 * hour) == 60


PERIODS: dict[str, object] = {
    "period_1_from": "10:00", "period_1_stop": "11tick", "period_1_target": "off",
    "period_2_from": "12:00", "period_2_stop": "12tick", "period_2_target": "22tick",
    "period_3_from": "10:00", "period_3_stop": "13tick", "period_3_target": "23tick",
    "target": "33tick",
}  # fmt: skip


@pytest.mark.parametrize(
    ("minute", "stop", "target"),
    [
        (9 * 60 + 59, 10, 33),  # before all: those of the whole day
        (10 * 60, 13, 23),  # of equals the highest
        (11 * 60 + 59, 13, 23),
        (12 * 60, 12, 22),
        (24 * 60 - 1, 12, 22),
    ],
)
def test_stop_and_target_are_those_of_the_latest_period_begun(
    minute: int, stop: int, target: int
) -> None:
    made = oracle(playbook(exit_=PERIODS))
    start = minute * 60
    bids(made, start, 100, 100)
    position = held(made)
    assert position.stop_level == 101 - stop
    assert position.target_level == 101 + target


def test_zone_offset_moves_the_periods() -> None:
    made = oracle(playbook(exit_={**PERIODS, "period_3_from": "off"}))
    market = made.markets[0]
    assert stop_and_target(market, 10 * 60 * MINUTE)[0] == "exit.period_1_stop"
    made.zone_offset(0, 0, -MINUTE)
    assert stop_and_target(market, 10 * 60 * MINUTE) == ("exit.stop", "exit.target")
    made.tick(quote(0.1, 100, 101))
    assert make_plan(market, 10 * 60 * MINUTE + MINUTE).target is None
