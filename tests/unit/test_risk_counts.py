"""R3b, R8a and R8b: trades since a review, entries of a session, entries in a row."""

import pytest

from domain.enums import Side
from risk.engine import RiskEngine
from risk.times import MOST_TIMES
from trading_cases import NOW, at, entry, leave, limits, trade, view, why

UNREVIEWED = ("unreviewed", 3, 3, "limits.review_after_trades")
SESSION = ("trades_per_session", 2, 2, "limits.trades_per_session")
REPEATED = ("repeated_entries", 4, 5, "limits.repeated_entries")


def traded(times: int) -> RiskEngine:
    """An engine that asks for a review after three trades, and saw so many."""
    engine = RiskEngine(limits(review_after_trades=3.0))
    for _ in range(times):
        engine.traded(trade("1"), NOW)
    return engine


def entered(*seconds: float, side: Side = Side.LONG, **changes: float) -> RiskEngine:
    """An engine that let entries through at these seconds."""
    engine = RiskEngine(limits(**changes))
    for second in seconds:
        assert why(engine.review(entry(side=side), at(second))) is None
    return engine


# R3b


def test_a_market_is_entered_until_its_trades_need_a_review() -> None:
    assert why(traded(2).review(entry(), view())) is None
    assert why(traded(3).review(entry(), view())) == UNREVIEWED


def test_trades_of_another_market_need_no_review_of_this_one() -> None:
    engine = traded(2)
    engine.traded(trade("1", "OTHER"), NOW)
    assert why(engine.review(entry(), view())) is None


@pytest.mark.parametrize("released", ["COIN", None])
def test_a_release_is_the_review(released: str | None) -> None:
    engine = traded(3)
    engine.release(released)
    assert why(engine.review(entry(), view())) is None


def test_a_release_of_another_market_is_no_review_of_this_one() -> None:
    engine = traded(3)
    engine.release("OTHER")
    assert why(engine.review(entry(), view())) == UNREVIEWED


# R8a


def test_a_session_has_so_many_entries() -> None:
    assert why(entered(0, trades_per_session=2.0).review(entry(), at(1))) is None
    assert why(entered(0, 1, trades_per_session=2.0).review(entry(), at(2))) == SESSION


def test_an_addition_is_no_entry_of_the_session_but_is_held_by_its_count() -> None:
    engine = RiskEngine(limits(trades_per_session=2.0))
    for second in (0, 1, 2):
        assert why(engine.review(entry(addition=True), at(second))) is None
    assert why(engine.review(entry(), at(3))) is None
    engine = entered(0, 1, trades_per_session=2.0)
    assert why(engine.review(entry(addition=True), at(2))) == SESSION


def test_another_market_has_entries_of_its_own() -> None:
    engine = RiskEngine(limits(trades_per_session=2.0, allow=("*",)))
    for second in (0, 1):
        engine.review(entry(market=1), at(second, market="OTHER"))
    assert why(engine.review(entry(), at(2))) is None


def test_the_day_begins_the_count_anew_in_a_market_without_sessions() -> None:
    engine = entered(0, 1, trades_per_session=2.0)
    engine.roll_day()
    assert why(engine.review(entry(), at(2))) is None


def test_an_edge_begins_the_count_anew_and_the_day_no_longer_does() -> None:
    engine = entered(0, trades_per_session=2.0)
    engine.session_began("COIN")
    assert why(engine.review(entry(), at(1))) is None
    assert why(engine.review(entry(), at(2))) is None
    engine.roll_day()
    assert why(engine.review(entry(), at(3))) == SESSION
    engine.session_began("COIN")
    assert why(engine.review(entry(), at(3))) is None


# R8b


def test_an_entry_leaves_the_window_of_repeats_at_its_end() -> None:
    assert why(entered(0, 1, 2, 3).review(entry(), at(59.999_999_999))) == REPEATED
    assert why(entered(0, 1, 2, 3).review(entry(), at(60))) is None


def test_entries_of_the_other_side_are_no_repeats() -> None:
    engine = entered(0, 1, 2, 3, side=Side.SHORT)
    assert why(engine.review(entry(), at(4))) is None


def test_additions_are_repeats_too() -> None:
    engine = entered(0, 1, 2)
    assert why(engine.review(entry(addition=True), at(3))) is None
    assert why(engine.review(entry(addition=True), at(4))) == REPEATED


def test_exits_and_refused_entries_are_no_repeats() -> None:
    engine = entered(0, 1, 2)
    engine.review(leave(), at(3, position_lots=10))
    engine.review(entry(), at(4, book_valid=False))
    assert why(engine.review(entry(), at(5))) is None


def test_more_repeats_than_can_be_remembered_are_not_allowed_whatever_the_limit() -> None:
    engine = RiskEngine(limits(repeated_entries=1e9, repeated_window_s=1e9))
    for _ in range(MOST_TIMES - 1):
        engine._counts.approved("COIN", entry(addition=True), NOW)
    assert why(engine.review(entry(), at(1))) is None
    assert why(engine.review(entry(), at(2))) == (
        "repeated_entries",
        MOST_TIMES,
        MOST_TIMES + 1,
        "limits.repeated_entries",
    )
