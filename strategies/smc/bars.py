"""The candles that detectors look back on, ATR14, and prices seen from one side.

Seen from the side +1 a price is itself, from -1 it is negated and high and low change places. A
rule is written once, as for +1, and holds for both: mirrored prices then give mirrored objects.
"""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT
from strategies.features.oscillators import true_range_of, wilder_step

ATR_PERIOD = 14


@kernel
def fold_bar(smc: Record, bar: Record) -> None:
    """Keep a closed candle, from here on `now`, and fold its true range (docs/rules.md, F11)."""
    count = smc["bars"]
    if count > 0:
        close = smc["now"]["close"]
        reach = true_range_of(bar["high"], bar["low"], close)
        smc["atr_sum"] = wilder_step(smc["atr_sum"], count, reach, ATR_PERIOD)
    smc["now"] = bar
    smc["ring"][count % BARS_KEPT] = bar
    smc["bars"] = count + 1
    smc["atr"] = smc["atr_sum"] if count >= ATR_PERIOD else np.nan


@kernel
def index_of(side: int) -> int:
    """Where a side stands in a list by side."""
    return 0 if side > 0 else 1


@kernel
def upper(bar: Record, side: int) -> int:
    """The high, seen from a side."""
    return bar["high"] if side > 0 else -bar["low"]


@kernel
def lower(bar: Record, side: int) -> int:
    """The low, seen from a side."""
    return bar["low"] if side > 0 else -bar["high"]


@kernel
def opening(bar: Record, side: int) -> int:
    """The open, seen from a side."""
    return side * bar["open"]


@kernel
def closing(bar: Record, side: int) -> int:
    """The close, seen from a side."""
    return side * bar["close"]


@kernel
def in_atr(height: int, atr: float) -> float:
    """A height in ATR; NaN where there is none yet or nothing has moved."""
    return height / atr if atr > 0.0 else np.nan


@kernel
def reaches(height: int, least_atr: float, atr: float) -> bool:
    """Whether a height is at least so many ATR. Without an ATR only 0 is reached."""
    return height >= least_atr * atr if least_atr > 0.0 else height >= 0
