"""`why` says of a moment in a recording what the core itself decided then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pytest

import agent.replay.why as module
from agent.replay.recorded_moments import Recorded
from agent.replay.refold import core_of
from agent.replay.why import Asked, why
from agent.replay.why_gates import gates_told
from db.recording.reader import Segment, segments
from domain.enums import Gate, OutputKind, TickKind
from domain.errors import BadUsage
from random_cases import Case, many_markets
from reporting.json_values import flat
from reporting.why_summary import WhySummary
from why_samples import Step, market_sets, pieces, record, settings_of

PAIRS: Final = 500
DECIDED_ON: Final = (int(TickKind.TRADE), int(TickKind.QUOTE))


class Truth(NamedTuple):
    """What the core did on one tick of a market: the gate that rejected, "" where none did."""

    name: str
    at_ns: int
    gate: str
    entered: bool


def recorded_case(folder: Path, case: Case) -> Path:
    steps: list[Step] = [*market_sets(case), *pieces(case)]
    names = [market.instrument.name for market in case.markets]
    return record(folder, settings_of(case), names, steps, (len(steps) // 3, 2 * len(steps) // 3))


def truths_of(path: Path) -> list[Truth]:
    """Fold a recording tick by tick and read off the tally which gate rejected on each."""
    return [truth for segment in segments(path) for truth in _truths(segment)]


def _truths(segment: Segment) -> Iterator[Truth]:
    paper = core_of(segment)
    tally = paper.book.rows["tally"]
    for _, value in segment.inputs():
        if not isinstance(value, np.ndarray):
            paper.core.apply(value)
            continue
        for number in range(len(value)):
            tick = value[number : number + 1]
            market = int(tick["market"][0])
            rejected, entries = tally[market]["rejections"].copy(), tally[market]["entries"].copy()
            paper.core.fold(tick)
            if int(tick["slot"][0]) or int(tick["kind"][0]) not in DECIDED_ON:
                continue
            more = np.flatnonzero(tally[market]["rejections"] - rejected)
            yield Truth(
                paper.book.facts[market].name,
                int(tick["event_ns"][0]),
                Gate(int(more[0])).word if len(more) else "",
                bool(tally[market]["entries"] > entries),
            )


def pairs_of(truths: list[Truth], count: int, seed: int) -> list[tuple[str, int, Truth]]:
    """Random markets and times, with the market's last tick at or before each."""
    rng = np.random.default_rng(seed)
    names = sorted({truth.name for truth in truths})
    by_name = {name: [each for each in truths if each.name == name] for name in names}
    stamps = {name: [each.at_ns for each in by_name[name]] for name in names}
    first, last = truths[0].at_ns, truths[-1].at_ns
    found: list[tuple[str, int, Truth]] = []
    while len(found) < count:
        name, at_ns = names[int(rng.integers(len(names)))], int(rng.integers(first, last))
        place = int(np.searchsorted(stamps[name], at_ns, "right")) - 1
        if place >= 0 and by_name[name][place].gate:
            found.append((name, at_ns, by_name[name][place]))
    return sorted(found, key=lambda pair: pair[2].at_ns)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_case(tmp_path_factory.mktemp("recorded"), many_markets(3, "a"))


@pytest.fixture(scope="module")
def truths(recording: Path) -> list[Truth]:
    return truths_of(recording)


def ask(recorded: Recorded, name: str, at_ns: int) -> WhySummary:
    return why(recorded, Asked(market=name, at_ns=at_ns))


def test_the_first_failing_gate_is_the_one_that_rejected(
    recording: Path, truths: list[Truth]
) -> None:
    recorded = Recorded(recording)
    pairs = pairs_of(truths, PAIRS, seed=1)
    answers = [ask(recorded, name, at_ns) for name, at_ns, _ in pairs]
    found = [(each.answered_ns, each.first_failing) for each in answers]
    assert found == [(truth.at_ns, truth.gate) for _, _, truth in pairs]
    assert len({gate for _, gate in found}) >= 8


def test_a_recording_read_once_answers_as_one_read_anew(
    recording: Path, truths: list[Truth]
) -> None:
    shared = Recorded(recording)
    asked = [(name, at_ns) for name, at_ns, _ in pairs_of(truths, 6, seed=2)]
    there_and_back = [*asked, *reversed(asked)]
    kept = [flat(ask(shared, *each)) for each in there_and_back]
    assert kept == [flat(ask(Recorded(recording), *each)) for each in there_and_back]


def test_a_misspelt_market_is_looked_for_in_headers_and_the_last_segment(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = Segment.inputs

    def noted(segment: Segment) -> Iterator[tuple[int, Step]]:
        read.append(segment.name)
        return real(segment)

    recorded = Recorded(recording)
    monkeypatch.setattr(Segment, "inputs", noted)
    with pytest.raises(BadUsage, match="it holds "):
        recorded.market("nothing like it")
    assert read == [segments(recording)[-1].name]


def test_an_entry_is_told_with_the_distances_of_its_intent(
    recording: Path, truths: list[Truth]
) -> None:
    recorded = Recorded(recording)
    entries = [truth for truth in truths if truth.entered][:40]
    outputs = np.concatenate([rows for each in segments(recording) for rows in each.outputs()])
    for truth in entries:
        told = ask(recorded, truth.name, truth.at_ns)
        said = _intent(outputs, recorded.names().index(truth.name), truth.at_ns)
        asked = [gate.distance for gate in told.gates if gate.mode != "off"]
        assert (told.activity, told.first_failing) == ("flat", "")
        assert np.array_equal(asked, said[[gate.mode != "off" for gate in told.gates]], True)


def _intent(outputs: np.ndarray, market: int, at_ns: int) -> np.ndarray:
    """Distances of the entry intent that a market said at a time."""
    own = (outputs["market"] == market) & (outputs["event_ns"] == at_ns)
    entry = own & (outputs["kind"] == OutputKind.INTENT) & (outputs["code"] == 0)
    found: np.ndarray = outputs[entry]["distances"][-1]
    return found


def test_what_risk_would_say_to_an_entry_is_what_it_said(
    recording: Path, truths: list[Truth]
) -> None:
    """The trial on the tick of a recorded entry ends as the recorded review did."""
    recorded = Recorded(recording)
    for truth in [truth for truth in truths if truth.entered][:40]:
        told = ask(recorded, truth.name, truth.at_ns)
        tried = _tried(recorded, truth)
        assert told.risk is not None
        assert not told.risk.hypothetical
        assert (told.risk.approved, told.risk.code, told.risk.price, told.risk.quantity) == tried


def _tried(recorded: Recorded, truth: Truth) -> tuple[object, ...]:
    folded = module._fold(recorded, Asked(market=truth.name, at_ns=truth.at_ns))
    assert folded.decision is not None
    assert folded.market is not None
    gates = gates_told(folded.decision.moment)
    trial = module._trial(folded, folded.decision, folded.market, gates)
    assert trial is not None
    risk = trial[1]
    return risk.approved, risk.code, risk.price, risk.quantity
