"""`why` says of a moment in a recording what the core itself decided then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pytest

from agent.replay.recorded_moments import Recorded
from agent.replay.refold import core_of
from agent.replay.why import Asked, why
from domain.arrays import Rows
from domain.enums import Gate, TickKind
from db.recording.reader import segments
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


def _truths(segment: object) -> Iterator[Truth]:
    paper = core_of(segment)  # type: ignore[arg-type]  # a segment, whose type is not needed here
    tally = paper.book.rows["tally"]
    for _, value in segment.inputs():  # type: ignore[attr-defined]
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
    found = []
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
