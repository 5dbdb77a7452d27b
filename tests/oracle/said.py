"""What the oracle says: section 8."""

import msgspec

from domain.enums import Gate, OutputKind
from domain.frames import FRAME_SECONDS
from oracle.candle import Candle
from oracle.numbers import NAN
from oracle.state import Market, Run


class Said(msgspec.Struct, frozen=True):
    """The fields of O1."""

    event_ns: int
    market: int
    decision_seq: int
    kind: OutputKind
    code: int
    side: int
    price: int
    lots: int
    mid_half: int
    last_half: int
    first_ns: int
    distances: list[float]


def say(
    market: Market | None,
    event_ns: int,
    kind: OutputKind,
    *,
    code: int = 0,
    side: int = 0,
    price: int = 0,
    lots: int = 0,
    first_ns: int = 0,
    distances: tuple[float, ...] = (),
) -> Said:
    """O1; without a market (-1) there is no sequence and no price."""
    if market is not None:
        market.said += 1
    return Said(
        event_ns=event_ns,
        market=-1 if market is None else market.index,
        decision_seq=0 if market is None else market.said,
        kind=kind,
        code=int(code),
        side=side,
        price=price,
        lots=lots,
        mid_half=0 if market is None else market.features.mid,
        last_half=0 if market is None else market.features.last,
        first_ns=first_ns,
        distances=[*distances, *[NAN] * (len(Gate) - len(distances))],
    )


def say_closed(market: Market, frame: int, candle: Candle, event_ns: int) -> Said:
    """A candle of a frame that is subscribed to."""
    return say(
        market,
        event_ns,
        OutputKind.CANDLE_CLOSED,
        code=frame,
        lots=candle.count,
        first_ns=candle.bucket * FRAME_SECONDS[frame] * 1_000_000_000,
        distances=(candle.open, candle.high, candle.low, candle.close, candle.volume),
    )


def say_run(market: Market, run: Run, event_ns: int) -> Said:
    """A rejection run that ends."""
    return say(
        market,
        event_ns,
        OutputKind.REJECTION_RUN,
        code=run.gate,
        lots=run.count,
        first_ns=run.first_ns,
        distances=(run.nearest, (run.last_ns - run.first_ns) / 1e9),
    )
