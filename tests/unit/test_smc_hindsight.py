"""Our rows, read with hindsight, are what a well-known library says of its own candles."""

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
import pytest

import hindsight
from recorded import recorded
from smc_cases import REFERENCE

FOLDER: Final = Path("reference/smc")


def candles() -> pl.DataFrame:
    """The candles that the reference results are of."""
    return pl.read_parquet(recorded(REFERENCE))


def assert_equal(found: pl.DataFrame, name: str) -> None:
    """Column by column; levels to the last of seven digits, as the reference is of singles."""
    expected = pl.read_parquet(recorded(str(FOLDER / f"{name}.parquet")))
    assert found.columns == expected.columns
    for column in expected.columns:
        mine, theirs = (frame[column].cast(pl.Float64).to_numpy() for frame in (found, expected))
        np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=0.0, err_msg=column)


@pytest.mark.data
def test_swings_are_those_of_the_reference() -> None:
    assert_equal(hindsight.swing_highs_lows(candles(), swing_length=5), "swing_highs_lows")


@pytest.mark.data
def test_gaps_are_those_of_the_reference() -> None:
    assert_equal(hindsight.fvg(candles(), join_consecutive=False), "fvg")


@pytest.mark.data
def test_structure_is_that_of_the_reference() -> None:
    swings = hindsight.swing_highs_lows(candles(), swing_length=5)
    assert_equal(hindsight.bos_choch(candles(), swings), "bos_choch")


@pytest.mark.data
def test_joined_gaps_cover_the_gaps_they_are_made_of() -> None:
    single, joined = (hindsight.fvg(candles(), join_consecutive=join) for join in (False, True))
    assert joined["FVG"].count() < single["FVG"].count()
    assert joined["Top"].max() == single["Top"].max()
    assert joined["Bottom"].min() == single["Bottom"].min()


@pytest.mark.data
def test_few_of_the_blocks_that_form_are_left_in_hindsight() -> None:
    swings = hindsight.swing_highs_lows(candles(), swing_length=5)
    assert hindsight.ob(candles(), swings)["OB"].count() == 66
