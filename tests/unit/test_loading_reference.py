"""The files of a reference are one instrument, found by their names alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from agent.replay.loading import Loaded, load
from agent.replay.reference import LoadedReference
from config.settings import load_settings
from domain.errors import BadInput, BadUsage
from tick_files import Row, at, quote, trade, write

ACCOUNT = load_settings().account


def loaded(traded: Path, *reference: Path, instrument: str | None = None) -> Loaded:
    return load([traded], instrument, ACCOUNT, lambda _stage, _done, _total: None, reference)


def leader(traded: Path, *reference: Path) -> LoadedReference:
    found = loaded(traded, *reference).reference
    assert found is not None
    return found


@pytest.fixture
def coin(tmp_path: Path) -> Path:
    return write(tmp_path / "COIN.parquet", [trade(1), trade(2)])


def lead(folder: Path, name: str, *rows: Row) -> Path:
    folder.mkdir(exist_ok=True)
    return write(folder / name, rows or [trade(1, 10.5)])


def test_the_reference_is_found_by_its_files_name(coin: Path, tmp_path: Path) -> None:
    path = lead(tmp_path, "BTCUSDT-spot-1.parquet")
    found = loaded(coin, path, instrument="SAMPLE")
    assert [market.instrument.name for market in found.markets] == ["SAMPLE"]
    assert found.markets[0].reference is not None
    assert found.markets[0].reference.name == "BTCUSDT-spot"


def test_without_a_reference_no_market_has_one(coin: Path) -> None:
    found = loaded(coin)
    assert (found.reference, found.leading, found.markets[0].reference) == (None, (), None)


def test_an_undescribed_reference_is_made_from_all_its_files(coin: Path, tmp_path: Path) -> None:
    paths = [
        lead(tmp_path / "1", "DAX.parquet"),
        lead(tmp_path / "2", "DAX.parquet", trade(2, 7.25)),
    ]
    found = leader(coin, *paths)
    assert (found.instrument.name, found.instrument.tick) == ("DAX", Decimal("0.01"))
    assert found.assumed[0] == (
        "reference DAX: made from DAX.parquet, DAX.parquet, which no instrument describes"
    )
    assert "prices move by 0.01" in found.assumed[1]


@pytest.mark.parametrize("names", [("BTCUSDT-spot-1", "BTCUSDT-usdm-1"), ("DAX", "DAX-2")])
def test_two_instruments_are_a_usage_error_that_names_both(
    coin: Path, tmp_path: Path, names: tuple[str, str]
) -> None:
    paths = [lead(tmp_path, f"{name}.parquet") for name in names]
    with pytest.raises(BadUsage) as caught:
        loaded(coin, *paths)
    stems = [name.removesuffix("-1") for name in names]
    assert f"{paths[0]} is {stems[0]} and --reference {paths[1]} is {stems[1]}" in str(caught.value)


def test_two_instruments_are_refused_before_any_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(BadUsage):
        loaded(tmp_path / "none.parquet", tmp_path / "A.parquet", tmp_path / "B.parquet")


@pytest.mark.parametrize("name", ["BTCUSD_PERP-coinm-1.parquet", "NIFTYINR.parquet"])
def test_a_reference_needs_neither_a_contract_nor_a_rate(
    coin: Path, tmp_path: Path, name: str
) -> None:
    assert leader(coin, lead(tmp_path, name)).instrument.name in {"BTCUSD_PERP-coinm", "NIFTYINR"}


def test_a_traded_file_is_not_read_again_to_lead(coin: Path) -> None:
    found = loaded(coin, coin)
    assert found.leading[0] is found.sources[0]


def test_a_missing_file_of_the_reference_is_named(coin: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.parquet: there is no such file"):
        loaded(coin, tmp_path / "gone.parquet")


def test_doubts_about_the_reference_are_said(coin: Path, tmp_path: Path) -> None:
    path = lead(tmp_path, "DAX.parquet", trade(1), trade(2, None))
    assert f"WARNING {path}: 50 % of its ticks were dropped" in loaded(coin, path).assumed[-3]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([quote(1)], "reference DAX: no trades in the data: its moves are those of the mid"),
        (
            [{"ts_ns": at(1), "kind": "index", "price": 5.0}],
            "reference DAX: an index: its rows are read as quotes without a spread",
        ),
    ],
)
def test_what_the_references_prices_are_is_said(
    coin: Path, tmp_path: Path, rows: list[Row], told: str
) -> None:
    assert leader(coin, lead(tmp_path, "DAX.parquet", *rows)).assumed[-1] == told


def test_costs_of_the_reference_are_not_spoken_of(coin: Path, tmp_path: Path) -> None:
    said = leader(coin, lead(tmp_path, "BTCUSDT-usdm-1.parquet")).assumed
    assert not [each for each in said if "funding" in each or "arrives" in each]
