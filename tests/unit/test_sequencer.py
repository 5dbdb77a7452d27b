"""The sequencer: one order, one time, one number for every input."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import numpy as np
import pytest

from agent.service.sequencer import Route, Routing, Sequencer, Start
from domain.enums import TradingState
from domain.errors import Fatal, NotTaken
from domain.events import ClockRead, Command, DayRoll, Event, Gap, Release, SessionEdge, Timer
from domain.rows.account import NEVER_NS
from domain.units import TsNs
from service_cases import MS, ONE_TO_ONE, Bench, numbers, quotes, shown, stamps, trades
from virtual_loop import DeadlockError, run_virtual

SHARED: Final = Routing(
    names=("COIN", "MINT"),
    routes=((Route(0, 0),), (Route(1, 0),), (Route(0, 2), Route(1, 2))),
)
HALT: Final = Command(event_ns=TsNs(0), state=TradingState.HALTED)


def virtually(main: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on virtual time."""

    def test() -> None:
        run_virtual(1, main)

    test.__name__ = main.__name__
    return test


def roll(at_ns: int) -> DayRoll:
    return DayRoll(event_ns=TsNs(at_ns))


def edge(market: str, at_ns: int) -> SessionEdge:
    hour = TsNs(at_ns)
    return SessionEdge(event_ns=hour, market=market, open_ns=hour, cut_off_ns=hour, close_ns=hour)


@virtually
async def test_a_batch_opens_with_a_reading_and_closes_with_a_timer() -> None:
    bench = Bench()
    await bench.pass_ms(5)
    now_ns = TsNs(bench.start_ns + 5 * MS)
    batch = bench.sequencer.drain()
    assert [shown(piece) for piece in batch.pieces] == [
        ClockRead(event_ns=TsNs(bench.start_ns), now_ns=now_ns),
        Timer(event_ns=now_ns),
    ]
    assert batch.now_ns == now_ns


@virtually
async def test_ticks_are_stamped_by_their_receipt_and_never_earlier_than_the_one_before() -> None:
    bench = Bench()
    await bench.pass_ms(9)
    for ms in (3, 2, 4):
        bench.ring.put(trades(ms, recv_ns=bench.start_ns + ms * MS))
    (ticks,) = (p.ticks for p in bench.sequencer.drain().pieces if p.ticks is not None)
    assert (ticks["event_ns"] - bench.start_ns).tolist() == [3 * MS, 3 * MS, 4 * MS]
    assert (ticks["recv_ns"] - bench.start_ns).tolist() == [3 * MS, 2 * MS, 4 * MS]
    assert ticks["seq"].tolist() == [1, 2, 3]


@virtually
async def test_a_receipt_in_the_future_counts_as_now() -> None:
    bench = Bench()
    bench.ring.put(trades(1, recv_ns=bench.start_ns + 86_400_000 * MS))
    assert set(stamps([bench.sequencer.drain()])) == {bench.start_ns}


@virtually
async def test_a_scheduled_event_comes_before_the_first_tick_that_is_not_earlier() -> None:
    bench = Bench()
    later_ns = bench.start_ns + 5 * MS
    bench.sequencer.schedule(roll(later_ns))
    await bench.pass_ms(9)
    for ms in (4, 5, 6):
        bench.ring.put(trades(ms, recv_ns=bench.start_ns + ms * MS))
    assert bench.inside() == [[4], roll(later_ns), [5, 6]]


@virtually
async def test_a_scheduled_event_comes_without_a_tick_when_its_time_has_come() -> None:
    bench = Bench()
    bench.sequencer.schedule(roll(bench.start_ns + MS))
    assert bench.inside() == []
    await bench.pass_ms(1)
    assert bench.inside() == [roll(bench.start_ns + MS)]
    assert bench.inside() == []


@virtually
async def test_a_scheduled_event_whose_time_is_over_comes_now() -> None:
    bench = Bench()
    bench.sequencer.schedule(roll(5))
    assert bench.inside() == [roll(bench.start_ns)]


@virtually
async def test_scheduled_events_that_are_all_late_come_in_the_order_of_their_times() -> None:
    bench = Bench()
    for number, market in ((7, "COIN"), (6, "COIN"), (5, "MINT")):
        bench.sequencer.schedule(edge(market, number))
    opens = [event.open_ns for event in bench.inside() if isinstance(event, SessionEdge)]
    assert opens == [5, 6, 7]


@virtually
async def test_events_scheduled_for_one_time_come_by_market() -> None:
    bench = Bench()
    due_ns = bench.start_ns + MS
    events: list[Event] = [edge("MINT", due_ns), edge("COIN", due_ns), roll(due_ns)]
    for event in events:
        bench.sequencer.schedule(event)
    await bench.pass_ms(1)
    assert bench.inside() == events[::-1]


@virtually
async def test_at_one_time_scheduled_events_come_first_then_submitted_ones_then_ticks() -> None:
    bench = Bench()
    bench.ring.put(trades(1, recv_ns=bench.start_ns))
    await bench.sequencer.submit(HALT)
    bench.sequencer.schedule(roll(bench.start_ns))
    first, second, ticks = bench.inside()
    assert (type(first), type(second), ticks) == (DayRoll, Command, [1])


@virtually
async def test_a_submitted_event_takes_its_place_among_the_ticks() -> None:
    bench = Bench()
    bench.ring.put(trades(1, recv_ns=bench.start_ns))
    await bench.pass_ms(1)
    await bench.sequencer.submit(HALT)
    await bench.pass_ms(1)
    bench.ring.put(trades(2, recv_ns=bench.now_ns()))
    before, event, after = bench.inside()
    assert (before, after) == ([1], [2])
    assert isinstance(event, Command)
    assert event.event_ns == bench.start_ns + MS


@virtually
async def test_submitted_events_of_one_time_keep_their_order() -> None:
    bench = Bench()
    for market in ("MINT", "COIN", "GOLD"):
        await bench.sequencer.submit(Release(event_ns=TsNs(0), market=market))
    names = [event.market for event in bench.inside() if isinstance(event, Release)]
    assert names == ["MINT", "COIN", "GOLD"]


@virtually
async def test_a_gap_comes_before_every_tick_that_follows_the_loss() -> None:
    bench = Bench(capacity=4)
    bench.ring.put(trades(1, market=1, recv_ns=bench.start_ns))
    bench.ring.put(quotes(2, 3, market=1, recv_ns=bench.start_ns))
    await bench.pass_ms(1)
    bench.ring.put(trades(4, 5, 6, recv_ns=bench.now_ns()))
    gap = Gap(event_ns=TsNs(bench.start_ns), market="MINT", slot=0, lost=2)
    assert bench.inside() == [[1], gap, [4, 5, 6]]


@virtually
async def test_an_instrument_is_delivered_to_each_of_its_markets_in_order() -> None:
    bench = Bench(SHARED)
    parts = (trades(1, market=1), trades(2, market=2), trades(3), trades(4, market=2))
    bench.ring.put(np.concatenate(parts))
    (piece,) = bench.sequencer.drain().pieces[1:-1]
    assert piece.ticks is not None
    assert piece.ticks[["trade_id", "market", "slot"]].tolist() == [
        (1, 1, 0),
        (2, 0, 2),
        (2, 1, 2),
        (3, 0, 0),
        (4, 0, 2),
        (4, 1, 2),
    ]
    assert piece.ticks["seq"].tolist() == [1, 2, 3, 4, 5, 6]


@virtually
async def test_events_keep_their_place_among_ticks_that_are_delivered_twice() -> None:
    bench = Bench(SHARED)
    bench.sequencer.schedule(roll(bench.start_ns + MS))
    bench.ring.put(trades(1, market=2, recv_ns=bench.start_ns))
    await bench.pass_ms(1)
    bench.ring.put(trades(2, market=2, recv_ns=bench.now_ns()))
    assert bench.inside() == [[1, 1], roll(bench.start_ns + MS), [2, 2]]


@virtually
async def test_a_gap_of_a_shared_instrument_is_told_to_each_of_its_markets() -> None:
    bench = Bench(SHARED, capacity=1)
    bench.ring.put(quotes(1, market=2))
    bench.ring.put(quotes(2, market=2))
    gaps = [
        Gap(event_ns=TsNs(bench.start_ns), market=name, slot=2, lost=1) for name in ("COIN", "MINT")
    ]
    assert bench.inside() == [*gaps, [2, 2]]


@pytest.mark.parametrize("instrument", [-1, 3])
def test_a_tick_of_an_unknown_instrument_is_fatal(instrument: int) -> None:
    async def drain() -> None:
        bench = Bench()
        bench.ring.put(trades(1, market=instrument))
        bench.sequencer.drain()

    with pytest.raises(Fatal, match="no route"):
        run_virtual(1, drain)


@virtually
async def test_numbers_and_time_go_on_where_the_run_before_ended() -> None:
    bench = Bench()
    start = Start(event_ns=bench.start_ns + 9 * MS, seq=500)
    batch = Sequencer(bench.time, bench.ring, ONE_TO_ONE, start).drain()
    assert (numbers([batch]), set(stamps([batch]))) == ([500, 501], {start.event_ns})


@virtually
async def test_a_full_queue_lets_the_submitter_wait_and_keeps_the_order() -> None:
    bench = Bench(commands=2)
    names = ("COIN", "MINT", "GOLD", None, "COIN")
    found: list[str | None] = []

    async def submit() -> None:
        for name in names:
            await bench.sequencer.submit(Release(event_ns=TsNs(0), market=name))

    async with asyncio.TaskGroup() as group:
        group.create_task(submit())
        while len(found) < len(names):
            await bench.pass_ms(1)
            some = bench.inside()
            assert len(some) <= 2
            found += [event.market for event in some if isinstance(event, Release)]
    assert tuple(found) == names


@virtually
async def test_a_submitter_who_waits_too_long_is_told_what_to_do() -> None:
    bench = Bench(commands=1)
    await bench.sequencer.submit(HALT)
    with pytest.raises(NotTaken, match=r"Command: 1 events .* 5\.0 s;.* submit it again"):
        await bench.sequencer.submit(HALT)
    assert len(bench.inside()) == 1


@virtually
async def test_a_closed_sequencer_refuses_whoever_waits_and_keeps_what_was_taken() -> None:
    bench = Bench(commands=1)
    await bench.sequencer.submit(HALT)
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(refused(bench))
        await bench.pass_ms(1)
        bench.sequencer.close()
    assert waiting.result()
    assert len(bench.inside()) == 1


async def refused(bench: Bench) -> bool:
    with pytest.raises(NotTaken, match="ending"):
        await bench.sequencer.submit(HALT)
    return True


@virtually
async def test_the_loop_may_sleep_until_the_next_timer_or_scheduled_event() -> None:
    bench = Bench()
    assert bench.sequencer.next_due_ns(NEVER_NS) == NEVER_NS
    bench.sequencer.schedule(roll(70))
    assert [bench.sequencer.next_due_ns(ns) for ns in (60, 80)] == [60, 70]


async def woken_after_ms(bench: Bench, due_ns: int, work: Coroutine[Any, Any, None]) -> float:
    began = bench.clock.monotonic_ns()
    async with asyncio.TaskGroup() as group:
        group.create_task(work)
        await bench.sequencer.wait(due_ns)
        bench.sequencer.drain()
        return round((bench.clock.monotonic_ns() - began) / MS, 3)


@virtually
async def test_waiting_ends_when_a_tick_or_event_arrives_or_its_time_has_come() -> None:
    bench = Bench()

    async def after(ms: float, act: Callable[[], Coroutine[Any, Any, object]]) -> None:
        await bench.pass_ms(ms)
        await act()

    async def put() -> None:
        bench.ring.put(trades(1))

    async def schedule() -> None:
        bench.sequencer.schedule(roll(bench.now_ns() + MS))

    due_ns = bench.start_ns + 1_000 * MS
    assert await woken_after_ms(bench, due_ns, after(3, put)) == 3
    assert (
        await woken_after_ms(bench, NEVER_NS, after(4, lambda: bench.sequencer.submit(HALT))) == 4
    )
    assert await woken_after_ms(bench, due_ns, after(5, schedule)) == 5
    assert await woken_after_ms(bench, bench.now_ns() + 6 * MS, after(0, nothing)) == 6


async def nothing() -> None:
    """Nothing arrives."""


def test_waiting_for_nothing_never_ends() -> None:
    async def wait() -> None:
        await Bench().sequencer.wait(NEVER_NS)

    with pytest.raises(DeadlockError):
        run_virtual(1, wait)


@pytest.mark.parametrize("jump_s", [1, -1, 3_600, -3_600, 86_400, -86_400])
def test_stamps_and_ages_do_not_notice_a_jump_of_the_wall_clock(jump_s: int) -> None:
    async def ages() -> list[int]:
        bench = Bench()
        bench.ring.put(trades(1, recv_ns=bench.now_ns()))
        bench.clock.jump(jump_s * 1_000 * MS)
        await bench.pass_ms(7)
        bench.ring.put(trades(2, recv_ns=bench.now_ns()))
        await bench.pass_ms(5)
        batch = bench.sequencer.drain()
        assert bench.time.jumped
        return [int(batch.now_ns) - stamp for stamp in stamps([batch])]

    assert run_virtual(1, ages) == [12 * MS, 12 * MS, 5 * MS, 0]
