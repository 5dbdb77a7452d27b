"""What `ledger auto stats` says is what the fills say, to the last digit."""

import ast
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from agent.cli import main
from db.named import open_named
from domain.enums import FileKind, OrderKind
from domain.ledger import FillRow, FundingRow, OrderRow, TradeRow
from ledger_folds import INVERSE, Ledgers, lively_ledgers
from source_tree import ROOT
from trading_cases import COIN

SCRIPT = ROOT / "tests" / "recompute_totals.py"
SUMS = ("gross", "spread_cost", "slippage", "fees", "funding", "net")


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ledgers]:
    """Its files are open for writing all the while."""
    home = tmp_path_factory.mktemp("home")
    return home, lively_ledgers(home)


def recomputed(home: Path) -> dict[str, dict[str, Decimal]]:
    """By market and in total, as the script prints it, run without anything else on its path."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT)],
        input=str(home / "paper" / "auto.db"),
        capture_output=True,
        text=True,
        check=True,
    )
    found = (line.split() for line in done.stdout.splitlines())
    return {
        name: {key: Decimal(value) for key, _, value in (each.partition("=") for each in parts)}
        for name, *parts in found
    }


def told(home: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Decimal]]:
    """The same of `ledger auto stats --json`."""
    assert main(["ledger", "auto", "stats", "--json", "--home", str(home)]) == 0
    said = json.loads(capsys.readouterr().out)
    parts = {part["name"]: part for part in said["by"]["market"]} | {"total": said["total"]}
    names = ("trades", "won", "lost", *SUMS)
    return {name: {key: Decimal(part[key]) for key in names} for name, part in parts.items()}


def test_script_recomputes_every_total_to_the_last_digit(
    folded: tuple[Path, Ledgers], capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = folded
    found = told(home, capsys)
    assert found == recomputed(home)
    assert found["total"]["trades"] > 100


def test_totals_are_those_of_the_core(
    folded: tuple[Path, Ledgers], capsys: pytest.CaptureFixture[str]
) -> None:
    home, ledgers = folded
    total, totals = told(home, capsys)["total"], ledgers.portfolio.totals
    assert total == {key: getattr(totals, key) for key in total}


def test_the_case_holds_all_that_could_go_wrong(folded: tuple[Path, Ledgers]) -> None:
    home, ledgers = folded
    with open_named(home / "paper" / "auto.db", FileKind.AUTO) as reader:
        fills, trades = list(reader.rows(FillRow)), list(reader.rows(TradeRow))
        orders, funding = list(reader.rows(OrderRow)), list(reader.rows(FundingRow))
    assert {trade.market for trade in trades} == {COIN.name, INVERSE.name}
    assert len(fills) > len({fill.client_id for fill in fills})
    assert {OrderKind.PARTIAL, OrderKind.IOC} <= {order.kind for order in orders}
    assert any(order.addition for order in orders)
    assert any(row.amount > 0 for row in funding)
    assert any(row.amount < 0 for row in funding)
    assert ledgers.portfolio.open_positions


def test_script_imports_nothing_but_sqlite3_and_decimal() -> None:
    tree = ast.parse(SCRIPT.read_text())
    names = {
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    }
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names == {"sqlite3", "decimal"}
