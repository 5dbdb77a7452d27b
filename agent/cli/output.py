"""Where words and progress bars go: terminals get colour and bars, pipes get plain text."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from reporting.amounts import rate

if TYPE_CHECKING:
    from rich.progress import TaskID

    from agent.replay.outcome import Progress

_REFRESH_S: Final = 0.1


def open_console(stream: TextIO) -> Console:
    """A console that takes text as it is: brackets and colons in a file's name mean nothing."""
    if reconfigure := getattr(stream, "reconfigure", None):
        # A character that the terminal cannot show must not cost the whole report.
        reconfigure(errors="backslashreplace")
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def on_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def print_line(text: str, stream: TextIO) -> None:
    """Write one line at once, so that a closed pipe is noticed here."""
    stream.write(f"{text}\n")
    stream.flush()


@contextmanager
def plain_in_pipes(stream: TextIO) -> Iterator[Console]:
    """A console on `stream`; where that is no terminal, lines lose the spaces at their ends."""
    console = open_console(stream)
    if stream.isatty():
        yield console
        return
    with console.capture() as captured:
        yield console
    lines = captured.get().splitlines()
    print_line("\n".join(line.rstrip() for line in lines), stream)


@contextmanager
def shown_progress(stream: TextIO) -> "Iterator[Progress]":
    """A function to report progress to; it draws bars only where `stream` is a terminal."""
    console = open_console(stream)
    if not stream.isatty() or console.is_dumb_terminal:
        yield _show_nothing
        return
    # No refreshing thread: it would take time from the fold that is being measured.
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        _RateColumn(),
        TimeRemainingColumn(compact=True),
        console=console,
        auto_refresh=False,
        transient=True,
    )
    with bars:
        yield _Drawn(bars).report


def _show_nothing(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class _RateColumn(ProgressColumn):
    """Ticks a second while folding; other stages count something else."""

    def render(self, task: Task) -> Text:
        known = task.description == "folding" and task.speed
        return Text(f"{rate(task.speed)} ticks/s" if known and task.speed else "")


class _Drawn:
    """One bar a stage, redrawn at most ten times a second."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._drawn_s = float("-inf")

    def report(self, stage: str, done: int, total: int) -> None:
        now_s = time.monotonic()
        new = stage not in self._tasks
        if new:
            self._tasks[stage] = self._bars.add_task(stage, total=None)
        if new or done == total or now_s - self._drawn_s >= _REFRESH_S:
            self._drawn_s = now_s
            self._bars.update(self._tasks[stage], completed=done, total=total or None)
            self._bars.refresh()
