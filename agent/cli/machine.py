"""Whether this machine is fit: versions, kernels, processor, clocks, time zones."""

import ctypes
import os
import platform
import sys
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import msgspec

from domain.errors import AutoScalperError
from domain.units import SECOND_NS
from reporting.amounts import counted
from reporting.doctor_text import Finding, good, problem, warning

_PYTHONS: Final = ((3, 11), (3, 13))
_LIBRARIES: Final = (
    "msgspec",
    "numba",
    "numpy",
    "polars",
    "pydantic-settings",
    "rich",
    "typer",
    "zstandard",
)
_WATCHED_S: Final = 0.2
_EARLIEST_NS: Final = 1_735_689_600 * SECOND_NS  # 2025-01-01: no build is older
_MOST_APART: Final = 0.005  # of the time watched; ten times what the engine follows
_TIME_ERROR: Final = 5  # adjtimex: the clock is not synchronised
_TIMEX_BYTES: Final = 512  # struct timex is 208 bytes on 64-bit Linux


class Clocks(msgspec.Struct, frozen=True):
    """Both clocks, read together."""

    wall_ns: int
    monotonic_ns: int


def versions() -> Finding:
    """Python and the libraries that compute, store and check."""
    python = f"Python {platform.python_version()}"
    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return problem("python", f"{', '.join(missing)} not installed", "run `make env`, or pip")
    text = f"{python}; {', '.join(found)}"
    if not _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]:
        return problem("python", text, "use Python 3.11 to 3.13")
    return good("python", text)


def kernels() -> Finding:
    """Compile or load what decides, and say how long it took."""
    from agent.replay.warm_up import warm_up
    from config.settings import load_settings
    from domain.jit import CACHE_FOLDER, INTERPRETED, kernel_hash

    before = _compiled(CACHE_FOLDER)
    started = time.perf_counter()
    try:
        warm_up(load_settings())
    except AutoScalperError as error:
        return problem("kernels", f"could not be tried: {error}", "see `autoscalper check`")
    took = f"{time.perf_counter() - started:.1f} s, hash {kernel_hash()[:12]}"
    if INTERPRETED:
        fix = "unset AUTOSCALPER_INTERPRET and NUMBA_DISABLE_JIT"
        return warning("kernels", f"run as plain Python, a hundred times slower: {took}", fix)
    if CACHE_FOLDER is None or CACHE_FOLDER.name.startswith("autoscalper-kernels-"):
        fix = "set AUTOSCALPER_CACHE to a folder of this user"
        return warning("kernels", f"compiled in {took}, and cannot be kept", fix)
    new = len(_compiled(CACHE_FOLDER) - before)
    what = f"{counted(new, 'function')} compiled and kept" if new else "loaded from the cache"
    return good("kernels", f"{what} in {took}")


def _compiled(folder: Path | None) -> set[Path]:
    return set() if folder is None else set(folder.rglob("*.nbi"))


def processor() -> Finding:
    """How many cores there are, and whether others use them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = cores or 1
    load = os.getloadavg()[0]
    text = f"{_model()}, {cores} core{'' if cores == 1 else 's'}, load {load:.1f}"
    if load > cores:
        return warning("cpu", text, "stop what else runs here: ticks would wait for it")
    return good("cpu", text)


def _model() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def clocks() -> Finding:
    """Watch both clocks for a moment."""
    first = Clocks(time.time_ns(), time.monotonic_ns())
    time.sleep(_WATCHED_S)
    return judged(first, Clocks(time.time_ns(), time.monotonic_ns()), synchronised())


def judged(first: Clocks, last: Clocks, synchronised: bool | None) -> Finding:
    """What two readings say; `synchronised` is None where the system does not tell."""
    wall, monotonic = last.wall_ns - first.wall_ns, last.monotonic_ns - first.monotonic_ns
    if last.wall_ns < _EARLIEST_NS:
        day = time.strftime("%Y-%m-%d", time.gmtime(last.wall_ns / SECOND_NS))
        return problem("clock", f"says {day}, which is past", "set the clock, and start NTP")
    if monotonic <= 0:
        return problem("clock", "the monotonic clock stands still", "restart this machine")
    apart = abs(wall - monotonic) / monotonic
    text = f"wall and monotonic {apart * 1e6:,.0f} ppm apart over {monotonic / 1e6:,.0f} ms"
    if apart > _MOST_APART:
        return problem("clock", text, "see what sets the clock: entries stop while it jumps")
    if synchronised is False:
        return warning("clock", f"{text}; not synchronised", "start NTP: chrony or timesyncd")
    return good("clock", text if synchronised is None else f"{text}; synchronised")


def synchronised() -> bool | None:
    """Whether the kernel holds the clock for right; None where it does not tell."""
    with suppress(OSError, AttributeError):
        timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: only read
        state = ctypes.CDLL(None).adjtimex(timex)
        return None if state < 0 else state != _TIME_ERROR
    return None


def zones() -> Finding:
    """Whether session times can be told."""
    from config.zones import zone, zone_names

    try:
        zone("America/New_York")
        count = len(zone_names())
        return good("zones", f"tzdata {version('tzdata')}, {count} time zones")
    except (ValueError, OSError, ModuleNotFoundError, PackageNotFoundError) as error:
        return problem("zones", f"cannot be read: {error}", "install the package tzdata again")
