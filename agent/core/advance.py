"""The fold over ticks: everything that happens on a tick, in the order of the rules (I4, I5).

`advance` stops at the first tick or timer that wants an answer and is called again with what it
returned. What it does in between depends on nothing but the records and the ticks, so the size of
the pieces cannot matter.
"""

from agent.core.say import (
    fingerprint,
    say,
    say_candles,
    say_fill,
    say_intent,
    say_run,
    say_state,
)
from agent.core.timers import next_timer, schedule, time_of
from domain.arrays import Record, Rows
from domain.enums import (
    ExitReason,
    OutputKind,
    Purpose,
    Side,
    StateCause,
    TickKind,
    TradingState,
)
from domain.frames import MINUTE_FRAME
from domain.jit import kernel
from domain.rows.account import NEVER_NS
from domain.rows.stop import StopReason
from execution.matching import cancel, on_tick, on_timer
from strategies.features.update import update_features
from strategies.rules.averaging import adds
from strategies.rules.chain import PASSED, first_blocking
from strategies.rules.exits import exit_reason, note_exit, note_partial, partial_lots
from strategies.rules.marks import end_reducing, loss_latches, mark
from strategies.rules.movers import move_stop
from strategies.rules.plan import make_plan, note_entry
from strategies.rules.rejections import count_rejection, extend_run, run_ends

ROOM = 64  # outputs that one tick with all its timers can write between two looks at the array
TIMERS_AT_ONCE = 1_000_000  # between two ticks; far more than rows can have in earnest
# What there is to say after a tick; bits.
NOTHING, FILLED, LATCHED, RUN_ENDED, LEAVES, ENTERS, LEAVES_PART, ADDS = 0, 1, 2, 4, 8, 16, 32, 64
INVALID_BOOK, CLOCK = int(TickKind.INVALID_BOOK), int(TickKind.CLOCK)


@kernel
def advance(
    rows: Rows, accounts: Rows, ticks: Rows, start: int, end: int, stops: Rows, outputs: Rows
) -> int:
    """Fold ticks[start:end] until something wants an answer; returns the next tick to fold.

    rows      MARKET[n]; a tick names its row by `market`.
    accounts  ACCOUNT[1].
    ticks     TICK[m], event_ns never decreasing, good ticks only (I2).
    stops     STOP[1]: the reasons, 0 when all ticks were folded, and the count of outputs.
    outputs   OUTPUT[k], k > ROOM; written from `stops["outputs"]` on.
    Look-ahead  a tick's outputs are decided by ticks up to it.
    """
    account, stop = accounts[0], stops[0]
    stop["reason"] = StopReason.NONE
    full = outputs.shape[0] - ROOM
    for i in range(start, end):
        tick = ticks[i]
        event_ns = tick["event_ns"]
        if stop["outputs"] > full:
            stop["reason"] = StopReason.OUTPUTS_FULL
            return i
        if account["next_timer_ns"] <= event_ns and run_timers(
            rows, account, event_ns, stop, outputs
        ):
            return i
        stop["now_ns"] = event_ns
        if tick["kind"] == CLOCK:
            stop["cause"] = 0
            continue
        row = rows[tick["market"]]
        closed = update_features(row, tick)
        if closed != 0 and tick["slot"] == 0:
            stop["cause"] = fingerprint(tick, row)
            _candles_closed(row, closed, stop, outputs)
        if tick["slot"] == 0 and tick["kind"] != INVALID_BOOK:
            said = _decide(row, account, tick)
            if said != NOTHING:
                stop["cause"] = fingerprint(tick, row)
                _speak(row, account, said, stop, outputs)
        if stop["reason"] != StopReason.NONE:
            return i + 1
    return end


@kernel
def _candles_closed(row: Record, closed: int, stop: Record, outputs: Rows) -> None:
    heard = closed & row["subscribed"]
    if heard != 0:
        say_candles(row, stop, outputs, heard)
        stop["reason"] |= StopReason.CANDLE
        stop["market"] = row["index"]
        stop["frames"] = heard
    if closed & (1 << MINUTE_FRAME) != 0:
        say_run(row, stop, outputs)


@kernel
def _decide(row: Record, account: Record, tick: Record) -> int:
    """I5: matching, then exits and movers, or gates; the answer says what to speak about.

    Arrays stay outside: passing one costs more than all the gates (reference counting).
    """
    now_ns = tick["event_ns"]
    row["last_tick_ns"] = now_ns
    row["tally"]["ticks"] += 1
    entry_works = row["orders"][Purpose.ENTRY]["active"] == 1
    if entry_works and account["trading_state"] != TradingState.ACTIVE:
        cancel(row, Purpose.ENTRY)  # M10
        entry_works = False
    exit_works = row["orders"][Purpose.EXIT]["active"] == 1
    if (entry_works or exit_works) and on_tick(row, tick):
        return FILLED
    if exit_works and row["orders"][Purpose.EXIT]["active"] == 0:
        schedule(row, account)  # it ended on this tick: the next attempt is due
        return NOTHING
    held = row["position_lots"] > 0
    book_valid = row["features"][0]["book_valid"] == 1
    if held and book_valid:
        mark(row, account)
    latched = loss_latches(account)
    said = NOTHING if latched == StateCause.START else LATCHED
    if not held:
        if entry_works or exit_works or row["by_hand"] == 1:
            return said
        return said | _try_entry(row, account, now_ns)
    if exit_works or row["exit_reason"] != ExitReason.NONE:
        return said
    reason = exit_reason(row, account, now_ns, latched)
    if reason != ExitReason.NONE:
        row["reason"] = reason
        return said | LEAVES
    return said | _hold(row, account, now_ns, entry_works) if book_valid else said


@kernel
def _hold(row: Record, account: Record, now_ns: int, entry_works: bool) -> int:
    """E6, S1, A1: a position that is not left: take a part, move its stop, or add to it."""
    if row["by_hand"] == 1:
        return NOTHING  # H1, H2: all of these are off
    if partial_lots(row) > 0:
        return LEAVES_PART
    move_stop(row, now_ns)
    if entry_works or not adds(row, account, now_ns):
        return NOTHING
    note_entry(row, row["position_side"], row["addition_lots"], now_ns)
    return ADDS


@kernel
def _try_entry(row: Record, account: Record, now_ns: int) -> int:
    direction = row["features"][0]["direction"]
    side = direction if direction != 0 else Side.LONG
    gate = first_blocking(row, account, side, now_ns)
    if gate == PASSED:
        make_plan(row, now_ns)
        note_entry(row, side, 0, now_ns)
        return ENTERS
    count_rejection(row, gate)
    if run_ends(row, gate, now_ns):
        row["reason"] = gate
        return RUN_ENDED
    extend_run(row, gate, now_ns)
    return NOTHING


@kernel
def _speak(row: Record, account: Record, said: int, stop: Record, outputs: Rows) -> None:
    """Write the outputs of what `_decide` found, in the order of O1."""
    if said & FILLED != 0:
        _filled(row, account, stop, outputs)
    if said & LATCHED != 0:
        _say_state(row, account, stop, outputs)
    if said & RUN_ENDED != 0:
        say_run(row, stop, outputs)
        extend_run(row, row["reason"], stop["now_ns"])
    if said & LEAVES != 0:
        _intend_exit(row, row["reason"], stop, outputs)
    if said & LEAVES_PART != 0:
        cancel(row, Purpose.ENTRY)
        note_partial(row, partial_lots(row), stop["now_ns"])
        _intend(row, stop, outputs)
    if said & ENTERS != 0:
        say_run(row, stop, outputs)
    if said & (ENTERS | ADDS) != 0:
        _intend(row, stop, outputs)


@kernel
def _say_state(row: Record, account: Record, stop: Record, outputs: Rows) -> None:
    out = say(row, stop, outputs, OutputKind.STATE_CHANGED, account["trading_state"])
    out["lots"] = account["state_cause"]


@kernel
def _intend_exit(row: Record, reason: int, stop: Record, outputs: Rows) -> None:
    """E4: intend to leave; a working entry is cancelled."""
    cancel(row, Purpose.ENTRY)
    note_exit(row, reason, stop["now_ns"])
    _intend(row, stop, outputs)


@kernel
def _intend(row: Record, stop: Record, outputs: Rows) -> None:
    say_intent(row, stop, outputs)
    stop["reason"] |= StopReason.INTENT
    stop["market"] = row["index"]


@kernel
def _filled(row: Record, account: Record, stop: Record, outputs: Rows) -> None:
    say_fill(row, stop, outputs)
    schedule(row, account)
    stop["reason"] |= StopReason.FILL
    stop["market"] = row["index"]


@kernel
def run_timers(rows: Rows, account: Record, until_ns: int, stop: Record, outputs: Rows) -> bool:
    """I4: run timers due by `until_ns` in order of (time, market); True if one wants an answer.

    A timer that is due again and again without effect is a broken rule: it is reported, not run
    for ever.
    """
    for _ in range(TIMERS_AT_ONCE):
        first, due_ns = -1, NEVER_NS
        for market in range(rows.shape[0]):
            if rows[market]["timer_ns"] < due_ns:
                first, due_ns = market, rows[market]["timer_ns"]
        state_until_ns = account["state_until_ns"]
        account["next_timer_ns"] = min(due_ns, state_until_ns)
        if account["next_timer_ns"] > until_ns:
            return False
        if state_until_ns <= due_ns:  # T3
            stop["now_ns"] = max(stop["now_ns"], state_until_ns)
            if end_reducing(account):
                say_state(account, stop, outputs)
            continue
        row = rows[first]
        exact_ns = next_timer(row)
        row["timer_ns"] = exact_ns
        if exact_ns > due_ns:
            continue
        stop["now_ns"] = max(stop["now_ns"], time_of(row, exact_ns))
        stop["cause"] = 0
        if _on_timer(row, account, exact_ns, stop, outputs):
            account["next_timer_ns"] = min(account["next_timer_ns"], row["timer_ns"])
            return True
        row["timer_ns"] = next_timer(row)
    stop["reason"] = StopReason.TIMER_STUCK
    return True


@kernel
def _on_timer(row: Record, account: Record, due_ns: int, stop: Record, outputs: Rows) -> bool:
    """T1: order arrivals and ends, then the exits."""
    now_ns = stop["now_ns"]
    went_on = False
    climbing = row["orders"][Purpose.ENTRY]["filling"] == 1
    if account["trading_state"] != TradingState.ACTIVE and not climbing:
        cancel(row, Purpose.ENTRY)  # M10
    for purpose in range(2):
        order = row["orders"][purpose]
        if order["active"] == 1 and order["due_ns"] <= max(due_ns, now_ns):
            went_on |= order["filling"] == 1
            clock_ns, stale_ns = account["clock_ns"], account["stale_quote_ns"]
            if on_timer(row, purpose, now_ns, clock_ns, stale_ns):
                _filled(row, account, stop, outputs)
                return True
    if went_on or row["position_lots"] == 0 or row["orders"][Purpose.EXIT]["active"] == 1:
        return False  # what has just filled is looked at from the next tick on (M9)
    if row["exit_reason"] != ExitReason.NONE:
        if now_ns < row["exit_hold_until"]:
            return False
        row["distances"][0] = 0.0
        _intend_exit(row, row["exit_reason"], stop, outputs)
        return True
    latched = loss_latches(account)
    if latched != StateCause.START:
        _say_state(row, account, stop, outputs)
    reason = exit_reason(row, account, now_ns, latched)
    if reason == ExitReason.NONE:
        return False
    _intend_exit(row, reason, stop, outputs)
    return True
