"""Fair-value gaps, joined or not, and how they are filled (docs/smc.md, "Fair-value gaps")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import closing, in_atr, index_of, lower, opening, reaches, upper
from strategies.smc.objects import announce, begin, far_of, keep, near_of, remove, set_edges, tell

TOUCHED = 1
MITIGATED = 2


@kernel
def fold_gaps(smc: Record, rules: Record, out: Rows) -> None:
    """Follow the open gaps, then look for one around the candle before.

    Look-ahead  none: a gap is known at the close of the candle after its own.
    """
    if smc["bars"] < 3:
        return
    for side in (1, -1):
        joined = _joined(smc, rules, side)
        _follow(smc, side, joined, out)
        if joined > 0:
            _extend(smc, side, joined, out)
        elif is_gap(smc, rules, side):
            _form(smc, side, out)


@kernel
def is_gap(smc: Record, rules: Record, side: int) -> bool:
    """Whether the last three candles leave a gap of a side that is large enough."""
    middle = smc["ring"][(smc["bars"] - 2) % BARS_KEPT]
    height = _top(smc, side) - _bottom(smc, side)
    moved = closing(middle, side) > opening(middle, side)
    return height > 0 and moved and reaches(height, rules["gap_min_atr"], smc["atr"])


@kernel
def _top(smc: Record, side: int) -> int:
    return lower(smc["now"], side)


@kernel
def _bottom(smc: Record, side: int) -> int:
    return upper(smc["ring"][(smc["bars"] - 3) % BARS_KEPT], side)


@kernel
def _joined(smc: Record, rules: Record, side: int) -> int:
    """Serial of the gap that a gap found now continues, 0 if there is none."""
    if rules["gap_join"] == 0 or not is_gap(smc, rules, side):
        return 0
    gaps, i = smc["gaps"], index_of(side)
    for k in range(gaps["count"][i]):
        if gaps["open"][i][k]["last_bar"] == smc["bars"] - 3:
            return gaps["open"][i][k]["serial"]
    return 0


@kernel
def _form(smc: Record, side: int, out: Rows) -> None:
    begin(smc, SmcKind.GAP, 0, side, smc["bars"] - 2)
    set_edges(smc["draft"], _bottom(smc, side), _top(smc, side))
    announce(smc, _top(smc, side) - _bottom(smc, side), out)
    keep(smc, smc["gaps"], index_of(side), out)


@kernel
def _extend(smc: Record, side: int, serial: int, out: Rows) -> None:
    gaps, i = smc["gaps"], index_of(side)
    for k in range(gaps["count"][i]):
        gap = gaps["open"][i][k]
        if gap["serial"] == serial:
            far = min(far_of(gap, side), _bottom(smc, side))
            near = max(near_of(gap, side), _top(smc, side))
            set_edges(gap, far, near)
            gap["last_bar"] = smc["bars"] - 2
            gap["strength"] = in_atr(near - far, smc["atr"])
            tell(smc, gap, SmcEvent.EXTENDED, 0.0, out)


@kernel
def _follow(smc: Record, side: int, joined: int, out: Rows) -> None:
    """Say what this candle did to the open gaps but for the one it extends."""
    gaps, i = smc["gaps"], index_of(side)
    reached = lower(smc["now"], side)
    for k in range(gaps["count"][i] - 1, -1, -1):
        gap = gaps["open"][i][k]
        near, far = near_of(gap, side), far_of(gap, side)
        if gap["serial"] == joined or reached > near:
            continue
        if gap["life"] < TOUCHED:
            gap["life"] = TOUCHED
            tell(smc, gap, SmcEvent.TOUCHED, 0.0, out)
        if gap["life"] < MITIGATED and 2 * reached <= near + far:
            gap["life"] = MITIGATED
            tell(smc, gap, SmcEvent.MITIGATED, 0.5, out)
        if reached <= far:
            tell(smc, gap, SmcEvent.FILLED, 1.0, out)
            remove(gaps, i, k)
