"""`Approved` is minted in risk/engine.py and nowhere else: the one way to an order.

Calling it, renaming it and handing it to something that could call it all count as minting.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from source_tree import ROOT, all_python_files, nodes, place

MINT = ROOT / "risk" / "engine.py"
# These take a type and make none of it.
HARMLESS = {"isinstance", "issubclass", "cast", "assert_type", "TypeVar", "NewType"}


def name_of(node: ast.AST) -> str:
    """`Approved` for both `Approved` and `orders.Approved`; empty for other expressions."""
    return getattr(node, "id", getattr(node, "attr", ""))


def mints_in(path: Path) -> Iterator[str]:
    """Every place in `path` where an `Approved` is made or could be."""
    for node in nodes(path):
        match node:
            case ast.Call(func=function, args=args, keywords=keywords):
                passed = [*args, *(keyword.value for keyword in keywords)]
                handed_on = any(name_of(each) == "Approved" for each in passed)
                minting = name_of(function) == "Approved"
                found = minting or (handed_on and name_of(function) not in HARMLESS)
            case ast.ImportFrom(names=names):
                found = any(each.name == "Approved" and each.asname for each in names)
            case ast.Assign(value=ast.AST() as value) | ast.NamedExpr(value=value):
                found = name_of(value) == "Approved"
            case _:
                found = False
        if found:
            yield place(path, node)


def test_approved_is_constructed_only_in_the_risk_engine() -> None:
    others = (path for path in all_python_files() if path != MINT)
    assert [found for path in others for found in mints_in(path)] == []


@pytest.mark.parametrize(
    "line",
    [
        "Approved(order)",
        "orders.Approved(order=order)",
        "from domain.orders import Approved as Fine",
        "make = Approved",
        "msgspec.convert(raw, Approved)",
        "msgspec.json.Decoder(type=Approved)",
        "partial(Approved, order)",
    ],
)
def test_minting_in_disguise_is_found(line: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(line)
    assert list(mints_in(planted)) == ["planted.py:1"]


@pytest.mark.parametrize(
    "line",
    [
        "from domain.orders import Approved",
        "def submit(approved: Approved) -> Approved | None: ...",
        "isinstance(answer, Approved)",
        "held: list[Approved] = []",
    ],
)
def test_naming_the_type_is_allowed(line: str, tmp_path: Path) -> None:
    harmless = tmp_path / "harmless.py"
    harmless.write_text(line)
    assert list(mints_in(harmless)) == []
