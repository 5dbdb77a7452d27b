"""What the figures of a replay are drawn from. Arrays are thinned, so that they stay small."""

from itertools import pairwise
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from domain.arrays import Floats
from reporting.excursions import Excursions

Ints = npt.NDArray[np.int64]
COLUMNS: Final = 1_000
EQUITY_SAMPLES: Final = 2_000
NARROW_COLUMNS: Final = 300


class EquityPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The account on its way: marked at the exit-side quotes, as the core had it.

    at_ns, equity, peak  one entry a sample that differs from the one before, and the last one;
                         `peak` is the highest equity of any tick so far.
    every                ticks between two samples; each close is one as well.
    """

    at_ns: Ints
    equity: Floats
    peak: Floats
    every: int

    @property
    def moved(self) -> bool:
        """A position was open at some time; else there is nothing to draw."""
        return bool(np.any(self.equity != self.equity[0]))


class PricePicture(msgspec.Struct, frozen=True, kw_only=True):
    """A market's price: of each column of time the first, lowest, highest and last.

    columns       that its time was cut into.
    of_trades     prices of trades, else mids of quotes.
    currency      in which it is quoted.
    """

    market: str
    at_ns: Ints
    price: Floats
    columns: int
    of_trades: bool
    currency: str


class Pictures(msgspec.Struct, frozen=True, kw_only=True):
    """Of a whole replay.

    ends_ns     its first and its last time.
    excursions  of its trades, in their order.
    simulated   markets that do not exist.
    """

    equity: EquityPicture
    prices: tuple[PricePicture, ...]
    excursions: tuple[Excursions, ...]
    ends_ns: tuple[int, int]
    simulated: tuple[str, ...] = ()


def thinned(at_ns: Ints, values: Floats, columns: int) -> Ints:
    """Positions of the first, lowest, highest and last value of each column of time, ascending.

    A line through them covers the same pixels as one through all, if no column is wider than one.

    at_ns    ascending, at least one; `values` are finite.
    columns  of equal length between the first and the last time, at least 1.
    """
    start, length = int(at_ns[0]), int(at_ns[-1]) - int(at_ns[0]) + 1
    width = -(-length // columns)
    column = (at_ns - start) // width
    edges = [0, *(np.flatnonzero(np.diff(column)) + 1).tolist(), len(column)]
    kept: set[int] = set()
    for first, end in pairwise(edges):
        part = values[first:end]
        lowest, highest = int(part.argmin()), int(part.argmax())
        kept.update((first, first + lowest, first + highest, end - 1))
    return np.array(sorted(kept), np.int64)


def apart(across: Floats, along: Floats, cells: tuple[int, int]) -> Ints:
    """Positions of points of which no two lie in one cell of a grid, ascending: the first of each.

    Of marks that would cover each other one is enough.

    cells  of the grid between the smallest and the largest number each way.
    """
    places = np.zeros(len(across), np.int64)
    for values, count in ((across, cells[0]), (along, cells[1])):
        low, height = float(values.min(initial=np.inf)), float(np.ptp(values)) if len(values) else 0
        steps = (values - low) / height * (count - 1) if height else np.zeros(len(values))
        places = places * count + steps.astype(np.int64)
    found: Ints = np.sort(np.unique(places, return_index=True)[1])
    return found
