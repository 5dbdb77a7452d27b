"""Gets the core ready, and says so where that takes long: nobody should take it for a hang."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

    from config.settings import Settings

# Seconds of one core of a small server, measured; a laptop is faster.
USUAL_S: Final = 25
WORD_EACH_S: Final = 10.0


def get_ready(settings: "Settings", console: "Console | None") -> None:
    """Compile every kernel, or load what is compiled. `console` None: plain lines."""
    from agent.replay.warm_up import warm_up
    from market.simulated.models import Simulation, sim_coin
    from market.simulated.simulator import SimulatedMarket

    with _told(console):
        warm_up(settings)
        SimulatedMarket(Simulation(seed=0, markets=(sim_coin(),))).seconds(1)


def compiled_before() -> bool:
    """Whether compiled kernels of this build lie in the cache; True where none is ever compiled."""
    from domain.jit import CACHE_FOLDER, INTERPRETED

    return INTERPRETED or (CACHE_FOLDER is not None and any(CACHE_FOLDER.rglob("*.nbc")))


@contextmanager
def _told(console: "Console | None") -> Iterator[None]:
    if compiled_before():
        yield
        return
    words = f"Compiling the core, once for each build: about {USUAL_S} s"
    if console is None:
        with said_again(words, WORD_EACH_S):
            yield
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn("line"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(words, total=None)
        yield


@contextmanager
def said_again(words: str, each_s: float) -> Iterator[None]:
    """Say it, and now and then how long it has taken."""
    done, began_s = threading.Event(), time.monotonic()

    def say() -> None:
        while not done.wait(each_s):
            _write(f"  still compiling, {time.monotonic() - began_s:.0f} s")

    _write(f"{words}.")
    thread = threading.Thread(target=say, name="still-compiling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
