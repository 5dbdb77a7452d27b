"""Virtual time: instant, shuffled by the seed, the same in every process, and no silent hang."""

import asyncio
import os
import subprocess
import sys
import time

import pytest

from source_tree import ROOT
from virtual_loop import START_NS, DeadlockError, VirtualClock, run_virtual

HOUR_S = 3_600

TRACE = """
import asyncio
from virtual_loop import run_virtual
said = []
async def worker(name):
    try:
        for step in range(3):
            await asyncio.sleep(step // 2)
            said.append((name, step))
        await asyncio.to_thread(said.append, (name, "thread"))
        await asyncio.sleep(1_000)
    finally:
        said.append((name, "end"))
async def main():
    try:
        async with asyncio.timeout(100), asyncio.TaskGroup() as group:
            for number in range(300):
                group.create_task(worker(number))
    except TimeoutError:
        pass
run_virtual(%d, main)
print(said)
"""


def trace(seed: int, hash_seed: str) -> str:
    environment = {
        **os.environ,
        "PYTHONHASHSEED": hash_seed,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
    }
    command = [sys.executable, "-c", TRACE % seed]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


async def order_of_ten() -> list[int]:
    said: list[int] = []

    async def say(number: int) -> None:
        await asyncio.sleep(1)
        said.append(number)

    await asyncio.gather(*(say(number) for number in range(10)))
    return said


async def hours(count: int) -> float:
    loop = asyncio.get_running_loop()
    before = loop.time()
    await asyncio.sleep(count * HOUR_S)
    return loop.time() - before


def test_hours_pass_at_once() -> None:
    began = time.monotonic()
    assert run_virtual(1, lambda: hours(1_000)) == pytest.approx(1_000 * HOUR_S)
    assert time.monotonic() - began < 10


def test_a_seed_reorders_what_is_ready_at_once() -> None:
    orders = {tuple(run_virtual(seed, order_of_ten)) for seed in range(20)}
    assert len(orders) > 10
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(10))}


def test_the_same_seed_gives_the_same_run_whatever_the_hash_seed() -> None:
    assert trace(7, "0") == trace(7, "1") == trace(7, "4242") != trace(8, "0")


def test_waiting_for_what_never_comes_is_an_error() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match="no timer is set"):
        run_virtual(1, wait)


def test_work_for_a_thread_runs_later_on_this_one_and_may_fail() -> None:
    async def work() -> tuple[int, bool]:
        loop, before = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        result = await asyncio.to_thread(lambda: 1 + 1)
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 // 0)
        return result, loop.time() > before

    assert run_virtual(3, work) == (2, True)


def test_the_wall_clock_jumps_and_monotonic_time_does_not() -> None:
    async def jump() -> tuple[int, int]:
        clock = VirtualClock()
        before = clock.now_ns()
        clock.jump(-HOUR_S * 10**9)
        await clock.sleep_until_monotonic(START_NS + 5)
        return clock.monotonic_ns() - START_NS, clock.now_ns() - before

    assert run_virtual(1, jump) == (5, 5 - HOUR_S * 10**9)
