"""Measures of performance, each with its source."""

from collections.abc import Sequence
from math import cos, exp, fsum, isfinite, pi, sin, sqrt
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


def mean_interval(values: Sequence[float]) -> Interval:
    """95 % interval of the mean behind `values` by Student's t, taken as independent.

    values  at least 2, finite. Few or skewed ones make it a rough guide.
    Errors  BadInput for fewer values, or ones that are not finite.
    Source  Student, "The probable error of a mean", Biometrika 6 (1908) 1-25: mean -+ t s / sqrt n
            with n - 1 degrees of freedom and s the sample's standard deviation.
    """
    count = len(values)
    if count < 2 or not all(isfinite(value) for value in values):
        raise BadInput(f"a mean of {count} values has no interval; give 2 or more finite numbers")
    mean = fsum(values) / count
    spread = sqrt(fsum((value - mean) ** 2 for value in values) / (count - 1))
    half = t_quantile_95(count - 1) * spread / sqrt(count)
    return Interval(mean - half, mean + half)


def t_quantile_95(freedom: int) -> float:
    """Student's t that 95 % of all values lie within on both sides, to 1e-6 of itself.

    freedom  degrees of freedom, at least 1.
    Errors   BadInput for fewer.
    Source   G. W. Hill, "Algorithm 396: Student's t-quantiles", CACM 13 (1970) 619-620; exact
             for 1 to 3.
    """
    tail, n = 0.05, freedom
    if n < 1:
        raise BadInput(f"Student's t needs 1 degree of freedom or more, not {n}")
    if n == 1:
        return cos(tail * pi / 2) / sin(tail * pi / 2)
    if n == 2:
        return sqrt(2 / (tail * (2 - tail)) - 2)
    if n == 3:
        return 3.182446305284263  # for 95 % Hill's other branch serves 3 alone
    a = 1 / (n - 0.5)
    b = 48 / a**2
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * sqrt(a * pi / 2) * n
    x = -Z95
    y = x * x
    if n < 5:
        c += 0.3 * (n - 4.5) * (x + 0.6)
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    return sqrt(n * (exp(a * y * y) - 1))
