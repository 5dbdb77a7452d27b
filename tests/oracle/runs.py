"""Runs of rejections by one gate: G25."""

import math

from domain.enums import Gate
from oracle.state import Run

_OTHERS_NS = 1_000_000_000


def reject(run: Run | None, gate: Gate, distance: float, now: int) -> tuple[Run, Run | None]:
    """Fold a rejection; gives the run to keep and the run to emit, if any."""
    if run is None:
        return Run(gate, now, now, nearest=distance), None
    if gate is run.gate:
        run.count += 1
        run.last_ns = now
        run.others_since = None
        if math.isnan(run.nearest) or distance > run.nearest:
            run.nearest = distance
        return run, None
    if run.others_since is None:
        run.others_since = now
    if now - run.others_since >= _OTHERS_NS:
        return Run(gate, now, now, nearest=distance), run
    return run, None
