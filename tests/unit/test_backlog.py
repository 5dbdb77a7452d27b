"""What a ledger cannot take waits, all of it or the newest of it, and the caller never does."""

from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from agent.service.backlog import MOST_WAITING, Backlog
from domain.errors import Fatal, NotStored
from domain.ledger import CommandRow, EquityRow, LedgerRow, OrderRow, StateRow
from domain.units import Money, TsNs


class FakeLedger:
    """Takes calls, or fails with `error`."""

    def __init__(self) -> None:
        self.calls: list[Sequence[LedgerRow]] = []
        self.acknowledged = 0
        self.halted_by: str | None = None
        self.waiting_rows = 0
        self.error: Exception | None = None
        self.closed = False

    def put(self, rows: Sequence[LedgerRow]) -> int:
        if self.error is not None:
            raise self.error
        self.calls.append(rows)
        return len(self.calls)

    def commit_intent(self, row: OrderRow) -> Future[int]:
        raise AssertionError("on paper nothing is sent")

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        self.closed = True


def state(key: str, value: str) -> StateRow:
    return StateRow(key=key, value=value, time_ns=TsNs(1))


def equity(at_ns: int) -> EquityRow:
    zero = Money(0)  # type: ignore[arg-type]
    return EquityRow(
        time_ns=TsNs(at_ns), equity=zero, realised=zero, unrealised=zero, drawdown=zero,
        open_positions=0,
    )  # fmt: skip


def command(at_ns: int) -> CommandRow:
    return CommandRow(time_ns=TsNs(at_ns), origin="operator", command="halt", detail="")


def test_calls_pass_as_they_are_while_the_ledger_takes_them() -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    rows: list[LedgerRow] = [command(1), state("a", "1"), equity(1)]
    backlog.put(rows)
    backlog.put([])
    assert ledger.calls == [rows]
    assert (backlog.waiting, backlog.failed) == (0, None)


def test_a_halt_keeps_what_was_done_and_the_newest_states_and_no_equity() -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    ledger.halted_by = "the disk is full"
    for number in range(1_000):
        backlog.put([state("a", str(number)), equity(number)])
    backlog.put([command(1)])
    backlog.put([command(2), state("b", "x")])
    assert (backlog.waiting, backlog.failed, ledger.calls) == (4, "the disk is full", [])
    ledger.halted_by = None
    backlog.put([])
    assert ledger.calls == [[command(1), command(2), state("a", "999"), state("b", "x")]]
    assert (backlog.waiting, backlog.failed) == (0, None)


def test_a_slow_disk_is_not_waited_for() -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    ledger.waiting_rows = MOST_WAITING
    backlog.put([command(1)])
    assert ledger.calls == []
    assert "the disk does not keep up" in str(backlog.failed)
    ledger.waiting_rows = MOST_WAITING - 2
    backlog.put([command(2)])
    assert ledger.calls == [[command(1), command(2)]]


@pytest.mark.parametrize("error", [NotStored("no room"), Fatal("broken")])
def test_a_call_that_fails_is_told_and_tried_again(error: Exception) -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    ledger.error = error
    backlog.put([command(1)])
    backlog.put([command(2)])
    assert (backlog.waiting, backlog.failed) == (2, str(error))
    ledger.error = None
    backlog.put([])
    assert ledger.calls == [[command(1), command(2)]]
    assert backlog.failed is None


def test_what_waits_at_the_end_gets_a_last_try_and_the_ledger_is_closed() -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    ledger.halted_by = "the disk is full"
    backlog.put([command(1)])
    backlog.close()
    assert (ledger.calls, ledger.closed) == ([[command(1)]], True)


def test_the_ledger_is_closed_although_it_takes_nothing() -> None:
    ledger = FakeLedger()
    backlog = Backlog(ledger)
    ledger.halted_by = "broken"
    backlog.put([command(1)])
    ledger.error = Fatal("broken")
    with pytest.raises(Fatal, match="broken"):
        backlog.close()
    assert ledger.closed
