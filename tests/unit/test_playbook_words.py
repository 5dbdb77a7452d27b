"""Values read as people say them: every kind of parameter, every unit, one and many."""

from typing import Any

import pytest

from domain.distances import parse_distance
from domain.enums import Regime
from domain.parameters import BY_PATH, PARAMETERS, Kind
from domain.playbook_keys import defaults
from domain.playbooks import PlaybookSwitch
from reporting.playbook_words import in_short, in_words, list_of, percent, when


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("gates.momentum.streak", 4, "4 moves"),
        ("gates.momentum.streak", 1, "1 move"),
        ("gates.rate.max_per_minute", 1, "1 entry"),
        ("exit.max_hold_s", 60.0, "60 seconds"),
        ("exit.resend_s", 1.0, "1 second"),
        ("exit.resend_s", 0.05, "0.05 seconds"),
        ("gates.velocity.min_bps_per_s", 0.2, "0.2 basis points a second"),
        ("gates.candle.margin_ticks", 0.5, "0.5 ticks"),
        ("gates.imbalance.min", -0.29, "-0.29"),
        ("gates.expected_move.k", 1.5, "1.5 times"),
        ("size.multiple", 100.0, "100 standard lots"),
        ("entry.sides", -1, "short"),
        ("gates.candle.reference", 1, "previous close"),
        ("gates.candle.frame", 2, "15-second"),
        ("gates.candle.frame", 4, "5-minute"),
        ("gates.candle.frame", 6, "1-hour"),
        ("gates.candle.reference", 0, "EMA9"),
        ("averaging.max_additions", 1, "1 addition"),
        ("exit.period_1_from", 570, "09:30"),
        ("exit.period_1_from", -1, "off"),
    ],
)
def test_number_choice_and_frame_are_said_with_their_unit(
    path: str, value: float, words: str
) -> None:
    assert in_words(BY_PATH[path], value) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("6bp", "6 basis points"),
        ("1bp", "1 basis point"),
        ("8pt", "8 points"),
        ("0tick", "0 ticks"),
        ("off", "off"),
        ("max(3tick, 8.5bp)", "the larger of 3 ticks and 8.5 basis points"),
        ("1.5atr:1m", "1.5 times the average true range of 1-minute candles"),
        ("max(1tick, 2bp, 3pt)", "the largest of 1 tick, 2 basis points and 3 points"),
    ],
)
def test_distance_is_said_with_its_units(written: str, words: str) -> None:
    assert in_words(BY_PATH["exit.target"], parse_distance(written)) == words


@pytest.mark.parametrize(
    ("path", "value", "short"),
    [
        ("exit.max_hold_s", 60.0, "60 s"),
        ("gates.momentum.streak", 4, "4 moves"),
        ("gates.candle.frame", 2, "15s"),
        ("gates.candle.reference", 1, "previous_close"),
        ("exit.period_1_from", 570, "09:30"),
        ("exit.period_1_from", -1, "off"),
        ("gates.momentum.streak", 1, "1 move"),
        ("size.multiple", 1.0, "1 standard lot"),
        ("exit.max_hold_s", 1.0, "1 s"),
    ],
)
def test_tables_write_values_as_files_do_and_numbers_with_their_unit(
    path: str, value: float, short: str
) -> None:
    assert in_short(BY_PATH[path], value) == short
    assert in_short(BY_PATH["exit.stop"], parse_distance("max(8bp, 3tick)")) == "max(3tick, 8bp)"


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"losses_in_a_row": 3}, "after 3 losses in a row"),
        ({"losses_in_a_row": 1}, "after a loss"),
        ({"wins_in_a_row": 1}, "after a win"),
        ({"regimes": (Regime.QUIET,)}, "while quiet"),
        (
            {"regimes": (Regime.TRENDING, Regime.VOLATILE), "wins_in_a_row": 4},
            "while trending or volatile, after 4 wins in a row",
        ),
        ({"win_rate_at_least": 0.7}, "with at least 70 % of the last 10 trades won"),
        (
            {"win_rate_at_least": 0.0, "win_rate_at_most": 0.35},
            "with at least 0 % and at most 35 % of the last 10 trades won",
        ),
    ],
)
def test_switch_says_when_it_acts(conditions: dict[str, Any], words: str) -> None:
    assert when(PlaybookSwitch(playbook=defaults(), **conditions)) == words


@pytest.mark.parametrize(("share", "words"), [(0.5, "50 %"), (0.0001, "0.01 %"), (1.0, "100 %")])
def test_share_is_a_percentage(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_parameter_has_words(kind: Kind) -> None:
    parameters = [parameter for parameter in PARAMETERS if parameter.kind is kind]
    assert all(in_words(each, each.default) for each in parameters)
    assert all(in_short(each, each.default) for each in parameters)


def test_list_reads_as_one_speaks() -> None:
    assert [list_of(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
