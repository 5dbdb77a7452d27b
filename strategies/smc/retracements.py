"""How far price comes back into the newest leg (docs/smc.md, "Retracements")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.parameters import RETRACEMENT_SHARES
from domain.rows.smc import BARS_KEPT
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import index_of, lower
from strategies.smc.objects import announce, begin, far_of, near_of, set_edges, tell

SHARES = len(RETRACEMENT_SHARES)


@kernel
def fold_retracement(smc: Record, rules: Record, out: Rows) -> None:
    """Begin anew with each leg, then say which shares are reached.

    Look-ahead  none: candles between a swing and its being known count when it is.
    """
    kept, now = smc["retracement"], smc["retracement"]["now"]
    if smc["swings"]["changed"] != 0:
        if now["serial"] > 0:
            tell(smc, now, SmcEvent.ENDED, _share(kept), out)
            now["serial"] = 0
        _form(smc, out)
    if now["serial"] == 0:
        return
    side = now["side"]
    kept["deepest"] = max(kept["deepest"], near_of(now, side) - lower(smc["now"], side))
    height = near_of(now, side) - far_of(now, side)
    while kept["reached"] < SHARES:
        share = rules["retracement_shares"][kept["reached"]]
        if kept["deepest"] < share * height:
            break
        kept["reached"] += 1
        tell(smc, now, SmcEvent.REACHED, share, out)


@kernel
def _form(smc: Record, out: Rows) -> None:
    swings, kept = smc["swings"], smc["retracement"]
    side = swings["leg"]
    swing = swings["extreme"][index_of(side)]
    opposite = swings["extreme"][index_of(-side)]
    height = near_of(swing, side) - near_of(opposite, side)
    if opposite["serial"] == 0 or height <= 0:
        return
    begin(smc, SmcKind.RETRACEMENT, 0, side, swing["formed_bar"])
    set_edges(smc["draft"], near_of(opposite, side), near_of(swing, side))
    announce(smc, height, out)
    kept["now"] = smc["draft"]
    kept["deepest"] = kept["reached"] = 0
    for k in range(swing["formed_bar"] + 1, smc["bars"]):
        bar = smc["ring"][k % BARS_KEPT]
        kept["deepest"] = max(kept["deepest"], near_of(swing, side) - lower(bar, side))


@kernel
def _share(kept: Record) -> float:
    """The deepest retracement as a share of the leg; above 1 beyond its start."""
    now = kept["now"]
    return kept["deepest"] / (now["high"] - now["low"])
