"""Swings: highs and lows that their neighbours do not exceed (docs/smc.md, "Swings")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT, LEGS_KEPT
from domain.smc import SmcEvent, SmcKind, SwingRank
from strategies.smc.bars import index_of, upper
from strategies.smc.objects import announce, begin, near_of, set_edges, tell


@kernel
def fold_swings(smc: Record, rules: Record, out: Rows) -> None:
    """Decide on the candle that `length` candles have followed.

    Look-ahead  none: a swing is known `length` candles after its own.
    """
    swings = smc["swings"]
    swings["fresh"][0] = swings["fresh"][1] = swings["changed"] = 0
    length = rules["swing_length"]
    place = smc["bars"] - 1 - length
    if place < length - 1:
        return
    high, low = is_extreme(smc, place, length, 1), is_extreme(smc, place, length, -1)
    leg = swings["leg"]
    if leg == 0 and high and low:
        # Which came first is not known, and neither side may be preferred.
        _inner(smc, place, 1, out)
        _inner(smc, place, -1, out)
        return
    # A candle that is both first ends the leg it belongs to, then begins the next.
    first = leg if leg != 0 else 1
    for side in (first, -first):
        if high if side > 0 else low:
            _swing(smc, place, side, out)


@kernel
def is_extreme(smc: Record, place: int, length: int, side: int) -> bool:
    """Whether no candle from `length` - 1 before `place` to `length` after it goes beyond it."""
    ring = smc["ring"]
    level = upper(ring[place % BARS_KEPT], side)
    for k in range(place + 1 - length, place + length + 1):
        if upper(ring[k % BARS_KEPT], side) > level:
            return False
    return True


@kernel
def _swing(smc: Record, place: int, side: int, out: Rows) -> None:
    swings, i = smc["swings"], index_of(side)
    extreme = swings["extreme"][i]
    level = upper(smc["ring"][place % BARS_KEPT], side)
    if swings["leg"] == side:
        if level <= near_of(extreme, side):
            _inner(smc, place, side, out)
            return
        tell(smc, extreme, SmcEvent.SUPERSEDED, 0.0, out)
    else:
        swings["leg_count"] += 1
    swings["leg"] = swings["changed"] = side
    opposite = swings["extreme"][1 - i]
    _begin(smc, place, side, SwingRank.LEG)
    height = 0
    if opposite["serial"] > 0:
        height = abs(level - near_of(opposite, side))
    announce(smc, height, out)
    swings["extreme"][i] = smc["draft"]
    swings["newest"][i] = smc["draft"]
    swings["legs"][(swings["leg_count"] - 1) % LEGS_KEPT] = smc["draft"]


@kernel
def _inner(smc: Record, place: int, side: int, out: Rows) -> None:
    _begin(smc, place, side, SwingRank.INNER)
    announce(smc, 0, out)
    smc["swings"]["newest"][index_of(side)] = smc["draft"]


@kernel
def _begin(smc: Record, place: int, side: int, rank: int) -> None:
    begin(smc, SmcKind.SWING, rank, side, place)
    level = upper(smc["ring"][place % BARS_KEPT], side)
    set_edges(smc["draft"], level, level)
    smc["swings"]["fresh"][index_of(side)] = 1
