"""A live screen fills its terminal exactly, whatever the size: nothing wraps or scrolls."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from demo_cases import Seen, session
from reporting.live.drawn import Style
from reporting.live.gate_blocks import gates
from reporting.live.market_block import Room, market
from reporting.live.picture import Picture
from reporting.live.screen import LEAST_HEIGHT, LEAST_WIDTH, View, screen


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Picture]:
    seen = Seen()
    session(tmp_path_factory.mktemp("demo") / "of", seen, for_s=1.5)
    return seen.pictures


@settings(max_examples=60)
@given(data=st.data())
def test_a_screen_has_exactly_the_size_of_its_terminal(
    pictures: list[Picture], data: st.DataObject
) -> None:
    width = data.draw(st.integers(LEAST_WIDTH, 240))
    height = data.draw(st.integers(LEAST_HEIGHT, 80))
    view = View(focus=data.draw(st.integers(0, 3)), why=data.draw(st.booleans()))
    style = Style(ascii_only=data.draw(st.booleans()))
    drawn = screen(data.draw(st.sampled_from(pictures)), view, (width, height), style)
    lines = drawn.plain.split("\n")
    assert len(lines) == height
    assert max(map(cell_len, lines)) <= width


def test_a_screen_in_ascii_has_no_other_letter(pictures: list[Picture]) -> None:
    for size in ((80, 24), (120, 40), (200, 60)):
        assert screen(pictures[-1], View(), size, Style(ascii_only=True)).plain.isascii()


def test_the_smallest_usual_terminal_shows_what_matters(pictures: list[Picture]) -> None:
    shown = screen(pictures[-1], View(), (80, 24), Style(ascii_only=False)).plain
    for words in ("SIMULATED", "after costs", "SIM-COIN", "SIM-ALT", "last trades", "entries left"):
        assert words in shown
    assert shown.endswith("q quit")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_no_number_is_cut_off_at_the_usual_sizes(
    pictures: list[Picture], size: tuple[int, int]
) -> None:
    for picture in pictures:
        for focus in (0, 1):
            shown = screen(picture, View(focus=focus), size, Style(ascii_only=False)).plain
            assert ".." not in shown


def test_a_gate_that_blocks_is_shown_however_low_the_screen(pictures: list[Picture]) -> None:
    for shown in (each for picture in pictures for each in picture.markets):
        blocking = [each.gate for each in shown.why.gates if each.verdict == "blocks"]
        lines = gates(shown.why, 41, 1 + len(blocking), Style(ascii_only=True))
        assert [line.plain[0] for line in lines[1:]] == ["x"] * len(blocking)


def test_why_has_as_many_pages_as_it_needs(pictures: list[Picture]) -> None:
    pages = []
    for page in range(4):
        view = View(why=True, page=page)
        shown = screen(pictures[0], view, (80, 24), Style(ascii_only=False)).plain
        pages.append(shown.split("\n")[2:])
    assert "space more (1 of 2)" in pages[0][-1]
    assert pages[0] != pages[1]
    assert pages[2] == pages[0]


def test_a_chart_names_the_highest_and_the_lowest_price_that_it_shows(
    pictures: list[Picture],
) -> None:
    shown = msgspec.structs.replace(pictures[0].markets[0], prices=(9.0, *([1.0] * 30), 3.0, 2.0))
    room = Room(width=30, chart=4, words=1, features=1)
    lines = market(shown, room, Style(ascii_only=False), focus=True)
    assert [lines[2].plain[-4:], lines[5].plain[-4:]] == [" 3.0", " 1.0"]


def test_the_net_that_is_shown_is_that_of_the_trades(pictures: list[Picture]) -> None:
    assert all(
        each.total.money.net == sum((trade.net for trade in each.trades), Decimal(0))
        for each in pictures
        if len(each.trades) == each.total.trades
    )
