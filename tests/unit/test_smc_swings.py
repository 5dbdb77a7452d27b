"""Swings and the structure they make, on candles drawn by hand (docs/smc.md)."""

from typing import Final

import numpy as np
import pytest

from domain.smc import SmcKind, SwingRank
from smc_cases import Candle, bars, quiet, rules, told
from strategies.smc.detect import detect
from strategies.smc.structure import pattern_of

# A high of 16, a low of 6, then a close of 19 above the high, and a high of 20.
ZIGZAG: Final[tuple[Candle, ...]] = (
    (10, 12, 8, 11), (11, 16, 10, 15), (15, 15, 9, 10), (10, 11, 6, 7),
    (7, 10, 7, 9), (9, 20, 8, 19), (19, 19, 15, 16), (16, 17, 14, 15),
)  # fmt: skip
BREAKS: Final = (SmcKind.BOS, SmcKind.CHOCH)


def line(*closes: int) -> list[Candle]:
    """Candles from close to close, each one wide beyond its body."""
    before = [closes[0], *closes]
    return [
        (start, max(start, end) + 1, min(start, end) - 1, end)
        for start, end in zip(before, closes, strict=False)
    ]


def test_a_swing_is_known_when_so_many_candles_have_followed_it() -> None:
    assert told(detect(bars(*ZIGZAG), rules(swing_length=2)), SmcKind.SWING) == [
        ("formed", 1, 1, 3, 16, 16),
        ("formed", -1, 3, 5, 6, 6),
        ("formed", 1, 5, 7, 20, 20),
    ]


def test_a_swing_is_known_at_the_close_of_the_candle_that_confirms_it() -> None:
    row = detect(bars(*ZIGZAG), rules(swing_length=2))[0]
    assert (row["formed_ns"], row["known_ns"]) == (900 * 10**9, 4 * 900 * 10**9)


def test_a_higher_high_of_the_same_leg_supersedes_the_one_before() -> None:
    candles = [(0, 50, 40, 45), (45, 60, 41, 50), (50, 52, 42, 45), (45, 55, 43, 50)]
    candles += [(50, 70, 44, 60), (60, 61, 45, 46), (46, 60, 46, 47)]
    assert told(detect(bars(*candles), rules(swing_length=2)), SmcKind.SWING) == [
        ("formed", 1, 1, 3, 60, 60),
        ("superseded", 1, 1, 6, 60, 60),
        ("formed", 1, 4, 6, 70, 70),
    ]


@pytest.mark.parametrize("high", [55, 60])
def test_a_high_that_goes_not_beyond_its_leg_is_inner(high: int) -> None:
    candles = [(0, 50, 40, 45), (45, 60, 41, 50), (50, 52, 42, 45), (45, high, 43, 50)]
    candles += [(50, 51, 44, 46), (46, 50, 45, 46)]
    rows = detect(bars(*candles), rules(swing_length=2))
    ranks = rows["variant"][rows["kind"] == SmcKind.SWING].tolist()
    assert ranks == [SwingRank.LEG, SwingRank.INNER]


def test_a_close_beyond_the_swing_breaks_structure_and_a_wick_does_not() -> None:
    wick = [*ZIGZAG[:5], (9, 20, 8, 16)]
    assert told(detect(bars(*ZIGZAG), rules(swing_length=2)), *BREAKS) == [
        ("formed", 1, 1, 5, 16, 16)
    ]
    assert told(detect(bars(*wick), rules(swing_length=2)), *BREAKS) == []


def test_a_break_is_confirmed_when_the_pattern_of_four_swings_is_complete() -> None:
    candles = line(50, 40, 30, 45, 60, 52, 44, 58, 75, 66, 57)
    rows = detect(bars(*candles), rules(swing_length=2))
    assert [each[:1] + each[4:5] for each in told(rows, SmcKind.BOS)] == [
        ("formed", 51),
        ("formed", 61),
        ("confirmed", 61),
    ]


def test_a_break_is_confirmed_once_however_far_the_leg_goes() -> None:
    candles = line(50, 40, 30, 45, 60, 52, 44, 58, 75)
    # Lows that rise, so that no swing low ends the leg before it goes beyond its first high.
    candles += [(74, 74, 60, 70), (70, 73, 62, 70), (70, 90, 66, 74), (74, 88, 68, 74)]
    candles += [(74, 87, 70, 74)]
    rows = detect(bars(*candles), rules(swing_length=2))
    assert "superseded" in [each[0] for each in told(rows, SmcKind.SWING) if each[5] == 76]
    assert [each[0] for each in told(rows, *BREAKS)].count("confirmed") == 1


def test_the_first_break_against_the_bias_is_a_change_of_character() -> None:
    candles = line(50, 40, 30, 45, 60, 52, 44, 58, 75, 66, 40, 35, 30, 20)
    rows = detect(bars(*candles), rules(swing_length=2))
    kinds = rows["kind"][np.isin(rows["kind"], BREAKS) & (rows["event"] == 1)].tolist()
    assert kinds == [SmcKind.BOS, SmcKind.BOS, SmcKind.CHOCH]


def test_a_break_waits_for_a_close_far_enough_beyond() -> None:
    calm = [*quiet(16), (1_000, 1_030, 995, 1_000), *quiet(3), (1_000, 1_035, 998, 1_034)]
    found = [told(detect(bars(*calm), rules(structure_break_atr=k)), *BREAKS) for k in (0.1, 0.5)]
    assert [len(each) for each in found] == [1, 0]


def test_four_swings_are_a_break_a_change_or_neither() -> None:
    assert pattern_of(1, 3, 2, 4) == SmcKind.BOS
    assert pattern_of(2, 3, 1, 4) == SmcKind.CHOCH
    assert pattern_of(2, 4, 1, 3) == 0
