"""One candle (F9)."""

from dataclasses import dataclass


@dataclass
class Candle:
    """Prices in half-ticks; `bucket` counts the frame's own length."""

    bucket: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    buy: float
    sell: float
    count: int

    def absorb(self, later: "Candle") -> None:
        """F9: high and low by extremes, close by the later, volumes and counts add."""
        self.high = max(self.high, later.high)
        self.low = min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.buy += later.buy
        self.sell += later.sell
        self.count += later.count
