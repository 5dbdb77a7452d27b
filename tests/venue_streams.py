"""Recorded websocket streams, message by message, and what an intake makes of them."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from domain.arrays import Rows
from market.feeds.intake import Intake
from market.venues import binance


def messages(path: Path) -> Iterator[tuple[int, bytes]]:
    """Receiver's clock and text of each message of a stream."""
    with gzip.open(path) as lines:
        for line in lines:
            stamp, _, text = line.rstrip(b"\n").partition(b" ")
            yield int(stamp), text


def rows_of(path: Path, symbol: str) -> Rows:
    """All ticks of a stream, as they would enter the ring as place 0."""
    intake = Intake({symbol: 0})
    for recv_ns, text in messages(path):
        intake.recv_ns = recv_ns
        binance.tell(text, intake)
    rows = intake.take()
    assert rows is not None
    return rows


class Heard:
    """A MarketSink that writes down what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def trade(self, *told: object) -> None:
        """MarketSink."""
        self.said.append(("trade", *told))

    def quote(self, *told: object) -> None:
        """MarketSink."""
        self.said.append(("quote", *told))

    def book(self, symbol: str, change: object) -> None:
        """MarketSink."""
        self.said.append(("book", symbol, change))

    def other(self, what: str) -> None:
        """MarketSink."""
        self.said.append(("other", what))


def heard(message: bytes) -> tuple[object, ...]:
    """The one thing that a message told."""
    sink = Heard()
    binance.tell(message, sink)
    (said,) = sink.said
    return said


def same(first: Rows, second: Rows, names: tuple[str, ...]) -> bool:
    """Whether columns of two arrays hold the same bits; NaN equals NaN."""
    return all(np.array_equal(first[name], second[name], equal_nan=True) for name in names)
