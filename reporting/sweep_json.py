"""What a sweep found as one JSON object for scripts: exact, keys in a fixed order."""

import json
from typing import Final

from reporting.json_values import Json, flat, plain
from reporting.sweep_summary import SweepSummary

INTERVAL: Final = "95 % of the net of a trade, Student's t, trades taken as independent"


def sweep_json(summary: SweepSummary) -> str:
    """One line of ASCII. `sets` comes last, best net first; `interval` of a set is [low, high].

    Money is a string of a decimal, unrounded and without exponent, but for intervals.
    """
    found = flat(summary)
    sets = found.pop("sets")
    added: dict[str, Json] = {
        "interval_is": INTERVAL,
        "sets_count": len(summary.sets),
        "different_decisions": summary.ways,
        "core_ns_per_tick_and_set": plain(summary.core_ns),
        "elapsed_ns_per_tick_and_set": plain(summary.elapsed_ns),
        "sets": sets,
    }
    return json.dumps(found | added, allow_nan=False)
