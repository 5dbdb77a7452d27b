"""Loading apart: Parquet to checked, ordered TICK rows."""

import time
from typing import Final

from bench.data import data_folder
from market.history.parquet import read_ticks

_FILES: Final = (
    "crypto/BTCUSDT-usdm-20240808",
    "equity/BAC-20131007-20131008",
    "fx/EURUSD-fxcm-20140501-20140509",
)
_REPEATS: Final = 5


def measure_loading() -> None:
    """Print the time of reading recorded files, with a warm file cache."""
    print("\n| file | rows | dropped | best of 5, ms | us a row |\n|---|---|---|---|---|")
    for name in _FILES:
        path = data_folder() / "ticks" / f"{name}.parquet"
        if not path.exists():
            print(f"| {name} | skipped: not in {data_folder()} | | | |")
            continue
        spent: list[float] = []
        for _ in range(_REPEATS):
            started = time.perf_counter()
            source = read_ticks(path, 0)
            spent.append(time.perf_counter() - started)
        best = min(spent)
        dropped = sum(source.bad.values())
        each = f"{best * 1e3:.0f} | {best * 1e6 / source.rows:.2f}"
        print(f"| {path.name} | {source.rows:,} | {dropped:,} | {each} |")
