"""The book and what is read off it (docs/rules.md, F1, F2, F6 to F8, F16)."""

import numpy as np

from domain.arrays import Record
from domain.enums import BookSource
from domain.jit import kernel

# A price this close to a tick, in ticks, is on it: decimals such as 0.1 are not exact.
SNAP = 1e-6


@kernel
def set_quote(features: Record, tick: Record, ticks_per_price: float) -> None:
    """F1: a quote. The bid is rounded down and the ask up, so that no rounding helps a fill."""
    features["bid_ticks"] = int(np.floor(tick["bid"] * ticks_per_price + SNAP))
    features["ask_ticks"] = int(np.ceil(tick["ask"] * ticks_per_price - SNAP))
    features["bid_size"] = tick["bid_size"]
    features["ask_size"] = tick["ask_size"]
    _stand(features, tick["event_ns"])


@kernel
def set_trade(features: Record, tick: Record, ticks_per_price: float) -> None:
    """F2: the last trade, in half-ticks."""
    features["last"] = np.floor(tick["price"] * ticks_per_price * 2.0 + 0.5)
    features["last_size"] = tick["size"]
    features["last_side"] = tick["side"]
    features["last_ns"] = tick["event_ns"]
    features["last_set"] = 1


@kernel
def assume_quote(features: Record, half_spread: int) -> None:
    """F1: without quotes, a book around the last trade."""
    middle = features["last"] / 2.0
    features["bid_ticks"] = max(1, int(np.floor(middle)) - half_spread)
    features["ask_ticks"] = int(np.ceil(middle)) + half_spread
    features["bid_size"] = np.nan
    features["ask_size"] = np.nan
    _stand(features, features["last_ns"])


@kernel
def _stand(features: Record, event_ns: int) -> None:
    features["book_ns"] = event_ns
    features["book_set"] = 1
    features["book_valid"] = 1


@kernel
def spread_bps(features: Record) -> float:
    """F6: basis points of the mid, or NaN."""
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    if features["book_valid"] == 0 or bid + ask == 0:
        return np.nan
    return 1e4 * 2.0 * (ask - bid) / (bid + ask)


@kernel
def imbalance(features: Record) -> float:
    """F7: surplus of size on the bid, -1 to 1, or NaN."""
    bid, ask = features["bid_size"], features["ask_size"]
    if features["book_valid"] == 0 or not bid + ask > 0.0:
        return np.nan
    return (bid - ask) / (bid + ask)


@kernel
def micro_price_ticks(features: Record) -> float:
    """F8: the mid weighted by the opposite sizes, in ticks, or NaN."""
    bid, ask = features["bid_size"], features["ask_size"]
    if features["book_valid"] == 0 or not bid + ask > 0.0:
        return np.nan
    return (features["bid_ticks"] * ask + features["ask_ticks"] * bid) / (bid + ask)


@kernel
def data_age_s(features: Record, book_source: int, now_ns: int) -> float:
    """F16: age of what a decision would stand on, in seconds, or NaN."""
    if features["book_valid"] == 0:
        return np.nan
    if book_source == BookSource.QUOTES:
        return (now_ns - features["book_ns"]) / 1e9
    return (now_ns - features["last_ns"]) / 1e9
