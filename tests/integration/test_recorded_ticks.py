"""The recorded files: nothing is lost uncounted, and every one has its instrument."""

from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from config.catalog import instrument_for_file
from config.settings import load_settings
from domain.enums import BadTick, Contract
from market.history.infer import infer_instrument
from market.history.merge import merge
from market.history.parquet import read_ticks
from recorded import recorded, recorded_ticks

pytestmark = pytest.mark.data

EVERY = pytest.mark.parametrize("path", recorded_ticks(), ids=lambda path: path.name)


@EVERY
def test_kept_dropped_and_ignored_rows_add_up(path: Path) -> None:
    source = read_ticks(path, 0)
    assert source.good + sum(source.bad.values()) + source.ignored == source.rows
    assert np.all(np.diff(source.ticks["event_ns"]) >= 0)


@EVERY
def test_an_instrument_describes_the_file_on_the_grid_of_its_prices(path: Path) -> None:
    instrument = instrument_for_file(path)
    rates = {"ETH": Decimal(190)}
    account = msgspec.structs.replace(load_settings().account, rates=rates)
    inferred = infer_instrument(read_ticks(path, 0), account).instrument
    assert instrument is not None
    assert inferred.tick == instrument.tick
    assert instrument.lot % inferred.lot == 0


@EVERY
def test_a_standard_size_is_worth_a_thousand_to_fifteen_hundred(path: Path) -> None:
    instrument = instrument_for_file(path)
    assert instrument is not None
    ticks = read_ticks(path, 0).ticks
    price = float(np.nanmedian(np.where(np.isnan(ticks["price"]), ticks["bid"], ticks["price"])))
    size = instrument.standard_lots * float(instrument.lot * instrument.multiplier)
    worth = size if instrument.contract is Contract.INVERSE else size * price
    worth *= 190 if instrument.settle == "ETH" else 1
    assert 1000 <= worth <= 1500 or instrument.name == "GCZ3-comex"


@pytest.mark.parametrize(
    ("name", "crossed"),
    [
        ("fx/EURUSD-fxcm-20140501-20140509.parquet", 69_354),
        ("equity/BAC-20131007-20131008.parquet", 4_601),
        ("equity/IBM-20131007-20131008.parquet", 1_323),
    ],
)
def test_crossed_quotes_are_the_only_bad_ones(name: str, crossed: int) -> None:
    assert read_ticks(recorded(f"ticks/{name}"), 0).bad == {BadTick.CROSSED: crossed}


def test_two_markets_merge_without_loss() -> None:
    names = ("BTCUSDT-usdm-20240808.parquet", "ETHUSDT-spot-20240808.parquet")
    sources = [read_ticks(recorded(f"ticks/crypto/{each}"), i) for i, each in enumerate(names)]
    timeline = merge(sources)
    assert len(timeline.ticks) == 87_402 + 30_183
    assert len(timeline.spans) == 2
