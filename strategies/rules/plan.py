"""The plan of a position, resolved at the decision and frozen (docs/rules.md, P1 and G18)."""

from domain.arrays import Record
from domain.enums import EntryStyle, Purpose, Side
from domain.jit import kernel
from strategies.features.distances import resolve_ticks


@kernel
def _planned(row: Record, distance: Record, mid: float, least: int) -> int:
    if distance["off"] == 1:
        return 0
    return max(least, resolve_ticks(distance, mid, row["candles"][0]))


@kernel
def make_plan(row: Record) -> None:
    """P1: write the plan; the book is valid and every distance is ready (G15)."""
    features = row["features"][0]
    parameters = row["parameters"]
    mid = float(features["bid_ticks"] + features["ask_ticks"])
    least = max(1, features["ask_ticks"] - features["bid_ticks"])
    row["plan_stop"] = _planned(row, parameters["exit_stop"], mid, least)
    row["plan_target"] = _planned(row, parameters["exit_target"], mid, least)
    trigger = _planned(row, parameters["exit_break_even_trigger"], mid, least)
    row["plan_break_even_trigger"] = trigger
    row["plan_break_even_offset"] = _planned(row, parameters["exit_break_even_offset"], mid, 0)
    row["plan_trail_trigger"] = _planned(row, parameters["exit_trail_trigger"], mid, least)
    row["plan_trail_distance"] = _planned(row, parameters["exit_trail_distance"], mid, least)
    row["plan_trail_step"] = _planned(row, parameters["exit_trail_step"], mid, 1)


@kernel
def note_entry(row: Record, side: int, now_ns: int) -> None:
    """G18: leave the entry intent in the row's note; its size is for risk to say."""
    features = row["features"][0]
    bid, ask = features["bid_ticks"], features["ask_ticks"]
    parameters = row["parameters"]
    if parameters["entry_style"] == EntryStyle.RESTING:
        price = bid if side == Side.LONG else ask
    else:
        offset = parameters["entry_limit_offset"]
        beyond = max(0, resolve_ticks(offset, float(bid + ask), row["candles"][0]))
        price = ask + beyond if side == Side.LONG else max(1, bid - beyond)
    note = row["note"]
    note["purpose"] = Purpose.ENTRY
    note["side"] = side
    note["price"] = price
    note["lots"] = 0
    note["reason"] = 0
    note["mid_half"] = bid + ask
    note["spread"] = ask - bid
    note["time_ns"] = now_ns
