"""The plan of an entry and its limit price: P1 and G23."""

import math
from typing import Final

from domain.enums import EntryStyle
from domain.parameters import TIME_OFF
from oracle.numbers import half_up, time_of_day
from oracle.state import Market, Plan

_ALWAYS: Final = (
    "exit.break_even_trigger",
    "exit.break_even_offset",
    "exit.offset_trigger",
    "exit.offset_gain",
    "exit.lock_trigger",
    "exit.trail_trigger",
    "exit.trail_distance",
    "exit.tight_trigger",
    "exit.tight_distance",
    "exit.fast_move",
    "exit.fast_distance",
    "exit.trail_step",
    "exit.tighten_distance",
    "exit.partial_trigger",
    "averaging.loss_budget",
    "entry.limit_offset",
    "exit.limit_offset",
)


def stop_and_target(market: Market, now: int) -> tuple[str, str]:
    """P1: the paths of those in force, of a period or of the whole day."""
    minute = time_of_day(now, market.zone_offset_ns)
    latest, found = TIME_OFF, ""
    for number in (1, 2, 3):
        begins = market.settings.whole(f"exit.period_{number}_from")
        if begins != TIME_OFF and latest <= begins <= minute:
            latest, found = begins, f"period_{number}_"
    return f"exit.{found}stop", f"exit.{found}target"


def plan_is_ready(market: Market, now: int) -> bool:
    """G22, but for the book: no distance of the plan and no limit offset is NaN."""
    features, settings = market.features, market.settings
    for path in (*stop_and_target(market, now), *_ALWAYS):
        if not settings.reach(path).off and math.isnan(features.distance(path, features.mid)):
            return False
    return True


def in_ticks(market: Market, path: str) -> int:
    """`ticks(d, mid)` of C7."""
    features = market.features
    return half_up(features.distance(path, features.mid) / 2)


def offset_ticks(market: Market, path: str, least: int) -> int:
    """G23 and E4; the least where its ATR is not ready: after a gap, a restart, or by hand."""
    distance = market.features.distance(path, market.features.mid)
    return least if math.isnan(distance) else max(least, half_up(distance / 2))


def make_plan(market: Market, now: int) -> Plan:
    """P1."""
    features, settings = market.features, market.settings

    def at_least_the_spread(path: str) -> int:
        return max(1, features.ask_ticks - features.bid_ticks, in_ticks(market, path))

    def unless_off(path: str) -> int | None:
        return None if settings.reach(path).off else at_least_the_spread(path)

    stop, target = stop_and_target(market, now)
    fast_is_off = settings.reach("exit.fast_move").off
    return Plan(
        stop=at_least_the_spread(stop),
        target=unless_off(target),
        break_even_trigger=unless_off("exit.break_even_trigger"),
        break_even_offset=max(0, in_ticks(market, "exit.break_even_offset")),
        offset_trigger=unless_off("exit.offset_trigger"),
        offset_gain=max(0, in_ticks(market, "exit.offset_gain")),
        lock_trigger=unless_off("exit.lock_trigger"),
        trail_trigger=unless_off("exit.trail_trigger"),
        trail_distance=at_least_the_spread("exit.trail_distance"),
        tight_trigger=unless_off("exit.tight_trigger"),
        tight_distance=at_least_the_spread("exit.tight_distance"),
        fast_move=None if fast_is_off else max(1, in_ticks(market, "exit.fast_move")),
        fast_distance=at_least_the_spread("exit.fast_distance"),
        trail_step=max(1, in_ticks(market, "exit.trail_step")),
        tighten_distance=at_least_the_spread("exit.tighten_distance"),
        partial_trigger=unless_off("exit.partial_trigger"),
        loss_budget=max(0, in_ticks(market, "averaging.loss_budget")),
    )


def plan_by_hand(stop: int, target: int) -> Plan:
    """H2: what is not its stop or its target is off."""
    return Plan(
        stop=stop,
        target=target or None,
        break_even_trigger=None,
        break_even_offset=0,
        offset_trigger=None,
        offset_gain=0,
        lock_trigger=None,
        trail_trigger=None,
        trail_distance=0,
        tight_trigger=None,
        tight_distance=0,
        fast_move=None,
        fast_distance=0,
        trail_step=0,
        tighten_distance=0,
        partial_trigger=None,
        loss_budget=0,
    )


def entry_limit(market: Market, side: int) -> int:
    """G23."""
    features = market.features
    if market.settings.whole("entry.style") == EntryStyle.RESTING:
        return features.bid_ticks if side > 0 else features.ask_ticks
    return marketable_limit(market, side)


def marketable_limit(market: Market, side: int) -> int:
    """G23, of a marketable entry."""
    features = market.features
    offset = offset_ticks(market, "entry.limit_offset", 0)
    return features.ask_ticks + offset if side > 0 else max(1, features.bid_ticks - offset)
