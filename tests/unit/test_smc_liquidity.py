"""Pools, sweeps, the dealing range and retracements, on candles drawn by hand (docs/smc.md)."""

from typing import Final

import pytest

from domain.arrays import Rows
from domain.smc import SmcEvent, SmcKind
from smc_cases import Candle, bars, quiet, rules, told
from strategies.smc.detect import detect

ZIGZAG: Final[tuple[Candle, ...]] = (
    (10, 12, 8, 11), (11, 16, 10, 15), (15, 15, 9, 10), (10, 11, 6, 7),
    (7, 10, 7, 9), (9, 20, 8, 19), (19, 19, 15, 16), (16, 17, 14, 15),
)  # fmt: skip


def top(high: int) -> list[Candle]:
    """Four candles around a price of 1,000 of which the second has a high."""
    calm = (1_000, 1_010, 990, 1_000)
    return [calm, (1_000, high, 998, 1_005), (1_005, 1_012, 990, 1_000), calm]


def highs(rows: Rows, kind: SmcKind = SmcKind.POOL) -> list[tuple[str, int, int, int, int]]:
    """Event, known bar, low, high and touches of what concerns swing highs near 1,050."""
    near = rows[(rows["kind"] == kind) & (rows["high"] > 1_040)]
    return [
        (event, known, low, high, int(row["touches"]))
        for (event, _, _, known, low, high), row in zip(told(near, kind), near, strict=True)
    ]


THREE_TOPS: Final = [*quiet(), *top(1_050), *top(1_052), *top(1_049)]
FOUND: Final = [("formed", 22, 1_050, 1_052, 2), ("extended", 26, 1_049, 1_052, 3)]


def test_equal_highs_are_a_pool_from_the_second_on_and_more_extend_it() -> None:
    assert highs(detect(bars(*THREE_TOPS), rules(pool_tolerance_atr=0.3))) == FOUND


def test_more_touches_can_be_asked_for() -> None:
    found = highs(detect(bars(*THREE_TOPS), rules(pool_tolerance_atr=0.3, pool_touches=3)))
    assert found == [("formed", 26, 1_049, 1_052, 3)]


def test_highs_beyond_the_tolerance_are_no_pool() -> None:
    assert highs(detect(bars(*THREE_TOPS), rules(pool_tolerance_atr=0.01))) == []


def test_two_candles_of_one_flat_top_are_no_pool() -> None:
    flat = [*top(1_050)[:2], (1_005, 1_050, 995, 1_000), *top(1_010)]
    assert highs(detect(bars(*quiet(), *flat), rules(pool_tolerance_atr=0.3))) == []


@pytest.mark.parametrize(("close", "event"), [(1_040, "swept"), (1_058, "broken")])
def test_a_pool_is_swept_by_a_wick_and_broken_by_a_close(close: int, event: str) -> None:
    candles = [*THREE_TOPS, (1_000, 1_060, 998, close)]
    found = highs(detect(bars(*candles), rules(pool_tolerance_atr=0.3)))
    assert found == [*FOUND, (event, 27, 1_049, 1_052, 3)]


# Rising candles, in which there is no swing, from the high on.
RISING: Final = [(1_000 + k, 1_012 + k, 992 + k, 1_001 + k) for k in range(8)]
SWEPT: Final = [*quiet(), *top(1_050), *RISING, (1_000, 1_060, 998, 1_005)]
TERMS: Final = {"sweep_penetration_atr": 0.3, "sweep_wick_atr": 0.15, "sweep_level_age": 10,
                "sweep_reversal_atr": 2.0, "sweep_candles": 2}  # fmt: skip


def test_a_wick_beyond_an_old_high_that_closes_back_is_a_bearish_sweep() -> None:
    rows = detect(bars(*SWEPT), rules(**TERMS))
    assert told(rows, SmcKind.SWEEP)[-1] == ("formed", -1, 27, 27, 1_050, 1_060)


def test_a_swing_can_be_swept_when_it_is_just_old_enough() -> None:
    rows = detect(bars(*SWEPT), rules(**{**TERMS, "sweep_level_age": 11}))
    assert len(highs(rows, SmcKind.SWEEP)) == 1


@pytest.mark.parametrize(("share", "count"), [(0.35, 0), (1.0, 1)])
def test_a_swing_inside_the_range_is_not_swept(share: float, count: int) -> None:
    inside = [(1_000, 1_200, 990, 1_000), *SWEPT[:-1], (1_000, 1_070, 998, 1_005)]
    terms = {**TERMS, "sweep_range_bars": 50, "sweep_outer_share": share}
    assert len(highs(detect(bars(*inside), rules(**terms)), SmcKind.SWEEP)) == count


@pytest.mark.parametrize(
    "changed",
    [{"sweep_penetration_atr": 0.6}, {"sweep_wick_atr": 3.0}, {"sweep_level_age": 12}],
)
def test_a_shallow_bodied_or_early_sweep_is_none(changed: dict[str, float]) -> None:
    rows = detect(bars(*SWEPT), rules(**{**TERMS, **changed}))
    assert highs(rows, SmcKind.SWEEP) == []


@pytest.mark.parametrize(
    ("after", "event", "known"),
    [
        ([(1_005, 1_006, 1_000, 1_001)], "confirmed", 28),
        ([(1_005, 1_061, 1_000, 1_001)], "failed", 28),
        ([(1_040, 1_045, 1_039, 1_040)] * 2, "failed", 29),
    ],
)
def test_a_sweep_is_confirmed_by_a_reversal_in_time_and_else_fails(
    after: list[Candle], event: str, known: int
) -> None:
    rows = detect(bars(*SWEPT, *after), rules(**TERMS))
    assert [e[:2] for e in highs(rows, SmcKind.SWEEP)] == [("formed", 27), (event, known)]


def test_the_range_is_that_of_the_newest_swings_and_the_close_is_placed_in_it() -> None:
    calm = (16, 17, 11, 12)  # below the middle of 6 to 20
    rows = detect(bars(*ZIGZAG, calm, (12, 14, 12, 13)), rules(swing_length=2))
    assert told(rows, SmcKind.DEALING_RANGE) == [
        ("formed", -1, 3, 5, 6, 16), ("premium", -1, 3, 5, 6, 16), ("ended", -1, 3, 7, 6, 16),
        ("formed", 1, 5, 7, 6, 20), ("premium", 1, 5, 7, 6, 20), ("discount", 1, 5, 8, 6, 20),
        ("equilibrium", 1, 5, 9, 6, 20),
    ]  # fmt: skip


def test_the_place_in_the_range_is_told_as_a_share_of_its_half() -> None:
    rows = detect(bars(*ZIGZAG), rules(swing_length=2))
    placed = rows[rows["event"] == SmcEvent.PREMIUM]
    assert placed["detail"].tolist() == [8 / 5, 2 / 7]  # 19 in 6 to 16, 15 in 6 to 20


def test_retracements_are_told_once_each_and_the_deepest_at_the_end() -> None:
    rows = detect(bars(*ZIGZAG), rules(swing_length=2))
    first = rows[(rows["kind"] == SmcKind.RETRACEMENT) & (rows["side"] == -1)]
    words = [SmcEvent(int(event)).word for event in first["event"]]
    assert words == ["formed", *["reached"] * 4, "ended"]
    assert first["detail"].tolist() == [0.0, 0.382, 0.5, 0.618, 0.786, 1.4]


def test_candles_between_a_swing_and_its_being_known_count_as_retracing() -> None:
    deep = [*ZIGZAG[:6], (19, 19, 10, 16), ZIGZAG[7]]  # 10 of 20 to 6 before the 20 is known
    rows = detect(bars(*deep), rules(swing_length=2))
    second = rows[(rows["kind"] == SmcKind.RETRACEMENT) & (rows["side"] == 1)]
    assert second["detail"].tolist() == [0.0, 0.382, 0.5, 0.618]
    assert set(second["known_bar"].tolist()) == {7}
