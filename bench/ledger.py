"""Ledger and telemetry rows: how many a second, what a call costs, and how long an intent takes."""

import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from db.connections import FileSpec, open_file
from db.ledgers import FileLedger, FileTelemetry, open_ledger, open_telemetry
from domain.enums import (
    ExitReason,
    FileKind,
    Gate,
    Mode,
    OrderKind,
    OrderState,
    Origin,
    OutputKind,
    Purpose,
    Side,
)
from domain.ledger import (
    DecisionRow,
    FillRow,
    LedgerRow,
    OrderRow,
    OrderStateRow,
    RejectionRow,
    Row,
)
from domain.units import Money, Price, Qty, TsNs

R = TypeVar("R", bound=Row)

_ROWS: Final = 400_000
_AT_ONCE: Final = 10_000  # rows that are made outside of what is measured
_PACE: Final = 5_000  # rows a second of a busy day, for what a call costs
_CALLS: Final = 5_000
_INTENTS: Final = 1_000
_PRICE: Final = Price(Decimal("64123.5"))
_QTY: Final = Qty(Decimal("0.015"))
_START: Final = 1_764_000_000_000_000_000


def measure_ledger() -> None:
    """Print throughput, cost of a call and time of an intent."""
    with TemporaryDirectory(prefix="autoscalper-bench-") as folder:
        ledger = open_ledger(_spec(folder, FileKind.AUTO))
        telemetry = open_telemetry(_spec(folder, FileKind.TELEMETRY))
        print(
            f"\n| file | rows | a call | rows/s | dropped | us a call at {_PACE:,} rows/s | p99 |"
        )
        print("|---|---|---|---|---|---|---|")
        _measure("auto.db", ledger, ledger.put, _filled_orders)
        _measure("telemetry.db", telemetry, telemetry.put, _decisions)
        print("\n| intent on disk | p50 ms | p99 ms | worst ms |")
        print("|---|---|---|---|")
        for name, rate in (("alone", 0), ("beside 5,000 rows/s of telemetry", _PACE)):
            taken = _intents(name, ledger, telemetry, rate)
            print(
                f"| {name} | {median(taken):.1f} | {quantiles(taken, n=100)[98]:.1f} "
                f"| {max(taken):.1f} |"
            )
        ledger.close()
        telemetry.close()
        start = time.perf_counter()
        open_file(_spec(folder, FileKind.AUTO)).close()
        print(f"\nauto.db opened and checked, every row: {time.perf_counter() - start:.1f} s")


def _spec(folder: str, kind: FileKind) -> FileSpec:
    return FileSpec(home=Path(folder), mode=Mode.PAPER, kind=kind, account="bench")


def _measure(
    name: str,
    file: FileLedger | FileTelemetry,
    put: Callable[[Sequence[R]], int],
    make: Callable[[int], Sequence[R]],
) -> None:
    seconds, calls = _sustained(file, put, make)
    costs = _paced(put, make, calls)
    file.flush()
    dropped = file.dropped if isinstance(file, FileTelemetry) else 0
    print(
        f"| {name} | {_ROWS:,} | {_ROWS // calls} | {_ROWS / seconds:,.0f} | {dropped} "
        f"| {median(costs):.1f} | {quantiles(costs, n=100)[98]:.1f} |"
    )


def _sustained(
    file: FileLedger | FileTelemetry,
    put: Callable[[Sequence[R]], int],
    make: Callable[[int], Sequence[R]],
) -> tuple[float, int]:
    """Seconds that storing took, the making of rows apart, and the number of calls."""
    seconds, number, rows = 0.0, 0, 0
    while rows < _ROWS:
        calls = [make(number + each) for each in range(_AT_ONCE)]
        number += len(calls)
        rows += sum(map(len, calls))
        start = time.perf_counter()
        for call in calls:
            put(call)
        file.flush()
        seconds += time.perf_counter() - start
    return seconds, number


def _paced(
    put: Callable[[Sequence[R]], int], make: Callable[[int], Sequence[R]], first: int
) -> list[float]:
    """Microseconds of each call while rows come as on a busy day."""
    costs = []
    start = time.perf_counter()
    for number in range(_CALLS):
        row = make(first + number)
        while time.perf_counter() < start + number * len(row) / _PACE:
            time.sleep(0.0001)
        before = time.perf_counter_ns()
        put(row)
        costs.append((time.perf_counter_ns() - before) / 1e3)
    return costs


def _intents(name: str, ledger: FileLedger, telemetry: FileTelemetry, rate: int) -> list[float]:
    """Milliseconds from the call to the result, one after the other."""
    taken = []
    number = 0
    for each in range(_INTENTS):
        row = _order(f"{name} {each}")
        start = time.perf_counter()
        ledger.commit_intent(row).result()
        taken.append(1e3 * (time.perf_counter() - start))
        until = start + 0.01
        while (left := until - time.perf_counter()) > 0:
            for _ in range(rate // 1_000):
                number += 1
                telemetry.put(_decisions(number))
            time.sleep(min(left, 0.001))
    return taken


def _order(client_id: str) -> OrderRow:
    return OrderRow(
        client_id=client_id,
        origin=Origin.AUTO,
        market="BTCUSDT",
        purpose=Purpose.ENTRY,
        kind=OrderKind.IOC,
        side=Side.LONG,
        limit=_PRICE,
        quantity=_QTY,
        decided_ns=TsNs(_START),
        mid=Decimal("64120.05"),
        spread=Decimal("0.1"),
        stop=Decimal("35.5"),
        reason=ExitReason.NONE,
        addition=False,
        playbook="probe",
        parameters_hash="ab" * 16,
    )


def _filled_orders(number: int) -> tuple[LedgerRow, ...]:
    """All four rows of an order that fills at once."""
    name = f"p-{number}"
    fill = FillRow(
        fill_id=f"{name}#1",
        client_id=name,
        market="BTCUSDT",
        time_ns=TsNs(_START + number),
        purpose=Purpose.ENTRY,
        side=Side.LONG,
        price=_PRICE,
        quantity=_QTY,
        maker=False,
        fee=Money(Decimal("0.48092625")),
    )
    return (_order(name), _state(name, OrderState.APPROVED), fill, _state(name, OrderState.FILLED))


def _state(name: str, state: OrderState) -> OrderStateRow:
    filled = _QTY if state is OrderState.FILLED else Qty(Decimal(0))
    return OrderStateRow(client_id=name, time_ns=TsNs(_START), state=state, filled=filled)


def _decisions(number: int) -> tuple[DecisionRow | RejectionRow, ...]:
    """A rejection, and every fourth time a decision."""
    time_ns = TsNs(_START + number)
    if number % 4:
        return (
            RejectionRow(
                time_ns=time_ns,
                market="BTCUSDT",
                gate=Gate.SPREAD,
                first_ns=time_ns,
                last_ns=time_ns,
                count=3,
                nearest=0.25,
            ),
        )
    return (
        DecisionRow(
            time_ns=time_ns,
            market="BTCUSDT",
            decision_seq=number,
            kind=OutputKind.INTENT,
            code="none",
            side=Side.LONG,
            price=_PRICE,
            quantity=_QTY,
            distances='{"spread":0.25,"momentum":1.5,"velocity":0.75}',
        ),
    )
