"""Paper matching: section 6. What the market gives an order; who folds it is the core."""

import math

from domain.enums import ExitReason, OrderKind, PriceSource, Purpose, TickKind
from oracle.features import Features
from oracle.state import Order, Piece
from oracle.ticks import Tick


def _opposite(features: Features, direction: int) -> int:
    """The quote an order would take."""
    return features.ask_ticks if direction > 0 else features.bid_ticks


def new_order(
    features: Features, purpose: Purpose, kind: OrderKind, direction: int, price: int, lots: int
) -> Order:
    """M1 and Q1, without the times."""
    return Order(
        purpose=purpose,
        kind=kind,
        direction=direction,
        price=price,
        remaining=lots,
        worst=_opposite(features, direction),
        arrival_ns=0,
        end_ns=0,
        mid=features.mid,
        spread=features.ask_ticks - features.bid_ticks,
    )


def order_timer(order: Order | None) -> int | None:
    """T1: the arrival of a working order, then its end."""
    if order is None or order.overdue:
        return None
    return order.end_ns if order.arrived else order.arrival_ns + 1  # after its own stamp (M1)


def _displayed_lots(features: Features, direction: int) -> int:
    """D of M4."""
    size = features.ask_size if direction > 0 else features.bid_size
    if math.isnan(size):
        return features.constants.assumed_size
    return max(1, math.floor(size * features.constants.lots_per_unit + 1e-6))


def ladder(order: Order, features: Features, without_limit: bool = False) -> list[Piece]:
    """M4: one piece a step."""
    offered = _displayed_lots(features, order.direction)
    pieces: list[Piece] = []
    remaining, step = order.remaining, 0
    while remaining > 0:
        price = order.worst + step if order.direction > 0 else max(1, order.worst - step)
        within = order.direction * (order.price - price) >= 0
        if not (within or without_limit):
            break
        lots = min(offered, remaining)
        pieces.append(Piece(price, lots, maker=False))
        remaining -= lots
        step += 1
    return pieces


def usable(features: Features, now: int, stale_quote_s: float) -> bool:
    """M3: the book is valid and not older than the limit."""
    return features.valid and not features.age(now) > stale_quote_s


def arrive(
    order: Order, features: Features, now: int, stale_quote_s: float
) -> tuple[list[Piece], bool]:
    """M3 and M6: what is filled at the arrival, and whether a rest works on."""
    order.arrived = True
    unusable = not usable(features, now, stale_quote_s)
    if order.kind is OrderKind.IOC:
        waits = order.purpose is Purpose.EXIT and order.reason is not ExitReason.PARTIAL  # E6
        return ([] if unusable else ladder(order, features)), waits
    if unusable:
        return [], False
    opposite = _opposite(features, order.direction)
    if order.direction * (order.price - opposite) >= 0:
        order.ahead = 0.0
        return ladder(order, features), True
    own = features.bid_ticks if order.direction > 0 else features.ask_ticks
    if order.direction * (order.price - own) > 0:
        order.ahead = 0.0
        return [], True
    size = features.bid_size if order.direction > 0 else features.ask_size
    unknown = math.isnan(size)
    constants = features.constants
    order.ahead = constants.assumed_size if unknown else size * constants.lots_per_unit
    return [], True


def match_tick(order: Order, features: Features, tick: Tick) -> list[Piece]:
    """M2, M5 and M7: what a tick of the traded instrument gives a working order."""
    sets_book = features.sets_book(tick)
    if sets_book and (not order.arrived or order.purpose is Purpose.EXIT):
        opposite = _opposite(features, order.direction)
        worse = max if order.direction > 0 else min
        order.worst = worse(order.worst, opposite)
    if not order.arrived:
        return []
    if order.kind is OrderKind.IOC:
        return ladder(order, features) if sets_book else []
    return _rest(order, features, tick)


def _rest(order: Order, features: Features, tick: Tick) -> list[Piece]:
    """M7."""
    everything = [Piece(order.price, order.remaining, maker=True)]
    if tick.kind is TickKind.QUOTE:
        through = order.direction * (order.price - _opposite(features, order.direction)) > 0
        return everything if through and features.price_source is PriceSource.MID else []
    beyond = order.direction * (2 * order.price - features.last)
    if beyond > 0:
        return everything
    if beyond < 0 or tick.side == order.direction:
        return []
    order.ahead -= tick.size * features.constants.lots_per_unit
    if order.ahead >= 0:
        return []
    due = math.floor(-order.ahead + 1e-6)
    if due < 1:
        return []
    order.ahead += due
    return [Piece(order.price, min(order.remaining, due), maker=True)]
