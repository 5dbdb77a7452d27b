"""Candles to ticks by one stated path, on purpose an unkind one (docs/importing.md).

A candle does not say what came first. Each becomes six moments:

    open ... first extreme, back to the open 1 ms later ... second extreme, to the close 1 ms later
    ... close, 1 ms before the candle ends

The first extreme is the one against the candle: the low where it closed above its open, the high
where below; where it closed as it opened the one farther from the open, the low if both are alike.
So whoever is on the right side of a candle is tested at his stop before he is paid. Both extremes
are single prints that are gone a millisecond later: they trigger stops, and an order that wants to
be paid there, a latency later, finds the open or the close instead. No path is the worst for both
sides of a market at once; this one gives nothing to either at the extremes.
"""

from decimal import Decimal
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Floats
from domain.enums import TickKind
from market.history.bad_ticks import Flags, Ints
from market.history.infer import grid

MOMENTS: Final = 6
_GONE_NS: Final = 1_000_000  # how long an extreme stands
SHORTEST_NS: Final = 1_000_000_000
_BPS: Final = 10_000


class Candles(msgspec.Struct, frozen=True, kw_only=True):
    """Good candles, ascending; `volume` is None where the file has none."""

    start_ns: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats | None


class PathTicks(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of ticks by name, in order.

    candle       place of the candle that each tick belongs to.
    half_spread  the usual one, for people.
    """

    columns: dict[str, Ints | Floats]
    candle: Ints
    half_spread: Decimal


def good_candles(found: Candles) -> Flags:
    """Rows that can be candles: finite, above zero, no price outside low to high."""
    prices = (found.open, found.high, found.low, found.close)
    good: Flags = np.all([np.isfinite(price) & (price > 0) for price in prices], axis=0)
    low, high = np.minimum(found.open, found.close), np.maximum(found.open, found.close)
    good &= (found.low <= low) & (high <= found.high)
    if found.volume is not None:
        good &= np.isfinite(found.volume) & (found.volume >= 0)
    return good


def interval_of(start_ns: Ints) -> int:
    """The usual time between two candles, 0 where there is none."""
    gaps = np.diff(start_ns)
    gaps = gaps[gaps > 0]
    if not len(gaps):
        return 0
    lengths, counts = np.unique(gaps, return_counts=True)
    return int(lengths[counts.argmax()])


def path_ticks(candles: Candles, interval_ns: int, spread_bps: float) -> PathTicks:
    """The ticks of candles that are `good_candles`, each `interval_ns` long or shorter gaps apart.

    At each moment a quote, `spread_bps` wide and at least two steps of the prices' own grid; then,
    where the candle has a volume, a trade of a sixth of it.
    """
    at_ns = (candles.start_ns[:, None] + _offsets(interval_ns)).ravel()
    ohlc = np.concatenate([candles.open, candles.high, candles.low, candles.close])
    step = grid(ohlc)
    scale = 10.0 ** -int(step.as_tuple().exponent)
    level = np.rint(_prices(candles) * scale)
    half = np.maximum(1.0, np.ceil(np.rint(candles.open * scale) * spread_bps / 2 / _BPS))
    halves = np.repeat(half, MOMENTS)
    sizes = _sizes(candles.volume, len(candles.start_ns))
    traded = np.flatnonzero(sizes > 0)
    nothing = np.full(len(at_ns), np.nan)
    quotes = {
        "ts_ns": at_ns, "kind": np.full(len(at_ns), int(TickKind.QUOTE)),
        "price": nothing, "size": nothing,
        "bid": (level - halves) / scale, "ask": (level + halves) / scale,
    }  # fmt: skip
    trades = {
        "ts_ns": at_ns[traded], "kind": np.full(len(traded), int(TickKind.TRADE)),
        "price": _prices(candles)[traded], "size": sizes[traded],
        "bid": nothing[traded], "ask": nothing[traded],
    }  # fmt: skip
    place = np.concatenate([np.arange(len(at_ns)) * 2, traded * 2 + 1])
    order = np.argsort(place, kind="stable")
    return PathTicks(
        columns={name: np.concatenate([quotes[name], trades[name]])[order] for name in quotes},
        candle=place[order] // (2 * MOMENTS),
        half_spread=Decimal(int(np.median(half))) * step,
    )


def _offsets(interval_ns: int) -> Ints:
    first, second = interval_ns // 3, 2 * interval_ns // 3
    moments = (0, first, first + _GONE_NS, second, second + _GONE_NS, interval_ns - _GONE_NS)
    return np.array(moments, np.int64)


def _prices(candles: Candles) -> Floats:
    """Six prices a candle, flat."""
    opened, high, low, close = candles.open, candles.high, candles.low, candles.close
    alike = (close == opened) & (opened - low >= high - opened)
    low_first = (close > opened) | alike
    first, second = np.where(low_first, low, high), np.where(low_first, high, low)
    prices: Floats = np.stack([opened, first, opened, second, close, close], axis=1).ravel()
    return prices


def _sizes(volume: Floats | None, count: int) -> Floats:
    """A sixth each on the grid of the volumes, the rest with the last; 0 where none is known."""
    if volume is None or not np.any(volume > 0):
        return np.zeros(count * MOMENTS)
    decimals = -int(grid(volume).as_tuple().exponent)
    units = np.rint(volume * 10.0**decimals)
    if np.any((units > 0) & (units < MOMENTS)):
        decimals += 1
        units = np.rint(volume * 10.0**decimals)
    each = np.floor(units / MOMENTS)
    parts = np.repeat(each[:, None], MOMENTS, axis=1)
    parts[:, -1] = units - (MOMENTS - 1) * each
    sizes: Floats = (parts / 10.0**decimals).ravel()
    return sizes
