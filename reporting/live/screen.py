"""A live screen made of blocks: as much of an engine as a terminal has room for.

It fills its width and height exactly, whatever they are, so that nothing scrolls or flickers.
"""

from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text

from reporting.live.account_blocks import banner, costs, last_trade, limits, trades
from reporting.live.drawn import Lines, Style, beside, fitted
from reporting.live.gate_blocks import gates, rejections
from reporting.live.market_block import Room, market
from reporting.live.picture import MarketPicture, Picture
from reporting.why_text import print_why

LEAST_WIDTH, LEAST_HEIGHT = 40, 12
_WIDE: Final = 110
_WIDEST: Final = 170
_TALL: Final = 30
_MOST_CHART: Final = 16


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a person looks at: the market in focus, and whether its `why` lies over all.

    page  of that `why`, where it has more lines than the screen.
    told  what a key was taken for, in place of the keys.
    """

    focus: int = 0
    why: bool = False
    page: int = 0
    told: str = ""


def screen(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Text:
    """Exactly `size` (columns, rows) of text; what matters least is left out first."""
    width, height = max(size[0], LEAST_WIDTH), max(size[1], LEAST_HEIGHT)
    lines = banner(picture, width)
    room = height - len(lines) - 1
    if view.why:
        page, keys = _why(picture, view, (width, room))
        lines += page
    else:
        lines += _body(picture, view, (width, room), style)[:room]
        go_on = picture.account.trading_state != "active"
        keys = f"{'p go on' if go_on else 'p pause'}   f flatten   w why   tab market   q quit"
    lines += [Text()] * (height - 1 - len(lines))
    lines.append(fitted(Text(view.told or keys, "bold"), width))
    return Text("\n").join(lines)


def _focus(picture: Picture, view: View) -> MarketPicture:
    return picture.markets[view.focus % len(picture.markets)]


def _body(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    if size[0] < _WIDE:
        return _one_column(picture, view, size, style)
    if size[0] < _WIDEST:
        return _two_columns(picture, view, size, style)
    return _three_columns(picture, view, size, style)


def _one_column(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """Markets over all of the width; below them gates, beside them trades, costs and limits."""
    width, height = size
    tall = height >= _TALL
    large = Room(width=width, chart=3 if tall else 1, words=1, features=1 if tall else 0)
    small = large if tall else Room(width=width, chart=0, words=1, features=0)
    focus = _focus(picture, view)
    lines: Lines = []
    for each in picture.markets:
        room = large if each is focus else small
        lines += market(each, room, style, focus=each is focus)
    left = width // 2 + 1  # gates have numbers in four columns
    right, room_left = width - left - 1, height - len(lines)
    asked = gates(focus.why, left, room_left, style)
    sums = [
        *costs(picture, right, style, short=not tall),
        *limits(picture, right, style, short=not tall),
    ]
    last = trades(picture, right, max(4, room_left - len(sums)), style)
    return [*lines, *beside([(asked, left), ([*last, *sums], right)], room_left)]


def _two_columns(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """Left the markets and the account's sums, right the gates and the trades."""
    width, height = size
    left = (width - 1) // 2
    right = width - left - 1
    sums = [*costs(picture, left, style), *limits(picture, left, style)]
    focus = _focus(picture, view)
    asked = gates(focus.why, right, height, style)
    asked += rejections(focus, right, style)
    asked += trades(picture, right, max(2, height - len(asked)), style)
    charts = _charts(picture, view, (left, height - len(sums)), style)
    return beside([([*charts, *sums], left), (asked, right)], height)


def _three_columns(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """Charts and what keeps out; gates of all markets and the last trade; sums and trades."""
    width, height = size
    each = (width - 2) // 3
    focus = _focus(picture, view)
    middle = gates(focus.why, each, height, style)
    middle += last_trade(picture, each, style)
    for shown in picture.markets:
        if shown is not focus:
            middle += gates(shown.why, each, max(0, height - len(middle)), style)
    sums = [*costs(picture, each, style), *limits(picture, each, style)]
    right = [*sums, *trades(picture, each, height - len(sums), style)]
    kept_out = [line for shown in picture.markets for line in rejections(shown, each, style)]
    left = [*_charts(picture, view, (each, height - len(kept_out)), style), *kept_out]
    return beside([(left, each), (middle, each), (right, each)], height)


def _charts(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """All markets in a column, with charts as tall as it allows."""
    width, height = size
    focus = _focus(picture, view)
    bare = Room(width=width, chart=1, words=2, features=2).lines - 1
    chart = max(1, min(_MOST_CHART, height // len(picture.markets) - bare))
    room = Room(width=width, chart=chart, words=2, features=2)
    return [
        line for each in picture.markets for line in market(each, room, style, focus=each is focus)
    ]


def _why(picture: Picture, view: View, size: tuple[int, int]) -> tuple[Lines, str]:
    """What `autoscalper why` would print of the market in focus: a page of it, and the keys."""
    width, height = size
    console = Console(
        width=width, color_system=None, markup=False, highlight=False, emoji=False,
        legacy_windows=False, force_terminal=False,
    )  # fmt: skip
    with console.capture() as captured:
        print_why(console, _focus(picture, view).why)
    lines = [Text(line.rstrip()) for line in captured.get().splitlines()]
    pages = max(1, -(-len(lines) // height))
    page = view.page % pages
    more = f"space more ({page + 1} of {pages})   " if pages > 1 else ""
    keys = f"w back   {more}tab market   q quit"
    return lines[page * height : (page + 1) * height], keys
