"""Each entry gate at the value that is just good enough, and just beyond (rules G0 to G22)."""

import numpy as np
import pytest

from core_cases import Case, another, crossed, playbook, prices, quote, trade
from core_steps import (
    FALLING,
    FIRST,
    asked,
    commanded,
    flat,
    gated,
    limited,
    opened,
)
from domain.arrays import Rows
from domain.enums import Gate, PriceSource, TradingState


def narrow(at_s: float, bid_size: float = 100.0, ask_size: float = 100.0) -> Rows:
    """A quote of one tick's spread."""
    return quote(at_s, 100.0, 100.1, bid_size, ask_size)


def test_nothing_is_held_before_a_refusal() -> None:
    assert asked(flat(), Gate.HOLD, FIRST) == ("enters", np.inf)


def test_hold_lasts_for_one_second_after_a_refused_entry() -> None:
    case = flat(limits=limited(allow=("MINT",))).fold(FIRST)
    assert asked(case, Gate.HOLD, narrow(0.75)) == ("blocks", -0.25)
    assert asked(case, Gate.HOLD, narrow(1.0)) == ("enters", 0.0)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (TradingState.ACTIVE, ("enters", 1.0)),
        (TradingState.REDUCING, ("blocks", -1.0)),
        (TradingState.HALTED, ("blocks", -2.0)),
    ],
)
def test_only_an_active_account_enters(state: TradingState, answer: tuple[str, float]) -> None:
    case = commanded(gated(Gate.TRADING_STATE), state, 0)
    assert asked(case, Gate.TRADING_STATE, narrow(0)) == answer


@pytest.mark.parametrize(
    ("at_s", "answer"),
    [
        (9.5, ("blocks", -0.5)),
        (10.0, ("enters", 10.0)),
        (20.0, ("enters", 0.0)),
        (20.5, ("blocks", -0.5)),
        (31.0, ("blocks", -11.0)),
    ],
)
def test_a_session_lets_enter_from_its_open_to_its_cut_off(
    at_s: float, answer: tuple[str, float]
) -> None:
    case = opened(gated(Gate.SESSION), 10, 20, 30)
    assert asked(case, Gate.SESSION, narrow(at_s)) == answer


def test_a_market_without_sessions_has_a_day_left() -> None:
    assert asked(gated(Gate.SESSION), Gate.SESSION, narrow(0)) == ("enters", 86_400.0)


def test_data_age_is_counted_from_the_last_quote() -> None:
    case = opened(gated(Gate.DATA_AGE, max_s=2.0), 1, 100, 200).fold(narrow(0.5))
    assert asked(case, Gate.DATA_AGE, trade(3.0, 100.0)) == ("blocks", -0.5)
    assert asked(case, Gate.DATA_AGE, narrow(4.0)) == ("enters", 2.0)


def test_data_of_exactly_the_greatest_age_passes() -> None:
    case = opened(gated(Gate.DATA_AGE, max_s=2.0), 1, 100, 200).fold(narrow(0.5))
    assert asked(case, Gate.DATA_AGE, trade(2.5, 100.0)) == ("enters", 0.0)


@pytest.mark.parametrize(
    ("sides", "answer"),
    [("both", ("enters", 1.0)), ("long", ("enters", 1.0)), ("short", ("blocks", -1.0))],
)
def test_a_side_that_is_not_allowed_blocks(sides: str, answer: tuple[str, float]) -> None:
    case = flat({"entry": {"sides": sides}, "gates.side": {"mode": "on"}})
    assert asked(case, Gate.SIDE, FIRST) == answer


@pytest.mark.parametrize(
    ("shortable", "answer"), [(True, ("enters", 1.0)), (False, ("blocks", -1.0))]
)
def test_an_instrument_that_cannot_be_sold_blocks_shorts(
    *, shortable: bool, answer: tuple[str, float]
) -> None:
    rules = playbook({"gates.side": {"mode": "on"}})
    case = Case().market(rules, instrument=another("COIN", shortable=shortable))
    assert asked(case, Gate.SIDE, FALLING[:2], FALLING[2:]) == answer


@pytest.mark.parametrize(("margin", "answer"), [(1.0, ("enters", 0.0)), (1.5, ("blocks", -0.5))])
def test_the_last_candle_must_close_beyond_the_one_before(
    margin: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.CANDLE, frame="1s", reference="previous_close", margin_ticks=margin)
    assert asked(case, Gate.CANDLE, prices(0, 1, [100.0, 100.1, 100.1]), narrow(2.5)) == answer


def test_a_candle_gate_without_a_candle_before_is_not_ready() -> None:
    case = gated(Gate.CANDLE, frame="1s", reference="previous_close")
    assert asked(case, Gate.CANDLE, prices(0, 1, [100.0, 100.1]), narrow(1.5)) == ("blocks", None)


@pytest.mark.parametrize(("margin", "answer"), [(8.0, ("enters", 0.0)), (9.0, ("blocks", -1.0))])
def test_the_last_candle_must_close_beyond_its_average(
    margin: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.CANDLE, frame="1s", reference="ema9", margin_ticks=margin)
    nine = prices(0, 1, [100.0] * 8 + [100.9])
    assert asked(case, Gate.CANDLE, nine, trade(9, 100.9), narrow(9.5)) == answer


def test_a_short_wants_the_candle_below_its_reference() -> None:
    case = gated(Gate.CANDLE, frame="1s", reference="previous_close", margin_ticks=1.0)
    falling = prices(0, 1, [100.1, 100.0, 100.0])
    assert asked(case, Gate.CANDLE, falling, narrow(2.5)) == ("enters", 0.0)


@pytest.mark.parametrize(("streak", "answer"), [(2, ("enters", 0.0)), (3, ("blocks", -1.0))])
def test_momentum_needs_its_streak(streak: int, answer: tuple[str, float]) -> None:
    rising = prices(0, 0.1, [100.0, 100.1, 100.2])
    case = gated(Gate.MOMENTUM, streak=streak)
    assert asked(case, Gate.MOMENTUM, rising, narrow(0.5)) == answer


def test_momentum_without_a_direction_lacks_the_whole_streak() -> None:
    assert asked(gated(Gate.MOMENTUM, streak=3), Gate.MOMENTUM, narrow(0)) == ("blocks", -3.0)


@pytest.mark.parametrize(
    ("least", "at_s", "answer"),
    [
        (10.0, 0.6, ("enters", 0.0)),
        (10.0, 1.0, ("enters", 0.0)),
        (10.0, 2.0, ("blocks", -5.0)),
        (5.0, 2.0, ("enters", 0.0)),
    ],
)
def test_velocity_runs_from_the_streaks_start_for_a_second_at_least(
    least: float, at_s: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.VELOCITY, min_bps_per_s=least)
    rising = prices(0, 0.5, [100.0, 100.1])
    assert asked(case, Gate.VELOCITY, rising, narrow(at_s)) == answer


def test_velocity_without_a_direction_is_not_ready() -> None:
    assert asked(gated(Gate.VELOCITY), Gate.VELOCITY, narrow(0)) == ("blocks", None)


@pytest.mark.parametrize(
    ("widest", "ask", "answer"),
    [
        ("1tick", 100.0, ("enters", 0.0)),
        ("1tick", 100.1, ("blocks", -1.0)),
        ("20bp", 100.1, ("enters", 0.0)),
        ("max(20bp, 3tick)", 100.1, ("enters", 1.0)),
    ],
)
def test_a_spread_up_to_the_widest_passes(
    widest: str, ask: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.SPREAD, max=widest)
    assert asked(case, Gate.SPREAD, quote(0, 99.9, ask)) == answer


def test_the_spread_of_an_invalid_book_is_not_ready() -> None:
    case = gated(Gate.SPREAD)
    assert asked(case, Gate.SPREAD, crossed(0), trade(1, 100.0)) == ("blocks", None)


@pytest.mark.parametrize(
    ("bid_size", "answer"),
    [(3.0, ("enters", 0.0)), (1.0, ("blocks", -0.5)), (np.nan, ("blocks", None))],
)
def test_imbalance_must_favour_the_side(bid_size: float, answer: tuple[str, float | None]) -> None:
    case = gated(Gate.IMBALANCE, min=0.5)
    assert asked(case, Gate.IMBALANCE, narrow(0, bid_size=bid_size, ask_size=1.0)) == answer


def test_imbalance_of_a_short_counts_the_ask() -> None:
    case = gated(Gate.IMBALANCE, min=0.5).fold(FALLING[:2])
    assert asked(case, Gate.IMBALANCE, narrow(0.2, bid_size=1, ask_size=3)) == ("enters", 0.0)


@pytest.mark.parametrize(("price", "answer"), [(103.6, ("enters", 0.0)), (103.5, ("blocks", -1.0))])
def test_the_price_must_have_left_the_last_exit(price: float, answer: tuple[str, float]) -> None:
    case = gated(Gate.MIN_MOVE, min="5tick").fold(FIRST, quote(1, 103.1, 103.2))
    assert asked(case, Gate.MIN_MOVE, trade(2, price)) == answer


def test_without_an_exit_the_price_is_far_enough() -> None:
    assert asked(gated(Gate.MIN_MOVE), Gate.MIN_MOVE, FIRST) == ("enters", np.inf)


def test_without_a_price_the_distance_from_the_last_exit_is_not_ready() -> None:
    case = gated(Gate.MIN_MOVE).fold(FIRST, quote(1, 103.1, 103.2))
    assert asked(case, Gate.MIN_MOVE, narrow(2)) == ("blocks", None)


@pytest.mark.parametrize(("price", "answer"), [(100.3, ("enters", 0.0)), (100.2, ("blocks", -1.0))])
def test_the_range_of_the_window_must_be_wide_enough(
    price: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.NO_TRADE_ZONE, window_s=5, min_range="3tick")
    assert asked(case, Gate.NO_TRADE_ZONE, prices(0, 5, [100.0, price]), narrow(5.5)) == answer


def test_a_range_shorter_than_its_window_is_not_ready() -> None:
    case = gated(Gate.NO_TRADE_ZONE, window_s=5)
    assert asked(case, Gate.NO_TRADE_ZONE, prices(0, 4, [100, 200]), narrow(4.9)) == (
        "blocks",
        None,
    )


def test_a_market_that_does_not_move_is_worth_no_cost() -> None:
    still = prices(0, 1, [100.0] * 12)
    free = gated(Gate.EXPECTED_MOVE, k=0.0)
    dear = gated(Gate.EXPECTED_MOVE, k=2.0)
    locked = quote(12, 100.0, 100.0)
    assert asked(free, Gate.EXPECTED_MOVE, still, locked) == ("enters", 0.0)
    assert asked(dear, Gate.EXPECTED_MOVE, still, locked) == ("blocks", -20.0)


def test_the_expected_move_grows_with_the_root_of_its_horizon() -> None:
    doubling = prices(0, 1, [100.0 * 2**n for n in range(12)])
    case = gated(Gate.EXPECTED_MOVE, k=1.0, horizon_s=4.0)
    answer = asked(case, Gate.EXPECTED_MOVE, doubling, quote(12, 200.0, 200.0))
    assert answer == ("enters", 20_000.0 - 10.0)


def test_a_resting_entry_costs_half_the_spread_and_a_makers_fee() -> None:
    on = {"mode": "on", "k": 1.0}
    case = flat({"entry": {"style": "resting"}, "gates.expected_move": on})
    answer = asked(case, Gate.EXPECTED_MOVE, prices(0, 1, [100.0] * 12), quote(12, 99.9, 100.1))
    assert answer == ("blocks", pytest.approx(-(20.0 / 2 + 7.0)))


@pytest.mark.parametrize(("at_s", "answer"), [(6.05, "enters"), (6.0, "blocks")])
def test_a_pause_follows_every_exit(at_s: float, answer: str) -> None:
    case = gated(Gate.COOL_DOWN, after_exit_s=5.0, after_loss_s=25.0, min_gap_s=0.0)
    won = case.fold(FIRST, quote(1, 103.1, 103.2))
    assert asked(won, Gate.COOL_DOWN, narrow(at_s)) == (answer, pytest.approx(at_s - 6.05))


@pytest.mark.parametrize(("at_s", "answer"), [(26.05, "enters"), (26.0, "blocks")])
def test_a_longer_pause_follows_a_loss(at_s: float, answer: str) -> None:
    case = gated(Gate.COOL_DOWN, after_exit_s=5.0, after_loss_s=25.0, min_gap_s=0.0)
    lost = case.fold(FIRST, quote(1, 98.1, 98.2))
    assert asked(lost, Gate.COOL_DOWN, narrow(at_s)) == (answer, pytest.approx(at_s - 26.05))


@pytest.mark.parametrize(("at_s", "answer"), [(3.0, ("enters", 0.0)), (2.5, ("blocks", -0.5))])
def test_a_gap_follows_an_accepted_entry_even_without_a_fill(
    at_s: float, answer: tuple[str, float]
) -> None:
    case = gated(Gate.COOL_DOWN, after_exit_s=9.0, after_loss_s=9.0, min_gap_s=3.0)
    assert asked(case.fold(FIRST, crossed(0.01)), Gate.COOL_DOWN, narrow(at_s)) == answer


@pytest.mark.parametrize(("at_s", "answer"), [(60.0, ("enters", 0.0)), (59.0, ("blocks", -1.0))])
def test_entries_of_the_last_minute_are_counted(at_s: float, answer: tuple[str, float]) -> None:
    case = gated(Gate.RATE, max_per_minute=1).fold(FIRST, crossed(0.01))
    assert asked(case, Gate.RATE, narrow(at_s)) == answer


@pytest.mark.parametrize(
    "where",
    [
        {"exit": {"stop": "1atr:1m"}},
        {"exit": {"target": "1atr:1m"}},
        {"exit": {"trail_distance": "max(1tick, 1atr:1m)"}},
        {"exit": {"limit_offset": "1atr:1m"}},
        {"entry": {"limit_offset": "1atr:1m"}},
    ],
)
def test_a_plan_that_needs_an_average_range_waits_for_it(where: dict[str, dict[str, str]]) -> None:
    assert asked(flat(where), Gate.PLAN, FIRST) == ("blocks", None)


def test_a_plan_needs_a_valid_book() -> None:
    case = flat().fold(crossed(0))
    assert asked(case, Gate.PLAN, trade(1, 100.0)) == ("blocks", None)
    assert asked(case, Gate.PLAN, narrow(2)) == ("enters", 1.0)


def test_a_quote_is_a_price_where_there_are_no_trades() -> None:
    rules = playbook({"gates.momentum": {"mode": "on", "streak": 1}})
    case = Case().market(rules, price_source=PriceSource.MID)
    assert asked(case, Gate.MOMENTUM, FIRST, quote(1, 100.1, 100.2)) == ("enters", 0.0)
