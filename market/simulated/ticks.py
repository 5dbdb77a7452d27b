"""The generator: steps of the price grid, and between them ticks of all markets in time order.

A market whose quote moves shows it within a millisecond of the step, all markets alike, so that
none leads another for longer than any order takes. Half of these quotes come with a trade that took
the old one just before. Everything else that happens in a step (trades, sizes, spreads) looks back
at moves that have happened; the next move looks at nothing.
"""

import math
from typing import Final

from domain.arrays import Record, Rows
from domain.enums import TickKind
from domain.jit import kernel
from market.simulated.draws import draw, heavy, noise, uneven, uniform
from market.simulated.price import STEP_S, step_factor
from market.simulated.rows import STEP_NS
from market.simulated.script import follow_script

TRADE, QUOTE, INVALID_BOOK = int(TickKind.TRADE), int(TickKind.QUOTE), int(TickKind.INVALID_BOOK)
# What comes before the next ordinary tick of a market.
NOTHING, SWEEP, NEWS, CLOSES = 0, 1, 2, 3
NEVER_NS: Final = 2**62
_NEWS_NS: Final = 1_000_000  # a quote that moved comes so soon
_AHEAD_NS: Final = 200_000  # the trade that took the old one, so much before it
_BURST_NS: Final = 2_000_000  # ticks of a burst are no further apart
_BURST: Final = 0.4  # share of ticks that follow in a burst
_EDGE_NS: Final = 1_000  # ticks so near to a step come after it, so that none is out of order
_DELAY_NS: Final = 3_000_000  # exchange to receiver
_CLOSED_SCALE: Final = 0.3  # what volatility is left while a market is closed
_STRAIN_S: Final = 0.5
_BP: Final = 1e-4
_WAVE, _CHASE = 0.2, 0.2  # how far a buyer's chance moves with the wave, and with the last move
_THIN: Final = 0.3  # depth is divided by 1 + this * volatility
_CALM: Final = 1.5  # bp per square root of a second at which ticks come as often as stated


@kernel
def advance(states: Rows, regimes: Rows, closed: Rows, until_ns: int, out: Rows) -> int:
    """Write ticks before `until_ns` into `out`, as many as fit; returns how many.

    states   GENERATOR[1], moved on: where the pieces end changes no tick.
    regimes  REGIME[5].
    closed   CLOSED[n], sorted by market and start, reaching beyond `until_ns`.
    out      TICK[m], every field is written; event_ns rises strictly.
    Look-ahead  a move of the grid depends on no tick, unless an edge is planted; a script is known
             from the start.
    """
    state = states[0]
    count = 0
    while count < out.shape[0]:
        market, at_ns = _next(state)
        end_ns = state["cell_ns"] + STEP_NS
        if min(at_ns, end_ns) >= until_ns:
            break
        if at_ns >= end_ns - _EDGE_NS:
            if at_ns == NEVER_NS:
                _sleep(state, closed)
            _step(state, regimes, closed)
            continue
        book = state["books"][market]
        _tick(state, book, max(at_ns, state["last_ns"] + 1), out[count])
        out[count]["market"] = market
        count += 1
    return count


@kernel
def _next(state: Record) -> tuple[int, int]:
    """The market whose tick comes next, and when; the first of equals."""
    market, first_ns = 0, NEVER_NS
    for each in range(state["markets"]):
        book = state["books"][each]
        at_ns = book["pending_ns"] if book["pending"] != NOTHING else book["ordinary_ns"]
        if at_ns < first_ns:
            market, first_ns = each, at_ns
    return market, first_ns


@kernel
def _sleep(state: Record, closed: Rows) -> None:
    """While every market is closed: one move for all the time until the first of them opens."""
    opens_ns = NEVER_NS
    for each in range(state["markets"]):
        at = state["books"][each]["closed_at"]
        if (
            at >= closed.shape[0]
            or closed[at]["market"] != each
            or closed[at]["start_ns"] > state["cell_ns"]
        ):
            return
        opens_ns = min(opens_ns, closed[at]["end_ns"])
    steps = (opens_ns - state["cell_ns"]) // STEP_NS - 1
    if steps < 1:
        return
    root = math.sqrt(steps * STEP_S)
    for each in range(state["markets"]):
        factor = state["factors"][each]
        factor["move"] = factor["volatility"] * root * noise(factor)
    for each in range(state["markets"]):
        book = state["books"][each]
        move = book["share"] * state["factors"][0]["move"]
        move += book["own"] * state["factors"][each]["move"]
        book["mid"] *= 1.0 + _CLOSED_SCALE * book["scale"] * move * _BP
    state["cell_ns"] += steps * STEP_NS


@kernel
def _step(state: Record, regimes: Rows, closed: Rows) -> None:
    """Every factor and every market moves on by one step of the grid."""
    state["cell_ns"] += STEP_NS
    for each in range(state["markets"]):
        follow_script(state, each)
        step_factor(state["factors"][each], regimes)
    shared = state["factors"][0]
    for each in range(state["markets"]):
        book, own = state["books"][each], state["factors"][each]
        was_closed = book["closed"]
        _open_or_close(book, each, closed, state["cell_ns"])
        share, rest = book["share"], book["own"]
        scale = book["scale"] * (1.0 if book["closed"] == 0 else _CLOSED_SCALE)
        move = scale * (share * shared["move"] + rest * own["move"])
        planted = state["planted"] * book["wave"] * STEP_S
        scripted = book["spell_drift"] * STEP_S + book["spell_jump"]
        book["mid"] *= 1.0 + (move + planted + scripted) * _BP
        common, alone = share * shared["volatility"], rest * own["volatility"]
        book["volatility"] = book["scale"] * math.sqrt(common * common + alone * alone)
        if uniform(book) * regimes[own["regime"]]["wave_s"] < STEP_S:
            book["wave"] = -book["wave"]
        book["strain"] *= 1.0 - STEP_S / _STRAIN_S
        _quote_anew(book)
        if book["closed"] == 0:
            _show(book, was_closed == 1, state["cell_ns"])
        elif was_closed == 0:
            book["pending"], book["pending_ns"] = CLOSES, state["cell_ns"]
            book["ordinary_ns"] = NEVER_NS


@kernel
def _open_or_close(book: Record, market: int, closed: Rows, now_ns: int) -> None:
    at = book["closed_at"]
    while at < closed.shape[0] and (
        closed[at]["market"] < market
        or (closed[at]["market"] == market and closed[at]["end_ns"] <= now_ns)
    ):
        at += 1
    book["closed_at"] = at
    book["closed"] = 0
    if at < closed.shape[0] and closed[at]["market"] == market and closed[at]["start_ns"] <= now_ns:
        book["closed"] = 1


@kernel
def _quote_anew(book: Record) -> None:
    """The quote around the mid: wider when prices move and after large trades."""
    variance = book["volatility"] * book["volatility"]
    wide = book["spread"] + book["spread_per_variance"] * variance + book["strain"]
    spread = int(min(wide, book["most_spread"]) * book["spell_spread"])
    bid = math.floor(book["mid"] - 0.5 * spread + 0.5)
    book["next_bid"] = max(bid, 1)
    book["next_ask"] = max(bid, 1) + spread


@kernel
def _show(book: Record, opens: bool, now_ns: int) -> None:
    """A quote that moved is shown soon, half the time after a trade that took the old one."""
    up = book["next_bid"] > book["bid"]
    down = book["next_ask"] < book["ask"]
    if opens:
        book["ordinary_ns"] = now_ns + _NEWS_NS + draw(book) % _NEWS_NS
    elif book["pending"] == NOTHING and not (
        up or down or book["next_bid"] != book["bid"] or book["next_ask"] != book["ask"]
    ):
        return
    book["pending"] = NEWS
    book["pending_ns"] = now_ns + draw(book) % _NEWS_NS
    if up != down and not opens and uniform(book) < 0.5:
        book["pending"] = SWEEP
        book["sweep"] = 1 if up else -1


@kernel
def _tick(state: Record, book: Record, at_ns: int, row: Record) -> None:
    """Write the next tick of a market and decide when it has another one."""
    pending = book["pending"]
    _stamp(state, book, at_ns, row)
    if pending == CLOSES:
        row["kind"] = INVALID_BOOK
        book["pending"] = NOTHING
        return
    if pending == SWEEP:
        _trade(book, book["sweep"], row)
        book["pending"] = NEWS
        book["pending_ns"] = at_ns + 1 + draw(book) % _AHEAD_NS
        return
    if pending == NEWS:
        _quote(book, row)
        book["pending"] = NOTHING
        return
    if uniform(book) < book["trades"]:
        chase = _CHASE if book["sweep"] > 0 else -_CHASE
        buys = uniform(book) < 0.5 + _WAVE * book["wave"] + chase
        _trade(book, 1 if buys else -1, row)
    else:
        _quote(book, row)
    book["ordinary_ns"] = at_ns + _gap(book)


@kernel
def _gap(book: Record) -> int:
    """To the next ordinary tick: bursts and pauses, and more of both when prices move."""
    if uniform(book) < _BURST:
        return 1_000 + draw(book) % _BURST_NS
    hurry = 0.5 + 0.5 * min(book["volatility"] / _CALM, 6.0)
    gap = uneven(book) * book["gap_ns"] / ((1.0 - _BURST) * hurry)
    return 1_000 + int(gap * book["spell_gap"])


@kernel
def _stamp(state: Record, book: Record, at_ns: int, row: Record) -> None:
    """Everything of a row but what it says."""
    state["last_ns"] = at_ns
    sent_ns = at_ns - _DELAY_NS // 2 - draw(book) % _DELAY_NS
    state["last_ts_ns"] = max(state["last_ts_ns"], sent_ns)
    row["event_ns"] = at_ns
    row["recv_ns"] = at_ns
    row["ts_ns"] = state["last_ts_ns"]
    row["seq"] = book["seq"]
    book["seq"] += 1
    row["slot"] = 0
    row["side"] = 0
    row["trade_id"] = 0
    row["flags"] = 0
    row["price"] = math.nan
    row["size"] = math.nan
    row["bid"] = math.nan
    row["ask"] = math.nan
    row["bid_size"] = math.nan
    row["ask_size"] = math.nan


@kernel
def _trade(book: Record, side: int, row: Record) -> None:
    """A trade at the quote shown. It eats depth; one that is larger strains the spread."""
    size = max(1, int(book["trade"] * heavy(book)))
    if side > 0:
        price, shown = book["ask"], book["ask_size"]
        book["ask_size"] = max(1, shown - size)
    else:
        price, shown = book["bid"], book["bid_size"]
        book["bid_size"] = max(1, shown - size)
    if size > shown:
        book["strain"] = min(book["strain"] + 1.0, 3.0)
    book["trade_id"] += 1
    row["kind"] = TRADE
    row["side"] = side
    row["trade_id"] = book["trade_id"]
    row["price"] = price * book["tick_over"] / book["tick_under"]
    row["size"] = size * book["lot_over"] / book["lot_under"]


@kernel
def _quote(book: Record, row: Record) -> None:
    """The quote that is due, with depth on its way back to what the market usually shows."""
    if book["next_bid"] != book["bid"]:
        book["sweep"] = 1 if book["next_bid"] > book["bid"] else -1
    usual = book["depth"] / (1.0 + _THIN * book["volatility"]) * book["spell_depth"]
    book["bid_size"] = max(1, int(0.5 * (book["bid_size"] + usual * 2.0 * uneven(book))))
    book["ask_size"] = max(1, int(0.5 * (book["ask_size"] + usual * 2.0 * uneven(book))))
    book["bid"], book["ask"] = book["next_bid"], book["next_ask"]
    row["kind"] = QUOTE
    row["bid"] = book["bid"] * book["tick_over"] / book["tick_under"]
    row["ask"] = book["ask"] * book["tick_over"] / book["tick_under"]
    row["bid_size"] = book["bid_size"] * book["lot_over"] / book["lot_under"]
    row["ask_size"] = book["ask_size"] * book["lot_over"] / book["lot_under"]
