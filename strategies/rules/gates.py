"""Entry gates (docs/rules.md, section 3).

Each gate is `(row, account, side, now_ns) -> distance`: >= 0 passes, below 0 misses by that much,
NaN is NOT_READY. `now_ns` is the time of the tick. They read features of slot 0 and change nothing.
"""

import numpy as np

from domain.arrays import Record
from domain.costs import round_trip_bps
from domain.enums import (
    AllowedSides,
    CandleReference,
    EntryStyle,
    Side,
    TradingState,
)
from domain.jit import kernel
from domain.rows.market import ENTRIES_KEPT
from strategies.features.book import data_age_s, imbalance, spread_bps
from strategies.features.candles import window_range
from strategies.features.distances import resolve
from strategies.features.indicators import ema9_of, volatility_bps
from strategies.features.momentum import velocity_bps_per_s

DAY_S = 86_400.0
MINUTE_NS = 60_000_000_000


@kernel
def hold(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G0, seconds: nothing is entered so soon after a refusal."""
    return np.inf if row["hold_until"] == 0 else (now_ns - row["hold_until"]) / 1e9


@kernel
def trading_state(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G1, state: only an ACTIVE account opens positions."""
    if account["trading_state"] == TradingState.ACTIVE:
        return 1.0
    return -1.0 if account["trading_state"] == TradingState.REDUCING else -2.0


@kernel
def session(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G2, seconds: from the open to the cut-off of the session."""
    if row["session_close_ns"] == 0:
        return DAY_S
    if now_ns < row["session_open_ns"]:
        return (now_ns - row["session_open_ns"]) / 1e9
    return (row["session_cut_off_ns"] - now_ns) / 1e9


@kernel
def data_age(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G3, seconds: what the decision stands on is fresh. The clock counts where it is read."""
    now = max(now_ns, account["clock_ns"])
    age_s = data_age_s(row["features"][0], row["book_source"], now)
    return row["parameters"]["data_age_max_s"] - age_s


@kernel
def allowed_side(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G4: the playbook wants this side and the instrument can be sold."""
    wanted = row["parameters"]["entry_sides"]
    if side == Side.SHORT and row["shortable"] == 0:
        return -1.0
    if wanted == AllowedSides.BOTH:
        return 1.0
    return 1.0 if wanted == side else -1.0


@kernel
def candle(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G5, ticks: the last closed candle ended beyond its reference."""
    parameters = row["parameters"]
    frame = row["candles"][0]["frames"][parameters["candle_frame"]]
    if parameters["candle_reference"] == CandleReference.EMA9:
        reference = ema9_of(frame)
    else:
        reference = frame["previous_close"] if frame["closed"] > 1 else np.nan
    return side * (frame["last_close"] - reference) / 2.0 - parameters["candle_margin_ticks"]


@kernel
def momentum(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G6, moves: the streak is long enough."""
    features = row["features"][0]
    streak = features["streak"] if features["direction"] == side else 0
    return float(streak - row["parameters"]["momentum_streak"])


@kernel
def velocity(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G7, bp/s: the streak is fast enough."""
    speed = velocity_bps_per_s(row["features"][0], side, now_ns)
    return speed - row["parameters"]["velocity_min_bps_per_s"]


@kernel
def spread(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G8, ticks: the spread is narrow enough."""
    features = row["features"][0]
    if features["book_valid"] == 0:
        return np.nan
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    widest = resolve(row["parameters"]["spread_max"], mid, row["candles"][0])
    return widest / 2.0 - float(features["ask_ticks"] - features["bid_ticks"])


@kernel
def imbalance_for_side(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G9, ratio: the side's own quote holds more size."""
    return side * imbalance(row["features"][0]) - row["parameters"]["imbalance_min"]


@kernel
def min_move(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G10, ticks: the price has moved away from the last exit."""
    if row["last_exit_ns"] == 0:
        return np.inf
    features = row["features"][0]
    if features["price_set"] == 0:
        return np.nan
    price = features["price"]
    need = resolve(row["parameters"]["min_move_min"], price, row["candles"][0])
    return abs(price - row["last_exit_half"]) / 2.0 - need / 2.0


@kernel
def no_trade_zone(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G11, ticks: the recent range is wide enough to trade in."""
    features = row["features"][0]
    parameters = row["parameters"]
    reach = window_range(features, parameters["no_trade_zone_window_s"])
    need = resolve(parameters["no_trade_zone_min_range"], features["price"], row["candles"][0])
    return reach / 2.0 - need / 2.0


@kernel
def round_trip_cost_bps(row: Record) -> float:
    """G16: spread and fees of entering and leaving, in bp, or NaN."""
    spread_now_bps = spread_bps(row["features"][0])
    if row["parameters"]["entry_style"] == EntryStyle.RESTING:
        return round_trip_bps(spread_now_bps, row["maker"], row["taker"], 1.0)
    return round_trip_bps(spread_now_bps, row["taker"], row["taker"], 2.0)


@kernel
def expected_move(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G12, bp: the move to expect is worth its cost."""
    parameters = row["parameters"]
    horizon = np.sqrt(parameters["expected_move_horizon_s"])
    expected_bps = volatility_bps(row["features"][0]) * horizon
    return expected_bps - parameters["expected_move_k"] * round_trip_cost_bps(row)


@kernel
def cool_down(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G13, seconds: long enough since the last exit, loss and entry."""
    parameters = row["parameters"]
    after_exit = _since(row["last_flat_ns"], now_ns, parameters["cool_down_after_exit_s"])
    after_loss = _since(row["last_loss_ns"], now_ns, parameters["cool_down_after_loss_s"])
    gap = _since(row["last_entry_ns"], now_ns, parameters["cool_down_min_gap_s"])
    return min(after_exit, after_loss, gap)


@kernel
def _since(then_ns: int, now_ns: int, pause_s: float) -> float:
    return np.inf if then_ns == 0 else (now_ns - then_ns) / 1e9 - pause_s


@kernel
def rate(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G14, entries: room for one more within a minute."""
    recent = 0
    total = row["entry_count"]
    for back in range(1, min(total, ENTRIES_KEPT) + 1):
        if row["entry_times_ns"][(total - back) % ENTRIES_KEPT] <= now_ns - MINUTE_NS:
            break
        recent += 1
    return float(row["parameters"]["rate_max_per_minute"] - 1 - recent)


@kernel
def plan(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G15: the book is valid and every distance of the plan can be resolved."""
    features = row["features"][0]
    if features["book_valid"] == 0:
        return np.nan
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    parameters = row["parameters"]
    candles = row["candles"][0]
    total = resolve(parameters["exit_stop"], mid, candles)
    total += resolve(parameters["exit_target"], mid, candles)
    total += resolve(parameters["exit_break_even_trigger"], mid, candles)
    total += resolve(parameters["exit_break_even_offset"], mid, candles)
    total += resolve(parameters["exit_trail_trigger"], mid, candles)
    total += resolve(parameters["exit_trail_distance"], mid, candles)
    total += resolve(parameters["exit_trail_step"], mid, candles)
    total += resolve(parameters["entry_limit_offset"], mid, candles)
    total += resolve(parameters["exit_limit_offset"], mid, candles)
    return np.nan if np.isnan(total) else 1.0
