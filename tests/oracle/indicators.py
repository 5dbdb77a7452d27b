"""What is computed from the closed candles of a frame: F10 to F12 and F17 to F19."""

import math

from oracle.candle import Candle
from oracle.numbers import NAN


def true_range(before: Candle, candle: Candle) -> float:
    """F11."""
    return max(
        candle.high - candle.low,
        abs(candle.high - before.close),
        abs(candle.low - before.close),
    )


class Ema:
    """F10."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.value = NAN
        self._first: list[float] = []

    def add(self, close: float) -> None:
        if len(self._first) == self.length:
            self.value = self.value + 2 / (self.length + 1) * (close - self.value)
            return
        self._first.append(close)
        if len(self._first) == self.length:
            total = 0.0
            for each in self._first:
                total += each
            self.value = total / self.length


class SlowMean:
    """F11's way to average: the mean of the first n, then a step of 1 / n towards each."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.value = NAN
        self._first: list[float] = []

    def add(self, x: float) -> None:
        if len(self._first) == self.length:
            self.value = (self.value * (self.length - 1) + x) / self.length
            return
        self._first.append(x)
        if len(self._first) == self.length:
            total = 0.0
            for each in self._first:
                total += each
            self.value = total / self.length


class Atr:
    """F11; F19 asks for another length."""

    def __init__(self, length: int = 14) -> None:
        self._mean = SlowMean(length)

    def add(self, before: Candle, candle: Candle) -> None:
        self._mean.add(true_range(before, candle))

    @property
    def value(self) -> float:
        return self._mean.value


class Variance:
    """F12."""

    def __init__(self) -> None:
        self._variance = NAN
        self._seen = 0

    def add(self, before: Candle, candle: Candle) -> None:
        if before.close == 0:
            return
        change = candle.close / before.close - 1
        # A bucket may come again only after a session's close; then one second is meant.
        x = change * change / max(1, candle.bucket - before.bucket)
        self._seen += 1
        if self._seen == 1:
            self._variance = x
        else:
            self._variance = self._variance + 2 / 61 * (x - self._variance)

    @property
    def volatility_bps(self) -> float:
        return NAN if self._seen < 10 else 1e4 * math.sqrt(self._variance)


class Rsi:
    """F17."""

    def __init__(self) -> None:
        self._gain = SlowMean(14)
        self._loss = SlowMean(14)

    def add(self, before: Candle, candle: Candle) -> None:
        change = candle.close - before.close
        self._gain.add(max(change, 0.0))
        self._loss.add(max(-change, 0.0))

    @property
    def value(self) -> float:
        gain, loss = self._gain.value, self._loss.value
        if math.isnan(loss):
            return NAN
        if loss == 0:
            return 50.0 if gain == 0 else 100.0
        return 100 - 100 / (1 + gain / loss)


class SlowSum:
    """F18: the sum of the first 14, then `s - s / 14 + x`."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._seen = 0

    def add(self, x: float) -> None:
        self._seen += 1
        self._sum = self._sum + x if self._seen <= 14 else self._sum - self._sum / 14 + x

    @property
    def value(self) -> float:
        return NAN if self._seen < 14 else self._sum


class Adx:
    """F18; `value` is the ADX."""

    def __init__(self) -> None:
        self._range = SlowSum()
        self._plus = SlowSum()
        self._minus = SlowSum()
        self._mean = SlowMean(14)

    def add(self, before: Candle, candle: Candle) -> None:
        up = candle.high - before.high
        down = before.low - candle.low
        self._range.add(true_range(before, candle))
        self._plus.add(up if up > down and up > 0 else 0.0)
        self._minus.add(down if down > up and down > 0 else 0.0)
        if not math.isnan(self.plus_di):
            self._mean.add(self.dx)

    def _share(self, part: float) -> float:
        whole = self._range.value
        return 0.0 if whole == 0 else 100 * part / whole

    @property
    def plus_di(self) -> float:
        return self._share(self._plus.value)

    @property
    def minus_di(self) -> float:
        return self._share(self._minus.value)

    @property
    def dx(self) -> float:
        both = self.plus_di + self.minus_di
        return 0.0 if both == 0 else 100 * abs(self.plus_di - self.minus_di) / both

    @property
    def value(self) -> float:
        return self._mean.value


class Supertrend:
    """F19; `value` is +1 or -1."""

    def __init__(self) -> None:
        self._atr = Atr(10)
        self.upper = NAN
        self.lower = NAN
        self.value = NAN

    def add(self, before: Candle, candle: Candle) -> None:
        self._atr.add(before, candle)
        atr = self._atr.value
        if math.isnan(atr):
            return
        mid = (candle.high + candle.low) / 2
        up, low = mid + 3 * atr, mid - 3 * atr
        if math.isnan(self.value):
            self.upper, self.lower = up, low
            self.value = 1.0 if candle.close >= mid else -1.0
            return
        if up < self.upper or before.close > self.upper:
            self.upper = up
        if low > self.lower or before.close < self.lower:
            self.lower = low
        line = self.lower if self.value > 0 else self.upper
        self.value = -1.0 if candle.close <= line else 1.0
