"""Figures of a replay: readable by themselves, the same each time, and honest about extremes."""

import re
from collections import Counter

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from plot_samples import MARKET, pictures, still, traded
from reporting.plots.data import apart, thinned
from reporting.plots.figures import figures
from reporting.plots.page import replay_page
from reporting.plots.sheet import replay_sheet
from reporting.plots.style import Plain
from reporting.plots.times import time_marks


def test_a_page_asks_for_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = replay_page(traded())
    assert "://" not in page
    assert not re.search(r"<(script|link|img|iframe|object)\b|\bsrc=|@import", page)
    assert set(re.findall(r"url\((.)", page)) <= {"#"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_the_same_replay_is_the_same_page_and_sheet_whatever_a_user_has_set() -> None:
    page, sheet = replay_page(traded()), replay_sheet(traded())
    faster = traded(seconds=99.0, ticks_per_second=1.0)
    with mpl.rc_context({"axes.linewidth": 9.0, "svg.fonttype": "path", "figure.dpi": 31.0}):
        assert (replay_page(faster), replay_sheet(faster)) == (page, sheet)


def test_every_id_of_a_page_is_there_once_and_every_reference_leads_to_one() -> None:
    page = replay_page(traded())
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    asked = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert ids.most_common(1)[0][1] == 1
    assert asked
    assert asked <= set(ids)


def test_figures_have_no_colour_but_those_that_the_page_sets_for_light_and_dark() -> None:
    drawn = figures(traded())
    assert [each.half for each in drawn] == [False, False, True, True]
    for svg in (svg for each in drawn for svg in (each.wide, each.narrow)):
        assert not re.search(r"#[0-9a-f]{6}\b", re.sub(r'(href|id)="[^"]*"|url\(#[^)]*\)', "", svg))
        assert "var(--ink)" in svg


def test_what_is_simulated_says_so_on_page_and_sheet() -> None:
    label = f"SIMULATED: {MARKET}: no such market exists"
    made_up = replace(traded(), pictures=pictures(simulated=(MARKET,)))
    assert label in replay_page(made_up)
    assert "SIMULATED" not in replay_page(traded())
    assert replay_sheet(made_up) != replay_sheet(traded())


def test_a_replay_without_trades_says_why_and_draws_only_the_price() -> None:
    page = replay_page(still())
    assert page.count("<svg") == 2  # for a wide and for a narrow screen
    assert "This playbook did not trade here." in page
    assert "equity stayed at 10,000.00 USDT" in page
    assert "<td>expected_move</td>" in page
    assert replay_sheet(still()).startswith(b"\x89PNG")


def test_amounts_in_figures_are_the_exact_ones_of_the_report() -> None:
    costs = figures(traded())[-1]
    found = re.findall(r">([+\N{MINUS SIGN}][\d.]+)</text>", costs.wide)
    assert found == ["+184.20", *(f"\N{MINUS SIGN}{each}" for each in ("42.10", "7.35", "163.91")),
                     "+1.20", "\N{MINUS SIGN}27.96"]  # fmt: skip


def test_names_that_look_like_markup_are_only_text() -> None:
    odd = 'A<b>"&'
    drawn = traded(playbook=odd, assumed=[odd])
    price = replace(drawn.pictures.prices[0], market=odd)
    page = replay_page(replace(drawn, pictures=pictures(prices=(price,), simulated=(odd,))))
    assert "<b>" not in page
    assert "A&lt;b&gt;&quot;&amp;" in page


def test_entries_and_exits_differ_by_shape_and_not_by_colour_alone() -> None:
    price = figures(traded())[1].wide
    labels = re.findall(r">(entry, long|entry, short|exit, won|exit, not won)</text>", price)
    shapes = re.findall(r'<path id="price-0-wide-m[0-9a-f]+" d="([^"]*)"', price)
    assert labels == ["entry, long", "entry, short", "exit, won", "exit, not won"]
    assert len(set(shapes)) == 4


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-9, 9)), min_size=1, max_size=60))
def test_thinning_keeps_first_last_and_extremes_of_every_column(
    steps: list[tuple[int, int]],
) -> None:
    at = np.cumsum([gap for gap, _ in steps]).astype(np.int64)
    values = np.array([float(value) for _, value in steps])
    kept = thinned(at, values, 4)
    column = (at - at[0]) // -(-(int(at[-1] - at[0]) + 1) // 4)
    for each in np.unique(column):
        whole, part = values[column == each], values[kept][column[kept] == each]
        assert (part[0], part[-1], part.min(), part.max()) == (
            whole[0], whole[-1], whole.min(), whole.max())  # fmt: skip
    assert len(kept) <= 16
    assert np.all(np.diff(kept) > 0)


def test_marks_are_left_out_only_where_another_lies_in_their_cell() -> None:
    across = np.array([0.0, 0.1, 50.0, 100.0])
    assert apart(across, np.zeros(4), (10, 10)).tolist() == [0, 2, 3]
    assert apart(np.zeros(0), np.zeros(0), (10, 10)).tolist() == []


@pytest.mark.parametrize(
    ("ticks", "shown"),
    [
        ([0.0, 0.25, 0.5], ["0.00", "0.25", "0.50"]),
        ([-2_000.0, 0.0, 2_000.0], ["\N{MINUS SIGN}2,000", "0", "2,000"]),
        ([1e-8, 2e-8], ["0.00000001", "0.00000002"]),
        ([7.0], ["7"]),
    ],
)
def test_axes_show_as_many_decimals_as_tell_their_ticks_apart(
    ticks: list[float], shown: list[str]
) -> None:
    assert Plain().format_ticks(ticks) == shown


def test_a_silent_stretch_breaks_the_line_and_ordinary_pauses_do_not() -> None:
    drawn = traded()
    price = drawn.pictures.prices[0]
    later = price.at_ns + np.array([0, 0, 0, 90, 90], np.int64) * 10**9
    far = pictures(prices=(replace(price, at_ns=later),), ends_ns=(int(later[0]), int(later[-1])))
    silent = replace(drawn, trades=[], pictures=far)
    whole = replace(drawn, trades=[])
    assert _subpaths(figures(silent)[1].wide) == _subpaths(figures(whole)[1].wide) + 1


def _subpaths(svg: str) -> int:
    lines = re.findall(r'<path d="([^"]*)"[^>]*style="fill: none; stroke: var\(--line\)', svg)
    return sum(line.count("M") for line in lines)


@given(st.integers(0, 2**62), st.integers(0, 2**61), st.integers(2, 9))
def test_time_marks_lie_within_and_are_few_round_and_apart(
    first: int, length: int, most: int
) -> None:
    marks = time_marks(first, first + length, most)
    at = np.array([at_ns for at_ns, _ in marks], np.int64)
    assert len(at) <= most
    assert np.all((at >= first) & (at <= first + length))
    assert len(np.unique(np.diff(at))) <= 1


def test_time_marks_name_the_date_at_the_first_mark_of_each_day() -> None:
    evening = 1_723_156_200 * 10**9  # 2024-08-08 22:30
    marks = time_marks(evening, evening + 9_000 * 10**9, 6)
    assert [text for _, text in marks] == [
        "22:30\n2024-08-08", "23:00", "23:30", "00:00\n2024-08-09", "00:30", "01:00"]  # fmt: skip
