"""A difference in words: the numbers are called by what they are, and fit 80 columns."""

import io
import json
import math
from typing import Any

import msgspec
from rich.console import Console

from domain.enums import ExitReason, Gate, OutputKind, Refusal, TradingState
from reporting.verify_json import verify_json
from reporting.verify_summary import (
    Difference,
    Missing,
    NextMissing,
    OutputTold,
    SegmentVerified,
    Unlike,
    Verified,
)
from reporting.verify_text import print_verified

NAME = "2026-01-31T080000-000003-000001"
GATES = len(Gate)


def told(kind: OutputKind, *distances: float, **changes: Any) -> OutputTold:  # noqa: ANN401
    output = OutputTold(
        event_ns=1_769_846_400_000_000_000,
        market="COIN",
        decision_seq=7,
        kind=kind,
        code=0,
        side=0,
        price_ticks=0,
        lots=0,
        distances=(*distances, *[math.nan] * (GATES - len(distances))),
    )
    return msgspec.structs.replace(output, **changes)


def found(
    recorded: OutputTold | None, folded: OutputTold | None, *numbers: Unlike, segments: int = 1
) -> Verified:
    difference = Difference(
        segment=NAME,
        output=4,
        seq=1_200,
        last_seq=1_200,
        recorded=recorded,
        folded=folded,
        why="they differ in " + (", ".join(each.name for each in numbers) or "distances"),
        numbers=list(numbers),
    )
    part = SegmentVerified(
        name=NAME,
        same_build=True,
        end="end",
        lost=0,
        ignored_bytes=0,
        inputs=1_201,
        ticks=1_000,
        outputs=4,
        not_compared=0,
        difference=difference,
    )
    return Verified(path="recordings", segments=[part], found=segments)


def text(verified: Verified) -> list[str]:
    """Lines without the spaces between their words."""
    stream = io.StringIO()
    print_verified(Console(file=stream, width=80, markup=False, highlight=False), verified)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    return [" ".join(line.split()) for line in lines]


def test_gates_stand_side_by_side() -> None:
    lines = text(
        found(told(OutputKind.INTENT, math.inf, 1.0), told(OutputKind.INTENT, math.inf, 0.1 + 0.2))
    )
    assert "distance of gate recorded folded again" in lines
    assert "hold inf inf" in lines
    assert "trading_state 1.0 0.30000000000000004 differs" in lines


def test_a_negative_zero_is_told_as_the_zero_that_it_counts_as() -> None:
    lines = text(found(told(OutputKind.INTENT, -0.0, 1.0), told(OutputKind.INTENT, 0.0, 2.0)))
    assert "hold 0.0 0.0" in lines


def test_the_distance_of_an_exit_is_no_gates() -> None:
    exit_ = told(OutputKind.INTENT, -2.0, code=ExitReason.HARD_STOP, side=1, price_ticks=9, lots=1)
    other = msgspec.structs.replace(exit_, price_ticks=8)
    verified = found(exit_, other, Unlike(name="price_ticks", recorded=9, folded=8))
    lines = text(verified)
    assert "distance -2.0 -2.0" in lines
    assert "price_ticks 9 8 differs" in lines
    assert not [line for line in lines if line.startswith("hold")]
    assert "intent hard_stop long, 1 lot at 9 ticks, decision 7" in " ".join(lines)
    assert json.loads(verify_json(verified))["difference"]["recorded"]["distances"] == {
        "distance": -2.0
    }


def test_a_refusal_has_limit_and_actual() -> None:
    refused = told(OutputKind.REFUSED, 5.0, 6.0, code=Refusal.ORDER_RATE)
    lines = text(found(refused, msgspec.structs.replace(refused, distances=(5.0, 7.0))))
    assert "limit 5.0 5.0" in lines
    assert "actual 6.0 7.0 differs" in lines


def test_a_number_that_the_sentence_does_not_hold_is_told() -> None:
    candle = told(OutputKind.CANDLE_CLOSED, 1.0)
    lines = text(found(candle, candle, Unlike(name="cause", recorded=11, folded=12)))
    assert "cause 11 12 differs" in lines


def test_the_word_of_code_zero_is_said() -> None:
    state = told(OutputKind.STATE_CHANGED, code=TradingState.ACTIVE, market="")
    run = told(OutputKind.REJECTION_RUN, 1.0, 2.0, code=Gate.HOLD)
    said = " ".join(text(found(state, run)))
    assert "account: state changed active" in said
    assert "COIN: rejection run hold" in said


def test_an_output_on_one_side_only_has_nothing_on_the_other() -> None:
    lines = text(found(None, told(OutputKind.INTENT, 1.0)))
    assert "recorded nothing" in lines
    assert "hold 1.0 differs" in lines


def test_segments_that_were_not_folded_are_counted() -> None:
    verified = found(told(OutputKind.INTENT), told(OutputKind.INTENT), segments=3)
    assert "2 later segments not folded." in text(verified)


def test_what_is_missing_is_the_verdict_where_all_else_is_equal() -> None:
    other = "2026-01-31T090000-000003-000003"
    missing = [
        Missing(before=NAME, after=other, first=1_201, last=1_300),
        Missing(before=NAME, after=other, first=1_500, last=1_399),
        Missing(before="", after=other, first=0, last=99),
    ]
    part = msgspec.structs.replace(found(None, None).segments[0], difference=None)
    verified = Verified(path="", segments=[part], found=1, missing=missing, no_runs=[5])
    said = " ".join(text(verified))
    assert said.startswith("Not verified: inputs 1,201 to 1,300 are missing between ")
    assert f"between {NAME} and {other} inputs 1,400 to 1,499 are there twice." in said
    assert f"inputs 0 to 99 are missing before {other}." in said
    assert "no segment of run 5 is there." in said


def test_runs_that_are_not_there_are_the_verdict_where_nothing_else_is_wrong() -> None:
    part = msgspec.structs.replace(found(None, None).segments[0], difference=None)
    verified = Verified(path="", segments=[part], found=1, no_runs=[2, 5, 6, 7])
    said = " ".join(text(verified))
    assert said.startswith("Not verified: no segment of runs 2, 5 to 7 is there.")
    assert "was deleted, or it never recorded anything" in said
    assert json.loads(verify_json(verified))["verified"] is False


def test_the_deleted_end_of_a_run_is_the_verdict_where_nothing_else_is_wrong() -> None:
    part = msgspec.structs.replace(found(None, None).segments[0], difference=None)
    gone = [NextMissing(after=NAME, run=3, number=2), NextMissing(after="X", run=4, number=1_000)]
    verified = Verified(path="", segments=[part], found=1, no_next=gone)
    said = " ".join(text(verified))
    assert said.startswith(f"Not verified: segment 2 of run 3 is missing after {NAME}.")
    assert "segment 1,000 of run 4 is missing after X." in said
    assert "was deleted, or a crash or the disk kept it from being begun" in said
    assert json.loads(verify_json(verified))["verified"] is False
