"""A live screen made of blocks: as much of an engine as a terminal has room for.

It fills its width and height exactly, whatever they are, so that nothing scrolls or flickers.
"""

from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text

from reporting.live import blocks
from reporting.live.blocks import Lines, Style
from reporting.live.picture import Picture
from reporting.why_text import print_why

LEAST_WIDTH, LEAST_HEIGHT = 40, 12
_WIDE: Final = 110
_WIDEST: Final = 170
_KEYS: Final = "p pause or go on   f flatten   w why   tab next market   q quit"
_KEYS_WHY: Final = "w or any key: back   tab next market   q quit"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a person looks at: the market in focus, and whether its `why` lies over all."""

    focus: int = 0
    why: bool = False
    told: str = ""


def screen(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Text:
    """Exactly `size` (columns, rows) of text; what matters least is left out first."""
    width, height = max(size[0], LEAST_WIDTH), max(size[1], LEAST_HEIGHT)
    lines = blocks.banner(picture, width)
    room = height - len(lines) - 1
    if view.why:
        lines += _why(picture, view, width)[:room]
        keys = _KEYS_WHY
    else:
        lines += _body(picture, view, (width, room), style)[:room]
        keys = f"{view.told}   {_KEYS}" if view.told else _KEYS
    lines += [Text()] * (height - 1 - len(lines))
    lines.append(blocks.fitted(Text(keys, "bold"), width))
    return Text("\n").join(lines)


def _body(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    width, height = size
    if width < _WIDE:
        return _narrow(picture, view, size, style)
    columns = 3 if width >= _WIDEST else 2
    each = (width - columns + 1) // columns
    focus = picture.markets[view.focus % len(picture.markets)]
    markets = _markets(picture, view, (each, _rows(columns, height)), style)
    middle = blocks.gates(focus.why, each, style)
    costs = [*blocks.costs(picture, each, style), *blocks.limits(picture, each, style)]
    if columns == 3:
        left = [*markets, *blocks.rejections(focus, each, style)]
        right = [*costs, *blocks.trades(picture, each, height - len(costs), style)]
        return blocks.beside([(left, each), (middle, each), (right, each)], height)
    left = [*markets, *costs]
    right = [*middle, *blocks.rejections(focus, each, style)]
    right += blocks.trades(picture, each, max(2, height - len(right)), style)
    return blocks.beside([(left, each), (right, each)], height)


def _narrow(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """Markets over all of the width; below them gates, beside them trades."""
    width, height = size
    lines = _markets(picture, view, (width, _rows(1, height)), style)
    room = height - len(lines)
    focus = picture.markets[view.focus % len(picture.markets)]
    half = (width - 1) // 2
    gates = blocks.gates(focus.why, half, style)
    last = blocks.trades(picture, half, max(2, min(6, room)), style)
    right = [*last, *blocks.costs(picture, half, style), *blocks.limits(picture, half, style)]
    return [*lines, *blocks.beside([(gates, half), (right, half)], room)]


def _rows(columns: int, height: int) -> int:
    """Lines of each chart: more where there is room."""
    if columns == 1:
        return 1 if height < 30 else 3
    return max(1, min(10, height // (4 * (4 - columns))))


def _markets(picture: Picture, view: View, size: tuple[int, int], style: Style) -> Lines:
    """All markets; `size` is their width, and the lines of a chart."""
    lines: Lines = []
    for place, each in enumerate(picture.markets):
        focus = place == view.focus % len(picture.markets)
        lines += blocks.market(each, size[0], style, focus=focus, rows=size[1])
    return lines


def _why(picture: Picture, view: View, width: int) -> Lines:
    """What `autoscalper why` would print of the market in focus."""
    focus = picture.markets[view.focus % len(picture.markets)]
    console = Console(
        width=width, color_system=None, markup=False, highlight=False, emoji=False,
        legacy_windows=False, force_terminal=False,
    )  # fmt: skip
    with console.capture() as captured:
        print_why(console, focus.why)
    return [Text(line.rstrip()) for line in captured.get().splitlines()]
