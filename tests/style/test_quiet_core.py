"""What decides is silent: no printing, no logging, no kernel whose edits the cache cannot see.

It has no clock either, and the service has one place that reads it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.jit import source_files
from source_tree import ROOT, nodes, place, python_files, shipped_packages

SILENT = ("domain", "risk", "strategies", "agent/core")
CLOCK = ROOT / "agent" / "service" / "clock.py"
READINGS = {"now", "utcnow", "today", "time", "monotonic", "time_ns"}
LOGGERS = {"logging", "structlog", "warnings"}


def noises_in(path: Path) -> Iterator[str]:
    """Every call of `print` and import of a logger in `path`."""
    for node in nodes(path):
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield place(path, node)
            case ast.Import(names=names) if LOGGERS & {n.name.split(".")[0] for n in names}:
                yield place(path, node)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in LOGGERS:
                yield place(path, node)


def readings_in(path: Path) -> Iterator[str]:
    """Every import of `time` and call of what reads a clock by itself in `path`."""
    for node in nodes(path):
        match node:
            case ast.Import(names=names) if "time" in {each.name for each in names}:
                yield place(path, node)
            case ast.ImportFrom(module="time"):
                yield place(path, node)
            case ast.Call(func=ast.Attribute(attr=name)) if name in READINGS:
                yield place(path, node)


def kernels_in(path: Path) -> Iterator[str]:
    """Every function in `path` that is decorated as a kernel."""
    for node in nodes(path):
        match node:
            case ast.FunctionDef(decorator_list=decorators) if any(
                getattr(d, "id", getattr(d, "attr", "")) == "kernel" for d in decorators
            ):
                yield place(path, node)


def test_what_decides_neither_prints_nor_logs() -> None:
    assert [noise for path in python_files(*SILENT) for noise in noises_in(path)] == []


@pytest.mark.parametrize(
    "line", ["print(1)", "import logging", "import logging.config", "from structlog import get"]
)
def test_planted_noise_is_found(line: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(line)
    assert list(noises_in(planted)) == ["planted.py:1"]


def test_the_clock_is_read_in_one_place() -> None:
    others = set(python_files(*SILENT, "agent/service")) - {CLOCK}
    assert [found for path in sorted(others) for found in readings_in(path)] == []


@pytest.mark.parametrize(
    "line",
    ["import time", "from time import time_ns", "loop.time()", "datetime.now(UTC)", "date.today()"],
)
def test_planted_reading_is_found(line: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(line)
    assert list(readings_in(planted)) == ["planted.py:1"]


def test_every_shipped_kernel_lies_where_the_cache_sees_its_edits() -> None:
    unseen = set(python_files(*shipped_packages())) - set(source_files())
    assert [kernel for path in sorted(unseen) for kernel in kernels_in(path)] == []


def test_numba_is_configured_in_one_place() -> None:
    importers = [
        place(path)
        for path in python_files(*shipped_packages(), "bench")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module == "numba"
        if {"njit", "jit", "vectorize", "guvectorize"} & {each.name for each in node.names}
    ]
    assert importers == []


def test_planted_kernel_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text("@jit.kernel\ndef step(x): return x\n")
    assert list(kernels_in(planted)) == ["planted.py:2"]
