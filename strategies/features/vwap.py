"""Volume-weighted average price since the session's start (docs/rules.md, F15)."""

import numpy as np

from domain.arrays import Record
from domain.jit import kernel


@kernel
def vwap(features: Record) -> float:
    """Half-ticks, or NaN while nothing was weighed."""
    weight = features["vwap_weight"]
    return features["vwap_value"] / weight if weight > 0.0 else np.nan


@kernel
def restart_vwap(features: Record) -> None:
    """Forget what was weighed: a session opens or the account's day rolls."""
    features["vwap_value"] = 0.0
    features["vwap_weight"] = 0.0
