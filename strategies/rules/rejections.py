"""Runs of rejections: many ticks blocked by one gate are one row (docs/rules.md, G24 and G25)."""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel

CHANGED_AFTER_NS = 1_000_000_000


@kernel
def count_rejection(row: Record, gate: int) -> None:
    """Count one flat tick under the gate that blocked it."""
    tally = row["tally"]
    tally["rejections"][gate] += 1
    if np.isnan(row["distances"][gate]):
        tally["not_ready"][gate] += 1


@kernel
def run_ends(row: Record, gate: int, now_ns: int) -> bool:
    """True if a rejection by `gate` now ends the open run, which is then to be emitted."""
    run = row["run"]
    if run["open"] == 0 or run["gate"] == gate:
        return False
    if run["other"] == 0:
        run["other"] = 1
        run["other_since_ns"] = now_ns
    return bool(now_ns - run["other_since_ns"] >= CHANGED_AFTER_NS)


@kernel
def extend_run(row: Record, gate: int, now_ns: int) -> None:
    """Add a rejection to the run of its gate, or start one if none is open."""
    run = row["run"]
    if run["open"] == 0:
        run["open"] = 1
        run["gate"] = gate
        run["first_ns"] = now_ns
        run["count"] = 0
        run["nearest"] = np.nan
        run["other"] = 0
    if run["gate"] != gate:
        return
    distance = row["distances"][gate]
    run["last_ns"] = now_ns
    run["count"] += 1
    run["other"] = 0
    if not distance <= run["nearest"] and not np.isnan(distance):
        run["nearest"] = distance
