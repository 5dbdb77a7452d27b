"""Events of the shared language, told to the oracle (I6)."""

from domain.events import (
    Command,
    ContextSet,
    DayRoll,
    EndOfData,
    Event,
    Funding,
    Gap,
    Leave,
    LockSet,
    ManualOrder,
    ParameterSet,
    Release,
    SessionEdge,
    ZoneOffset,
)
from oracle.core import Oracle, OrderByHand


def apply(oracle: Oracle, event: Event) -> None:
    """Market names become the oracle's indices. ValueError for an event it does not know."""
    at = int(event.event_ns)
    names = [market.name for market in oracle.markets]
    match event:
        case Command():
            oracle.command(at, event.state, event.cause)
        case DayRoll():
            oracle.day_roll(at)
        case LockSet():
            where = None if event.market is None else names.index(event.market)
            oracle.lock_by_hand(at, where, event.until_ns)
        case Release():
            oracle.release(at, None if event.market is None else names.index(event.market))
        case SessionEdge():
            market = names.index(event.market)
            oracle.session_edge(market, at, event.open_ns, event.cut_off_ns, event.close_ns)
        case ZoneOffset():
            oracle.zone_offset(names.index(event.market), at, event.offset_ns)
        case Funding():
            oracle.funding(names.index(event.market), at, event.rate, event.mark)
        case ParameterSet():
            oracle.parameter_set(names.index(event.market), at, event.playbook)
        case EndOfData():
            oracle.end_of_data(names.index(event.market), at)
        case ContextSet():
            values = (event.smc_bias, event.plan_side, event.win_long, event.win_short)
            oracle.context(names.index(event.market), at, event.valid_until_ns, *values)
        case Gap():
            oracle.gap(names.index(event.market), at, event.slot)
        case _:
            _apply_by_hand(oracle, event)


def _apply_by_hand(oracle: Oracle, event: Event) -> None:
    """H2 and H3."""
    at = int(event.event_ns)
    match event:
        case ManualOrder():
            size, distances = (event.side, event.lots, event.limit), (event.stop, event.target)
            order = OrderByHand(*size, *distances, event.rests)
            oracle.order_by_hand(at, event.instrument, order)
        case Leave():
            oracle.leave(at, event.instrument, event.origin)
        case _:
            raise ValueError(f"the oracle does not know {type(event).__name__}")


def can_be_told(oracle: Oracle, event: Event) -> bool:
    """A parameter change needs a flat market."""
    if not isinstance(event, ParameterSet):
        return True
    names = [market.name for market in oracle.markets]
    return oracle.flat_at(names.index(event.market), int(event.event_ns))
