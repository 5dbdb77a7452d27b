"""A recorded stream arrives as the ticks of its file; what is bad is counted and left out."""

import numpy as np
import pytest

from domain.enums import BadTick, TickKind
from market.feeds.intake import Intake
from market.history.bad_ticks import UNSTAMPED
from market.history.parquet import read_ticks
from recorded import recorded
from venue_streams import rows_of, same

TOLD = ("kind", "recv_ns", "side", "price", "size", "bid", "ask", "bid_size", "ask_size")


@pytest.mark.parametrize(
    ("stream", "file", "columns"),
    [
        ("binance_usdm_ws_btcusdt_20240808", "BTCUSDT-usdm-20240808", (*TOLD, "ts_ns")),
        ("binance_spot_ws_btcusdt_20240808", "BTCUSDT-spot-20240808", TOLD),
    ],
)
def test_a_recorded_stream_arrives_as_the_ticks_of_its_file(
    stream: str, file: str, columns: tuple[str, ...]
) -> None:
    arrived = rows_of(recorded(f"payloads/{stream}.txt.gz"), "BTCUSDT")
    expected = read_ticks(recorded(f"ticks/crypto/{file}.parquet"), 0).ticks[: len(arrived)]
    assert len(arrived) > 5_000
    assert same(arrived, expected, columns)


def test_a_tick_without_a_stamp_of_the_venue_has_that_of_its_arrival() -> None:
    intake = Intake({"BTCUSDT": 3})
    intake.recv_ns = 77
    intake.quote("BTCUSDT", 0, (9.0, 1.0), (10.0, 2.0))
    rows = intake.take()
    assert rows is not None
    assert rows[["market", "ts_ns", "recv_ns", "flags"]].tolist() == [(3, 77, 77, UNSTAMPED)]


def test_a_crossed_quote_arrives_as_a_book_that_nobody_knows_and_is_counted() -> None:
    intake = Intake({"BTCUSDT": 0})
    intake.quote("BTCUSDT", 1, (11.0, 1.0), (10.0, 2.0))
    rows = intake.take()
    assert rows is not None
    assert (rows["kind"].tolist(), np.isnan(rows["bid"]).all()) == ([TickKind.INVALID_BOOK], True)
    assert intake.bad == {("BTCUSDT", BadTick.CROSSED): 1}


def test_a_bad_trade_makes_no_tick_and_is_counted() -> None:
    intake = Intake({"BTCUSDT": 0})
    intake.trade("BTCUSDT", 1, (float("nan"), 1.0), 1, 0)
    assert (intake.take(), intake.bad) == (None, {("BTCUSDT", BadTick.NON_FINITE): 1})


def test_a_trade_told_twice_arrives_once() -> None:
    intake = Intake({"BTCUSDT": 0})
    for _ in range(2):
        intake.trade("BTCUSDT", 1, (10.0, 1.0), 1, 42)
    rows = intake.take()
    assert rows is not None
    assert (len(rows), intake.bad) == (1, {("BTCUSDT", BadTick.DUPLICATE): 1})


@pytest.mark.parametrize("size", [0.0, float("nan"), float("inf")])
def test_a_displayed_size_that_says_nothing_is_not_known(size: float) -> None:
    intake = Intake({"BTCUSDT": 0})
    intake.quote("BTCUSDT", 1, (9.0, size), (10.0, 2.0))
    rows = intake.take()
    assert rows is not None
    assert np.isnan(rows["bid_size"]).all()


def test_more_ticks_than_fit_a_piece_all_arrive_in_order() -> None:
    intake = Intake({"BTCUSDT": 0})
    for number in range(1, 3_000):
        intake.trade("BTCUSDT", number, (10.0, 1.0), 1, number)
    rows = intake.take()
    assert rows is not None
    assert rows["trade_id"].tolist() == list(range(1, 3_000))


def test_other_symbols_are_counted_under_a_bounded_name() -> None:
    intake = Intake({"BTCUSDT": 0})
    intake.trade("X" * 500, 1, (10.0, 1.0), 1, 1)
    assert (intake.take(), dict(intake.unknown)) == (None, {"X" * 40: 1})
