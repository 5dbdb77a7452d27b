"""The lines of a service: a fault in watching never ends what is watched."""

import asyncio
from typing import cast

import pytest

from agent.live.log_lines import LogLines
from agent.live.photographer import Photographer
from agent.service.engine import Engine
from virtual_loop import run_virtual


class Broken:
    """A Photographer that cannot take a picture."""

    def __init__(self) -> None:
        self.tried = 0

    def take(self, *_: object) -> None:
        self.tried += 1
        raise KeyError("storage")


class Time:
    """What the lines ask of an engine first."""

    def now_ns(self) -> int:
        return 0


class Running:
    """An Engine as far as the lines come."""

    time = Time()


def test_a_fault_in_watching_is_told_and_it_watches_again() -> None:
    said: list[str] = []
    broken = Broken()
    lines = LogLines(cast("Photographer", broken), [], "USD", said.append)

    async def scene() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90.0):
                await lines.beside(cast("Engine", Running()))

    run_virtual(1, scene)
    assert broken.tried == 2
    assert said[0].startswith("watching failed (KeyError: 'storage'); trading goes on")
