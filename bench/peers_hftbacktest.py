"""The same ticks and rule through `hftbacktest`, by its public interface.

Its loop is compiled too. A quote becomes what its depth feed has: the changed sides, each a new
level and, where the price moved, the end of the old one. Converting is not timed.
"""

import time
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from hftbacktest import (
    BUY_EVENT,
    DEPTH_EVENT,
    EXCH_EVENT,
    GTC,
    LIMIT,
    LOCAL_EVENT,
    MARKET,
    SELL_EVENT,
    TRADE_EVENT,
    BacktestAsset,
    ROIVectorMarketDepthBacktest,
)
from hftbacktest.binding import ROIVectorMarketDepthBacktest as Engine
from hftbacktest.data import validate_event_order
from hftbacktest.order import IOC
from hftbacktest.types import event_dtype

from bench import peers_common
from bench.peers_common import (
    REPEATS,
    BenchTicks,
    PeerRun,
    answer,
    bench_ticks,
    is_trade,
)
from domain.arrays import Floats, Rows
from domain.jit import kernel

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_DEPTH: Final = DEPTH_EVENT | EXCH_EVENT | LOCAL_EVENT
_TRADE: Final = TRADE_EVENT | EXCH_EVENT | LOCAL_EVENT
_END: Final = 1  # what `wait_next_feed` returns at the end of the data,
_FEED: Final = 2  # when market data came
_RESPONSE: Final = 3  # and when an order was answered
_EVER_NS: Final = 10**18  # a time-out that never comes: added to a stamp it must fit 64 bits
_ROOM_TICKS: Final = 20  # beside the recorded prices
_EVENTS_A_TICK: Final = 4

_next_streak = kernel(peers_common.next_streak)
_may_enter = kernel(peers_common.may_enter)
_limit_offset = kernel(peers_common.limit_offset)
_must_leave = kernel(peers_common.must_leave)


@kernel
def _last_streak(trades: Rows, price: float, streak: int) -> tuple[float, int]:
    """Price and streak after the trades that came together."""
    for i in range(len(trades)):
        moved = trades[i]["px"] - price
        if price > 0.0:
            streak = _next_streak(streak, moved)
        price = trades[i]["px"]
    return price, streak


@kernel
def _enter(engine: Engine, number: int, streak: int, tick: float, qty: float) -> None:
    """Send an IOC limit beyond the touch, in the direction of the streak."""
    depth = engine.depth(0)
    if streak > 0:
        worst = depth.best_ask + _limit_offset(depth.best_ask, tick)
        engine.submit_buy_order(0, number, worst, qty, IOC, LIMIT, False)
    else:
        worst = depth.best_bid - _limit_offset(depth.best_bid, tick)
        engine.submit_sell_order(0, number, worst, qty, IOC, LIMIT, False)


@kernel
def _leave(engine: Engine, number: int, side: int, price: float, qty: float) -> None:
    """Close the position at market; `price` says nothing there."""
    if side > 0:
        engine.submit_sell_order(0, number, price, qty, GTC, MARKET, False)
    else:
        engine.submit_buy_order(0, number, price, qty, GTC, MARKET, False)


@kernel
def _trade_through(engine: Engine, tick: float, qty: float) -> tuple[int, int, int]:
    """Play all the data; returns how often it woke, how many orders it sent and why it ended."""
    wakes, orders, streak, pending = 0, 0, 0, False
    price, entry, best, entry_ns, exit_ns, was = 0.0, 0.0, 0.0, 0, 0, 0
    while True:
        woken_by = engine.wait_next_feed(True, _EVER_NS)
        if woken_by not in (_FEED, _RESPONSE):
            return wakes, orders, woken_by
        wakes += 1
        now_ns = engine.current_timestamp
        depth = engine.depth(0)
        side = int(np.sign(engine.position(0)))
        if woken_by == _RESPONSE:
            engine.clear_inactive_orders(0)
            pending = False
            if was == 0 and side != 0:
                entry_ns = now_ns
                entry = best = depth.best_ask if side > 0 else depth.best_bid
            elif was != 0 and side == 0:
                exit_ns = now_ns
            was = side
        trades = engine.last_trades(0)
        if len(trades) > 0:
            price, streak = _last_streak(trades, price, streak)
            engine.clear_last_trades(0)
        if pending or price == 0.0:
            continue
        if side == 0:
            if streak != 0 and _may_enter(now_ns, exit_ns):
                orders += 1
                pending = True
                _enter(engine, orders, streak, tick, qty)
            continue
        out = depth.best_bid if side > 0 else depth.best_ask
        best = max(best, out) if side > 0 else min(best, out)
        if _must_leave(side, entry, best, out, now_ns - entry_ns, streak):
            orders += 1
            pending = True
            _leave(engine, orders, side, out, qty)


def measure(path: Path, least: int) -> PeerRun:
    """Time the loop over at least `least` ticks."""
    ticks = bench_ticks(path, least)
    once = _events(ticks)
    validate_event_order(once)
    _run(ticks, once)  # compiles
    events = _repeated(ticks, once)
    runs = [_run(ticks, events) for _ in range(REPEATS)]
    assert len({run[1:] for run in runs}) == 1
    _, trips, wakes, orders = runs[0]
    return PeerRun(
        version=version("hftbacktest"),
        ticks=ticks.total,
        round_trips=trips,
        seconds=tuple(run[0] for run in runs),
        facts=f"{len(events):,} events, {wakes:,} wake-ups, {orders:,} orders",
    )


def _run(ticks: BenchTicks, events: Rows) -> tuple[float, int, int, int]:
    """Seconds, round trips, wake-ups and orders of one run of a new engine."""
    tick = float(ticks.instrument.tick)
    bids, asks = ticks.once["bid"], ticks.once["ask"]
    asset = (
        BacktestAsset()
        .data(events)
        .linear_asset(float(ticks.instrument.multiplier))
        .constant_order_latency(ticks.latency_ns, 0)
        .risk_adverse_queue_model()
        .no_partial_fill_exchange()
        .trading_value_fee_model(
            float(ticks.instrument.fees.maker), float(ticks.instrument.fees.taker)
        )
        .tick_size(tick)
        .lot_size(float(ticks.instrument.lot))
        .roi_lb(float(np.nanmin(bids)) - _ROOM_TICKS * tick)
        .roi_ub(float(np.nanmax(asks)) + _ROOM_TICKS * tick)
        .last_trades_capacity(256)
    )
    engine = ROIVectorMarketDepthBacktest([asset])
    started = time.perf_counter()
    wakes, orders, ended = _trade_through(engine, tick, ticks.qty)
    seconds = time.perf_counter() - started
    assert ended == _END, f"wait_next_feed returned {ended}"
    trips = int(engine.state_values(0).num_trades) // 2
    engine.close()
    return seconds, trips, wakes, orders


def _repeated(ticks: BenchTicks, once: Rows) -> Rows:
    """All repetitions in one array."""
    events = np.tile(once, len(ticks.shifts_ns))
    shifts_ns = np.repeat(np.array(ticks.shifts_ns), len(once))
    for name in ("exch_ts", "local_ts"):
        events[name] += shifts_ns
    return events


def _events(ticks: BenchTicks) -> Rows:
    """One repetition as events, one to four a tick."""
    rows, trades = ticks.once, is_trade(ticks.once)
    events = np.zeros((len(rows), _EVENTS_A_TICK), event_dtype)
    # The recorder's clock ran 1.2 s behind the exchange's: like our own core, no delay of the feed.
    events["exch_ts"] = events["local_ts"] = rows["event_ns"][:, None]
    buys = rows["side"][trades] >= 0
    events["ev"][trades, 0] = np.where(buys, _TRADE | BUY_EVENT, _TRADE | SELL_EVENT)
    events["px"][trades, 0] = rows["price"][trades]
    events["qty"][trades, 0] = rows["size"][trades]
    events[~trades] = _depth(rows[~trades], events[~trades])
    used: Rows = events[events["ev"] != 0]
    return used


def _depth(quotes: Rows, events: Rows) -> Rows:
    """Changed sides of each quote: a new size, or a new level and then the end of the old one.

    The side that makes room moves first, so that the book never crosses.
    """
    ask_first = quotes["ask"] > np.roll(quotes["ask"], 1)
    for name, flag, late in (("bid", BUY_EVENT, ask_first), ("ask", SELL_EVENT, ~ask_first)):
        price, size = quotes[name], quotes[f"{name}_size"]
        before = np.roll(price, 1)  # the first quote follows the last one of the repetition before
        moved = price != before
        changed = moved | (size != np.roll(size, 1))
        at = np.where(late, 2, 0)
        _put(events, at, changed, flag, (price, size))
        _put(events, at + 1, moved, flag, (before, np.zeros(len(price))))
    silent = ~np.any(events["ev"] != 0, axis=1)
    first = np.zeros(len(quotes), np.int64)
    _put(events, first, silent, BUY_EVENT, (quotes["bid"], quotes["bid_size"]))
    return events


def _put(events: Rows, at: Ints, where: Bools, flag: int, level: tuple[Floats, Floats]) -> None:
    """Write a level, price and size, into column `at` of each row `where` it is true."""
    row = np.flatnonzero(where)
    column = at[row]
    events["ev"][row, column] = _DEPTH | flag
    events["px"][row, column] = level[0][row]
    events["qty"][row, column] = level[1][row]


if __name__ == "__main__":
    answer(measure)
