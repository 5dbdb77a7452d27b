"""Distances resolved to half-ticks and ticks (docs/rules.md, C7)."""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel
from strategies.features.indicators import atr_of


@kernel
def half_up(value: float) -> int:
    """C1: the nearest whole number, halves up. `value` is finite."""
    return int(np.floor(value + 0.5))


@kernel
def resolve(distance: Record, price: float, candles: Record) -> float:
    """Half-ticks of `distance` at `price` (half-ticks); NaN while its ATR is not ready."""
    size = max(distance["half_ticks"], distance["fraction"] * price)
    multiple = distance["atr_multiple"]
    if multiple > 0.0:
        atr = atr_of(candles["frames"][distance["atr_frame"]])
        if np.isnan(atr):
            return np.nan
        size = max(size, multiple * atr)
    return size


@kernel
def offset_ticks(distance: Record, price: float, candles: Record, least: int) -> int:
    """G23, E4: of a limit price; `least` where its ATR is not ready (after a gap, or by hand)."""
    size = resolve(distance, price, candles)
    return least if np.isnan(size) else max(least, half_up(size / 2.0))


@kernel
def resolve_ticks(distance: Record, price: float, candles: Record) -> int:
    """Whole ticks of a distance that is known to be ready."""
    return half_up(resolve(distance, price, candles) / 2.0)
