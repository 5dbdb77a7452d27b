"""What `why` prints: one sentence that answers, then what it rests on, in plain words."""

import io
import math
from typing import Any, Final

import pytest
from msgspec.structs import replace
from rich.console import Console

from domain.enums import ExitReason, Gate, OutputKind, Refusal
from reporting.why_sentences import opening, sentence
from reporting.why_summary import GateTold, Hole, Said, WhySummary
from reporting.why_text import print_why
from reporting.why_words import number, told_apart, why_blocked, why_left, why_refused, with_unit
from why_samples import GATE, MOMENTUM, NS, RISK, summary

UNSAID: Final = (OutputKind.REJECTION_RUN, OutputKind.CANDLE_CLOSED)


def printed(told: WhySummary, width: int = 80) -> str:
    stream = io.StringIO()
    print_why(Console(file=stream, width=width, markup=False, highlight=False), told)
    return stream.getvalue()


def in_one_line(told: WhySummary) -> str:
    return " ".join(printed(told).split())


def said(kind: str, **changes: Any) -> Said:  # noqa: ANN401  passed on to the struct
    plain = Said(
        kind=kind, time_ns=NS, code="", side="long", price=None, quantity=None,
        limit=math.nan, actual=math.nan, exits=False,
    )  # fmt: skip
    return replace(plain, **changes)


def test_the_first_sentence_answers() -> None:
    assert opening(summary()) == (
        "BTCUSDT-usdm did not enter at 23:55:01.500: momentum had a streak of 3, 6 were needed."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"answered_ns": None, "activity": "none"}, "Nothing was decided for BTCUSDT-usdm by"),
        ({"activity": "held", "gates": []}, "BTCUSDT-usdm held its position at"),
        ({"activity": "working", "gates": []}, "BTCUSDT-usdm did not decide anew at"),
        ({"activity": "by_hand", "gates": []}, "BTCUSDT-usdm is traded by hand and was flat at"),
        ({"said": [said("intent", code="hard_stop", exits=True)]}, "left its long position at"),
        ({"said": [said("intent", code="partial", exits=True)]}, "left a part of its long"),
        ({"said": [said("intent")]}, "entered long at 23:55:01.500: every gate passed, and risk"),
        ({"said": [said("addition")]}, "added to its long position at"),
        ({"said": [said("fill", exits=True)]}, "BTCUSDT-usdm sold"),
    ],
)
def test_the_first_sentence_fits_what_happened(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in opening(summary(**changes))


@pytest.mark.parametrize("kind", [each for each in OutputKind if each not in UNSAID])
@pytest.mark.parametrize("code", ["daily_loss", "trading_state"])
def test_everything_that_is_said_has_a_sentence(kind: OutputKind, code: str) -> None:
    assert "_" not in sentence(said(kind.word, code=code)).replace(code, "")


def test_a_hole_is_said_plainly_with_what_is_known() -> None:
    hole = Hole(from_ns=NS - 5 * 10**9, until_ns=NS + 5 * 10**9, why="cut_off")
    text = in_one_line(summary(hole=hole, known_ns=hole.from_ns, answered_ns=hole.from_ns))
    between = "between 2024-08-08 23:54:56.500 UTC and 2024-08-08 23:55:06.500 UTC"
    assert f"Nothing is known {between}: the recording was cut off, as by a crash." in text
    assert "the last moment known before 2024-08-08 23:55:01.500 UTC" in text


def test_a_zone_that_was_assumed_is_said() -> None:
    assert "without a zone and is read as UTC" in in_one_line(summary(assumed_zone=True))
    assert "without a zone" not in in_one_line(summary())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"answers": "differ"}, "verify it before you rely on this"),
        ({"answers": "folded"}, "What was said then is not recorded"),
        ({"same_build": False}, "Another build recorded this"),
    ],
)
def test_what_weakens_the_answer_is_said(changes: dict[str, Any], words: str) -> None:
    assert words in in_one_line(summary(**changes))
    assert words not in in_one_line(summary())


def test_every_line_fits_eighty_columns_and_has_no_colour() -> None:
    text = printed(summary())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text


def test_the_first_failing_gate_is_marked_once() -> None:
    lines = [line for line in printed(summary()).splitlines() if "<- first" in line]
    assert [line.split()[0] for line in lines] == ["momentum"]


def test_gates_that_are_off_are_one_line() -> None:
    assert "Off: SMC." in printed(summary(gates=[MOMENTUM, replace(GATE, gate="smc", mode="off")]))


def test_a_hypothetical_answer_of_risk_says_so() -> None:
    refused = replace(
        RISK, approved=False, code="daily_loss", limit=-100.0, actual=-120.5,
        key="limits.max_daily_loss",
    )  # fmt: skip
    text = in_one_line(summary(risk=refused))
    assert "Had every gate passed, risk would have refused" in text
    assert "the day's result is -120.5, entries end at -100 (limits.max_daily_loss)" in text


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("distance", [-1.0, math.nan])
def test_every_gate_can_say_why_it_blocked(gate: Gate, distance: float) -> None:
    blocked = replace(GATE, gate=gate.word, distance=distance, value=distance)
    text = why_blocked(blocked)
    assert text
    assert "{" not in text
    assert "nan" not in text


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_is_said_in_words(code: Refusal) -> None:
    text = why_refused(code.word, 1.0, 2.0)
    assert "_" not in text
    assert "{" not in text


@pytest.mark.parametrize("reason", [each for each in ExitReason if each is not ExitReason.NONE])
def test_every_exit_is_said_in_words(reason: ExitReason) -> None:
    assert "_" not in why_left(reason.word)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (2.9996, 3.0, ("2.9996", "3")),
        (3.0, 3.0, ("3", "3")),
        (1.00002, 1.0, ("1.00002", "1")),
        (1204.5, 7.0, ("1,204", "7")),
        (math.nan, 3.0, ("-", "3")),
        (math.inf, 0.0, ("any", "0")),
    ],
)
def test_numbers_that_differ_look_different(
    one: float, other: float, expected: tuple[str, str]
) -> None:
    assert told_apart(one, other) == expected


def test_units_follow_their_number() -> None:
    said_units = [with_unit(each, "moves") for each in ("1", "3", "-1")]
    assert said_units == ["1 move", "3 moves", "-1 move"]
    assert [with_unit("1", "entries"), with_unit("0.5", "s")] == ["1 entry", "0.5 s"]


def test_small_numbers_keep_their_digits_without_exponent() -> None:
    assert [number(each) for each in (0.00001234, -0.5, 0.0)] == ["0.00001234", "-0.5", "0"]


UNTOLD: Final = {"hard_stop", "not_ready", "trading_state"}


def test_no_word_of_the_code_reaches_the_reader() -> None:
    words = set(printed(summary()).replace(",", " ").split())
    assert not UNTOLD & words
    assert GateTold.__name__ not in words


def test_risk_that_was_not_asked_is_not_blamed_on_a_plan_that_can_be_made() -> None:
    plan = replace(GATE, gate="plan", verdict="passes", distance=1.0)
    planned = summary(plan=None, risk=None, gates=[MOMENTUM, plan])
    assert "Risk has nothing to judge: a gate kept it from asking." in printed(planned)
    unplanned = summary(plan=None, risk=None, gates=[MOMENTUM, replace(plan, distance=-1.0)])
    assert "no plan could be made" in printed(unplanned)
