"""A playbook's hash and its texts tell the same playbooks apart, those with switches among them."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.enums import Gate, GateMode, Regime, WhenMissing
from domain.playbook_keys import defaults, file_of, texts_of
from domain.playbooks import GateSetting, Playbook, PlaybookSwitch, playbook_from

NAMES: Final = ("a", "b")


@st.composite
def plain_playbooks(draw: st.DrawFn) -> Playbook:
    """Few values, so that equal ones are met often."""
    base = defaults()
    changed = {"exit.max_hold_s": draw(st.sampled_from([30.0, 60.0]))}
    setting = GateSetting(draw(st.sampled_from(GateMode)), WhenMissing.BLOCK)
    return replace(
        base,
        name=draw(st.sampled_from(NAMES)),
        values={**base.values, **changed},
        gates={**base.gates, Gate.CANDLE: setting},
    )


@st.composite
def switches(draw: st.DrawFn) -> PlaybookSwitch:
    rates = sorted(draw(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=2, max_size=2)))
    return PlaybookSwitch(
        playbook=draw(plain_playbooks()),
        regimes=tuple(sorted(draw(st.sets(st.sampled_from([Regime.QUIET, Regime.TRENDING]))))),
        losses_in_a_row=draw(st.sampled_from([None, 2])),
        win_rate_at_least=draw(st.sampled_from([None, rates[0]])),
        win_rate_at_most=rates[1],
    )


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    start = draw(plain_playbooks())
    chosen = draw(st.lists(switches(), max_size=2))
    return replace(start, switches=tuple(chosen), start=start.name if chosen else "")


@given(playbooks(), playbooks())
def test_texts_are_equal_exactly_if_the_hashes_are(one: Playbook, other: Playbook) -> None:
    assert (texts_of(one) == texts_of(other)) == (one.content_hash == other.content_hash)


@given(playbooks(), playbooks())
def test_equal_hashes_mean_equal_values_gates_and_switches(one: Playbook, other: Playbook) -> None:
    if one.content_hash == other.content_hash:
        assert (one.values, one.gates) == (other.values, other.gates)
        assert len(one.switches) == len(other.switches)


@given(plain_playbooks(), st.lists(switches(), min_size=1, max_size=3))
def test_file_of_a_switching_playbook_reads_as_the_same(
    start: Playbook, chosen: list[PlaybookSwitch]
) -> None:
    named = [
        replace(each, playbook=replace(each.playbook, name=f"to-{number}"))
        for number, each in enumerate(chosen)
    ]
    known = {start.name: start, **{each.playbook.name: each.playbook for each in named}}
    whole = replace(start, name="whole", switches=tuple(named), start=start.name)
    assert playbook_from(file_of(whole), "again", known.__getitem__) == whole
