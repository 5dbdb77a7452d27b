"""How reports are laid out: headings, sentences and tables that read the same in a pipe."""

from typing import Final

from rich.box import SIMPLE_HEAD, Box
from rich.console import Console
from rich.table import Table
from rich.text import Text

LONGEST_LINE: Final = 100
_ASCII_HEAD: Final = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def print_heading(console: Console, words: str) -> None:
    """An empty line, then the words in bold."""
    console.print()
    console.print(Text(words, style="bold"))


def print_sentence(console: Console, sentence: str, style: str = "") -> None:
    """A sentence, wrapped where lines stay easy to read."""
    console.print(Text(sentence, style), width=min(console.width, LONGEST_LINE))


def plain_table(console: Console) -> Table:
    """A table without columns, whose only line is below its head."""
    head = _ASCII_HEAD if console.options.ascii_only else SIMPLE_HEAD
    return Table(box=head, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))


def pairs(*entries: tuple[str, str]) -> Table:
    """Labels and what they stand for, below each other."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=LONGEST_LINE - 20)
    for label, value in entries:
        table.add_row(label, Text(value))
    return table
