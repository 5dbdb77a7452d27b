"""Candles and what is averaged over them, on small inputs (docs/rules.md, F9 to F15)."""

from typing import Any

import numpy as np
import pytest

from core_cases import START_NS, Case, at, playbook, prices, quote, trade
from core_steps import asked, day_rolled, flat, gated, in_slot, opened, stamped
from domain.enums import Gate, PriceSource
from domain.events import ParameterSet
from domain.rows.features import CANDLE
from domain.units import SECOND_NS
from strategies.features.candles import forming_candle, trade_flow, window_range
from strategies.features.indicators import atr_of, ema9_of, ema21_of, volatility_bps
from strategies.features.vwap import vwap

START = START_NS // SECOND_NS  # a multiple of 5 s, 20 s after a full minute
S1, S5, S15, M1, H1 = 0, 1, 2, 3, 6
Candle = tuple[float, float, float, float]


def of(case: Case, slot: int = 0) -> Any:  # noqa: ANN401  a record's fields
    """FEATURES of the first market."""
    return case.row["features"][slot]


def frame(case: Case, k: int) -> Any:  # noqa: ANN401
    """A frame of slot 0."""
    return case.row["candles"][0]["frames"][k]


def closed(case: Case, k: int) -> list[tuple[float, float, float, float, float]]:
    """Open, high, low, close and volume of the closed candles of a frame, oldest first."""
    names = ["open", "high", "low", "close", "volume"]
    ring: list[tuple[float, float, float, float, float]] = frame(case, k)["ring"][names].tolist()
    return ring[: int(frame(case, k)["closed"])]


def forming(case: Case, k: int) -> Any:  # noqa: ANN401
    """The forming candle as a reader sees it."""
    out = np.zeros(1, CANDLE)
    forming_candle(of(case), case.row["candles"][0], k, out[0])
    return out[0]


def test_a_candle_has_the_extremes_and_volumes_of_its_second() -> None:
    case = flat().fold(trade(0, 100.0, 2.0, 1), trade(0.3, 101.0, 1.0, -1))
    case.fold(trade(0.6, 99.0, 4.0, 0), trade(0.9, 100.5, 0.5, 1), trade(1, 100.0))
    candle = frame(case, S1)["ring"][0]
    assert closed(case, S1) == [(2_000, 2_020, 1_980, 2_010, 7.5)]
    assert (candle["buy_volume"], candle["sell_volume"], candle["count"]) == (2.5, 1.0, 4)
    assert candle["bucket"] == START


def test_a_candle_closes_with_the_first_price_of_a_later_second() -> None:
    case = flat().fold(trade(0.999999999, 100.0), quote(5, 100.0, 100.1))
    assert closed(case, S1) == []
    assert len(closed(case.fold(trade(6, 100.0)), S1)) == 1


def test_seconds_without_a_price_make_no_candle() -> None:
    assert len(closed(flat().fold(prices(0, 60, [100.0, 101.0, 102.0])), S1)) == 2


def test_a_late_stamp_joins_the_forming_candle() -> None:
    case = flat().fold(trade(1, 100.0), stamped(trade(1.1, 103.0), 0.5), trade(2, 100.0))
    assert closed(case, S1) == [(2_000, 2_060, 2_000, 2_060, 2.0)]


def test_the_exchanges_stamp_buckets_a_price() -> None:
    case = flat().fold(stamped(trade(1.01, 100.0), 0.99), stamped(trade(1.02, 101.0), 1.0))
    assert closed(case, S1) == [(2_000, 2_000, 2_000, 2_000, 1.0)]


def test_a_stamp_ahead_is_believed_for_five_seconds() -> None:
    case = flat().fold(stamped(trade(0, 100.0), 5.0))
    assert of(case)["second"]["bucket"] == START + 5
    case = flat().fold(stamped(trade(0, 100.0), 4_000.0))
    assert of(case)["second"]["bucket"] == START + 5


def test_a_longer_candle_is_folded_from_the_shorter_ones() -> None:
    case = flat().fold(prices(0, 1, [100.0, 105.0, 95.0, 101.0, 102.0, 103.0]))
    assert closed(case, S5) == [(2_000, 2_100, 1_900, 2_040, 5.0)]
    assert frame(case, S5)["ring"][0]["bucket"] == START // 5


def test_one_price_can_close_candles_of_all_frames() -> None:
    case = flat().fold(trade(0, 100.0), trade(3_000, 101.0))
    assert [int(frame(case, k)["closed"]) for k in range(7)] == [1] * 7


def test_a_minute_ends_with_the_clocks_minute() -> None:
    case = flat().fold(trade(0, 100.0), trade(39.9, 101.0))
    assert closed(case, M1) == []
    assert closed(case.fold(trade(40, 99.0)), M1) == [(2_000, 2_020, 2_000, 2_020, 2.0)]


def test_a_forming_candle_holds_the_forming_ones_of_shorter_frames() -> None:
    case = flat().fold(prices(0, 2, [100.0, 104.0, 98.0, 101.0]))
    minute = forming(case, M1)
    assert [minute[name] for name in ("open", "high", "low", "close")] == [
        2_000,
        2_080,
        1_960,
        2_020,
    ]
    assert (minute["count"], minute["bucket"], minute["volume"]) == (4, START // 60, 4.0)


def test_a_frame_that_has_nothing_is_not_forming() -> None:
    assert forming(flat(), H1)["count"] == 0


def test_the_last_64_closed_candles_are_kept() -> None:
    case = flat().fold(prices(0, 1, [100.0 + n for n in range(71)]))
    ring = frame(case, S1)["ring"]
    assert frame(case, S1)["closed"] == 70
    assert sorted(ring["bucket"].tolist()) == list(range(START + 6, START + 70))


def test_a_sessions_close_closes_every_candle() -> None:
    case = opened(flat(), 0, 5, 10).fold(prices(0, 1, [100.0, 102.0, 101.0]))
    opened(case, 20, 30, 40, at_s=10)
    assert [int(frame(case, k)["closed"]) for k in range(7)] == [3, 1, 1, 1, 1, 1, 1]
    assert closed(case, H1) == [(2_000, 2_040, 2_000, 2_020, 3.0)]
    assert forming(case, H1)["count"] == 0


def test_the_first_session_edge_closes_no_candle() -> None:
    case = opened(flat().fold(trade(0, 100.0)), 20, 30, 40, at_s=10)
    assert closed(case, S1) == []


def test_prices_after_a_sessions_close_start_new_candles() -> None:
    case = opened(flat(), 0, 5, 10).fold(trade(9, 100.0))
    opened(case, 20, 30, 40, at_s=10).fold(trade(20, 105.0), trade(21, 106.0))
    assert closed(case, S1)[1:] == [(2_100, 2_100, 2_100, 2_100, 1.0)]
    assert forming(case, H1)["open"] == 2_100


def test_a_late_stamp_after_a_sessions_close_leaves_volatility_finite() -> None:
    case = opened(flat(), 0, 50, 60).fold(prices(48, 1, [100.0 + n for n in range(12)]))
    opened(case, 60, 70, 80, at_s=60).fold(stamped(trade(60.01, 100.0), 59.99), trade(61, 101.0))
    assert np.isfinite(volatility_bps(of(case)))


def test_a_late_stamp_after_a_sessions_close_uses_the_newest_second_again() -> None:
    case = opened(flat(), 0, 5, 10).fold(trade(9, 100.0))
    opened(case, 20, 30, 40, at_s=10).fold(stamped(trade(10.1, 102.0), 7.0), trade(11, 101.0))
    assert frame(case, S1)["ring"]["bucket"][:2].tolist() == [START + 9, START + 9]


def test_an_average_of_closes_starts_with_their_mean() -> None:
    nine = flat().fold(prices(0, 1, [100.0 + n for n in range(9)]))
    assert np.isnan(ema9_of(frame(nine, S1)))
    assert ema9_of(frame(nine.fold(trade(9, 200.0)), S1)) == 2_080.0
    assert ema9_of(frame(nine.fold(trade(10, 200.0)), S1)) == 2_080.0 + 0.2 * (4_000 - 2_080)


def test_the_slow_average_needs_21_closes() -> None:
    case = flat().fold(prices(0, 1, [100.0 + n for n in range(21)]))
    assert np.isnan(ema21_of(frame(case, S1)))
    assert ema21_of(frame(case.fold(trade(21, 100.0)), S1)) == 2_200.0


def test_the_average_range_starts_with_the_mean_of_14_and_then_follows() -> None:
    case = flat().fold(prices(0, 1, [100.0 + 0.1 * n for n in range(15)]))
    assert np.isnan(atr_of(frame(case, S1)))
    assert atr_of(frame(case.fold(trade(15, 102.2)), S1)) == 2.0
    assert atr_of(frame(case.fold(trade(16, 102.2)), S1)) == (2.0 * 13 + 16.0) / 14


def test_a_true_range_reaches_to_the_close_before() -> None:
    flat_then_gap = [trade(n, 100.0) for n in range(14)]
    case = flat().fold(*flat_then_gap, trade(14, 98.0), trade(14.5, 98.5), trade(15, 98.5))
    assert atr_of(frame(case, S1)) == 40.0 / 14


def test_volatility_starts_with_the_first_return_and_averages_the_rest() -> None:
    case = flat().fold(prices(0, 1, [100.0, 200.0, 100.0]))
    assert of(case)["variance"] == 1.0
    assert of(case.fold(trade(3, 100.0)))["variance"] == 1.0 + 2.0 / 61.0 * (0.25 - 1.0)


def test_a_return_over_a_gap_counts_per_second() -> None:
    assert of(flat().fold(trade(0, 100.0), trade(4, 200.0), trade(5, 1)))["variance"] == 0.25


def test_volatility_needs_ten_returns() -> None:
    case = flat().fold(prices(0, 1, [100.0 * 2**n for n in range(11)]))
    assert np.isnan(volatility_bps(of(case)))
    assert volatility_bps(of(case.fold(trade(11, 1.0)))) == 1e4


def test_the_range_takes_the_forming_second_and_the_window_before_it() -> None:
    case = flat({"gates.no_trade_zone": {"window_s": 3}})
    case.fold(prices(0, 1, [110.0, 101.0, 100.0, 100.5, 100.2]))
    assert window_range(of(case), 3) == 2_020 - 2_000
    assert window_range(of(case.fold(trade(4.5, 103.0))), 3) == 2_060 - 2_000


def test_the_range_is_ready_when_the_first_second_is_old_enough() -> None:
    case = flat({"gates.no_trade_zone": {"window_s": 3}}).fold(prices(0, 1, [100.0, 101.0, 102.0]))
    assert np.isnan(window_range(of(case), 3))
    assert window_range(of(case.fold(trade(3, 101.0))), 3) == 40.0


def test_the_range_without_a_forming_candle_is_unknown() -> None:
    case = opened(flat({"gates.no_trade_zone": {"window_s": 1}}), 0, 5, 10)
    opened(case.fold(prices(0, 1, [100.0, 101.0, 102.0])), 20, 30, 40, at_s=10)
    assert np.isnan(window_range(of(case), 1))


def test_the_range_of_sixty_seconds_is_all_there() -> None:
    case = flat({"gates.no_trade_zone": {"window_s": 60}})
    case.fold(prices(0, 1, [110.0] + [100.0] * 60))
    assert window_range(of(case), 60) == 200.0


def test_a_new_window_counts_at_once() -> None:
    case = gated(Gate.NO_TRADE_ZONE, window_s=1).fold(prices(0, 1, [100.0, 110.0, 110.0, 110.0]))
    wider = playbook({"gates.no_trade_zone": {"mode": "on", "window_s": 3, "min_range": "100tick"}})
    case.core.apply(ParameterSet(event_ns=at(3.1), market="COIN", playbook=wider))
    assert asked(case, Gate.NO_TRADE_ZONE, quote(3.2, 110.0, 110.1)) == ("enters", 0.0)


def test_the_flow_is_the_surplus_of_buying_over_ten_seconds() -> None:
    case = flat().fold(trade(0, 100.0, 9.0, -1), trade(1, 100.0, 1.0, 1), trade(11, 100.0, 3.0, -1))
    assert trade_flow(of(case), case.row["candles"][0]) == (1.0 - 3.0) / 4.0


def test_the_flow_of_unknown_aggressors_is_unknown() -> None:
    case = flat().fold(trade(0, 100.0, 9.0, 0))
    assert np.isnan(trade_flow(of(case), case.row["candles"][0]))


def test_the_flow_without_a_forming_candle_is_unknown() -> None:
    case = opened(flat(), 0, 5, 10).fold(trade(9, 100.0, 1.0, 1))
    opened(case, 20, 30, 40, at_s=10)
    assert np.isnan(trade_flow(of(case), case.row["candles"][0]))


def test_the_flow_counts_no_second_twice_after_a_sessions_close() -> None:
    case = opened(flat(), 0, 5, 10).fold(trade(8, 100.0, 1.0, -1), trade(9, 100.0, 1.0, 1))
    opened(case, 12, 30, 40, at_s=10).fold(trade(12, 100.0, 2.0, 1))
    assert trade_flow(of(case), case.row["candles"][0]) == (3.0 - 1.0) / 4.0


def test_the_weighted_price_weighs_by_size() -> None:
    assert np.isnan(vwap(of(flat())))
    assert vwap(of(flat().fold(trade(0, 100.0, 3.0), trade(1, 104.0, 1.0)))) == 2_020.0


def test_the_weighted_price_of_mids_is_their_mean() -> None:
    case = Case().market(playbook(), price_source=PriceSource.MID)
    assert vwap(of(case.fold(quote(0, 100.0, 100.1), quote(1, 100.3, 100.4)))) == 2_004.0


def test_the_weighted_price_starts_anew_at_the_day_roll() -> None:
    case = day_rolled(flat().fold(trade(0, 100.0)), 1)
    assert np.isnan(vwap(of(case)))
    assert vwap(of(case.fold(trade(2, 104.0)))) == 2_080.0


def test_the_weighted_price_of_a_market_with_sessions_starts_anew_with_them() -> None:
    case = opened(flat(), 0, 5, 10).fold(trade(0, 100.0))
    assert vwap(of(day_rolled(case, 6))) == 2_000.0
    assert np.isnan(vwap(of(opened(case, 10, 20, 30, at_s=10))))


@pytest.mark.parametrize("slot", [1, 2])
def test_the_weighted_price_of_another_slot_starts_anew_too(slot: int) -> None:
    case = day_rolled(flat().fold(in_slot(slot, trade(0, 100.0))), 1)
    assert np.isnan(vwap(of(case, slot)))


@pytest.mark.parametrize("slot", [1, 2])
def test_a_sessions_close_closes_the_candles_of_another_slot_too(slot: int) -> None:
    case = opened(flat(), 0, 5, 10).fold(in_slot(slot, trade(0, 100.0)))
    opened(case, 20, 30, 40, at_s=10)
    assert case.row["candles"][slot]["frames"]["closed"].tolist() == [1] * 7
