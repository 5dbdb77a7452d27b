"""Stop movers: what a gain does to the stop (docs/rules.md, S1). The last one names the exit."""

import numpy as np

from domain.arrays import Record
from domain.enums import Mover, TimeGuard
from domain.jit import kernel
from strategies.features.candles import move_half_ticks
from strategies.rules.durations import max_hold_ns
from strategies.rules.marks import exit_ticks


@kernel
def move_stop(row: Record, now_ns: int) -> None:
    """S1: the movers in their order. The book is valid; what moves acts from the next tick."""
    side = row["position_side"]
    price = exit_ticks(row)
    average = row["average"]
    if side * (price - row["best_ticks"]) > 0:
        row["best_ticks"] = price
    gain = side * (price - average)
    trigger = row["plan_break_even_trigger"]
    first = row["mover"] == Mover.HARD or row["mover"] == Mover.BREAK_EVEN
    if trigger > 0 and first and gain >= trigger:
        _take(row, average + side * row["plan_break_even_offset"], Mover.BREAK_EVEN)
    trigger = row["plan_offset_trigger"]
    if trigger > 0 and gain >= trigger:
        _take(row, average + side * row["plan_offset_gain"], Mover.OFFSET)
    trigger = row["plan_lock_trigger"]
    best = side * (row["best_ticks"] - average)
    if trigger > 0 and best >= trigger:
        share = int(np.floor(row["parameters"]["exit_lock_share"] * best))
        _take(row, average + side * share, Mover.LOCK)
    _trail(row, side, price, gain)
    if row["parameters"]["exit_time_guard"] == TimeGuard.TIGHTEN:
        held_ns = now_ns - row["position_entry_ns"]
        if held_ns >= max_hold_ns(row):
            _take(row, price - side * row["plan_tighten_distance"], Mover.TIME)


@kernel
def _take(row: Record, level: int, mover: int) -> None:
    if row["position_side"] * (level - row["stop_level"]) > 0:
        row["stop_level"] = level
        row["mover"] = mover


@kernel
def _trail(row: Record, side: int, price: int, gain: int) -> None:
    """The stages of the trail: wide, tight, and close behind in a fast move."""
    distance, mover = 0, Mover.HARD
    if row["plan_trail_trigger"] > 0 and gain >= row["plan_trail_trigger"]:
        distance, mover = row["plan_trail_distance"], Mover.TRAIL
    if row["plan_tight_trigger"] > 0 and gain >= row["plan_tight_trigger"]:
        distance, mover = row["plan_tight_distance"], Mover.TIGHT
    if distance == 0:
        return
    if row["plan_fast_move"] > 0:
        window_s = row["parameters"]["exit_fast_window_s"]
        move = move_half_ticks(row["features"][0], row["candles"][0], window_s)
        if side * move / 2.0 >= row["plan_fast_move"]:  # false while the move is NaN
            distance, mover = row["plan_fast_distance"], Mover.FAST
    level = price - side * distance
    if side * (level - row["stop_level"]) >= row["plan_trail_step"]:
        row["stop_level"] = level
        row["mover"] = mover
