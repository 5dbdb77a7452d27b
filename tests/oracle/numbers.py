"""Numbers of an instrument and of a playbook, as sections 0 and 9 of the rules define them."""

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

import msgspec

from domain.distances import Distance
from domain.enums import Contract
from domain.frames import frame_index
from domain.instruments import Instrument
from domain.playbooks import Playbook
from domain.units import EXACT, ROUNDED

NAN: Final = math.nan
INFINITY: Final = math.inf


def half_up(value: float) -> int:
    """C1."""
    return math.floor(value + 0.5)


def nanoseconds(seconds: float) -> int:
    """Seconds of a setting as whole nanoseconds, so that a timer and its condition agree."""
    return half_up(seconds * 1e9)


def seconds(duration_ns: int) -> float:
    """C4."""
    return duration_ns / 1e9


def time_of_day(now: int, offset_ns: int) -> int:
    """C9: minutes since the local midnight."""
    return (now + offset_ns) % 86_400_000_000_000 // 60_000_000_000


def whole_standards(multiple: float, standard_lots: int) -> int:
    """R20 and A1: lots of so many standard sizes, down, the multiple as it was written."""
    return int((Decimal(str(multiple)) * standard_lots).to_integral_value(ROUND_FLOOR))


class Constants(msgspec.Struct, frozen=True):
    """C5: each computed in decimals and rounded to a double once; money keeps its decimals."""

    ticks_per_price: float
    lots_per_unit: float
    inverse: bool
    value: float  # micro-units of one tick on one lot; of an inverse lot at one tick
    latency_ns: int
    maker: float
    taker: float
    half_spread: int
    assumed_size: int
    shortable: bool
    min_notional: float
    standard_lots: int
    tick_size: Decimal
    tick_value: Decimal  # account currency of one tick on one lot
    lot_value: Decimal  # lot x multiplier
    rate: Decimal  # of the settlement currency
    maker_fee: Decimal
    taker_fee: Decimal


def constants_of(instrument: Instrument, rate: Decimal) -> Constants:
    """C5."""
    lot_value = EXACT.multiply(instrument.lot, instrument.multiplier)
    tick_value = EXACT.multiply(EXACT.multiply(instrument.tick, lot_value), rate)
    value = EXACT.multiply(tick_value, Decimal(1_000_000))
    inverse = instrument.contract is Contract.INVERSE
    if inverse:
        worth = EXACT.multiply(EXACT.multiply(lot_value, rate), Decimal(1_000_000))
        value = ROUNDED.divide(worth, instrument.tick)
    half_spread = ROUNDED.divide(instrument.assumed_half_spread, instrument.tick)
    assumed_size = ROUNDED.divide(instrument.assumed_size, instrument.lot)
    return Constants(
        ticks_per_price=float(ROUNDED.divide(Decimal(1), instrument.tick)),
        lots_per_unit=float(ROUNDED.divide(Decimal(1), instrument.lot)),
        inverse=inverse,
        value=float(value),
        latency_ns=instrument.latency_ms * 1_000_000,
        maker=float(instrument.fees.maker),
        taker=float(instrument.fees.taker),
        half_spread=max(1, int(half_spread.to_integral_value(ROUND_CEILING))),
        assumed_size=max(1, int(assumed_size.to_integral_value(ROUND_FLOOR))),
        shortable=instrument.shortable,
        min_notional=float(EXACT.multiply(instrument.min_notional, rate)),
        standard_lots=instrument.standard_lots,
        tick_size=instrument.tick,
        tick_value=tick_value,
        lot_value=lot_value,
        rate=rate,
        maker_fee=instrument.fees.maker,
        taker_fee=instrument.fees.taker,
    )


class Reach(msgspec.Struct, frozen=True):
    """C7: a distance as three numbers, each 0 where absent, and the flag "off"."""

    half_ticks: float
    fraction: float
    atr_multiple: float
    frame: int
    off: bool


def reach_of(distance: Distance, tick_size: Decimal) -> Reach:
    """C7, in decimals, each number rounded to a double once."""
    points = ROUNDED.divide(2 * distance.pt, tick_size)
    return Reach(
        half_ticks=max(float(2 * distance.tick), float(points)),
        fraction=float(ROUNDED.divide(distance.bp, Decimal(10_000))),
        atr_multiple=float(distance.atr),
        frame=frame_index(distance.atr_frame),
        off=distance.off,
    )


def resolve(reach: Reach, price: float, atr: Callable[[int], float]) -> float:
    """C7: half-ticks at a price in half-ticks; NaN if an ATR is asked for and not ready."""
    terms = [reach.half_ticks, reach.fraction * price]
    if reach.atr_multiple > 0:
        terms.append(reach.atr_multiple * atr(reach.frame))
    return NAN if any(math.isnan(term) for term in terms) else max(terms)


class Settings:
    """A playbook's values by path, for one instrument; W1 puts another playbook in its place."""

    def __init__(self, playbook: Playbook, constants: Constants) -> None:
        self._tick_size = constants.tick_size
        self.adopt(playbook)

    def adopt(self, playbook: Playbook) -> None:
        self.content_hash = playbook.content_hash
        self.gates = playbook.gates
        self._values = playbook.values
        self._reaches = {
            path: reach_of(value, self._tick_size)
            for path, value in playbook.values.items()
            if isinstance(value, Distance)
        }

    def number(self, path: str) -> float:
        value = self._values[path]
        assert not isinstance(value, Distance)
        return value

    def whole(self, path: str) -> int:
        return int(self.number(path))

    def ns(self, path: str) -> int:
        return nanoseconds(self.number(path))

    def reach(self, path: str) -> Reach:
        return self._reaches[path]
