"""The same core as plain Python, with every index checked, and after an edit of its rules."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from source_tree import ROOT

ROOMS: Final = ("agent", "config", "domain", "execution", "market", "reporting", "risk")
FOLD: Final = (
    "import sys; sys.path[:0] = ['tests', '.']\n"
    "from core_cases import Case, playbook\n"
    "from random_ticks import loose_playbook_values, random_ticks\n"
    "case = Case().market(playbook(loose_playbook_values())).fold(random_ticks(21, {count}))\n"
    "print(case.hash.hexdigest(), len(case.trades))\n"
)


def folded(folder: Path, count: int = 3_000, **environment: str) -> str:
    """What a fresh process in `folder` makes of random ticks: the hash and its trades."""
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", FOLD.format(count=count)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources whose compiled code lies apart."""
    for room in (*ROOMS, "strategies", "tests"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_interpreted_kernels_with_checked_indices_give_the_same_hash_over_20000_ticks() -> None:
    compiled = folded(ROOT, 20_000)
    assert folded(ROOT, 20_000, AUTOSCALPER_INTERPRET="1") == compiled


def test_the_core_acts_on_an_edited_rule_although_compiled_code_lies_in_the_cache(
    copy: Path,
) -> None:
    cache = str(copy / "cache")
    before = folded(copy, AUTOSCALPER_CACHE=cache)
    rule = copy / "strategies" / "features" / "momentum.py"
    edited = rule.read_text().replace('features["streak"] += 1', 'features["streak"] += 2')
    assert edited != rule.read_text()
    rule.write_text(edited)
    assert folded(copy, AUTOSCALPER_CACHE=cache) != before


@pytest.mark.nightly
def test_compiled_kernels_with_checked_indices_give_the_same_hash_over_200000_ticks(
    tmp_path: Path,
) -> None:
    checked = {"NUMBA_BOUNDSCHECK": "1", "AUTOSCALPER_CACHE": str(tmp_path)}
    assert folded(ROOT, 200_000, **checked) == folded(ROOT, 200_000)
