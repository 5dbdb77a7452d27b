"""Pools of liquidity: equal highs or lows, and who takes them (docs/smc.md, "Pools")."""

import numpy as np

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import closing, in_atr, index_of, upper
from strategies.smc.objects import announce, begin, far_of, keep, near_of, remove, set_edges, tell


@kernel
def fold_pools(smc: Record, rules: Record, out: Rows) -> None:
    """Take the pools that this candle reached, then add its new swings.

    Look-ahead  none: a pool is known when its last swing is.
    """
    for side in (1, -1):
        _take(smc, side, out)
        if smc["swings"]["fresh"][index_of(side)] == 1:
            _add(smc, rules, side, out)


@kernel
def _take(smc: Record, side: int, out: Rows) -> None:
    pools, i, now = smc["pools"], index_of(side), smc["now"]
    for k in range(pools["count"][i] - 1, -1, -1):
        pool = pools["open"][i][k]
        if upper(now, side) <= pool["limit"]:
            continue
        if pool["serial"] > 0:
            back = closing(now, side) <= near_of(pool, side)
            event = SmcEvent.SWEPT if back else SmcEvent.BROKEN
            beyond = in_atr(upper(now, side) - near_of(pool, side), smc["atr"])
            tell(smc, pool, event, beyond, out)
        remove(pools, i, k)


@kernel
def _add(smc: Record, rules: Record, side: int, out: Rows) -> None:
    swing = smc["swings"]["newest"][index_of(side)]
    if not smc["atr"] > 0.0:
        return
    tolerance = rules["pool_tolerance_atr"] * smc["atr"]
    pools, i = smc["pools"], index_of(side)
    found = _nearest(smc, side, tolerance)
    if found < 0:
        begin(smc, SmcKind.POOL, 0, side, swing["formed_bar"])
        draft = smc["draft"]
        level = near_of(swing, side)
        set_edges(draft, level, level)
        draft["serial"] = 0  # not yet an object, so it leaves a full list without a row
        draft["limit"] = level + int(np.floor(tolerance))
        draft["life"] = level
        draft["touches"] = 1
        keep(smc, pools, i, out)
        return
    pool = pools["open"][i][found]
    if swing["formed_bar"] - pool["last_bar"] < rules["swing_length"]:
        return  # part of the same top
    _touch(pool, swing, side)
    if pool["serial"] > 0:
        tell(smc, pool, SmcEvent.EXTENDED, 0.0, out)
        return
    if pool["touches"] < rules["pool_touches"]:
        return
    smc["draft"] = pool
    smc["draft"]["basis"] = smc["atr"]
    announce(smc, near_of(pool, side) - far_of(pool, side), out)
    pools["open"][i][found] = smc["draft"]


@kernel
def _touch(pool: Record, swing: Record, side: int) -> None:
    """Count a swing among the pool's, whose edges are those of all of them."""
    level = near_of(swing, side)
    set_edges(pool, min(far_of(pool, side), level), max(near_of(pool, side), level))
    pool["touches"] += 1
    pool["last_bar"] = swing["formed_bar"]


@kernel
def _nearest(smc: Record, side: int, tolerance: float) -> int:
    """Place of the pool whose first swing is nearest, within the tolerance; -1 if there is none.

    Of equally near ones it is the one that was touched last.
    """
    pools, i = smc["pools"], index_of(side)
    level = near_of(smc["swings"]["newest"][i], side)
    found, shortest, latest = -1, tolerance, -1
    for k in range(pools["count"][i]):
        pool = pools["open"][i][k]
        distance = float(abs(level - pool["life"]))
        if distance < shortest or (distance == shortest and pool["last_bar"] > latest):
            found, shortest, latest = k, distance, pool["last_bar"]
    return found
