"""Measures agree with values computed by hand."""

import pytest

from domain.errors import BadInput
from reporting.measures import mean_interval, t_quantile_95, wilson_interval


def test_wilson_interval_of_5_in_10_is_the_textbook_value() -> None:
    # z^2 = 3.8415; middle 6.9207 / 13.8415; half 1.95996 / 13.8415 * sqrt(2.5 + 0.96036).
    assert wilson_interval(5, 10) == pytest.approx((0.23659, 0.76341), abs=1e-5)


def test_wilson_interval_of_1_in_4_with_z_2_is_exact() -> None:
    # Middle 3 / 8, half a quarter of the root of 3 / 4 + 1, which is 1.3228756555.
    assert wilson_interval(1, 4, z=2.0) == pytest.approx((0.0442810861, 0.7057189139), abs=1e-9)


def test_wilson_interval_without_success_starts_at_exactly_zero() -> None:
    # Upper end: z^2 / (n + z^2).
    low, high = wilson_interval(0, 10)
    assert low == 0.0
    assert high == pytest.approx(3.841459 / 13.841459, abs=1e-6)


def test_wilson_interval_of_successes_alone_ends_at_exactly_one() -> None:
    low, high = wilson_interval(10, 10)
    assert low == pytest.approx(10 / 13.841459, abs=1e-6)
    assert high == 1.0


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 3), (4, 3), (-2, -1)])
def test_wilson_interval_refuses_what_is_no_proportion(successes: int, trials: int) -> None:
    with pytest.raises(BadInput, match="no proportion"):
        wilson_interval(successes, trials)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.706204736),
        (2, 4.302652730),
        (3, 3.182446305),
        (4, 2.776445105),
        (5, 2.570581836),
        (10, 2.228138852),
        (30, 2.042272456),
        (120, 1.979930405),
        (1000, 1.962339081),
    ],
)
def test_t_quantile_is_that_of_the_tables(freedom: int, quantile: float) -> None:
    assert t_quantile_95(freedom) == pytest.approx(quantile, rel=1e-6)


def test_t_quantile_of_very_many_is_the_normal_one() -> None:
    assert t_quantile_95(10_000_000) == pytest.approx(1.959963984540054, rel=1e-6)


def test_t_quantile_refuses_no_degree_of_freedom() -> None:
    with pytest.raises(BadInput, match="1 degree of freedom or more, not 0"):
        t_quantile_95(0)


def test_mean_interval_of_1_to_5_is_the_textbook_value() -> None:
    # Mean 3, s = sqrt(2.5), half 2.776445 * sqrt(2.5 / 5).
    assert mean_interval([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx((1.036757, 4.963243), abs=1e-6)


def test_mean_interval_of_two_values_uses_one_degree_of_freedom() -> None:
    # Mean 1, s = sqrt(2), half 12.706205 * sqrt(2) / sqrt(2).
    assert mean_interval([0.0, 2.0]) == pytest.approx((-11.706205, 13.706205), abs=1e-6)


def test_mean_interval_of_equal_values_is_a_point() -> None:
    assert mean_interval([-1.5] * 7) == (-1.5, -1.5)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, float("nan")], [1.0, float("inf")]])
def test_mean_interval_refuses_what_has_none(values: list[float]) -> None:
    with pytest.raises(BadInput, match="no interval"):
        mean_interval(values)
