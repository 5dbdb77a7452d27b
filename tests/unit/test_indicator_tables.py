"""EMA and ATR against tables that other code made (docs/rules.md, F10 and F11).

tests/golden/indicators.csv was computed in decimals by the formulas of the rules. The recorded
reference tables are those of another library, for periods of its own.
"""

import csv
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from domain.rows.features import CANDLE, FRAME
from recorded import recorded
from source_tree import ROOT
from strategies.features.indicators import (
    atr_of,
    ema9_of,
    ema21_of,
    ema_step,
    fold_closed,
)
from strategies.features.oscillators import (
    adx_of,
    rsi_of,
    supertrend_of,
    true_range_of,
    wilder_step,
)


def test_closed_candles_give_the_averages_of_the_golden_table() -> None:
    frame, candle = np.zeros(1, FRAME)[0], np.zeros(1, CANDLE)[0]
    with (ROOT / "tests" / "golden" / "indicators.csv").open() as file:
        for line in csv.DictReader(file):
            for name in ("open", "high", "low", "close"):
                candle[name] = float(line[name])
            fold_closed(frame, candle)
            frame["closed"] += 1
            found = (ema9_of(frame), ema21_of(frame), atr_of(frame))
            expected = [float(line[name] or "nan") for name in ("ema9", "ema21", "atr14")]
            assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize(("step", "value"), [(1, 100.0), (-1, 0.0), (0, 50.0)])
def test_rsi_is_at_an_end_when_all_moves_were_alike_and_in_the_middle_without_any(
    step: int, value: float
) -> None:
    frame, candle = np.zeros(1, FRAME)[0], np.zeros(1, CANDLE)[0]
    for count in range(15):
        for name in ("open", "high", "low", "close"):
            candle[name] = 100 + step * count
        fold_closed(frame, candle)
        frame["closed"] += 1
    assert rsi_of(frame) == value


@pytest.mark.data
def test_the_average_of_closes_equals_the_recorded_table_of_another_library() -> None:
    closes = pl.read_parquet(recorded("reference/indicators/quotes_default.parquet"))["close"]
    table = pl.read_parquet(recorded("reference/indicators/ema.parquet"))["ema"]
    average = 0.0
    for count, (close, expected) in enumerate(zip(closes, table, strict=True), 1):
        average = ema_step(average, count, close, 20)
        assert (expected is None) == (count < 20)
        assert expected is None or average == pytest.approx(expected, abs=1e-4)


@pytest.mark.data
def test_the_average_true_range_equals_the_recorded_table_of_another_library() -> None:
    bars = pl.read_parquet(recorded("reference/indicators/quotes_default.parquet")).to_dicts()
    table = pl.read_parquet(recorded("reference/indicators/atr.parquet"))["atr"]
    average = 0.0
    for count in range(1, len(bars)):
        bar, before = bars[count], bars[count - 1]
        reach = true_range_of(bar["high"], bar["low"], before["close"])
        average = wilder_step(average, count, reach, 14)
        assert (table[count] is None) == (count < 14)
        assert table[count] is None or average == pytest.approx(table[count], abs=1e-9)


@pytest.mark.data
@pytest.mark.parametrize(
    ("table", "column", "reader"),
    [
        ("rsi", "rsi", rsi_of),
        ("adx", "adx", adx_of),
        ("supertrend", "lowerBand", supertrend_of),
    ],
)
def test_oscillators_equal_the_recorded_tables_of_another_library(
    table: str, column: str, reader: Callable[[np.void], float]
) -> None:
    bars = pl.read_parquet(recorded("reference/indicators/quotes_default.parquet")).to_dicts()
    expected = pl.read_parquet(recorded(f"reference/indicators/{table}.parquet"))[column]
    frame, candle = np.zeros(1, FRAME)[0], np.zeros(1, CANDLE)[0]
    for count, bar in enumerate(bars):
        for name in ("open", "high", "low", "close"):
            candle[name] = bar[name]
        fold_closed(frame, candle)
        frame["closed"] += 1
        found = reader(frame)
        if table == "supertrend":  # a lower band is shown while the trend is up
            assert (expected[count] is not None) == (found > 0)
        else:
            assert found == pytest.approx(expected[count] or np.nan, rel=1e-9, nan_ok=True)
