"""The dealing range and where price is in it (docs/smc.md, "Dealing range")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.smc import SmcEvent, SmcKind
from strategies.smc.objects import announce, begin, tell

PREMIUM = 1
DISCOUNT = -1
IN_PREMIUM = int(SmcEvent.PREMIUM)
IN_DISCOUNT = int(SmcEvent.DISCOUNT)
IN_THE_MIDDLE = int(SmcEvent.EQUILIBRIUM)


@kernel
def fold_range(smc: Record, rules: Record, out: Rows) -> None:
    """Renew the range when a leg changes, then place the close in it.

    Look-ahead  none: the range is that of swings which are known.
    """
    dealing, swings = smc["range"], smc["swings"]
    if swings["changed"] != 0:
        if dealing["now"]["serial"] > 0:
            tell(smc, dealing["now"], SmcEvent.ENDED, 0.0, out)
            dealing["now"]["serial"] = 0
        _form(smc, out)
    if dealing["now"]["serial"] == 0:
        return
    low, high = dealing["now"]["low"], dealing["now"]["high"]
    # Twice the distance from the middle, so that it is whole.
    off, width = 2 * smc["now"]["close"] - low - high, high - low
    location = 0
    if abs(off) > rules["range_band"] * width:
        location = PREMIUM if off > 0 else DISCOUNT
    if dealing["located"] == 1 and dealing["location"] == location:
        return
    dealing["located"] = 1
    dealing["location"] = location
    event = IN_THE_MIDDLE
    if location == PREMIUM:
        event = IN_PREMIUM
    elif location == DISCOUNT:
        event = IN_DISCOUNT
    tell(smc, dealing["now"], event, off / width, out)


@kernel
def _form(smc: Record, out: Rows) -> None:
    """From the newest leg swings of both sides, unless one is missing or they leave no height."""
    swings, dealing = smc["swings"], smc["range"]
    high, low = swings["extreme"][0], swings["extreme"][1]
    height = high["high"] - low["low"]
    if high["serial"] == 0 or low["serial"] == 0 or height <= 0:
        return
    newest = high if swings["leg"] > 0 else low
    begin(smc, SmcKind.DEALING_RANGE, 0, swings["leg"], newest["formed_bar"])
    smc["draft"]["low"], smc["draft"]["high"] = low["low"], high["high"]
    announce(smc, height, out)
    dealing["now"] = smc["draft"]
    dealing["located"] = 0
