"""Lines of a live screen, and how they are drawn: none is wider than asked for.

Nothing is told by colour alone, and no colour is used that a light or a dark background swallows.
"""

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from domain.enums import Side

Lines = list[Text]

_BARS: Final = "▁▂▃▄▅▆▇█"
_ASCII_BARS: Final = "_.-=+*#@"


class Style:
    """How to draw: `ascii_only` where a terminal has no other letters."""

    def __init__(self, *, ascii_only: bool) -> None:
        self.ascii_only = ascii_only
        self.bars = _ASCII_BARS if ascii_only else _BARS
        self.fills = "+-" if ascii_only else "█▒"
        self.rule = "-" if ascii_only else "─"
        self.focus = ">" if ascii_only else "▶"
        self.side = {Side.LONG: "^", Side.SHORT: "v"}
        if not ascii_only:
            self.side = {Side.LONG: "▲", Side.SHORT: "▼"}
        self.exit = "x"


def fitted(text: Text, width: int) -> Text:
    """Not wider than `width`: what is cut off ends in dots."""
    if text.cell_len <= width:
        return text
    cut = text.copy()
    cut.truncate(max(0, width - 2), overflow="crop")
    return cut.append("..") if width >= 2 else cut


def heading(words: str, width: int, style: Style) -> Text:
    """Words on a rule."""
    line = f"{style.rule * 2} {words} "
    return Text(set_cell_size(line + style.rule * max(0, width - cell_len(line)), width), "bold")


def packed(parts: Sequence[str], width: int, gap: str) -> list[str]:
    """Whole parts on as few lines as they need; a part alone may be wider."""
    lines: list[str] = []
    for part in parts:
        if lines and cell_len(f"{lines[-1]}{gap}{part}") <= width:
            lines[-1] += f"{gap}{part}"
        else:
            lines.append(part)
    return lines


def filled(lines: Lines, count: int) -> Lines:
    """Exactly so many lines: what is below must not jump when words come and go."""
    return [*lines[:count], *([Text()] * (count - len(lines)))]


def beside(columns: Sequence[tuple[Lines, int]], height: int) -> Lines:
    """Blocks side by side, a space apart, each cut or filled to its width."""
    rows: Lines = []
    for index in range(min(height, max(len(lines) for lines, _ in columns))):
        row = Text()
        for place, (lines, width) in enumerate(columns):
            cell = fitted(lines[index], width).copy() if index < len(lines) else Text()
            if place < len(columns) - 1:
                cell.append(" " * (width + 1 - cell.cell_len))
            row.append_text(cell)
        rows.append(row)
    return rows
