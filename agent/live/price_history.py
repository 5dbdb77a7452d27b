"""The last minutes of a market's mids, for a line that is drawn of them."""

from collections import deque
from math import nan
from typing import Final

from domain.arrays import Rows
from domain.enums import TickKind
from domain.units import SECOND_NS

KEPT: Final = 240


class PriceHistory:
    """Of the instruments in a ring: the last mid of each bucket, up to 240 buckets."""

    def __init__(self, instruments: int, bucket_ns: int = SECOND_NS) -> None:
        self.bucket_ns = bucket_ns
        self._mids = [nan] * instruments
        self._kept: list[deque[float]] = [deque(maxlen=KEPT) for _ in range(instruments)]
        self._bucket = 0

    def see(self, rows: Rows) -> None:
        """Ticks as they go into the ring: the last quote of each instrument counts."""
        quotes = rows[rows["kind"] == TickKind.QUOTE]
        mids = (quotes["bid"] + quotes["ask"]) / 2.0
        for instrument, mid in zip(quotes["market"].tolist(), mids.tolist(), strict=True):
            self._mids[instrument] = mid

    def turn(self, now_ns: int) -> None:
        """Let time pass: buckets that have ended keep their last mid."""
        bucket = now_ns // self.bucket_ns
        ended = min(bucket - self._bucket, KEPT) if self._bucket else 1
        self._bucket = max(bucket, self._bucket)
        for kept, mid in zip(self._kept, self._mids, strict=True):
            if mid == mid:  # noqa: PLR0124 false for nan alone: nothing was quoted yet
                kept.extend([mid] * ended)

    def of(self, instrument: int) -> tuple[float, ...]:
        """Mids, oldest first; the last is of now."""
        if instrument >= len(self._mids):
            return ()
        mid, kept = self._mids[instrument], self._kept[instrument]
        return (*kept, mid) if mid == mid else tuple(kept)  # noqa: PLR0124 as above

    def bucket_of(self, instrument: int, when_ns: int) -> int | None:
        """Place of a moment in `of`; None where it is no longer shown."""
        if instrument >= len(self._mids):
            return None
        place = len(self._kept[instrument]) + when_ns // self.bucket_ns - self._bucket
        return place if place >= 0 else None
