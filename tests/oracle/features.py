"""What a market's slot knows of book, trades and price: F1 to F8, F15, F16, F20 and F22."""

import math

from domain.enums import BookSource, PriceSource, Regime, TickKind
from oracle.candles import Candles
from oracle.numbers import NAN, Constants, Settings, half_up, resolve, seconds
from oracle.regime import RegimeWatch
from oracle.ticks import Tick

TRADED, REFERENCE = 0, 2  # slots


def known_size(size: float) -> float:
    """I2: a quote's size that is missing, zero or not finite is unknown."""
    return size if math.isfinite(size) and size > 0 else NAN


class Features:
    """Section 2, for one (market, slot). Prices are in half-ticks unless they are named ticks."""

    def __init__(
        self,
        constants: Constants,
        settings: Settings,
        price_source: PriceSource,
        book_source: BookSource,
        slot: int = TRADED,
    ) -> None:
        self.constants = constants
        self.settings = settings
        self.price_source = price_source
        self.book_source = book_source
        self.slot = slot
        counted = "gates.reference" if slot == REFERENCE else "gates.momentum"
        self.min_move = f"{counted}.min_move"
        self.valid = False
        self.bid_ticks = 0
        self.ask_ticks = 0
        self.bid_size = NAN
        self.ask_size = NAN
        self.book_ns = 0
        self.last = 0
        self.last_size = NAN
        self.last_side = 0
        self.last_ns = 0
        self.price: int | None = None  # of the last price event
        self.price_ns = 0
        self.anchor = 0
        self.anchor_ns = 0
        self.start = 0
        self.start_ns = 0
        self.direction = 0
        self.streak = 0
        self.candles = Candles(RegimeWatch(settings) if slot == TRADED else None)
        self._vwap_sum = 0.0
        self._vwap_weight = 0.0

    def fold(self, tick: Tick) -> bool:
        """Fold a tick of this slot; says whether a 60 s candle closed."""
        self.candles.just_closed = []
        if tick.kind is TickKind.INVALID_BOOK:
            self.valid = False
        elif tick.kind is TickKind.QUOTE:
            self._fold_quote(tick)
        elif tick.kind is TickKind.TRADE:
            self._fold_trade(tick)
        if self.price_source is PriceSource.TRADES and tick.kind is TickKind.TRADE:
            return self._fold_price(self.last, tick.size, tick)
        if self.price_source is PriceSource.MID and tick.kind is TickKind.QUOTE:
            return self._fold_price(self.mid, 0.0, tick)
        return False

    def after_gap(self) -> "Features":
        """I7: empty, but for the numbers of a book that is invalid."""
        clean = Features(
            self.constants, self.settings, self.price_source, self.book_source, self.slot
        )
        clean.bid_ticks, clean.ask_ticks = self.bid_ticks, self.ask_ticks
        return clean

    def sets_book(self, tick: Tick) -> bool:
        """Whether this tick sets a valid book (F1)."""
        assumed = self.book_source is BookSource.ASSUMED
        return tick.kind is TickKind.QUOTE or (assumed and tick.kind is TickKind.TRADE)

    def _fold_quote(self, tick: Tick) -> None:
        """F1."""
        scale = self.constants.ticks_per_price
        self.bid_ticks = math.floor(tick.bid * scale + 1e-6)
        self.ask_ticks = math.ceil(tick.ask * scale - 1e-6)
        self.bid_size = known_size(tick.bid_size)
        self.ask_size = known_size(tick.ask_size)
        self.valid = True
        self.book_ns = tick.event_ns

    def _fold_trade(self, tick: Tick) -> None:
        """F2, and F1 where the book is assumed."""
        self.last = half_up(tick.price * self.constants.ticks_per_price * 2)
        self.last_size = tick.size
        self.last_side = tick.side
        self.last_ns = tick.event_ns
        if self.book_source is not BookSource.ASSUMED:
            return
        self.bid_ticks = max(1, self.last // 2 - self.constants.half_spread)
        self.ask_ticks = -(-self.last // 2) + self.constants.half_spread
        self.bid_size = self.ask_size = NAN
        self.valid = True
        self.book_ns = tick.event_ns

    def _fold_price(self, price: int, volume: float, tick: Tick) -> bool:
        """F3."""
        self._fold_momentum(price, tick.event_ns)
        self.price, self.price_ns = price, tick.event_ns
        minute_closed = self.candles.add(price, volume, tick)
        weight = volume if self.price_source is PriceSource.TRADES else 1.0
        self._vwap_sum += price * weight
        self._vwap_weight += weight
        return minute_closed

    def _fold_momentum(self, price: int, event_ns: int) -> None:
        """F4; with the reference's own distance F20."""
        if self.price is None:
            self.anchor = self.start = price
            self.anchor_ns = self.start_ns = event_ns
            return
        move = price - self.anchor
        need = self.distance(self.min_move, price)
        if math.isnan(need) or abs(move) < max(need, 1.0):
            return
        direction = 1 if move > 0 else -1
        if direction == self.direction:
            self.streak += 1
        else:
            self.direction, self.streak = direction, 1
            self.start, self.start_ns = self.anchor, self.anchor_ns
        self.anchor, self.anchor_ns = price, event_ns

    def distance(self, path: str, price: float) -> float:
        """C7: a playbook's distance in half-ticks."""
        return resolve(self.settings.reach(path), price, self.candles.atr14)

    def restart_vwap(self) -> None:
        self._vwap_sum = self._vwap_weight = 0.0

    @property
    def vwap(self) -> float:
        """F15."""
        return NAN if self._vwap_weight == 0 else self._vwap_sum / self._vwap_weight

    @property
    def mid(self) -> int:
        """Half-ticks; of the last numbers while the book is invalid, 0 before any."""
        return self.bid_ticks + self.ask_ticks

    @property
    def known_price(self) -> float:
        """The price of F3, NaN before any."""
        return NAN if self.price is None else self.price

    def velocity(self, side: int, now: int) -> float:
        """F5."""
        if self.direction == 0 or self.price is None or self.start == 0:
            return NAN
        duration = max(seconds(now - self.start_ns), 1.0)
        return side * (self.price - self.start) / self.start * 1e4 / duration

    @property
    def spread(self) -> float:
        """F6, in ticks."""
        return self.ask_ticks - self.bid_ticks if self.valid else NAN

    @property
    def spread_bps(self) -> float:
        """F6."""
        if not self.valid or self.mid == 0:
            return NAN
        return 1e4 * 2 * (self.ask_ticks - self.bid_ticks) / self.mid

    @property
    def imbalance(self) -> float:
        """F7."""
        if not self.valid or math.isnan(self.bid_size) or math.isnan(self.ask_size):
            return NAN
        return (self.bid_size - self.ask_size) / (self.bid_size + self.ask_size)

    @property
    def micro_price(self) -> float:
        """F8."""
        if math.isnan(self.imbalance):
            return NAN
        weighted = self.bid_ticks * self.ask_size + self.ask_ticks * self.bid_size
        return weighted / (self.bid_size + self.ask_size)

    def age(self, now: int) -> float:
        """F16."""
        if not self.valid:
            return NAN
        quoted = self.book_source is BookSource.QUOTES
        return seconds(now - (self.book_ns if quoted else self.last_ns))

    def fresh(self, now: int) -> bool:
        """F20."""
        if self.price is None:
            return False
        return seconds(now - self.price_ns) <= self.settings.number("gates.reference.max_age_s")

    def move_bps(self, window: int) -> float:
        """F21."""
        return self.candles.move_bps(window, self.known_price)

    @property
    def regime(self) -> Regime:
        """F22."""
        return Regime.UNKNOWN if self.candles.regime is None else self.candles.regime.regime
