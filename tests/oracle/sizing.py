"""How large an entry is: R20."""

import math

from domain.enums import SizeMode
from oracle.account import Account
from oracle.exposure import loss_at_stop
from oracle.numbers import whole_standards
from oracle.state import Market, Plan


def entry_lots(account: Account, market: Market, plan: Plan, side: int, price: int) -> int:
    settings, standard_lots = market.settings, market.constants.standard_lots
    mode = settings.whole("size.mode")
    if mode == SizeMode.FIXED:
        return whole_standards(settings.number("size.multiple"), standard_lots)
    most = whole_standards(settings.number("size.max_multiple"), standard_lots)
    if mode == SizeMode.RISK:
        return min(most, _by_risk(account, market, plan, side, price))
    return min(most, _by_volatility(market))


def _by_risk(account: Account, market: Market, plan: Plan, side: int, price: int) -> int:
    budget = market.settings.number("size.risk_fraction") * account.equity_micro / 1e6
    one_lot = loss_at_stop(market, plan, side, price, 1)
    lots = math.floor(budget / one_lot)
    return lots - 1 if lots * one_lot > budget else lots


def _by_volatility(market: Market) -> int:
    settings = market.settings
    volatility = market.features.candles.variance.volatility_bps
    if math.isnan(volatility) or volatility == 0:
        return 0
    wanted = settings.number("size.multiple") * market.constants.standard_lots
    return math.floor(wanted * settings.number("size.target_volatility_bps") / volatility)
