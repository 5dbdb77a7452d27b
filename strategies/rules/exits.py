"""Why a position is left (docs/rules.md, E3, E4 and E6)."""

import numpy as np

from domain.arrays import Record
from domain.enums import ExitReason, Mover, Purpose, Side, StateCause, TradingState
from domain.jit import kernel
from strategies.features.distances import offset_ticks
from strategies.rules import gates
from strategies.rules.durations import longest_hold_ns, max_hold_ns, square_off_ns, to_ns
from strategies.rules.marks import day_result, exit_ticks, gain_ticks

ATTEMPTS_WIDEN = 10  # the limit doubles with each attempt up to this one


@kernel
def exit_reason(row: Record, account: Record, now_ns: int, latched: int) -> int:
    """E3: the first reason to leave whole, or NONE; its distance is left in `distances[0]`.

    latched  the cause, if a loss that halts was reached on this very tick; else START.
    """
    distances = row["distances"]
    distances[0] = 0.0
    if latched == StateCause.DAILY_LOSS:
        distances[0] = (day_result(account) + account["daily_loss_limit"]) / 1e6
        return ExitReason.DAILY_LOSS
    if latched == StateCause.DRAWDOWN:
        distances[0] = (account["drawdown_limit"] - account["drawdown"]) / 1e6
        return ExitReason.DRAWDOWN
    if account["trading_state"] == TradingState.HALTED:
        return ExitReason.HALT
    if row["features"][0]["book_valid"] == 1:
        reason = _price_reason(row, account)
        if reason != ExitReason.NONE:
            return reason
    return ExitReason.NONE if row["by_hand"] == 1 else _time_reason(row, account, now_ns)


@kernel
def _price_reason(row: Record, account: Record) -> int:
    side = row["position_side"]
    price = exit_ticks(row)
    distances = row["distances"]
    if row["liquidation_level"] > 0:
        above = side * (price - row["liquidation_level"])
        if above <= 0:
            distances[0] = float(above)
            return ExitReason.LIQUIDATION
    net = row["unrealised"] - row["exit_cost"] - row["position_fees"]
    if net <= -account["trade_loss_limit"]:
        distances[0] = (net + account["trade_loss_limit"]) / 1e6
        return ExitReason.TRADE_LOSS
    above_stop = side * (price - row["stop_level"])
    distances[0] = float(above_stop)
    if above_stop <= 0 and row["mover"] == Mover.HARD:
        return ExitReason.HARD_STOP
    above_target = side * (price - row["target_level"])
    if row["plan_target"] > 0 and above_target >= 0:
        distances[0] = float(above_target)
        return ExitReason.TAKE_PROFIT
    return ExitReason.NONE if above_stop > 0 else _moved_stop(row["mover"])


@kernel
def _moved_stop(mover: int) -> int:
    """E3, row 8: the mover names the exit."""
    if mover == Mover.BREAK_EVEN:
        return ExitReason.BREAK_EVEN
    if mover == Mover.OFFSET:
        return ExitReason.OFFSET_STOP
    if mover == Mover.LOCK:
        return ExitReason.PROFIT_LOCK
    if mover == Mover.TIGHT:
        return ExitReason.TIGHT_TRAILING
    if mover == Mover.FAST:
        return ExitReason.FAST_TRAILING
    return ExitReason.TIME_STOP if mover == Mover.TIME else ExitReason.TRAILING


@kernel
def _time_reason(row: Record, account: Record, now_ns: int) -> int:
    parameters = row["parameters"]
    features = row["features"][0]
    distances = row["distances"]
    held_ns = now_ns - row["position_entry_ns"]
    if held_ns >= max_hold_ns(row) and _time_is_up(row, held_ns):
        distances[0] = held_ns / 1e9 - parameters["exit_max_hold_s"]
        return ExitReason.TIME_GUARD
    if features["direction"] == -row["position_side"]:
        reason = _flip_reason(row, account, now_ns, held_ns)
        if reason != ExitReason.NONE:
            return reason
    silent_ns = now_ns - row["last_tick_ns"]
    if silent_ns >= to_ns(parameters["exit_stall_s"]):
        distances[0] = silent_ns / 1e9 - parameters["exit_stall_s"]
        return ExitReason.DATA_STALL
    square_off = square_off_ns(row)
    if row["session_close_ns"] > 0 and now_ns >= square_off:
        distances[0] = (now_ns - square_off) / 1e9
        return ExitReason.SESSION_END
    return ExitReason.NONE


@kernel
def _time_is_up(row: Record, held_ns: int) -> bool:
    """E3, row 9, once the time guard looks."""
    if held_ns >= longest_hold_ns(row):
        return True
    features = row["features"][0]
    if features["book_valid"] == 0 or gain_ticks(row) < 0:
        return False
    goes_on = features["direction"] == row["position_side"]
    return not (goes_on and features["streak"] >= row["parameters"]["momentum_streak"])


@kernel
def _flip_reason(row: Record, account: Record, now_ns: int, held_ns: int) -> int:
    """E3, rows 10 and 11: the direction has turned against the position."""
    parameters = row["parameters"]
    if held_ns < to_ns(parameters["exit_min_hold_s"]):
        return ExitReason.NONE
    if parameters["exit_flip"] == 1:
        other = -row["position_side"]
        momentum = gates.momentum(row, account, other, now_ns)
        if momentum >= 0.0 and gates.allowed_side(row, account, other, now_ns) >= 0.0:
            row["distances"][0] = momentum
            return ExitReason.FLIP
    needed = parameters["exit_flip_streak"]
    streak = row["features"][0]["streak"]
    if needed > 0 and streak >= needed:
        row["distances"][0] = float(streak - needed)
        return ExitReason.MOMENTUM_FLIP
    return ExitReason.NONE


@kernel
def partial_lots(row: Record) -> int:
    """E3, row 14: lots of a partial exit that is due now, or 0; the book is valid.

    Its distance is left in `distances[0]`.
    """
    trigger = row["plan_partial_trigger"]
    if trigger == 0 or row["partial_tried"] == 1:
        return 0
    gain = gain_ticks(row)
    if gain < trigger:
        return 0
    held = row["position_lots"]
    lots = int(np.floor(held * row["parameters"]["exit_partial_share"]))
    row["distances"][0] = float(gain - trigger)
    return lots if 1 <= lots < held else 0


@kernel
def note_exit(row: Record, reason: int, now_ns: int) -> None:
    """E4: leave the exit intent in the row's note and latch its reason."""
    _note(row, reason, row["position_lots"], row["exit_attempt"], now_ns)
    row["exit_reason"] = reason
    row["exit_attempt"] += 1


@kernel
def note_partial(row: Record, lots: int, now_ns: int) -> None:
    """E6: leave the intent of a partial exit in the row's note; it is not tried again."""
    _note(row, ExitReason.PARTIAL, lots, 0, now_ns)
    row["partial_tried"] = 1


@kernel
def _note(row: Record, reason: int, lots: int, attempt: int, now_ns: int) -> None:
    features = row["features"][0]
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    mid = float(bid + ask)
    offset = row["parameters"]["exit_limit_offset"]
    first = offset_ticks(offset, mid, row["candles"][0], 1)
    beyond = first * (1 << min(attempt, ATTEMPTS_WIDEN))
    side = row["position_side"]
    note = row["note"]
    note["purpose"] = Purpose.EXIT
    note["side"] = side
    note["price"] = max(1, bid - beyond) if side == Side.LONG else ask + beyond
    note["lots"] = lots
    note["reason"] = reason
    note["mid_half"] = bid + ask
    note["spread"] = ask - bid
    note["time_ns"] = now_ns
