"""Streaks of qualifying moves and their speed (docs/rules.md, F4 and F5)."""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel


@kernel
def fold_price(features: Record, price: float, need: float, event_ns: int) -> None:
    """F4: one price event; `need` is the smallest move that counts, in half-ticks, or NaN.

    The anchor moves only with a move that counts, so that slow drift adds up.
    """
    if features["price_set"] == 0:
        features["anchor"] = price
        features["start"] = price
        features["anchor_ns"] = event_ns
        features["start_ns"] = event_ns
        return
    move = price - features["anchor"]
    if not abs(move) >= need:
        return
    direction = 1 if move > 0.0 else -1
    if direction == features["direction"]:
        features["streak"] += 1
    else:
        features["direction"] = direction
        features["streak"] = 1
        features["start"] = features["anchor"]
        features["start_ns"] = features["anchor_ns"]
    features["anchor"] = price
    features["anchor_ns"] = event_ns


@kernel
def velocity_bps_per_s(features: Record, side: int, now_ns: int) -> float:
    """F5: speed of the streak in favour of `side`, or NaN while there is none."""
    start = features["start"]
    if features["direction"] == 0 or start == 0.0:
        return np.nan
    age_s = max((now_ns - features["start_ns"]) / 1e9, 1.0)
    return side * (features["price"] - start) / start * 1e4 / age_s
