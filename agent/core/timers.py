"""When something is due although no tick says so (docs/rules.md, I4 and T1).

`timer_ns` of a row is never later than its next timer, and `next_timer_ns` of the account never
later than any row's, so that a tick compares two numbers. Silence of a market pushes its stall
timer away with each tick; that is found out only when the older time comes.
"""

from domain.arrays import Record
from domain.enums import ExitReason, Purpose
from domain.jit import kernel
from domain.rows.account import NEVER_NS
from strategies.rules.durations import longest_hold_ns, square_off_ns, to_ns


@kernel
def next_timer(row: Record) -> int:
    """T1: the market's next timer, or NEVER_NS."""
    due = NEVER_NS
    for purpose in range(2):
        order = row["orders"][purpose]
        if order["active"] == 1:
            due = min(due, order["due_ns"])
    if row["position_lots"] == 0 or row["orders"][Purpose.EXIT]["active"] == 1:
        return due
    if row["exit_reason"] != ExitReason.NONE:
        return min(due, row["exit_hold_until"])
    if row["by_hand"] == 1:
        return due
    due = min(due, row["last_tick_ns"] + to_ns(row["parameters"]["exit_stall_s"]))
    due = min(due, row["position_entry_ns"] + longest_hold_ns(row))
    return min(due, square_off_ns(row)) if row["session_close_ns"] > 0 else due


@kernel
def time_of(row: Record, due_ns: int) -> int:
    """The time at which a timer due at `due_ns` acts: an arrival comes after its own stamp (M1)."""
    for purpose in range(2):
        order = row["orders"][purpose]
        if order["active"] == 1 and order["arrived"] == 0 and order["due_ns"] == due_ns:
            return order["arrival_ns"]
    return due_ns


@kernel
def schedule(row: Record, account: Record) -> None:
    """Note the market's next timer after its orders, position or session changed."""
    due = next_timer(row)
    row["timer_ns"] = due
    account["next_timer_ns"] = min(account["next_timer_ns"], due)
