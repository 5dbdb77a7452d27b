"""The records in which the generator keeps everything it knows: copied, they resume it there."""

from typing import Final

import numpy as np

MOST_MARKETS: Final = 8
STEP_NS: Final = 100_000_000  # prices move on this grid, of all markets at once
REGIMES: Final = 5
MOST_SPELLS: Final = 64  # of a script, counted for each market

REGIME: Final = np.dtype(
    [
        ("level", "f8"),  # volatility, bp per square root of a second
        ("drift", "f8"),  # bp/s along the regime's direction until it ends
        ("pull", "f8"),  # share of the way back to where the regime began, per second
        ("mean_s", "f8"),  # how long it lasts
        ("wave_s", "f8"),  # how long order flow keeps a side
        ("falls", "i8"),  # 1: the direction is down, else drawn
        ("next", "f8", (REGIMES,)),  # cumulated chances of the regimes that follow
    ]
)

# What moves a market: each market has one of its own and shares in the first.
FACTOR: Final = np.dtype(
    [
        ("random", "i8"),
        ("regime", "i8"),
        ("direction", "f8"),
        ("displaced", "f8"),  # bp since the regime began
        ("level", "f8"),  # bp per square root of a second, on its way to the regime's
        ("heat", "f8"),  # variance around it, mean 1
        ("volatility", "f8"),  # both together
        ("move", "f8"),  # bp of the last step
        ("reached", "i8", (REGIMES,)),  # how often each regime began
        ("held", "i8"),  # 1: a script holds the regime
    ]
)

BOOK: Final = np.dtype(
    [
        ("random", "i8"),
        # Terms, never changed.
        ("share", "f8"),  # of the first factor's moves; the own factor has the rest
        ("own", "f8"),
        ("scale", "f8"),  # of volatility
        ("tick_over", "f8"),  # a price is ticks * tick_over / tick_under
        ("tick_under", "f8"),
        ("lot_over", "f8"),
        ("lot_under", "f8"),
        ("spread", "f8"),  # ticks when nothing happens
        ("spread_per_variance", "f8"),  # ticks more for each bp^2/s
        ("most_spread", "f8"),
        ("depth", "f8"),  # lots at the quote when nothing happens
        ("trade", "f8"),  # lots of the smallest usual trade
        ("gap_ns", "f8"),  # mean time between ticks when nothing happens
        ("trades", "f8"),  # share of trades among those
        # What changes.
        ("mid", "f8"),  # ticks, not on the grid
        ("volatility", "f8"),  # bp per square root of a second
        ("wave", "f8"),  # +1 or -1: the side that order flow prefers
        ("strain", "f8"),  # ticks of spread that large trades left behind
        ("closed", "i8"),
        ("closed_at", "i8"),  # the next span of closed time
        ("pending", "i8"),  # see ticks.py
        ("pending_ns", "i8"),
        ("ordinary_ns", "i8"),
        ("sweep", "i8"),  # side of the trade that takes the old quote
        ("next_bid", "i8"),  # ticks; shown with the next quote
        ("next_ask", "i8"),
        ("bid", "i8"),  # ticks, as shown
        ("ask", "i8"),
        ("bid_size", "i8"),  # lots, as shown
        ("ask_size", "i8"),
        ("seq", "i8"),
        ("trade_id", "i8"),
        # What a script asks for at present; see script.py.
        ("spell_at", "i8"),  # the present spell, or the next one
        ("spell_on", "i8"),
        ("spell_drift", "f8"),  # bp/s
        ("spell_jump", "f8"),  # bp in the present step
        ("spell_spread", "f8"),  # multiples
        ("spell_depth", "f8"),
        ("spell_gap", "f8"),
    ]
)

# What a script asks for in [start_ns, end_ns), by market and start.
SPELL: Final = np.dtype(
    [
        ("market", "i8"),
        ("start_ns", "i8"),
        ("end_ns", "i8"),
        ("regime", "i8"),  # -1: the weather stays as it comes
        ("direction", "f8"),
        ("drift", "f8"),
        ("jump", "f8"),
        ("spread", "f8"),
        ("depth", "f8"),
        ("gap", "f8"),
    ]
)

# Time in which a market is closed: [start_ns, end_ns), ascending for each market.
CLOSED: Final = np.dtype([("market", "i8"), ("start_ns", "i8"), ("end_ns", "i8")])

GENERATOR: Final = np.dtype(
    [
        ("markets", "i8"),
        ("cell_ns", "i8"),  # where the present step began
        ("last_ns", "i8"),  # stamp of the last tick
        ("last_ts_ns", "i8"),
        ("planted", "f8"),  # bp/s along the wave of order flow; 0: no edge
        ("factors", FACTOR, (MOST_MARKETS,)),
        ("books", BOOK, (MOST_MARKETS,)),
        ("spell_count", "i8"),
        ("spells", SPELL, (MOST_SPELLS,)),
    ]
)
