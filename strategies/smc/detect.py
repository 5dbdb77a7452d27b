"""The detectors for callers in Python: a batch of candles, or one more."""

from typing import Final

import numpy as np

from domain.arrays import Record, Rows
from domain.rows.smc import BAR, EVENT, EVENTS_PER_BAR, SMC_RULES, SMC_STATE
from strategies.smc.update import fold_bars

_PIECE: Final = 16 * EVENTS_PER_BAR


class Detectors:
    """All detectors of one market and frame. They remember; a fresh object remembers nothing."""

    def __init__(self, rules: Record) -> None:
        self._rules = np.zeros(1, SMC_RULES)
        self._rules[0] = rules
        self._state = np.zeros(1, SMC_STATE)
        self._out = np.zeros(_PIECE, EVENT)

    def fold(self, bars: Rows) -> Rows:
        """Fold BAR[n], checked, oldest first; EVENT[m] of what became known with them, in order.

        One candle or many: what is said, and the order, are the same.
        """
        if bars.dtype != BAR or not bars.flags.c_contiguous:
            raise ValueError(f"bars must be one contiguous array of BAR, not {bars.dtype}")
        pieces, folded = [], 0
        while folded < len(bars):
            folded = fold_bars(self._state, self._rules, bars, folded, self._out)
            pieces.append(self._out[: self._state["told"][0]].copy())
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.zeros(0, EVENT)


def detect(bars: Rows, rules: Record) -> Rows:
    """EVENT[m]: all that became known with BAR[n], from a fresh start."""
    return Detectors(rules).fold(bars)
