"""The same ticks and rule through `nautilus_trader`, by its public interface.

Its strategies are Python objects that get a call for each trade and quote. Ticks become its objects
in batches, and only `run` is timed: memory stays flat, however many ticks are played.
"""

import time
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import LoggingConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import QuoteTick, TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, OmsType, OrderSide, TimeInForce
from nautilus_trader.model.events import (
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    PositionChanged,
    PositionClosed,
    PositionOpened,
)
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from bench.peers_common import (
    REPEATS,
    BenchTicks,
    PeerRun,
    answer,
    bench_ticks,
    groups,
    is_trade,
    limit_offset,
    may_enter,
    must_leave,
    next_streak,
)
from domain.arrays import Rows
from domain.instruments import Instrument

_BATCH: Final = 12  # repetitions of the file, about a million ticks
_VENUE: Final = Venue("BINANCE")
_ID: Final = InstrumentId(Symbol("BTCUSDT-PERP"), _VENUE)


class Momentum(Strategy):
    """The rule of the comparison."""

    def __init__(self, instrument: CryptoPerpetual, qty: float) -> None:
        super().__init__()
        self.traded = instrument
        self.tick = float(instrument.price_increment)
        self.quantity = self.held = instrument.make_qty(qty)
        self.price = self.bid = self.ask = self.entry = self.best = 0.0
        self.streak = self.side = self.entry_ns = self.exit_ns = self.round_trips = 0
        self.pending = False

    def on_start(self) -> None:
        """Ask for both kinds of ticks."""
        self.subscribe_trade_ticks(self.traded.id)
        self.subscribe_quote_ticks(self.traded.id)

    def on_trade_tick(self, tick: TradeTick) -> None:
        """Count moves, then decide."""
        price = tick.price.as_double()
        if self.price > 0.0:
            self.streak = next_streak(self.streak, price - self.price)
        self.price = price
        self._decide(tick.ts_init)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        """Keep the touch, then decide."""
        self.bid, self.ask = tick.bid_price.as_double(), tick.ask_price.as_double()
        self._decide(tick.ts_init)

    def on_position_opened(self, event: PositionOpened) -> None:
        """Keep what the exits are measured from."""
        self.side = 1 if event.entry == OrderSide.BUY else -1
        self.held = event.quantity
        self.entry = self.best = event.avg_px_open
        self.entry_ns = event.ts_event

    def on_position_changed(self, event: PositionChanged) -> None:
        """Keep what an exit sells or buys back: the touch may hold less than was ordered."""
        self.held = event.quantity

    def on_position_closed(self, event: PositionClosed) -> None:
        """Start the cool-down."""
        self.side = 0
        self.exit_ns = event.ts_event
        self.round_trips += 1

    def on_order_filled(self, event: OrderFilled) -> None:
        """Go on deciding once all of it is filled."""
        self.pending = not self.cache.order(event.client_order_id).is_closed

    def on_order_canceled(self, event: OrderCanceled) -> None:  # noqa: ARG002  whichever it was
        """The touch had moved beyond the limit, or held less."""
        self.pending = False

    def on_order_rejected(self, event: OrderRejected) -> None:
        """Nothing here may be rejected."""
        raise RuntimeError(f"the venue rejected an order: {event.reason}")

    def _decide(self, now_ns: int) -> None:
        if self.pending or self.price == 0.0 or self.bid == 0.0:
            return
        if self.side == 0:
            if self.streak != 0 and may_enter(now_ns, self.exit_ns):
                self._enter()
            return
        out = self.bid if self.side > 0 else self.ask
        self.best = max(self.best, out) if self.side > 0 else min(self.best, out)
        held_ns = now_ns - self.entry_ns
        if must_leave(self.side, self.entry, self.best, out, held_ns, self.streak):
            self._leave()

    def _enter(self) -> None:
        side, touch = (OrderSide.BUY, self.ask) if self.streak > 0 else (OrderSide.SELL, self.bid)
        offset = limit_offset(touch, self.tick)
        price = self.traded.make_price(touch + offset if self.streak > 0 else touch - offset)
        self.pending = True
        self.submit_order(
            self.order_factory.limit(
                self.traded.id, side, self.quantity, price, time_in_force=TimeInForce.IOC
            )
        )

    def _leave(self) -> None:
        side = OrderSide.SELL if self.side > 0 else OrderSide.BUY
        self.pending = True
        self.submit_order(
            self.order_factory.market(self.traded.id, side, self.held, reduce_only=True)
        )


def measure(path: Path, least: int) -> PeerRun:
    """Time the engine over at least `least` ticks."""
    ticks = bench_ticks(path, least)
    runs = [_run(ticks) for _ in range(REPEATS)]
    assert len({run[1:] for run in runs}) == 1
    _, trips, orders = runs[0]
    return PeerRun(
        version=version("nautilus_trader"),
        ticks=ticks.total,
        round_trips=trips,
        seconds=tuple(run[0] for run in runs),
        facts=f"{orders:,} orders; logging bypassed, no analysis after the run",
    )


def _run(ticks: BenchTicks) -> tuple[float, int, int]:
    """Seconds, round trips and orders of one run of a new engine."""
    instrument = _perpetual(ticks.instrument)
    engine = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    )
    engine.add_venue(
        venue=_VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        starting_balances=[Money(1_000_000, USDT)],
        latency_model=LatencyModel(base_latency_nanos=ticks.latency_ns),
        trade_execution=False,  # quotes alone are the book, as in the other engines
    )
    engine.add_instrument(instrument)
    strategy = Momentum(instrument, ticks.qty)
    engine.add_strategy(strategy)
    seconds = 0.0
    for shifts_ns in groups(ticks.shifts_ns, _BATCH):
        for kind in (_trades, _quotes):
            data = [each for shift_ns in shifts_ns for each in kind(ticks, shift_ns)]
            engine.add_data(data, sort=kind is _quotes)
        started = time.perf_counter()
        engine.run(streaming=True)
        seconds += time.perf_counter() - started
        engine.clear_data()
    engine.end()
    orders = engine.cache.orders_total_count()
    engine.dispose()
    return seconds, strategy.round_trips, orders


def _perpetual(known: Instrument) -> CryptoPerpetual:
    return CryptoPerpetual(
        instrument_id=_ID,
        raw_symbol=Symbol(known.symbol),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=_decimals(known.tick),
        size_precision=_decimals(known.lot),
        price_increment=Price(float(known.tick), _decimals(known.tick)),
        size_increment=Quantity(float(known.lot), _decimals(known.lot)),
        ts_event=0,
        ts_init=0,
        margin_init=Decimal("0.05"),
        margin_maint=Decimal("0.025"),
        maker_fee=known.fees.maker,
        taker_fee=known.fees.taker,
    )


def _decimals(step: Decimal) -> int:
    exponent = step.as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def _trades(ticks: BenchTicks, shift_ns: int) -> list[TradeTick]:
    """Trades of one repetition."""
    rows = ticks.once[is_trade(ticks.once)]
    made: list[TradeTick] = TradeTick.from_raw_arrays_to_list(
        _ID,
        _decimals(ticks.instrument.tick),
        _decimals(ticks.instrument.lot),
        rows["price"].copy(),
        rows["size"].copy(),
        np.where(rows["side"] >= 0, AggressorSide.BUYER, AggressorSide.SELLER).astype(np.uint8),
        [str(number) for number in range(len(rows))],
        *_stamps(rows, shift_ns),
    )
    return made


def _quotes(ticks: BenchTicks, shift_ns: int) -> list[QuoteTick]:
    """Quotes of one repetition."""
    rows = ticks.once[~is_trade(ticks.once)]
    made: list[QuoteTick] = QuoteTick.from_raw_arrays_to_list(
        _ID,
        _decimals(ticks.instrument.tick),
        _decimals(ticks.instrument.lot),
        *(rows[name].copy() for name in ("bid", "ask", "bid_size", "ask_size")),
        *_stamps(rows, shift_ns),
    )
    return made


def _stamps(rows: Rows, shift_ns: int) -> list[npt.NDArray[np.uint64]]:
    return [(rows[name] + shift_ns).astype(np.uint64) for name in ("ts_ns", "event_ns")]


if __name__ == "__main__":
    answer(measure)
