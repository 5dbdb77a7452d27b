"""One closed candle through all detectors, and many: the same step in a loop."""

from domain.arrays import Record, Rows
from domain.jit import kernel
from domain.rows.smc import EVENTS_PER_BAR
from strategies.smc.bars import fold_bar
from strategies.smc.blocks import fold_blocks
from strategies.smc.dealing_range import fold_range
from strategies.smc.gaps import fold_gaps
from strategies.smc.levels import fold_levels
from strategies.smc.pools import fold_pools
from strategies.smc.retracements import fold_retracement
from strategies.smc.sessions import fold_sessions
from strategies.smc.structure import fold_structure
from strategies.smc.sweeps import fold_sweeps
from strategies.smc.swings import fold_swings


@kernel
def fold_smc(smc: Record, rules: Record, bar: Record, out: Rows) -> None:
    """Fold one closed candle; what is known with it goes into `out` from row `told` of `smc` on.

    smc    SMC_STATE, all zero before the first candle; rules SMC_RULES, unchanged in between.
    bar    BAR that `check_candles` has passed.
    out    EVENT[n], with room for EVENTS_PER_BAR rows after `told`.
    Look-ahead: none.
    """
    fold_bar(smc, bar)
    fold_swings(smc, rules, out)
    fold_structure(smc, rules, out)
    fold_gaps(smc, rules, out)
    fold_blocks(smc, rules, out)
    fold_pools(smc, rules, out)
    fold_sweeps(smc, rules, out)
    fold_range(smc, rules, out)
    fold_levels(smc, rules, out)
    fold_sessions(smc, rules, out)
    fold_retracement(smc, rules, out)


@kernel
def fold_bars(states: Rows, rules: Rows, bars: Rows, start: int, out: Rows) -> int:
    """`fold_smc` from bar `start` on while `out` has room for all that a candle can cause.

    states, rules  one row each: arrays, because a record costs a call from Python 15 us more.
    Returns how many bars are folded in all; `told` of the state is how many rows are written.
    """
    smc = states[0]
    smc["told"] = 0
    for k in range(start, bars.shape[0]):
        if out.shape[0] - smc["told"] < EVENTS_PER_BAR:
            return k
        fold_smc(smc, rules[0], bars[k], out)
    return bars.shape[0]
