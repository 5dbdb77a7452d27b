"""Candles of all frames and what is read from them: F9, F13, F14 and F21."""

import math

from domain.frames import FRAME_SECONDS, FRAMES, MINUTE_FRAME
from oracle.candle import Candle
from oracle.indicators import Adx, Atr, Ema, Rsi, Supertrend, Variance
from oracle.numbers import NAN
from oracle.regime import RegimeWatch
from oracle.ticks import Tick

_KEPT = 64


class Frame:
    """One frame: its folded part of the forming candle, and every candle it closed."""

    def __init__(self) -> None:
        self.forming: Candle | None = None
        self.closed: list[Candle] = []
        self.ema9 = Ema(9)
        self.ema21 = Ema(21)
        self.atr = Atr()
        self.rsi = Rsi()
        self.adx = Adx()
        self.supertrend = Supertrend()

    def close(self) -> Candle:
        candle = self.forming
        assert candle is not None
        self.forming = None
        if self.closed:
            for indicator in (self.atr, self.rsi, self.adx, self.supertrend):
                indicator.add(self.closed[-1], candle)
        self.closed.append(candle)
        self.ema9.add(candle.close)
        self.ema21.add(candle.close)
        return candle


class Candles:
    """F9: all frames of one market's slot."""

    def __init__(self, regime: RegimeWatch | None = None) -> None:
        self.regime = regime
        self.frames = [Frame() for _ in FRAME_SECONDS]
        self.variance = Variance()
        self.just_closed: list[tuple[int, Candle]] = []  # by this tick: frame and candle
        self._first_bucket: int | None = None

    def add(self, price: int, volume: float, tick: Tick) -> bool:
        """Fold a price event; says whether a 60 s candle closed."""
        stamp = min(tick.ts_ns, tick.event_ns + 5_000_000_000)
        bucket = stamp // 1_000_000_000
        if self._first_bucket is None:
            self._first_bucket = bucket
        second = self.frames[0]
        minute_closed = False
        if second.forming is not None and bucket > second.forming.bucket:
            minute_closed = self._close_up_to(bucket)
        point = float(price)
        if second.forming is None and second.closed:
            bucket = max(bucket, second.closed[-1].bucket)
        event = Candle(
            bucket=bucket,
            open=point,
            high=point,
            low=point,
            close=point,
            volume=volume,
            buy=volume if tick.side > 0 else 0.0,
            sell=volume if tick.side < 0 else 0.0,
            count=1,
        )
        if second.forming is None:
            second.forming = event
        else:
            second.forming.absorb(event)
        return minute_closed

    def close_session(self) -> bool:
        """F9, last sentence; says whether a 60 s candle closed."""
        self.just_closed = []
        minute_closed = False
        for index in range(FRAMES):
            if self.frames[index].forming is None:
                continue
            self._close(index)
            minute_closed |= index == MINUTE_FRAME
        return minute_closed

    def _close_up_to(self, bucket: int) -> bool:
        self._close(0)
        for index in range(1, FRAMES):
            forming = self.frames[index].forming
            assert forming is not None
            if bucket // FRAME_SECONDS[index] <= forming.bucket:
                return index > MINUTE_FRAME
            self._close(index)
        return True

    def _close(self, index: int) -> None:
        """Close one frame's forming candle and fold it into the next longer frame."""
        frame = self.frames[index]
        candle = frame.close()
        self.just_closed.append((index, candle))
        if index == 0 and len(frame.closed) > 1:
            self.variance.add(frame.closed[-2], candle)
        if index == 0 and self.regime is not None:
            assert self._first_bucket is not None
            self.regime.look(frame.closed[-_KEPT:], self._first_bucket)
        if index + 1 == FRAMES:
            return
        longer = self.frames[index + 1]
        if longer.forming is None:
            start = candle.bucket * FRAME_SECONDS[index]
            bucket = start // FRAME_SECONDS[index + 1]
            longer.forming = Candle(
                bucket,
                candle.open,
                candle.high,
                candle.low,
                candle.close,
                candle.volume,
                candle.buy,
                candle.sell,
                candle.count,
            )
        else:
            longer.forming.absorb(candle)

    def atr14(self, frame: int) -> float:
        return self.frames[frame].atr.value

    def last_seconds(self, window: int) -> list[Candle]:
        """The forming 1 s candle and the closed ones of bucket >= B - window, newest first."""
        forming = self.frames[0].forming
        if forming is None:
            return []
        kept = self.frames[0].closed[-_KEPT:]
        return [forming, *(c for c in reversed(kept) if c.bucket >= forming.bucket - window)]

    def price_range(self, window: int) -> float:
        """F13, in half-ticks."""
        candles = self.last_seconds(window)
        if not candles or self._first_bucket is None:
            return NAN
        if self._first_bucket > candles[0].bucket - window:
            return NAN
        return max(c.high for c in candles) - min(c.low for c in candles)

    def trade_flow(self) -> float:
        """F14."""
        candles = self.last_seconds(10)
        buy = sell = 0.0
        for candle in candles:  # not sum(), which some versions of Python compensate (C1)
            buy += candle.buy
            sell += candle.sell
        return NAN if buy + sell == 0 else (buy - sell) / (buy + sell)

    def move_bps(self, window: int, price: float) -> float:
        """F21."""
        before = self.close_before(window)
        return NAN if math.isnan(before) or before == 0 else 1e4 * (price / before - 1)

    def close_before(self, window: int) -> float:
        """The c of F21; NaN if there is none."""
        forming = self.frames[0].forming
        if forming is None:
            return NAN
        kept = self.frames[0].closed[-_KEPT:]
        before = [c for c in kept if c.bucket <= forming.bucket - window]
        return before[-1].close if before else NAN
