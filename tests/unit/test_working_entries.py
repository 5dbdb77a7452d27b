"""What stops an entry that already works: the trading state and the session (M1, M10), and risk.

And what a later part of it does to the stop (E1).
"""

import pytest

from core_cases import Case, another, clock, playbook, quote, trade
from core_steps import (
    FALLING,
    FIRST,
    commanded,
    day_rolled,
    fills,
    flat,
    limited,
    opened,
    works,
)
from domain.enums import Mover, OutputKind, Purpose, Refusal, TradingState


def codes(case: Case) -> list[int]:
    return [int(code) for code in case.kept.of(OutputKind.REFUSED)["code"]]


RESTING = {"entry": {"style": "resting", "resting_life_s": 300.0}}
THROUGH = trade(3, 99.9)


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
def test_a_command_cancels_a_resting_entry_before_anything_fills_it(state: TradingState) -> None:
    case = commanded(flat(RESTING).fold(FIRST, quote(0.5, 100.0, 100.1)), state, 1)
    assert fills(case.fold(THROUGH)) == []
    assert not works(case, Purpose.ENTRY)


def test_a_command_cancels_an_entry_that_is_still_on_its_way() -> None:
    case = commanded(flat().fold(FIRST), TradingState.HALTED, 0.02)
    assert fills(case.fold(quote(1, 100.0, 100.1))) == []


def test_a_daily_loss_of_one_market_cancels_the_resting_entry_of_another() -> None:
    case = Case(limited(max_daily_loss=1.0), names=("COIN", "MINT")).market(playbook())
    case.market(playbook(RESTING), instrument=another("MINT"))
    case.fold(FIRST, quote(0, 100.0, 100.1, market=1), quote(1, 100.0, 100.1))
    case.fold(quote(2, 98.5, 98.6), trade(3, 99.0, market=1))
    assert case.book.account["trading_state"] == TradingState.HALTED
    assert case.book.rows[1]["position_lots"] == 0


def test_a_resting_entry_ends_at_the_cut_off_of_its_session() -> None:
    case = opened(flat(RESTING), 0, 2, 100).fold(FIRST, quote(0.5, 100.0, 100.1))
    assert fills(case.fold(THROUGH)) == []
    assert not works(case, Purpose.ENTRY)


def test_an_entry_that_would_arrive_after_the_cut_off_is_cancelled() -> None:
    case = opened(flat(), 0, 0.02, 100).fold(FIRST, clock(0.06))
    assert fills(case) == []


def test_an_entry_outside_the_session_is_refused_although_the_gate_is_off() -> None:
    case = opened(flat(), 50, 60, 100).fold(FIRST)
    assert codes(case) == [Refusal.OUTSIDE_SESSION]


def test_a_short_entry_is_refused_where_nothing_can_be_sold_although_the_gate_is_off() -> None:
    spot = another("COIN", shortable=False)
    case = flat(instrument=spot).fold(FALLING)
    assert codes(case) == [Refusal.NOT_SHORTABLE]


def test_a_later_part_of_an_entry_never_loosens_the_stop() -> None:
    trail = {"trail_trigger": "1tick", "trail_distance": "1tick", "target": "off"}
    rest = quote(0, 100.0, 100.1, bid_size=0.1)
    case = flat({**RESTING, "exit": {**trail, "stop": "20tick"}}).fold(rest, clock(0.06))
    case.fold(trade(0.2, 100.0, 0.3, -1), quote(1, 101.0, 101.1), quote(1.1, 101.0, 101.1))
    assert (case.row["position_lots"], case.row["mover"]) == (2, Mover.TRAIL)
    before = int(case.row["stop_level"])
    case.fold(trade(1.2, 100.0, 0.4, -1))
    assert case.row["position_lots"] == 6
    assert (int(case.row["stop_level"]), case.row["mover"]) == (before, Mover.TRAIL)


def test_a_loss_that_was_open_at_the_roll_belongs_to_the_day_before() -> None:
    case = flat(limits=limited(max_daily_loss=5.0)).fold(FIRST, quote(1, 100.0, 100.1))
    day_rolled(case.fold(quote(2, 96.0, 96.1)), 3)
    case.fold(quote(4, 96.0, 96.1))
    assert case.book.account["trading_state"] == TradingState.ACTIVE
    case.fold(quote(5, 91.0, 91.1))
    assert case.book.account["trading_state"] == TradingState.HALTED


def test_an_entry_decided_at_the_cut_off_itself_is_not_refused() -> None:
    assert codes(opened(flat(), 0, 10, 100).fold(quote(10, 100.0, 100.1))) == []
