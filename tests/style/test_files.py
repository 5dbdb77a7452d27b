"""Files are short, say what they are for, and the project's packages are named once and alike."""

import ast
from importlib.metadata import packages_distributions

import pytest

from source_tree import ROOT, all_python_files, place, project_settings, shipped_packages


def test_every_python_file_has_at_most_500_lines() -> None:
    lengths = {
        place(p): len(p.read_text(encoding="utf-8").splitlines()) for p in all_python_files()
    }
    assert {name: length for name, length in lengths.items() if length > 500} == {}


def test_every_module_opens_with_a_docstring() -> None:
    trees = {p: ast.parse(p.read_text(encoding="utf-8")) for p in all_python_files()}
    assert [place(p) for p, tree in trees.items() if not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("package", [*shipped_packages(), "bench"])
def test_no_installed_distribution_ships_a_package_of_our_name(package: str) -> None:
    # Site-packages comes before the checkout on sys.path: theirs would be imported instead of ours.
    assert set(packages_distributions().get(package, [])) <= {"autoscalper"}


def test_every_package_on_disk_is_shipped() -> None:
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert on_disk - {"bench"} == set(shipped_packages())


def test_types_coverage_and_import_contracts_cover_every_shipped_package() -> None:
    tool = project_settings()["tool"]
    shipped = set(shipped_packages())
    assert set(tool["mypy"]["files"]) == shipped | {"tests", "bench"}
    assert set(tool["coverage"]["run"]["source"]) == shipped
    assert set(tool["importlinter"]["root_packages"]) == shipped


def test_cycles_are_looked_for_in_every_shipped_package() -> None:
    contracts = project_settings()["tool"]["importlinter"]["contracts"]
    acyclic = next(c for c in contracts if c["type"] == "acyclic_siblings")
    assert set(acyclic["ancestors"]) == set(shipped_packages())
