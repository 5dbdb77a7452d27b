"""The project's own files, for tests that read code instead of running it."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@cache
def project_settings() -> dict[str, Any]:
    """All of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def shipped_packages() -> list[str]:
    """The top-level packages of the wheel."""
    packages: list[str] = project_settings()["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]
    return packages


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project, sorted; a missing folder has none."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def all_python_files() -> list[Path]:
    """What is shipped, and the tests and benchmarks beside it."""
    return python_files(*shipped_packages(), "tests", "bench")


def nodes(path: Path) -> Iterator[ast.AST]:
    """Every node of the file's syntax tree, in no particular order."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where something stands, as `risk/engine.py:12`."""
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return f"{name}:{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else name
