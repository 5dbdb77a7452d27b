"""When a position is added to (docs/rules.md, A1). Every gate but the pauses is asked again."""

from domain.arrays import Record
from domain.enums import AveragingMode
from domain.jit import kernel
from strategies.rules.chain import PASSED, first_blocking_addition
from strategies.rules.durations import to_ns
from strategies.rules.marks import gain_ticks


@kernel
def adds(row: Record, account: Record, now_ns: int) -> bool:
    """A1: True if the position is to be added to now; the book is valid, nothing works.

    Distances of the gates asked are left in the row.
    """
    parameters = row["parameters"]
    mode = parameters["averaging_mode"]
    if mode == AveragingMode.OFF or row["additions"] >= parameters["averaging_max_additions"]:
        return False
    lots = row["addition_lots"]
    if lots < 1 or row["position_lots"] + lots > row["cap_lots"]:
        return False
    side, entry_ns = row["position_side"], row["position_entry_ns"]
    if row["features"][0]["direction"] != side:
        return False
    if now_ns - entry_ns > to_ns(parameters["averaging_window_s"]):
        return False
    since_ns = row["last_addition_ns"] if row["last_addition_ns"] > 0 else entry_ns
    if now_ns - since_ns < to_ns(parameters["averaging_interval_s"]):
        return False
    gain = gain_ticks(row)
    if mode == AveragingMode.PROFIT and gain <= 0:
        return False
    if mode == AveragingMode.LOSS_BUDGET and gain < -row["plan_loss_budget"]:
        return False
    return first_blocking_addition(row, account, side, now_ns) == PASSED
