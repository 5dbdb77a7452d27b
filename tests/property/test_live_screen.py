"""A live screen fills its terminal exactly, whatever the size: nothing wraps or scrolls."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from demo_cases import Seen, session
from reporting.live.drawn import Style
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
    for words in ("SIMULATED", "after costs", "SIM-COIN", "SIM-ALT", "last trades", "q quit"):
        assert words in shown


def test_the_net_that_is_shown_is_that_of_the_trades(pictures: list[Picture]) -> None:
    assert all(
        each.total.money.net == sum((trade.net for trade in each.trades), Decimal(0))
        for each in pictures
        if len(each.trades) == each.total.trades
    )
