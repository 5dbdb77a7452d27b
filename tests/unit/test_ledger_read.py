"""Readers get typed rows, chosen by what a row has, and can neither write nor block the writer."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from db.ledgers import FileLedger, open_ledger, open_telemetry
from db.read import Filter, Reader, open_reader
from domain.enums import (
    ExitReason,
    FileKind,
    OrderState,
    OutputKind,
    Refusal,
    Regime,
    Side,
)
from domain.errors import BadConfig, BadUsage
from domain.ledger import DecisionRow, FillRow, HealthRow, LedgerRow, LogRow, OrderRow, TradeRow
from domain.units import Money, Price, Qty, TsNs
from ledger_samples import (
    InlineWorker,
    decision,
    filled_order,
    order,
    order_state,
    spec_of,
    state,
)

_NONE = Money(Decimal(0))


def trade(name: str, exit_ns: int, playbook: str = "probe", side: Side = Side.LONG) -> TradeRow:
    return TradeRow(
        trade_id=name, market="BTCUSDT", side=side, quantity=Qty(Decimal("0.015")),
        entry_ns=TsNs(exit_ns - 1), exit_ns=TsNs(exit_ns), entry_price=Price(Decimal(100)),
        exit_price=Price(Decimal("101.5")), reason=ExitReason.TAKE_PROFIT, playbook=playbook,
        parameters_hash="ab", regime=Regime.TRENDING, features='{"streak":4}', mae=_NONE,
        mfe=_NONE, gross=Money(Decimal("0.0225")), spread_cost=_NONE, slippage=_NONE, fees=_NONE,
        funding=_NONE, net=Money(Decimal("0.0225")), fills=2, entry_client_id="p-1",
    )  # fmt: skip


TRADES = [
    trade("t-1", 10),
    trade("t-2", 20, side=Side.SHORT),
    trade("t-3", 30, playbook="trend"),
    trade("t-4", 40),
]


@pytest.fixture
def ledger(tmp_path: Path) -> FileLedger:
    opened = open_ledger(spec_of(tmp_path), InlineWorker())
    opened.put([*filled_order("p-1"), *TRADES])
    return opened


@pytest.fixture
def reader(tmp_path: Path, ledger: FileLedger) -> Reader:
    return open_reader(spec_of(tmp_path))


def close(reader: Reader, ledger: FileLedger) -> None:
    reader.close()
    ledger.close()


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (Filter(), ["t-1", "t-2", "t-3", "t-4"]),
        (Filter(since_ns=TsNs(20), until_ns=TsNs(40)), ["t-2", "t-3"]),
        (Filter(playbook="trend"), ["t-3"]),
        (Filter(side=Side.SHORT), ["t-2"]),
        (Filter(market="ETHUSDT"), []),
        (Filter(market="BTCUSDT", side=Side.LONG, playbook="probe"), ["t-1", "t-4"]),
    ],
)
def test_trades_are_chosen_by_a_filter(
    reader: Reader, ledger: FileLedger, where: Filter, names: list[str]
) -> None:
    assert [row.trade_id for row in reader.rows(TradeRow, where)] == names
    close(reader, ledger)


def test_rows_come_back_as_they_were_put(reader: Reader, ledger: FileLedger) -> None:
    assert list(reader.rows(TradeRow)) == TRADES
    assert list(reader.rows(OrderRow)) == [filled_order("p-1")[0]]
    close(reader, ledger)


def test_rows_of_many_pages_come_in_order(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, FileKind.TELEMETRY)
    telemetry = open_telemetry(spec, InlineWorker())
    telemetry.put([decision(number) for number in range(2_500)])
    with open_reader(spec) as reader:
        assert [row.decision_seq for row in reader.rows(DecisionRow)] == list(range(2_500))
    telemetry.close()


def test_a_filter_that_rows_cannot_answer_is_refused(reader: Reader, ledger: FileLedger) -> None:
    with pytest.raises(BadUsage, match="fills have no playbook"):
        reader.rows(FillRow, Filter(playbook="probe"))
    close(reader, ledger)


def test_rows_of_another_file_are_refused(reader: Reader, ledger: FileLedger) -> None:
    with pytest.raises(BadUsage, match="has no health"):
        reader.rows(HealthRow)
    close(reader, ledger)


def test_the_newest_state_of_a_key_counts(reader: Reader, ledger: FileLedger) -> None:
    for row in (state("a", "1", 5), state("b", "2", 9), state("a", "3", 1)):
        ledger.put([row])
    assert reader.state("a") == state("a", "3", 1)
    assert reader.state("c") is None
    assert reader.states() == {"a": state("a", "3", 1), "b": state("b", "2", 9)}
    close(reader, ledger)


def test_open_orders_are_those_without_an_end(reader: Reader, ledger: FileLedger) -> None:
    ended: list[LedgerRow] = []
    for end in OrderState:
        ended += [order(end.word), order_state(end.word, end)]
    ledger.put([*ended, order("silent"), order("stopped", refused=Refusal.MARGIN)])
    assert reader.open_orders() == ("approved", "partly_filled", "silent")
    assert reader.order_state("filled") is OrderState.FILLED
    assert reader.order_state("silent") is None
    close(reader, ledger)


def test_nothing_can_be_written_through_a_reader(reader: Reader, ledger: FileLedger) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM orders")
    assert reader._connection.execute("PRAGMA query_only").fetchone() == (1,)
    reader._connection.execute("PRAGMA query_only = OFF").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM orders")
    close(reader, ledger)


def test_a_reader_in_the_middle_of_its_rows_holds_nothing(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, FileKind.TELEMETRY)
    telemetry = open_telemetry(spec, InlineWorker())
    telemetry.put([decision(number) for number in range(2_500)])
    with open_reader(spec) as reader:
        rows = reader.rows(DecisionRow)
        next(rows)
        emptied = telemetry._writer._file.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert emptied.fetchone() == (0, 0, 0)
    telemetry.close()


def test_a_closed_ledger_can_be_read(tmp_path: Path, ledger: FileLedger) -> None:
    ledger.close()
    with open_reader(spec_of(tmp_path)) as reader:
        assert len(list(reader.rows(TradeRow))) == 4
        assert reader.verify().broken is None


def test_a_reader_refuses_an_older_schema(tmp_path: Path, ledger: FileLedger) -> None:
    ledger.close()
    connection = sqlite3.connect(spec_of(tmp_path).path)
    connection.execute("PRAGMA user_version = 0")
    connection.close()
    with pytest.raises(BadConfig, match="older version"):
        open_reader(spec_of(tmp_path))


def test_decisions_are_chosen_by_kind_and_nothing_else_is(tmp_path: Path) -> None:
    telemetry = open_telemetry(spec_of(tmp_path, FileKind.TELEMETRY), InlineWorker())
    locked = msgspec.structs.replace(decision(2), kind=OutputKind.LOCKED)
    telemetry.put([decision(1), locked])
    with open_reader(spec_of(tmp_path, FileKind.TELEMETRY)) as reader:
        where = Filter(kinds=(OutputKind.LOCKED, OutputKind.STATE_CHANGED))
        assert list(reader.rows(DecisionRow, where)) == [locked]
        with pytest.raises(BadUsage, match="logs are no decisions"):
            reader.rows(LogRow, where)
    telemetry.close()
