"""Both readings agree on exits, additions, switches, locks, sizes and perpetuals."""

import pytest

from random_cases import CASES
from side_by_side import Both


@pytest.mark.parametrize("name", CASES)
def test_both_say_the_same_about_a_random_case(name: str) -> None:
    case = CASES[name]()
    both = Both.of(case).play(case)
    both.assert_equal()
    assert len(both.oracle.trades) > 0
