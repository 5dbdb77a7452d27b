"""Bad ticks as they come (docs/rules.md, I2 and I3): the rules of `market.history.bad_ticks`.

There whole columns are judged, here one tick after the other, with the same verdicts; a test holds
the two together. One judge sees the ticks of one source, in arrival order. The one difference: a
trade id is remembered for the last `REMEMBERED` trades, not for ever.
"""

from collections import deque
from math import inf, isfinite
from typing import Final

from domain.enums import BadTick
from market.history.bad_ticks import BELIEVED, FACTOR, LATE_NS
from market.venues.sink import Level

REMEMBERED: Final = 65_536


class TickJudge:
    """Of one source. Prices are judged against the last good one, stamps against the largest."""

    def __init__(self) -> None:
        self._largest_ns = -inf
        self._late = 0  # in a row that agree, up to `_newest_ns`
        self._newest_ns = -inf
        self._good: float | None = None
        self._absurd = 0  # in a row that agree with `_first`
        self._first = 0.0
        self._ids: set[int] = set()
        self._order: deque[int] = deque()

    def trade(self, ts_ns: int, traded: Level, trade_id: int) -> BadTick | None:
        """Why a trade is bad; None if it is good. Stamp and id are 0 where there are none."""
        price, size = traded
        if not (isfinite(price) and isfinite(size)):
            return BadTick.NON_FINITE
        if price < 0 or size < 0:
            return BadTick.NEGATIVE
        if price == 0 or size == 0:
            return BadTick.ZERO
        if ts_ns and self._is_late(ts_ns):
            return BadTick.LATE
        if self._is_absurd(price, crossed=False):
            return BadTick.ABSURD
        if trade_id and self._is_repeated(trade_id):
            return BadTick.DUPLICATE
        return None

    def quote(
        self, ts_ns: int, bid: float, ask: float, sizes: tuple[float, float]
    ) -> BadTick | None:
        """Why a quote is bad; CROSSED means that the book is invalid from here on."""
        if not (isfinite(bid) and isfinite(ask)):
            return BadTick.NON_FINITE
        if bid < 0 or ask < 0 or -inf < sizes[0] < 0 or -inf < sizes[1] < 0:
            return BadTick.NEGATIVE
        if bid == 0 or ask == 0:
            return BadTick.ZERO
        if ts_ns and self._is_late(ts_ns):
            return BadTick.LATE
        if self._is_absurd(bid / 2 + ask / 2, crossed=bid > ask):
            return BadTick.ABSURD
        return BadTick.CROSSED if bid > ask else None

    def _is_late(self, ts_ns: int) -> bool:
        if ts_ns >= self._largest_ns - LATE_NS:
            self._late = 0
            self._largest_ns = max(self._largest_ns, ts_ns)
            return False
        if self._late and ts_ns >= self._newest_ns - LATE_NS:
            self._late += 1
            self._newest_ns = max(self._newest_ns, ts_ns)
        else:
            self._late, self._newest_ns = 1, ts_ns
        if self._late == BELIEVED:
            self._late, self._largest_ns = 0, self._newest_ns
        return True

    def _is_absurd(self, level: float, *, crossed: bool) -> bool:
        good = self._good
        # Halving cannot overflow.
        if good is not None and (level / FACTOR > good or level < good / FACTOR):
            if self._absurd and self._first / FACTOR <= level <= self._first * FACTOR:
                self._absurd += 1
            else:
                self._absurd, self._first = 1, level
            if self._absurd == BELIEVED:
                self._absurd, self._good = 0, self._first
            return True
        self._absurd = 0
        if not crossed:
            self._good = level
        return False

    def _is_repeated(self, trade_id: int) -> bool:
        if trade_id in self._ids:
            return True
        self._ids.add(trade_id)
        self._order.append(trade_id)
        if len(self._order) > REMEMBERED:
            self._ids.discard(self._order.popleft())
        return False
