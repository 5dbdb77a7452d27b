"""Exported ticks of a recording are read back as the ticks that were recorded."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from agent.replay.export import export_ticks
from db.recording.reader import segments
from domain.arrays import Rows
from domain.enums import BookSource, PriceSource, TickKind
from domain.errors import BadInput
from domain.events import Event, MarketSet
from domain.rows.tick import REFERENCE_SLOT, TICK
from domain.units import TsNs
from market.history.bad_ticks import UNSTAMPED
from market.history.parquet import read_ticks
from random_playbooks import random_playbook
from random_ticks import START_NS, random_ticks
from recorded import recorded
from recording_samples import NAME, inline_writer, put
from trading_cases import COIN

OTHER: Final = MarketSet(
    event_ns=TsNs(START_NS),
    market=1,
    instrument=COIN,
    playbook=random_playbook(0),
    price_source=PriceSource.TRADES,
    book_source=BookSource.QUOTES,
    rate=Decimal(1),
)


def export(inputs: list[Rows | Event], folder: Path) -> dict[str, int]:
    """Record and export; how many ticks each file holds."""
    writer = inline_writer(folder / "recording")
    put(writer, 0, inputs)
    writer.close()
    written = export_ticks(segments(folder / "recording"), folder / "out")
    return {each.path.name.removesuffix(f"-{NAME}.parquet"): each.ticks for each in written}


def back(folder: Path, name: str, market: int = 0) -> Rows:
    """The ticks that `replay` would read from an exported file, numbered anew."""
    return read_ticks(folder / "out" / f"{name}-{NAME}.parquet", market).ticks


def same(ticks: Rows) -> Rows:
    """Ticks as a file can hold them: `seq` counts the file's rows."""
    alike = ticks.copy()
    alike["seq"] = np.arange(len(ticks))
    return alike


@pytest.mark.data
@pytest.mark.parametrize(
    "name",
    [
        "crypto/BTCUSDT-usdm-20240808",
        "crypto/BTCUSDT-spot-20240808",
        "equity/BAC-20131007-20131008",
        "fx/EURUSD-fxcm-20140501-20140509",
    ],
)
def test_recorded_market_data_comes_back_tick_for_tick(tmp_path: Path, name: str) -> None:
    ticks = read_ticks(recorded(f"ticks/{name}.parquet"), 0).ticks
    assert export([ticks], tmp_path) == {"COIN": len(ticks)}
    assert back(tmp_path, "COIN").tobytes() == same(ticks).tobytes()


def test_each_market_and_its_reference_have_files_of_their_own(tmp_path: Path) -> None:
    own, led, other = (random_ticks(seed, 50) for seed in range(3))
    led["slot"], other["market"] = REFERENCE_SLOT, 2
    found = export([own[:20], led, OTHER, own[20:], other], tmp_path)
    assert found == {"COIN": 50, "COIN-reference": 50, "market-2": 50}


def test_a_market_set_later_has_its_instrument_s_name(tmp_path: Path) -> None:
    ticks = random_ticks(0, 50, market=1)
    assert export([OTHER, ticks], tmp_path) == {COIN.name: 50}


def test_ticks_without_an_exchange_s_stamp_keep_none(tmp_path: Path) -> None:
    ticks = random_ticks(0, 50)
    ticks["flags"][::3] = UNSTAMPED
    ticks["ts_ns"] = ticks["event_ns"]
    export([ticks], tmp_path)
    found = back(tmp_path, "COIN")
    assert found["flags"].tolist() == ticks["flags"].tolist()


def test_a_book_that_was_never_valid_comes_back_invalid(tmp_path: Path) -> None:
    ticks = random_ticks(0, 50)
    ticks["ts_ns"] = ticks["event_ns"]
    ticks["kind"][:10] = TickKind.INVALID_BOOK
    for field in ("price", "size", "bid", "ask", "bid_size", "ask_size"):
        ticks[field][:10] = np.nan
    ticks["side"][:10] = 0
    export([ticks], tmp_path)
    assert back(tmp_path, "COIN")["kind"].tolist() == ticks["kind"].tolist()


def test_rows_that_no_file_can_hold_are_counted(tmp_path: Path) -> None:
    writer, ticks = inline_writer(tmp_path), random_ticks(0, 50)
    ticks["kind"][5] = TickKind.CLOCK
    writer.put_ticks(0, ticks)
    writer.close()
    (written,) = export_ticks(segments(tmp_path), tmp_path / "out")
    assert (written.ticks, written.left_out) == (49, 1)


def test_a_recording_without_ticks_makes_no_file(tmp_path: Path) -> None:
    assert export([OTHER], tmp_path) == {}
    assert export_ticks([], tmp_path) == []
    assert np.zeros(0, TICK).size == 0


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(BadInput, match="cannot be written to"):
        export([random_ticks(0, 5)], tmp_path)
