"""Bars of the waterfall float from total to total, and tell rise from fall without colour."""

from decimal import Decimal

from reporting.waterfall import floating_bars


def spans(*pairs: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(start), Decimal(end)) for start, end in pairs]


def test_each_bar_starts_where_the_last_one_ended() -> None:
    bars = floating_bars(spans((0, 10), (10, 4), (4, -2), (-2, 0), (0, -2)), 12)
    assert bars == [
        "  ++++++++++",
        "  |   ------",
        "------",
        "++|",
        "--|",
    ]


def test_tiny_amount_still_takes_a_cell() -> None:
    assert floating_bars(spans((0, 10_000), (10_000, 9_999)), 10)[1] == "|        -"


def test_empty_span_leaves_the_zero_mark_alone() -> None:
    assert floating_bars(spans((0, 10), (10, 10)), 5) == ["+++++", "|"]


def test_zero_mark_stands_inside_when_all_is_loss() -> None:
    assert floating_bars(spans((0, -10), (-10, -10)), 5) == ["-----", "    |"]


def test_bars_of_nothing_are_zero_marks() -> None:
    assert floating_bars(spans((0, 0), (0, 0)), 5) == ["|", "|"]
