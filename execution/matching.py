"""Paper matching: what a venue would have done with an order, never better (rules, section 6).

A step fills at most once and leaves the fill in the row's note; whoever drives it folds the fill
into the portfolio and calls again until nothing more is due. An order's `due_ns` is its next timer.
"""

import numpy as np

from domain.arrays import Record, Rows
from domain.enums import BookSource, OrderKind, PriceSource, Purpose, TickKind
from domain.jit import kernel
from domain.rows.account import NEVER_NS

SNAP = 1e-6  # a size this close to a whole lot, in lots, is one: decimals are not exact


@kernel
def opposite_quote(row: Record, direction: int) -> int:
    """The quote an order of this direction trades against, in ticks."""
    features = row["features"][0]
    return features["ask_ticks"] if direction > 0 else features["bid_ticks"]


@kernel
def accept_order(
    rows: Rows, market: int, purpose: int, terms: tuple[int, int, int, int], times: tuple[int, int]
) -> None:
    """M1: start working an order.

    terms  (OrderKind, direction, limit price in ticks, lots).
    times  (now, how long it works after its arrival), ns.
    """
    row = rows[market]
    now_ns, life_ns = times
    order = row["orders"][purpose]
    order["active"] = 1
    order["kind"] = terms[0]
    order["direction"] = terms[1]
    order["limit"] = terms[2]
    order["remaining"] = terms[3]
    order["arrived"] = 0
    order["filling"] = 0
    order["step"] = 0
    order["ahead"] = 0.0
    order["worst"] = opposite_quote(row, order["direction"])
    order["arrival_ns"] = now_ns + row["latency_ns"]
    order["end_ns"] = order["arrival_ns"] + life_ns
    if purpose == Purpose.ENTRY and row["session_close_ns"] > 0:
        order["end_ns"] = min(order["end_ns"], row["session_cut_off_ns"])
    # Ticks stamped at the arrival are still seen on the way, so it comes after them (M1).
    order["due_ns"] = order["arrival_ns"] + 1
    if order["kind"] == OrderKind.CLOSE_OUT:
        order["arrived"] = 1
        order["filling"] = 1
        order["due_ns"] = now_ns


@kernel
def cancel(row: Record, purpose: int) -> None:
    """Stop working an order; what was filled stays filled."""
    row["orders"][purpose]["active"] = 0


@kernel
def worsen(row: Record) -> None:
    """M2: a valid book was set; remember the worst quote each waiting order has seen."""
    for purpose in range(2):
        order = row["orders"][purpose]
        waits = order["arrived"] == 0 or purpose == Purpose.EXIT
        if order["active"] == 1 and waits:
            quote = opposite_quote(row, order["direction"])
            if order["direction"] * (quote - order["worst"]) > 0:
                order["worst"] = quote


@kernel
def book_is_usable(row: Record, now_ns: int, stale_quote_ns: int) -> bool:
    """M3: the book is valid and not older than the account allows."""
    features = row["features"][0]
    return bool(features["book_valid"] == 1 and now_ns - features["book_ns"] <= stale_quote_ns)


@kernel
def on_timer(row: Record, purpose: int, time_ns: int, clock_ns: int, stale_quote_ns: int) -> bool:
    """M3 to M6: do what is due for one order at `time_ns`; True if it filled."""
    order = row["orders"][purpose]
    if order["arrived"] == 0:
        usable = book_is_usable(row, max(time_ns, clock_ns), stale_quote_ns)
        if order["end_ns"] < order["arrival_ns"]:
            usable = False  # the session's cut-off lies before its arrival
        _arrive(row, order, purpose, usable)
    elif order["filling"] == 0:
        _end(order, purpose, book_is_usable(row, max(time_ns, clock_ns), stale_quote_ns))
        return False
    return climb(row, purpose, time_ns)


@kernel
def _end(order: Record, purpose: int, usable: bool) -> None:
    """M5: the order's time is over; an exit without a usable book waits for the next one."""
    if purpose == Purpose.EXIT and not usable:
        order["due_ns"] = NEVER_NS
    else:
        order["active"] = 0


@kernel
def _arrive(row: Record, order: Record, purpose: int, usable: bool) -> None:
    order["arrived"] = 1
    order["due_ns"] = order["end_ns"]
    if not usable:
        waits = purpose == Purpose.EXIT and order["kind"] != OrderKind.PARTIAL
        order["active"] = 1 if waits else 0
        return
    if order["kind"] == OrderKind.IOC or order["kind"] == OrderKind.PARTIAL:
        order["filling"] = 1
        return
    opposite = opposite_quote(row, order["direction"])
    if order["direction"] * (order["limit"] - opposite) >= 0:
        order["filling"] = 1
        return
    order["ahead"] = _queue_ahead(row, order)


@kernel
def _queue_ahead(row: Record, order: Record) -> float:
    """M6: lots that trade before a resting order does."""
    features = row["features"][0]
    buys = order["direction"] > 0
    own = features["bid_ticks"] if buys else features["ask_ticks"]
    if order["direction"] * (order["limit"] - own) > 0:
        return 0.0
    size = features["bid_size"] if buys else features["ask_size"]
    return size * row["lots_per_unit"] if size > 0.0 else float(row["assumed_lots"])


@kernel
def climb(row: Record, purpose: int, time_ns: int) -> bool:
    """M4: take the next step of the ladder; True if it filled. Off the ladder it does nothing."""
    order = row["orders"][purpose]
    if order["active"] == 0 or order["filling"] == 0:
        return False
    direction = order["direction"]
    price = order["worst"] + direction * order["step"]
    if direction < 0:
        price = max(1, price)
    unlimited = order["kind"] == OrderKind.CLOSE_OUT
    if not unlimited and direction * (order["limit"] - price) < 0:
        order["filling"] = 0
        order["due_ns"] = order["end_ns"]
        ends = order["kind"] == OrderKind.IOC and purpose == Purpose.ENTRY
        if ends or order["kind"] == OrderKind.PARTIAL:
            order["active"] = 0
        return False
    order["step"] += 1
    order["due_ns"] = time_ns
    _fill(row, purpose, price, displayed_lots(row, direction), False, time_ns)
    return True


@kernel
def displayed_lots(row: Record, direction: int) -> int:
    """M4: whole lots shown at the opposite quote, assumed where unknown, at least one."""
    features = row["features"][0]
    size = features["ask_size"] if direction > 0 else features["bid_size"]
    if not size > 0.0:
        return max(1, row["assumed_lots"])
    return max(1, int(np.floor(size * row["lots_per_unit"] + SNAP)))


@kernel
def _fill(row: Record, purpose: int, price: int, offered: int, maker: bool, time_ns: int) -> None:
    order = row["orders"][purpose]
    lots = min(offered, order["remaining"])
    order["remaining"] -= lots
    if order["remaining"] == 0:
        order["active"] = 0
    note = row["note"]
    note["purpose"] = purpose
    note["price"] = price
    note["lots"] = lots
    note["maker"] = 1 if maker else 0
    note["time_ns"] = time_ns


@kernel
def on_tick(row: Record, tick: Record) -> bool:
    """M2, M5, M7: what a slot 0 tick does to working orders; True if one filled."""
    book_set = tick["kind"] == TickKind.QUOTE or row["book_source"] == BookSource.ASSUMED
    if book_set:
        worsen(row)
        leaving = row["orders"][Purpose.EXIT]
        if leaving["active"] == 1 and leaving["arrived"] == 1:
            leaving["filling"] = 1
            leaving["step"] = 0
            if climb(row, Purpose.EXIT, tick["event_ns"]):
                return True
            if leaving["end_ns"] <= tick["event_ns"]:
                leaving["active"] = 0
    entry = row["orders"][Purpose.ENTRY]
    rests = entry["active"] == 1 and entry["arrived"] == 1 and entry["kind"] == OrderKind.RESTING
    return rests and _trade_against_resting(row, entry, tick)


@kernel
def _trade_against_resting(row: Record, order: Record, tick: Record) -> bool:
    """M7: fill a resting entry at its limit, after its queue."""
    features = row["features"][0]
    direction, limit = order["direction"], order["limit"]
    if tick["kind"] == TickKind.TRADE:
        beyond = direction * (2.0 * limit - features["last"])
        if beyond > 0.0:
            _fill(row, Purpose.ENTRY, limit, order["remaining"], True, tick["event_ns"])
            return True
        if beyond < 0.0 or tick["side"] == direction:
            return False
        order["ahead"] -= tick["size"] * row["lots_per_unit"]
        lots = int(np.floor(SNAP - order["ahead"])) if order["ahead"] < 0.0 else 0
        if lots < 1:
            return False
        order["ahead"] += lots
        _fill(row, Purpose.ENTRY, limit, lots, True, tick["event_ns"])
        return True
    if row["price_source"] != PriceSource.MID:
        return False
    if direction * (limit - opposite_quote(row, direction)) <= 0:
        return False
    _fill(row, Purpose.ENTRY, limit, order["remaining"], True, tick["event_ns"])
    return True
