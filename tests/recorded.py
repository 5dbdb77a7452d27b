"""Where recorded market data lies, for tests that use it; they skip where there is none."""

import os
from pathlib import Path

import pytest

from source_tree import ROOT


def data_folder() -> Path:
    """`$AUTOSCALPER_DATA`, else `../shared/data` beside the checkout."""
    stated = os.environ.get("AUTOSCALPER_DATA")
    return Path(stated) if stated else ROOT.parent / "shared" / "data"


def recorded(name: str) -> Path:
    """A recorded file, such as `ticks/equity/BAC-20131007-20131008.parquet`, or skip."""
    path = data_folder() / name
    if not path.exists():
        pytest.skip(f"no recorded data: {name} is not in AUTOSCALPER_DATA or ../shared/data")
    return path


def recorded_ticks() -> list[Path]:
    """Every recorded file of ticks, sorted; none where there is no data."""
    return sorted(data_folder().glob("ticks/*/*.parquet"))
