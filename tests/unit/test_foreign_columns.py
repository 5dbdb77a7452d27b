"""Foreign columns are found by layout, by name or as stated; what could be two is refused."""

import json
from pathlib import Path

import pytest

import foreign_samples as foreign
from domain.errors import BadUsage
from foreign_samples import written
from market.history.foreign_columns import Confidence, Content, content_of, find_columns
from market.history.foreign_plan import Choices, Plan, plan_import
from market.history.foreign_values import TimeUnit

TRADES, QUOTES, CANDLES = Content.TRADES, Content.QUOTES, Content.CANDLES


def planned(folder: Path, text: str, **choices: object) -> Plan:
    return plan_import(written(folder, text), Choices(**choices))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "kind", "shape", "unit"),
    [
        (foreign.AGG_TRADES, TRADES, "Binance futures aggTrades", TimeUnit.MILLISECONDS),
        (foreign.SPOT_AGG_TRADES, TRADES, "Binance spot aggTrades", TimeUnit.MILLISECONDS),
        (foreign.AGG_HEAD + foreign.AGG_TRADES, TRADES, "CSV", TimeUnit.MILLISECONDS),
        (foreign.SPOT_TRADES, TRADES, "Binance spot trades", TimeUnit.MICROSECONDS),
        (foreign.BOOK_TICKER, QUOTES, "Binance bookTicker", TimeUnit.MILLISECONDS),
        (foreign.KLINES, CANDLES, "Binance klines", TimeUnit.MILLISECONDS),
        (foreign.KRAKEN_TRADES, TRADES, "Kraken trades", TimeUnit.SECONDS),
        (foreign.BYBIT, TRADES, "CSV", TimeUnit.SECONDS),
        (foreign.TARDIS_TRADES, TRADES, "CSV", TimeUnit.MICROSECONDS),
        (foreign.TARDIS_QUOTES, QUOTES, "CSV", TimeUnit.MICROSECONDS),
        (foreign.DUKASCOPY_TICKS, QUOTES, "CSV", TimeUnit.TEXT),
        (foreign.DUKASCOPY, CANDLES, "CSV", TimeUnit.TEXT),
        (foreign.YFINANCE, CANDLES, "CSV", TimeUnit.TEXT),
        (foreign.METATRADER, QUOTES, "CSV", TimeUnit.TEXT),
    ],
)
def test_files_of_known_sources_are_recognised_without_a_word(
    tmp_path: Path, content: str, kind: Content, shape: str, unit: TimeUnit
) -> None:
    plan = planned(tmp_path, content)
    assert (plan.content, plan.times.unit) == (kind, unit)
    assert plan.laid.shape.endswith(shape)
    assert plan.times.ns[0] // 10**9 // 3600 == foreign.START_NS // 10**9 // 3600 - 8 * (
        content is foreign.YFINANCE
    )


def test_how_sure_each_column_is_goes_with_the_mapping() -> None:
    found = find_columns(TRADES, ["last", "when", "qty"], {"time": "when"})
    assert {each.field: each.confidence for each in found} == {
        "time": Confidence.STATED,
        "price": Confidence.LIKELY,
        "size": Confidence.CERTAIN,
    }


@pytest.mark.parametrize(
    ("columns", "stated", "told"),
    [
        (["time", "timestamp", "price", "size"], {}, "--map time=time"),
        (["time", "price", "trade price", "size"], {}, "price could be 'price' or 'trade price'"),
        (["time", "price"], {}, "no column is size; found 'time', 'price': say which"),
        (["time", "price", "size"], {"prize": "price"}, "did you mean price?"),
        (["time", "price", "size"], {"price": "prcie"}, "did you mean 'price'?"),
    ],
)
def test_what_is_missing_or_could_be_two_columns_is_refused_with_the_fix(
    columns: list[str], stated: dict[str, str], told: str
) -> None:
    with pytest.raises(BadUsage) as refused:
        find_columns(TRADES, columns, stated)
    assert told in str(refused.value)


def test_a_stated_column_ends_the_ambiguity() -> None:
    columns = ["time", "timestamp", "price", "size"]
    found = find_columns(TRADES, columns, {"time": "timestamp"})
    assert next(each.column for each in found if each.field == "time") == "timestamp"


def test_a_file_that_could_hold_trades_or_quotes_is_refused_until_it_is_said() -> None:
    columns = ["time", "price", "volume", "bid", "ask"]
    with pytest.raises(BadUsage, match="fit trades or quotes; say with --as"):
        content_of(columns)
    assert [each.field for each in find_columns(QUOTES, columns, {})] == ["time", "bid", "ask"]


def test_a_file_without_a_head_and_of_no_known_shape_can_be_mapped_by_numbers(
    tmp_path: Path,
) -> None:
    content = "1700000000,x,100.5,2\n1700000001,x,100.6,3\n"
    with pytest.raises(BadUsage, match="has no head, and its 4 columns"):
        planned(tmp_path, content)
    stated = {"time": "1", "price": "3", "size": "4"}
    plan = planned(tmp_path, content, content=TRADES, columns=stated)
    assert [each.column for each in plan.laid.found] == ["1", "3", "4"]


def test_one_symbol_of_several_must_be_chosen(tmp_path: Path) -> None:
    two = foreign.TARDIS_TRADES + "binance,ethusdt,1700000000000300,1700000000002200,7,buy,9,1\n"
    with pytest.raises(BadUsage, match="holds btcusdt, ethusdt; choose one with --symbol btcusdt"):
        planned(tmp_path, two)
    assert planned(tmp_path, two, symbol="ethusdt").chosen.to_list() == [False, False, True]  # type: ignore[union-attr]
    with pytest.raises(BadUsage, match="holds no solusdt"):
        planned(tmp_path, two, symbol="solusdt")


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"zone": "Europe/Paris"}, "leave out --zone"),
        ({"spread_bps": 1.0}, "--spread-bps is for candles"),
        ({"symbol": "X"}, "has no column of symbols"),
    ],
)
def test_a_choice_that_would_change_nothing_is_refused(
    tmp_path: Path, choices: dict[str, object], told: str
) -> None:
    with pytest.raises(BadUsage) as refused:
        planned(tmp_path, foreign.AGG_TRADES, **choices)
    assert told in str(refused.value)


def test_known_payload_keys_are_names_that_are_known() -> None:
    keys = json.loads('{"T": 1, "p": "1", "q": "2", "m": true, "a": 5}')
    found = find_columns(TRADES, list(keys), {"time": "T"})
    assert [each.field for each in found] == ["time", "price", "size", "buyer_is_maker", "id"]
