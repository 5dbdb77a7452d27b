"""Marks, exits and stop movers of an open position (docs/rules.md, E1 to E5 and S1)."""

from domain.arrays import Record
from domain.costs import fee_micro
from domain.enums import ExitReason, Mover, Purpose, Side, StateCause, TradingState
from domain.jit import kernel
from strategies.features.distances import half_up, resolve_ticks

ATTEMPTS_WIDEN = 10  # the limit doubles with each attempt up to this one


@kernel
def exit_ticks(row: Record) -> int:
    """E1: the quote at which the position would be left."""
    features = row["features"][0]
    return features["bid_ticks"] if row["position_side"] == Side.LONG else features["ask_ticks"]


@kernel
def arm(row: Record) -> None:
    """E1: put stop and target around the average after an entry fill.

    A later part of the entry never loosens the stop that the part before it had.
    """
    lots = row["position_lots"]
    average = (2 * row["position_cost"] + lots) // (2 * lots)
    side = row["position_side"]
    level = average - side * row["plan_stop"]
    row["average"] = average
    row["target_level"] = average + side * row["plan_target"]
    if row["armed"] == 1 and side * (row["stop_level"] - level) >= 0:
        return
    row["stop_level"] = level
    row["mover"] = Mover.HARD
    row["armed"] = 1


@kernel
def mark(row: Record, account: Record) -> None:
    """E2: value the position at the exit-side quote and carry it to the account.

    Without a position the marks become 0. The book is valid.
    """
    unrealised, cost = 0, 0
    lots = row["position_lots"]
    if lots > 0:
        price = exit_ticks(row)
        gain = row["position_side"] * (price * lots - row["position_cost"])
        unrealised = half_up(gain * row["value"])
        cost = half_up(fee_micro(price * lots, row["value"], row["taker"]))
    account["unrealised"] += unrealised - row["unrealised"]
    account["exit_cost"] += cost - row["exit_cost"]
    row["unrealised"] = unrealised
    row["exit_cost"] = cost
    equity = account["start_equity"] + account["realised"] + account["unrealised"]
    account["peak_equity"] = max(account["peak_equity"], equity)
    account["max_drawdown"] = max(account["max_drawdown"], account["peak_equity"] - equity)


@kernel
def day_result(account: Record) -> int:
    """E2: the day's result if everything were left now, micro-units."""
    open_now = account["unrealised"] - account["exit_cost"]
    return account["day_realised"] + open_now - account["day_open"]


@kernel
def daily_loss_latches(account: Record) -> bool:
    """E5: True if the daily loss limit is reached just now; the state becomes HALTED."""
    if account["trading_state"] == TradingState.HALTED:
        return False
    if day_result(account) > -account["daily_loss_limit"]:
        return False
    account["state_before"] = account["trading_state"]
    account["trading_state"] = TradingState.HALTED
    account["state_cause"] = StateCause.DAILY_LOSS
    return True


@kernel
def exit_reason(row: Record, account: Record, now_ns: int, latched: bool) -> int:
    """E3: the first reason to leave, or NONE; its distance is left in `distances[0]`.

    latched  the daily loss limit was reached on this very tick.
    """
    row["distances"][0] = 0.0
    if latched:
        limit = account["daily_loss_limit"]
        row["distances"][0] = (day_result(account) + limit) / 1e6
        return ExitReason.DAILY_LOSS
    if account["trading_state"] == TradingState.HALTED:
        return ExitReason.HALT
    if row["features"][0]["book_valid"] == 1:
        reason = _price_reason(row, account)
        if reason != ExitReason.NONE:
            return reason
    return _time_reason(row, now_ns)


@kernel
def _price_reason(row: Record, account: Record) -> int:
    net = row["unrealised"] - row["exit_cost"] - row["position_fees"]
    if net <= -account["trade_loss_limit"]:
        row["distances"][0] = (net + account["trade_loss_limit"]) / 1e6
        return ExitReason.TRADE_LOSS
    side = row["position_side"]
    price = exit_ticks(row)
    above_stop = side * (price - row["stop_level"])
    row["distances"][0] = float(above_stop)
    if above_stop <= 0 and row["mover"] == Mover.HARD:
        return ExitReason.HARD_STOP
    above_target = side * (price - row["target_level"])
    if row["plan_target"] > 0 and above_target >= 0:
        row["distances"][0] = float(above_target)
        return ExitReason.TAKE_PROFIT
    if above_stop > 0:
        return ExitReason.NONE
    return ExitReason.BREAK_EVEN if row["mover"] == Mover.BREAK_EVEN else ExitReason.TRAILING


@kernel
def _time_reason(row: Record, now_ns: int) -> int:
    parameters = row["parameters"]
    features = row["features"][0]
    distances = row["distances"]
    held_ns = now_ns - row["position_entry_ns"]
    if held_ns >= max_hold_ns(row):
        distances[0] = held_ns / 1e9 - parameters["exit_max_hold_s"]
        return ExitReason.TIME_GUARD
    needed = parameters["exit_flip_streak"]
    against = features["direction"] == -row["position_side"] and features["streak"] >= needed
    if needed > 0 and against and held_ns >= to_ns(parameters["exit_min_hold_s"]):
        distances[0] = float(features["streak"] - needed)
        return ExitReason.MOMENTUM_FLIP
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
def to_ns(seconds: float) -> int:
    """A parameter in seconds as whole nanoseconds."""
    return half_up(seconds * 1e9)


@kernel
def max_hold_ns(row: Record) -> int:
    """Time after which the time guard closes a position."""
    return to_ns(row["parameters"]["exit_max_hold_s"])


@kernel
def square_off_ns(row: Record) -> int:
    """When a position is closed before its session ends; meaningless without one."""
    return row["session_close_ns"] - to_ns(row["parameters"]["exit_session_end_s"])


@kernel
def note_exit(row: Record, reason: int, now_ns: int) -> None:
    """E4: leave the exit intent in the row's note and latch its reason."""
    features = row["features"][0]
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    mid = float(bid + ask)
    offset = row["parameters"]["exit_limit_offset"]
    first = max(1, resolve_ticks(offset, mid, row["candles"][0]))
    beyond = first * (1 << min(row["exit_attempt"], ATTEMPTS_WIDEN))
    side = row["position_side"]
    note = row["note"]
    note["purpose"] = Purpose.EXIT
    note["side"] = side
    note["price"] = max(1, bid - beyond) if side == Side.LONG else ask + beyond
    note["lots"] = row["position_lots"]
    note["reason"] = reason
    note["mid_half"] = bid + ask
    note["spread"] = ask - bid
    note["time_ns"] = now_ns
    row["exit_reason"] = reason
    row["exit_attempt"] += 1


@kernel
def move_stop(row: Record) -> None:
    """S1: break-even, then trail. The book is valid; what moves acts from the next tick."""
    side = row["position_side"]
    price = exit_ticks(row)
    gain = side * (price - row["average"])
    trigger = row["plan_break_even_trigger"]
    if trigger > 0 and row["mover"] == Mover.HARD and gain >= trigger:
        level = row["average"] + side * row["plan_break_even_offset"]
        if side * (level - row["stop_level"]) > 0:
            row["stop_level"] = level
            row["mover"] = Mover.BREAK_EVEN
    trigger = row["plan_trail_trigger"]
    if trigger > 0 and gain >= trigger:
        level = price - side * row["plan_trail_distance"]
        if side * (level - row["stop_level"]) >= row["plan_trail_step"]:
            row["stop_level"] = level
            row["mover"] = Mover.TRAIL
