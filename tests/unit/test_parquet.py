"""Files of ticks become TICK rows, or are refused with name, finding and expectation."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from domain.enums import BadTick, TickKind
from domain.errors import BadInput
from market.history.bad_ticks import UNSTAMPED
from market.history.parquet import Clock, SourceTicks, read_ticks
from tick_files import Row, at, quote, received, trade, write

INDEX: Row = {"ts_ns": at(0), "kind": "index", "price": 5.0}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "COIN.parquet"


def read(file: Path, *rows: Row) -> SourceTicks:
    return read_ticks(write(file, rows), 3)


def test_trades_and_quotes_keep_their_numbers(file: Path) -> None:
    source = read(file, {**trade(1, 100.5, 2.0), "side": -1, "trade_id": 9}, quote(2, 99.0, 101.0))
    first, second = source.ticks
    assert [first[n] for n in ("kind", "price", "size", "side", "trade_id")] == [1, 100.5, 2, -1, 9]
    assert [second[n] for n in ("kind", "bid", "ask", "bid_size", "ask_size")] == [2, 99, 101, 5, 5]
    assert np.isnan([first["bid"], first["ask_size"], second["price"], second["size"]]).all()
    assert source.ticks["market"].tolist() == [3, 3]


def test_a_file_says_what_it_holds(file: Path) -> None:
    source = read(file, trade(1), trade(2))
    assert (source.path, source.market, source.rows, source.good) == (file, 3, 2, 2)
    assert (source.has_trades, source.has_quotes) == (True, False)
    assert (source.start_ns, source.end_ns) == (at(1), at(2))


def test_numbers_of_another_kind_are_not_taken_over(file: Path) -> None:
    source = read(file, {**trade(1), "bid": 1.0, "bid_size": 2.0}, {**quote(2), "price": 3.0})
    assert np.isnan([source.ticks["bid"][0], source.ticks["bid_size"][0]]).all()
    assert np.isnan(source.ticks["price"][1])


def test_exchange_time_is_the_clock_where_nothing_was_received(file: Path) -> None:
    source = read(file, trade(2), trade(1.5), trade(3))
    assert source.clock is Clock.TS
    assert source.ticks["event_ns"].tolist() == [at(2), at(2), at(3)]
    assert source.ticks["ts_ns"].tolist() == [at(2), at(1.5), at(3)]


def test_receive_time_is_the_clock_where_all_was_received(file: Path) -> None:
    source = read(file, received(trade(9), 2), received(trade(9), 1), received(trade(9), 3))
    assert source.clock is Clock.RECV
    assert source.ticks["event_ns"].tolist() == [at(2), at(2), at(3)]
    assert source.ticks["recv_ns"].tolist() == [at(2), at(1), at(3)]


def test_a_row_without_exchange_time_has_the_time_it_was_received(file: Path) -> None:
    bare = {**received(quote(0), 1), "ts_ns": None}
    source = read(file, received(trade(9), 1), bare)
    assert source.ticks["ts_ns"].tolist() == [at(9), at(1)]
    assert source.ticks["flags"].tolist() == [0, UNSTAMPED]
    assert source.bad == {}


def test_a_dropped_tick_moves_no_time(file: Path) -> None:
    source = read(file, trade(1), trade(3600, None), trade(2), trade(3600, 0.0), trade(3))
    assert source.ticks["event_ns"].tolist() == [at(1), at(2), at(3)]


def test_a_dropped_tick_that_was_received_in_the_future_moves_no_time(file: Path) -> None:
    rows = [received(trade(1), 1), received(trade(2, None), 3600), received(trade(2), 2)]
    assert read(file, *rows).ticks["event_ns"].tolist() == [at(1), at(2)]


def test_the_unit_of_a_dropped_stamp_does_not_matter(file: Path) -> None:
    odd = {**trade(1, None), "ts_ns": 1}
    assert read(file, odd, trade(2)).start_ns == at(2)


def test_a_crossed_quote_moves_time(file: Path) -> None:
    source = read(file, quote(1), quote(2, 101.0, 99.0), quote(1.5))
    assert source.ticks["event_ns"].tolist() == [at(1), at(2), at(2)]


def test_index_rows_are_ignored_and_counted(file: Path) -> None:
    source = read(file, INDEX, trade(1), INDEX)
    assert (source.rows, source.ignored, source.good) == (3, 2, 1)
    assert source.ticks["seq"].tolist() == [1]


def test_an_index_alone_is_read_for_a_reference_as_quotes_without_a_spread(file: Path) -> None:
    zero = {**INDEX, "price": 0.0}
    source = read_ticks(write(file, [INDEX, zero, {**INDEX, "price": 6.5}]), 0, of_reference=True)
    assert source.ticks["kind"].tolist() == [TickKind.QUOTE] * 2
    assert source.ticks["bid"].tolist() == source.ticks["ask"].tolist() == [5.0, 6.5]
    assert np.isnan(source.ticks["bid_size"]).all()
    assert (source.is_index, source.ignored, source.bad) == (True, 0, {BadTick.ZERO: 1})


def test_an_index_beside_trades_is_ignored_for_a_reference_too(file: Path) -> None:
    source = read_ticks(write(file, [INDEX, trade(1)]), 0, of_reference=True)
    assert (source.is_index, source.ignored, source.good) == (False, 1, 1)


def test_an_index_alone_cannot_be_traded(file: Path) -> None:
    with pytest.raises(BadInput, match="holds no trade and no quote"):
        read(file, INDEX)


def test_an_index_without_prices_is_refused(file: Path) -> None:
    pl.DataFrame([{"ts_ns": at(0), "kind": "index"}]).write_parquet(file)
    with pytest.raises(BadInput, match="holds an index and has no column price"):
        read_ticks(file, 0, of_reference=True)


def test_bad_ticks_are_counted_and_crossed_ones_stay(file: Path) -> None:
    source = read(file, trade(1, None), quote(1, 101.0, 99.0), quote(2))
    assert source.bad == {BadTick.NON_FINITE: 1, BadTick.CROSSED: 1}
    assert source.ticks["kind"].tolist() == [TickKind.INVALID_BOOK, TickKind.QUOTE]
    assert source.good == 1


def test_quotes_of_unknown_size_are_good(file: Path) -> None:
    source = read(file, {**quote(1), "bid_size": None, "ask_size": None})
    assert np.isnan([source.ticks["bid_size"][0], source.ticks["ask_size"][0]]).all()


def test_columns_that_nobody_needs_may_be_absent(file: Path) -> None:
    pl.DataFrame({"ts_ns": [at(1)], "kind": ["quote"], "bid": [1.0], "ask": [2]}).write_parquet(
        file
    )
    source = read_ticks(file, 0)
    assert (source.clock, source.ticks["ask"][0], source.ticks["side"][0]) == (Clock.TS, 2.0, 0)


def test_a_name_is_no_pattern(tmp_path: Path) -> None:
    odd = write(tmp_path / "[COIN]*.parquet", [trade(1)])
    assert read_ticks(odd, 0).good == 1


def refusal(file: Path) -> str:
    with pytest.raises(BadInput, match=file.name) as caught:
        read_ticks(file, 0)
    return str(caught.value)


def test_a_missing_file_is_named(file: Path) -> None:
    assert "there is no such file" in refusal(file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "expected a Parquet file" in refusal(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"ts_ns,kind\n1,trade\n", b"PAR1" * 50])
def test_foreign_content_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert "cannot be read as Parquet" in refusal(file)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(file: Path, share: float) -> None:
    whole = write(file, [trade(i) for i in range(500)]).read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    assert "cut short" in refusal(file)


def test_damaged_data_is_refused(file: Path) -> None:
    whole = bytearray(write(file, [trade(i, 100 + i % 7) for i in range(5000)]).read_bytes())
    whole[40:400] = b"\xff" * 360
    file.write_bytes(whole)
    assert "cannot be read as Parquet" in refusal(file)


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"kind": ["trade"]}, "has no column ts_ns"),
        ({"ts_ns": [at(1)]}, "has no column kind"),
        ({"open": [1.0], "close": [1.0]}, "found open, close"),
        ({"ts_ns": [at(1)], "kind": ["trade"], "price": [1.0]}, "has no column size"),
        ({"ts_ns": [at(1)], "kind": ["quote"], "bid": [1.0]}, "has no column ask"),
        ({"ts_ns": [1.5], "kind": ["trade"]}, "ts_ns is Float64; expected whole numbers"),
        ({"ts_ns": ["now"], "kind": ["trade"]}, "ts_ns is String; expected whole numbers"),
        ({"ts_ns": [at(1)], "kind": [1]}, "kind is Int64; expected text"),
        ({"ts_ns": [at(1)], "kind": ["trade"], "price": ["1"]}, "price is String"),
    ],
)
def test_wrong_columns_are_named(file: Path, frame: dict[str, list[object]], expected: str) -> None:
    pl.DataFrame(frame).write_parquet(file)
    assert expected in refusal(file)


@pytest.mark.parametrize("name", ["trade_id", "ts_ns", "recv_ns"])
def test_whole_numbers_beyond_64_bits_are_refused_by_column(file: Path, name: str) -> None:
    row = {"ts_ns": [at(1)], "kind": ["trade"], "price": [1.0], "size": [1.0], name: [2**63]}
    pl.DataFrame(row, schema_overrides={name: pl.UInt64}).write_parquet(file)
    assert f"{name} holds 9223372036854775808; expected what fits into Int64" in refusal(file)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "is empty"),
        ([INDEX], "holds no trade and no quote"),
        ([{**trade(1), "kind": "candle"}], "kind 'candle' is unknown"),
        ([{**trade(1), "kind": None}], "kind None is unknown"),
        ([{**trade(1), "side": 2}], "side is 2"),
        ([trade(1, None), trade(2, 0.0)], "every tick is bad (1 non_finite, 1 zero)"),
        ([received(trade(1), 1), trade(2)], "recv_ns is empty in 1 of 2 rows"),
        ([{**trade(1), "ts_ns": None}, trade(2)], "nothing in the first row"),
        ([{**trade(1), "ts_ns": at(1) // 1_000_000}], "expected nanoseconds since 1970"),
    ],
)
def test_wrong_rows_are_named(file: Path, rows: list[Row], expected: str) -> None:
    write(file, rows)
    assert expected in refusal(file)
