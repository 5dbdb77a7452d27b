"""How the market moves at present: F22."""

from collections.abc import Sequence
from itertools import pairwise

from domain.enums import Regime
from oracle.candle import Candle
from oracle.numbers import Settings

_WINDOW = 60


class RegimeWatch:
    """Looks at each closed 1 s candle of the traded instrument."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.regime = Regime.UNKNOWN
        self._rival = Regime.UNKNOWN
        self._in_a_row = 0

    def look(self, kept: Sequence[Candle], first_bucket: int) -> None:
        """`kept` are the closed candles, oldest first; the last of them closed now."""
        newest = kept[-1]
        if first_bucket > newest.bucket - _WINDOW or newest.close == 0:
            return
        candidate = self._candidate([c for c in kept if c.bucket >= newest.bucket - _WINDOW])
        if self.regime is Regime.UNKNOWN:
            self.regime = candidate
        if candidate is self.regime:
            self._rival, self._in_a_row = Regime.UNKNOWN, 0
            return
        self._in_a_row = self._in_a_row + 1 if candidate is self._rival else 1
        self._rival = candidate
        if self._in_a_row >= self.settings.whole("regime.confirm"):
            self.regime = candidate
            self._rival, self._in_a_row = Regime.UNKNOWN, 0

    def _candidate(self, candles: Sequence[Candle]) -> Regime:
        settings = self.settings
        height = max(c.high for c in candles) - min(c.low for c in candles)
        range_bps = 1e4 * height / candles[-1].close
        if range_bps < settings.number("regime.quiet_bps"):
            return Regime.QUIET
        if directionality(candles) >= settings.number("regime.trend_directionality"):
            return Regime.TRENDING
        if range_bps >= settings.number("regime.volatile_bps"):
            return Regime.VOLATILE
        return Regime.RANGING


def directionality(candles: Sequence[Candle]) -> float:
    ups = sum(1 for before, candle in pairwise(candles) if candle.close > before.close)
    downs = sum(1 for before, candle in pairwise(candles) if candle.close < before.close)
    return 0.0 if ups + downs == 0 else abs(ups - downs) / (ups + downs)
