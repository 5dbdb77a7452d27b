"""Payloads: rows column by column, whole numbers as differences; events between the ticks.

Differences wrap around like the numbers they are made of, so that every bit comes back. Measured on
recorded ticks this halves what zstd makes of the rows as they are (docs/recording.md).
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from domain.arrays import Rows
from domain.rows.tick import TICK

_WORD: Final = 8  # bytes of every field
_COUNT: Final = struct.Struct("<I")


class PlacedEvent(msgspec.Struct, frozen=True):
    """An encoded event and how many inputs of its block come before it."""

    place: int
    data: bytes


def pack_rows(rows: Rows) -> bytes:
    """Rows of TICK or OUTPUT as one column after the other."""
    numbers = rows.view("<i8").reshape(len(rows), rows.itemsize // _WORD)
    columns = np.array(numbers.T, order="C")  # a copy even of one row
    whole = columns[: _whole(rows.dtype)]
    whole[:, 1:] -= whole[:, :-1].copy()
    return columns.tobytes()


def unpack_rows(data: bytes, dtype: np.dtype[np.void]) -> Rows:
    """The rows that were packed."""
    columns = np.frombuffer(data, "<i8").reshape(dtype.itemsize // _WORD, -1).copy()
    whole = columns[: _whole(dtype)]
    np.cumsum(whole, axis=1, out=whole)
    return np.ascontiguousarray(columns.T).reshape(-1).view(dtype)


def _whole(dtype: np.dtype[np.void]) -> int:
    """Columns of whole numbers; they lie in front."""
    return sum(dtype[name] == np.int64 for name in dtype.names or ())


def pack_inputs(ticks: Rows, events: Sequence[PlacedEvent]) -> bytes:
    """Count, places, lengths and bytes of the events, then the ticks."""
    table = np.array([(each.place, len(each.data)) for each in events], "<u4")
    head = _COUNT.pack(len(events)) + table.tobytes()
    return b"".join((head, *(each.data for each in events), pack_rows(ticks)))


def unpack_inputs(data: bytes) -> Iterator[tuple[int, Rows | bytes]]:
    """Runs of ticks and encoded events in order, each with how many inputs come before it."""
    (count,) = _COUNT.unpack_from(data)
    table = np.frombuffer(data, "<u4", 2 * count, _COUNT.size).reshape(-1, 2).tolist()
    start = _COUNT.size + _WORD * count
    ticks = unpack_rows(data[start + sum(length for _, length in table) :], TICK)
    done = taken = 0  # inputs and ticks so far
    for place, length in table:
        if place > done:
            yield done, ticks[taken : taken + place - done]
            taken += place - done
        yield place, data[start : start + length]
        start += length
        done = place + 1
    if taken < len(ticks):
        yield done, ticks[taken:]
