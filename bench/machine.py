"""What a figure was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final

from domain.jit import kernel_hash

_PACKAGES: Final = ("numba", "llvmlite", "numpy", "msgspec", "polars")


def machine() -> list[str]:
    """Lines that name processor, system, versions and the kernels."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return [
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}",
        f"CPython {platform.python_version()}, {versions}",
        f"kernels {kernel_hash()}",
    ]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
