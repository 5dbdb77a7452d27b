"""Fair-value gaps and order blocks, on candles drawn by hand (docs/smc.md)."""

import numpy as np
import pytest

from domain.rows.smc import OPEN_KEPT
from domain.smc import BlockOrigin, SmcEvent, SmcKind
from smc_cases import Candle, bars, quiet, rules, told
from strategies.smc.detect import detect

GAP: list[Candle] = [(100, 104, 98, 103), (103, 120, 102, 118), (118, 125, 110, 124)]
JUMP: list[Candle] = [(100, 104, 98, 103), (103, 120, 102, 118), (118, 135, 110, 134),
                      (134, 150, 126, 148), (148, 150, 124, 130)]  # fmt: skip
# A long lower wick against the side, then a close 48 above the middle of its body.
REJECTION: list[Candle] = [
    *quiet(), (1_000, 1_002, 960, 990), (990, 1_020, 988, 1_018), (1_018, 1_045, 1_016, 1_040),
]  # fmt: skip


def blocks_of(candles: list[Candle], origin: BlockOrigin, **values: float) -> list[tuple[str, ...]]:
    """Event, formed and known bar, low and high of bullish blocks of an origin."""
    rows = detect(bars(*candles), rules(swing_length=5, **values))
    rows = rows[(rows["variant"] == origin) & (rows["side"] == 1)]
    return [(each[0], *map(str, each[2:])) for each in told(rows, SmcKind.BLOCK)]


def test_three_candles_leave_a_gap_known_at_the_close_of_the_third() -> None:
    assert told(detect(bars(*GAP), rules()), SmcKind.GAP) == [("formed", 1, 1, 2, 104, 110)]


def test_a_gap_is_touched_then_half_filled_then_filled_and_over() -> None:
    candles = [*GAP, (124, 126, 108, 112), (112, 113, 106, 107), (107, 108, 102, 103)]
    rows = detect(bars(*candles, (103, 104, 90, 91)), rules())
    assert [(each[0], each[3]) for each in told(rows, SmcKind.GAP) if each[1] == 1] == [
        ("formed", 2), ("touched", 3), ("mitigated", 4), ("filled", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("low", "events"),
    [
        (111, []),
        (110, ["touched"]),
        (107, ["touched", "mitigated"]),
        (105, ["touched", "mitigated"]),
        (104, ["touched", "mitigated", "filled"]),
    ],
)
def test_the_edges_and_the_middle_of_a_gap_belong_to_it(low: int, events: list[str]) -> None:
    rows = detect(bars(*GAP, (124, 126, low, 120)), rules())
    assert [each[0] for each in told(rows, SmcKind.GAP)] == ["formed", *events]


def test_a_middle_candle_against_the_gap_leaves_none() -> None:
    candles = [GAP[0], (118, 120, 102, 103), GAP[2]]
    assert told(detect(bars(*candles), rules()), SmcKind.GAP) == []


def test_gaps_in_a_row_are_one_when_joined() -> None:
    assert told(detect(bars(*JUMP), rules(gap_join=1)), SmcKind.GAP) == [
        ("formed", 1, 1, 2, 104, 110),
        ("extended", 1, 1, 3, 104, 126),
        ("touched", 1, 1, 4, 104, 126),
    ]
    further = [*JUMP[:4], (148, 170, 140, 168)]
    found = told(detect(bars(*further), rules(gap_join=1)), SmcKind.GAP)
    assert found[2:] == [("extended", 1, 1, 4, 104, 140)]
    single = told(detect(bars(*JUMP), rules(gap_join=0)), SmcKind.GAP)
    assert [each[:3] for each in single if each[0] == "formed"] == [
        ("formed", 1, 1),
        ("formed", 1, 2),
    ]


def test_a_gap_is_kept_from_its_smallest_height_on_and_not_before_there_is_an_atr() -> None:
    wide = [*quiet(), (1_000, 1_004, 998, 1_003), (1_003, 1_020, 1_002, 1_018),
            (1_018, 1_025, 1_014, 1_024)]  # fmt: skip
    counts = [len(told(detect(bars(*wide), rules(gap_min_atr=k)), SmcKind.GAP)) for k in (0.4, 0.6)]
    assert counts == [1, 0]
    assert told(detect(bars(*GAP), rules(gap_min_atr=0.1)), SmcKind.GAP) == []


def test_the_oldest_gap_of_a_full_list_is_dropped_and_says_so() -> None:
    steps = [(k * 100, k * 100 + 90, k * 100, k * 100 + 80) for k in range(OPEN_KEPT + 5)]
    rows = detect(bars(*steps), rules())
    dropped = rows[rows["event"] == SmcEvent.DROPPED]
    gaps = dropped[dropped["kind"] == SmcKind.GAP]
    assert gaps["formed_bar"].tolist() == [1, 2, 3]


def test_a_rejection_becomes_a_block_when_price_has_left_it_far_enough() -> None:
    found = blocks_of(REJECTION, BlockOrigin.REJECTION, block_displacement_atr=1.5)
    assert found == [("formed", "15", "17", "960", "995")]
    values = {"block_displacement_atr": 1.5, "block_window": 2}
    assert blocks_of(REJECTION, BlockOrigin.REJECTION, **values) == found


@pytest.mark.parametrize(
    "changed", [{"block_wick_ratio": 4.0}, {"block_window": 1}, {"block_body_atr": 1.0}]
)
def test_a_rejection_is_none_without_wick_body_or_time(changed: dict[str, float]) -> None:
    assert blocks_of(REJECTION, BlockOrigin.REJECTION, block_displacement_atr=1.5, **changed) == []


def test_a_block_is_touched_mitigated_a_breaker_and_invalidated() -> None:
    life = [*REJECTION, (1_040, 1_042, 991, 1_000), (1_000, 1_001, 960, 961), (961, 962, 940, 950),
            (950, 1_010, 949, 1_005)]  # fmt: skip
    found = blocks_of(life, BlockOrigin.REJECTION, block_displacement_atr=1.5)
    assert [(each[0], each[2]) for each in found] == [
        ("formed", "17"), ("touched", "18"), ("mitigated", "19"), ("breaker", "20"),
        ("invalidated", "21"),
    ]  # fmt: skip


def test_wicks_alone_neither_break_a_block_nor_invalidate_a_breaker() -> None:
    wick = (1_040, 1_042, 950, 1_000)
    broken = [(1_000, 1_001, 950, 955), (955, 1_010, 950, 990)]
    values = {"block_displacement_atr": 1.5}
    found = blocks_of([*REJECTION, wick, *broken], BlockOrigin.REJECTION, **values)
    assert [(each[0], each[2]) for each in found] == [
        ("formed", "17"), ("touched", "18"), ("mitigated", "18"), ("breaker", "19"),
    ]  # fmt: skip


def test_a_candidate_that_price_goes_through_never_becomes_a_block() -> None:
    through = [*REJECTION[:-2], (990, 991, 950, 960), (960, 1_060, 955, 1_050)]
    assert blocks_of(through, BlockOrigin.REJECTION, block_displacement_atr=1.5) == []


def test_an_engulfed_candle_is_a_block_from_its_body_to_the_lower_low() -> None:
    candles = [*quiet(), (1_000, 1_002, 988, 990), (989, 1_040, 985, 1_035)]
    values = {"block_displacement_atr": 2.0, "block_engulf_atr": 1.0}
    found = blocks_of(candles, BlockOrigin.ENGULFING, **values)
    assert found == [("formed", "15", "16", "985", "995")]
    assert blocks_of(candles, BlockOrigin.ENGULFING, **{**values, "block_engulf_atr": 3.0}) == []


def test_the_lowest_candle_before_a_break_of_structure_is_a_block() -> None:
    candles = [(10, 12, 8, 11), (11, 16, 10, 15), (15, 15, 9, 10), (10, 11, 6, 7), (7, 10, 7, 9),
               (9, 20, 8, 19)]  # fmt: skip
    rows = detect(bars(*candles), rules(swing_length=2))
    blocks = rows[rows["kind"] == SmcKind.BLOCK]
    assert told(blocks, SmcKind.BLOCK) == [("formed", 1, 3, 5, 6, 11)]
    assert np.array_equal(blocks["variant"], [BlockOrigin.BREAK])
