"""A core that restores a snapshot is the core that took it."""

from typing import Final

import numpy as np
from msgspec.structs import replace

from core_cases import Case, playbook, quote
from domain.rows.output import OUTPUT
from random_cases import INVERSE

# What ten times a hundred of these are worth outgrows 64 bits in units of 1E-18.
LARGE: Final = replace(INVERSE, standard_lots=1_000, assumed_size=INVERSE.assumed_size * 100)
SIZE: Final = 10_000.0


def holding_inverse() -> Case:
    case = Case(names=(INVERSE.name,)).market(playbook(), instrument=LARGE)
    return case.fold(quote(0, 100.0, 100.1, SIZE, SIZE), quote(1, 100.0, 100.1, SIZE, SIZE))


def test_a_snapshot_of_an_open_inverse_position_restores_to_itself() -> None:
    case, other = holding_inverse(), Case(names=(INVERSE.name,))
    assert case.row["position_lots"] > 0
    other.core.restore(case.core.snapshot())
    assert other.core.snapshot() == case.core.snapshot()


def test_a_restored_inverse_position_goes_on_as_the_one_before() -> None:
    case, other = holding_inverse(), Case(names=(INVERSE.name,))
    other.core.restore(case.core.snapshot())
    up = quote(2, 103.9, 104.0, SIZE, SIZE)
    said, again = (each.fold(up).kept.rows[-2:] for each in (case, other))
    assert OUTPUT.names is not None
    assert len(said) == 2
    assert all(np.array_equal(said[name], again[name]) for name in OUTPUT.names[:-1])
