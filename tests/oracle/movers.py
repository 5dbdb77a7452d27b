"""What moves a stop: S1."""

import math

from domain.enums import Mover, TimeGuard
from oracle.state import Market, Position


def move_stop(market: Market, now: int) -> None:
    """All five, in their order; without a valid book nothing moves."""
    position = market.position
    if position is None or market.by_hand or not market.features.valid:
        return  # H2: all are off by hand
    exit_ticks = market.exit_ticks(position.side)
    if position.side * (exit_ticks - position.best_ticks) > 0:
        position.best_ticks = exit_ticks
    _break_even(market, position)
    _offset(market, position)
    _lock(market, position)
    _trail(market, position)
    _time(market, position, now)


def _takes(position: Position, level: int, mover: Mover) -> None:
    if position.side * (level - position.stop_level) > 0:
        position.stop_level, position.mover = level, mover


def _break_even(market: Market, position: Position) -> None:
    """S1.1."""
    plan = position.plan
    if plan.break_even_trigger is None or position.mover not in (Mover.HARD, Mover.BREAK_EVEN):
        return
    if market.gain(position) >= plan.break_even_trigger:
        level = position.average + position.side * plan.break_even_offset
        _takes(position, level, Mover.BREAK_EVEN)


def _offset(market: Market, position: Position) -> None:
    """S1.2."""
    plan = position.plan
    if plan.offset_trigger is not None and market.gain(position) >= plan.offset_trigger:
        _takes(position, position.average + position.side * plan.offset_gain, Mover.OFFSET)


def _lock(market: Market, position: Position) -> None:
    """S1.3."""
    plan = position.plan
    best = position.side * (position.best_ticks - position.average)
    if plan.lock_trigger is not None and best >= plan.lock_trigger:
        locked = math.floor(market.settings.number("exit.lock_share") * best)
        _takes(position, position.average + position.side * locked, Mover.LOCK)


def _trail(market: Market, position: Position) -> None:
    """S1.4."""
    plan, gain = position.plan, market.gain(position)
    mover, distance = None, 0
    if plan.trail_trigger is not None and gain >= plan.trail_trigger:
        mover, distance = Mover.TRAIL, plan.trail_distance
    if plan.tight_trigger is not None and gain >= plan.tight_trigger:
        mover, distance = Mover.TIGHT, plan.tight_distance
    if mover is None:
        return
    if _moves_fast(market, position):
        mover, distance = Mover.FAST, plan.fast_distance
    level = market.exit_ticks(position.side) - position.side * distance
    if position.side * (level - position.stop_level) >= plan.trail_step:
        position.stop_level, position.mover = level, mover


def _moves_fast(market: Market, position: Position) -> bool:
    """S1.4: in the position's favour over the window; no move is known without a candle."""
    features = market.features
    before = features.candles.close_before(market.settings.whole("exit.fast_window_s"))
    if position.plan.fast_move is None or math.isnan(before) or before == 0:
        return False
    return position.side * (features.known_price - before) / 2 >= position.plan.fast_move


def _time(market: Market, position: Position, now: int) -> None:
    """S1.5."""
    settings = market.settings
    if settings.whole("exit.time_guard") != TimeGuard.TIGHTEN:
        return
    if now - position.entry_ns >= settings.ns("exit.max_hold_s"):
        behind = position.side * position.plan.tighten_distance
        _takes(position, market.exit_ticks(position.side) - behind, Mover.TIME)
