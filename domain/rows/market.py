"""MARKET: everything one market is, in one record.

The portfolio alone writes `position_*`; Python otherwise writes `plan_*`, `order_*` and
`hold_until`; what remains belongs to the compiled core. Hot fields lie in front.
"""

from typing import Final

import numpy as np

from domain.enums import Gate
from domain.rows.features import CANDLES, FEATURES
from domain.rows.parameters import PARAMETERS
from domain.rows.tick import SLOTS

ENTRIES_KEPT: Final = 64  # entry times remembered for the rate gate (G21)

# A working order as the matching kernel sees it (section 6 of the rules).
ORDER: Final = np.dtype(
    [
        ("active", "i8"),
        ("kind", "i8"),
        ("direction", "i8"),
        ("limit", "i8"),
        ("remaining", "i8"),
        ("worst", "i8"),
        ("arrived", "i8"),
        ("filling", "i8"),  # on the ladder: `step` is its next one
        ("step", "i8"),
        ("arrival_ns", "i8"),
        ("end_ns", "i8"),
        ("due_ns", "i8"),  # its next timer
        ("ahead", "f8"),  # lots before it in the queue
    ]
)

# What `advance` hands to Python at a stop: an intent or a fill.
NOTE: Final = np.dtype(
    [
        ("purpose", "i8"),
        ("side", "i8"),
        ("price", "i8"),
        ("lots", "i8"),
        ("reason", "i8"),
        ("maker", "i8"),
        ("mid_half", "i8"),
        ("spread", "i8"),
        ("time_ns", "i8"),
    ]
)

# The open run of rejections (G25).
RUN: Final = np.dtype(
    [
        ("open", "i8"),
        ("gate", "i8"),
        ("first_ns", "i8"),
        ("last_ns", "i8"),
        ("count", "i8"),
        ("nearest", "f8"),
        ("other_since_ns", "i8"),
        ("other", "i8"),
    ]
)

# What the market did so far; kept when the rest of the row starts clean.
TALLY: Final = np.dtype(
    [
        ("ticks", "i8"),
        ("entries", "i8"),  # intents
        ("exits", "i8"),  # intents, every attempt
        ("additions", "i8"),  # intents
        ("decision_seq", "i8"),
        ("rejections", "i8", (len(Gate),)),
        ("not_ready", "i8", (len(Gate),)),  # those of the rejections that were NOT_READY
        ("observed", "i8", (len(Gate),)),
    ]
)

MARKET: Final = np.dtype(
    [
        ("index", "i8"),
        ("timer_ns", "i8"),  # not later than the market's next timer
        ("last_tick_ns", "i8"),
        ("hold_until", "i8"),
        ("by_hand", "i8"),  # entered by a person's orders alone (H1)
        # the instrument (C5, C6)
        ("price_source", "i8"),
        ("book_source", "i8"),
        ("slot_set", "i8", (SLOTS,)),  # slots whose instrument is known
        ("slot_price_source", "i8", (SLOTS,)),
        ("slot_book_source", "i8", (SLOTS,)),
        ("slot_ticks_per_price", "f8", (SLOTS,)),
        ("slot_half_spread", "i8", (SLOTS,)),
        ("ticks_per_price", "f8"),
        ("lots_per_unit", "f8"),
        ("value", "f8"),
        ("maker", "f8"),
        ("taker", "f8"),
        ("half_spread", "i8"),
        ("assumed_lots", "i8"),
        ("shortable", "i8"),
        ("inverse", "i8"),  # `value` is that of C5 for inverse contracts
        ("zone_offset_ns", "i8"),  # C9
        ("latency_ns", "i8"),
        ("subscribed", "i8"),  # bit k: stop when frame k closes a candle
        # the session; close 0 means always open
        ("session_open_ns", "i8"),
        ("session_cut_off_ns", "i8"),
        ("session_close_ns", "i8"),
        # the position (E1); Portfolio writes these
        ("position_side", "i8"),
        ("position_lots", "i8"),
        ("position_cost", "i8"),
        ("position_entry_ns", "i8"),
        ("position_fees", "i8"),  # and funding
        ("position_worth", "f8"),  # inverse contracts: sum of lots x value / price (Q4)
        # its exit
        ("average", "i8"),
        ("stop_level", "i8"),
        ("target_level", "i8"),
        ("armed", "i8"),  # the levels are of this position
        ("mover", "i8"),
        ("exit_reason", "i8"),
        ("exit_attempt", "i8"),
        ("exit_hold_until", "i8"),
        ("unrealised", "i8"),
        ("exit_cost", "i8"),
        ("best_ticks", "i8"),  # best exit-side quote of the trade (S1)
        ("low_ticks", "i8"),  # lowest and highest exit-side quote since the first fill (E8)
        ("high_ticks", "i8"),
        ("partial_tried", "i8"),  # E6
        ("liquidation_level", "i8"),  # V3; 0 is none
        # averaging (A1 to A3)
        ("addition_lots", "i8"),
        ("cap_lots", "i8"),
        ("adding", "i8"),  # the gates are asked for an addition
        ("additions", "i8"),
        ("addition_works", "i8"),  # an addition's order was approved and has not filled yet
        ("last_addition_ns", "i8"),  # 0: none in this trade
        # the plan (P1), in ticks; 0 means off where that is allowed
        ("plan_stop", "i8"),
        ("plan_target", "i8"),
        ("plan_break_even_trigger", "i8"),
        ("plan_break_even_offset", "i8"),
        ("plan_trail_trigger", "i8"),
        ("plan_trail_distance", "i8"),
        ("plan_trail_step", "i8"),
        ("plan_offset_trigger", "i8"),
        ("plan_offset_gain", "i8"),
        ("plan_lock_trigger", "i8"),
        ("plan_tight_trigger", "i8"),
        ("plan_tight_distance", "i8"),
        ("plan_fast_move", "i8"),
        ("plan_fast_distance", "i8"),
        ("plan_partial_trigger", "i8"),
        ("plan_tighten_distance", "i8"),
        ("plan_loss_budget", "i8"),
        # memory of what was done; time 0 means never
        ("last_exit_ns", "i8"),
        ("last_exit_half", "i8"),
        ("last_flat_ns", "i8"),
        ("last_loss_ns", "i8"),
        ("last_won", "i8"),  # the last trade left something after its costs
        ("losses_in_a_row", "i8"),
        ("wins_in_a_row", "i8"),
        ("trades", "i8"),  # since the market started clean
        ("recent_wins", "i8"),  # W1: bit k: the trade k before the last was won
        ("last_reason", "i8"),  # why and which side the last trade left
        ("last_side", "i8"),
        # G27: written by others, with the time until which they hold
        ("context_until_ns", "i8"),
        ("context_smc_bias", "f8"),
        ("context_plan_side", "f8"),
        ("context_win", "f8", (2,)),  # LONG, SHORT
        ("last_entry_ns", "i8"),
        ("entry_count", "i8"),
        ("reason", "i8"),  # why it leaves, or which gate blocked, on the present tick
        ("note", NOTE),
        ("run", RUN),
        ("orders", ORDER, (2,)),  # by Purpose
        ("features", FEATURES, (SLOTS,)),
        ("parameters", PARAMETERS),
        ("tally", TALLY),
        ("distances", "f8", (len(Gate),)),  # of the gates at the last evaluation
        ("entry_times_ns", "i8", (ENTRIES_KEPT,)),
        ("candles", CANDLES, (SLOTS,)),
    ]
)
