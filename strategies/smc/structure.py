"""Breaks of structure and changes of character (docs/smc.md, "Structure")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import LEGS_KEPT
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import closing, index_of, reaches
from strategies.smc.objects import announce, near_of, tell


@kernel
def fold_structure(smc: Record, rules: Record, out: Rows) -> None:
    """Look for a close beyond the newest leg swing of a side.

    Look-ahead  none: a break is known at the close that makes it.
    """
    structure = smc["structure"]
    structure["broke"] = 0
    _confirm(smc, out)
    up, down = _breaks(smc, rules, 1), _breaks(smc, rules, -1)
    if up == down:
        return
    _break(smc, 1 if up else -1, out)


@kernel
def pattern_of(first: int, second: int, third: int, fourth: int) -> int:
    """What four alternating swings, the last one a high seen from their side, are.

    SmcKind.BOS    low < next low < high < next high.
    SmcKind.CHOCH  a lower low before a higher high.
    0              neither.
    """
    if first < third < second < fourth:
        return 2
    return 3 if third < first < second < fourth else 0


@kernel
def _confirm(smc: Record, out: Rows) -> None:
    swings, side = smc["swings"], smc["swings"]["changed"]
    legs, newest = swings["legs"], swings["leg_count"] - 1
    if side == 0 or newest < LEGS_KEPT - 1:
        return
    second = legs[(newest - 2) % LEGS_KEPT]
    pattern = pattern_of(
        near_of(legs[(newest - 3) % LEGS_KEPT], side),
        near_of(second, side),
        near_of(legs[(newest - 1) % LEGS_KEPT], side),
        near_of(legs[newest % LEGS_KEPT], side),
    )
    latest = smc["structure"]["latest"][index_of(side)]
    if pattern == 0 or latest["limit"] != second["serial"] or latest["life"] != 0:
        return
    latest["life"] = 1
    tell(smc, latest, SmcEvent.CONFIRMED, float(pattern), out)


@kernel
def _breaks(smc: Record, rules: Record, side: int) -> bool:
    i = index_of(side)
    swing = smc["swings"]["extreme"][i]
    if swing["serial"] == 0 or swing["serial"] == smc["structure"]["broken"][i]:
        return False
    beyond = closing(smc["now"], side) - near_of(swing, side)
    return beyond > 0 and reaches(beyond, rules["structure_break_atr"], smc["atr"])


@kernel
def _break(smc: Record, side: int, out: Rows) -> None:
    structure, i = smc["structure"], index_of(side)
    swing = smc["swings"]["extreme"][i]
    draft = smc["draft"]
    smc["draft"] = swing  # where it formed stays, also when its candle is kept no longer
    draft["kind"] = SmcKind.CHOCH if structure["bias"] == -side else SmcKind.BOS
    draft["variant"] = 0
    draft["limit"] = swing["serial"]
    draft["life"] = 0
    draft["basis"] = smc["atr"]
    announce(smc, closing(smc["now"], side) - near_of(swing, side), out)
    structure["latest"][i] = draft
    structure["broken"][i] = swing["serial"]
    structure["bias"] = structure["broke"] = side
