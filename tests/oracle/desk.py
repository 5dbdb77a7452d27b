"""Decisions, their answers, orders and fills of all markets: E1, E4, E5, G23, G25, M1 and M9."""

from decimal import Decimal

from domain.enums import (
    EntryStyle,
    ExitReason,
    OrderKind,
    OutputKind,
    Purpose,
    StateCause,
    TradingState,
)
from oracle import exits, gates, matching, risk
from oracle.account import Account, OracleLimits
from oracle.money import Ledger
from oracle.numbers import half_up
from oracle.said import Said, say, say_run
from oracle.state import Market, Order, Piece, Position
from oracle.ticks import Tick

_REFUSED_ENTRY_NS = 1_000_000_000


class Desk:
    """Carries out what the rules decide, and says it."""

    def __init__(self, start_equity: Decimal, limits: OracleLimits) -> None:
        self.account = Account(limits, Ledger(start_equity))
        self.outputs: list[Said] = []
        self.decisions = 0

    # Orders and fills

    def cancel_entry_unless_active(self, market: Market) -> None:
        """M10."""
        if self.account.state is not TradingState.ACTIVE:
            market.entry = None

    def arrive(self, market: Market, order: Order, now: int) -> bool:
        """M3 and M6."""
        if order.end_ns < order.arrival_ns:
            market.set_working(order.purpose, None)  # M1: the cut-off lies before the arrival
            return False
        stale_s = self.account.limits.stale_quote_s
        pieces, rest_works = matching.arrive(order, market.features, now, stale_s)
        for piece in pieces:
            self._fill(market, order, piece, now)
        if not rest_works and order.remaining > 0:
            market.set_working(order.purpose, None)
        return bool(pieces)

    def match(self, market: Market, tick: Tick) -> bool:
        """Section 6 on a tick of slot 0; says whether anything was filled."""
        filled = False
        for order in (market.entry, market.exit):
            if order is None:
                continue
            for piece in matching.match_tick(order, market.features, tick):
                self._fill(market, order, piece, tick.event_ns)
                filled = True
        return filled

    def end(self, market: Market, order: Order, now: int) -> None:
        """M5: its time is over; an exit without a usable book waits for the next one."""
        usable = matching.usable(market.features, now, self.account.limits.stale_quote_s)
        if order.purpose is Purpose.EXIT and not usable:
            order.overdue = True
        else:
            market.set_working(order.purpose, None)

    def ends_on(self, market: Market, tick: Tick) -> bool:
        """M5: an exit beyond its end that this tick's book did not fill; says whether it ended."""
        order = market.exit
        if order is None or not order.arrived or order.end_ns > tick.event_ns:
            return False
        if not market.features.sets_book(tick):
            return False
        market.exit = None
        return True

    def _fill(self, market: Market, order: Order, piece: Piece, now: int) -> None:
        """E1 and Q1: one fill, folded at once."""
        order.remaining -= piece.lots
        order.overdue = False
        if order.remaining == 0:
            market.set_working(order.purpose, None)
        leaving = order.purpose is Purpose.EXIT
        side = -order.direction if leaving else order.direction
        self.outputs.append(
            say(
                market,
                now,
                OutputKind.FILL,
                side=side,
                price=piece.price,
                lots=piece.lots,
                first_ns=piece.maker + 2 * leaving + 4 * (order.remaining == 0),
            )
        )
        if leaving:
            self._fold_exit_fill(market, order, piece, now)
        else:
            self._fold_entry_fill(market, order, piece, now)
        self.mark(market)

    def _fold_entry_fill(self, market: Market, order: Order, piece: Piece, now: int) -> None:
        if market.position is None:
            assert market.plan is not None
            market.position = Position(order.direction, market.plan, now)
        market.position.add(piece.price, piece.lots)
        self.account.ledger.entry_fill(market, order, piece, now)

    def _fold_exit_fill(self, market: Market, order: Order, piece: Piece, now: int) -> None:
        position, ledger = market.position, self.account.ledger
        assert position is not None
        taken = position.reduce(piece.lots)
        ledger.exit_fill(market, order, piece, taken)
        market.last_exit_half = 2 * piece.price
        if position.lots > 0:
            return
        closed = ledger.close_trade(market, position.reason, now)
        market.position = None
        market.flat_ns = now
        market.last_won = closed.net > 0
        if closed.net < 0:
            market.loss_ns = now
            market.losses_in_a_row += 1
        else:
            market.losses_in_a_row = 0

    def mark(self, market: Market) -> None:
        """E2, at the exit-side quote the market shows (after a fill: of the new position)."""
        position, constants = market.position, market.constants
        market.unrealised = market.exit_cost = 0
        if position is not None:
            lots, exit_ticks = position.lots, market.exit_ticks(position.side)
            gained = position.side * (exit_ticks * lots - position.cost)
            market.unrealised = half_up(gained * constants.value)
            market.exit_cost = half_up(exit_ticks * lots * constants.value * constants.taker)
        self.account.ledger.sample(self.account.unrealised)

    # Decisions

    def set_state(
        self, market: Market | None, now: int, state: TradingState, cause: StateCause
    ) -> None:
        self.account.state, self.account.cause = state, cause
        self.outputs.append(say(market, now, OutputKind.STATE_CHANGED, code=state, lots=cause))

    def check_daily_loss(self, market: Market, now: int) -> bool:
        """E5; says whether it latched HALTED now."""
        account = self.account
        if account.state is TradingState.HALTED or not account.daily_loss_reached:
            return False
        account.state_before = account.state
        self.set_state(market, now, TradingState.HALTED, StateCause.DAILY_LOSS)
        return True

    def try_exit(self, market: Market, now: int, latched_now: bool) -> bool:
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
            found = exits.first_exit(market, self.account, now, latched_now)
            if found is None:
                return False
            position.reason, distance = found
            if position.reason is ExitReason.DAILY_LOSS:
                self.check_daily_loss(market, now)
        self.intend_exit(market, now, distance, OrderKind.IOC)
        return True

    def intend_exit(self, market: Market, now: int, distance: float, kind: OrderKind) -> None:
        """E4, R19 and M1; a close-out is filled at once (M8)."""
        position, features = market.position, market.features
        assert position is not None
        market.entry = None
        lots, price = position.lots, exits.exit_limit(market)
        position.attempt += 1
        self.decisions += 1
        self.outputs.append(
            say(
                market,
                now,
                OutputKind.INTENT,
                code=position.reason,
                side=position.side,
                price=price,
                lots=lots,
                distances=(distance,),
            )
        )
        proposal = risk.Proposal(Purpose.EXIT, -position.side, price, lots)
        answer: risk.Refused | risk.Proposal
        if kind is OrderKind.CLOSE_OUT:
            answer = risk.inside_hard_collar(self.account, market, proposal)
        else:
            answer = risk.review_exit(self.account, market, proposal, now)
        resend_ns = market.settings.ns("exit.resend_s")
        if isinstance(answer, risk.Refused):
            position.hold_until = now + resend_ns
            self._say_refused(market, now, proposal, position.side, answer)
            return
        self._say_approved(market, now, answer, position.side)
        order = matching.new_order(
            features, Purpose.EXIT, kind, answer.direction, answer.price, lots
        )
        market.exit = order
        if kind is OrderKind.CLOSE_OUT:
            for piece in matching.ladder(order, features, without_limit=True):
                self._fill(market, order, piece, now)
            return
        order.arrival_ns = now + market.constants.latency_ns
        order.end_ns = position.hold_until = order.arrival_ns + resend_ns

    def end_run(self, market: Market, now: int) -> None:
        """G25: emit the run and leave none."""
        if market.run is not None:
            self.outputs.append(say_run(market, market.run, now))
            market.run = None

    def intend_entry(self, market: Market, now: int, side: int, distances: list[float]) -> None:
        """G23, section 5 and M1."""
        self.end_run(market, now)
        price, plan = gates.entry_limit(market, side), gates.make_plan(market)
        self.decisions += 1
        self.outputs.append(
            say(
                market,
                now,
                OutputKind.INTENT,
                side=side,
                price=price,
                distances=tuple(distances),
            )
        )
        proposal = risk.Proposal(Purpose.ENTRY, side, price, risk.entry_lots(market))
        refused = risk.review_entry(self.account, market, proposal, plan, now)
        if refused is not None:
            market.hold_until = now + _REFUSED_ENTRY_NS
            self._say_refused(market, now, proposal, side, refused)
            return
        self._say_approved(market, now, proposal, side)
        resting = market.settings.whole("entry.style") == EntryStyle.RESTING
        kind = OrderKind.RESTING if resting else OrderKind.IOC
        order = matching.new_order(market.features, Purpose.ENTRY, kind, side, price, proposal.lots)
        order.arrival_ns = now + market.constants.latency_ns
        order.end_ns = order.arrival_ns + market.settings.ns("entry.resting_life_s")
        if market.session is not None:
            order.end_ns = min(order.end_ns, market.session.cut_off_ns)
        market.entry, market.plan = order, plan
        market.accepted.append(now)

    def _say_approved(self, market: Market, now: int, proposal: risk.Proposal, side: int) -> None:
        risk.remember(self.account, market, proposal, now)
        self.outputs.append(
            say(
                market,
                now,
                OutputKind.APPROVED,
                side=side,
                price=proposal.price,
                lots=proposal.lots,
            )
        )

    def _say_refused(
        self,
        market: Market,
        now: int,
        proposal: risk.Proposal,
        side: int,
        refused: risk.Refused,
    ) -> None:
        self.outputs.append(
            say(
                market,
                now,
                OutputKind.REFUSED,
                code=refused.code,
                side=side,
                price=proposal.price,
                lots=proposal.lots,
                distances=(float(refused.limit), float(refused.actual)),
            )
        )
