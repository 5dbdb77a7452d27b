"""ACCOUNT: the one record that every market reads. Money is in micro-units of its currency."""

from typing import Final

import numpy as np

ACCOUNT: Final = np.dtype(
    [
        ("clock_ns", "i8"),  # latest clock reading; 0 where the data has none
        ("next_timer_ns", "i8"),  # no timer of any market is due before this
        ("trading_state", "i8"),
        ("state_cause", "i8"),
        ("state_before", "i8"),  # what a halt by daily loss goes back to at the day's roll
        ("start_equity", "i8"),
        ("realised", "i8"),  # since the start, less fees
        ("day_realised", "i8"),  # since the day's roll, less fees
        ("day_open", "i8"),  # what open positions were worth at the day's roll, cost of leaving off
        ("unrealised", "i8"),  # sum over markets, at the exit-side quotes
        ("exit_cost", "i8"),  # sum over markets, taker fee of leaving now
        ("peak_equity", "i8"),
        ("max_drawdown", "i8"),
        ("daily_loss_limit", "i8"),
        ("trade_loss_limit", "i8"),
        ("stale_quote_ns", "i8"),
        ("state_until_ns", "i8"),  # T3: when REDUCING ends by itself; NEVER_NS without an end
        ("drawdown", "i8"),  # E5: how far equity is below `guard_peak`
        ("guard_peak", "i8"),  # E5: highest equity since the start or a release
        ("drawdown_limit", "i8"),
    ]
)

NEVER_NS: Final = np.iinfo(np.int64).max
