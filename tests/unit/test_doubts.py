"""What a file should be looked at for is said with its share and its row."""

from decimal import Decimal
from pathlib import Path

import pytest

from market.history.doubts import doubts
from market.history.parquet import read_ticks
from tick_files import Row, quote, received, trade, write

FINE = Decimal("0.0001")


def said(folder: Path, *rows: Row, tick: Decimal = FINE) -> list[str]:
    path = write(folder / "COIN.parquet", rows)
    return [each.removeprefix(f"WARNING {path}: ") for each in doubts(read_ticks(path, 0), tick)]


def good(count: int) -> list[Row]:
    return [trade(10 + 0.001 * i) for i in range(count)]


def test_a_hundredth_of_dropped_ticks_is_tolerated_and_no_more(tmp_path: Path) -> None:
    assert said(tmp_path, *good(99), trade(11, None)) == []
    assert said(tmp_path, *good(98), trade(11, None)) == [
        "1.01 % of its ticks were dropped as non_finite: look at the numbers near row 98"
    ]


def test_crossed_quotes_are_tolerated_and_rows_of_an_index_do_not_count(tmp_path: Path) -> None:
    index = {**trade(9), "kind": "index"}
    crossed = [quote(11, 101.0, 99.0)] * 50
    assert said(tmp_path, *good(50), *crossed) == []
    assert len(said(tmp_path, *[index] * 99, *good(2), trade(11, None))) == 1


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ([trade(1)] * 3, "dropped as late: look at the stamps near row 10"),
        ([trade(11, 500.0)] * 3, "dropped as absurd: look at the prices near row 10"),
        (
            [{**trade(11), "trade_id": 7}] * 3,
            "dropped as duplicate: look at the trade ids near row 11",
        ),
        (
            [trade(11, 0.0), trade(1), trade(1)],
            "dropped as late, zero: look at the stamps near row 11",
        ),
    ],
)
def test_the_commonest_fault_says_where_to_look(
    tmp_path: Path, bad: list[Row], expected: str
) -> None:
    (sentence,) = said(tmp_path, *good(10), *bad)
    assert sentence.endswith(expected)


def test_a_clock_that_jumped_ahead_and_stands_still_is_said(tmp_path: Path) -> None:
    jump = [*good(5000), trade(3600), *(trade(16 + 0.001 * i) for i in range(500))]
    (sentence,) = said(tmp_path, *jump)
    assert sentence.startswith("time stands still for 480 ticks, whose ts_ns lies more than 1 s be")
    assert sentence.endswith("behind an earlier one: look at the stamps near row 5021")


def test_a_second_between_arrivals_out_of_order_is_tolerated(tmp_path: Path) -> None:
    assert said(tmp_path, received(trade(3), 3), received(trade(2), 2)) == []
    assert len(said(tmp_path, received(trade(3), 3), received(trade(2), 1.9))) == 1


def test_a_row_without_exchange_time_is_behind_nothing(tmp_path: Path) -> None:
    assert said(tmp_path, trade(1), {**trade(2), "ts_ns": None}, trade(2)) == []


def test_prices_between_the_ticks_of_the_instrument_are_said(tmp_path: Path) -> None:
    rows = [trade(1 + i, 100.0 + 0.03 * i) for i in range(20)]
    (sentence,) = said(tmp_path, *rows, tick=Decimal("0.1"))
    assert (
        sentence
        == "90 % of its prices lie between ticks of 0.1: is this the instrument of that file?"
    )
