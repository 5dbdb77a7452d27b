"""Random but valid ticks of COIN: drifts, calm, gaps, late stamps, crossed and one-sided books."""

from typing import Final

import numpy as np
import numpy.typing as npt

from domain.arrays import Rows
from domain.enums import TickKind
from domain.rows.tick import TICK
from domain.units import SECOND_NS

Ints = npt.NDArray[np.int64]

START_NS: Final = 1_700_000_000 * SECOND_NS  # 22:13:20 UTC
START_TICKS: Final = 1_000
MILLI_NS: Final = SECOND_NS // 1_000


def random_ticks(seed: int, count: int, market: int = 0, start_ns: int = START_NS) -> Rows:
    """TICK[count]: a lively market, about 20 ticks a second with gaps of up to a minute."""
    rng = np.random.default_rng(seed)
    ticks = np.zeros(count, TICK)
    steps_ns = rng.integers(0, 100, count) * MILLI_NS
    steps_ns[rng.random(count) < 0.005] += rng.integers(1, 60) * SECOND_NS
    ticks["event_ns"] = start_ns + np.cumsum(steps_ns)
    ticks["ts_ns"] = ticks["event_ns"] + rng.integers(-900, 1_500, count) * MILLI_NS
    ticks["recv_ns"] = ticks["event_ns"]
    ticks["seq"] = np.arange(count)
    ticks["market"] = market
    drift = np.repeat(rng.choice([-0.3, 0.0, 0.0, 0.3], count // 50 + 1), 50)[:count]
    lively = np.repeat(rng.choice([0.01, 0.35], count // 150 + 1), 150)[:count]
    moves = rng.random(count) < lively
    bid = START_TICKS + np.cumsum(moves * np.where(rng.random(count) < 0.5 + drift, 1, -1))
    bid = np.maximum(bid, 100)
    ask = bid + rng.choice([0, 1, 1, 1, 2, 6], count)
    kind = rng.choice(
        [TickKind.QUOTE, TickKind.TRADE, TickKind.INVALID_BOOK], count, p=[0.6, 0.39, 0.01]
    )
    ticks["kind"] = kind
    _fill(ticks, rng, bid, ask)
    return ticks


def _fill(ticks: Rows, rng: np.random.Generator, bid: Ints, ask: Ints) -> None:
    count = len(ticks)
    quotes, trades = ticks["kind"] == TickKind.QUOTE, ticks["kind"] == TickKind.TRADE
    buys = rng.random(count) < 0.5
    unknown = rng.random(count) < 0.1
    sizes = np.where(unknown, np.nan, np.round(rng.exponential(3.0, count), 2) + 0.01)
    ticks["bid"] = np.where(quotes, np.round(bid * 0.1, 1), np.nan)
    ticks["ask"] = np.where(quotes, np.round(ask * 0.1, 1), np.nan)
    ticks["bid_size"] = np.where(quotes, sizes, np.nan)
    ticks["ask_size"] = np.where(quotes, sizes[::-1], np.nan)
    ticks["price"] = np.where(trades, np.round(np.where(buys, ask, bid) * 0.1, 1), np.nan)
    ticks["size"] = np.where(trades, np.round(rng.exponential(0.8, count), 2) + 0.01, np.nan)
    ticks["side"] = np.where(trades & ~unknown, np.where(buys, 1, -1), 0)


def loose_playbook_values() -> dict[str, dict[str, object]]:
    """Values with which random ticks trade often and reach every exit."""
    return {
        "entry": {"limit_offset": "2tick"},
        "exit": {
            "stop": "max(3tick, 10bp)",
            "target": "4tick",
            "break_even_trigger": "2tick",
            "break_even_offset": "0tick",
            "trail_trigger": "3tick",
            "trail_distance": "2tick",
            "trail_step": "1tick",
            "max_hold_s": 4.0,
            "flip_streak": 3,
            "min_hold_s": 0.5,
            "stall_s": 2.0,
            "limit_offset": "1tick",
            "resend_s": 0.3,
        },
        "gates.trading_state": {"mode": "on"},
        "gates.session": {"mode": "on"},
        "gates.data_age": {"mode": "on", "max_s": 2.0},
        "gates.side": {"mode": "on"},
        "gates.candle": {"mode": "observe", "frame": "5s", "margin_ticks": 0.0},
        "gates.momentum": {"mode": "on", "streak": 2, "min_move": "1tick"},
        "gates.velocity": {"mode": "on", "min_bps_per_s": 0.1},
        "gates.spread": {"mode": "on", "max": "3tick"},
        "gates.imbalance": {"mode": "observe", "min": 0.1},
        "gates.min_move": {"mode": "on", "min": "1tick"},
        "gates.no_trade_zone": {"mode": "on", "window_s": 5, "min_range": "2tick"},
        "gates.expected_move": {"mode": "observe", "k": 1.0},
        "gates.cool_down": {
            "mode": "on", "after_exit_s": 0.2, "after_loss_s": 0.5, "min_gap_s": 0.5,
        },
        "gates.rate": {"mode": "on", "max_per_minute": 20},
    }  # fmt: skip
