"""Measures agree with values computed by hand."""

import pytest

from domain.errors import BadInput
from reporting.measures import wilson_interval


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
