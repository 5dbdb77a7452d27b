"""`why` on a small recording: states, orders by hand, holes, and what the command line takes."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from agent.cli import main
from agent.replay.recorded_moments import Recorded
from agent.replay.why import Asked, why
from agent.replay.why_request import WhyRequest, run_why, time_ns
from core_cases import START_NS, at
from db.recording.reader import segments
from domain.errors import BadInput, BadUsage
from domain.units import SECOND_NS
from reporting.why_summary import WhySummary
from why_by_hand import by_hand

Texts = pytest.CaptureFixture[str]
DAY: Final = "2023-11-14"  # of START_NS, which is 22:13:20 UTC


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return by_hand(tmp_path_factory.mktemp("by-hand"))


def told(path: Path, market: str, second: float) -> WhySummary:
    return why(Recorded(path), Asked(market=market, at_ns=at(second)))


def cut_behind_the_snapshot(path: Path) -> None:
    """What a crash leaves that came before the first block of inputs was on the disk."""
    first = min(path.glob("*.inputs"))
    whole = first.read_bytes()
    for kept in range(len(whole) - 100, 0, -50):
        first.write_bytes(whole[:kept])
        if next(iter(segments(path)[0].inputs()), None) is None:
            return


def gate_of(summary: WhySummary, name: str) -> tuple[float, float, str]:
    gate = next(each for each in summary.gates if each.gate == name)
    return gate.value, gate.threshold, gate.verdict


def test_a_paused_account_is_the_first_that_blocks(recording: Path) -> None:
    summary = told(recording, "COIN", 1.75)
    assert (summary.first_failing, summary.account.trading_state) == ("trading_state", "reducing")
    assert (summary.answered_ns, summary.account.cause) == (at(1.5), "command")


def test_after_the_pause_momentum_blocks(recording: Path) -> None:
    summary = told(recording, "COIN", 2.25)
    assert summary.first_failing == "momentum"
    assert gate_of(summary, "momentum") == (0.0, 6.0, "blocks")


def test_the_gates_are_those_of_the_tick_and_the_state_that_of_the_moment(recording: Path) -> None:
    summary = told(recording, "COIN", 1.25)
    assert (summary.answered_ns, summary.first_failing) == (at(0.5), "momentum")
    assert summary.account.trading_state == "reducing"
    assert [each.code for each in summary.since] == ["reducing"]


def test_a_flat_market_is_told_the_plan_and_risks_answer_it_would_have_had(recording: Path) -> None:
    summary = told(recording, "COIN", 2.25)
    assert summary.plan is not None
    assert summary.risk is not None
    parts = {part.name: (part.ticks, part.level) for part in summary.plan.parts}
    assert (summary.plan.in_force, summary.plan.side) == (False, "long")
    assert parts["stop"] == (20, Decimal("98.1"))
    assert parts["target"] == (30, Decimal("103.1"))
    assert (summary.risk.hypothetical, summary.risk.approved) == (True, True)


def test_an_entry_by_a_changed_playbook_is_told_with_risks_answer_to_it(recording: Path) -> None:
    summary = told(recording, "OTHER", 11)
    assert (summary.first_failing, summary.said[0].kind) == ("", "intent")
    assert summary.risk is not None
    assert (summary.risk.hypothetical, summary.risk.approved) == (False, True)
    assert summary.playbook == "eager"


def test_an_entry_that_a_pause_cancels_leaves_a_flat_market(recording: Path) -> None:
    """M10 comes before the gates: the market is asked anew, and risk refuses by the pause."""
    summary = told(recording, "OTHER", 11.04)
    assert summary.risk is not None
    assert (summary.activity, summary.orders) == ("flat", [])
    assert [each.kind for each in summary.said] == ["intent", "refused"]
    assert (summary.risk.approved, summary.risk.code) == (False, "trading_state")


def test_an_order_by_hand_on_its_way_is_told(recording: Path) -> None:
    summary = told(recording, "COIN@manual", 2.5)
    assert (summary.activity, summary.gates) == ("by_hand", [])
    assert [each.kind for each in summary.since] == ["intent", "approved"]
    assert [(order.buys, order.arrived) for order in summary.orders] == [(True, False)]


def test_timers_that_were_due_by_the_moment_have_run(recording: Path) -> None:
    """The order arrives at 2.55 s; the next input is at 3 s."""
    before, after = (told(recording, "COIN@manual", each) for each in (2.55, 2.56))
    assert [before.position, len(before.orders)] == [None, 1]
    assert after.position is not None
    assert [each.kind for each in after.since] == ["intent", "approved", "fill"]


def test_a_position_is_told_with_its_ways_out(recording: Path) -> None:
    summary = told(recording, "COIN@manual", 4)
    assert summary.position is not None
    away = {each.reason: each.distance for each in summary.exits}
    assert (summary.activity, summary.position.quantity) == ("held", Decimal("1.0"))
    assert (away["hard_stop"], away["take_profit"]) == (21.0, 29.0)
    assert "time_guard" not in away


def test_a_market_without_a_tick_yet_says_so(recording: Path) -> None:
    summary = told(recording, "OTHER", 0.5)
    assert (summary.answered_ns, summary.activity, summary.gates) == (None, "none", [])


def test_the_last_tick_may_lie_in_an_earlier_segment(recording: Path) -> None:
    summary = told(recording, "COIN", 11)
    assert (summary.answered_ns, summary.hole) == (at(2.25), None)
    assert summary.first_failing == "momentum"


@pytest.mark.parametrize(
    ("broken", "why_not"), [({"lost": 5}, "lost"), ({"torn": True}, "cut_off")]
)
def test_a_moment_in_a_hole_is_answered_with_the_last_one_known(
    broken: dict[str, Any], why_not: str, tmp_path: Path
) -> None:
    summary = told(by_hand(tmp_path, **broken), "COIN", 7)
    assert summary.hole is not None
    assert (summary.hole.why, summary.hole.until_ns) == (why_not, at(10))
    assert summary.known_ns == summary.hole.from_ns < at(7)
    assert summary.answered_ns == at(2.25)


def test_a_segment_of_which_nothing_is_left_tells_of_no_tick(tmp_path: Path) -> None:
    path = by_hand(tmp_path)
    cut_behind_the_snapshot(path)
    summary = told(path, "COIN", 7)
    assert summary.hole is not None
    assert (summary.answered_ns, summary.known_ns, summary.hole.why) == (None, at(0), "cut_off")


def test_nothing_is_told_across_a_hole(tmp_path: Path) -> None:
    summary = told(by_hand(tmp_path, lost=5), "COIN", 11)
    assert summary.answered_ns is None
    assert summary.hole is not None
    assert (summary.hole.from_ns, summary.hole.until_ns) == (at(4), at(10))


def test_answers_that_were_not_recorded_are_told_as_folded(tmp_path: Path) -> None:
    path = by_hand(tmp_path)
    outputs = max(path.glob("*.outputs"))
    outputs.write_bytes(outputs.read_bytes()[:-200])
    summary = told(path, "OTHER", 11)
    assert (summary.answers, summary.said[0].kind) == ("folded", "intent")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{DAY}T22:13:21.5Z", (START_NS + 1_500_000_000, False)),
        (f"{DAY} 22:13:21.123456789", (START_NS + 1_123_456_789, True)),
        (f"{DAY}T23:13:21+01:00", (START_NS + SECOND_NS, False)),
        (f"{DAY}T22:14", (START_NS + 40 * SECOND_NS, True)),
        ("22:13:22", (START_NS + 2 * SECOND_NS, True)),
        (str(START_NS + 7), (START_NS + 7, False)),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, expected: tuple[int, bool]) -> None:
    assert time_ns(text, START_NS) == expected


@pytest.mark.parametrize("text", ["noon", "25:00", "2023-02-30T10:00Z", "12", "22:13:21,5", ""])
def test_what_is_no_time_is_refused_with_what_would_do(text: str) -> None:
    with pytest.raises(BadUsage, match="or nanoseconds"):
        time_ns(text, START_NS)


def request(path: Path, market: str = "COIN", time: str | None = None) -> WhyRequest:
    return WhyRequest(market=market, time=time, recording=path)


def asked(made: WhyRequest) -> WhySummary:
    return run_why(made, lambda stage, done, total: None, lambda told: None)


def test_without_a_time_the_last_moment_is_asked_for(recording: Path) -> None:
    assert asked(request(recording)).asked_ns == at(12)


def test_a_market_is_found_in_any_case(recording: Path) -> None:
    assert asked(request(recording, "coin@MANUAL")).market == "COIN@manual"


def test_an_unknown_market_is_refused_with_those_there_are(recording: Path) -> None:
    with pytest.raises(BadUsage, match=r"did you mean 'OTHER'\? it holds COIN, OTHER, COIN@manual"):
        asked(request(recording, "OTER"))


@pytest.mark.parametrize("time", ["22:13:19", "22:13:33", f"{DAY}T22:13:32.000000001"])
def test_a_time_outside_is_refused_with_what_is_covered(recording: Path, time: str) -> None:
    covered = f"from {DAY} 22:13:20 UTC to {DAY} 22:13:32 UTC"
    with pytest.raises(BadInput, match=covered):
        asked(request(recording, time=time))


def test_a_segment_in_which_nothing_was_recorded_is_passed_over_and_told(
    recording: Path, tmp_path: Path, capsys: Texts
) -> None:
    folder = shutil.copytree(recording, tmp_path / "r")
    name = "2023-11-14T221400-000009-000001"
    for suffix in (".inputs", ".outputs"):
        (folder / f"{name}{suffix}").write_bytes(b"")
    assert main(["why", "COIN", "22:13:22", "--recording", str(folder)]) == 0
    assert f"{name}: a crash cut it off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["COIN", "22:13:22"], 0), (["COIN", "22:13:19"], 1), (["COIN", "soon"], 2), (["X"], 2)],
)
def test_the_exit_code_says_how_it_went(
    arguments: list[str], code: int, recording: Path, capsys: Texts
) -> None:
    assert main(["why", *arguments, "--recording", str(recording)]) == code
    assert capsys.readouterr().err.startswith("Error: ") is (code != 0)


def test_without_a_recording_it_asks_the_one_that_the_service_keeps(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Texts
) -> None:
    monkeypatch.setenv("AUTOSCALPER_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["why", "COIN"]) == 2
    assert "no recording is there" in capsys.readouterr().err
    shutil.copytree(recording, tmp_path / "paper" / "recordings")
    assert main(["why", "COIN"]) == 0


def test_the_command_line_answers_with_a_sentence_first(recording: Path, capsys: Texts) -> None:
    main(["why", "coin", f"{DAY}T22:13:22.25Z", "--recording", str(recording)])
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("COIN did not enter at 22:13:22.250: momentum had a streak of 0, 6")


def test_json_is_one_line_of_finite_numbers(recording: Path, capsys: Texts) -> None:
    main(["why", "COIN", "22:13:22.25", "--recording", str(recording), "--json"])
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["first_failing"] == "momentum"
    assert len(found["gates"]) == 23


def test_the_help_shows_examples(capsys: Texts) -> None:
    assert main(["why", "--help"]) == 0
    assert "autoscalper why btcusdt-usdm 23:55:01" in capsys.readouterr().out
