"""The course of an account's money through a session, from fills and quotes alone.

Worked out anew, in whole columns, by nobody who decided anything: what the core made of the same
fills and quotes is held against it.
"""

from decimal import Decimal

import msgspec
import numpy as np
import numpy.typing as npt

from agent.gym.evidence import Evidence, Floats, Ints, Traded
from domain.arrays import Rows
from domain.enums import ExitReason, TickKind
from domain.orders import Fill

_DECIDED = (int(TickKind.TRADE), int(TickKind.QUOTE))


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over all moments: after each tick, and after each fill or payment.

    settled   after a trade or quote at whose stamp nothing was filled or paid: a core looks there.
    equity    of Q3, at the exit-side quotes.
    day       E2: the change since the day's roll, cost of leaving counted.
    drawdown  how far equity is below its highest so far.
    gross     what all positions are worth.
    trade     of the open trade of each market, cost of leaving counted; 0 while it is flat.
    held      open lots of each market, SHORT below 0.
    """

    times_ns: Ints
    settled: npt.NDArray[np.bool_]
    equity: Floats
    day: Floats
    drawdown: Floats
    gross: Floats
    trade: Floats
    held: Ints


class _Flows:
    """Fills and payments as columns; row 0 of a sum is before the first of them."""

    def __init__(self, evidence: Evidence) -> None:
        flows, markets = evidence.flows, evidence.markets
        self.times_ns: Ints = np.array([int(flow.time_ns) for flow in flows], np.int64)
        lots = np.zeros((len(markets), len(flows) + 1), np.int64)
        cash = np.zeros((len(markets), len(flows) + 1))
        for place, flow in enumerate(flows, start=1):
            if isinstance(flow, Fill):
                market = flow.order.market
                lots[market, place] = int(flow.lots) * flow.order.direction
                cash[market, place] = cash_of(flow, markets[market])
            else:
                cash[flow.market, place] = -float(flow.amount)
        self.held: Ints = np.cumsum(lots, axis=1)
        self.cash: Floats = np.cumsum(cash, axis=1)

    def since_flat(self, market: int) -> Floats:
        """Cash of the open trade after each flow: since the last one that left it flat."""
        flat = np.where(self.held[market] == 0, np.arange(self.held.shape[1]), 0)
        began = np.maximum.accumulate(flat)
        found: Floats = self.cash[market] - self.cash[market][began]
        return found


def cash_of(fill: Fill, traded: Traded) -> float:
    """What a fill brings in, its fee paid."""
    worth = float(fill.price) * float(traded.instrument.tick) * int(fill.lots) * traded.lot_worth
    fee = worth * float(fee_rate(fill, traded))
    bought = fill.order.direction > 0
    return -(worth if bought else -worth) - fee


def fee_rate(fill: Fill, traded: Traded) -> Decimal:
    """Of notional (V3: a liquidation pays its own fee on top of taker)."""
    fees, margin = traded.instrument.fees, traded.instrument.margin
    if fill.order.reason is ExitReason.LIQUIDATION and margin is not None:
        return fees.taker + margin.liquidation_fee
    return fees.maker if fill.maker else fees.taker


def course_of(evidence: Evidence) -> Course:
    """The whole course of a session with linear contracts."""
    flows, ticks = _Flows(evidence), evidence.ticks
    stamps: Ints = np.ascontiguousarray(ticks["event_ns"])
    count = len(stamps)
    before = np.searchsorted(flows.times_ns, stamps)
    at_tick = np.concatenate(
        [np.arange(count), np.searchsorted(stamps, flows.times_ns, "right") - 1]
    )
    at_flow = np.concatenate([before, 1 + np.arange(len(flows.times_ns))])
    times = np.concatenate([stamps, flows.times_ns])
    after = np.arange(len(times)) >= count
    order = np.lexsort((after, times))
    at_tick, at_flow, times, after = at_tick[order], at_flow[order], times[order], after[order]
    start = float(evidence.settings.account.start_equity)
    equity, leaving, gross = np.full(len(times), start), np.zeros(len(times)), np.zeros(len(times))
    trades, held = np.zeros((len(evidence.markets), len(times))), flows.held[:, at_flow]
    for number, traded in enumerate(evidence.markets):
        worth = _worth(ticks, number, held[number], at_tick) * traded.lot_worth
        cost = np.abs(worth) * float(traded.instrument.fees.taker)
        equity += flows.cash[number][at_flow] + worth
        leaving += cost
        gross += np.abs(worth)
        result = flows.since_flat(number)[at_flow] + worth - cost
        trades[number] = np.where(held[number] == 0, 0.0, result)
    peak = np.maximum(np.maximum.accumulate(equity), start)
    return Course(
        times_ns=times,
        settled=~after
        & ~np.isin(times, flows.times_ns)
        & np.isin(ticks["kind"], _DECIDED)[at_tick],
        equity=equity,
        day=_of_day(equity - leaving, times, evidence.day_rolls_ns, start),
        drawdown=peak - equity,
        gross=gross,
        trade=trades,
        held=held,
    )


def _worth(ticks: Rows, market: int, held: Ints, at_tick: Ints) -> Floats:
    """Open lots times the quote at which they are left, as it stood after a tick."""
    own = (ticks["market"] == market) & (ticks["slot"] == 0) & (ticks["kind"] == TickKind.QUOTE)
    newest = np.maximum.accumulate(np.where(own, np.arange(len(ticks)), -1))[at_tick]
    exit_side = np.where(held > 0, ticks["bid"][newest], ticks["ask"][newest])
    found: Floats = np.where((held == 0) | (newest < 0), 0.0, held * exit_side)
    return found


def _of_day(value: Floats, times: Ints, rolls_ns: list[int], start: float) -> Floats:
    """The change of each moment since the roll before it, or since the start."""
    found = value - start
    for roll_ns in rolls_ns:
        first = int(np.searchsorted(times, roll_ns))
        if 0 < first < len(times):
            found[first:] = value[first:] - value[first - 1]
    return found


def worst_place(course: Course) -> int | None:
    """The moment of the deepest drawdown; None where equity never fell."""
    place = int(np.argmax(course.drawdown)) if len(course.drawdown) else 0
    return place if len(course.drawdown) and course.drawdown[place] > 0 else None
