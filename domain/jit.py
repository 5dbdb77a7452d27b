"""The one numba decorator, and a cache of compiled code that is never stale.

numba's own cache notices an edit only in the file of the cached function, not in the steps that
function calls, and it hands out unchecked code when bounds checking is asked for. Compiled code
therefore lies in a folder named by all it depends on: sources, versions, processor and mode.

AUTOSCALPER_INTERPRET=1, or numba's NUMBA_DISABLE_JIT=1, runs every kernel as plain Python.
AUTOSCALPER_CACHE moves the cache. All of these are read once, when this module is imported.
"""

import atexit
import hashlib
import os
import platform
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import llvmlite
import llvmlite.binding
import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])

_ROOT: Final = Path(__file__).resolve().parent.parent
_RULES: Final = (
    "domain/**/*.py",
    "strategies/**/*.py",
    "execution/matching*.py",
    "execution/matching*/**/*.py",
    "agent/core/**/*.py",
)
_GENERATORS: Final = ("market/simulated/**/*.py",)  # kernels that make data and decide nothing
_CONFIG: Final[Any] = numba.config  # numba makes its settings at run time, unseen by type checkers
_KEPT_S: Final = 30 * 24 * 3600
_LOOKED_AT: Final = 256  # folders looked at in one clean-up, so that a start never waits for it

INTERPRETED: Final = bool(os.environ.get("AUTOSCALPER_INTERPRET") == "1" or _CONFIG.DISABLE_JIT)


@cache
def source_files() -> tuple[Path, ...]:
    """Every file that may hold a kernel or what a kernel calls, in a fixed order."""
    return _found(_RULES + _GENERATORS)


@cache
def kernel_hash() -> str:
    """BLAKE2b of the names and contents of the files that decide: 32 hexadecimal digits.

    It stands for the rules alone: the same on every machine, Python and bounds-check mode, and
    whatever the kernels are that generate data.
    """
    return _digest(_found(_RULES))


def _found(patterns: tuple[str, ...]) -> tuple[Path, ...]:
    return tuple(sorted({path for pattern in patterns for path in _ROOT.glob(pattern)}))


def _digest(files: tuple[Path, ...]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(_ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _key() -> str:
    """Name of the cache folder: 32 hexadecimal digits that change with anything that matters."""
    binding = llvmlite.binding
    parts = (
        _digest(source_files()),
        platform.python_implementation(),
        platform.python_version(),
        numba.__version__,
        np.__version__,
        llvmlite.__version__,
        binding.get_host_cpu_name(),
        binding.get_host_cpu_features().flatten(),
        "checked" if _CONFIG.BOUNDSCHECK else "unchecked",
    )
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


def _base() -> Path:
    """Where the folders of all keys lie. RuntimeError where there is no home folder either."""
    if chosen := os.environ.get("AUTOSCALPER_CACHE"):
        return Path(chosen).absolute() / "kernels"
    if systemd := os.environ.get("CACHE_DIRECTORY"):
        return Path(systemd.split(":", maxsplit=1)[0]) / "kernels"
    user = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (user if user.is_absolute() else Path.home() / ".cache") / "autoscalper" / "kernels"


def _claim(folder: Path) -> Path:
    """Make `folder` ours alone and mark it used. OSError where that cannot be had."""
    known = folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.lstat()
    # What lies here is loaded as code: a folder that someone else prepared is refused.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(f"{folder} is not a folder of this user")
    folder.chmod(0o700)
    os.utime(folder)
    tempfile.TemporaryFile(dir=folder).close()
    if not known:
        _remove_unused(folder.parent, folder.stat().st_mtime - _KEPT_S)
    return folder


def _remove_unused(base: Path, oldest: float) -> None:
    """Remove folders that no start has used since `oldest`; one that resists is left."""
    with suppress(OSError):
        for folder, _ in zip(base.iterdir(), range(_LOOKED_AT), strict=False):
            if re.fullmatch("[0-9a-f]{32}", folder.name) and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


def _cache_folder() -> Path | None:
    """The folder of this key, else a private one for this process, else None: no caching."""
    with suppress(OSError, RuntimeError):
        return _claim(_base() / _key())
    with suppress(OSError):
        folder = Path(tempfile.mkdtemp(prefix="autoscalper-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder
    return None


CACHE_FOLDER: Final = None if INTERPRETED else _cache_folder()


def kernel(function: Function) -> Function:
    """Compile `function` at its first call, or leave it as it is when interpreting.

    Division by zero gives inf or nan as in numpy, never an error, and floating point stays in
    the order written. A function outside `source_files()` is compiled anew in every process.
    """
    if INTERPRETED:
        return function
    file = Path(function.__code__.co_filename).resolve()
    cached = CACHE_FOLDER is not None and file in source_files()
    if cached:
        # Set again each time: numba forgets it when a NUMBA_ variable changes in the environment.
        _CONFIG.CACHE_DIR = str(CACHE_FOLDER)
    compiled = numba.njit(cache=cached, error_model="numpy", fastmath=False, parallel=False)
    return cast("Function", compiled(function))
