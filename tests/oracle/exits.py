"""Why a position is closed and what moves its stop: E3, E4 and S1."""

from domain.enums import ExitReason, Mover, TradingState
from oracle.account import Account
from oracle.gates import in_ticks
from oracle.numbers import seconds
from oracle.state import Market, Position

Found = tuple[ExitReason, float] | None

_STOPS = {
    Mover.HARD: ExitReason.HARD_STOP,
    Mover.BREAK_EVEN: ExitReason.BREAK_EVEN,
    Mover.TRAIL: ExitReason.TRAILING,
}


def first_exit(market: Market, account: Account, now: int, latched_now: bool) -> Found:
    """E3: the first reason that holds, with its distance.

    `latched_now`: this very tick latched HALTED for the daily loss (E5), so that it is no `halt`.
    """
    position = market.position
    assert position is not None
    if account.state is TradingState.HALTED and not latched_now:
        return ExitReason.HALT, 0.0
    if account.daily_loss_reached:
        return ExitReason.DAILY_LOSS, (account.day + account.daily_loss_limit) / 1e6
    if market.features.valid:
        found = _trade_loss(market, account) or _price_reached(market, position)
        if found is not None:
            return found
    return _time_or_momentum(market, position, now)


def _trade_loss(market: Market, account: Account) -> Found:
    limit = account.limits.max_trade_loss * 1e6
    result = market.unrealised - market.exit_cost - account.ledger.open_fees_micro(market)
    return (ExitReason.TRADE_LOSS, (result + limit) / 1e6) if result <= -limit else None


def _price_reached(market: Market, position: Position) -> Found:
    """E3.4 to E3.7: the stop is named by its mover, and the hard stop comes before the target."""
    exit_ticks, side = market.exit_ticks(position.side), position.side
    above_stop = side * (exit_ticks - position.stop_level)
    if above_stop <= 0 and position.mover is Mover.HARD:
        return ExitReason.HARD_STOP, float(above_stop)
    if position.target_level is not None:
        above_target = side * (exit_ticks - position.target_level)
        if above_target >= 0:
            return ExitReason.TAKE_PROFIT, float(above_target)
    return (_STOPS[position.mover], float(above_stop)) if above_stop <= 0 else None


def _time_or_momentum(market: Market, position: Position, now: int) -> Found:
    """E3.8 to E3.11."""
    settings, features = market.settings, market.features
    held = now - position.entry_ns
    if held >= settings.ns("exit.max_hold_s"):
        return ExitReason.TIME_GUARD, seconds(held) - settings.number("exit.max_hold_s")
    flip = settings.whole("exit.flip_streak")
    against = features.direction == -position.side and features.streak >= flip
    if flip > 0 and against and held >= settings.ns("exit.min_hold_s"):
        return ExitReason.MOMENTUM_FLIP, float(features.streak - flip)
    silent = now - market.last_tick_ns
    if silent >= settings.ns("exit.stall_s"):
        return ExitReason.DATA_STALL, seconds(silent) - settings.number("exit.stall_s")
    if market.session is not None:
        beyond = now - (market.session.close_ns - settings.ns("exit.session_end_s"))
        if beyond >= 0:
            return ExitReason.SESSION_END, seconds(beyond)
    return None


def exit_limit(market: Market) -> int:
    """E4."""
    position, features = market.position, market.features
    assert position is not None
    offset = max(1, in_ticks(market, "exit.limit_offset"))
    reach = offset << min(position.attempt, 10)
    if position.side > 0:
        return max(1, features.bid_ticks - reach)
    return features.ask_ticks + reach


def move_stop(market: Market) -> None:
    """S1."""
    position, features = market.position, market.features
    if position is None or not features.valid:
        return
    plan, side, average = position.plan, position.side, position.average
    exit_ticks = market.exit_ticks(side)
    gain = side * (exit_ticks - average)
    trigger = plan.break_even_trigger
    if trigger is not None and position.mover is Mover.HARD and gain >= trigger:
        level = average + side * plan.break_even_offset
        if side * (level - position.stop_level) > 0:
            position.stop_level, position.mover = level, Mover.BREAK_EVEN
    if plan.trail_trigger is not None and gain >= plan.trail_trigger:
        level = exit_ticks - side * plan.trail_distance
        if side * (level - position.stop_level) >= plan.trail_step:
            position.stop_level, position.mover = level, Mover.TRAIL


def exit_timer(market: Market) -> int | None:
    """T1: when a position without a working exit is looked at next.

    A time that had passed when it was set counts as the time of the event that set it. That is the
    market's latest: every event runs the timers due by then first, so none is left from before.
    """
    position, settings = market.position, market.settings
    if position is None or market.exit is not None:
        return None
    if position.reason is not ExitReason.NONE:
        return max(market.touched_ns, position.hold_until)
    times = [
        market.last_tick_ns + settings.ns("exit.stall_s"),
        position.entry_ns + settings.ns("exit.max_hold_s"),
    ]
    if market.session is not None:
        times.append(market.session.close_ns - settings.ns("exit.session_end_s"))
    return max(market.touched_ns, min(times))
