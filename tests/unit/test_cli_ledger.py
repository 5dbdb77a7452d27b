"""The verbs that read ledgers: they change nothing, need no engine, and refuse with a fix."""

import csv
import hashlib
import io
import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from agent.cli import main
from db.ledgers import FileLedger, open_ledger, open_telemetry
from domain.enums import Contract, ExitReason, FileKind, OutputKind, Side
from domain.ledger import (
    ApprovalRow,
    CommandRow,
    InstrumentRow,
    LedgerRow,
    LogRow,
)
from domain.units import TsNs
from ledger_samples import InlineWorker, decision, order, spec_of, state
from ledger_trades import NOON_NS, traded
from source_tree import ROOT

HEAVY = ("numpy", "numba", "polars", "pydantic_settings", "sqlite_utils")
Texts = pytest.CaptureFixture[str]
FORMULA = '=HYPERLINK("http://evil";"x")'
DAY_S = 86_400


def rows() -> list[LedgerRow]:
    """Three trades of two playbooks, the state that says where the account began, two equities."""
    found: list[LedgerRow] = [order("c"), state("account", '{"start":"1000","other":1}')]
    trades = (
        traded("10", trade_id="1", market="COIN"),
        traded("-4", DAY_S, trade_id="2", side=Side.SHORT, reason=ExitReason.HARD_STOP),
        traded("-1.5", 2 * DAY_S, trade_id="3", market="MINT", playbook=FORMULA),
    )
    return [*found, *trades]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FileLedger]:
    """Open for writing while the verbs read it."""
    opened = open_ledger(spec_of(tmp_path), InlineWorker())
    opened.put(rows())
    yield opened
    opened.close()


def run(home: Path, *arguments: str) -> int:
    return main([*arguments, "--home", str(home)])


def started(market: str, time_ns: TsNs) -> InstrumentRow:
    """What a run says of a market when it begins."""
    return InstrumentRow(
        market=market,
        time_ns=time_ns,
        tick=Decimal(1),
        lot=Decimal(1),
        multiplier=Decimal(1),
        contract=Contract.SPOT,
        rate=Decimal(1),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        currency="USD",
    )


def stats(home: Path, capsys: Texts, *arguments: str) -> dict[str, object]:
    assert run(home, "ledger", "auto", "stats", "--json", *arguments) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)["total"]
    return found


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ((), (3, "4.5")),
        (("--market", "MINT"), (1, "-1.5")),
        (("--playbook", "probe"), (2, "6")),
        (("--side", "short"), (1, "-4")),
        (("--from", "2023-11-16"), (2, "-5.5")),
        (("--to", "2023-11-16"), (1, "10")),
        (("--from", "2023-11-16T12:00:10", "--to", "2023-11-16T12:00:11"), (1, "-4")),
    ],
)
def test_stats_count_the_trades_that_were_asked_for(
    ledger: FileLedger,
    tmp_path: Path,
    capsys: Texts,
    conditions: tuple[str, ...],
    told: tuple[int, str],
) -> None:
    found = stats(tmp_path, capsys, *conditions)
    assert (found["trades"], found["net"]) == told


def test_stats_from_a_time_on_begin_with_what_the_account_had_by_then(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    run(tmp_path, "ledger", "auto", "stats", "--json", "--from", "2023-11-16")
    assert json.loads(capsys.readouterr().out)["start_equity"] == "1010"


def test_stats_are_text_json_or_csv(ledger: FileLedger, tmp_path: Path, capsys: Texts) -> None:
    run(tmp_path, "ledger", "auto", "stats")
    assert capsys.readouterr().out.startswith("Net gain of 4.50 USD after all costs")
    run(tmp_path, "ledger", "auto", "stats", "--csv")
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert (lines[0]["by"], lines[0]["net"]) == ("all", "4.5")
    assert {line["by"] for line in lines} > {"side", "reason", "hour", "playbook", "regime"}
    assert run(tmp_path, "ledger", "auto", "stats", "--csv", "--json") == 2


def test_manual_stats_take_the_start_from_the_ledger_beside_it(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    open_ledger(spec_of(tmp_path, FileKind.MANUAL), InlineWorker()).close()
    assert run(tmp_path, "ledger", "manual", "stats", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["asked"]["kind"], found["start_equity"]) == ("manual", "1000")


def test_trades_are_listed_one_a_line(ledger: FileLedger, tmp_path: Path, capsys: Texts) -> None:
    run(tmp_path, "ledger", "auto", "trades", "--market", "COIN")
    text = capsys.readouterr().out
    assert text.startswith("Times in UTC, net in USD.")
    assert ("take_profit" in text, "hard_stop" in text) == (True, True)
    run(tmp_path, "ledger", "auto", "trades", "--json")
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["net"] for each in found] == ["10", "-4", "-1.5"]
    assert found[1]["side"] == "short"


def test_csv_keeps_numbers_and_disarms_formulas(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    run(tmp_path, "ledger", "auto", "trades", "--csv")
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert lines[2]["playbook"] == f"'{FORMULA}"
    assert (lines[2]["net"], lines[2]["exit_ns"]) == ("-1.5", str(NOON_NS + 172_810 * 10**9))


def test_export_writes_a_private_file_and_never_over_another(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    target = tmp_path / "orders.csv"
    arguments = ("ledger", "auto", "export", "--table", "orders", "--output", str(target))
    assert run(tmp_path, *arguments) == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text().splitlines()[1].startswith("c,auto,BTCUSDT,entry,ioc,long,64123.5")
    capsys.readouterr()
    assert run(tmp_path, *arguments) == 1
    assert "exists already; name a file that does not" in capsys.readouterr().err


def test_export_that_is_refused_leaves_no_file(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    target = tmp_path / "states.csv"
    arguments = ("export", "--table", "states", "--market", "M", "--output", str(target))
    assert run(tmp_path, "ledger", "auto", *arguments) == 2
    assert "states have no market to be chosen by" in capsys.readouterr().err
    assert not target.exists()


def test_export_knows_its_tables(ledger: FileLedger, tmp_path: Path, capsys: Texts) -> None:
    assert run(tmp_path, "ledger", "auto", "export", "--table", "fils") == 2
    assert "there is no table 'fils'; give one of instruments, orders" in capsys.readouterr().err


def test_reading_changes_no_byte_of_the_file(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    path = tmp_path / "paper" / "auto.db"
    before = hashlib.sha256(path.read_bytes()).digest()
    for verb in (("ledger", "auto", "stats"), ("ledger", "auto", "trades"), ("history",)):
        assert run(tmp_path, *verb) == 0
    assert hashlib.sha256(path.read_bytes()).digest() == before
    ledger.put([traded("1", trade_id="4")])  # the writer was neither kept waiting nor locked out
    capsys.readouterr()
    assert stats(tmp_path, capsys)["trades"] == 4


@pytest.mark.parametrize(
    "verb", [("ledger", "auto", "stats"), ("ledger", "manual", "trades"), ("logs",), ("history",)]
)
def test_missing_file_is_refused_with_place_and_fix(
    verb: tuple[str, ...], tmp_path: Path, capsys: Texts
) -> None:
    assert run(tmp_path, *verb) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert f"{tmp_path}/paper/" in err
    assert "start the engine in that mode" in err
    assert list(tmp_path.iterdir()) == []


def test_foreign_database_is_refused(tmp_path: Path, capsys: Texts) -> None:
    foreign = tmp_path / "other.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    assert main(["ledger", "auto", "stats", "--file", str(foreign)]) == 4
    assert "is a database of another program" in capsys.readouterr().err
    foreign.write_text("no database at all, but long enough to be looked at as one" * 20)
    assert main(["ledger", "auto", "stats", "--file", str(foreign)]) == 1


def test_history_is_in_order_of_time_and_names_who(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    at = [TsNs(NOON_NS + i * 10**9) for i in range(5)]
    ledger.put(
        [
            CommandRow(time_ns=at[3], command="halt", detail="news", origin="operator"),
            ApprovalRow(time_ns=at[1], who="mia", what="live", detail="first day"),
            started("COIN", at[0]),
        ]
    )
    telemetry = open_telemetry(spec_of(tmp_path, FileKind.TELEMETRY), InlineWorker())
    fresh = {"side": None, "price": None, "quantity": None, "time_ns": at[2]}
    locked = '{"limit": 3, "actual": 4}'
    told = {"kind": OutputKind.LOCKED, "code": "reject_burst", "distances": locked}
    telemetry.put([decision(1), msgspec.structs.replace(decision(2), **fresh, **told)])
    assert run(tmp_path, "history", "--json") == 0
    telemetry.close()
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["kind"], each["origin"]) for each in found] == [
        ("run_started", "engine"),
        ("approval", "mia"),
        ("locked", "engine"),
        ("command", "operator"),
    ]
    assert found[2]["text"] == "reject_burst, 4.00 against a limit of 3.00"


def test_history_ends_with_the_locks_that_hold(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    lock = {"market": "COIN", "code": 30, "since_ns": 0, "limit": 3, "actual": 4, "key": "k"}
    locks = [{**lock, "until_ns": None}, {**lock, "market": "*", "until_ns": 5}]
    ledger.put([state("risk", json.dumps({"locks": locks, "losses": 2}))])
    run(tmp_path, "history")
    text = " ".join(capsys.readouterr().out.split())
    assert "Locked: COIN by reject_burst (k) since 1970-01-01 00:00:00 UTC, until a person" in text
    assert "all markets" not in text


def test_logs_are_chosen_by_level_time_and_number(tmp_path: Path, capsys: Texts) -> None:
    telemetry = open_telemetry(spec_of(tmp_path, FileKind.TELEMETRY), InlineWorker())
    for i, level in enumerate(("debug", "info", "warning", "error")):
        time_ns = TsNs(NOON_NS + i * 10**9)
        telemetry.put([LogRow(time_ns=time_ns, level=level, event=f"e{i}", detail='{"n": 1}')])

    def events(*arguments: str) -> list[str]:
        assert run(tmp_path, "logs", "--json", *arguments) == 0
        return [json.loads(line)["event"] for line in capsys.readouterr().out.splitlines()]

    assert events() == ["e1", "e2", "e3"]
    assert events("--level", "warning") == ["e2", "e3"]
    assert events("--level", "debug", "--last", "2") == ["e2", "e3"]
    assert events("--to", "2023-11-15T12:00:02") == ["e1"]
    run(tmp_path, "logs", "--last", "1")
    assert capsys.readouterr().out == "2023-11-15 12:00:03 error    e3 n=1\n"
    assert run(tmp_path, "logs", "--level", "loud") == 2
    telemetry.close()


def test_backup_is_taken_while_the_ledger_is_written_and_read_by_file(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    assert run(tmp_path, "backup") == 0
    (saved,) = (tmp_path / "paper" / "backups").glob("auto-*.db")
    assert f"as {saved}" in capsys.readouterr().out
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    ledger.put([traded("1", trade_id="4")])
    assert main(["ledger", "auto", "stats", "--json", "--file", str(saved)]) == 0
    assert json.loads(capsys.readouterr().out)["total"]["trades"] == 3
    assert main(["ledger", "manual", "stats", "--file", str(saved)]) == 4


def test_restore_puts_the_backup_back_and_keeps_what_was_there(
    ledger: FileLedger, tmp_path: Path, capsys: Texts
) -> None:
    run(tmp_path, "backup", str(tmp_path / "saved"))
    (saved,) = (tmp_path / "saved").glob("auto-*.db")
    ledger.put([traded("1", trade_id="4")])
    assert run(tmp_path, "backup", "--restore", str(saved)) == 4  # it is being written
    ledger.close()
    capsys.readouterr()
    assert run(tmp_path, "backup", "--restore", str(saved)) == 0
    assert "What was there is now" in capsys.readouterr().out
    assert stats(tmp_path, capsys)["trades"] == 3
    (aside,) = (tmp_path / "paper").glob("auto.db.before-restore-*Z")
    main(["ledger", "auto", "stats", "--json", "--file", str(aside)])
    assert json.loads(capsys.readouterr().out)["total"]["trades"] == 4


@pytest.mark.parametrize("damaged", [b"", b"\xff" * 9_000, b"SQLite format 3\0" + b"\0" * 90])
def test_restore_works_where_the_present_file_is_damaged(
    ledger: FileLedger, tmp_path: Path, damaged: bytes, capsys: Texts
) -> None:
    run(tmp_path, "backup", str(tmp_path / "saved"))
    (saved,) = (tmp_path / "saved").glob("auto-*.db")
    ledger.close()
    (tmp_path / "paper" / "auto.db").write_bytes(damaged)
    assert run(tmp_path, "backup", "--restore", str(saved)) == 0
    assert "taken as the backup's account 'demo'" in capsys.readouterr().err
    assert stats(tmp_path, capsys)["trades"] == 3
    (aside,) = (tmp_path / "paper").glob("auto.db.before-restore-*Z")
    assert aside.read_bytes() == damaged


def test_restore_refuses_another_mode(ledger: FileLedger, tmp_path: Path, capsys: Texts) -> None:
    run(tmp_path, "backup", str(tmp_path / "saved"))
    (saved,) = (tmp_path / "saved").glob("auto-*.db")
    assert run(tmp_path, "backup", "--restore", str(saved), "--mode", "live") == 4
    assert "belongs to the mode 'paper', not 'live'" in capsys.readouterr().err
    assert run(tmp_path, "backup", "x", "--restore", str(saved)) == 2


def test_backup_of_nothing_is_refused(tmp_path: Path, capsys: Texts) -> None:
    assert run(tmp_path, "backup") == 1
    assert "there is nothing to back up" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb", [("ledger", "auto", "stats"), ("ledger", "auto", "trades", "--csv"), ("history",)]
)
def test_reading_imports_nothing_heavy(
    verb: tuple[str, ...], ledger: FileLedger, tmp_path: Path
) -> None:
    code = (
        "import sys; from agent.cli import main; "
        f"main({[*verb, '--home', str(tmp_path)]!r}); "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", [("ledger",), ("ledger", "auto"), ("history",), ("backup",)])
def test_help_has_examples_in_80_columns(verb: tuple[str, ...], capsys: Texts) -> None:
    assert main([*verb, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Examples:\n    autoscalper" in out
    assert max(len(line) for line in out.splitlines()) <= 80
