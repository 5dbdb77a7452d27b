"""One row of the TICK array as plain Python values."""

from collections.abc import Mapping

import msgspec
import numpy as np

from domain.enums import TickKind


class Tick(msgspec.Struct, frozen=True):
    event_ns: int
    ts_ns: int
    market: int
    slot: int
    kind: TickKind
    side: int
    price: float
    size: float
    bid: float
    ask: float
    bid_size: float
    ask_size: float


def read_tick(row: np.void | Mapping[str, float]) -> Tick:
    """Fields by name; whole numbers stay whole."""
    return Tick(
        event_ns=int(row["event_ns"]),
        ts_ns=int(row["ts_ns"]),
        market=int(row["market"]),
        slot=int(row["slot"]),
        kind=TickKind(int(row["kind"])),
        side=int(row["side"]),
        price=float(row["price"]),
        size=float(row["size"]),
        bid=float(row["bid"]),
        ask=float(row["ask"]),
        bid_size=float(row["bid_size"]),
        ask_size=float(row["ask_size"]),
    )
