"""The ring keeps arrival order, loses books before trades, and says what it lost, and where."""

import asyncio
from typing import Final

import numpy as np
import pytest

from agent.service.ring import Dropped, Ring
from domain.arrays import Rows
from domain.rows.tick import TICK
from service_cases import quotes, trades
from virtual_loop import run_virtual


def ids(ring: Ring, limit: int = 100) -> list[int]:
    found: list[int] = ring.take(limit).rows["trade_id"].tolist()
    return found


def filled(*parts: Rows, capacity: int = 4) -> Ring:
    ring = Ring(capacity)
    for part in parts:
        ring.put(part)
    return ring


def dropped(before: int, market: int, lost: int, recv: tuple[int, int] = (0, 0)) -> Dropped:
    return Dropped(
        before=before, market=market, slot=0, lost=lost, first_recv_ns=recv[0], last_recv_ns=recv[1]
    )


def test_rows_come_out_in_the_order_in_which_they_were_put() -> None:
    ring = filled(trades(1), quotes(2, 3), trades(4))
    assert (ids(ring, 3), ids(ring), ids(ring)) == ([1, 2, 3], [4], [])


def test_a_row_comes_out_as_it_was_put() -> None:
    row = np.frombuffer(bytes(range(128)), TICK).copy()
    row["kind"] = 1
    assert filled(row).take().rows.tobytes() == row.tobytes()


def test_taken_rows_are_not_written_again() -> None:
    ring = filled(trades(1, 2, 3, 4))
    kept = ring.take().rows
    for number in range(20):
        ring.put(trades(number))
        ring.take()
    assert kept["trade_id"].tolist() == [1, 2, 3, 4]


def test_the_oldest_books_go_first() -> None:
    ring = filled(quotes(1), trades(2), quotes(3, 4), trades(5, 6))
    assert ids(ring) == [2, 4, 5, 6]


def test_no_more_books_go_than_room_is_needed_for() -> None:
    assert ids(filled(quotes(1, 2, 3, 4), quotes(5))) == [2, 3, 4, 5]


def test_a_new_book_goes_where_all_others_are_trades() -> None:
    ring = filled(trades(1, 2, 3, 4))
    assert ring.put(quotes(5)) == 1
    assert ids(ring) == [1, 2, 3, 4]


def test_a_put_larger_than_the_ring_keeps_its_newest_books() -> None:
    assert ids(filled(quotes(1), quotes(2, 3, 4, 5, 6, 7))) == [4, 5, 6, 7]


def test_trades_that_do_not_fit_are_refused_and_what_comes_after_them() -> None:
    ring = filled(quotes(1), trades(2, 3))
    assert ring.put(np.concatenate([trades(4), quotes(5), trades(6, 7), quotes(8)])) == 3
    assert ids(ring) == [2, 3, 4, 6]


def test_a_full_ring_of_trades_lets_the_feed_wait() -> None:
    async def feed() -> list[int]:
        ring = filled(trades(1, 2, 3))
        found: list[int] = []
        async with asyncio.TaskGroup() as group:
            group.create_task(ring.put_all(trades(*range(4, 14))))
            while len(found) < 13:
                await asyncio.sleep(1)
                found += ids(ring)
        return found

    assert run_virtual(1, feed) == list(range(1, 14))


def test_what_was_lost_is_told_once_by_market_at_the_place_of_the_first() -> None:
    ring = filled(trades(1), quotes(2, recv_ns=5), quotes(3, market=1, recv_ns=6))
    ring.put(np.concatenate([quotes(4, recv_ns=7), trades(5, 6, 7)]))
    taken = ring.take()
    assert taken.rows["trade_id"].tolist() == [1, 5, 6, 7]
    assert taken.dropped == (dropped(1, 0, 2, (5, 7)), dropped(1, 1, 1, (6, 6)))
    assert ring.take().dropped == ()
    assert ring.drops == {(0, 0): 2, (1, 0): 1}


def test_what_was_lost_further_on_is_told_with_the_rows_there() -> None:
    ring = filled(trades(1, 2, 3), quotes(4), trades(5))
    first, second = ring.take(2), ring.take()
    assert (first.dropped, second.dropped) == ((), (dropped(1, 0, 1),))


def test_losses_one_by_one_are_told_each_at_its_place() -> None:
    ring = filled(quotes(1), trades(2), quotes(3, market=1), trades(4), trades(5), capacity=3)
    taken = ring.take()
    assert taken.rows["trade_id"].tolist() == [2, 4, 5]
    assert taken.dropped == (dropped(0, 0, 1), dropped(1, 1, 1))


def test_rows_that_move_in_the_buffer_keep_their_order_and_their_losses() -> None:
    ring = filled(trades(1))
    for number in range(2, 40):
        ring.put(quotes(number))
    ring.put(trades(40))
    taken = ring.take()
    assert taken.rows["trade_id"].tolist() == [1, 38, 39, 40]
    assert taken.dropped == (dropped(1, 0, 36),)


@pytest.mark.parametrize("count", [1, 3])
def test_a_put_tells_that_something_arrived(count: int) -> None:
    assert filled(trades(*range(count))).arrived.is_set()


NOTHING: Final = np.zeros(0, TICK)


def test_nothing_can_be_put_and_taken() -> None:
    ring = filled(NOTHING)
    assert (len(ring), ids(ring)) == (0, [])
