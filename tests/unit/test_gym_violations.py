"""Each rule of the gym: a session that keeps it is clean, one in which it was broken is caught."""

from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from msgspec.structs import replace

from agent.gym.evidence import Books, Evidence
from agent.gym.session import difference_of, play
from domain.enums import (
    ExitReason,
    OutputKind,
    Purpose,
    Refusal,
    StateCause,
    TickKind,
    TradingState,
)
from domain.events import DayRoll, Gap, SessionEdge
from domain.orders import Fill
from domain.units import SECOND_NS, Lots, Money, Ticks, TsNs
from gym_samples import SHORT, broken, first, limited, share_day, short, wanted, with_output

INTENT, FILL = OutputKind.INTENT, OutputKind.FILL
EXITS: Final = 2


def exit_intent(evidence: Evidence) -> int:
    return first(evidence, INTENT, lambda rows: rows["code"] != ExitReason.NONE)


def edited(evidence: Evidence, place: int, **fields: int) -> Evidence:
    """With other numbers in an output."""
    outputs = evidence.outputs.copy()
    for name, value in fields.items():
        outputs[name][place] = value
    return replace(evidence, outputs=outputs)


def with_fill(evidence: Evidence, **changes: object) -> Evidence:
    """With the first fill booked otherwise."""
    place = next(n for n, flow in enumerate(evidence.flows) if isinstance(flow, Fill))
    spoiled = replace(evidence.flows[place], **changes)
    flows = (*evidence.flows[:place], spoiled, *evidence.flows[place + 1 :])
    return replace(evidence, flows=flows)


def with_edge(evidence: Evidence, **times: int) -> Evidence:
    """With other hours of the session."""
    return replace(
        evidence,
        events=tuple(
            replace(each, **times) if isinstance(each, SessionEdge) else each
            for each in evidence.events
        ),
    )


@pytest.mark.parametrize("evidence", [short, share_day])
def test_a_session_that_kept_all_rules_is_clean(evidence: object) -> None:
    found: Evidence = evidence()  # type: ignore[operator]  # one of the two functions
    assert len(found.trades) > 10
    assert broken(found) == set()


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_an_entry_while_the_account_is_stopped_is_caught(state: TradingState) -> None:
    stopped = with_output(short(), 0, kind=OutputKind.STATE_CHANGED, code=state)
    assert broken(stopped) == {"entry_while_stopped"}


@pytest.mark.parametrize(("market", "until"), [(0, 0), (-1, 0), (0, 2**62)])
def test_an_entry_in_spite_of_a_lock_is_caught(market: int, until: int) -> None:
    code = Refusal.LOCKED_BY_HAND
    kind = OutputKind.LOCKED
    locked = with_output(short(), 0, kind=kind, code=code, market=market, first_ns=until)
    assert broken(locked) == {"entry_while_locked"}


def test_a_lock_that_is_over_or_elsewhere_keeps_nobody_out() -> None:
    over = with_output(short(), 0, kind=OutputKind.LOCKED, code=36, market=0, first_ns=1)
    elsewhere = with_output(share_day(), 0, kind=OutputKind.LOCKED, code=36, market=1)
    assert broken(over) == broken(elsewhere) == set()


def test_an_entry_outside_the_hours_is_caught() -> None:
    first_ns = share_day().ticks["event_ns"][0]
    cut_off = with_edge(share_day(), cut_off_ns=TsNs(int(first_ns)))
    opens = with_edge(share_day(), open_ns=TsNs(2**62), cut_off_ns=TsNs(2**62 + 1))
    assert broken(cut_off) == broken(opens) == {"entry_outside_session"}


def test_an_entry_without_a_stop_is_caught() -> None:
    evidence = short()
    orders = tuple(
        replace(each, stop=0) if each.purpose is Purpose.ENTRY else each
        for each in evidence.approved
    )
    assert broken(replace(evidence, approved=orders)) == {"entry_without_stop"}


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        ("max_order_notional", 1_000.0),
        ("max_position_notional", 1_000.0),
        ("max_gross_notional", 3_000.0),
        ("max_open_positions", 1.0),
        ("max_trade_loss", 1.0),
    ],
)
def test_a_size_above_a_limit_is_caught(limit: str, value: float) -> None:
    assert broken(limited(short(), **{limit: value})) == {"size_above_limit"}


@pytest.mark.parametrize("limit", ["max_daily_loss", "max_drawdown"])
def test_a_loss_at_its_limit_that_halts_nobody_is_caught(limit: str) -> None:
    assert broken(limited(short(), **{limit: 5.0})) == {"loss_limit_ignored"}


def test_a_halt_of_another_day_does_not_answer_for_a_drawdown() -> None:
    ended = with_output(
        short(), 0, kind=OutputKind.STATE_CHANGED, code=TradingState.HALTED,
        lots=StateCause.DAILY_LOSS,
    )  # fmt: skip
    roll = DayRoll(event_ns=TsNs(int(ended.outputs["event_ns"][0]) + 1))
    found = broken(limited(replace(ended, events=(*ended.events, roll)), max_drawdown=5.0))
    assert "loss_limit_ignored" in found


def test_a_halt_after_which_nobody_leaves_is_caught() -> None:
    place = first(short(), FILL) + 1
    market = int(short().outputs["market"][place - 1])
    halted = with_output(short(), place, kind=OutputKind.STATE_CHANGED, code=TradingState.HALTED)
    assert int(halted.outputs["market"][place - 1]) == market
    assert broken(halted) == {"loss_limit_ignored", "entry_while_stopped"}


def test_a_fill_on_an_invalid_book_is_caught() -> None:
    evidence = short()
    at_ns, market = (int(evidence.outputs[name][first(evidence, FILL)]) for name in
                     ("event_ns", "market"))  # fmt: skip
    ticks = evidence.ticks.copy()
    before = (ticks["event_ns"] <= at_ns) & (ticks["market"] == market)
    ticks["kind"][before & (ticks["kind"] == TickKind.QUOTE)] = TickKind.INVALID_BOOK
    assert broken(replace(evidence, ticks=ticks)) == {"fill_without_book"}


def test_a_fill_after_lost_ticks_and_before_a_quote_is_caught() -> None:
    evidence = short()
    output = evidence.outputs[first(evidence, FILL)]
    name = evidence.markets[int(output["market"])].name
    gap = Gap(event_ns=TsNs(int(output["event_ns"])), market=name, slot=0, lost=1)
    found = broken(replace(evidence, events=(*evidence.events, gap)))
    assert found == {"fill_without_book"}


def test_a_fill_on_a_stale_book_is_caught() -> None:
    assert broken(limited(short(), stale_quote_s=1e-9)) == {"fill_without_book"}


def test_what_spoils_the_book_at_the_stamp_of_a_quote_does_not_spoil_a_fill_on_it() -> None:
    evidence = short()
    own = np.flatnonzero(evidence.ticks["market"] == 0)
    place = int(own[evidence.ticks["kind"][own] == TickKind.QUOTE][-1])
    at_ns = int(evidence.ticks["event_ns"][place])
    spoils = evidence.ticks[place : place + 1].copy()
    spoils["kind"] = TickKind.INVALID_BOOK
    ticks = np.insert(evidence.ticks, place + 1, spoils)
    books = Books(replace(evidence, ticks=ticks), 0)
    assert books.fillable(at_ns, SECOND_NS)
    assert not books.fillable(at_ns + 1, SECOND_NS)


def test_a_position_over_a_close_is_caught() -> None:
    trade = max(share_day().trades, key=lambda each: each.exit_ns - each.entry_ns)
    middle = TsNs(int(trade.entry_ns + trade.exit_ns) // 2)
    closed = with_edge(share_day(), close_ns=middle)
    assert broken(closed) == {"held_after_close"}


def test_a_position_after_the_last_tick_is_caught() -> None:
    evidence = short()
    place = int(np.flatnonzero(evidence.outputs["kind"] == FILL)[-1])
    assert int(evidence.outputs["first_ns"][place]) & EXITS
    cut = replace(
        evidence,
        outputs=np.delete(evidence.outputs, place),
        flows=evidence.flows[:-1],
        trades=evidence.trades[:-1],
    )
    assert broken(cut) == {"held_at_the_end"}


def test_two_reasons_to_leave_are_caught() -> None:
    place = exit_intent(short())
    said = {name: int(short().outputs[name][place]) for name in ("market", "lots", "side")}
    twice = with_output(short(), place + 1, kind=INTENT, code=ExitReason.COMMAND, **said)
    assert broken(twice) == {"exit_twice"}


def test_an_exit_of_more_than_is_held_is_caught() -> None:
    place = exit_intent(short())
    assert broken(edited(short(), place, lots=1_000)) == {"exit_twice"}


def test_a_fill_beyond_flat_is_caught() -> None:
    place = int(np.flatnonzero(short().outputs["kind"] == FILL)[-1])
    lots = int(short().outputs["lots"][place])
    assert "exit_twice" in broken(edited(short(), place, lots=2 * lots))


def test_a_fill_that_was_said_otherwise_is_caught() -> None:
    place = first(short(), FILL)
    price = int(short().outputs["price_ticks"][place])
    assert broken(edited(short(), place, price_ticks=price + 1)) == {"books_differ"}


@pytest.mark.parametrize(
    "changes",
    [{"price": Ticks(9)}, {"lots": Lots(1)}, {"maker": True}, {"time_ns": TsNs(1)}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_fill_that_is_booked_otherwise_is_caught(changes: dict[str, object]) -> None:
    assert "books_differ" in broken(with_fill(short(), **changes))


def test_trades_that_fills_do_not_make_are_caught() -> None:
    evidence, trades = short(), short().trades
    more = Decimal("0.000001")
    richer = replace(
        trades[0], net=Money(trades[0].net + more), gross=Money(trades[0].gross + more)
    )
    for spoiled in ((richer, *trades[1:]), trades[1:], (*trades, trades[-1])):
        assert broken(replace(evidence, trades=spoiled)) == {"books_differ"}


def test_an_equity_that_fills_do_not_make_is_caught() -> None:
    richer = replace(short(), equity=short().equity + Decimal("0.000001"))
    assert broken(richer) == {"books_differ"}


def test_an_order_that_was_approved_otherwise_is_caught() -> None:
    orders = short().approved
    other = replace(orders[0], limit=Ticks(orders[0].limit + 1))
    for spoiled in ((other, *orders[1:]), orders[:-1]):
        assert "books_differ" in broken(replace(short(), approved=spoiled))


def test_a_recording_whose_outputs_are_another_playbook_s_differs(tmp_path: Path) -> None:
    for playbook in ("probe", "baseline"):
        play(wanted(SHORT, tmp_path / playbook, playbook))
    (mine,) = (tmp_path / "probe").glob("*.outputs")
    (other,) = (tmp_path / "baseline").glob("*.outputs")
    mine.write_bytes(other.read_bytes())
    assert "decides otherwise" in difference_of(tmp_path / "probe")


def test_a_recording_that_decides_otherwise_is_caught() -> None:
    assert broken(replace(short(), difference="it differs")) == {"recording_differs"}
