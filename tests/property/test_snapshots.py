"""A core that restores a snapshot decides as the one that took it would have: bit for bit."""

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Final

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core_cases import Case as Small
from core_cases import Keep
from core_steps import two_holding
from domain.durable import Durable
from domain.errors import BadInput
from domain.events import Event, ParameterSet
from domain.rows.account import ACCOUNT
from random_cases import CASES, Case, steps
from side_by_side import Core

NAMES: Final = (
    "hands-5000-None", "hands-5003-b", "hands-5005-d", "runs-6001-None", "many-1001-b",
    "many-1010-e", "leveraged-3000", "wide-2001",
)  # fmt: skip
Step = Event | np.void


@cache
def whole(name: str) -> tuple[Case, list[Step]]:
    """A case and its steps, but those that need a flat market."""
    case = CASES[name]()
    return case, [step for step in steps(case) if not isinstance(step, ParameterSet)]


def parts_of(name: str, cut: float) -> tuple[Case, list[Step], list[Step]]:
    """A case, and its steps before and after a cut."""
    case, taken = whole(name)
    place = round(cut * len(taken))
    return case, taken[:place], taken[place:]


def play(core: Core, taken: Iterable[Step]) -> Core:
    """Fold ticks and events in their order."""
    for are_events, group in groupby(taken, key=lambda step: isinstance(step, Event)):
        if not are_events:
            core.core.fold(np.array(list(group)))
            continue
        for step in group:
            assert isinstance(step, Event)
            core.core.apply(step)
    return core


def restored(case: Case, snapshot: bytes) -> Core:
    """A fresh core of the same settings, which knows of no market but by the snapshot."""
    core = Core(case)
    core.kept = Keep()
    core.new()
    core.core.restore(snapshot)
    return core


@settings(max_examples=30)
@given(st.sampled_from(NAMES), st.floats(0.0, 1.0))
def test_a_restored_core_says_the_same_for_the_rest_of_a_case(name: str, cut: float) -> None:
    case, before, after = parts_of(name, cut)
    first = play(Core(case), before)
    said = len(first.kept.rows)
    second = restored(case, first.core.snapshot())
    assert second.core.snapshot() == first.core.snapshot()
    play(first, after)
    play(second, after)
    assert second.kept.rows.tobytes() == first.kept.rows[said:].tobytes()
    assert second.portfolio.totals == first.portfolio.totals
    assert second.portfolio.state() == first.portfolio.state()
    assert second.core.snapshot() == first.core.snapshot()


@settings(max_examples=30)
@given(st.sampled_from(NAMES), st.floats(0.0, 1.0))
def test_what_a_restart_must_know_survives_json(name: str, cut: float) -> None:
    case, before, _ = parts_of(name, cut)
    durable = play(Core(case), before).core.durable()
    assert msgspec.json.decode(msgspec.json.encode(durable), type=Durable) == durable


def test_a_snapshot_of_another_layout_is_refused() -> None:
    case, before, _ = parts_of("hands-5000-None", 0.5)
    core = play(Core(case), before)
    fields = msgspec.msgpack.decode(core.core.snapshot())
    fields["accounts"] = fields["accounts"] + b"\0" * (ACCOUNT.itemsize // 2)
    with pytest.raises(BadInput, match="account"):
        restored(case, msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.999])
def test_truncated_bytes_are_refused(share: float) -> None:
    case, before, _ = parts_of("hands-5000-None", 0.5)
    taken = play(Core(case), before).core.snapshot()
    with pytest.raises(BadInput, match="not a snapshot"):
        restored(case, taken[: round(share * len(taken))])


@pytest.mark.parametrize("rows", [1, 3])
def test_a_snapshot_of_another_number_of_markets_is_refused_and_changes_nothing(rows: int) -> None:
    taken = two_holding().core.snapshot()
    other = Small(max_markets=rows)
    before = other.core.snapshot()
    with pytest.raises(BadInput, match="markets"):
        other.core.restore(taken)
    assert other.core.snapshot() == before
