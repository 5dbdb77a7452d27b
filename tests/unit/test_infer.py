"""What is assumed about a file is taken from it where it can be, and said in a sentence."""

from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalog import load_instrument
from config.settings import load_settings
from domain.errors import BadConfig
from domain.instruments import Instrument
from market.history.infer import assumptions, grid, infer_instrument
from market.history.parquet import read_ticks
from tick_files import Row, quote, trade, write
from trading_cases import COIN

ACCOUNT = load_settings().account


def inferred(path: Path, *rows: Row) -> Instrument:
    return infer_instrument(read_ticks(write(path, rows), 0), ACCOUNT).instrument


def said(instrument: Instrument, path: Path, *rows: Row) -> str:
    return "\n".join(assumptions(instrument, read_ticks(write(path, rows), 0), ACCOUNT))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([100.0, 3.0], "1"),
        ([61_730.01, 61_730.1], "0.01"),
        ([9.08e-06], "0.00000001"),
        ([0.1 + 0.2], "0.1"),
        ([1 / 3], "1E-10"),
    ],
)
def test_the_grid_is_the_coarsest_that_holds_all(numbers: list[float], expected: str) -> None:
    assert grid(np.array(numbers)) == Decimal(expected)


@given(st.integers(0, 8), st.lists(st.integers(1, 10**7), min_size=1))
def test_the_grid_holds_prices_that_were_made_on_it(decimals: int, steps: list[int]) -> None:
    size = Decimal(1).scaleb(-decimals)
    found = grid(np.array([float(step * size) for step in steps]))
    assert found >= size
    assert all(step * size % found == 0 for step in steps)


def test_an_instrument_is_named_after_the_file_and_lies_on_its_grids(tmp_path: Path) -> None:
    path = tmp_path / "DOGEUSDT-2024.parquet"
    instrument = inferred(path, trade(1, 0.105, 2.5), quote(2, 0.104, 0.108))
    assert (instrument.name, instrument.quote) == ("DOGEUSDT-2024", "USDT")
    assert (instrument.tick, instrument.lot) == (Decimal("0.001"), Decimal("0.1"))
    assert instrument.assumed_half_spread == Decimal("0.002")
    assert instrument.assumed_size == Decimal("2.5")
    assert 1100 < instrument.standard_lots * 0.1 * 0.105 < 1300
    assert not instrument.shortable


def test_without_sizes_a_lot_is_one(tmp_path: Path) -> None:
    bare = {**quote(1, 1.25, 1.26), "bid_size": None, "ask_size": None}
    instrument = inferred(tmp_path / "EURUSD.parquet", bare)
    assert instrument.lot == 1
    assert instrument.assumed_size == instrument.standard_lots


def test_without_quotes_a_basis_point_is_assumed_and_at_least_a_tick(tmp_path: Path) -> None:
    instrument = inferred(tmp_path / "X.parquet", trade(1, 100.0), trade(2, 100.5))
    assert instrument.assumed_half_spread == Decimal("0.1")


@pytest.mark.parametrize(
    ("name", "currency"),
    [
        ("BTCUSDT-x", "USDT"),
        ("BTC_USD", "USD"),
        ("EURGBP", "GBP"),
        ("SAMPLE", "USD"),
        ("GBTC", "USD"),
    ],
)
def test_the_currency_is_read_from_the_symbol(tmp_path: Path, name: str, currency: str) -> None:
    account = msgspec.structs.replace(ACCOUNT, rates={"GBP": Decimal("1.3")})
    source = read_ticks(write(tmp_path / f"{name}.parquet", [trade(1)]), 0)
    assert infer_instrument(source, account).instrument.settle == currency


def test_a_currency_without_a_rate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"account\.rates\.ETH is missing"):
        inferred(tmp_path / "XRPETH.parquet", trade(1))


def test_all_that_was_inferred_is_said(tmp_path: Path) -> None:
    source = read_ticks(write(tmp_path / "X.parquet", [trade(1, 100.5)]), 0)
    text = "\n".join(infer_instrument(source, ACCOUNT).assumed)
    assert "prices move by 0.1" in text
    assert "fees of 5 bp for makers and 10 bp for takers" in text
    assert "never sold short" in text
    assert "the whole file was looked at: early decisions know later rows' grid and size" in text


def test_trades_alone_need_a_spread_and_a_size(tmp_path: Path) -> None:
    text = said(COIN, tmp_path / "X.parquet", trade(1))
    assert "no quotes in the data: a spread of 0.2 around the last trade" in text
    assert "displayed sizes are unknown: 1 stand at each quote" in text


def test_quotes_alone_make_the_price_the_mid(tmp_path: Path) -> None:
    text = said(COIN, tmp_path / "X.parquet", quote(1))
    assert "momentum and candles follow the mid" in text
    assert "half-spread" not in text
    assert "displayed sizes" not in text


def test_a_dollar_coin_and_the_latency_are_said(tmp_path: Path) -> None:
    text = said(load_instrument("BTCUSDT-spot"), tmp_path / "X.parquet", trade(1), quote(1))
    assert "one USDT is worth one USD" in text
    assert "arrives 50 ms after the decision" in text
    assert "funding" not in text
