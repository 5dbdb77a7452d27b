"""Decisions of all markets and their answers: E4 to E6, G23, G25, A2, A3, R21 and M1."""

from collections import Counter

import msgspec

from domain.enums import EntryStyle, ExitReason, OrderKind, OutputKind, Purpose
from oracle import averaging, exits, fills, locks, matching, risk
from oracle.account import Account
from oracle.exposure import Proposal, Refused
from oracle.plan import entry_limit, make_plan, marketable_limit, plan_by_hand
from oracle.said import say, say_run
from oracle.sizing import entry_lots
from oracle.state import Market, Order, Plan
from oracle.trading_state import check_losses

_REFUSED_ENTRY_NS = 1_000_000_000


class OrderByHand(msgspec.Struct, frozen=True):
    """H2: distances in ticks, a target of 0 is off."""

    side: int
    lots: int
    limit: int | None
    stop: int
    target: int
    rests: bool


class Desk:
    """Carries out what the rules decide, and says it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.decisions = 0
        self.additions: Counter[int] = Counter()

    # Exits

    def try_exit(
        self, market: Market, now: int, *, latched_now: bool = False, on_tick: bool = False
    ) -> bool:
        """E3 and E4; says whether an exit was intended."""
        position = market.position
        assert position is not None
        if market.exit is not None:
            return False
        distance = 0.0
        if position.reason is not ExitReason.NONE:
            if now < position.hold_until:
                return False
        else:
            found = exits.first_exit(
                market, self.account, now, latched_now=latched_now, on_tick=on_tick
            )
            if found is None:
                return False
            reason, distance = found
            if reason is ExitReason.PARTIAL:
                self._intend_partial(market, now, distance)
                return True
            position.reason = reason
            if reason in (ExitReason.DAILY_LOSS, ExitReason.DRAWDOWN):
                check_losses(self.account, market, now)
        self.intend_exit(market, now, distance, OrderKind.IOC)
        return True

    def intend_exit(self, market: Market, now: int, distance: float, kind: OrderKind) -> None:
        """E4, R19 and M1; a close-out is filled at once (M8)."""
        position = market.position
        assert position is not None
        price = exits.exit_limit(market, position.attempt)
        position.attempt += 1
        resend_ns = market.settings.ns("exit.resend_s")
        proposal = Proposal(Purpose.EXIT, -position.side, price, position.lots)
        order = self._send_exit(market, now, proposal, position.reason, distance, kind)
        if order is None:
            position.hold_until = now + resend_ns
        elif kind is OrderKind.CLOSE_OUT:
            fills.close_out(self.account, market, order, now)
        else:
            order.end_ns = position.hold_until = order.arrival_ns + resend_ns

    def _intend_partial(self, market: Market, now: int, distance: float) -> None:
        """E6: neither latched nor tried again; a refusal holds nothing."""
        position = market.position
        assert position is not None
        position.partial_tried = True
        lots, price = exits.partial_lots(market, position), exits.exit_limit(market, 0)
        proposal = Proposal(Purpose.EXIT, -position.side, price, lots, partial=True)
        order = self._send_exit(market, now, proposal, ExitReason.PARTIAL, distance, OrderKind.IOC)
        if order is not None:
            order.end_ns = order.arrival_ns + market.settings.ns("exit.resend_s")

    def _send_exit(
        self,
        market: Market,
        now: int,
        proposal: Proposal,
        reason: ExitReason,
        distance: float,
        kind: OrderKind,
    ) -> Order | None:
        """The intent and its answer; None where it was refused."""
        market.entry = None  # E4
        self.decisions += 1
        self._say_intent(market, now, proposal, OutputKind.INTENT, (distance,), reason)
        answer: Refused | Proposal
        if kind is OrderKind.CLOSE_OUT:
            answer = risk.inside_hard_collar(self.account, market, proposal)
        else:
            answer = risk.review_exit(self.account, market, proposal, now)
        if isinstance(answer, Refused):
            self._refuse(market, now, proposal, answer)
            return None
        self._approve(market, now, answer)
        order = matching.new_order(
            market.features, Purpose.EXIT, kind, answer.direction, answer.price, answer.lots
        )
        order.reason = reason
        order.arrival_ns = now + market.constants.latency_ns
        market.exit = order
        return order

    # Entries and additions

    def end_run(self, market: Market, now: int) -> None:
        """G25: emit the run and leave none."""
        if market.run is not None:
            self.account.outputs.append(say_run(market, market.run, now))
            market.run = None

    def intend_entry(self, market: Market, now: int, side: int, distances: list[float]) -> None:
        """G23, R20, section 5 and M1."""
        self.end_run(market, now)
        price, plan = entry_limit(market, side), make_plan(market, now)
        self.decisions += 1
        wanted = Proposal(Purpose.ENTRY, side, price, 0)
        self._say_intent(market, now, wanted, OutputKind.INTENT, tuple(distances))
        lots = entry_lots(self.account, market, plan, side, price)
        kind = _entry_kind(market)
        if self._send_entry(market, now, Proposal(Purpose.ENTRY, side, price, lots), plan, kind):
            market.plan = plan
            market.session_entries += 1

    def order_by_hand(self, market: Market, now: int, order: OrderByHand) -> None:
        """H2."""
        price = order.limit
        if price is None:
            price = marketable_limit(market, order.side)
        plan = plan_by_hand(order.stop, order.target)
        if market.position is None and market.entry is None:
            market.plan = plan
        self.decisions += 1
        wanted = Proposal(Purpose.ENTRY, order.side, price, order.lots)
        self._say_intent(market, now, wanted, OutputKind.INTENT, ())
        kind = OrderKind.RESTING if order.rests else OrderKind.IOC
        if self._send_entry(market, now, wanted, plan, kind):
            market.session_entries += 1

    def leave(self, market: Market, now: int) -> None:
        """H3."""
        market.entry = None
        position = market.position
        if position is None or position.reason is not ExitReason.NONE:
            return
        position.reason = ExitReason.COMMAND
        if market.exit is None:
            self.intend_exit(market, now, 0.0, OrderKind.IOC)
        else:
            position.hold_until = now

    def try_addition(self, market: Market, now: int) -> None:
        """A1 to A3."""
        verdict = averaging.try_addition(market, self.account, now)
        position = market.position
        if verdict is None or position is None:
            return
        side, lots = position.side, averaging.addition_lots(market)
        wanted = Proposal(Purpose.ENTRY, side, entry_limit(market, side), lots, addition=True)
        self.decisions += 1
        self.additions[market.index] += 1
        self._say_intent(market, now, wanted, OutputKind.ADDITION, tuple(verdict.distances))
        if self._send_entry(market, now, wanted, position.plan, _entry_kind(market)):
            position.last_addition_ns = now

    def _send_entry(
        self, market: Market, now: int, proposal: Proposal, plan: Plan, kind: OrderKind
    ) -> bool:
        """The answer of risk, and the order's way (M1)."""
        refused = risk.review_entry(self.account, market, proposal, plan, now)
        if refused is not None:
            held_until = refused.hold_until
            market.hold_until = now + _REFUSED_ENTRY_NS if held_until is None else held_until
            self._refuse(market, now, proposal, refused)
            return False
        self._approve(market, now, proposal)
        order = matching.new_order(
            market.features, Purpose.ENTRY, kind, proposal.direction, proposal.price, proposal.lots
        )
        order.addition = proposal.addition
        order.arrival_ns = now + market.constants.latency_ns
        order.end_ns = order.arrival_ns + market.settings.ns("entry.resting_life_s")
        if market.session is not None:
            order.end_ns = min(order.end_ns, market.session.cut_off_ns)
        market.entry = order
        market.accepted.append(now)
        market.repeated.append((now, proposal.direction))
        return True

    # What is said

    def _say_intent(
        self,
        market: Market,
        now: int,
        proposal: Proposal,
        kind: OutputKind,
        distances: tuple[float, ...],
        code: int = 0,
    ) -> None:
        self.account.outputs.append(
            say(
                market,
                now,
                kind,
                code=code,
                side=_side(proposal),
                price=proposal.price,
                lots=proposal.lots,
                distances=distances,
            )
        )

    def _approve(self, market: Market, now: int, proposal: Proposal) -> None:
        risk.remember(self.account, market, proposal, now)
        self.account.outputs.append(
            say(
                market,
                now,
                OutputKind.APPROVED,
                side=_side(proposal),
                price=proposal.price,
                lots=proposal.lots,
            )
        )

    def _refuse(self, market: Market, now: int, proposal: Proposal, refused: Refused) -> None:
        numbers = (float(refused.limit), float(refused.actual))
        self.account.outputs.append(
            say(
                market,
                now,
                OutputKind.REFUSED,
                code=refused.code,
                side=_side(proposal),
                price=proposal.price,
                lots=proposal.lots,
                distances=numbers,
            )
        )
        if refused.hold_until is None:  # neither a lock's nor R2c's, which lead to no lock
            locks.after_refusal(self.account, market, now, refused.code, numbers)


def _entry_kind(market: Market) -> OrderKind:
    """M1."""
    resting = market.settings.whole("entry.style") == EntryStyle.RESTING
    return OrderKind.RESTING if resting else OrderKind.IOC


def _side(proposal: Proposal) -> int:
    """Of the position that it opens or leaves."""
    leaving = proposal.purpose is Purpose.EXIT
    return -proposal.direction if leaving else proposal.direction
