"""What the core says, field by field and in which order (docs/rules.md, O1 and O2)."""

import numpy as np
import pytest

from core_cases import START_NS, Case, another, at, crossed, playbook, prices, quote, trade
from core_steps import (
    FIRST,
    commanded,
    flat,
    holding,
    holding_short,
    limited,
    opened,
    two_flat,
    two_holding,
)
from domain.arrays import Rows
from domain.enums import (
    ExitReason,
    Gate,
    OutputKind,
    PriceSource,
    Refusal,
    Side,
    StateCause,
    TradingState,
)

NUMBERS = [
    "event_ns", "market", "decision_seq", "kind", "code", "side", "price_ticks", "lots",
    "mid_half", "last_half", "first_ns",
]  # fmt: skip


def told(case: Case, kind: OutputKind, number: int = -1) -> dict[str, int]:
    """The numbers of one output of a kind."""
    row = case.kept.of(kind)[number]
    return {name: int(row[name]) for name in NUMBERS}


def distances(case: Case, kind: OutputKind) -> list[float]:
    """The distances of the last output of a kind that are used."""
    found = case.kept.of(kind)[-1]["distances"]
    return [float(value) for value in found[~np.isnan(found)]]


def kinds(rows: Rows) -> list[str]:
    """Kinds of outputs in words."""
    return [OutputKind(int(kind)).word for kind in rows["kind"]]


def seen() -> Case:
    """Bought at second 0.05 after a trade at 99.95 was seen."""
    return flat().fold(trade(0, 99.95), quote(0.5, 100.0, 100.1), quote(1, 100.2, 100.3))


def test_an_entry_intent_is_told_with_its_limit_and_without_lots() -> None:
    assert told(seen(), OutputKind.INTENT) == {
        "event_ns": at(0.5),
        "market": 0,
        "decision_seq": 2,
        "kind": OutputKind.INTENT,
        "code": 0,
        "side": Side.LONG,
        "price_ticks": 1_011,
        "lots": 0,
        "mid_half": 2_001,
        "last_half": 1_999,
        "first_ns": 0,
    }


def test_an_approval_tells_limit_and_lots() -> None:
    said = told(seen(), OutputKind.APPROVED)
    assert (said["price_ticks"], said["lots"], said["side"]) == (1_011, 10, Side.LONG)
    assert (said["code"], said["first_ns"]) == (0, 0)
    assert distances(seen(), OutputKind.APPROVED) == []


def test_a_fill_tells_the_book_of_its_own_time() -> None:
    said = told(seen(), OutputKind.FILL)
    assert (said["event_ns"], said["price_ticks"], said["lots"]) == (at(0.55), 1_001, 10)
    assert (said["mid_half"], said["last_half"], said["first_ns"]) == (2_001, 1_999, 4)


def test_an_exit_intent_tells_the_positions_side_and_lots() -> None:
    said = told(holding_short().fold(quote(2, 102.0, 102.1)), OutputKind.INTENT)
    assert (said["code"], said["side"], said["lots"]) == (ExitReason.HARD_STOP, Side.SHORT, 10)
    assert (said["price_ticks"], said["mid_half"]) == (1_023, 2_041)


def test_an_exit_intent_tells_one_distance() -> None:
    assert distances(holding().fold(quote(2, 97.8, 97.9)), OutputKind.INTENT) == [-3.0]


def test_a_fill_of_an_exit_keeps_the_positions_side() -> None:
    case = holding_short().fold(quote(2, 102.0, 102.1), crossed(3))
    said = told(case, OutputKind.FILL)
    assert (said["side"], said["first_ns"], said["price_ticks"]) == (Side.SHORT, 6, 1_021)


def test_a_refusal_tells_its_code_limit_and_actual() -> None:
    case = flat(limits=limited(max_order_notional=100.0)).fold(FIRST)
    said = told(case, OutputKind.REFUSED)
    assert (said["code"], said["price_ticks"], said["lots"]) == (Refusal.ORDER_NOTIONAL, 1_011, 10)
    assert distances(case, OutputKind.REFUSED) == [100.0, pytest.approx(101.1)]


def test_a_rejection_run_tells_gate_count_and_times() -> None:
    rules = {"gates.spread": {"mode": "on", "max": "1tick"}}
    case = flat(rules).fold(quote(1, 100.0, 100.5), quote(3, 100.0, 100.4)).end(4)
    said = told(case, OutputKind.REJECTION_RUN)
    assert (said["code"], said["lots"], said["first_ns"]) == (Gate.SPREAD, 2, at(1))
    assert (said["side"], said["price_ticks"], said["event_ns"]) == (0, 0, at(4))
    assert distances(case, OutputKind.REJECTION_RUN) == [-3.0, 2.0]


def test_a_state_set_by_command_belongs_to_no_market() -> None:
    case = commanded(holding(), TradingState.REDUCING, 1.5)
    said = told(case, OutputKind.STATE_CHANGED)
    assert (said["market"], said["decision_seq"], said["event_ns"]) == (-1, 0, at(1.5))
    assert (said["code"], said["lots"]) == (TradingState.REDUCING, StateCause.COMMAND)
    assert (said["mid_half"], distances(case, OutputKind.STATE_CHANGED)) == (0, [])


def test_a_daily_loss_belongs_to_the_market_that_found_it() -> None:
    case = two_holding(limited(max_daily_loss=0.8)).fold(quote(2, 99.0, 99.1, market=1))
    said = told(case, OutputKind.STATE_CHANGED)
    assert (said["market"], said["decision_seq"]) == (1, 4)
    assert (said["code"], said["lots"]) == (TradingState.HALTED, StateCause.DAILY_LOSS)


def test_decisions_are_numbered_from_one_in_each_market() -> None:
    case = two_flat().fold(FIRST, quote(0, 100, 100.1, market=1)).end(1).end(1, "MINT")
    rows = case.kept.rows
    assert rows["decision_seq"][rows["market"] == 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert rows["decision_seq"][rows["market"] == 1].tolist() == [1, 2, 3, 4, 5, 6]


def test_candles_are_told_of_subscribed_frames_only_short_to_long() -> None:
    case = flat(subscribed=0b1010).fold(prices(38, 1, [100.0, 101.0, 102.0]))
    said = case.kept.of(OutputKind.CANDLE_CLOSED)
    assert said["code"].tolist() == [1, 3]
    assert (said["event_ns"] == at(40)).all()


def test_without_a_subscription_no_candle_is_told() -> None:
    case = flat().fold(prices(0, 60, [100.0] * 5))
    assert len(case.kept.of(OutputKind.CANDLE_CLOSED)) == 0


def test_a_closed_candle_tells_its_prices_volume_count_and_start() -> None:
    case = flat(subscribed=0b10).fold(trade(0, 100.0, 2.0), trade(2, 99.0), trade(3, 103.0))
    case.fold(trade(4, 101.0, 0.5), trade(7, 110.0))
    said = told(case, OutputKind.CANDLE_CLOSED)
    assert (said["code"], said["lots"], said["first_ns"]) == (1, 4, START_NS)
    assert (said["last_half"], said["side"], said["price_ticks"]) == (2_200, 0, 0)
    prices_and_volume = [2_000.0, 2_060.0, 1_980.0, 2_020.0, 4.5]
    assert distances(case, OutputKind.CANDLE_CLOSED) == prices_and_volume


def test_a_sessions_close_tells_its_candles() -> None:
    case = opened(flat(subscribed=0b1000), 0, 5, 10).fold(trade(1, 100.0))
    said = opened(case, 20, 30, 40, at_s=10).kept.of(OutputKind.CANDLE_CLOSED)
    assert (said["code"].tolist(), said["event_ns"].tolist()) == ([3], [at(10)])


def test_a_tick_says_candles_then_the_run_they_end_then_its_intent() -> None:
    rules = {"gates.spread": {"mode": "on", "max": "1tick"}}
    case = flat(rules, subscribed=0b1001, price_source=PriceSource.MID)
    said = case.fold(quote(39, 100.0, 100.5), quote(40, 100.0, 100.1)).kept.rows
    assert kinds(said) == ["candle_closed"] * 2 + ["rejection_run", "intent", "approved"]


def test_a_tick_says_the_run_it_ends_before_its_intent_and_answer() -> None:
    rules = {"gates.spread": {"mode": "on", "max": "1tick"}}
    case = flat(rules).fold(quote(0, 100.0, 100.5), quote(1, 100.0, 100.1))
    assert kinds(case.kept.rows) == ["rejection_run", "intent", "approved"]


def test_a_tick_says_a_state_before_the_exit_it_causes() -> None:
    case = holding(limits=limited(max_daily_loss=0.8)).fold(quote(2, 99.0, 99.1))
    assert kinds(case.kept.rows)[-3:] == ["state_changed", "intent", "approved"]


def test_what_a_tick_causes_bears_its_fingerprint_and_timers_and_events_bear_none() -> None:
    case = commanded(seen(), TradingState.REDUCING, 2).end(3)
    said = [(OutputKind(int(row["kind"])).word, bool(row["cause"])) for row in case.kept.rows]
    assert said[:4] == [
        ("rejection_run", True),
        ("intent", True),
        ("approved", True),
        ("fill", False),
    ]
    assert not any(caused for _, caused in said[4:])


def test_a_fingerprint_tells_what_a_tick_said_and_not_when() -> None:
    early, late = flat().fold(FIRST), flat().fold(quote(9, 100.0, 100.1))
    other = flat().fold(quote(0, 100.0, 100.1, ask_size=99.0))
    assert early.kept.rows["cause"].tolist() == late.kept.rows["cause"].tolist()
    assert early.kept.rows["cause"][0] != other.kept.rows["cause"][0]


def test_the_hash_does_not_depend_on_how_ticks_are_cut() -> None:
    ticks = [FIRST, quote(1, 98.1, 98.2, bid_size=0.1), trade(2, 98.0), quote(3, 97.0, 97.1)]
    cut = flat().fold(ticks[0]).fold(ticks[1]).fold(ticks[2]).fold(ticks[3])
    assert flat().fold(*ticks).hash.hexdigest() == cut.hash.hexdigest()


def test_the_hash_names_markets_and_not_their_rows() -> None:
    alone = Case(names=("MINT",)).market(playbook(), instrument=another("MINT")).fold(FIRST)
    behind = two_flat().fold(quote(0, 100.0, 100.1, market=1))
    assert alone.hash.hexdigest() == behind.hash.hexdigest()
    assert alone.hash.hexdigest() != two_flat().fold(FIRST).hash.hexdigest()
