"""Foreign files become ticks exactly; every row that does not is counted with its place."""

import gzip
import zipfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreign_samples as foreign
from domain.enums import BadTick
from domain.errors import BadInput, BadUsage
from foreign_samples import START_NS, generic_trades, written
from market.history.foreign_columns import Content
from market.history.foreign_plan import Choices, plan_import
from market.history.foreign_ticks import Imported, import_ticks
from market.history.parquet import read_ticks

NAMES = ("event_ns", "price", "size", "trade_id")


def imported(*paths: Path, **choices: object) -> Imported:
    return import_ticks([plan_import(path, Choices(**choices)) for path in paths])  # type: ignore[arg-type]


steps = st.tuples(st.integers(0, 10**10), st.integers(8_000, 12_000), st.integers(1, 10**6))


@given(st.lists(steps, min_size=1, max_size=40), st.booleans())
def test_imported_trades_come_back_exact(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]], as_parquet: bool
) -> None:
    folder, at = tmp_path_factory.mktemp("trades"), START_NS
    trades = []
    for number, (gap, price, size) in enumerate(rows, 1):
        at += gap
        trades.append((at, price / 100, size / 1_000, number))
    path = written(folder, generic_trades(trades))
    if as_parquet:
        path = folder / "x.parquet"
        schema = ["time", "price", "size", "trade_id"]
        pl.DataFrame(trades, schema=schema, orient="row").write_parquet(path)
    imported(path).frame.write_parquet(folder / "out.parquet")
    source = read_ticks(folder / "out.parquet", 0)
    assert source.ticks[list(NAMES)].tolist() == trades
    assert (source.rows, source.bad) == (len(trades), {})


def test_aggressors_ids_and_receive_times_are_kept(tmp_path: Path) -> None:
    frame = imported(written(tmp_path, foreign.TARDIS_TRADES)).frame
    assert frame["side"].to_list() == [1, -1]
    assert frame["trade_id"].to_list() == [5, 6]
    assert (frame["recv_ns"] - frame["ts_ns"]).to_list() == [1_900_000, 1_900_000]
    taken = imported(written(tmp_path, foreign.AGG_TRADES)).frame
    assert taken["side"].to_list() == [-1, 1, -1]


def test_rows_newest_first_are_turned_round_and_others_sorted_and_both_is_said(
    tmp_path: Path,
) -> None:
    turned = imported(written(tmp_path, foreign.BYBIT))
    assert turned.frame["side"].to_list() == [1, -1]
    assert "rows came newest first and were turned round" in turned.said
    mixed = generic_trades([(START_NS + n * 10**9, 1.0, 1.0, n + 1) for n in (0, 2, 1)])
    found = imported(written(tmp_path, mixed))
    assert found.frame["trade_id"].to_list() == [1, 2, 3]
    assert "1 rows lay behind the one before them and were sorted by ts_ns" in found.said


def test_trades_of_one_stamp_are_turned_round_with_the_others(tmp_path: Path) -> None:
    newest_first = [(START_NS + at, 1.0, 1.0, number) for at, number in ((9, 3), (5, 2), (5, 1))]
    found = imported(written(tmp_path, generic_trades(newest_first)))
    assert found.frame["trade_id"].to_list() == [1, 2, 3]


def test_every_bad_row_is_counted_by_kind_with_its_first_row(tmp_path: Path) -> None:
    lines = [(START_NS + n, 100.0, 1.0, n + 1) for n in range(30)]
    content = generic_trades(lines) + (
        "soon,100,1,90\n1700000001,ten,1,91\n1700000001,0,1,92\n1700000001,-5,1,93\n"
        "1700000001,100,nan,94\n1700000001,900,1,95\n1700000001,100,1,3\n"
    )
    told = imported(written(tmp_path, content.replace("1700000001", str(START_NS + 50)))).files[0]
    assert told.counts == {
        "unreadable": 2, "non_finite": 1, "negative": 1, "zero": 1, "absurd": 1, "duplicate": 1,
    }  # fmt: skip
    assert told.first == {
        "unreadable": 31, "zero": 33, "negative": 34, "non_finite": 35, "absurd": 36,
        "duplicate": 37,
    }  # fmt: skip
    assert told.rows == 37


def test_a_crossed_quote_is_counted_and_kept_as_one_that_is_crossed(tmp_path: Path) -> None:
    content = "time,bid,ask\n1700000000,100,101\n1700000001,102,101\n1700000002,100,101\n"
    found = imported(written(tmp_path, content))
    assert (found.files[0].counts, found.frame.height) == ({"crossed": 1}, 3)
    found.frame.write_parquet(tmp_path / "out.parquet")
    assert read_ticks(tmp_path / "out.parquet", 0).bad == {BadTick.CROSSED: 1}


def test_candles_are_counted_checked_and_said_to_be_made_up(tmp_path: Path) -> None:
    bad = f"{foreign.START_MS + 180_000},100,90,99,100,1,{foreign.START_MS + 239_999},1,9,1,1,0\n"
    again = foreign.KLINES.splitlines()[0] + "\n"
    found = imported(written(tmp_path, foreign.KLINES + again + bad))
    assert found.files[0].counts == {"bad_candle": 1, "repeated": 1}
    assert (found.frame["kind"] == "trade").sum() == 12  # nothing was traded in the third
    assert (found.frame["kind"] == "quote").sum() == 18
    assert any("first the extreme against it" in each for each in found.said)
    assert "a spread of 2 bp of the open, usually 2" in found.said


def test_long_candles_are_warned_of_and_a_single_one_is_refused(tmp_path: Path) -> None:
    hours = "time,open,high,low,close\n1700000000,1,2,1,2\n1700003600,2,2,1,1\n"
    said = imported(written(tmp_path, hours)).said
    assert any(each.startswith("WARNING") and "3600 s long" in each for each in said)
    assert "no volume is known: candles become quotes alone" in said
    with pytest.raises(BadInput, match="expected at least two of a second or more"):
        imported(written(tmp_path, "time,open,high,low,close\n1700000000,1,2,1,2\n"))


def test_several_files_are_joined_in_time_and_a_trade_in_both_counts_once(tmp_path: Path) -> None:
    one = [(START_NS + n * 10**9, 1.0, 1.0, n + 1) for n in range(3)]
    early = written(tmp_path, generic_trades(one[:2]), "early.csv")
    late = written(tmp_path, generic_trades(one[1:]), "late.csv")
    found = imported(late, early)
    assert found.frame["trade_id"].to_list() == [1, 2, 3]
    assert [(each.path.name, each.counts) for each in found.files] == [
        ("early.csv", {}), ("late.csv", {"duplicate": 1})]  # fmt: skip


def test_packed_files_are_read_like_others(tmp_path: Path) -> None:
    plain = imported(written(tmp_path, foreign.AGG_TRADES)).frame
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(foreign.AGG_TRADES.encode()))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr("x.csv", foreign.AGG_TRADES)
    assert imported(tmp_path / "x.csv.gz").frame.equals(plain)
    assert imported(tmp_path / "x.zip").frame.equals(plain)
    semicolons = written(tmp_path, foreign.AGG_TRADES.replace(",", ";"))
    assert imported(semicolons).frame.equals(plain)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "cannot be read|one column"),
        ("one column\n1\n", "is one column"),
        ("time,price,size\n", "holds no row"),
        ("time,price,size\n1700000000,x,1\n", "none of its 1 rows can be used (1 unreadable)"),
        ("time,price,size\n1700000000,0,1\n", "every row is bad"),
        ("a\0b,c\n", "is no text"),
    ],
)
def test_a_file_that_gives_no_tick_is_refused(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises((BadInput, BadUsage)) as refused:
        imported(written(tmp_path, content))
    assert any(each in str(refused.value) for each in told.split("|"))
    assert "x.csv" in str(refused.value)


def test_a_file_of_ours_and_a_mix_of_candles_and_trades_are_refused(tmp_path: Path) -> None:
    frame = imported(written(tmp_path, foreign.AGG_TRADES)).frame
    frame.write_parquet(tmp_path / "ours.parquet")
    with pytest.raises(BadUsage, match="holds ticks as `autoscalper replay` reads them"):
        plan_import(tmp_path / "ours.parquet", Choices())
    with pytest.raises(BadInput, match="import them apart"):
        imported(written(tmp_path, foreign.AGG_TRADES, "a.csv"),
                 written(tmp_path, foreign.KLINES, "b.csv"))  # fmt: skip


def test_a_kind_that_is_said_decides_what_is_read(tmp_path: Path) -> None:
    both = "time,price,size,bid,ask\n1700000000,100,1,99,101\n"
    frame = imported(written(tmp_path, both), content=Content.QUOTES).frame
    assert frame.columns == ["ts_ns", "kind", "bid", "ask"]
