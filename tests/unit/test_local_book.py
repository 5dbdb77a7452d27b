"""A book kept from a snapshot and changes, and that it knows when it is not one any more."""

import msgspec
import polars as pl
import pytest

from market.feeds.local_book import BookState, Breach, LocalBook
from market.venues.sink import Level
from recorded import recorded


class Change(msgspec.Struct, frozen=True):
    """BookChange."""

    first_id: int
    last_id: int
    previous_id: int | None = None
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    ts_ns: int = 0


def known(*changes: Change) -> LocalBook:
    """A book of one level a side, number 100, and what followed."""
    book = LocalBook()
    book.snapshot(100, [(9.0, 1.0)], [(10.0, 1.0)])
    for change in changes:
        book.change(change)
    return book


def test_changes_move_the_best_levels() -> None:
    book = known(
        Change(101, 103, 100, bids=((9.5, 2.0),)),
        Change(104, 104, 103, bids=((9.5, 0.0),), asks=((10.0, 0.0), (11.0, 4.0))),
    )
    assert book.best == ((9.0, 1.0), (11.0, 4.0))


def test_changes_before_the_snapshot_are_applied_after_it_or_passed_over() -> None:
    book = LocalBook()
    book.change(Change(90, 99, 89, bids=((9.9, 5.0),)))
    book.change(Change(100, 105, 99, bids=((9.5, 2.0),)))
    assert book.state is BookState.WAITING
    book.snapshot(102, [(9.0, 1.0)], [(10.0, 1.0)])
    assert (book.state, book.best) == (BookState.KNOWN, ((9.5, 2.0), (10.0, 1.0)))


@pytest.mark.parametrize(
    "change",
    [Change(105, 106, 104), Change(105, 106), Change(103, 104)],
    ids=["names another before it", "does not begin behind it", "begins too late"],
)
def test_a_change_that_does_not_follow_breaks_the_book(change: Change) -> None:
    book = known(Change(101, 101, 100), change)
    assert (book.state, book.breach, book.best) == (BookState.BROKEN, Breach.SEQUENCE, None)


def test_a_bid_that_reaches_the_ask_breaks_the_book() -> None:
    book = known(Change(101, 101, 100, bids=((10.0, 1.0),)))
    assert (book.state, book.breach) == (BookState.BROKEN, Breach.CROSSED)


def test_a_book_unlike_the_venues_own_is_broken() -> None:
    book = known()
    assert book.compare((9.0, 1.0), (10.0, 1.0))
    assert not book.compare((9.0, 1.0), (10.0, 2.0))
    assert (book.state, book.breach) == (BookState.BROKEN, Breach.DIFFERENT)


@pytest.mark.parametrize("number", [104, 106])
def test_a_broken_book_is_known_again_after_another_snapshot_with_what_came_meanwhile(
    number: int,
) -> None:
    book = known(Change(101, 101, 100), Change(105, 106, 104), Change(107, 107, 106))
    book.snapshot(number, [(8.0, 1.0)], [(12.0, 1.0)])
    assert (book.state, book.last_id, book.best) == (
        BookState.KNOWN,
        107,
        ((8.0, 1.0), (12.0, 1.0)),
    )


def test_an_empty_side_has_no_best() -> None:
    assert known(Change(101, 101, 100, asks=((10.0, 0.0),))).best is None


def test_a_recorded_book_is_rebuilt_without_a_breach() -> None:
    rows = pl.read_parquet(recorded("depth/BTCUSDT-usdm-20240808-l2.parquet")).head(150_000)
    book, applied = LocalBook(), 0
    groups = rows.group_by("recv_ns", "last_id", "snapshot", maintain_order=True)
    for (_, last_id, is_snapshot), part in groups:
        sides = [
            [(price, size) for price, size in part.filter(side=side)[["price", "size"]].iter_rows()]
            for side in (1, -1)
        ]
        if is_snapshot:
            book.snapshot(int(str(last_id)), *sides)
        else:
            first, previous = part["first_id"][0], part["prev_id"][0]
            change = Change(first, int(str(last_id)), previous, tuple(sides[0]), tuple(sides[1]))
            applied += book.change(change) is BookState.KNOWN
    assert (book.state, book.breach) == (BookState.KNOWN, None)
    assert applied > 1_000
