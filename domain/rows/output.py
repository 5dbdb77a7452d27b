"""OUTPUT: what the core says, one row each, in order (docs/rules.md, section 8).

code     Gate of a rejection run, ExitReason of an exit intent, Refusal, frame of a candle,
         TradingState; 0 where the kind says it all.
side     of the position for intents, approvals, refusals and fills.
lots     of orders and fills; the count of a rejection run or a closed candle.
cause    fingerprint of the tick that caused it, 0 where a timer or event did.
first_ns start of a rejection run; flags of a fill: bit 0 maker, bit 1 exit, bit 2 order done.
"""

from typing import Final

import numpy as np

from domain.enums import Gate

DISTANCES: Final = len(Gate)

OUTPUT: Final = np.dtype(
    [
        ("event_ns", "i8"),
        ("market", "i8"),
        ("decision_seq", "i8"),
        ("kind", "i8"),
        ("code", "i8"),
        ("side", "i8"),
        ("price_ticks", "i8"),
        ("lots", "i8"),
        ("mid_half", "i8"),
        ("last_half", "i8"),
        ("first_ns", "i8"),
        ("cause", "i8"),
        ("distances", "f8", (DISTANCES,)),
    ]
)
