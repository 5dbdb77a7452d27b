"""The plan of a position, resolved at the decision and frozen (docs/rules.md, P1 and G23)."""

import numpy as np

from domain.arrays import Record
from domain.enums import EntryStyle, Purpose, Side
from domain.jit import kernel
from domain.parameters import TIME_OFF
from strategies.features.distances import offset_ticks, resolve, resolve_ticks

DAY_NS = 86_400_000_000_000
MINUTE_NS = 60_000_000_000


@kernel
def _planned(row: Record, distance: Record, mid: float, least: int) -> int:
    if distance["off"] == 1:
        return 0
    return max(least, resolve_ticks(distance, mid, row["candles"][0]))


@kernel
def minute_of_day(row: Record, now_ns: int) -> int:
    """C9: minutes since the market's local midnight."""
    return (now_ns + row["zone_offset_ns"]) % DAY_NS // MINUTE_NS


@kernel
def period_of(row: Record, minute: int) -> int:
    """P1: the period that began last, of equals the highest; 0 before all of them."""
    parameters = row["parameters"]
    period, latest = 0, TIME_OFF
    begins = parameters["exit_period_1_from"]
    if latest < begins <= minute:
        period, latest = 1, begins
    begins = parameters["exit_period_2_from"]
    if begins != TIME_OFF and latest <= begins <= minute:
        period, latest = 2, begins
    begins = parameters["exit_period_3_from"]
    if begins != TIME_OFF and latest <= begins <= minute:
        period = 3
    return period


@kernel
def stop_of(parameters: Record, period: int) -> Record:
    """The hard stop of a period; 0 is the playbook's own."""
    if period == 1:
        return parameters["exit_period_1_stop"]
    if period == 2:
        return parameters["exit_period_2_stop"]
    return parameters["exit_period_3_stop"] if period == 3 else parameters["exit_stop"]


@kernel
def target_of(parameters: Record, period: int) -> Record:
    """The target of a period; 0 is the playbook's own."""
    if period == 1:
        return parameters["exit_period_1_target"]
    if period == 2:
        return parameters["exit_period_2_target"]
    return parameters["exit_period_3_target"] if period == 3 else parameters["exit_target"]


@kernel
def plan_is_ready(row: Record, now_ns: int) -> bool:
    """G22: no distance of the plan, or of a limit price, waits for its ATR."""
    features, parameters, candles = row["features"][0], row["parameters"], row["candles"][0]
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    period = period_of(row, minute_of_day(row, now_ns))
    total = resolve(stop_of(parameters, period), mid, candles)
    total += resolve(target_of(parameters, period), mid, candles)
    total += resolve(parameters["exit_break_even_trigger"], mid, candles)
    total += resolve(parameters["exit_break_even_offset"], mid, candles)
    total += resolve(parameters["exit_offset_trigger"], mid, candles)
    total += resolve(parameters["exit_offset_gain"], mid, candles)
    total += resolve(parameters["exit_lock_trigger"], mid, candles)
    total += resolve(parameters["exit_trail_trigger"], mid, candles)
    total += resolve(parameters["exit_trail_distance"], mid, candles)
    total += resolve(parameters["exit_trail_step"], mid, candles)
    total += resolve(parameters["exit_tight_trigger"], mid, candles)
    total += resolve(parameters["exit_tight_distance"], mid, candles)
    total += resolve(parameters["exit_fast_move"], mid, candles)
    total += resolve(parameters["exit_fast_distance"], mid, candles)
    total += resolve(parameters["exit_partial_trigger"], mid, candles)
    total += resolve(parameters["exit_tighten_distance"], mid, candles)
    total += resolve(parameters["averaging_loss_budget"], mid, candles)
    total += resolve(parameters["entry_limit_offset"], mid, candles)
    return not np.isnan(total + resolve(parameters["exit_limit_offset"], mid, candles))


@kernel
def make_plan(row: Record, now_ns: int) -> None:
    """P1: write the plan; the book is valid and every distance is ready (G22)."""
    features = row["features"][0]
    parameters = row["parameters"]
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    least = max(1, features["ask_ticks"] - features["bid_ticks"])
    period = period_of(row, minute_of_day(row, now_ns))
    row["plan_stop"] = _planned(row, stop_of(parameters, period), mid, least)
    row["plan_target"] = _planned(row, target_of(parameters, period), mid, least)
    trigger = _planned(row, parameters["exit_break_even_trigger"], mid, least)
    row["plan_break_even_trigger"] = trigger
    row["plan_break_even_offset"] = _planned(row, parameters["exit_break_even_offset"], mid, 0)
    row["plan_offset_trigger"] = _planned(row, parameters["exit_offset_trigger"], mid, least)
    row["plan_offset_gain"] = _planned(row, parameters["exit_offset_gain"], mid, 0)
    row["plan_lock_trigger"] = _planned(row, parameters["exit_lock_trigger"], mid, least)
    row["plan_trail_trigger"] = _planned(row, parameters["exit_trail_trigger"], mid, least)
    row["plan_trail_distance"] = _planned(row, parameters["exit_trail_distance"], mid, least)
    row["plan_trail_step"] = _planned(row, parameters["exit_trail_step"], mid, 1)
    row["plan_tight_trigger"] = _planned(row, parameters["exit_tight_trigger"], mid, least)
    row["plan_tight_distance"] = _planned(row, parameters["exit_tight_distance"], mid, least)
    row["plan_fast_move"] = _planned(row, parameters["exit_fast_move"], mid, 1)
    row["plan_fast_distance"] = _planned(row, parameters["exit_fast_distance"], mid, least)
    row["plan_partial_trigger"] = _planned(row, parameters["exit_partial_trigger"], mid, least)
    row["plan_tighten_distance"] = _planned(row, parameters["exit_tighten_distance"], mid, least)
    row["plan_loss_budget"] = _planned(row, parameters["averaging_loss_budget"], mid, 0)


@kernel
def forget_plan(row: Record) -> None:
    """H2: no distance of an earlier plan is in force."""
    row["plan_break_even_trigger"] = row["plan_break_even_offset"] = 0
    row["plan_trail_trigger"] = row["plan_trail_distance"] = row["plan_trail_step"] = 0
    row["plan_offset_trigger"] = row["plan_offset_gain"] = row["plan_lock_trigger"] = 0
    row["plan_tight_trigger"] = row["plan_tight_distance"] = 0
    row["plan_fast_move"] = row["plan_fast_distance"] = 0
    row["plan_partial_trigger"] = row["plan_tighten_distance"] = row["plan_loss_budget"] = 0


@kernel
def beyond_quote(row: Record, side: int) -> int:
    """G23: the limit of a marketable entry."""
    features, offset = row["features"][0], row["parameters"]["entry_limit_offset"]
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    beyond = offset_ticks(offset, float(bid + ask), row["candles"][0], 0)
    return ask + beyond if side == Side.LONG else max(1, bid - beyond)


@kernel
def note_entry(row: Record, side: int, lots: int, now_ns: int) -> None:
    """G23, A2: leave the intent to enter or to add in the row's note.

    lots  of an addition; 0 for an entry, whose size is for risk to say.
    """
    features = row["features"][0]
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    if row["parameters"]["entry_style"] == EntryStyle.RESTING:
        price = bid if side == Side.LONG else ask
    else:
        price = beyond_quote(row, side)
    note = row["note"]
    note["purpose"] = Purpose.ENTRY
    note["side"] = side
    note["price"] = price
    note["lots"] = lots
    note["reason"] = 0
    note["mid_half"] = bid + ask
    note["spread"] = ask - bid
    note["time_ns"] = now_ns
