"""Writing outputs (docs/rules.md, O1). The caller has seen to room in the array."""

import numpy as np

from domain.arrays import Record, Rows
from domain.enums import OutputKind, Purpose
from domain.frames import FRAME_SECONDS, FRAMES
from domain.jit import kernel
from domain.rows.account import NEVER_NS
from domain.rows.features import KEPT
from domain.rows.output import DISTANCES
from strategies.rules.chain import was_asked, was_asked_of_addition

MASK = (1 << 40) - 1  # of a fingerprint, so that its arithmetic never overflows
FINER = 1024.0  # sizes and prices are told apart by fractions of a half-tick and of a lot


@kernel
def fingerprint(tick: Record, row: Record) -> int:
    """O1: 40 bits of what a tick says besides its time; swapping two ticks shows in them."""
    halves, lots = 2.0 * row["ticks_per_price"], row["lots_per_unit"]
    bits = 3 * tick["kind"] + tick["side"] + 1
    bits = _mixed(bits, tick["price"] * halves)
    bits = _mixed(bits, tick["size"] * lots)
    bits = _mixed(bits, tick["bid"] * halves)
    bits = _mixed(bits, tick["ask"] * halves)
    bits = _mixed(bits, tick["bid_size"] * lots)
    return _mixed(bits, tick["ask_size"] * lots)


@kernel
def _mixed(bits: int, number: float) -> int:
    known = 0.0 if np.isnan(number) else number
    return (bits * 31 + (int(np.floor(known * FINER + 0.5)) & MASK)) & MASK


@kernel
def say(row: Record, stop: Record, outputs: Rows, kind: int, code: int) -> Record:
    """Append an output of this market at the present time, all else zero, and return it."""
    out = outputs[stop["outputs"]]
    stop["outputs"] += 1
    row["tally"]["decision_seq"] += 1
    features = row["features"][0]
    out["event_ns"] = stop["now_ns"]
    out["market"] = row["index"]
    out["decision_seq"] = row["tally"]["decision_seq"]
    out["kind"] = kind
    out["code"] = code
    out["side"] = 0
    out["price_ticks"] = 0
    out["lots"] = 0
    out["mid_half"] = features["bid_ticks"] + features["ask_ticks"]
    out["last_half"] = int(features["last"])
    out["first_ns"] = 0
    out["cause"] = stop["cause"]
    out["distances"][:] = np.nan
    return out


@kernel
def say_of_account(stop: Record, outputs: Rows, kind: int, code: int) -> Record:
    """Append an output that belongs to no market, all else zero, and return it."""
    out = outputs[stop["outputs"]]
    stop["outputs"] += 1
    out["event_ns"] = stop["now_ns"]
    out["market"] = -1
    out["decision_seq"] = 0
    out["kind"] = kind
    out["code"] = code
    out["side"] = 0
    out["price_ticks"] = 0
    out["lots"] = 0
    out["mid_half"] = 0
    out["last_half"] = 0
    out["first_ns"] = 0
    out["cause"] = 0
    out["distances"][:] = np.nan
    return out


@kernel
def say_state(account: Record, stop: Record, outputs: Rows) -> None:
    """O1: the trading state was changed by no market's tick."""
    out = say_of_account(stop, outputs, OutputKind.STATE_CHANGED, account["trading_state"])
    out["lots"] = account["state_cause"]
    until_ns = account["state_until_ns"]
    out["first_ns"] = until_ns if until_ns != NEVER_NS else 0


@kernel
def say_refused_command(rows: Rows, stops: Rows, outputs: Rows, market: int, refusal: int) -> None:
    """I6: a command does not fit; `market` is -1 where it is not known."""
    if market < 0:
        say_of_account(stops[0], outputs, OutputKind.COMMAND_REFUSED, refusal)
    else:
        say(rows[market], stops[0], outputs, OutputKind.COMMAND_REFUSED, refusal)


@kernel
def say_intent(row: Record, stop: Record, outputs: Rows) -> None:
    """The intent in the row's note, with the distances of the gates asked or of the exit."""
    note = row["note"]
    held = row["position_lots"] > 0 and row["by_hand"] == 0  # H2: by hand nothing is added
    adds = note["purpose"] == Purpose.ENTRY and held  # A2
    kind = OutputKind.ADDITION if adds else OutputKind.INTENT
    out = say(row, stop, outputs, kind, note["reason"])
    out["side"] = note["side"]
    out["price_ticks"] = note["price"]
    out["lots"] = note["lots"]
    if note["purpose"] == Purpose.EXIT:
        row["tally"]["exits"] += 1
        out["distances"][0] = row["distances"][0]
        return
    if adds:
        row["tally"]["additions"] += 1
    else:
        row["tally"]["entries"] += 1
    for gate in range(DISTANCES):
        if was_asked_of_addition(row, gate) or (not adds and was_asked(row, gate)):
            out["distances"][gate] = row["distances"][gate]


@kernel
def say_fill(row: Record, stop: Record, outputs: Rows) -> None:
    """The fill in the row's note. The side is the position's, also for an exit."""
    note = row["note"]
    purpose = note["purpose"]
    order = row["orders"][purpose]
    out = say(row, stop, outputs, OutputKind.FILL, 0)
    exits = purpose == Purpose.EXIT
    out["side"] = -order["direction"] if exits else order["direction"]
    out["price_ticks"] = note["price"]
    out["lots"] = note["lots"]
    done = 4 if order["remaining"] == 0 else 0
    out["first_ns"] = note["maker"] + (2 if exits else 0) + done


@kernel
def say_run(row: Record, stop: Record, outputs: Rows) -> None:
    """The open run of rejections, if there is one; it ends with that."""
    run = row["run"]
    if run["open"] == 0:
        return
    out = say(row, stop, outputs, OutputKind.REJECTION_RUN, run["gate"])
    out["lots"] = run["count"]
    out["first_ns"] = run["first_ns"]
    out["distances"][0] = run["nearest"]
    out["distances"][1] = (run["last_ns"] - run["first_ns"]) / 1e9
    run["open"] = 0


@kernel
def say_candles(row: Record, stop: Record, outputs: Rows, closed: int) -> None:
    """The newest closed candle of each frame in the bits of `closed`, short to long."""
    for k in range(FRAMES):
        if closed & (1 << k) == 0:
            continue
        frame = row["candles"][0]["frames"][k]
        candle = frame["ring"][(frame["closed"] - 1) % KEPT]
        out = say(row, stop, outputs, OutputKind.CANDLE_CLOSED, k)
        out["lots"] = candle["count"]
        out["first_ns"] = candle["bucket"] * FRAME_SECONDS[k] * 1_000_000_000
        out["distances"][0] = candle["open"]
        out["distances"][1] = candle["high"]
        out["distances"][2] = candle["low"]
        out["distances"][3] = candle["close"]
        out["distances"][4] = candle["volume"]
