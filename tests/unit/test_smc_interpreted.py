"""The detectors as plain Python say what they say compiled, every index checked."""

import hashlib
import os
import subprocess
import sys
from typing import Final

from smc_cases import random_bars, rules
from source_tree import ROOT
from strategies.smc.detect import detect

SAID: Final = (
    "import sys, hashlib; sys.path[:0] = ['tests', '.']\n"
    "from smc_cases import random_bars, rules\n"
    "from strategies.smc.detect import detect\n"
    "print(hashlib.sha256(detect(random_bars(5, 1_500), rules()).tobytes()).hexdigest())\n"
)


def test_interpreted_detectors_give_the_same_rows_to_the_last_bit() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", SAID],
        cwd=ROOT,
        env={**os.environ, "AUTOSCALPER_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    compiled = detect(random_bars(5, 1_500), rules()).tobytes()
    assert done.stdout.strip() == hashlib.sha256(compiled).hexdigest(), done.stderr[-2_000:]
