"""What must hold for a whole engine, whatever it gets: random days, with a restart in the middle.

A day is lived on real files; what they hold is checked without risk's or the books' own code.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from agent.replay.refold import Inputs, core_of, refold
from agent.replay.verify import verify
from db.recording.format import Opened
from db.recording.reader import Segment, segments
from domain.arrays import Rows
from domain.durable import Durable
from domain.enums import OutputKind
from domain.events import ClockRead, Event, RunStarted, Timer
from domain.units import TsNs
from engine_audit import (
    check_entries,
    check_orders,
    check_trades,
    everything,
    held,
    read_books,
    recordings,
)
from engine_days import Day, Kind, Run, live, random_day
from engine_levels import check_levels
from trading_cases import COIN

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - commits to a disk are three times all the rest
EXAMPLES: Final = max(3, settings().max_examples // 25)
PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate)  # no seed is smaller than another
SEEDS: Final = st.integers(0, 1_000_000)
# What moves with every tick, and is kept with the next thing that is said.
MOVING: Final = {
    "account": ("drawdown", "max_drawdown", "guard_peak"),
    "market": ("unrealised", "exit_cost", "best_ticks", "low_ticks", "high_ticks"),
}


@contextmanager
def lived(
    seed: int, kind: Kind = Kind.ANY, *, on_disk: bool = False
) -> Iterator[tuple[Day, Path, list[Run]]]:
    """A day that is over, and the folder that it left."""
    base = MEMORY if MEMORY.is_dir() and not on_disk else None
    with tempfile.TemporaryDirectory(dir=base) as name:
        day = random_day(seed, kind=kind)
        yield day, Path(name), live(day, Path(name))


def check(seed: int, kind: Kind = Kind.ANY, *, on_disk: bool = False) -> None:
    with lived(seed, kind, on_disk=on_disk) as (day, home, runs):
        verified = verify(recordings(home), nothing)
        assert verified.difference is None
        assert len(verified.segments) == verified.found >= 2
        assert all(part.lost == part.not_compared == 0 for part in verified.segments)
        books = read_books(home)
        positions: dict[str, Any] = {}
        for origin, book in books.items():
            assert book.chained
            check_orders(book, origin)
            check_trades(book)
            positions |= {name: lots for name, lots in held(book).items() if lots}
        assert positions == open_positions(runs[-1].ended)
        check_entries(day, home, books)
        check_levels(home)
        check_restart(home, runs)


def nothing(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


def open_positions(durable: Durable) -> dict[str, Any]:
    """Signed quantities, as the portfolio has them."""
    return {
        each.market: each.money.open.side * each.money.open.lots * COIN.lot
        for each in durable.markets
        if each.money.open is not None
    }


def check_restart(home: Path, runs: list[Run]) -> None:
    """What was kept is what there was, and the next run begins with it."""
    kept = runs[1].given
    assert kept is not None
    assert still(kept) == still(runs[0].ended)
    (started,) = [
        segment
        for segment in segments(recordings(home))
        if segment.header.opened is Opened.START and segment.header.epoch == 2
    ]
    core = core_of(started).core
    for _, value in started.inputs():
        assert isinstance(value, Event)
        core.apply(value)
        if isinstance(value, RunStarted):
            break
    assert still(core.durable(), moving=False) == still(kept, moving=False)


def still(durable: Durable, *, moving: bool = True) -> dict[str, Any]:
    """A durable state by market and as plain values, without what moves with every tick."""
    found = msgspec.to_builtins(durable)
    found["markets"] = {each["market"]: each for each in found["markets"]}
    del found["account"]["at_ns"]
    for name in MOVING["account"] if moving else ():
        del found["account"]["numbers"][name]
    for market in found["markets"].values() if moving else ():
        del market["tally"], market["quote"]
        for name in MOVING["market"]:
            del market["numbers"][name]
    text: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))  # NaN becomes None
    return text


@example(12)  # days that hold what is rare: a lock at the restart, a release just before it,
@example(15)  # both origins in one instrument
@example(19)
@settings(max_examples=EXAMPLES, phases=PHASES)
@given(SEEDS)
def test_books_recording_and_restart_agree_and_nobody_enters_who_may_not(seed: int) -> None:
    check(seed)


@example(0)  # broken, an addition beyond the cap comes in each of these
@example(9)
@settings(max_examples=max(2, EXAMPLES // 2), phases=PHASES)
@given(SEEDS)
def test_the_same_of_days_on_which_nothing_but_their_cap_ends_additions(seed: int) -> None:
    check(seed, Kind.ADDING)


@example(2)  # stops move for seconds without a word
@example(6)
@settings(max_examples=max(2, EXAMPLES // 2), phases=PHASES)
@given(SEEDS)
def test_the_same_of_days_on_which_stops_follow_in_silence(seed: int) -> None:
    check(seed, Kind.TRAILING)


def test_the_same_on_a_disk() -> None:
    check(2, on_disk=True)


def test_stops_move_in_those_days() -> None:
    with lived(2, Kind.TRAILING) as (_, home, _):
        assert check_levels(home) > 20


@settings(max_examples=max(2, EXAMPLES // 2), phases=PHASES)
@given(SEEDS)
def test_the_same_day_lived_twice_leaves_the_same_outputs_and_rows(seed: int) -> None:
    with lived(seed) as (_, one, _), lived(seed) as (_, two, _):
        assert everything(one) == everything(two)


@settings(max_examples=max(2, EXAMPLES // 2), phases=PHASES)
@given(SEEDS)
def test_how_inputs_are_cut_into_batches_changes_nothing_that_is_said(seed: int) -> None:
    with lived(seed) as (_, home, _):
        for segment in segments(recordings(home)):
            expected = b"".join(rows.tobytes() for rows in segment.outputs())
            for most in (1, 7):
                assert said(segment, cut(segment, most)) == expected


def said(segment: Segment, inputs: Inputs) -> bytes:
    heard: list[bytes] = []

    class Sink:
        def hear(self, outputs: Rows) -> None:
            heard.append(outputs.tobytes())

    refold(core_of(segment, (Sink(),)), inputs, segment.first_seq, lambda _seq, _ticks: None)
    return b"".join(heard)


def cut(segment: Segment, most: int) -> Inputs:
    """Runs of ticks in pieces, as if each had been the end of a batch and the next one's begin."""
    read_ns = TsNs(0)
    for seq, value in segment.inputs():
        if isinstance(value, ClockRead):
            read_ns = value.now_ns
        if not isinstance(value, np.ndarray):
            yield seq, value
            continue
        for at in range(0, len(value), most):
            piece = value[at : at + most]
            yield seq + at, piece
            now_ns = TsNs(int(piece["event_ns"][-1]))
            yield seq + at, Timer(event_ns=now_ns)
            yield seq + at, ClockRead(event_ns=now_ns, now_ns=read_ns)


def test_random_days_hold_enough_for_these_properties_to_mean_something() -> None:
    outputs, inputs, trades = Counter[str](), Counter[str](), 0
    for seed in range(8):
        with lived(seed) as (_, home, _):
            trades += sum(len(book.trades) for book in read_books(home).values())
            for segment in segments(recordings(home)):
                inputs.update(type(value).__name__ for _, value in segment.inputs())
                for rows in segment.outputs():
                    outputs.update(OutputKind(kind).word for kind in rows["kind"].tolist())
    assert trades >= 10
    assert set(outputs) == {kind.word for kind in OutputKind}
    wanted = (
        "Command LockSet Release ManualOrder Leave ContextSet ParameterSet Gap Funding DayRoll "
        "SessionEdge"
    )
    assert set(wanted.split()) <= set(inputs)
