"""What a position is worth, and the losses that halt the account (docs/rules.md, E1, E2, E5)."""

from domain.arrays import Record
from domain.costs import fee_micro
from domain.enums import Mover, Side, StateCause, TradingState
from domain.jit import kernel
from domain.rows.account import NEVER_NS
from strategies.features.distances import half_up


@kernel
def exit_ticks(row: Record) -> int:
    """E1: the quote at which the position would be left."""
    features = row["features"][0]
    return features["bid_ticks"] if row["position_side"] == Side.LONG else features["ask_ticks"]


@kernel
def gain_ticks(row: Record) -> int:
    """S1: how far the exit-side quote is beyond the average fill."""
    return row["position_side"] * (exit_ticks(row) - row["average"])


@kernel
def average_ticks(row: Record) -> int:
    """E1: average fill of what is open, in whole ticks, halves up."""
    lots = row["position_lots"]
    return (2 * row["position_cost"] + lots) // (2 * lots)


@kernel
def arm(row: Record) -> None:
    """E1: put stop and target around the average after an entry fill.

    A later part of the entry, or an addition, never loosens the stop that was there.
    """
    average = average_ticks(row)
    side = row["position_side"]
    level = average - side * row["plan_stop"]
    row["average"] = average
    row["target_level"] = average + side * row["plan_target"]
    if row["armed"] == 0:
        row["best_ticks"] = average
        row["low_ticks"] = row["high_ticks"] = exit_ticks(row)
    elif side * (row["stop_level"] - level) >= 0:
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
        row["low_ticks"] = min(row["low_ticks"], price)
        row["high_ticks"] = max(row["high_ticks"], price)
        if row["inverse"] == 1:
            worth = lots * row["value"] / price if price > 0 else 0.0
            unrealised = half_up(row["position_side"] * (row["position_worth"] - worth))
            cost = half_up(worth * row["taker"])
        else:
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
    account["guard_peak"] = max(account["guard_peak"], equity)
    account["drawdown"] = account["guard_peak"] - equity


@kernel
def day_result(account: Record) -> int:
    """E2: the day's result if everything were left now, micro-units."""
    open_now = account["unrealised"] - account["exit_cost"]
    return account["day_realised"] + open_now - account["day_open"]


@kernel
def loss_latches(account: Record) -> int:
    """E5: the cause, if a loss that halts was reached just now; the state becomes HALTED.

    StateCause.START stands for none.
    """
    if account["trading_state"] == TradingState.HALTED:
        return StateCause.START
    if day_result(account) <= -account["daily_loss_limit"]:
        return _halt(account, StateCause.DAILY_LOSS)
    if account["drawdown"] >= account["drawdown_limit"]:
        return _halt(account, StateCause.DRAWDOWN)
    return StateCause.START


@kernel
def _halt(account: Record, cause: int) -> int:
    before, why = account["trading_state"], account["state_cause"]
    if why == StateCause.STORAGE or why == StateCause.CLOCK:  # noqa: PLR1714  compiles only so
        before = TradingState.ACTIVE  # what stopped entries ends by itself
    account["state_before"] = before
    account["trading_state"] = TradingState.HALTED
    account["state_cause"] = cause
    return cause


@kernel
def end_reducing(account: Record) -> bool:
    """T3: the time of a REDUCING is over; True if the state changed by it."""
    account["state_until_ns"] = NEVER_NS
    if account["trading_state"] == TradingState.HALTED:
        account["state_before"] = TradingState.ACTIVE
        return False
    account["trading_state"] = TradingState.ACTIVE
    account["state_cause"] = StateCause.EXPIRED
    return True
