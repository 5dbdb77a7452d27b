"""Holds a session's books against its fills: trades and equity, to the last digit."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from agent.gym.course import fee_rate
from agent.gym.evidence import Evidence
from domain.enums import Purpose
from domain.orders import Fill
from domain.portfolio import Trade
from domain.units import EXACT
from reporting.gym_summary import Rule, Violation

_multiply = EXACT.multiply


class _Made(msgspec.Struct):
    """A trade as its fills and payments make it."""

    entry_ns: int
    lots: int = 0
    open_lots: int = 0
    fills: int = 0
    net: Decimal = Decimal(0)
    exit_ns: int = 0


def money_violations(evidence: Evidence) -> list[Violation]:
    """Where trades or equity are not what fills, fees and funding make."""
    return list(_violations(evidence))


def _violations(evidence: Evidence) -> Iterator[Violation]:
    made, left, brought = _trades(evidence)
    told = iter(evidence.trades)
    for market, trade in made:
        booked = next(told, None)
        if booked is None or not _alike(booked, evidence.markets[market].name, trade):
            yield _differs(
                evidence.markets[market].name, trade.exit_ns, f"fills make {trade}, not {booked}"
            )
    for booked in told:
        yield _differs(booked.market, int(booked.exit_ns), f"no fills make {booked}")
    equity = evidence.settings.account.start_equity + brought
    last_ns = int(evidence.ticks["event_ns"][-1])
    if not left and equity != evidence.equity:
        yield _differs(
            "", last_ns, f"fills make an equity of {equity}, the books {evidence.equity}"
        )


def _differs(market: str, at_ns: int, said: str) -> Violation:
    return Violation(rule=Rule.BOOKS_DIFFER.word, market=market, time_ns=at_ns, said=said)


def _trades(evidence: Evidence) -> tuple[list[tuple[int, _Made]], dict[int, _Made], Decimal]:
    """Trades in the order in which they closed, those left open, and all that came in."""
    closed: list[tuple[int, _Made]] = []
    left: dict[int, _Made] = {}
    brought = Decimal(0)
    for flow in evidence.flows:
        market = flow.order.market if isinstance(flow, Fill) else flow.market
        trade = left.setdefault(market, _Made(entry_ns=int(flow.time_ns)))
        if not isinstance(flow, Fill):
            trade.net -= flow.amount
            brought -= flow.amount
            continue
        cash = _cash(flow, evidence)
        trade.net += cash
        brought += cash
        trade.fills += 1
        entering = flow.order.purpose is Purpose.ENTRY
        trade.lots += int(flow.lots) if entering else 0
        trade.open_lots += int(flow.lots) if entering else -int(flow.lots)
        trade.exit_ns = int(flow.time_ns)
        if trade.open_lots == 0:
            closed.append((market, left.pop(market)))
    return closed, left, brought


def _cash(fill: Fill, evidence: Evidence) -> Decimal:
    """What a fill brings in, its fee paid; exact."""
    traded = evidence.markets[fill.order.market]
    one = traded.instrument
    units = _multiply(_multiply(one.qty(fill.lots), one.multiplier), traded.rate)
    worth = _multiply(one.price(fill.price), units)
    return -fill.order.direction * worth - _multiply(worth, fee_rate(fill, traded))


def _alike(booked: Trade, market: str, made: _Made) -> bool:
    told = (booked.market, booked.lots, booked.entry_ns, booked.exit_ns, booked.fills, booked.net)
    parts = booked.gross - booked.spread_cost - booked.slippage - booked.fees - booked.funding
    found = (market, made.lots, made.entry_ns, made.exit_ns, made.fills, made.net)
    return told == found and parts == booked.net
