"""A person's slip changes nothing, is said, and ends no run; stops for a disk end, pauses last."""

import pytest

from core_cases import Case, at, playbook
from core_steps import holding
from domain.enums import CommandRefusal, OutputKind, Side, StateCause, TradingState
from domain.events import (
    Command,
    Event,
    Leave,
    LockSet,
    ManualOrder,
    ParameterSet,
    Release,
    RunStarted,
)
from domain.units import Lots
from strategies.rules.marks import loss_latches

OTHER = playbook({"entry": {"limit_offset": "3tick"}})
CION = "CION"


def refused(case: Case) -> list[tuple[int, CommandRefusal]]:
    rows = case.kept.rows
    rows = rows[rows["kind"] == OutputKind.COMMAND_REFUSED]
    return [(int(row["market"]), CommandRefusal(int(row["code"]))) for row in rows]


@pytest.mark.parametrize(
    "command",
    [
        Release(event_ns=at(1), market=CION),
        LockSet(event_ns=at(1), market=CION, until_ns=None, reason="slip"),
        ParameterSet(event_ns=at(1), market=CION, playbook=OTHER),
        Leave(event_ns=at(1), instrument=CION),
        ManualOrder(
            event_ns=at(1), instrument=CION, side=Side.LONG, lots=Lots(1), limit=None, stop=5
        ),
    ],
)
def test_a_market_that_is_not_set_is_refused_and_changes_nothing(command: Event) -> None:
    case = Case().market(playbook())
    before = case.core.durable()
    case.core.apply(command)
    assert refused(case) == [(-1, CommandRefusal.UNKNOWN_MARKET)]
    after = case.core.durable()
    assert (after.markets, after.risk) == (before.markets, before.risk)


def test_parameters_of_a_market_with_a_position_do_not_change() -> None:
    case = holding()
    case.core.apply(ParameterSet(event_ns=at(50), market="COIN", playbook=OTHER))
    assert refused(case) == [(0, CommandRefusal.NOT_FLAT)]
    assert case.book.facts[0].playbook != OTHER


def test_the_playbook_chosen_in_a_run_is_that_of_the_next() -> None:
    case = Case().market(playbook())
    case.core.apply(ParameterSet(event_ns=at(1), market="COIN", playbook=OTHER))
    fresh = Case().market(playbook())
    fresh.core.apply(RunStarted(event_ns=at(9), epoch=2, state=case.core.durable()))
    assert fresh.book.facts[0].playbook == OTHER


def test_a_market_that_its_owner_sets_with_another_playbook_trades_by_that() -> None:
    case = Case().market(playbook())
    case.core.apply(ParameterSet(event_ns=at(1), market="COIN", playbook=OTHER))
    owners = playbook({"entry": {"limit_offset": "5tick"}})
    fresh = Case().market(owners)
    fresh.core.apply(RunStarted(event_ns=at(9), epoch=2, state=case.core.durable()))
    assert fresh.book.facts[0].playbook == owners


@pytest.mark.parametrize("cause", [StateCause.STORAGE, StateCause.CLOCK])
def test_a_daily_loss_while_entries_are_stopped_goes_back_to_active_with_the_day(
    cause: StateCause,
) -> None:
    case = holding()
    case.core.apply(Command(event_ns=at(50), state=TradingState.REDUCING, cause=cause))
    account = case.book.account
    account["daily_loss_limit"] = 0
    account["day_realised"] = -1
    assert loss_latches(account) == StateCause.DAILY_LOSS
    assert account["state_before"] == TradingState.ACTIVE
