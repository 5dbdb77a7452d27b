"""The detectors for callers in Python: a batch of candles, or one more."""

from typing import Final

import numpy as np

from domain.arrays import Record, Rows
from domain.rows.smc import BAR, EVENT, EVENTS_PER_BAR, SMC_STATE
from strategies.smc.update import fold_bars, fold_smc

_PIECE: Final = 16 * EVENTS_PER_BAR


class Detectors:
    """All detectors of one market and frame. They remember; a fresh object remembers nothing."""

    def __init__(self, rules: Record) -> None:
        self._rules = rules
        self._state = np.zeros(1, SMC_STATE)
        self._out = np.zeros(_PIECE, EVENT)

    def fold(self, bars: Rows) -> Rows:
        """Fold BAR[n], checked, oldest first; EVENT[m] of what became known with them, in order."""
        if bars.dtype != BAR or not bars.flags.c_contiguous:
            raise ValueError(f"bars must be one contiguous array of BAR, not {bars.dtype}")
        state, pieces, folded = self._state[0], [], 0
        while folded < len(bars):
            folded = fold_bars(state, self._rules, bars, folded, self._out)
            pieces.append(self._out[: state["told"]].copy())
        return np.concatenate(pieces) if pieces else np.zeros(0, EVENT)

    def fold_one(self, bar: Record) -> Rows:
        """Fold one checked BAR; what became known with it, until the next call."""
        state = self._state[0]
        state["told"] = 0
        fold_smc(state, self._rules, bar, self._out)
        return self._out[: state["told"]]


def detect(bars: Rows, rules: Record) -> Rows:
    """EVENT[m]: all that became known with BAR[n], from a fresh start."""
    return Detectors(rules).fold(bars)
