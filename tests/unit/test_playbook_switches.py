"""Playbooks that switch are read strictly: their start, their switches, and nothing else."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from domain.enums import Regime
from domain.errors import BadConfig
from domain.playbook_keys import defaults, file_of, texts_of
from domain.playbooks import Playbook, playbook_from

CALM: Final = replace(defaults(), name="calm")
QUICK: Final = replace(CALM, name="quick", values={**CALM.values, "exit.max_hold_s": 5.0})
KNOWN: Final = {each.name: each for each in (CALM, QUICK)}
LOSSES: Final[dict[str, Any]] = {"playbook": "quick", "losses_in_a_row": 2}


def look_up(name: str) -> Playbook:
    if name not in KNOWN:
        raise BadConfig(f"unknown playbook {name!r}")
    return KNOWN[name]


def read(*switches: object, **keys: object) -> Playbook:
    head = {"schema": 1, "name": "both", "sentence": "Calm, then quick.", "start": "calm"}
    return playbook_from({**head, "switches": list(switches), **keys}, "both.toml", look_up)


def one(**conditions: object) -> Playbook:
    """A single switch to quick with these conditions."""
    return read({"playbook": "quick", **conditions})


def refusal(*switches: object, **keys: object) -> str:
    with pytest.raises(BadConfig) as refused:
        read(*switches, **keys)
    return str(refused.value)


def test_it_has_the_values_of_its_start() -> None:
    both = read(LOSSES)
    assert (both.name, both.start) == ("both", "calm")
    assert (both.values, both.gates) == (CALM.values, CALM.gates)


def test_conditions_that_are_not_stated_are_absent() -> None:
    (switch,) = one(losses_in_a_row=2).switches
    assert switch.playbook == QUICK
    assert switch.losses_in_a_row == 2
    assert switch.regimes == ()
    assert (switch.wins_in_a_row, switch.win_rate_at_least, switch.win_rate_at_most) == (None,) * 3


def test_every_condition_can_be_stated() -> None:
    (switch,) = one(
        regime=["volatile", "quiet"], wins_in_a_row=4, win_rate_at_least=0.2, win_rate_at_most=1
    ).switches
    assert switch.regimes == (Regime.QUIET, Regime.VOLATILE)
    assert (switch.wins_in_a_row, switch.win_rate_at_least, switch.win_rate_at_most) == (4, 0.2, 1)


def test_switches_keep_their_order() -> None:
    both = read(LOSSES, {"playbook": "calm", "regime": ["quiet"]})
    assert [switch.playbook.name for switch in both.switches] == ["quick", "calm"]


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ({}, "switches.1 must state when it acts: one or more of regime, losses_in_a_row, wins"),
        ({"losses": 2}, "unknown key 'switches.1.losses'; "),
        ({"regimes": ["quiet"]}, "unknown key 'switches.1.regimes'; did you mean 'regime'?"),
        ({"regime": "quiet"}, 'switches.1.regime must be a list such as ["trending"], not'),
        ({"regime": []}, "switches.1.regime must be a list"),
        (
            {"regime": ["calm"]},
            "switches.1.regime must be one of unknown, quiet, ranging",
        ),
        ({"regime": [1]}, "switches.1.regime must be one of"),
        ({"losses_in_a_row": 0}, "must be a whole number from 1 to 20 trades, not 0"),
        ({"losses_in_a_row": 21}, "must be a whole number from 1 to 20 trades, not 21"),
        ({"wins_in_a_row": 2.0}, "must be a whole number from 1 to 20 trades, not 2.0"),
        ({"wins_in_a_row": True}, "must be a whole number from 1 to 20 trades, not True"),
        ({"win_rate_at_least": 1.1}, "must be a share from 0 to 1, such as 0.7, not 1.1"),
        ({"win_rate_at_most": -0.1}, "must be a share from 0 to 1, such as 0.7, not -0.1"),
        ({"win_rate_at_most": 70}, "must be a share from 0 to 1, such as 0.7, not 70"),
        ({"win_rate_at_most": float("nan")}, "must be a share from 0 to 1"),
        ({"win_rate_at_most": True}, "must be a share from 0 to 1"),
        (
            {"losses_in_a_row": 1, "wins_in_a_row": 1},
            "can never act: losses_in_a_row and wins_in_a_row exclude each other; leave one out",
        ),
        (
            {"win_rate_at_least": 0.6, "win_rate_at_most": 0.5},
            "can never act: win_rate_at_least and win_rate_at_most exclude each other",
        ),
    ],
)
def test_switch_that_cannot_be_used_is_refused_with_file_key_and_what_would_do(
    conditions: dict[str, object], told: str
) -> None:
    said = refusal({"playbook": "quick", **conditions})
    assert said.startswith("both.toml: ")
    assert "switches.1" in said
    assert told in said


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"start": None}, "start must be the name of a playbook, not None"),
        ({"start": "clam"}, "start: unknown playbook 'clam'"),
        ({"switches": []}, "switches must be one or more tables [[switches]], not []"),
        ({"switches": {"playbook": "quick"}}, "switches must be one or more tables [[switches]]"),
        ({"switches": ["quick"]}, "switches.1 must be a table, not 'quick'"),
        ({"exit": {}}, "exit: a playbook with switches has no values of its own; put them into"),
        ({"gates": {}}, "gates: a playbook with switches has no values of its own"),
        ({"strat": "calm"}, "unknown key 'strat'; did you mean 'start'?"),
        ({"sentence": ""}, "sentence must be a text"),
    ],
)
def test_file_that_cannot_be_used_is_refused(keys: dict[str, object], told: str) -> None:
    said = refusal(LOSSES, **keys)
    assert said.startswith(f"both.toml: {told}")


def test_start_without_switches_is_refused() -> None:
    head = {"schema": 1, "name": "both", "sentence": "Calm.", "start": "calm"}
    with pytest.raises(BadConfig, match="switches must be one or more tables"):
        playbook_from(head, "both.toml", look_up)


def test_second_switch_is_named_by_its_number() -> None:
    said = refusal(LOSSES, {"playbook": "quik", "wins_in_a_row": 1})
    assert said == "both.toml: switches.2.playbook: unknown playbook 'quik'"


@pytest.mark.parametrize("place", ["start", "playbook"])
def test_playbook_that_switches_is_no_start_and_no_choice(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KNOWN, "both", read(LOSSES))
    switch = {**LOSSES, "playbook": "both"} if place == "playbook" else LOSSES
    start = "both" if place == "start" else "calm"
    assert "must be a playbook without switches, not 'both'" in refusal(switch, start=start)


def test_nothing_is_named_where_nothing_can_be_looked_up() -> None:
    with pytest.raises(BadConfig, match=r"both.toml: start: a playbook that is named by another"):
        playbook_from(file_of(read(LOSSES)), "both.toml")


def test_switching_playbook_survives_the_way_through_its_keys() -> None:
    both = read(LOSSES, {"playbook": "calm", "regime": ["quiet"], "win_rate_at_most": 0.3})
    assert playbook_from(file_of(both), "again", look_up) == both


def test_names_and_sentences_are_no_part_of_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(LOSSES).content_hash
    monkeypatch.setitem(KNOWN, "calm", replace(CALM, name="other", sentence="Other."))
    monkeypatch.setitem(KNOWN, "quick", replace(QUICK, name="another"))
    assert read(LOSSES, name="renamed").content_hash == before


def test_order_of_the_regimes_of_a_switch_says_nothing() -> None:
    texts = [
        texts_of(one(regime=list(each))) for each in (("quiet", "ranging"), ("ranging", "quiet"))
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "other",
    [
        {"playbook": "calm", "losses_in_a_row": 2},
        {"playbook": "quick", "losses_in_a_row": 3},
        {"playbook": "quick", "wins_in_a_row": 2},
        {**LOSSES, "regime": ["quiet"]},
        {**LOSSES, "win_rate_at_least": 0.0},
        {**LOSSES, "win_rate_at_most": 0.0},
    ],
)
def test_whatever_a_switch_states_moves_the_hash(other: dict[str, object]) -> None:
    assert read(other).content_hash != read(LOSSES).content_hash


def test_values_of_a_playbook_that_is_named_move_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    before = read(LOSSES).content_hash
    slower = replace(QUICK, values={**QUICK.values, "exit.max_hold_s": 6.0})
    monkeypatch.setitem(KNOWN, "quick", slower)
    assert read(LOSSES).content_hash != before


def test_playbook_without_switches_has_a_hash_of_its_values_alone() -> None:
    assert replace(CALM, name="x", sentence="y", start="z").content_hash == CALM.content_hash
    assert read(LOSSES).content_hash != CALM.content_hash


def test_texts_have_a_key_for_each_statement_of_a_switch() -> None:
    texts = texts_of(one(regime=["quiet", "ranging"], win_rate_at_least=0.5))
    stated = {key: text for key, text in texts.items() if key.startswith("switches.")}
    assert stated == {
        "switches.1.playbook": QUICK.content_hash,
        "switches.1.regime": "quiet, ranging",
        "switches.1.win_rate_at_least": "0.5",
    }
