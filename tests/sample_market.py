"""A small generated market: a seeded random walk on the grid of the SAMPLE instrument."""

from typing import Final

import numpy as np
import polars as pl

TICK: Final = 0.01
START: Final = 100.0
SEED: Final = 7
TICKS_PER_SECOND: Final = 20
FIRST_NS: Final = 1_704_067_200_000_000_000  # 2024-01-01 00:00 UTC


def sample_frame(seconds: int, seed: int = SEED) -> pl.DataFrame:
    """Ticks of the schema that `replay` reads; two in three are quotes, the others trades."""
    rng = np.random.default_rng(seed)
    count = seconds * TICKS_PER_SECOND
    stamps = FIRST_NS + np.cumsum(rng.integers(1, 2 * 10**9 // TICKS_PER_SECOND, count))
    lively = rng.random(count // 1200 + 1) < 0.5
    chance = np.where(np.repeat(lively, 1200)[:count], 0.20, 0.04)
    steps = rng.choice([-1, 1], count) * (rng.random(count) < chance)
    bid_ticks = round(START / TICK) + np.cumsum(steps)
    buyer = rng.random(count) < 0.5
    is_quote = rng.random(count) < 2 / 3
    trade_ticks = bid_ticks + buyer
    return pl.DataFrame(
        {
            "ts_ns": stamps,
            "recv_ns": stamps,
            "kind": np.where(is_quote, "quote", "trade"),
            "price": np.where(is_quote, np.nan, np.round(trade_ticks * TICK, 2)),
            "size": np.where(is_quote, np.nan, np.round(rng.exponential(5.0, count) + 0.01, 2)),
            "side": np.where(is_quote, 0, np.where(buyer, 1, -1)).astype(np.int8),
            "bid": np.where(is_quote, np.round(bid_ticks * TICK, 2), np.nan),
            "ask": np.where(is_quote, np.round((bid_ticks + 1) * TICK, 2), np.nan),
            "bid_size": np.where(is_quote, np.round(rng.exponential(40.0, count) + 1, 2), np.nan),
            "ask_size": np.where(is_quote, np.round(rng.exponential(40.0, count) + 1, 2), np.nan),
        }
    ).with_columns(pl.col("price", "size", "bid", "ask", "bid_size", "ask_size").fill_nan(None))
