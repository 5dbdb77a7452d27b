"""FEATURES and CANDLES: what is known of one instrument (docs/rules.md, section 2).

Prices are in half-ticks, so that sums and comparisons of them are exact.
"""

from typing import Final

import numpy as np

from domain.frames import FRAMES

KEPT: Final = 64  # closed candles of each frame

CANDLE: Final = np.dtype(
    [
        ("bucket", "i8"),  # start in seconds // frame seconds
        ("count", "i8"),  # price events; 0 means there is no candle
        ("open", "f8"),
        ("high", "f8"),
        ("low", "f8"),
        ("close", "f8"),
        ("volume", "f8"),
        ("buy_volume", "f8"),
        ("sell_volume", "f8"),
    ]
)

# Rules F9 to F11 and F17 to F19: the forming candle, its indicators, and a ring of closed ones.
FRAME: Final = np.dtype(
    [
        ("forming", CANDLE),
        ("closed", "i8"),  # closed since the start; the newest is at (closed - 1) % KEPT
        ("previous_close", "f8"),
        ("last_close", "f8"),
        ("ema9", "f8"),  # a running sum until ready
        ("ema21", "f8"),
        ("atr", "f8"),
        # F17: average gain and loss; F18: smoothed sums and ADX; F19: bands. Sums until ready.
        ("gain", "f8"),
        ("loss", "f8"),
        ("previous_high", "f8"),
        ("previous_low", "f8"),
        ("reach_sum", "f8"),
        ("plus_sum", "f8"),
        ("minus_sum", "f8"),
        ("adx", "f8"),
        ("atr10", "f8"),
        ("upper", "f8"),
        ("lower", "f8"),
        ("bullish", "i8"),  # +1, -1, 0 before the first
        ("ring", CANDLE, (KEPT,)),
    ]
)

FEATURES: Final = np.dtype(
    [
        # F1, F2: book and last trade
        ("book_set", "i8"),  # a quote has been seen
        ("book_valid", "i8"),
        ("book_ns", "i8"),
        ("bid_ticks", "i8"),
        ("ask_ticks", "i8"),
        ("bid_size", "f8"),
        ("ask_size", "f8"),
        ("last_set", "i8"),
        ("last_ns", "i8"),
        ("last_side", "i8"),
        ("last", "f8"),
        ("last_size", "f8"),
        # F3, F4: price events and momentum
        ("price_set", "i8"),
        ("price", "f8"),
        ("anchor", "f8"),
        ("anchor_ns", "i8"),
        ("start", "f8"),
        ("start_ns", "i8"),
        ("direction", "i8"),
        ("streak", "i8"),
        # F9: the candle every price event touches, and the end of its bucket
        ("second", CANDLE),
        ("first_bucket", "i8"),
        # F12: EWMA variance of 1 s returns
        ("variance", "f8"),
        ("variance_count", "i8"),
        # F13: extremes of the closed candles in the window, renewed with each 1 s candle
        ("window_high", "f8"),
        ("window_low", "f8"),
        # F22: the regime, and the candidate that may follow it
        ("regime", "i8"),
        ("candidate", "i8"),
        ("candidate_count", "i8"),
        ("price_ns", "i8"),  # of the last price event (F20)
        # F15
        ("vwap_value", "f8"),
        ("vwap_weight", "f8"),
    ]
)

# Longer frames change once a second at most, so they lie apart. Frame 0 (1 s) forms in FEATURES.
CANDLES: Final = np.dtype([("frames", FRAME, (FRAMES,))])
