"""Rows, files and workers for tests of the ledgers."""

import sqlite3
import typing
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import strategies as st

from db.connections import FileSpec, OpenFile, open_file
from db.tables import TABLES
from domain.enums import (
    ExitReason,
    FileKind,
    Mode,
    OrderKind,
    OrderState,
    Origin,
    OutputKind,
    Purpose,
    Side,
    Word,
)
from domain.ledger import DecisionRow, FillRow, OrderRow, OrderStateRow, Row, StateRow
from domain.units import Money, Price, Qty, TsNs

ORDER = OrderRow(
    client_id="p-1",
    origin=Origin.AUTO,
    market="BTCUSDT",
    purpose=Purpose.ENTRY,
    kind=OrderKind.IOC,
    side=Side.LONG,
    limit=Price(Decimal("64123.5")),
    quantity=Qty(Decimal("0.015")),
    decided_ns=TsNs(1_764_000_000_000_000_000),
    mid=Decimal("64120.05"),
    spread=Decimal("0.1"),
    stop=Decimal("35.5"),
    reason=ExitReason.NONE,
    addition=False,
    playbook="probe",
    parameters_hash="ab" * 16,
)


def order(client_id: str, **changes: object) -> OrderRow:
    """An order of this name."""
    return msgspec.structs.replace(ORDER, client_id=client_id, **changes)


def order_state(client_id: str, state: OrderState, filled: str = "0") -> OrderStateRow:
    """What became of it."""
    return OrderStateRow(
        client_id=client_id, time_ns=ORDER.decided_ns, state=state, filled=Qty(Decimal(filled))
    )


def fill(client_id: str, number: int = 1, **changes: object) -> FillRow:
    """A fill of it."""
    row = FillRow(
        fill_id=f"{client_id}#{number}",
        client_id=client_id,
        market=ORDER.market,
        time_ns=TsNs(ORDER.decided_ns + number),
        purpose=Purpose.ENTRY,
        side=Side.LONG,
        price=Price(Decimal("64123.5")),
        quantity=Qty(Decimal("0.015")),
        maker=False,
        fee=Money(Decimal("0.48092625")),
    )
    return msgspec.structs.replace(row, **changes)


def filled_order(
    client_id: str, origin: Origin = Origin.AUTO
) -> tuple[OrderRow, OrderStateRow, FillRow, OrderStateRow]:
    """All that is told of an order that fills at once."""
    return (
        order(client_id, origin=origin),
        order_state(client_id, OrderState.APPROVED),
        fill(client_id),
        order_state(client_id, OrderState.FILLED, "0.015"),
    )


def decision(number: int, market: str = "BTCUSDT") -> DecisionRow:
    """A decision of this number."""
    return DecisionRow(
        time_ns=TsNs(ORDER.decided_ns + number),
        market=market,
        decision_seq=number,
        kind=OutputKind.INTENT,
        code="none",
        side=Side.LONG,
        price=Price(Decimal("64123.5")),
        quantity=Qty(Decimal("0.015")),
        distances='{"spread":0.25,"momentum":1.5}',
    )


def state(key: str, value: str, time_ns: int = 1) -> StateRow:
    """A state."""
    return StateRow(key=key, value=value, time_ns=TsNs(time_ns))


def spec_of(home: Path, kind: FileKind = FileKind.AUTO, mode: Mode = Mode.PAPER) -> FileSpec:
    """A file of the account `demo`."""
    return FileSpec(home=home, mode=mode, kind=kind, account="demo")


class InlineWorker:
    """Makes the writer's steps in the caller's thread, unless it is `held`."""

    def __init__(self, *, held: bool = False) -> None:
        self.held = held
        self.step: Callable[[bool], bool] = lambda _: False

    def start(self, step: Callable[[bool], bool], name: str) -> None:
        self.step = step

    def wake(self) -> None:
        if not self.held:
            self.run()

    def run(self, steps: int = 10) -> None:
        for _ in range(steps):
            self.step(False)

    def join(self, deadline_s: float) -> bool:
        while self.step(False):
            pass
        return True


class FaultyConnection(sqlite3.Connection):
    """Fails with `code` at every statement that begins with `at`."""

    code = 0
    at = "COMMIT"

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if self.code and sql.startswith(self.at):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = self.code
            raise error
        return super().execute(sql, *values)  # type: ignore[arg-type] # handed on as they came


def faulty_file(spec: FileSpec) -> tuple[OpenFile, FaultyConnection]:
    """A file whose connection can be made to fail."""
    file = open_file(spec)
    file.connection.close()
    connection = sqlite3.connect(
        file.path, isolation_level=None, check_same_thread=False, factory=FaultyConnection
    )
    connection.execute("PRAGMA foreign_keys = ON")
    file.connection = connection
    return file, connection


def stored(path: Path, table: str) -> int:
    """How many rows a table has."""
    connection = sqlite3.connect(path)
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - a test's
    finally:
        connection.close()
    return int(count)


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
_DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=Decimal("-1E20"), max_value=Decimal("1E20")
) | st.sampled_from([Decimal("1E+3"), Decimal("-0.00"), Decimal("1.50"), Decimal("1E-18")])
_VALUES: dict[type, st.SearchStrategy[object]] = {
    str: _TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False),
    Decimal: _DECIMALS,
}


def rows_of(row: type[Row]) -> st.SearchStrategy[Row]:
    """Any row of a kind, whatever it means."""
    hints = typing.get_type_hints(row)
    return st.builds(row, **{name: _strategy(hint) for name, hint in hints.items()})


def _strategy(hint: object) -> st.SearchStrategy[object]:
    inner = [each for each in typing.get_args(hint) if each is not type(None)]
    if inner:
        return st.none() | _strategy(inner[0])
    kind = getattr(hint, "__supertype__", hint)
    assert isinstance(kind, type)
    return st.sampled_from(list(kind)) if issubclass(kind, Word) else _VALUES[kind]


def words_of(row: type[Row]) -> dict[str, set[str]]:
    """The words that each of a row's closed sets has, by the column."""
    found: dict[str, set[str]] = {}
    for name, hint in typing.get_type_hints(row).items():
        for kind in (hint, *typing.get_args(hint)):
            if isinstance(kind, type) and issubclass(kind, Word):
                found[name] = {member.word for member in kind}
    return found


ALL_TABLES = [*TABLES[FileKind.AUTO], *TABLES[FileKind.TELEMETRY]]
