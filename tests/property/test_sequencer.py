"""Whatever several feeds and operators do at once: everything comes out once, in one order."""

import asyncio
from collections import Counter
from typing import Final

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.service.sequencer import Batch, Route, Routing
from domain.enums import TickKind
from domain.events import ClockRead, DayRoll, Event, Gap, Release, Timer
from domain.units import TsNs
from service_cases import MS, ONE_TO_ONE, Bench, numbers, rows, stamps
from virtual_loop import run_virtual

NAMES: Final = ONE_TO_ONE.names
SHARED: Final = Routing(
    names=NAMES,
    routes=((Route(0, 0),), (Route(1, 0), Route(2, 0)), (Route(2, 2), Route(0, 2), Route(1, 2))),
)
KINDS: Final = {True: TickKind.TRADE, False: TickKind.QUOTE}


class Put(msgspec.Struct, frozen=True):
    """A feed puts ticks of these kinds (true is a trade), a pause after its last."""

    pause_ms: int
    trades: tuple[bool, ...]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What happens: feeds by instrument, operators, the schedule, and jumps of the wall clock."""

    feeds: tuple[tuple[Put, ...], ...]
    operators: tuple[tuple[int, ...], ...]
    scheduled_ms: tuple[int, ...]
    jumps_s: tuple[int, ...]
    capacity: int
    seed: int


PUTS = st.builds(Put, st.integers(0, 4), st.lists(st.booleans(), min_size=1, max_size=9).map(tuple))
DAYS = st.builds(
    Day,
    feeds=st.tuples(*[st.lists(PUTS, max_size=8).map(tuple)] * 3),
    operators=st.lists(st.lists(st.integers(0, 5), max_size=4).map(tuple), max_size=3).map(tuple),
    scheduled_ms=st.lists(st.integers(-3, 40), max_size=5).map(tuple),
    jumps_s=st.lists(st.sampled_from([-86_400, -3_600, -1, 1, 3_600, 86_400]), max_size=2).map(
        tuple
    ),
    capacity=st.sampled_from([3, 8, 1_000]),
    seed=st.integers(0, 2**32),
)


async def feed(bench: Bench, instrument: int, puts: tuple[Put, ...]) -> None:
    number = instrument * 1_000
    for put in puts:
        await bench.pass_ms(put.pause_ms)
        parts = [
            rows(KINDS[trade], number + at, market=instrument, recv_ns=bench.now_ns())
            for at, trade in enumerate(put.trades)
        ]
        number += len(parts)
        await bench.ring.put_all(np.concatenate(parts))


async def operate(bench: Bench, name: int, pauses: tuple[int, ...]) -> None:
    for number, pause in enumerate(pauses):
        await bench.pass_ms(pause)
        event = Release(event_ns=TsNs(0), market=f"{name}.{number}")
        await bench.sequencer.submit(event, within_s=1_000)


async def jump(bench: Bench, jumps: tuple[int, ...]) -> None:
    for by_s in jumps:
        await bench.pass_ms(5)
        bench.clock.jump(by_s * 1_000 * MS)


async def drained(bench: Bench, producers: asyncio.Task[None], batches: list[Batch]) -> None:
    while not producers.done() or bench.sequencer.waiting:
        batches.append(bench.sequencer.drain())
        await bench.pass_ms(2)
    await bench.pass_ms(100)
    batches.append(bench.sequencer.drain())


def batches_of(day: Day, routing: Routing) -> list[Batch]:
    async def produce(bench: Bench) -> None:
        async with asyncio.TaskGroup() as group:
            for instrument, puts in enumerate(day.feeds):
                group.create_task(feed(bench, instrument, puts))
            for name, pauses in enumerate(day.operators):
                group.create_task(operate(bench, name, pauses))
            group.create_task(jump(bench, day.jumps_s))

    async def main() -> list[Batch]:
        bench = Bench(routing, day.capacity, commands=2)
        for ms in day.scheduled_ms:
            bench.sequencer.schedule(DayRoll(event_ns=TsNs(bench.start_ns + ms * MS)))
        batches: list[Batch] = []
        async with asyncio.TaskGroup() as group:
            producers = group.create_task(produce(bench))
            group.create_task(drained(bench, producers, batches))
        return batches

    return run_virtual(day.seed, main)


def events(batches: list[Batch]) -> list[Event]:
    found = (piece.event for batch in batches for piece in batch.pieces)
    return [event for event in found if event is not None]


def ticks(batches: list[Batch]) -> np.ndarray:
    found = [piece.ticks for batch in batches for piece in batch.pieces]
    return np.concatenate([rows(TickKind.TRADE), *(part for part in found if part is not None)])


def put(day: Day, instrument: int, *, trades: bool) -> list[int]:
    """Ids of what a feed put."""
    kinds = [kind for put in day.feeds[instrument] for kind in put.trades]
    return [instrument * 1_000 + at for at, kind in enumerate(kinds) if kind is trades]


@given(DAYS)
def test_time_never_goes_back_and_numbers_have_no_gaps(day: Day) -> None:
    batches = batches_of(day, SHARED)
    found = stamps(batches)
    assert found == sorted(found)
    assert numbers(batches) == list(range(len(found)))


@given(DAYS)
def test_every_event_comes_out_once_and_an_operators_in_their_order(day: Day) -> None:
    found = events(batches_of(day, ONE_TO_ONE))
    said = [event.market for event in found if isinstance(event, Release)]
    for name, pauses in enumerate(day.operators):
        own = [market for market in said if market is not None and market[0] == str(name)]
        assert own == [f"{name}.{number}" for number in range(len(pauses))]
    assert sum(isinstance(event, DayRoll) for event in found) == len(day.scheduled_ms)


@given(DAYS)
def test_trades_come_out_once_in_order_and_quotes_too_unless_told_as_lost(day: Day) -> None:
    batches = batches_of(day, ONE_TO_ONE)
    rows, lost = ticks(batches), Counter[str]()
    for gap in events(batches):
        if isinstance(gap, Gap):
            lost[gap.market] += gap.lost
    for instrument, name in enumerate(NAMES):
        own = rows[rows["market"] == instrument]
        ids = own["trade_id"].tolist()
        assert ids == sorted(set(ids))
        trades = own["trade_id"][own["kind"] == TickKind.TRADE]
        assert trades.tolist() == put(day, instrument, trades=True)
        quotes = put(day, instrument, trades=False)
        assert set(ids) - set(trades.tolist()) <= set(quotes)
        assert len(ids) - len(trades) + lost[name] == len(quotes)


@given(DAYS)
def test_a_gap_comes_before_every_tick_that_follows_the_first_loss(day: Day) -> None:
    next_id = dict.fromkeys(NAMES, 0)
    for batch in batches_of(day, ONE_TO_ONE):
        for piece in batch.pieces:
            if isinstance(piece.event, Gap):
                next_id[piece.event.market] = -1  # some are missing from here on
            for tick in () if piece.ticks is None else piece.ticks:
                name, number = NAMES[tick["market"]], int(tick["trade_id"]) % 1_000
                assert next_id[name] in {-1, number}
                next_id[name] = number + 1 if next_id[name] >= 0 else -1


@given(DAYS)
def test_each_market_that_shares_an_instrument_gets_the_same_ticks(day: Day) -> None:
    found = ticks(batches_of(day, SHARED))
    by_market = [
        found["trade_id"][(found["market"] == market) & (found["slot"] == 2)].tolist()
        for market in range(3)
    ]
    assert by_market[0] == by_market[1] == by_market[2]


@given(DAYS)
def test_a_batch_opens_with_a_reading_that_nothing_in_it_exceeds(day: Day) -> None:
    for batch in batches_of(day, ONE_TO_ONE):
        first, last = batch.pieces[0].event, batch.pieces[-1].event
        assert isinstance(first, ClockRead)
        assert isinstance(last, Timer)
        assert max(stamps([batch])) == last.event_ns == first.now_ns == batch.now_ns


@given(DAYS)
def test_the_same_seed_gives_the_same_batches(day: Day) -> None:
    first, second = (batches_of(day, SHARED) for _ in range(2))
    assert ticks(first).tobytes() == ticks(second).tobytes()
    assert (events(first), numbers(first)) == (events(second), numbers(second))
