"""Measures of performance, each with its source."""

from math import sqrt
from typing import Final, NamedTuple

from domain.errors import BadInput

Z95: Final = 1.959963984540054  # standard normal quantile of 0.975


class Interval(NamedTuple):
    """What lies between two bounds, both included."""

    low: float
    high: float


def wilson_interval(successes: int, trials: int, z: float = Z95) -> Interval:
    """Interval of a proportion, within 0 to 1; useful from the first trial on.

    successes  0 to trials.
    trials     at least 1.
    z          standard normal quantile, > 0; the default gives 95 %.
    Errors     BadInput for counts outside these bounds.
    Source     E. B. Wilson, "Probable inference, the law of succession, and statistical
               inference", JASA 22 (1927) 209-212, without continuity correction.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise BadInput(
            f"{successes} successes in {trials} trials are no proportion; give 0 to all of one or "
            "more trials"
        )
    weight = trials + z * z
    middle = (successes + z * z / 2) / weight
    half = z / weight * sqrt(successes * (trials - successes) / trials + z * z / 4)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
