"""Times of a position in whole nanoseconds (docs/rules.md, C7, E7)."""

from domain.arrays import Record
from domain.enums import TimeGuard
from domain.jit import kernel
from strategies.features.distances import half_up


@kernel
def to_ns(seconds: float) -> int:
    """A parameter in seconds as whole nanoseconds."""
    return half_up(seconds * 1e9)


@kernel
def max_hold_ns(row: Record) -> int:
    """Time after which the time guard looks at a position."""
    return to_ns(row["parameters"]["exit_max_hold_s"])


@kernel
def longest_hold_ns(row: Record) -> int:
    """E7: time after which the time guard closes a position whatever it gained."""
    if row["parameters"]["exit_time_guard"] == TimeGuard.TIGHTEN:
        return max_hold_ns(row) + to_ns(row["parameters"]["exit_time_guard_extra_s"])
    return max_hold_ns(row)


@kernel
def square_off_ns(row: Record) -> int:
    """When a position is closed before its session ends; meaningless without one."""
    return row["session_close_ns"] - to_ns(row["parameters"]["exit_session_end_s"])
