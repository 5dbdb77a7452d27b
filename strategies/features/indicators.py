"""Averages over closed candles, one step a candle (docs/rules.md, F10 to F12).

While an average is not ready its field holds the running sum of what it will be the mean of.
Sources: EMA seeded with the simple mean, J. Welles Wilder's average true range ("New Concepts in
Technical Trading Systems", 1978).
"""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel
from strategies.features.oscillators import (
    fold_adx,
    fold_rsi,
    fold_supertrend,
    true_range_of,
    wilder_step,
)

FAST_PERIOD = 9
SLOW_PERIOD = 21
ATR_PERIOD = 14
VARIANCE_SPAN = 60
VARIANCE_READY = 10


@kernel
def ema_step(average: float, count: int, close: float, period: int) -> float:
    """F10: the average after the `count`-th close (from 1); the sum so far before it is ready."""
    if count < period:
        return average + close
    if count == period:
        return (average + close) / period
    return average + 2.0 / (period + 1.0) * (close - average)


@kernel
def fold_closed(frame: Record, candle: Record) -> None:
    """Fold a closed candle into the frame's averages; `closed` does not count it yet."""
    count = frame["closed"] + 1
    close = candle["close"]
    if count > 1:
        fold_rsi(frame, close - frame["last_close"], count - 1)
        fold_adx(frame, candle, count - 1)
        fold_supertrend(frame, candle, count - 1)
    frame["previous_high"] = candle["high"]
    frame["previous_low"] = candle["low"]
    frame["ema9"] = ema_step(frame["ema9"], count, close, FAST_PERIOD)
    frame["ema21"] = ema_step(frame["ema21"], count, close, SLOW_PERIOD)
    if count > 1:
        reach = true_range_of(candle["high"], candle["low"], frame["last_close"])
        frame["atr"] = wilder_step(frame["atr"], count - 1, reach, ATR_PERIOD)
    frame["previous_close"] = frame["last_close"]
    frame["last_close"] = close


@kernel
def ema9_of(frame: Record) -> float:
    """EMA9 in half-ticks, or NaN."""
    return frame["ema9"] if frame["closed"] >= FAST_PERIOD else np.nan


@kernel
def ema21_of(frame: Record) -> float:
    """EMA21 in half-ticks, or NaN."""
    return frame["ema21"] if frame["closed"] >= SLOW_PERIOD else np.nan


@kernel
def atr_of(frame: Record) -> float:
    """ATR14 in half-ticks, or NaN."""
    return frame["atr"] if frame["closed"] > ATR_PERIOD else np.nan


@kernel
def fold_return(features: Record, previous_close: float, close: float, seconds: int) -> None:
    """F12: fold the return between two closed 1 s candles that lie `seconds` >= 1 apart."""
    if previous_close == 0.0:
        return
    move = close / previous_close - 1.0
    rate = move * move / seconds
    features["variance_count"] += 1
    if features["variance_count"] == 1:
        features["variance"] = rate
    else:
        variance = features["variance"]
        features["variance"] = variance + 2.0 / (VARIANCE_SPAN + 1.0) * (rate - variance)


@kernel
def volatility_bps(features: Record) -> float:
    """F12: basis points per square root of a second, or NaN."""
    if features["variance_count"] < VARIANCE_READY:
        return np.nan
    return 1e4 * np.sqrt(features["variance"])
