"""Walks through what a session's core said, and finds entries and exits that break a rule.

State, locks and positions are followed from the outputs alone, hours and prices from the inputs.
"""

import math
from collections import defaultdict
from typing import Final

from agent.gym.evidence import Books, Evidence, Traded
from domain.arrays import Record
from domain.enums import ExitReason, OrderKind, OutputKind, Purpose, Refusal, TradingState
from domain.events import SessionEdge
from domain.orders import Fill, Order
from domain.units import SECOND_NS
from reporting.amounts import utc
from reporting.gym_summary import Rule, Violation

_EVERYWHERE: Final = -1
_EXIT: Final = 2  # flag of a FILL
_MILLI_NS: Final = 1_000_000
_SLACK: Final = 1.0 + 1e-9  # doubles against limits
_PASSING: Final = (OutputKind.REJECTION_RUN, OutputKind.CANDLE_CLOSED)


class Walk:
    """Of one session; `found` grows as outputs are taken in their order."""

    def __init__(self, evidence: Evidence, books: dict[int, Books]) -> None:
        self._evidence = evidence
        self._books = books
        self._limits = evidence.settings.limits
        self._stale_ns = (self._limits.stale_quote_s or math.inf) * SECOND_NS
        self._booked_fills = evidence.fills
        self._hours = {n: evidence.hours(n) for n in range(len(evidence.markets))}
        self._state = int(TradingState.ACTIVE)
        self._locks: dict[tuple[int, int], float] = {}
        self._held: dict[int, int] = defaultdict(int)
        self._leaving: dict[int, int] = {}  # the reason for which a market is being left
        self._due: dict[int, int] = {}  # markets that must be left, and by when one decides so
        self._busy_ns: dict[int, int] = {}  # until when a partial exit is on its way
        self._intent: Record | None = None
        self._orders = 0
        self._fills = 0
        self.found: list[Violation] = []

    def run(self) -> list[Violation]:
        """All of them."""
        outputs = self._evidence.outputs
        for output in outputs:
            if output["kind"] not in _PASSING:
                self._late(int(output["event_ns"]))
                self._take(output)
        last_ns = int(self._evidence.ticks["event_ns"][-1])
        self._late(last_ns + 1)
        if (self._orders, self._fills) != (len(self._evidence.approved), len(self._booked_fills)):
            self._say(Rule.BOOKS_DIFFER, _EVERYWHERE, last_ns, self._counts())
        for market, lots in self._held.items():
            if lots:
                self._say(Rule.HELD_AT_THE_END, market, last_ns, f"{lots} lots are still held")
        return self.found

    def _counts(self) -> str:
        return (
            f"the core said {self._orders} approvals and {self._fills} fills, the books hold "
            f"{len(self._evidence.approved)} and {len(self._booked_fills)}"
        )

    def _say(self, rule: Rule, market: int, at_ns: int, said: str) -> None:
        name = "" if market == _EVERYWHERE else self._evidence.markets[market].name
        self.found.append(Violation(rule=rule.word, market=name, time_ns=at_ns, said=said))

    def _take(self, output: Record) -> None:
        kind, market = int(output["kind"]), int(output["market"])
        if kind == OutputKind.STATE_CHANGED:
            self._state = int(output["code"])
            if self._state == TradingState.HALTED:
                self._halted(int(output["event_ns"]))
        elif kind == OutputKind.LOCKED:
            key = (market, int(output["code"]))
            self._locks[key] = float(output["first_ns"]) or math.inf
        elif kind in (OutputKind.INTENT, OutputKind.ADDITION):
            self._intent = output
            if output["code"] != ExitReason.NONE:
                self._leave(output)
        elif kind == OutputKind.APPROVED:
            self._approved(output)
        elif kind == OutputKind.FILL:
            self._filled(output)

    def _halted(self, at_ns: int) -> None:
        """E3: what is open is left at its market's next tick at the latest."""
        for market, lots in self._held.items():
            if lots and market not in self._leaving:
                self._leave_after(market, max(at_ns, self._busy_ns.get(market, 0)))

    def _leave_after(self, market: int, at_ns: int) -> None:
        following = self._books[market].next_decided_ns(at_ns)
        self._due.pop(market, None)
        if following is not None:
            self._due[market] = following

    def _late(self, now_ns: int) -> None:
        for market in [each for each, due_ns in self._due.items() if due_ns < now_ns]:
            due_ns = self._due.pop(market)
            self._say(Rule.LOSS_LIMIT_IGNORED, market, due_ns, "halted, and nobody left")

    def _leave(self, output: Record) -> None:
        market, reason, lots = (int(output[name]) for name in ("market", "code", "lots"))
        at_ns, held = int(output["event_ns"]), abs(self._held[market])
        self._due.pop(market, None)
        if lots > held:
            self._say(Rule.EXIT_TWICE, market, at_ns, f"wants to leave {lots} lots of {held}")
        if reason == ExitReason.PARTIAL:
            late_ns = self._evidence.markets[market].instrument.latency_ms * _MILLI_NS
            self._busy_ns[market] = at_ns + late_ns + 1
            return
        if reason == ExitReason.END_OF_DATA:
            return  # it takes the place of any other (M8)
        before = self._leaving.setdefault(market, reason)
        if before != reason:
            words = f"{ExitReason(before).word}, then {ExitReason(reason).word}"
            self._say(Rule.EXIT_TWICE, market, at_ns, f"is left for two reasons: {words}")

    def _approved(self, output: Record) -> None:
        number, self._orders = self._orders, self._orders + 1
        if number >= len(self._evidence.approved):
            return
        order = self._evidence.approved[number]
        told = (int(output["market"]), int(output["price_ticks"]), int(output["lots"]))
        if told != (order.market, int(order.limit), int(order.lots)):
            self._say(Rule.BOOKS_DIFFER, told[0], int(output["event_ns"]), f"another {order}")
        intent = self._intent
        if intent is not None and intent["code"] == ExitReason.NONE:
            self._may_enter(order, int(output["event_ns"]))
            self._fits(order, int(output["event_ns"]))

    def _may_enter(self, order: Order, at_ns: int) -> None:
        market = order.market
        if self._state != TradingState.ACTIVE:
            said = f"entered while {TradingState(self._state).word}"
            self._say(Rule.ENTRY_WHILE_STOPPED, market, at_ns, said)
        for (where, code), end_ns in self._locks.items():
            if where in {market, _EVERYWHERE} and at_ns < end_ns:
                said = f"entered in spite of the lock {Refusal(code).word}"
                self._say(Rule.ENTRY_WHILE_LOCKED, market, at_ns, said)
        edge = self._session(market, at_ns)
        if edge is not None and not edge.open_ns <= at_ns <= edge.cut_off_ns:
            said = f"entered outside {utc(edge.open_ns)} to {utc(edge.cut_off_ns)} UTC"
            self._say(Rule.ENTRY_OUTSIDE_SESSION, market, at_ns, said)
        if order.stop < 1:
            self._say(Rule.ENTRY_WITHOUT_STOP, market, at_ns, f"{order.client_id} has no stop")

    def _session(self, market: int, at_ns: int) -> SessionEdge | None:
        known = [edge for edge in self._hours[market] if edge.event_ns <= at_ns]
        return known[-1] if known else None

    def _fits(self, order: Order, at_ns: int) -> None:
        market, limits = order.market, self._limits
        traded, held = self._evidence.markets[market], abs(self._held[market])
        lots = int(order.lots)
        one = notional(traded, int(order.limit))
        others = {n for n, open_lots in self._held.items() if open_lots and n != market}
        elsewhere = sum(self._worth(n, at_ns) for n in others)
        stop = float(order.stop) * float(traded.instrument.tick) * traded.lot_worth
        fees = 2.0 * float(traded.instrument.fees.taker) * one
        found = {
            "max_order_notional": (lots * one, limits.max_order_notional),
            "max_position_notional": ((held + lots) * one, limits.max_position_notional),
            "max_gross_notional": (elsewhere + (held + lots) * one, limits.max_gross_notional),
            "max_open_positions": (len(others) + 1.0, limits.max_open_positions),
            "max_trade_loss": ((held + lots) * (stop + fees), limits.max_trade_loss),
        }
        for key, (used, limit) in found.items():
            if limit is None or not used <= limit * _SLACK:
                said = f"limits.{key} is {limit} and {used:.2f} was approved"
                self._say(Rule.SIZE_ABOVE_LIMIT, market, at_ns, said)

    def _worth(self, market: int, at_ns: int) -> float:
        lots, traded = self._held[market], self._evidence.markets[market]
        price = self._books[market].exit_price(at_ns, 1 if lots > 0 else -1)
        return abs(lots) * price * traded.lot_worth

    def _filled(self, output: Record) -> None:
        number, self._fills = self._fills, self._fills + 1
        market, at_ns, lots = (int(output[name]) for name in ("market", "event_ns", "lots"))
        side, exits = int(output["side"]), bool(int(output["first_ns"]) & _EXIT)
        before = self._held[market]
        after = before + (-side if exits else side) * lots
        self._held[market] = after
        if exits and (before * side <= 0 or after * side < 0):
            said = f"{lots} lots were left, {abs(before)} were held"
            self._say(Rule.EXIT_TWICE, market, at_ns, said)
        if after == 0:
            self._leaving.pop(market, None)
            self._due.pop(market, None)
        elif market in self._due and at_ns >= self._due[market]:
            self._leave_after(market, at_ns)  # a tick with a fill decides nothing else (I5)
        if number < len(self._booked_fills):
            self._held_against(self._booked_fills[number], output)

    def _held_against(self, fill: Fill, output: Record) -> None:
        order, at_ns = fill.order, int(output["event_ns"])
        exits = bool(int(output["first_ns"]) & _EXIT)
        told = tuple(int(output[name]) for name in ("market", "price_ticks", "lots", "side"))
        booked = (order.market, int(fill.price), int(fill.lots), int(order.side))
        if told != booked or exits != (order.purpose is Purpose.EXIT):
            self._say(Rule.BOOKS_DIFFER, order.market, at_ns, f"the books hold another: {fill}")
        if fill.maker or order.kind is OrderKind.CLOSE_OUT:
            return  # a trade through a limit fills it (M7); the last quote closes out (M8)
        if not self._books[order.market].fillable(at_ns, self._stale_ns):
            said = "filled without a valid and fresh book"
            self._say(Rule.FILL_WITHOUT_BOOK, order.market, at_ns, said)


def notional(traded: Traded, ticks: int) -> float:
    """What a lot is worth at a price in ticks."""
    return ticks * float(traded.instrument.tick) * traded.lot_worth
