"""What an order adds to what is held: exposure, margin, what may be lost (R15 to R18b)."""

from fnmatch import fnmatchcase

from domain.units import MICRO
from risk.rules.case import Broken, Case
from risk.worth import LotWorth, loss_at_stop_micro


def position_notional(case: Case) -> Broken | None:
    """R15."""
    limit, actual = case.limits.max_position_notional, case.position_notional
    return None if actual <= limit else Broken(limit, actual, "limits.max_position_notional")


def open_positions(case: Case) -> Broken | None:
    """R16."""
    limit, count = case.limits.max_open_positions, len(case.view.others) + 1
    return None if count <= limit else Broken(limit, float(count), "limits.max_open_positions")


def _gross(case: Case) -> float:
    """R17: money, over all markets."""
    return case.position_notional + sum(other.notional for other in case.view.others) / MICRO


def gross_notional(case: Case) -> Broken | None:
    """R17."""
    limit, actual = case.limits.max_gross_notional, _gross(case)
    return None if actual <= limit else Broken(limit, actual, "limits.max_gross_notional")


def group_notional(case: Case) -> Broken | None:
    """R17a: markets that move together are one exposure."""
    limit, market = case.limits.max_group_notional, case.view.market
    for name, patterns in case.groups.items():
        if not _fits(market, patterns):
            continue
        others = (each.notional for each in case.view.others if _fits(each.market, patterns))
        actual = case.position_notional + sum(others) / MICRO
        if not actual <= limit:
            return Broken(limit, actual, f"limits.max_group_notional of groups.{name}")
    return None


def _fits(market: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(market, pattern) for pattern in patterns)


def leverage(case: Case) -> Broken | None:
    """R17b: the account as a whole."""
    equity = case.view.equity / MICRO
    limit, actual = case.limits.max_leverage * equity, _gross(case)
    return None if equity > 0 and actual <= limit else Broken(limit, actual, "limits.max_leverage")


def margin(case: Case) -> Broken | None:
    """R17c: equity covers the margin of everything."""
    view = case.view
    actual = case.position_notional / view.leverage + sum(o.margin for o in view.others) / MICRO
    limit = view.equity / MICRO
    return None if actual <= limit else Broken(limit, actual, "instrument.margin.leverage")


def _at_stop(case: Case) -> float:
    """R18: money that position and order lose at the plan's stop from the order's limit."""
    order, view = case.order, case.view
    lots = case.position_lots
    worth = LotWorth(view.value, view.inverse, view.taker)
    return loss_at_stop_micro(worth, order.side, order.limit, order.stop, lots) / MICRO


def trade_loss(case: Case) -> Broken | None:
    """R18."""
    limit, actual = case.limits.max_trade_loss, _at_stop(case)
    return None if actual <= limit else Broken(limit, actual, "limits.max_trade_loss")


def heat(case: Case) -> Broken | None:
    """R18a: everything that is open is stopped out at once."""
    actual = _at_stop(case) + sum(other.at_risk for other in case.view.others) / MICRO
    limit = case.limits.max_heat
    return None if actual <= limit else Broken(limit, actual, "limits.max_heat")


def liquidation(case: Case) -> Broken | None:
    """R18b: the stop acts long before the venue does."""
    order, level = case.order, case.view.liquidation_ticks
    limit, actual = case.limits.min_liquidation_stops * order.stop, abs(order.limit - level)
    if level == 0 or actual >= limit:
        return None
    return Broken(limit, float(actual), "limits.min_liquidation_stops")
