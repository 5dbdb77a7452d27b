"""Candles of all frames, forming and closed (docs/rules.md, F9, F13, F14).

A price event touches only the forming 1 s candle. A closed candle folds into the next longer
frame, so that a second costs a few steps and a tick none.
"""

import numpy as np

from domain.arrays import Record
from domain.frames import FRAME_SECONDS, FRAMES
from domain.jit import kernel
from domain.rows.features import KEPT
from strategies.features.indicators import fold_closed, fold_return

SECOND_NS = 1_000_000_000
AHEAD_NS = 5 * SECOND_NS  # an exchange stamp is believed to run ahead by no more than this
FLOW_WINDOW_S = 10


@kernel
def start_candle(candle: Record, bucket: int, price: float) -> None:
    """Begin a candle with its first price, without volume or count."""
    candle["bucket"] = bucket
    candle["count"] = 0
    candle["open"] = price
    candle["high"] = price
    candle["low"] = price
    candle["close"] = price
    candle["volume"] = 0.0
    candle["buy_volume"] = 0.0
    candle["sell_volume"] = 0.0


@kernel
def add_price(candle: Record, price: float, size: float, side: int) -> None:
    """Fold one price event into a forming candle."""
    candle["count"] += 1
    candle["high"] = max(candle["high"], price)
    candle["low"] = min(candle["low"], price)
    candle["close"] = price
    candle["volume"] += size
    if side > 0:
        candle["buy_volume"] += size
    elif side < 0:
        candle["sell_volume"] += size


@kernel
def fold_candle(longer: Record, shorter: Record, seconds: int, shorter_seconds: int) -> None:
    """Fold a shorter candle into a forming one of the next longer frame."""
    if longer["count"] == 0:
        start_candle(longer, shorter["bucket"] * shorter_seconds // seconds, shorter["open"])
    longer["count"] += shorter["count"]
    longer["high"] = max(longer["high"], shorter["high"])
    longer["low"] = min(longer["low"], shorter["low"])
    longer["close"] = shorter["close"]
    longer["volume"] += shorter["volume"]
    longer["buy_volume"] += shorter["buy_volume"]
    longer["sell_volume"] += shorter["sell_volume"]


@kernel
def bucket_of(ts_ns: int, event_ns: int) -> int:
    """The 1 s bucket of a price event."""
    return min(ts_ns, event_ns + AHEAD_NS) // SECOND_NS


@kernel
def newest_bucket(candles: Record) -> int:
    """Bucket of the newest closed 1 s candle; a very early one if there is none.

    After a session's close a late stamp must not start a candle before one that is closed.
    """
    frame = candles["frames"][0]
    return frame["ring"][(frame["closed"] - 1) % KEPT]["bucket"] if frame["closed"] > 0 else 0


@kernel
def close_second(features: Record, candles: Record) -> None:
    """Close the forming 1 s candle: fold its return, its averages, and keep it."""
    second = features["second"]
    frame = candles["frames"][0]
    if frame["closed"] > 0:
        before = frame["ring"][(frame["closed"] - 1) % KEPT]["bucket"]
        seconds = max(1, second["bucket"] - before)
        fold_return(features, frame["last_close"], second["close"], seconds)
    _keep(frame, second)


@kernel
def _keep(frame: Record, candle: Record) -> None:
    fold_closed(frame, candle)
    frame["ring"][frame["closed"] % KEPT] = candle
    frame["closed"] += 1
    candle["count"] = 0


@kernel
def close_due(features: Record, candles: Record, second_bucket: int) -> int:
    """F9: close what an event in `second_bucket` closes; bit k is set when frame k closed one.

    The forming 1 s candle is known to be older than the event.
    """
    frames = candles["frames"]
    close_second(features, candles)
    closed = 1
    for k in range(1, FRAMES):
        shorter = frames[k - 1]
        newest = shorter["ring"][(shorter["closed"] - 1) % KEPT]
        forming = frames[k]["forming"]
        fold_candle(forming, newest, FRAME_SECONDS[k], FRAME_SECONDS[k - 1])
        if second_bucket // FRAME_SECONDS[k] <= forming["bucket"]:
            break
        _keep(frames[k], forming)
        closed |= 1 << k
    return closed


@kernel
def close_all(features: Record, candles: Record) -> int:
    """F9: the session's close ends every forming candle, short to long."""
    frames = candles["frames"]
    closed = 0
    if features["second"]["count"] > 0:
        close_second(features, candles)
        closed = 1
    for k in range(1, FRAMES):
        forming = frames[k]["forming"]
        if closed & (1 << (k - 1)) != 0:
            shorter = frames[k - 1]
            newest = shorter["ring"][(shorter["closed"] - 1) % KEPT]
            fold_candle(forming, newest, FRAME_SECONDS[k], FRAME_SECONDS[k - 1])
        if forming["count"] > 0:
            _keep(frames[k], forming)
            closed |= 1 << k
    return closed


@kernel
def forming_candle(features: Record, candles: Record, frame: int, out: Record) -> None:
    """F9: the forming candle of a frame as a reader sees it; `out` with count 0 if none.

    A longer one is its own folded part, then those of the shorter frames, longest first.
    """
    frames = candles["frames"]
    out["count"] = 0
    for k in range(frame, -1, -1):
        part = features["second"] if k == 0 else frames[k]["forming"]
        if part["count"] > 0:
            fold_candle(out, part, FRAME_SECONDS[frame], FRAME_SECONDS[k])


@kernel
def renew_window(features: Record, candles: Record, bucket: int, window_s: int) -> None:
    """F13: extremes of the closed 1 s candles of bucket >= `bucket` - `window_s`."""
    frame = candles["frames"][0]
    high, low = -np.inf, np.inf
    for back in range(1, min(frame["closed"], KEPT) + 1):
        candle = frame["ring"][(frame["closed"] - back) % KEPT]
        if candle["bucket"] < bucket - window_s:
            break
        high = max(high, candle["high"])
        low = min(low, candle["low"])
    features["window_high"] = high
    features["window_low"] = low


@kernel
def window_range(features: Record, window_s: int) -> float:
    """F13: highest minus lowest of the window, half-ticks, or NaN."""
    second = features["second"]
    if second["count"] == 0 or features["first_bucket"] > second["bucket"] - window_s:
        return np.nan
    high = max(features["window_high"], second["high"])
    return high - min(features["window_low"], second["low"])


@kernel
def move_bps(features: Record, candles: Record, window_s: int) -> float:
    """F21: how far the price is from where it closed `window_s` ago, or NaN."""
    close = _close_before(features, candles, window_s)
    return 1e4 * (features["price"] / close - 1.0) if close > 0.0 else np.nan


@kernel
def move_half_ticks(features: Record, candles: Record, window_s: int) -> float:
    """S1: the same in half-ticks, or NaN."""
    return features["price"] - _close_before(features, candles, window_s)


@kernel
def _close_before(features: Record, candles: Record, window_s: int) -> float:
    """F21: close of the newest closed 1 s candle of bucket <= the forming one - `window_s`."""
    second = features["second"]
    if second["count"] == 0:
        return np.nan
    frame = candles["frames"][0]
    for back in range(1, min(frame["closed"], KEPT) + 1):
        candle = frame["ring"][(frame["closed"] - back) % KEPT]
        if candle["bucket"] <= second["bucket"] - window_s:
            return candle["close"]
    return np.nan


@kernel
def trade_flow(features: Record, candles: Record) -> float:
    """F14: surplus of aggressive buying over the last 10 s, -1 to 1, or NaN."""
    second = features["second"]
    if second["count"] == 0:
        return np.nan
    frame = candles["frames"][0]
    buy, sell = second["buy_volume"], second["sell_volume"]
    for back in range(1, min(frame["closed"], KEPT) + 1):
        candle = frame["ring"][(frame["closed"] - back) % KEPT]
        if candle["bucket"] < second["bucket"] - FLOW_WINDOW_S:
            break
        buy += candle["buy_volume"]
        sell += candle["sell_volume"]
    return (buy - sell) / (buy + sell) if buy + sell > 0.0 else np.nan
