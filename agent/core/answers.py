"""What Python tells the records after a stop, and what events other than ticks do to them.

These are the only ways in which anything but `advance` changes a market's row while it runs.
"""

import numpy as np

from agent.core.say import (
    say,
    say_candles,
    say_intent,
    say_of_account,
    say_run,
    say_state,
)
from agent.core.timers import schedule
from domain.arrays import Record, Rows
from domain.enums import ExitReason, OutputKind, Purpose, StateCause, TradingState
from domain.frames import MINUTE_FRAME
from domain.jit import kernel
from domain.rows.account import NEVER_NS
from domain.rows.market import ENTRIES_KEPT
from domain.rows.stop import StopReason
from domain.rows.tick import SLOTS
from execution.matching import cancel
from strategies.features.candles import close_all, renew_window
from strategies.features.regime import fold_regime
from strategies.features.vwap import restart_vwap
from strategies.rules import gates
from strategies.rules.exits import note_exit
from strategies.rules.marks import arm, average_ticks, day_result, mark
from strategies.rules.plan import beyond_quote, forget_plan, note_entry

REFUSED_HOLD_NS = 1_000_000_000
RECENT = (1 << 10) - 1  # W1: the last ten trades


@kernel
def standing(rows: Rows, accounts: Rows, market: int, now_ns: int) -> tuple[int, bool]:
    """What risk asks of the rules themselves: the day's result (E2), and if G2 lets enter."""
    row, account = rows[market], accounts[0]
    return day_result(account), gates.session(row, account, 0, now_ns) >= 0.0


@kernel
def approved(
    rows: Rows, accounts: Rows, stops: Rows, outputs: Rows, market: int, terms: tuple[int, int]
) -> None:
    """The order of the row's note was approved and accepted: say so, remember it.

    terms  (limit price in ticks, lots), as approved.
    """
    row, account, stop = rows[market], accounts[0], stops[0]
    note = row["note"]
    out = say(row, stop, outputs, OutputKind.APPROVED, 0)
    out["side"] = note["side"]
    out["price_ticks"] = terms[0]
    out["lots"] = terms[1]
    if note["purpose"] == Purpose.ENTRY:
        row["last_entry_ns"] = stop["now_ns"]
        row["entry_times_ns"][row["entry_count"] % ENTRIES_KEPT] = stop["now_ns"]
        row["entry_count"] += 1
        row["addition_works"] = 1 if row["position_lots"] > 0 else 0
        if row["addition_works"] == 1:
            row["last_addition_ns"] = stop["now_ns"]
    else:
        row["exit_hold_until"] = row["orders"][Purpose.EXIT]["end_ns"]
    schedule(row, account)


@kernel
def refused(
    rows: Rows,
    accounts: Rows,
    stops: Rows,
    outputs: Rows,
    market: int,
    order: tuple[int, int, int],
    numbers: tuple[float, float],
    holds: tuple[int, int],
) -> None:
    """R21: the order of the row's note was refused: say so, and hold.

    order    (refusal code, limit price in ticks, lots).
    numbers  (the rule's limit, what was found).
    holds    (time until which an entry is held, 0: the usual second; ns that an exit waits).
    """
    row, account, stop = rows[market], accounts[0], stops[0]
    note = row["note"]
    out = say(row, stop, outputs, OutputKind.REFUSED, order[0])
    out["side"] = note["side"]
    out["price_ticks"] = order[1]
    out["lots"] = order[2]
    out["distances"][0] = numbers[0]
    out["distances"][1] = numbers[1]
    if note["purpose"] == Purpose.ENTRY:
        row["hold_until"] = holds[0] if holds[0] > 0 else stop["now_ns"] + REFUSED_HOLD_NS
    else:
        row["exit_hold_until"] = stop["now_ns"] + holds[1]
    schedule(row, account)


@kernel
def folded(
    rows: Rows,
    accounts: Rows,
    stops: Rows,
    market: int,
    position: tuple[int, int, int, int, int, int],
    worth: float,
    realised: tuple[int, int],
    result: int,
) -> None:
    """The portfolio folded the fill of the row's note.

    position  (side, lots, cost in ticks x lots, time of the first entry fill, fees and funding in
              micro-units, liquidation level in ticks).
    worth     of an inverse contract (Q4), micro-units.
    realised  (since the start, since the day's roll), less fees, micro-units.
    result    +1 if a trade closed with a net gain, -1 with a loss, 0 otherwise.
    """
    row, account, stop = rows[market], accounts[0], stops[0]
    note = row["note"]
    row["position_side"] = position[0]
    row["position_lots"] = position[1]
    row["position_cost"] = position[2]
    row["position_entry_ns"] = position[3]
    row["position_fees"] = position[4]
    row["liquidation_level"] = position[5]
    row["position_worth"] = worth
    account["realised"] = realised[0]
    account["day_realised"] = realised[1]
    if note["purpose"] == Purpose.ENTRY:
        row["additions"] += row["addition_works"]  # A3: its first fill counts it
        row["addition_works"] = 0
        arm(row)
    else:
        row["last_exit_ns"] = note["time_ns"]
        row["last_exit_half"] = 2 * note["price"]
        if position[1] > 0:
            row["average"] = average_ticks(row)
    mark(row, account)
    if row["position_lots"] == 0:
        _flat(row, note["time_ns"], result)
    schedule(row, account)
    stop["reason"] = StopReason.NONE


@kernel
def _flat(row: Record, time_ns: int, result: int) -> None:
    """The trade is over: remember how it ended, forget what was of this position only."""
    cancel(row, Purpose.EXIT)
    row["last_flat_ns"] = time_ns
    row["last_reason"] = row["note"]["reason"] if row["exit_reason"] == 0 else row["exit_reason"]
    row["last_side"] = row["position_side"]
    row["exit_reason"] = ExitReason.NONE
    row["exit_attempt"] = 0
    row["armed"] = 0
    row["partial_tried"] = 0
    row["additions"] = 0
    row["last_addition_ns"] = 0
    row["trades"] += 1
    row["recent_wins"] = (row["recent_wins"] << 1 | (1 if result > 0 else 0)) & RECENT
    row["last_won"] = 1 if result > 0 else 0
    row["wins_in_a_row"] = row["wins_in_a_row"] + 1 if result > 0 else 0
    row["losses_in_a_row"] = row["losses_in_a_row"] + 1 if result < 0 else 0
    if result < 0:
        row["last_loss_ns"] = time_ns


@kernel
def funded(
    rows: Rows,
    accounts: Rows,
    stops: Rows,
    outputs: Rows,
    market: int,
    paid: tuple[int, int, int],
    realised: tuple[int, int],
    said: tuple[float, float],
) -> None:
    """V1: the portfolio paid or received funding of the open trade.

    paid      (fees and funding of the trade in micro-units, liquidation level, mark in half-ticks).
    realised  as in `folded`.
    said      (rate, what was paid in money).
    """
    row, account, stop = rows[market], accounts[0], stops[0]
    row["position_fees"] = paid[0]
    row["liquidation_level"] = paid[1]
    account["realised"] = realised[0]
    account["day_realised"] = realised[1]
    mark(row, account)
    out = say(row, stop, outputs, OutputKind.FUNDING, 0)
    out["side"] = row["position_side"]
    out["price_ticks"] = (paid[2] + 1) // 2
    out["lots"] = row["position_lots"]
    out["distances"][0] = said[0]
    out["distances"][1] = said[1]


@kernel
def set_state(
    accounts: Rows, stops: Rows, outputs: Rows, state: int, cause: int, until_ns: int
) -> None:
    """A command or a pause (L1, L2) sets the trading state; a change of it is said.

    until_ns  when REDUCING ends by itself (T3); NEVER_NS: it does not.
    """
    account, stop = accounts[0], stops[0]
    changed = account["trading_state"] != state
    account["trading_state"] = state
    account["state_cause"] = cause
    account["state_until_ns"] = until_ns
    account["next_timer_ns"] = min(account["next_timer_ns"], until_ns)
    if state == TradingState.ACTIVE and cause == StateCause.COMMAND:
        equity = account["start_equity"] + account["realised"] + account["unrealised"]
        account["guard_peak"] = equity
        account["drawdown"] = 0
    if changed:
        say_state(account, stop, outputs)


@kernel
def locked(
    rows: Rows,
    stops: Rows,
    outputs: Rows,
    market: int,
    lock: tuple[int, int],
    numbers: tuple[float, float],
) -> None:
    """O1: risk locked a market, or all of them (`market` -1).

    lock     (refusal code, end; 0 without one).
    numbers  (the limit it was set for, what was found).
    """
    stop = stops[0]
    if market < 0:
        out = say_of_account(stop, outputs, OutputKind.LOCKED, lock[0])
    else:
        out = say(rows[market], stop, outputs, OutputKind.LOCKED, lock[0])
    out["first_ns"] = lock[1]
    out["distances"][0] = numbers[0]
    out["distances"][1] = numbers[1]


@kernel
def playbook_changed(
    rows: Rows, stops: Rows, outputs: Rows, market: int, number: int, content: int
) -> None:
    """W1: the market trades by another playbook from the next tick on; say so.

    number   of the switch, from 1; 0 by an event. content: 60 bits of the playbook's hash.
    """
    parameters_changed(rows, market)
    out = say(rows[market], stops[0], outputs, OutputKind.PLAYBOOK_CHANGED, number)
    out["lots"] = content


@kernel
def end_market(rows: Rows, stops: Rows, outputs: Rows, market: int) -> bool:
    """M8: the market's last tick was folded; True if a position is to be closed out."""
    row, stop = rows[market], stops[0]
    cancel(row, Purpose.ENTRY)
    cancel(row, Purpose.EXIT)
    say_run(row, stop, outputs)
    row["timer_ns"] = NEVER_NS
    if row["position_lots"] == 0:
        return False
    row["distances"][0] = 0.0
    note_exit(row, ExitReason.END_OF_DATA, stop["now_ns"])
    say_intent(row, stop, outputs)
    stop["market"] = market
    return True


@kernel
def open_session(
    rows: Rows, accounts: Rows, stops: Rows, outputs: Rows, market: int, hours: tuple[int, int, int]
) -> int:
    """T2: the session before closed; `hours` are (open, cut-off, close) of the next one, in ns.

    Returns the subscribed frames that closed a candle, as bits.
    """
    row, account, stop = rows[market], accounts[0], stops[0]
    heard = 0
    if row["session_close_ns"] > 0:
        closed = close_all(row["features"][0], row["candles"][0])
        if closed & 1 != 0:
            fold_regime(row["features"][0], row["candles"][0], row["parameters"])
        for slot in range(1, SLOTS):
            close_all(row["features"][slot], row["candles"][slot])
        heard = closed & row["subscribed"]
        say_candles(row, stop, outputs, heard)
        if closed & (1 << MINUTE_FRAME) != 0:
            say_run(row, stop, outputs)
    row["session_open_ns"] = hours[0]
    row["session_cut_off_ns"] = hours[1]
    row["session_close_ns"] = hours[2]
    _restart_vwap(row)
    schedule(row, account)
    return heard


@kernel
def _restart_vwap(row: Record) -> None:
    for slot in range(SLOTS):
        restart_vwap(row["features"][slot])


@kernel
def run_started(rows: Rows, accounts: Rows) -> None:
    """I8: rows that go on where another run stopped find their timers."""
    for market in range(rows.shape[0]):
        schedule(rows[market], accounts[0])
    accounts[0]["next_timer_ns"] = min(accounts[0]["next_timer_ns"], accounts[0]["state_until_ns"])


@kernel
def order_by_hand(
    rows: Rows,
    stops: Rows,
    outputs: Rows,
    market: int,
    order: tuple[int, int],
    limit: tuple[bool, int],
    plan: tuple[int, int],
) -> None:
    """H2: the intent of a person; the plan is theirs, where no position has one already.

    order  (side, lots). limit: (stated, ticks), else that of a marketable entry.
    plan   (stop, target) in ticks.
    """
    row, stop = rows[market], stops[0]
    note_entry(row, order[0], order[1], stop["now_ns"])
    row["note"]["price"] = limit[1] if limit[0] else beyond_quote(row, order[0])
    row["distances"][:] = np.nan
    if row["position_lots"] == 0 and row["orders"][Purpose.ENTRY]["active"] == 0:
        forget_plan(row)
        row["plan_stop"] = plan[0]
        row["plan_target"] = plan[1]
    say_intent(row, stop, outputs)
    stop["market"] = market


@kernel
def leave(rows: Rows, stops: Rows, outputs: Rows, market: int) -> bool:
    """H3: True if a position is left by this; an exit that works already goes on."""
    row, stop = rows[market], stops[0]
    cancel(row, Purpose.ENTRY)
    if row["position_lots"] == 0 or row["exit_reason"] != ExitReason.NONE:
        return False
    if row["orders"][Purpose.EXIT]["active"] == 1:
        row["exit_reason"] = ExitReason.COMMAND  # a part works: what is left follows it
        row["exit_hold_until"] = stop["now_ns"]
        return False
    row["distances"][0] = 0.0
    note_exit(row, ExitReason.COMMAND, stop["now_ns"])
    say_intent(row, stop, outputs)
    stop["market"] = market
    return True


@kernel
def end_run(rows: Rows, stops: Rows, outputs: Rows, market: int) -> None:
    """I7: what comes after a gap is no part of the run before it."""
    say_run(rows[market], stops[0], outputs)


@kernel
def parameters_changed(rows: Rows, market: int) -> None:
    """F13: the window of the range may have another length now."""
    row = rows[market]
    window_s = row["parameters"]["no_trade_zone_window_s"]
    for slot in range(SLOTS):
        features = row["features"][slot]
        second = features["second"]
        if second["count"] > 0:
            renew_window(features, row["candles"][slot], second["bucket"], window_s)


@kernel
def roll_day(rows: Rows, accounts: Rows, stops: Rows, outputs: Rows) -> None:
    """T2: a new day of the account. A halt by daily loss ends with it."""
    account = accounts[0]
    account["day_realised"] = 0
    account["day_open"] = account["unrealised"] - account["exit_cost"]
    for market in range(rows.shape[0]):
        if rows[market]["session_close_ns"] == 0:
            _restart_vwap(rows[market])
    halted = account["trading_state"] == TradingState.HALTED
    if not halted or account["state_cause"] != StateCause.DAILY_LOSS:
        return
    account["trading_state"] = account["state_before"]
    account["state_cause"] = StateCause.DAY_ROLL
    say_state(account, stops[0], outputs)
