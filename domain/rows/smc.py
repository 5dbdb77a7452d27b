"""SMC: closed candles in, objects and their events out, and the state of all detectors.

Prices are whole half-ticks, so that every comparison is exact. Every list has a fixed size; an
object that falls out of a full one says so (DROPPED). Index 0 of a list by side is +1, 1 is -1.
"""

from typing import Any, Final

import numpy as np

from domain.parameters import RETRACEMENT_SHARES, SMC_PARAMETERS, SMC_SESSIONS, Kind
from domain.smc import LevelPeriod

BARS_KEPT: Final = 256  # candles that a detector can look back
OPEN_KEPT: Final = 32  # open gaps, blocks, pools or sweeps of a side
CANDIDATES_KEPT: Final = 64  # of blocks and side; no more can wait within the longest window
SWEPT_KEPT: Final = 3  # newest leg swings of a side, which can be swept
LEGS_KEPT: Final = 4
EVENTS_PER_BAR: Final = 1_024  # more than one candle can cause, whatever it does

BAR: Final = np.dtype(
    [
        ("start_ns", "i8"),
        ("known_ns", "i8"),  # when its close was known
        ("offset_ns", "i8"),  # what New York's clock adds to UTC at its start
        ("open", "i8"),
        ("high", "i8"),
        ("low", "i8"),
        ("close", "i8"),
    ]
)

# One thing that was found. `limit`, `last_bar`, `touches`, `life` and `basis` are working memory.
OBJECT: Final = np.dtype(
    [
        ("serial", "i8"),  # from 1 over all kinds, in the order in which they were known; 0: none
        ("kind", "i8"),
        ("variant", "i8"),
        ("side", "i8"),  # +1 bullish or a high, -1 bearish or a low, 0 neither
        ("formed_bar", "i8"),
        ("formed_ns", "i8"),
        ("known_bar", "i8"),
        ("known_ns", "i8"),
        ("low", "i8"),
        ("high", "i8"),
        ("limit", "i8"),
        ("last_bar", "i8"),
        ("touches", "i8"),
        ("life", "i8"),
        ("strength", "f8"),  # ATR14 when it was known; NaN where there was none yet
        ("basis", "f8"),  # the ATR14 that its life is measured with, half-ticks
    ]
)

# One row of what the detectors say. The first row of a serial is FORMED; the others are its life.
EVENT: Final = np.dtype(
    [
        ("serial", "i8"),
        ("kind", "i8"),
        ("variant", "i8"),
        ("event", "i8"),
        ("side", "i8"),
        ("formed_bar", "i8"),  # number of the candle where the object is, from 0
        ("formed_ns", "i8"),  # start of that candle
        ("known_bar", "i8"),  # number of the candle whose close made this row
        ("known_ns", "i8"),
        ("low", "i8"),
        ("high", "i8"),
        ("touches", "i8"),
        ("strength", "f8"),
        ("detail", "f8"),  # a number of this event (docs/smc.md), else 0
    ]
)

# The swings of both sides, and which of them this candle made known.
_SWINGS: Final = [
    ("leg", "i8"),  # side of the newest leg, 0 before one
    ("extreme", OBJECT, (2,)),  # newest leg swing of each side
    ("newest", OBJECT, (2,)),  # newest swing of each side, inner ones too
    ("legs", OBJECT, (LEGS_KEPT,)),
    ("leg_count", "i8"),
    ("fresh", "i8", (2,)),  # 1 if this candle made a swing of the side known
    ("changed", "i8"),  # side of the leg swing that this candle set or replaced, else 0
]
_STRUCTURE: Final = [
    ("bias", "i8"),
    ("broken", "i8", (2,)),  # serial of the last broken swing of each side
    ("latest", OBJECT, (2,)),  # newest break of each side; its `limit` is the swing's serial
    ("broke", "i8"),  # side that broke on this candle, else 0
]
# One type for all such lists, so that kernels which take one are compiled once.
OPEN: Final = np.dtype([("count", "i8", (2,)), ("open", OBJECT, (2, OPEN_KEPT))])
_BLOCKS: Final = [
    ("zones", OPEN),
    ("waiting", "i8", (2,)),
    ("candidates", OBJECT, (2, CANDIDATES_KEPT)),
]
_SWEEPS: Final = [
    ("levels", OBJECT, (2, SWEPT_KEPT)),  # oldest is overwritten; `life` 1: taken
    ("zones", OPEN),
]
_RANGE: Final = [("now", OBJECT), ("location", "i8"), ("located", "i8")]
_PERIOD: Final = [
    ("begun", "i8"),
    ("whole", "i8"),  # seen from its start
    ("number", "i8"),
    ("extreme", OBJECT, (2,)),
    ("previous", OBJECT, (2,)),
]
_SESSION: Final = [("active", "i8"), ("instance", "i8"), ("now", OBJECT)]
_RETRACEMENT: Final = [("now", OBJECT), ("deepest", "i8"), ("reached", "i8")]

SMC_STATE: Final = np.dtype(
    [
        ("bars", "i8"),  # folded so far; the newest has number bars - 1
        ("told", "i8"),  # rows written by the call that runs
        ("serial", "i8"),
        ("atr_sum", "f8"),  # the sum until ready, then ATR14 (docs/rules.md, F11)
        ("atr", "f8"),  # NaN until ready
        ("now", BAR),
        ("draft", OBJECT),
        ("ring", BAR, (BARS_KEPT,)),
        ("swings", _SWINGS),
        ("structure", _STRUCTURE),
        ("gaps", OPEN),
        ("blocks", _BLOCKS),
        ("pools", OPEN),
        ("sweeps", _SWEEPS),
        ("range", _RANGE),
        ("periods", _PERIOD, (len(LevelPeriod),)),
        ("sessions", _SESSION, (len(SMC_SESSIONS),)),
        ("retracement", _RETRACEMENT),
    ]
)

_STORED: Final[dict[Kind, Any]] = {Kind.INTEGER: "i8", Kind.NUMBER: "f8", Kind.CHOICE: "i8"}

SMC_RULES: Final = np.dtype(
    [
        ("frame_ns", "i8"),
        ("session_start", "i8", (len(SMC_SESSIONS),)),  # minutes since midnight
        ("session_end", "i8", (len(SMC_SESSIONS),)),
        ("retracement_shares", "f8", (len(RETRACEMENT_SHARES),)),
        *[(parameter.field, _STORED[parameter.kind]) for parameter in SMC_PARAMETERS],
    ]
)
