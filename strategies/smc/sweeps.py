"""Sweeps of swings, and the reversal that confirms them (docs/smc.md, "Sweeps").

A sweep is on the side that it speaks for: one of a high is bearish.
"""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT, SWEPT_KEPT
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import closing, in_atr, index_of, lower, opening, reaches, upper
from strategies.smc.objects import announce, begin, keep, near_of, remove, set_edges, tell

TAKEN = 1
CONFIRMED = int(SmcEvent.CONFIRMED)
FAILED = int(SmcEvent.FAILED)


@kernel
def fold_sweeps(smc: Record, rules: Record, out: Rows) -> None:
    """Confirm or fail the open sweeps, then look for new ones.

    Look-ahead  none: a sweep is known at the close of its candle, its confirmation later.
    """
    for side in (1, -1):  # of the swings: the sweeps are of the other side
        _follow(smc, rules, side, out)
        _sweep(smc, rules, side, out)
        if smc["swings"]["changed"] == side:
            _watch(smc, side)


@kernel
def _watch(smc: Record, side: int) -> None:
    """Keep the newest leg swing of a side, in place of the one that it supersedes or the oldest."""
    swings, i = smc["swings"], index_of(side)
    place = (swings["leg_count"] - 1) // 2 % SWEPT_KEPT  # legs of the two sides take turns
    smc["sweeps"]["levels"][i][place] = swings["extreme"][i]


@kernel
def _follow(smc: Record, rules: Record, side: int, out: Rows) -> None:
    sweeps, i, now = smc["sweeps"]["zones"], index_of(-side), smc["now"]
    for k in range(sweeps["count"][i] - 1, -1, -1):
        sweep = sweeps["open"][i][k]
        extreme = near_of(sweep, side)
        back = extreme - lower(now, side)
        event = 0
        if upper(now, side) > extreme:
            event = FAILED  # whatever it did afterwards: within a candle the order is not known
        elif reaches(back, rules["sweep_reversal_atr"], sweep["basis"]):
            event = CONFIRMED
        elif smc["bars"] - 1 - sweep["known_bar"] >= rules["sweep_candles"]:
            event = FAILED
        if event != 0:
            detail = in_atr(back, sweep["basis"])
            tell(smc, sweep, event, detail, out)
            remove(sweeps, i, k)


@kernel
def _sweep(smc: Record, rules: Record, side: int, out: Rows) -> None:
    """One sweep for a candle and side, of the farthest swing that it swept."""
    sweeps, i, now = smc["sweeps"], index_of(side), smc["now"]
    farthest, swept = -1, 0
    for k in range(SWEPT_KEPT):
        level = sweeps["levels"][i][k]
        if level["serial"] == 0 or level["life"] == TAKEN:
            continue
        if upper(now, side) <= near_of(level, side):
            continue
        if closing(now, side) >= near_of(level, side):
            level["life"] = TAKEN
        elif _is_swept(smc, rules, side, k):
            level["life"] = TAKEN
            swept += 1
            if farthest < 0 or _beyond(sweeps["levels"][i], farthest, k, side):
                farthest = k
    if farthest < 0:
        return
    level = near_of(sweeps["levels"][i][farthest], side)
    begin(smc, SmcKind.SWEEP, 0, -side, smc["bars"] - 1)
    smc["draft"]["touches"] = swept
    set_edges(smc["draft"], -upper(now, side), -level)
    announce(smc, upper(now, side) - level, out)
    keep(smc, sweeps["zones"], index_of(-side), out)


@kernel
def _beyond(levels: Rows, farthest: int, k: int, side: int) -> bool:
    return near_of(levels[k], side) > near_of(levels[farthest], side)


@kernel
def _is_swept(smc: Record, rules: Record, side: int, k: int) -> bool:
    """Whether the swing is old enough, outside enough and pierced far enough by a wick."""
    now, swing = smc["now"], smc["sweeps"]["levels"][index_of(side)][k]
    level = near_of(swing, side)
    if smc["bars"] - 1 - swing["formed_bar"] < rules["sweep_level_age"]:
        return False
    if not reaches(upper(now, side) - level, rules["sweep_penetration_atr"], smc["atr"]):
        return False
    wick = upper(now, side) - max(opening(now, side), closing(now, side))
    if not reaches(wick, rules["sweep_wick_atr"], smc["atr"]):
        return False
    return _is_outside(smc, rules, side, level)


@kernel
def _is_outside(smc: Record, rules: Record, side: int, level: int) -> bool:
    """Whether a level lies in the outer part of the range of the candles before this one."""
    newest = smc["bars"] - 2
    high, low = upper(smc["ring"][newest % BARS_KEPT], side), level
    for k in range(newest, max(newest - rules["sweep_range_bars"], -1), -1):
        bar = smc["ring"][k % BARS_KEPT]
        high, low = max(high, upper(bar, side)), min(low, lower(bar, side))
    return high - level <= rules["sweep_outer_share"] * (high - low)
