"""Entries are a multiple of the standard lots, rounded down in decimals."""

import math

import pytest

from risk.sizing import entry_lots


@pytest.mark.parametrize(
    ("multiple", "standard", "lots"),
    [
        (1.0, 10, 10),
        (0.29, 100, 29),  # 28.999... in doubles
        (1.5, 3, 4),
        (0.09, 10, 0),
        (1000.0, 7, 7_000),
        (1, 7, 7),
        (1e-7, 10**8, 10),
    ],
)
def test_lots_are_the_multiple_as_written_rounded_down(
    multiple: float, standard: int, lots: int
) -> None:
    assert entry_lots(multiple, standard) == lots


@pytest.mark.parametrize("multiple", [math.nan, math.inf, -math.inf, 0.0, -1.0])
def test_a_multiple_that_is_no_size_gives_no_lots(multiple: float) -> None:
    assert entry_lots(multiple, 10) == 0
