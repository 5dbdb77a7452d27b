"""What lots are worth, and what they lose at a stop (docs/rules.md, C5 and R18)."""

import msgspec

from domain.costs import gain_micro, notional_micro
from domain.enums import Side


class LotWorth(msgspec.Struct, frozen=True):
    """`value` of C5 in micro-units, of an inverse contract or not; `taker` of notional."""

    value: float
    inverse: bool
    taker: float


def loss_at_stop_micro(worth: LotWorth, side: Side, limit: int, stop: int, lots: int) -> float:
    """R18: what `lots` entered at `limit` lose `stop` ticks away, taker fees of both ways in.

    Infinite without a stop: then there is no telling.
    """
    if stop < 1 or limit < 1:
        return float("inf")
    level = limit - side * stop
    if level < 1 and worth.inverse:
        return float("inf")
    loss = -side * gain_micro(limit, level, lots, worth.value, worth.inverse)
    notional = notional_micro(limit, lots, worth.value, worth.inverse)
    return loss + 2 * worth.taker * notional
