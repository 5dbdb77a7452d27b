"""Why a position is left, in whole or in part, and when it is looked at: E3 to E7 and T1."""

import math

from domain.enums import ExitReason, Mover, Switch, TimeGuard, TradingState
from oracle.account import Account
from oracle.gates import Look, allowed_side, momentum
from oracle.numbers import seconds
from oracle.plan import offset_ticks
from oracle.state import Market, Position

Found = tuple[ExitReason, float] | None

_STOPS = {
    Mover.BREAK_EVEN: ExitReason.BREAK_EVEN,
    Mover.OFFSET: ExitReason.OFFSET_STOP,
    Mover.LOCK: ExitReason.PROFIT_LOCK,
    Mover.TRAIL: ExitReason.TRAILING,
    Mover.TIGHT: ExitReason.TIGHT_TRAILING,
    Mover.FAST: ExitReason.FAST_TRAILING,
    Mover.TIME: ExitReason.TIME_STOP,
}


def first_exit(
    market: Market, account: Account, now: int, *, latched_now: bool, on_tick: bool
) -> Found:
    """E3: the first reason that holds, with its distance.

    `latched_now`: this very tick latched HALTED for a loss (E5), so that it is no `halt`.
    """
    position = market.position
    assert position is not None
    found = _account(account, latched_now)
    if found is None and market.features.valid:
        found = (
            _liquidation(market, position)
            or _trade_loss(market, account)
            or _price_reached(market, position)
        )
    if market.by_hand:
        return found  # H1
    if found is None:
        found = (
            _time_guard(market, position, now)
            or _flip(market, account, position, now)
            or _momentum_flip(market, position, now)
            or _silence_or_session(market, now)
        )
    if found is None and on_tick and market.features.valid:
        found = _partial(market, position)
    return found


def _account(account: Account, latched_now: bool) -> Found:
    """E3.1 to E3.3."""
    if account.state is TradingState.HALTED and not latched_now:
        return ExitReason.HALT, 0.0
    if account.daily_loss_reached:
        return ExitReason.DAILY_LOSS, (account.day + account.daily_loss_limit) / 1e6
    if account.drawdown_reached:
        return ExitReason.DRAWDOWN, (account.drawdown_limit - account.drawdown) / 1e6
    return None


def _liquidation(market: Market, position: Position) -> Found:
    """E3.4."""
    level = position.liquidation_level
    beyond = position.side * (market.exit_ticks(position.side) - level)
    return (ExitReason.LIQUIDATION, float(beyond)) if level != 0 and beyond <= 0 else None


def _trade_loss(market: Market, account: Account) -> Found:
    """E3.5."""
    limit = account.limits.max_trade_loss * 1e6
    result = market.unrealised - market.exit_cost - account.ledger.open_costs_micro(market)
    return (ExitReason.TRADE_LOSS, (result + limit) / 1e6) if result <= -limit else None


def _price_reached(market: Market, position: Position) -> Found:
    """E3.6 to E3.8: the stop is named by its mover, and the hard stop comes before the target."""
    exit_ticks, side = market.exit_ticks(position.side), position.side
    above_stop = side * (exit_ticks - position.stop_level)
    if above_stop <= 0 and position.mover is Mover.HARD:
        return ExitReason.HARD_STOP, float(above_stop)
    if position.target_level is not None:
        above_target = side * (exit_ticks - position.target_level)
        if above_target >= 0:
            return ExitReason.TAKE_PROFIT, float(above_target)
    return (_STOPS[position.mover], float(above_stop)) if above_stop <= 0 else None


def _time_guard(market: Market, position: Position, now: int) -> Found:
    """E3.9."""
    settings, features = market.settings, market.features
    held = now - position.entry_ns
    if held < settings.ns("exit.max_hold_s"):
        return None
    leaves = settings.whole("exit.time_guard") == TimeGuard.LEAVE
    if not leaves and held < _longest_hold_ns(market):
        gains = features.valid and market.gain(position) >= 0
        enough = features.streak >= settings.whole("gates.momentum.streak")
        if not gains or (features.direction == position.side and enough):
            return None
    return ExitReason.TIME_GUARD, seconds(held) - settings.number("exit.max_hold_s")


def _longest_hold_ns(market: Market) -> int:
    """E7: when the time guard leaves whatever happens."""
    settings = market.settings
    longest = settings.ns("exit.max_hold_s")
    if settings.whole("exit.time_guard") == TimeGuard.TIGHTEN:
        longest += settings.ns("exit.time_guard_extra_s")
    return longest


def _flip(market: Market, account: Account, position: Position, now: int) -> Found:
    """E3.10."""
    settings = market.settings
    if settings.whole("exit.flip") != Switch.ON or market.features.direction != -position.side:
        return None
    if now - position.entry_ns < settings.ns("exit.min_hold_s"):
        return None
    look = Look(market, account, now, -position.side)
    surplus = momentum(look)
    return (ExitReason.FLIP, float(surplus)) if allowed_side(look) >= 0 and surplus >= 0 else None


def _momentum_flip(market: Market, position: Position, now: int) -> Found:
    """E3.11."""
    settings, features = market.settings, market.features
    flip = settings.whole("exit.flip_streak")
    against = features.direction == -position.side and features.streak >= flip
    if flip > 0 and against and now - position.entry_ns >= settings.ns("exit.min_hold_s"):
        return ExitReason.MOMENTUM_FLIP, float(features.streak - flip)
    return None


def _silence_or_session(market: Market, now: int) -> Found:
    """E3.12 and E3.13."""
    settings = market.settings
    silent = now - market.last_tick_ns
    if silent >= settings.ns("exit.stall_s"):
        return ExitReason.DATA_STALL, seconds(silent) - settings.number("exit.stall_s")
    if market.session is not None:
        beyond = now - (market.session.close_ns - settings.ns("exit.session_end_s"))
        if beyond >= 0:
            return ExitReason.SESSION_END, seconds(beyond)
    return None


def partial_lots(market: Market, position: Position) -> int:
    """E6."""
    return math.floor(position.lots * market.settings.number("exit.partial_share"))


def _partial(market: Market, position: Position) -> Found:
    """E3.14."""
    trigger = position.plan.partial_trigger
    if trigger is None or position.partial_tried:
        return None
    gain = market.gain(position)
    if gain < trigger or not 1 <= partial_lots(market, position) < position.lots:
        return None
    return ExitReason.PARTIAL, float(gain - trigger)


def exit_limit(market: Market, attempt: int) -> int:
    """E4."""
    position, features = market.position, market.features
    assert position is not None
    offset = offset_ticks(market, "exit.limit_offset", 1)
    reach = offset << min(attempt, 10)
    if position.side > 0:
        return max(1, features.bid_ticks - reach)
    return features.ask_ticks + reach


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
    if market.by_hand:
        return None  # H1
    times = [
        market.last_tick_ns + settings.ns("exit.stall_s"),
        position.entry_ns + _longest_hold_ns(market),
    ]
    if market.session is not None:
        times.append(market.session.close_ns - settings.ns("exit.session_end_s"))
    return max(market.touched_ns, min(times))
