"""Highs and lows of the day, week and hours before (docs/smc.md, "Levels").

Periods are those of New York's clock, whose offset comes with each candle.
"""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.smc import LevelPeriod, SmcEvent, SmcKind
from strategies.smc.bars import index_of, upper
from strategies.smc.objects import announce, begin, near_of, set_edges, tell

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
NEXT_DATE_HOUR = 13  # a day that begins from here on bears the next date
MONDAY = 3  # day 0, 1 January 1970, was a Thursday
PERIODS = len(LevelPeriod)
DAY = int(LevelPeriod.DAY)
HOURS = int(LevelPeriod.HOURS)
BROKEN = 1


@kernel
def fold_levels(smc: Record, rules: Record, out: Rows) -> None:
    """Look at the levels, fold the candle into its periods and close those that it ends.

    Look-ahead  none: a period's levels are known when it is over, and only if its start was seen.
    """
    now = smc["now"]
    for period in range(PERIODS):
        if rules["frame_ns"] > length_of(rules, period):
            continue
        kept = smc["periods"][period]
        number = period_of(now["start_ns"] + now["offset_ns"], rules, period)
        if kept["begun"] == 1 and kept["number"] != number:
            _close(smc, period, out)
        if kept["begun"] == 0:
            before = period_of(now["start_ns"] + now["offset_ns"] - 1, rules, period)
            kept["whole"] = kept["whole"] if kept["whole"] == 1 else int(before != number)
            kept["number"] = number
        _look(smc, period, out)
        _fold(smc, period)
        # A candle that reaches the end of its period closes it, without waiting for the next one.
        if period_of(now["known_ns"] + now["offset_ns"], rules, period) != number:
            _close(smc, period, out)


@kernel
def length_of(rules: Record, period: int) -> int:
    """How long a period is by a clock that is not changed, ns."""
    if period == HOURS:
        return rules["levels_hours"] * HOUR_NS
    return DAY_NS if period == DAY else 7 * DAY_NS


@kernel
def period_of(local_ns: int, rules: Record, period: int) -> int:
    """Number of the period that a local time is in."""
    if period == HOURS:
        return local_ns // (rules["levels_hours"] * HOUR_NS)
    start = rules["levels_day_start_hour"]
    day = (local_ns - start * HOUR_NS) // DAY_NS
    if start >= NEXT_DATE_HOUR:
        day += 1
    return day if period == DAY else (day + MONDAY) // 7


@kernel
def _look(smc: Record, period: int, out: Rows) -> None:
    previous = smc["periods"][period]["previous"]
    for side in (1, -1):
        level = previous[index_of(side)]
        if level["serial"] == 0 or level["life"] == BROKEN:
            continue
        if upper(smc["now"], side) > near_of(level, side):
            level["life"] = BROKEN
            tell(smc, level, SmcEvent.BROKEN, 0.0, out)


@kernel
def _fold(smc: Record, period: int) -> None:
    kept = smc["periods"][period]
    for side in (1, -1):
        extreme = kept["extreme"][index_of(side)]
        level = upper(smc["now"], side)
        if kept["begun"] == 0 or level > near_of(extreme, side):
            begin(smc, SmcKind.LEVEL, period, side, smc["bars"] - 1)
            set_edges(smc["draft"], level, level)
            kept["extreme"][index_of(side)] = smc["draft"]
    kept["begun"] = 1


@kernel
def _close(smc: Record, period: int, out: Rows) -> None:
    kept = smc["periods"][period]
    height = kept["extreme"][0]["high"] - kept["extreme"][1]["low"]
    for side in (1, -1):
        i = index_of(side)
        previous = kept["previous"][i]
        if previous["serial"] > 0:
            tell(smc, previous, SmcEvent.ENDED, 0.0, out)
        if kept["whole"] == 1:
            smc["draft"] = kept["extreme"][i]
            smc["draft"]["basis"] = smc["atr"]
            announce(smc, height, out)
            kept["previous"][i] = smc["draft"]
    kept["begun"] = 0
    kept["whole"] = 1
