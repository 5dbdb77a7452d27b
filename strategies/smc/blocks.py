"""Order blocks: candidates, the displacement or break that makes them, and their life.

Defined in docs/smc.md, "Order blocks".
"""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT
from domain.smc import BlockOrigin, SmcEvent, SmcKind
from strategies.smc.bars import closing, index_of, lower, opening, reaches, upper
from strategies.smc.objects import announce, begin, far_of, keep, near_of, remove, set_edges, tell

TOUCHED = 1
MITIGATED = 2
BREAKER = 4


@kernel
def fold_blocks(smc: Record, rules: Record, out: Rows) -> None:
    """Follow the blocks, then look for new ones.

    Look-ahead  none: a block is known when price has left it, not on its own candle.
    """
    for side in (1, -1):
        _follow(smc, rules, side, out)
        _find_engulfing(smc, rules, side)
        _look_at_candidates(smc, rules, side, out)
        _find_rejection(smc, rules, side)
        if smc["structure"]["broke"] == side:
            _form_origin(smc, side, out)


@kernel
def _follow(smc: Record, rules: Record, side: int, out: Rows) -> None:
    blocks, i, now = smc["blocks"]["zones"], index_of(side), smc["now"]
    reached, close = lower(now, side), closing(now, side)
    for k in range(blocks["count"][i] - 1, -1, -1):
        block = blocks["open"][i][k]
        near, far = near_of(block, side), far_of(block, side)
        if block["life"] & BREAKER != 0:
            if close > near:
                tell(smc, block, SmcEvent.INVALIDATED, 0.0, out)
                remove(blocks, i, k)
            continue
        if reached > near:
            continue
        if block["life"] & TOUCHED == 0:
            block["life"] |= TOUCHED
            tell(smc, block, SmcEvent.TOUCHED, 0.0, out)
        least = rules["block_mitigated_share"] * (near - far)
        if block["life"] & MITIGATED == 0 and near - reached >= least:
            block["life"] |= MITIGATED
            share = min(near - reached, near - far) / max(near - far, 1)
            tell(smc, block, SmcEvent.MITIGATED, share, out)
        if close < far:
            block["life"] |= BREAKER
            tell(smc, block, SmcEvent.BREAKER, 0.0, out)


@kernel
def _middle(bar: Record, side: int) -> int:
    """Middle of the body seen from a side, rounded away from where price comes from."""
    return (opening(bar, side) + closing(bar, side)) // 2


@kernel
def _find_rejection(smc: Record, rules: Record, side: int) -> None:
    """A candle against the side whose wick is long enough for its body."""
    now = smc["now"]
    body = opening(now, side) - closing(now, side)
    wick = closing(now, side) - lower(now, side)
    if body <= 0 or wick <= 0 or wick < rules["block_wick_ratio"] * body:
        return
    if reaches(body, rules["block_body_atr"], smc["atr"]):
        _wait(smc, BlockOrigin.REJECTION, side, smc["bars"] - 1, lower(now, side))


@kernel
def _find_engulfing(smc: Record, rules: Record, side: int) -> None:
    """A candle against the side whose body the next one engulfs."""
    if smc["bars"] < 2:
        return
    now, before = smc["now"], smc["ring"][(smc["bars"] - 2) % BARS_KEPT]
    body = closing(now, side) - opening(now, side)
    against = opening(before, side) > closing(before, side)
    below = opening(now, side) <= closing(before, side)
    above = closing(now, side) >= opening(before, side)
    if against and below and above and reaches(body, rules["block_engulf_atr"], smc["atr"]):
        far = min(lower(before, side), lower(now, side))
        _wait(smc, BlockOrigin.ENGULFING, side, smc["bars"] - 2, far)


@kernel
def _wait(smc: Record, origin: int, side: int, place: int, far: int) -> None:
    """Begin a candidate; one cannot be measured without an ATR, and is then none."""
    if not smc["atr"] > 0.0:
        return
    begin(smc, SmcKind.BLOCK, origin, side, place)
    draft = smc["draft"]
    set_edges(draft, far, _middle(smc["ring"][place % BARS_KEPT], side))
    draft["last_bar"] = smc["bars"] - 1
    blocks, i = smc["blocks"], index_of(side)
    blocks["candidates"][i][blocks["waiting"][i]] = draft
    blocks["waiting"][i] += 1


@kernel
def _look_at_candidates(smc: Record, rules: Record, side: int, out: Rows) -> None:
    blocks, i, now = smc["blocks"], index_of(side), smc["now"]
    kept = 0
    for k in range(blocks["waiting"][i]):
        candidate = blocks["candidates"][i][k]
        moved = upper(now, side) - near_of(candidate, side)
        late = smc["bars"] - 1 - candidate["last_bar"] > rules["block_window"]
        if late or lower(now, side) < far_of(candidate, side):
            continue
        if reaches(moved, rules["block_displacement_atr"], candidate["basis"]):
            if not _is_known(smc, side, candidate["formed_bar"], False):
                smc["draft"] = candidate
                announce(smc, moved, out)
                keep(smc, blocks["zones"], i, out)
        else:
            blocks["candidates"][i][kept] = candidate
            kept += 1
    blocks["waiting"][i] = kept


@kernel
def _form_origin(smc: Record, side: int, out: Rows) -> None:
    """The whole of the lowest candle between the broken swing and the break, the last of equals."""
    newest = smc["bars"] - 1
    swing = smc["structure"]["latest"][index_of(side)]
    oldest = max(swing["formed_bar"] + 1, smc["bars"] - BARS_KEPT)
    place = newest - 1
    for k in range(newest - 2, oldest - 1, -1):
        if lower(smc["ring"][k % BARS_KEPT], side) < lower(smc["ring"][place % BARS_KEPT], side):
            place = k
    if _is_known(smc, side, place, True):
        return
    begin(smc, SmcKind.BLOCK, BlockOrigin.BREAK, side, place)
    bar = smc["ring"][place % BARS_KEPT]
    set_edges(smc["draft"], lower(bar, side), upper(bar, side))
    announce(smc, closing(smc["now"], side) - upper(bar, side), out)
    keep(smc, smc["blocks"]["zones"], index_of(side), out)


@kernel
def _is_known(smc: Record, side: int, place: int, of_break: bool) -> bool:
    """Whether a candle is an open block already, of a break or of another origin."""
    blocks, i = smc["blocks"]["zones"], index_of(side)
    for k in range(blocks["count"][i]):
        block = blocks["open"][i][k]
        if block["formed_bar"] == place and (block["variant"] == BlockOrigin.BREAK) == of_break:
            return True
    return False
