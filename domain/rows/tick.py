"""TICK: one row of market data, in arrival order.

`event_ns` orders and ages, `ts_ns` (the exchange's) only buckets candles, `recv_ns` is kept as it
came. A TRADE fills price, size and side; a QUOTE fills bid, ask and their sizes; the rest is NaN.
"""

from typing import Final

import numpy as np

TICK: Final = np.dtype(
    [
        ("event_ns", "i8"),
        ("ts_ns", "i8"),
        ("recv_ns", "i8"),  # 0 where the data has none
        ("seq", "i8"),  # position within its source; live, among all inputs
        ("market", "i8"),
        ("slot", "i8"),  # 0 traded instrument, 1 second leg, 2 reference
        ("kind", "i8"),  # TickKind
        ("side", "i8"),  # +1 the buyer was the aggressor, -1 the seller, 0 unknown
        ("trade_id", "i8"),  # 0 where the data has none
        ("flags", "i8"),
        ("price", "f8"),
        ("size", "f8"),
        ("bid", "f8"),
        ("ask", "f8"),
        ("bid_size", "f8"),
        ("ask_size", "f8"),
    ]
)

SLOTS: Final = 3
REFERENCE_SLOT: Final = 2
