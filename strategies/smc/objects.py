"""Objects and the rows that tell of them: begun in `draft`, told by `tell`, kept in lists by side.

Lists are not in order of age: what is removed is replaced by the last. A full list lets its oldest
object go, with a row that says so.
"""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import BARS_KEPT
from domain.smc import SmcEvent
from strategies.smc.bars import in_atr


@kernel
def begin(smc: Record, kind: int, variant: int, side: int, formed_bar: int) -> None:
    """Start an object in `draft`, known now. Its candle is one that is still kept."""
    draft = smc["draft"]
    draft["kind"] = kind
    draft["variant"] = variant
    draft["side"] = side
    draft["formed_bar"] = formed_bar
    draft["formed_ns"] = smc["ring"][formed_bar % BARS_KEPT]["start_ns"]
    draft["limit"] = 0
    draft["last_bar"] = formed_bar
    draft["touches"] = 0
    draft["life"] = 0
    draft["basis"] = smc["atr"]


@kernel
def set_edges(thing: Record, far: int, near: int) -> None:
    """Write its edges as seen from its side, the far one the lower."""
    if thing["side"] > 0:
        thing["low"], thing["high"] = far, near
    else:
        thing["low"], thing["high"] = -near, -far


@kernel
def near_of(thing: Record, side: int) -> int:
    """The upper edge, seen from a side."""
    return thing["high"] if side > 0 else -thing["low"]


@kernel
def far_of(thing: Record, side: int) -> int:
    """The lower edge, seen from a side."""
    return thing["low"] if side > 0 else -thing["high"]


@kernel
def announce(smc: Record, height: int, out: Rows) -> None:
    """Number the draft and say that it is formed.

    height  what its strength is, half-ticks; it is divided by `basis`.
    """
    draft = smc["draft"]
    smc["serial"] += 1
    draft["serial"] = smc["serial"]
    draft["known_bar"] = smc["bars"] - 1
    draft["known_ns"] = smc["now"]["known_ns"]
    draft["strength"] = in_atr(height, draft["basis"])
    tell(smc, draft, SmcEvent.FORMED, 0.0, out)


@kernel
def tell(smc: Record, thing: Record, event: int, detail: float, out: Rows) -> None:
    """Write the next row of `out`: what became of an object, known now."""
    row = out[smc["told"]]
    smc["told"] += 1
    row["serial"] = thing["serial"]
    row["kind"] = thing["kind"]
    row["variant"] = thing["variant"]
    row["event"] = event
    row["side"] = thing["side"]
    row["formed_bar"] = thing["formed_bar"]
    row["formed_ns"] = thing["formed_ns"]
    row["known_bar"] = smc["bars"] - 1
    row["known_ns"] = smc["now"]["known_ns"]
    row["low"] = thing["low"]
    row["high"] = thing["high"]
    row["touches"] = thing["touches"]
    row["strength"] = thing["strength"]
    row["detail"] = detail


@kernel
def oldest_of(things: Rows, count: int) -> int:
    """Place of the object that has been known for longest."""
    oldest = 0
    for k in range(1, count):
        if things[k]["serial"] < things[oldest]["serial"]:
            oldest = k
    return oldest


@kernel
def remove(kept: Record, i: int, k: int) -> None:
    """Take object `k` out of the list of side index `i`."""
    last = kept["count"][i] - 1
    kept["open"][i][k] = kept["open"][i][last]
    kept["count"][i] = last


@kernel
def keep(smc: Record, kept: Record, i: int, out: Rows) -> None:
    """Put the draft into the list of side index `i`; a full one drops its oldest, with a row."""
    things = kept["open"][i]
    if kept["count"][i] == things.shape[0]:
        oldest = oldest_of(things, kept["count"][i])
        if things[oldest]["serial"] > 0:
            tell(smc, things[oldest], SmcEvent.DROPPED, 0.0, out)
        remove(kept, i, oldest)
    things[kept["count"][i]] = smc["draft"]
    kept["count"][i] += 1
