"""STOP: why `advance` returned, and how many outputs it has written so far."""

from enum import IntEnum
from typing import Final

import numpy as np


class StopReason(IntEnum):
    """What wants an answer; the numbers are bits, several can hold at once."""

    NONE = 0
    INTENT = 1
    FILL = 2
    CANDLE = 4
    OUTPUTS_FULL = 8
    TIMER_STUCK = 16


STOP: Final = np.dtype(
    [
        ("reason", "i8"),
        ("market", "i8"),
        ("frames", "i8"),  # bit k: subscribed frame k closed a candle
        ("outputs", "i8"),  # rows written to the output array
        ("now_ns", "i8"),  # time of the latest tick, timer or event
        ("cause", "i8"),  # fingerprint of the tick that outputs come from, 0 for timers and events
    ]
)
