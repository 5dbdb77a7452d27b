"""Rules I2 and I3 read once more, tick by tick, to hold the vectorised ones against."""

import math

from domain.arrays import Record, Rows
from domain.enums import BadTick, TickKind
from domain.units import SECOND_NS


class Judge:
    """Judges the ticks of one source in arrival order."""

    def __init__(self) -> None:
        self.largest = 0
        self.good = 0.0
        self.run: list[float] = []
        self.late: list[int] = []
        self.seen: set[int] = set()

    def verdict(self, tick: Record) -> int:
        """Number of the first test that fails, 0 for a good tick."""
        is_trade = tick["kind"] == TickKind.TRADE
        names = ("price", "size") if is_trade else ("bid", "ask")
        first, second = (float(tick[name]) for name in names)
        sizes = [] if is_trade else [float(tick["bid_size"]), float(tick["ask_size"])]
        if not (math.isfinite(first) and math.isfinite(second)):
            return BadTick.NON_FINITE
        if min(first, second, *(size for size in sizes if math.isfinite(size))) < 0:
            return BadTick.NEGATIVE
        if 0 in {first, second}:
            return BadTick.ZERO
        if not tick["flags"] and self._is_late(int(tick["ts_ns"])):
            return BadTick.LATE
        level = first if is_trade else (first + second) / 2
        crossed = not is_trade and first > second
        if self._is_absurd(level):
            return BadTick.ABSURD
        return BadTick.CROSSED if crossed else self._believe(level, int(tick["trade_id"]), is_trade)

    def _is_late(self, stamp: int) -> bool:
        if self.largest - stamp <= SECOND_NS:
            self.largest, self.late = max(self.largest, stamp), []
            return False
        if any(earlier - stamp > SECOND_NS for earlier in self.late):
            self.late = []
        self.late.append(stamp)
        if len(self.late) == 20:
            self.largest, self.late = max(self.late), []
        return True

    def _is_absurd(self, level: float) -> bool:
        if not self.good or self.good / 2 <= level <= self.good * 2:
            self.run = []
            return False
        if not (self.run and self.run[0] / 2 <= level <= self.run[0] * 2):
            self.run = []
        self.run.append(level)
        if len(self.run) == 20:
            self.good, self.run = self.run[0], []
        return True

    def _believe(self, level: float, trade_id: int, is_trade: bool) -> int:
        self.good = level
        if is_trade and trade_id:
            if trade_id in self.seen:
                return BadTick.DUPLICATE
            self.seen.add(trade_id)
        return 0


def verdicts(ticks: Rows) -> list[int]:
    """The verdict on each tick."""
    judge = Judge()
    return [int(judge.verdict(tick)) for tick in ticks]
