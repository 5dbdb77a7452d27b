"""Orders that arrive, fill and end, and what a fill changes: E1, E2, section 6 and V1 to V3."""

from decimal import Decimal

from domain.enums import OrderKind, OutputKind, Purpose, TradingState
from domain.units import ROUNDED
from oracle import locks, matching, pauses, protections
from oracle.account import Account
from oracle.contract import notional_micro
from oracle.margin import Held, liquidation_level
from oracle.money import ClosedTrade
from oracle.numbers import half_up
from oracle.said import say
from oracle.state import Market, Order, Piece, Position
from oracle.ticks import Tick


def cancel_entry_unless_active(account: Account, market: Market) -> None:
    """M10."""
    if account.state is not TradingState.ACTIVE:
        market.entry = None


def arrive(account: Account, market: Market, order: Order, now: int) -> bool:
    """M3 and M6."""
    if order.end_ns < order.arrival_ns:
        market.set_working(order.purpose, None)  # M1: the cut-off lies before the arrival
        return False
    stale_s = account.limits.stale_quote_s
    pieces, rest_works = matching.arrive(order, market.features, now, stale_s)
    for piece in pieces:
        fill(account, market, order, piece, now)
    if not rest_works and order.remaining > 0:
        market.set_working(order.purpose, None)
    return bool(pieces)


def match(account: Account, market: Market, tick: Tick) -> bool:
    """Section 6 on a tick of slot 0; says whether anything was filled."""
    filled = False
    for order in (market.entry, market.exit):
        if order is None:
            continue
        for piece in matching.match_tick(order, market.features, tick):
            fill(account, market, order, piece, tick.event_ns)
            filled = True
    return filled


def end(account: Account, market: Market, order: Order, now: int) -> None:
    """M5: its time is over; an exit without a usable book waits for the next one."""
    usable = matching.usable(market.features, now, account.limits.stale_quote_s)
    if order.purpose is Purpose.EXIT and not usable:
        order.overdue = True
    else:
        market.set_working(order.purpose, None)


def ends_on(market: Market, tick: Tick) -> bool:
    """M5: an exit beyond its end that this tick's book did not fill; says whether it ended."""
    order = market.exit
    if order is None or not order.arrived or order.end_ns > tick.event_ns:
        return False
    if not market.features.sets_book(tick):
        return False
    market.exit = None
    return True


def fill(account: Account, market: Market, order: Order, piece: Piece, now: int) -> None:
    """E1 and Q1: one fill, folded at once; then what it pauses and locks (L1, L2, L5)."""
    order.remaining -= piece.lots
    order.filled_lots += piece.lots
    order.filled_cost += piece.price * piece.lots
    order.overdue = False
    if order.remaining == 0:
        market.set_working(order.purpose, None)
    leaving = order.purpose is Purpose.EXIT
    account.outputs.append(
        say(
            market,
            now,
            OutputKind.FILL,
            side=-order.direction if leaving else order.direction,
            price=piece.price,
            lots=piece.lots,
            first_ns=piece.maker + 2 * leaving + 4 * (order.remaining == 0),
        )
    )
    closed = None
    if leaving:
        closed = _fold_exit_fill(account, market, order, piece, now)
    else:
        _fold_entry_fill(account, market, order, piece, now)
    set_liquidation_level(account, market)
    mark(account, market)
    if closed is not None:
        for other in account.markets:  # R21
            if other.instrument == market.instrument and other.origin is not market.origin:
                locks.end_hold(other, now)
        pauses.after_close(account, now, closed)
    pauses.after_fill(account, now, order)
    if closed is not None:
        protections.after_close(account, now, closed)


def _fold_entry_fill(
    account: Account, market: Market, order: Order, piece: Piece, now: int
) -> None:
    if market.position is None:
        assert market.plan is not None
        market.position = Position(order.direction, market.plan, now, market.constants)
    if order.addition and order.filled_lots == piece.lots:
        market.position.additions += 1  # A3: the first fill of its order
    first = market.position.lots == 0
    market.position.add(piece.price, piece.lots)
    if first:  # E8
        exit_ticks = market.exit_ticks(market.position.side)
        market.position.low_ticks = market.position.high_ticks = exit_ticks
    account.ledger.entry_fill(market, order, piece, now)


def _fold_exit_fill(
    account: Account, market: Market, order: Order, piece: Piece, now: int
) -> ClosedTrade | None:
    position, ledger = market.position, account.ledger
    assert position is not None
    taken = position.reduce(piece.lots)
    ledger.exit_fill(market, order, piece, position, taken)
    market.last_exit_half = 2 * piece.price
    if position.lots > 0:
        return None
    closed = ledger.close_trade(market, position.reason, now)
    market.position = None
    market.flat_ns = now
    remember_trade(market, closed)
    return closed


def remember_trade(market: Market, closed: ClosedTrade) -> None:
    """What G7, G20, R3b, R5 and W1 ask for."""
    market.last_reason, market.last_side = closed.reason, int(closed.side)
    market.last_won = closed.net > 0
    market.won.append(closed.net > 0)
    market.unreviewed += 1
    market.wins_in_a_row = market.wins_in_a_row + 1 if closed.net > 0 else 0
    market.losses_in_a_row = market.losses_in_a_row + 1 if closed.net < 0 else 0
    if closed.net < 0:
        market.loss_ns = closed.exit_ns


def mark(account: Account, market: Market) -> None:
    """E2, at the exit-side quote the market shows (after a fill: of the new position)."""
    position, constants = market.position, market.constants
    market.unrealised = market.exit_cost = 0
    if position is not None:
        lots, side, exit_ticks = position.lots, position.side, market.exit_ticks(position.side)
        position.low_ticks = min(position.low_ticks, exit_ticks)  # E8
        position.high_ticks = max(position.high_ticks, exit_ticks)
        worth = notional_micro(constants, exit_ticks, lots)
        if constants.inverse:
            market.unrealised = half_up(side * (position.worth - worth))
        else:
            market.unrealised = half_up(
                side * (exit_ticks * lots - position.cost) * constants.value
            )
        market.exit_cost = half_up(worth * constants.taker)
    account.ledger.sample(account.unrealised)
    account.guard_peak = max(account.guard_peak, account.equity_micro)


def set_liquidation_level(account: Account, market: Market) -> None:
    """V3, after a fill and a payment of funding."""
    position = market.position
    if position is not None:
        funding = account.ledger.open_funding(market)
        parts = position.parts
        held = Held(position.side, position.lots, position.cost, funding, parts)
        position.liquidation_level = liquidation_level(market.margin, market.constants, held)


def pay_funding(
    account: Account, market: Market, now: int, rate: Decimal, price: Decimal | None
) -> None:
    """V1: a flat market pays nothing, and nothing is said of it."""
    position = market.position
    if position is None:
        return
    mark_half = market.features.mid
    if price is not None:
        half_ticks = ROUNDED.divide(2 * price, market.constants.tick_size)
        mark_half = int((half_ticks + Decimal("0.5")) // 1)
    paid = account.ledger.pay_funding(market, position.lots, mark_half, rate)
    account.outputs.append(
        say(
            market,
            now,
            OutputKind.FUNDING,
            side=position.side,
            price=(mark_half + 1) // 2,
            lots=position.lots,
            distances=(float(rate), float(paid)),
        )
    )
    set_liquidation_level(account, market)


def close_out(account: Account, market: Market, order: Order, now: int) -> None:
    """M8."""
    assert order.kind is OrderKind.CLOSE_OUT
    for piece in matching.ladder(order, market.features, without_limit=True):
        fill(account, market, order, piece, now)
