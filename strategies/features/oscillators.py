"""RSI, ADX with its directional indicators, and Supertrend, one step a closed candle.

Rules F17 to F19. While an average is not ready its field holds the running sum of what it will be
the mean of. Sources: J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), for RSI,
ADX and the average true range; Olivier Seban for Supertrend.
"""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel

PERIOD = 14
BAND_PERIOD = 10
BAND_WIDTH = 3.0


@kernel
def wilder_step(average: float, count: int, value: float, period: int) -> float:
    """F11: Wilder's average after the `count`-th value (from 1); the sum so far before."""
    if count < period:
        return average + value
    if count == period:
        return (average + value) / period
    return (average * (period - 1) + value) / period


@kernel
def true_range_of(high: float, low: float, previous_close: float) -> float:
    """The largest of the candle's own range and its reach beyond the close before."""
    return max(high - low, abs(high - previous_close), abs(low - previous_close))


@kernel
def fold_rsi(frame: Record, change: float, count: int) -> None:
    """F17: the `count`-th change of the close (from 1)."""
    frame["gain"] = wilder_step(frame["gain"], count, max(change, 0.0), PERIOD)
    frame["loss"] = wilder_step(frame["loss"], count, max(-change, 0.0), PERIOD)


@kernel
def rsi_of(frame: Record) -> float:
    """F17: 0 to 100, or NaN."""
    if frame["closed"] <= PERIOD:
        return np.nan
    if frame["loss"] == 0.0:
        return 100.0 if frame["gain"] > 0.0 else 50.0
    return 100.0 - 100.0 / (1.0 + frame["gain"] / frame["loss"])


@kernel
def fold_adx(frame: Record, candle: Record, count: int) -> None:
    """F18: the `count`-th move from one candle to the next (from 1)."""
    up = candle["high"] - frame["previous_high"]
    down = frame["previous_low"] - candle["low"]
    reach = true_range_of(candle["high"], candle["low"], frame["last_close"])
    frame["reach_sum"] = _smoothed(frame["reach_sum"], count, reach)
    frame["plus_sum"] = _smoothed(frame["plus_sum"], count, up if up > max(down, 0.0) else 0.0)
    frame["minus_sum"] = _smoothed(frame["minus_sum"], count, down if down > max(up, 0.0) else 0.0)
    if count >= PERIOD:
        plus, minus = _di(frame, frame["plus_sum"]), _di(frame, frame["minus_sum"])
        total = plus + minus
        index = 100.0 * abs(plus - minus) / total if total > 0.0 else 0.0
        frame["adx"] = wilder_step(frame["adx"], count - PERIOD + 1, index, PERIOD)


@kernel
def _smoothed(total: float, count: int, value: float) -> float:
    return total + value if count <= PERIOD else total - total / PERIOD + value


@kernel
def _di(frame: Record, moved: float) -> float:
    return 100.0 * moved / frame["reach_sum"] if frame["reach_sum"] > 0.0 else 0.0


@kernel
def di_difference_of(frame: Record) -> float:
    """F18: +DI less -DI, or NaN."""
    if frame["closed"] <= PERIOD:
        return np.nan
    return _di(frame, frame["plus_sum"]) - _di(frame, frame["minus_sum"])


@kernel
def adx_of(frame: Record) -> float:
    """F18: 0 to 100, or NaN."""
    return frame["adx"] if frame["closed"] >= 2 * PERIOD else np.nan


@kernel
def fold_supertrend(frame: Record, candle: Record, count: int) -> None:
    """F19: the `count`-th true range (from 1)."""
    reach = true_range_of(candle["high"], candle["low"], frame["last_close"])
    frame["atr10"] = wilder_step(frame["atr10"], count, reach, BAND_PERIOD)
    if count < BAND_PERIOD:
        return
    middle = (candle["high"] + candle["low"]) / 2.0
    up, low = middle + BAND_WIDTH * frame["atr10"], middle - BAND_WIDTH * frame["atr10"]
    close = candle["close"]
    if frame["bullish"] == 0:
        frame["bullish"] = 1 if close >= middle else -1
        frame["upper"] = up
        frame["lower"] = low
        return
    if up < frame["upper"] or frame["last_close"] > frame["upper"]:
        frame["upper"] = up
    if low > frame["lower"] or frame["last_close"] < frame["lower"]:
        frame["lower"] = low
    band = frame["lower"] if frame["bullish"] == 1 else frame["upper"]
    frame["bullish"] = -1 if close <= band else 1


@kernel
def supertrend_of(frame: Record) -> float:
    """F19: +1 bullish, -1 bearish, or NaN."""
    return float(frame["bullish"]) if frame["bullish"] != 0 else np.nan
