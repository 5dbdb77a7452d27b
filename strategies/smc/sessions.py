"""Sessions and kill zones by the clock of New York (docs/smc.md, "Sessions")."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.parameters import SMC_SESSIONS
from domain.smc import SmcEvent, SmcKind
from strategies.smc.bars import in_atr
from strategies.smc.objects import announce, begin, tell

SESSIONS = len(SMC_SESSIONS)
MINUTE_NS = 60_000_000_000
DAY_MINUTES = 24 * 60
MISSED = -1  # candles began within it: what it did before them is not known
LONGEST_FRAME_NS = 60 * MINUTE_NS  # longer candles lie across sessions


@kernel
def fold_sessions(smc: Record, rules: Record, out: Rows) -> None:
    """Open, fold and close the sessions.

    Look-ahead  none: high and low of a session are told when it is over. One whose start was not
    seen, because candles begin within it, is left out.
    """
    if rules["frame_ns"] > LONGEST_FRAME_NS:
        return
    now = smc["now"]
    local_ns = now["start_ns"] + now["offset_ns"]
    end_ns = now["known_ns"] + now["offset_ns"]
    for k in range(SESSIONS):
        kept = smc["sessions"][k]
        day, minute = _since_start(local_ns, rules, k)
        inside = minute < length_of(rules, k)
        if kept["active"] == 1 and (not inside or day != kept["instance"]):
            _close(smc, k, out)
        if inside:
            _fold(smc, k, day, minute, out)
        later_day, later = _since_start(end_ns, rules, k)
        if kept["active"] == 1 and (later_day != day or later >= length_of(rules, k)):
            _close(smc, k, out)


@kernel
def length_of(rules: Record, k: int) -> int:
    """Minutes of a session by the clock; one that ends before it starts ends on the next day."""
    return (rules["session_end"][k] - rules["session_start"][k]) % DAY_MINUTES


@kernel
def _since_start(local_ns: int, rules: Record, k: int) -> tuple[int, int]:
    """Number of the day that began with the session's last start, and the minutes since."""
    minutes = local_ns // MINUTE_NS - rules["session_start"][k]
    return minutes // DAY_MINUTES, minutes % DAY_MINUTES


@kernel
def _fold(smc: Record, k: int, day: int, minute: int, out: Rows) -> None:
    kept, now = smc["sessions"][k], smc["now"]
    if smc["bars"] == 1 and minute > 0:
        kept["active"], kept["instance"] = MISSED, day
    if kept["active"] == MISSED and kept["instance"] == day:
        return
    if kept["active"] != 1:
        begin(smc, SmcKind.SESSION, k, 0, smc["bars"] - 1)
        smc["draft"]["low"], smc["draft"]["high"] = now["low"], now["high"]
        announce(smc, now["high"] - now["low"], out)
        kept["now"] = smc["draft"]
        kept["active"] = 1
        kept["instance"] = day
    kept["now"]["low"] = min(kept["now"]["low"], now["low"])
    kept["now"]["high"] = max(kept["now"]["high"], now["high"])


@kernel
def _close(smc: Record, k: int, out: Rows) -> None:
    kept = smc["sessions"][k]
    kept["active"] = 0
    kept["now"]["strength"] = in_atr(kept["now"]["high"] - kept["now"]["low"], smc["atr"])
    tell(smc, kept["now"], SmcEvent.ENDED, 0.0, out)
