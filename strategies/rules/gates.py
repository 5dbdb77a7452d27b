"""Entry gates (docs/rules.md, section 3).

Each gate is `(row, account, side, now_ns) -> distance`: >= 0 passes, below 0 misses by that much,
NaN is NOT_READY. `now_ns` is the time of the tick. They read features of slot 0 and change nothing.
"""

import numpy as np

from domain.arrays import Record
from domain.costs import round_trip_bps
from domain.enums import (
    AllowedRegimes,
    AllowedSides,
    BiasMode,
    CandleReference,
    EntryStyle,
    ExitReason,
    Regime,
    Side,
    TradingState,
)
from domain.jit import kernel
from domain.rows.market import ENTRIES_KEPT
from domain.rows.tick import REFERENCE_SLOT
from strategies.features.bias import score_of_votes
from strategies.features.book import data_age_s, imbalance, spread_bps
from strategies.features.candles import move_bps, window_range
from strategies.features.distances import resolve
from strategies.features.indicators import ema9_of, volatility_bps
from strategies.features.momentum import velocity_bps_per_s
from strategies.rules.plan import plan_is_ready

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
def reference_is_fresh(row: Record, now_ns: int) -> bool:
    """F20: the reference has a price and it is young enough."""
    features = row["features"][REFERENCE_SLOT]
    if features["price_set"] == 0:
        return False
    age_s = (now_ns - features["price_ns"]) / 1e9
    return bool(age_s <= row["parameters"]["reference_max_age_s"])


@kernel
def reference(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G5, moves: the reference moves in the side's direction."""
    features = row["features"][REFERENCE_SLOT]
    if features["direction"] == 0 or not reference_is_fresh(row, now_ns):
        return np.nan
    streak = features["streak"] if features["direction"] == side else -features["streak"]
    return float(streak - row["parameters"]["reference_streak"])


@kernel
def candle(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G6, ticks: the last closed candle ended beyond its reference."""
    parameters = row["parameters"]
    frame = row["candles"][0]["frames"][parameters["candle_frame"]]
    if parameters["candle_reference"] == CandleReference.EMA9:
        reference = ema9_of(frame)
    else:
        reference = frame["previous_close"] if frame["closed"] > 1 else np.nan
    return side * (frame["last_close"] - reference) / 2.0 - parameters["candle_margin_ticks"]


@kernel
def momentum(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G7, moves: the streak is long enough, for this regime and after the last trades."""
    features = row["features"][0]
    parameters = row["parameters"]
    required = parameters["momentum_streak"]
    if features["regime"] == Regime.RANGING:
        required += parameters["momentum_ranging_penalty"]
    if loses(row):
        required += parameters["momentum_loss_penalty"]
    streak = features["streak"] if features["direction"] == side else 0
    return float(streak - required)


@kernel
def loses(row: Record) -> bool:
    """G7: the market's last trades lost, as many in a row as the playbook minds."""
    minded = row["parameters"]["momentum_loss_streak"]
    return bool(minded > 0 and row["losses_in_a_row"] >= minded)


@kernel
def velocity(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G8, bp/s: the streak is fast enough."""
    speed = velocity_bps_per_s(row["features"][0], side, now_ns)
    return speed - row["parameters"]["velocity_min_bps_per_s"]


@kernel
def relative_strength(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G9, bp: the market leads the reference in the side's direction."""
    if not reference_is_fresh(row, now_ns):
        return np.nan
    parameters = row["parameters"]
    window_s = parameters["relative_strength_window_s"]
    own = move_bps(row["features"][0], row["candles"][0], window_s)
    other = move_bps(row["features"][REFERENCE_SLOT], row["candles"][REFERENCE_SLOT], window_s)
    return side * (own - other) - parameters["relative_strength_min_bps"]


@kernel
def index_bias(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G10, votes: what five indicators of the market or its reference say."""
    parameters = row["parameters"]
    slot = parameters["index_bias_source"]
    if slot == REFERENCE_SLOT and not reference_is_fresh(row, now_ns):
        return np.nan
    score = side * score_of_votes(row["features"][slot], row["candles"][slot], parameters)
    if parameters["index_bias_bias"] == BiasMode.STRONG:
        return score - parameters["index_bias_min_score"]
    return score + parameters["index_bias_min_score"] - 1.0


@kernel
def regime(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G11, regime: the playbook trades in this one."""
    now = row["features"][0]["regime"]
    if now == Regime.UNKNOWN:
        return np.nan
    allowed = row["parameters"]["regime_allowed"]
    if allowed == AllowedRegimes.ALL:
        return 1.0
    if allowed == AllowedRegimes.NOT_QUIET:
        return -1.0 if now == Regime.QUIET else 1.0
    aimless = allowed == AllowedRegimes.RANGING_OR_VOLATILE
    if now == Regime.TRENDING:
        return -1.0 if aimless else 1.0
    if now == Regime.VOLATILE:
        return -1.0 if allowed == AllowedRegimes.TRENDING else 1.0
    return 1.0 if now == Regime.RANGING and aimless else -1.0


@kernel
def spread(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G12, ticks: the spread is narrow enough."""
    features = row["features"][0]
    if features["book_valid"] == 0:
        return np.nan
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    widest = resolve(row["parameters"]["spread_max"], mid, row["candles"][0])
    return widest / 2.0 - float(features["ask_ticks"] - features["bid_ticks"])


@kernel
def imbalance_for_side(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G13, ratio: the side's own quote holds more size."""
    return side * imbalance(row["features"][0]) - row["parameters"]["imbalance_min"]


@kernel
def min_move(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G14, ticks: the price has moved away from the last exit."""
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
    """G15, ticks: the recent range is wide enough to trade in."""
    features = row["features"][0]
    parameters = row["parameters"]
    reach = window_range(features, parameters["no_trade_zone_window_s"])
    need = resolve(parameters["no_trade_zone_min_range"], features["price"], row["candles"][0])
    return reach / 2.0 - need / 2.0


@kernel
def round_trip_cost_bps(row: Record) -> float:
    """G26: spread and fees of entering and leaving, in bp, or NaN."""
    spread_now_bps = spread_bps(row["features"][0])
    if row["parameters"]["entry_style"] == EntryStyle.RESTING:
        return round_trip_bps(spread_now_bps, row["maker"], row["taker"], 1.0)
    return round_trip_bps(spread_now_bps, row["taker"], row["taker"], 2.0)


@kernel
def expected_move(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G16, bp: the move to expect is worth its cost."""
    parameters = row["parameters"]
    horizon = np.sqrt(parameters["expected_move_horizon_s"])
    expected_bps = volatility_bps(row["features"][0]) * horizon
    return expected_bps - parameters["expected_move_k"] * round_trip_cost_bps(row)


@kernel
def smc(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G17, bias: the Smart Money context is on the side."""
    bias = context(row, row["context_smc_bias"], now_ns)
    return side * bias - row["parameters"]["smc_min_bias"]


@kernel
def scan_plan(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G18, side: a scanned plan is on the side."""
    return side * context(row, row["context_plan_side"], now_ns) - 0.5


@kernel
def win_probability(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G19, ratio: a model gives the side enough of a chance."""
    place = 0 if side == Side.LONG else 1
    chance = context(row, row["context_win"][place], now_ns)
    return chance - row["parameters"]["win_probability_min"]


@kernel
def context(row: Record, value: float, now_ns: int) -> float:
    """G27: what was written by others, NaN once it has expired."""
    return value if now_ns <= row["context_until_ns"] else np.nan


@kernel
def cool_down(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G20, seconds: long enough since the last exit, loss and entry."""
    parameters = row["parameters"]
    gap = _since(row["last_entry_ns"], now_ns, parameters["cool_down_min_gap_s"])
    if row["last_reason"] == ExitReason.FLIP and side == -row["last_side"]:
        return min(_since(row["last_flat_ns"], now_ns, parameters["exit_flip_cool_down_s"]), gap)
    exit_pause_s = parameters["cool_down_after_exit_s"]
    window_s = parameters["cool_down_re_entry_window_s"]
    if window_s > 0.0 and row["last_won"] == 1 and (now_ns - row["last_flat_ns"]) / 1e9 <= window_s:
        exit_pause_s = parameters["cool_down_re_entry_gap_s"]
    loss_pause_s = parameters["cool_down_after_loss_s"]
    if loses(row):
        loss_pause_s = max(loss_pause_s, parameters["cool_down_after_loss_streak_s"])
    after_exit = _since(row["last_flat_ns"], now_ns, exit_pause_s)
    after_loss = _since(row["last_loss_ns"], now_ns, loss_pause_s)
    return min(after_exit, after_loss, gap)


@kernel
def _since(then_ns: int, now_ns: int, pause_s: float) -> float:
    return np.inf if then_ns == 0 else (now_ns - then_ns) / 1e9 - pause_s


@kernel
def rate(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G21, entries: room for one more within a minute."""
    recent = 0
    total = row["entry_count"]
    for back in range(1, min(total, ENTRIES_KEPT) + 1):
        if row["entry_times_ns"][(total - back) % ENTRIES_KEPT] <= now_ns - MINUTE_NS:
            break
        recent += 1
    return float(row["parameters"]["rate_max_per_minute"] - 1 - recent)


@kernel
def plan(row: Record, account: Record, side: int, now_ns: int) -> float:
    """G22: the book is valid and every distance of the plan can be resolved."""
    return 1.0 if row["features"][0]["book_valid"] == 1 and plan_is_ready(row, now_ns) else np.nan
